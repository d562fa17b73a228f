"""Faults in words: every kind that a document can have, from its text to its exact sentence."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from api.wording.catalogues import LANGUAGES
from api.wording.fault_words import fault_line, fault_text, value_text
from domain.programmes import reader, text
from domain.programmes.refusals import FaultCode, PolicyFault, PolicyInvalid
from domain.rewards import offers
from tests.support import factories as make

OTA = (make.SHIPPED / "ota.yaml").read_text(encoding="utf-8")
GENIUS = (make.SHIPPED / "genius.yaml").read_text(encoding="utf-8")
REWARDS = (make.SHIPPED / "rewards" / "ota.yaml").read_text(encoding="utf-8")

SLIPS = yaml.safe_load(Path(__file__).with_name("slips.yaml").read_text(encoding="utf-8"))
REWARD = """\
programme: ota
rewards:
  - code: cup
    kind: product
    points: 5
    name: {zh-CN: 杯, en: Cup}
    description: {zh-CN: 杯, en: Cup}
"""


def faults(read: Callable[[str], object], document: str, code: str) -> list[PolicyFault]:
    """The faults of this kind in the document."""
    with pytest.raises(PolicyInvalid) as refused:
        read(document)
    return [fault for fault in refused.value.faults if fault.code == code]


@pytest.mark.parametrize("row", SLIPS["policy"], ids=lambda row: row["code"])
def test_a_slip_is_told_in_a_sentence(row: dict[str, Any]) -> None:
    slipped = OTA
    for right, slip in {**row.get("also", {}), row["right"]: row["slip"]}.items():
        assert right in OTA
        slipped = slipped.replace(right, slip, 1)
    fault, *_ = faults(reader.parse, slipped, row["code"])
    assert {language: fault_text(fault, language) for language in LANGUAGES} == {
        language: row[language] for language in LANGUAGES
    }
    assert fault.line is not None
    assert fault.column is not None


def test_an_amount_of_too_many_decimals_is_told_once_by_the_currency() -> None:
    """Ten decimals are more than any amount has, and more than those of this currency."""
    slipped = OTA.replace("min_amount: 2000", "min_amount: 2000.0000000001", 1)
    [fault] = faults(reader.parse, slipped, "decimals")
    assert fault.path.endswith("when.min_amount")
    assert fault_text(fault, "en") == "2000.0000000001 has more than 2 decimals."


@pytest.mark.parametrize("row", SLIPS["rewards"], ids=lambda row: row["code"])
def test_a_slip_in_a_reward_is_told_in_a_sentence(row: dict[str, str]) -> None:
    appended = f"{REWARD}    {row['slip']}\n"
    slipped = REWARD.replace(row["right"], row["slip"]) if "right" in row else appended
    fault, *_ = faults(offers.parse, slipped, row["code"])
    assert {language: fault_text(fault, language) for language in LANGUAGES} == {
        language: row[language] for language in LANGUAGES
    }
    first = slipped.splitlines().index(f"    {row['slip']}".splitlines()[0]) + 1
    assert ((fault.line or 0) >= first, fault.rule) == (True, "cup")


@pytest.mark.parametrize("row", SLIPS["other"], ids=lambda row: row["code"])
def test_a_fault_is_said_as_it_is(row: dict[str, str]) -> None:
    fault = PolicyFault(FaultCode(row["code"]), (), row["value"], row["allowed"])
    assert fault_text(fault, "en") == row["en"]
    assert fault_text(fault, "zh-CN") == row["zh-CN"]


def test_every_kind_of_fault_has_its_sentences_in_the_table() -> None:
    told = {row["code"] for rows in SLIPS.values() for row in rows}
    assert told == {code.value for code in FaultCode}


NONSENSE: list[Any] = [None, True, -1, 0, 10**13, "", "x", "X Y", [], ["x"], {}, {"x": 1}, [[]]]
NONSENSE += [{"[key]": 1}, {"rate": 1, "kind": "rate"}, {"by": {"[key]": 1.5}}]
NONSENSE += [1.5, "2026-02-30", "x" * 600, [{}], {"kind": "rate"}]


def spoilt(tree: Any, draw: st.DataObject) -> Any:
    """The document with nonsense at some place of it."""
    if isinstance(tree, dict) and tree and draw.draw(st.integers(0, 4)):
        key = draw.draw(st.sampled_from(sorted(tree)))
        return {**tree, key: spoilt(tree[key], draw)}
    if isinstance(tree, list) and tree and draw.draw(st.integers(0, 4)):
        place = draw.draw(st.integers(0, len(tree) - 1))
        return [*tree[:place], spoilt(tree[place], draw), *tree[place + 1 :]]
    return draw.draw(st.sampled_from(NONSENSE))


POLICIES = [yaml.safe_load(OTA), yaml.safe_load(GENIUS)]
OFFERS = [yaml.safe_load(REWARDS)]
OWN_WORDS = re.compile(r"[Ii]nput should|[Ff]ield required|valid |permitted|expected tag|pydantic")


def told(read: Callable[[str], object], tree: Any) -> list[PolicyFault]:
    try:
        read(json.dumps(tree, default=str))
    except PolicyInvalid as refused:
        return list(refused.faults)
    return []


@given(st.data())
def test_nonsense_anywhere_is_told_in_both_languages_in_our_words(data: st.DataObject) -> None:
    read, trees = data.draw(st.sampled_from([(reader.parse, POLICIES), (offers.parse, OFFERS)]))
    tree = data.draw(st.sampled_from(trees))
    for _ in range(data.draw(st.integers(1, 3))):
        tree = spoilt(tree, data)
    for fault in told(read, tree):
        assert fault.code is not FaultCode.VALUE  # what no code is made for
        assert not OWN_WORDS.search(fault_line(fault, "en"))
        assert re.search("[一-鿿]", fault_line(fault, "zh-CN"))


def test_a_place_is_line_column_path_and_rule() -> None:
    fault = PolicyFault(FaultCode.EMPTY, ("earning", 1), line=7, column=3, rule="base")
    assert fault_line(fault, "en") == "line 7, column 3, earning.1 (base): The document is empty."
    assert fault_line(fault, "zh-CN") == "第 7 行第 3 列，earning.1（base）：文档是空的。"
    assert fault_line(PolicyFault(FaultCode.EMPTY), "en") == "$: The document is empty."


def test_what_was_found_is_shortened_and_what_there_is_listed_in_part() -> None:
    assert value_text("x" * 61) == "x" * 60 + "..."
    assert value_text({"a": 1}) is None
    known = tuple(f"c{number}" for number in range(30))
    said = fault_text(PolicyFault(FaultCode.UNDEFINED, (), [1], known=known), "en")
    assert said.startswith("a list is not defined; defined names: c0, c1,")
    assert said.endswith("c19, ....")


def test_the_places_are_those_of_the_text() -> None:
    source = text.read(OTA)
    lines = OTA.splitlines()
    for path, place in source.keys.items():
        written = lines[place.line - 1][place.column - 1 :]
        assert written.startswith(str(path[-1]))
