"""Text: YAML 1.2 by its scalar rules, what is refused in it, and what a small text cannot do."""

import hashlib
import json
import time
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.programmes import reader, text
from domain.programmes.refusals import PolicyFault, PolicyInvalid
from tests.support import factories as make

OTA = (make.SHIPPED / "ota.yaml").read_text(encoding="utf-8")


def faults(document: str) -> list[PolicyFault]:
    """What is wrong with the text alone."""
    try:
        return text.read(document).faults
    except PolicyInvalid as refused:
        return list(refused.faults)


def told(document: str) -> list[tuple[str, str, int | None, int | None]]:
    return [(fault.code.value, fault.path, fault.line, fault.column) for fault in faults(document)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("500", 500),
        ("-3", -3),
        ("0", 0),
        ("1.50", Decimal("1.50")),
        ('"0500"', "0500"),
        ("2026-07-01", "2026-07-01"),
        ("07-01", "07-01"),
        ("15%", "15%"),
        ("1.2.3", "1.2.3"),
        ("积分", "积分"),
        ("|\n  a\n  b", "a\nb"),
        ('"\\ud83c\\udfe8"', "🏨"),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(written: str, value: Any) -> None:
    read = text.read(f"key: {written}")
    assert (read.tree, read.faults) == ({"key": value}, [])
    assert type(read.tree["key"]) is type(value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0500", "500"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("1_000", "1000"),
        ("1e3", "1000"),
        ("1.5E-2", "0.015"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+5", "5"),
        ("08", "8"),
        ("1:30", '"1:30"'),
        (".nan", None),
        ("-.inf", None),
        ("1e999999999", None),
    ],
)
def test_a_number_has_one_form(written: str, meant: str | None) -> None:
    [fault] = faults(f"first: 1\nkey: {written}")
    assert (fault.code, fault.value, fault.suggestion) == ("number_form", written, meant)
    assert (fault.path, fault.line, fault.column) == ("key", 2, 6)
    assert faults(f'key: "{written}"') == []


def test_a_birthday_is_written_without_quotes() -> None:
    document = OTA.replace(
        "  - code: verification\n",
        "  - code: cake\n    on: birthday\n    points: 5\n"
        "    name: {zh-CN: 生日, en: Birthday}\n\n  - code: verification\n",
        1,
    )
    assert reader.parse(document).activity_types["cake"].on == "birthday"
    with pytest.raises(PolicyInvalid) as refused:
        reader.parse(document.replace("points: 5\n", "points: 0500\n", 1))
    [fault] = refused.value.faults
    assert (fault.code, fault.rule, fault.suggestion) == ("number_form", "cake", "500")
    assert document.splitlines()[(fault.line or 0) - 1] == "    points: 5"


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ("", ("empty", "$", 1, 1)),
        ("# only a comment", ("empty", "$", 1, 17)),
        ("null", ("empty", "$", 1, 1)),
        ("%YAML 1.1\n---\na: 1", ("directive", "$", 1, 1)),
        ("%ANY thing\n---\na: 1", ("directive", "$", 1, 1)),
        ("a: !!int 5", ("tag", "a", 1, 4)),
        ("!!python/object/apply:os.system [id]", ("tag", "$", 1, 1)),
        ("a: &x 5", ("anchor", "a", 1, 4)),
        ("a: *x", ("alias", "a", 1, 4)),
        ("<<: {a: 1}", ("merge", "$", 1, 1)),
        ("--- {}\n--- {}", ("second_document", "$", 2, 1)),
        ("a: 1\nb: 2\na: 3", ("repeated_key", "a", 3, 1)),
        ("? [a]\n: b", ("key_form", "$", 1, 3)),
        ("1: a", ("key_form", "$", 1, 1)),
        ("true: a", ("key_form", "$", 1, 1)),
        ('"\\ud83c": a', ("character", "$", 1, 1)),
        ('a: "\\ud83c"', ("character", "a", 1, 4)),
        ('a: "b\\0c"', ("character", "a", 1, 4)),
        ('"\\e[31m": b', ("character", "$", 1, 1)),
        ("a: \x07", ("character", "$", 1, 4)),
        ("a: \ud83c", ("character", "$", 1, 4)),
        ("\x00", ("character", "$", 1, 1)),
        ("a: 1\nb: x\u2028y", ("character", "$", 2, 5)),
        (f"a: {'9' * 41}", ("number_long", "a", 1, 4)),
        ("a:\n\tb: c", ("tab", "$", 2, 1)),
        ("a: [1,", ("unclosed", "$", 1, 7)),
        ("a: 'x", ("unclosed", "$", 1, 6)),
        ("a: b: c", ("colon_unexpected", "$", 1, 5)),
        ("a: {b\n  c\nd: e", ("unclosed", "$", 3, 2)),
        ("a\nb: c", ("colon_unexpected", "$", 2, 2)),
        ("a: 1\nb\n", ("colon_missing", "$", 3, 1)),
        ('a: "\\q"', ("syntax", "$", 1, 6)),
        ('x: "\\U00110000"', ("syntax", "$", None, None)),
    ],
    ids=range(33),
)
def test_what_is_refused_in_a_text(document: str, found: tuple[str, str, int, int]) -> None:
    assert told(document) == [found]


