"""Texts that a programme writes: what they may say, and every fault in those that say more."""

import pytest

from domain.members.consents import Channel
from domain.notices import checking
from domain.notices.kinds import VARIABLES, Kind


def found(text: str, kind: Kind = Kind.POINTS_EARNED) -> list[tuple[str, int | None, str | None]]:
    parts = {"subject": "Hello", "body": text}
    faults = checking.faults(kind, Channel.EMAIL, parts)
    assert all(one.part == "body" for one in faults)
    return [(one.code.value, one.line, one.value) for one in faults]


@pytest.mark.parametrize(
    "text",
    [
        "Nothing but words.",
        "{{ points | number }} {{ points | either('point', 'points') }} of {{ programme }}",
        "{% if pending > 0 and not pending == points %}{{ pending }}{% else %}none{% endif %}",
        "{% for rule in rules %}{{ rule }}{% if not loop.last %}, {% endif %}{% endfor %}",
        "{{ 'one' if points == 1 else 'more' }}",
    ],
)
def test_what_a_text_may_say(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("{{ points", [("syntax", 1)]),
        ("{{ name }}\n{{ points | upper }}", [("unknown_filter", 2), ("unknown_name", 1)]),
        ("{{ points.__class__ }}", [("not_allowed", 1)]),
        ("{{ rules.append(1) }}", [("not_allowed", 1), ("not_allowed", 1)]),
        ("{{ points ** 99 }}", [("not_allowed", 1)]),
        ("{{ range(9) }}", [("not_allowed", 1), ("unknown_name", 1)]),
        ("{% set x = 1 %}{{ x }}", [("not_allowed", 1), ("unknown_name", 1), ("unknown_name", 1)]),
        ("{% include 'x' %}", [("not_allowed", 1)]),
        ("{% macro x() %}{% endmacro %}", [("not_allowed", 1)]),
        ("{{ points is defined }}", [("not_allowed", 1)]),
        ("{% for x in points %}{% endfor %}", [("loop", 1), ("unknown_name", 1)]),
        (
            "{% for x in rules %}{% endfor %}{% for y in rules %}{% endfor %}",
            [("loop", 1), ("unknown_name", 1)],
        ),
        ("{{ points | either('one') }}", [("rendering", None)]),
        ("{{ points | day }}", [("rendering", None)]),
        ("", [("missing", None)]),
        ("x" * 20_001, [("too_long", None)]),
    ],
)
def test_every_fault_is_found(text: str, faults: list[tuple[str, int | None]]) -> None:
    assert sorted((code, line or 0) for code, line, _ in found(text)) == sorted(
        (code, line or 0) for code, line in faults
    )


def test_each_channel_has_its_parts() -> None:
    def codes(channel: Channel, subject: str | None, body: str | None) -> list[str]:
        parts = {"subject": subject, "body": body}
        faults = checking.faults(Kind.WELCOME, channel, parts)
        return [f"{one.part} {one.code}" for one in faults]

    assert codes(Channel.EMAIL, None, None) == ["subject missing", "body missing"]
    assert codes(Channel.PUSH, " ", "x") == ["subject missing"]
    assert codes(Channel.SMS, "x", "y") == ["subject not_taken"]
    assert codes(Channel.SMS, None, "y") == []


def test_samples_have_every_variable_and_what_may_be_absent() -> None:
    for kind in Kind:
        for sample in checking.samples(kind):
            assert set(sample) == {*VARIABLES[kind], "programme"}
    up = checking.samples(Kind.TIER_UP)
    assert [one["until"] is None for one in up] == [False, True]
