"""Words of two forms go with the number that they are about."""

import re
import string

import pytest

from api.wording.catalogues import SENTENCES, sentence
from tests.api.wording.test_catalogues import placeholders

VERBS = frozenset(
    [
        *("is", "has", "lies", "begins", "comes", "means", "needs", "stands", "was"),
        *("goes", "uses", "fails", "names"),
    ]
)
"""What may follow a code that looks like a number."""

OF_CODES = {
    *("fault.alias", "fault.anchor", "fault.directive", "fault.tag", "finding.OVERLAP"),
    "fault.placed_otherwise",
}
"""Sentences in which something else than a number stands before `are`, `was`, `both`."""


def forms() -> set[tuple[str, str]]:
    """The words of two forms that the English sentences write after numbers."""
    texts = SENTENCES["en"].values()
    specs = {spec or "" for text in texts for _, _, spec, _ in string.Formatter().parse(text)}
    return {(one, more) for one, either, more in (spec.partition("|") for spec in specs) if either}


def misplaced(text: str) -> list[str]:
    """Words that do not go with the number, 1 or 2, before them."""
    ones = "|".join(re.escape(one.split()[0]) for one, _ in forms() - {("is", "are")})
    many = re.findall(r"(?<![\d.,\u2013])1 (?:more )?([a-z-]+s|are)\b", text)
    few = re.findall(rf"(?<![\d.,])2 (?:more )?({ones}|was)\b(?! [a-z]+s\b)", text)
    return [word for word in many if word not in VERBS] + few


def test_words_of_two_forms_are_found_where_they_do_not_go_with_their_number() -> None:
    assert ("day", "days") in forms()
    assert misplaced("within 1 days, 1 more points, 1 are left") == ["days", "points", "are"]
    assert misplaced("2 day, 2 point") == ["day", "point"]
    assert misplaced("Line 1 begins within 1 day, 0\u20131 nights and 21 days, 2 lines") == []


@pytest.mark.parametrize("fact", ["1", "2"])
def test_words_go_with_their_numbers(fact: str) -> None:
    wrong = {
        msgid: said
        for msgid, text in SENTENCES["en"].items()
        if msgid not in OF_CODES
        and misplaced(said := sentence(msgid, "en", **dict.fromkeys(placeholders(text), fact)))
    }
    assert wrong == {}
