"""Profiles: what rules ask for is declared with its writers, and saving a key keeps the others."""

from typing import Any
from uuid import UUID

import pytest

from domain.kernel.callers import Caller
from domain.kernel.refusals import InvalidInput
from domain.members import enrolment, members, profile
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.programmes import reader
from domain.programmes.programmes import Programme
from domain.programmes.refusals import PolicyInvalid
from tests.conftest import Database
from tests.domain.programmes.test_succession import TEXT, publish
from tests.support import factories as make

PLAIN = TEXT.replace(", member: {profile: {travel_style: independent}}", "")
"""The shipped text without a rule that asks for the profile."""
SHIPPED = "travel_style: {type: text, writable_by: [member, partner, staff]}"
ASKED = (
    "  - {code: own_way, kind: bonus, name: {zh-CN: 自由行, en: Own way}, points: 50, "
    "when: {member: {profile: {travel_style: independent}}}}\n"
)
BY_STAFF = "travel_style: {type: text, writable_by: [staff]}"


def declaring(declared: str) -> str:
    """The shipped text with this declaration in place of its own, and a rule that asks for it."""
    text = PLAIN.replace(SHIPPED, declared, 1)
    return text.replace("earning:\n", f"earning:\n{ASKED}", 1)


async def member_of(programme: Programme, **sent: Any) -> tuple[UUID, Caller]:
    member_id = await make.enrol(programme, reference="U-1", profile=sent)
    return member_id, make.member_caller(programme, "U-1", member_id)


async def save(
    programme: Programme, member_id: UUID, caller: Caller, sent: dict[str, Any] | None
) -> dict[str, Any]:
    """Save this to the member's profile; the profile after it."""
    key = MemberKey.of_id(member_id)
    await profile.change(make.request(caller), programme, key, {"profile": sent})
    return (await members.many([member_id]))[member_id].profile


async def test_saving_a_key_keeps_the_others_and_null_removes_it(database: Database) -> None:
    programme = await publish(await make.establish(), declaring(SHIPPED))
    member_id, own = await member_of(programme, seat="aisle")

    found = await save(programme, member_id, own, {"travel_style": "independent"})
    assert found == {"seat": "aisle", "travel_style": "independent"}
    assert await make.book(programme, member_id, ("hotel", "100")) == 150

    found = await save(programme, member_id, own, {"seat": None})
    assert found == {"travel_style": "independent"}
    assert await save(programme, member_id, own, None) == {}


async def test_a_key_of_staff_is_theirs_alone(database: Database) -> None:
    programme = await publish(await make.establish(), declaring(BY_STAFF))
    member_id, own = await member_of(programme, seat="aisle")
    facts = {"reason": "profile_not_writable", "value": "travel_style", "allowed": ("staff",)}
    for caller in (own, make.partner(programme)):
        for sent in ("independent", None):
            async with make.refused(programme, InvalidInput, "profile", "travel_style", **facts):
                await save(programme, member_id, caller, {"travel_style": sent})

    staff = make.staff(programme)
    await save(programme, member_id, staff, {"travel_style": "independent"})
    assert await save(programme, member_id, own, None) == {"travel_style": "independent"}
    assert await save(programme, member_id, staff, None) == {}


async def test_enrolling_writes_what_the_caller_may(database: Database) -> None:
    programme = await publish(await make.establish(), declaring(BY_STAFF))
    async with make.refused(
        programme, InvalidInput, "profile", "travel_style", reason="profile_not_writable"
    ):
        await member_of(programme, travel_style="independent")
    member_id, _ = await member_of(programme, seat="aisle", meal=None)
    assert (await members.many([member_id]))[member_id].profile == {"seat": "aisle"}


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [("text", "x", 1), ("number", 3, True), ("number", 3, 1.5), ("boolean", False, 0)],
)
async def test_a_declared_key_has_its_type(
    database: Database, kind: str, right: object, wrong: object
) -> None:
    text = PLAIN.replace(SHIPPED, f"travel_style: {{type: {kind}, writable_by: [member]}}")
    programme = await publish(await make.establish(), text)
    member_id, own = await member_of(programme)
    facts = {"reason": "profile_type", "value": "travel_style", "allowed": (kind,)}
    async with make.refused(programme, InvalidInput, "profile", "travel_style", **facts):
        await save(programme, member_id, own, {"travel_style": wrong})
    assert await save(programme, member_id, own, {"travel_style": right}) == {"travel_style": right}


async def test_keys_added_one_by_one_are_bounded_together(database: Database) -> None:
    programme = await make.establish()
    member_id, own = await member_of(programme, a="x" * 1500)
    await save(programme, member_id, own, {"b": "x" * 1500})
    async with make.refused(programme, InvalidInput, "profile", reason="too_long"):
        await save(programme, member_id, own, {"c": "x" * 1500})


async def test_what_a_member_wrote_while_a_key_was_free_does_not_count_for_staff_s(
    database: Database,
) -> None:
    """A later version lets rules ask for it and only staff write it: theirs is the word."""
    seat = PLAIN.replace(SHIPPED, "seat: {type: text, writable_by: [member]}", 1)
    programme = await publish(await make.establish(), seat)
    member_id, own = await member_of(programme, travel_style="package")
    await save(programme, member_id, own, {"travel_style": "independent"})
    programme = await publish(programme, declaring(BY_STAFF))
    assert await make.book(programme, member_id, ("hotel", "100")) == 100

    await save(programme, member_id, make.staff(programme), {"travel_style": "independent"})
    assert await make.book(programme, member_id, ("hotel", "100")) == 150
    assert await save(programme, member_id, own, {"seat": "aisle"})
    assert await make.book(programme, member_id, ("hotel", "100")) == 150


def test_a_rule_asks_for_declared_keys_of_their_type_only() -> None:
    where = "earning.0.when.member.profile"
    for declared, code in (
        ("seat: {type: text, writable_by: [member]}", "undefined"),
        ("travel_style: {type: boolean, writable_by: [member]}", "value_type"),
    ):
        with pytest.raises(PolicyInvalid) as raised:
            reader.parse(declaring(declared))
        told = [(fault.path, fault.code) for fault in raised.value.faults]
        assert told == [(f"{where}.travel_style", code)]
    # a version that was published before keys were declared
    document = reader.to_document(reader.parse(declaring(SHIPPED)))
    del document["profile"]
    assert reader.validate(document).profile == {}


async def test_what_was_saved_is_answered_again_when_it_may_be_written_no_more(
    database: Database,
) -> None:
    programme = await publish(await make.establish(), declaring(SHIPPED))
    member_id, own = await member_of(programme)
    key, saved = MemberKey.of_id(member_id), {"profile": {"travel_style": "independent"}}
    once = make.request(own, key="once")
    first = await profile.change(once, programme, key, saved)
    joining = EnrolSent(reference="U-2", profile={"travel_style": "group"})
    enrolling = make.request(make.partner(programme), key="once")
    enrolled = await enrolment.enrol(enrolling, programme, joining)

    programme = await publish(programme, declaring(BY_STAFF))
    again = await profile.change(once, programme, key, saved)
    assert (again.replayed, again.figures) == (True, first.figures)
    again = await enrolment.enrol(enrolling, programme, joining)
    assert (again.replayed, again.figures) == (True, enrolled.figures)
