"""The documents that ship are commented in plain Chinese and English."""

import re
from collections.abc import Iterator
from itertools import groupby

import pytest

from tests.support import factories as make

CHINESE, ENGLISH = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{3}")
COMMENT = re.compile(r"(?:^|\s)#(?!\s*yaml-language-server)(.*)$")


def comments(text: str) -> Iterator[str]:
    """Each comment: lines of nothing else that follow one another, or what stands after a value;
    an empty one begins another.
    """
    of_lines = [(line.lstrip().startswith("#"), COMMENT.search(line)) for line in text.splitlines()]
    alone = [(whole and bool(found and found[1].strip()), found) for whole, found in of_lines]
    for whole, lines in groupby(alone, key=lambda one: one[0]):
        said = [found[1].strip() for _, found in lines if found and found[1].strip()]
        yield from [" ".join(said)] if whole and said else said


@pytest.mark.parametrize("code", ["agency", "ctrip", "genius", "ota"])
def test_each_comment_is_in_both_languages(code: str) -> None:
    text = (make.SHIPPED / f"{code}.yaml").read_text(encoding="utf-8")
    found = list(comments(text))
    assert len(found) >= 4
    assert [one for one in found if not (CHINESE.search(one) and ENGLISH.search(one))] == []