def test_faults_of_a_text_are_told_together_with_those_of_the_document() -> None:
    document = OTA.replace("points: 500\n", "points: &p 0500\n", 1).replace("[flight]", "[flihgt]")
    with pytest.raises(PolicyInvalid) as refused:
        reader.parse(document)
    assert {fault.code.value for fault in refused.value.faults} == {
        "anchor",
        "number_form",
        "undefined",
    }


def test_json_is_read_with_its_tabs_and_every_number_exactly() -> None:
    written = '{\n\t"a": [1, 2.50,\t-0.1],\n\t"b": {"c": null, "d": "x\\ty/\\u79ef"}\n}'
    read = text.read(written)
    assert (read.tree, read.faults) == (
        {"a": [1, Decimal("2.50"), Decimal("-0.1")], "b": {"c": None, "d": "x\ty/积"}},
        [],
    )
    assert text.read("\ufeffa: 1").tree == {"a": 1}


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=9,
)


@given(st.dictionaries(st.text(max_size=5), values, min_size=1), st.booleans())
def test_json_of_any_kind_is_read_as_it_is(tree: Any, ascii_only: bool) -> None:
    written = json.dumps(tree, ensure_ascii=ascii_only, indent=2)
    found = {fault.code.value for fault in faults(written)}
    assert found <= {"character"}  # YAML allows fewer of these than JSON does
    assert found or text.read(written).tree == tree


@given(st.text(alphabet=" \n\t-:#&*!|>'\"%@`{}[],?~<a01.x\\\u2028é", max_size=40))
def test_any_text_is_read_or_refused(document: str) -> None:
    assert isinstance(faults(document), list)


def test_the_size_is_bounded_in_bytes() -> None:
    room = text.DOCUMENT_BYTES_MAX - len(OTA.encode())
    assert reader.parse(OTA + "#" * room).programme == "ota"
    assert told(OTA + "#" * (room + 1)) == [("too_large", "$", None, None)]
    assert told("# " + "积" * (text.DOCUMENT_BYTES_MAX // 3 + 1))[0][0] == "too_large"


def test_depth_and_values_are_bounded() -> None:
    deep = "[" * text.DEPTH_MAX + "]" * text.DEPTH_MAX
    assert told(deep) == []
    assert told(f"[{deep}]")[0][0] == "too_deep"
    many = ", ".join(["1"] * (text.VALUES_MAX - 1))
    assert told(f"[{many}]") == []
    assert told(f"[{many}, 1]")[0][0] == "too_many_values"


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 100_000,
        "{" * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "&a " * 60_000,
        "\t" * 250_000,
        "a: " + "x" * 250_000,
        "a: " + "9" * 250_000,
        "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]" for n in range(1, 99)),
    ],
    ids=range(9),
)
def test_a_small_text_is_never_a_large_document(bomb: str) -> None:
    began = time.process_time()
    with pytest.raises(PolicyInvalid):
        reader.parse(bomb)
    assert time.process_time() - began < 3


def test_a_document_of_faults_alone_is_told_in_part() -> None:
    with pytest.raises(PolicyInvalid) as refused:
        reader.parse("\n".join(f"colour_{n}: red" for n in range(9_000)))
    assert len(refused.value.faults) == reader.FAULTS_MAX + 1
    last = refused.value.faults[-1]
    assert (last.code, int(last.allowed) > 8_800) == ("more_faults", True)


def test_what_a_document_is_stored_as_never_changes() -> None:
    """Stored documents are compared and kept for ever, whatever reads the text."""
    stored = reader.to_document(reader.parse(PINNED))
    digest = hashlib.sha256(orjson.dumps(stored, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert digest == "8bb5668b0343427e461f12b369e3c52d82085bd086026194b4ba59091634af28"
    assert reader.to_document(reader.validate(stored)) == stored
    exact = reader.to_document(reader.parse(PINNED.replace("1.25", "1.250")))
    assert exact["tiers"]["levels"][1]["multiplier"] == "1.250"  # as it was written


PINNED = """\
programme: pinned
name: {zh-CN: 钉, en: "Pinned: 1.0"}
timezone: Asia/Shanghai
currency: CNY
products: [hotel, flight]
payment_methods: [card]
attributes: {niche: boolean, city: text}
profile: {style: {type: text, writable_by: [member]}, age: {type: number, writable_by: [staff]}}
facts: {oldest_days: 365}
points:
  worth: {points: 100, money: 1}
  available: at_payment
  expiry: {months: 12, through: month}
tiers:
  basis: spend
  window: {months: 24}
  downgrade: never
  levels:
    - {code: low, name: {zh-CN: 低, en: Low}, threshold: 0, multiplier: 1.0}
    - {code: high, name: {zh-CN: 高, en: High}, threshold: 5000.5, multiplier: 1.25}
seasons:
  - code: peak
    name: {zh-CN: 旺, en: Peak}
    spans: [{from: 2026-07-01, through: 2026-08-31}]
multiplier_classes: [campaign]
earning:
  - {code: base, kind: rate, name: {zh-CN: 基, en: Base}, points: 1.5, per: 100}
  - code: extra
    kind: bonus
    name: {zh-CN: 加, en: Extra}
    points: 500
    when:
      products: [hotel]
      attributes: {niche: true, city: "Xi'an"}
      seasons: [peak]
      min_amount: 0.5
      member: {profile: {style: slow, age: 30}}
    limit: {times: 2, per: year}
refunds: {grace_days: 0}
"""
