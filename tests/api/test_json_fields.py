"""JSON that clients send: bounded, and whatever was taken can be answered with."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from api.edge.limits import Limits
from api.schema import build_schema
from domain.kernel.inputs import (
    OBJECT_BYTES_MAX,
    OBJECT_KEYS_MAX,
    OBJECT_LEVELS_MAX,
    check_object,
    json_excess,
)
from domain.kernel.refusals import InvalidInput
from tests.conftest import Database
from tests.support.callers import Client, codes, fresh_key, mutation_text, open_stage

LINE = {"product": "flight", "amount": "100"}


def nested(levels: int, *, lists: bool = False) -> Any:
    """An object of so many levels, of objects or of lists."""
    value: Any = 0
    for _ in range(levels - 1):
        value = [value] if lists else {"a": value}
    return {"a": value}


def keyed(count: int) -> dict[str, Any]:
    """So many keys, half of them a level deeper."""
    inside = {f"b{n}": n for n in range(count // 2)}
    return {"a": inside, **{f"c{n}": n for n in range(count - len(inside) - 1)}}


def sized(size: int) -> dict[str, str]:
    """So many bytes as JSON."""
    return {"a": "x" * (size - len('{"a":""}'))}


WITHIN = {
    "levels": nested(OBJECT_LEVELS_MAX),
    "levels of lists": nested(OBJECT_LEVELS_MAX, lists=True),
    "keys": keyed(OBJECT_KEYS_MAX),
    "bytes": sized(OBJECT_BYTES_MAX),
    "large number": {"a": 1e300},
    "larger than a float holds exactly": {"a": 2**64 - 1, "b": -(2**63)},
    "larger than 64 bits": {"a": 2**64},
    "small number": {"a": 5e-324, "b": -0.0, "c": 0.1},
    "characters": {"": "\u2028\ufeff\U0001f3e8", "é": "\u202e", "\x7f": "\x01"},
    "empty": {"a": {}, "b": [None], "c": "", "d": {"e": None}},
    "nothing": {},
}
BEYOND = {
    "levels": nested(OBJECT_LEVELS_MAX + 1),
    "levels of lists": nested(OBJECT_LEVELS_MAX + 1, lists=True),
    "253 levels": nested(253),
    "keys": keyed(OBJECT_KEYS_MAX + 1),
    "bytes": sized(OBJECT_BYTES_MAX + 1),
    "bytes of others": {"a": "é" * (OBJECT_BYTES_MAX // 2)},
}
SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "EnrolMemberInput.profile": ("enrolMember", {"profile": ...}),
    "UpdateMemberInput.profile": ("updateMember", {"profile": ...}),
    "BookingLineInput.attributes": (
        "earnForBooking",
        {"lines": [{**LINE, "attributes": ...}]},
    ),
    "EarnForActivityInput.attributes": (
        "earnForActivity",
        {"type": "share", "attributes": ...},
    ),
    "EnrolMemberInput.signals": ("enrolMember", {"signals": ...}),
}
"""Every field that is JSON, in a mutation that takes it: `...` stands for the value."""

MEMBERS = """{ members(first: 40) { edges { node { reference profile
    bookings(first: 10) { edges { node { reference } } } } } } }"""


def filled(template: Any, value: Any) -> Any:
    if template is ...:
        return value
    if isinstance(template, dict):
        return {name: filled(inside, value) for name, inside in template.items()}
    return (
        [filled(inside, value) for inside in template] if isinstance(template, list) else template
    )


def sent(field: str, client: str, value: Any, reference: str) -> dict[str, Any]:
    mutation, template = SENT[field]
    named = {"reference": reference} if mutation != "updateMember" else {}
    member = {"member": {"reference": client}} if mutation != "enrolMember" else {}
    return {"idempotencyKey": fresh_key(), **named, **member, **filled(template, value)}


def json_fields() -> Iterator[str]:
    schema = build_schema(Limits(), production=False)._schema
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            for name, member in kind.fields.items():
                if get_named_type(member.type).name == "JSON":
                    yield f"{kind.name}.{name}"


WORDS = {
    *("RewardInput.name", "RewardInput.description", "RewardInput.unit"),
    *("SaveAnnouncementInput.title", "SaveAnnouncementInput.text"),
}
"""What is JSON because it has a text for each language, and nothing else."""


SIGNALS = {
    *("EarnForBookingInput.signals", "EarnForActivityInput.signals"),
    *("RedeemRewardInput.signals", "RedeemOnBookingInput.signals", "TransferPointsInput.signals"),
}
"""What is inherited from the input that also `enrolMember` takes."""


def test_every_json_field_is_tried() -> None:
    assert set(json_fields()) == SENT.keys() | WORDS | SIGNALS


@pytest.fixture(scope="module")
async def staff(database: Database) -> Client:
    client = (await open_stage()).staff()
    await client.done("enrolMember", reference="xiaoli")
    return client


@pytest.mark.parametrize("field", SENT)
async def test_what_is_taken_can_be_answered_with(staff: Client, field: str) -> None:
    for name, value in WITHIN.items():
        mutation, reference = SENT[field][0], f"{field} {name}"
        member = "xiaoli"
        if mutation == "updateMember":  # which keeps what is not named: each has a member
            await staff.done("enrolMember", reference=reference)
            member = reference
        variables = {"input": sent(field, member, value, reference)}
        response = await staff.post({"query": mutation_text(mutation), "variables": variables})

        answer = response.json()
        assert response.status_code == 200, name
        assert "errors" not in answer, name
        # the attributes of a line have names and types of the policy's own, signals of ours
        strict = field.endswith(".signals") or "lines" in SENT[field][1]
        refused = [problem["code"] for problem in answer["data"][mutation]["errors"]]
        assert refused in ([], ["INVALID_INPUT"] if strict else []), name
        members = (await staff.read(MEMBERS))["members"]["edges"]
        if field.endswith(".profile"):
            assert [
                edge["node"]["profile"]
                for edge in members
                if edge["node"]["reference"] == reference
            ] == [value], name


@pytest.mark.parametrize("field", SENT)
async def test_what_is_beyond_a_bound_is_refused(staff: Client, field: str) -> None:
    for name, value in BEYOND.items():
        variables = {"input": sent(field, "xiaoli", value, f"beyond {name}")}
        answer = await staff.ask(mutation_text(SENT[field][0]), **variables)
        assert codes(answer) == ["BAD_USER_INPUT"], name


@pytest.mark.parametrize(
    ("value", "excess"),
    [
        ("text", None),
        ({}, None),
        (nested(8), None),
        (nested(9), ("9 levels", "8 levels")),
        (nested(5000), ("9 levels", "8 levels")),
        ([keyed(32), keyed(32)], None),
        ([keyed(32), keyed(33)], ("65 keys", "64 keys")),
    ],
)
def test_levels_and_keys_are_counted_in_all(value: object, excess: object) -> None:
    assert json_excess(value) == excess


def test_the_domain_has_the_same_bounds() -> None:
    for name in ("levels", "keys", "bytes"):
        assert check_object(WITHIN[name], ("profile",)) == WITHIN[name]
        with pytest.raises(InvalidInput, match="too_long"):
            check_object(BEYOND[name], ("profile",))
