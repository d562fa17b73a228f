"""Members: how they join, are found, change, and what is theirs alone."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from domain.kernel.database import row, rows
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger.values import Balances
from domain.members import enrolment, identity, members, particulars, statuses
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.members.members import Member
from domain.members.particulars import Particulars
from domain.members.refusals import (
    EmailTaken,
    LimitReached,
    PhoneTaken,
    ReferenceTaken,
    ReferralInvalid,
)
from domain.members.statuses import Membership, MemberStatus
from domain.programmes.programmes import Programme
from domain.tiers.values import Holding, Qualifying
from tests.conftest import Database
from tests.support import factories as make

DAY = timedelta(days=1)


async def read(member_id: UUID) -> Member:
    return (await members.many([member_id]))[member_id]


async def find(programme: Programme, scope: LookupScope, value: str) -> UUID | None:
    return await identity.find(programme.id, MemberKey(scope, value))


async def test_a_member_starts_with_nothing_at_the_entry_tier(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(
        programme,
        reference="li",
        name="李雷",
        email=" Li.Lei@Example.com ",
        phone="+86 138 0013 8000",
        birthday=date(1990, 3, 15),
        locale="en",
        profile={"seat": "aisle"},
    )
    member = await read(member_id)
    assert (member.reference, member.name) == ("li", "李雷")
    assert await make.known_by(member_id) == ("Li.Lei@Example.com", "+8613800138000")
    assert (member.birthday, member.locale) == (date(1990, 3, 15), "en")
    assert (member.profile, member.status, member.joined_at) == (
        {"seat": "aisle"},
        MemberStatus.ENROLLED,
        make.NOW,
    )
    assert member.holding == Holding.at_joining(member_id, "silver", make.NOW)
    assert member.balances == Balances()
    assert member.qualifying == Qualifying()
    assert len(member.referral_code) == 8
    told = await rows("SELECT topic, payload FROM outbox_event WHERE member_id = $1", member_id)
    assert [(t["topic"], orjson.loads(t["payload"])) for t in told] == [
        ("member.enrolled", {"status": "ENROLLED"})
    ]


async def test_other_rooms_learn_of_a_member_what_they_judge_it_by(database: Database) -> None:
    programme, born = await make.establish(), date(1990, 3, 15)
    member_id = await make.enrol(programme, birthday=born, profile={"seat": "aisle"})
    assert await statuses.of(member_id) is MemberStatus.ENROLLED
    assert await statuses.membership(member_id) == Membership(MemberStatus.ENROLLED, make.NOW)
    assert await particulars.of(member_id, programme.as_of(make.NOW).policy) == Particulars(
        MemberStatus.ENROLLED, born, {"seat": "aisle"}, make.NOW
    )


@pytest.mark.parametrize("of", [statuses.of, statuses.membership])
async def test_nothing_is_learnt_of_a_member_that_is_not_there(
    of: Callable[[UUID], Awaitable[object]], database: Database
) -> None:
    programme = await make.establish()
    with pytest.raises(NotFound):
        await of(new_id())
    with pytest.raises(NotFound):
        await particulars.of(new_id(), programme.as_of(make.NOW).policy)


async def test_what_is_not_given_has_a_default(database: Database) -> None:
    programme = await make.establish()
    member = await read(await make.enrol(programme))
    assert member.reference.startswith("M")
    assert len(member.reference) == 13
    assert (member.name, member.birthday) == (None, None)
    assert await make.known_by(member.member_id) == (None, None)
    assert (member.locale, member.profile) == ("zh-CN", {})


async def test_a_member_is_found_by_each_of_its_names(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    member_id = await make.enrol(
        programme, reference="li", email="Li@Example.com", phone="+86 138 0013 8000"
    )
    code = (await read(member_id)).referral_code
    for scope, value in (
        (LookupScope.REFERENCE, "li"),
        (LookupScope.EMAIL, "li@example.com"),
        (LookupScope.EMAIL, "  LI@EXAMPLE.COM "),
        (LookupScope.PHONE, "+8613800138000"),
        (LookupScope.PHONE, "+86 (138) 0013-8000"),
        (LookupScope.REFERRAL_CODE, code),
    ):
        assert await find(programme, scope, value) == member_id
        assert await find(other, scope, value) is None
    for scope, value in (
        (LookupScope.REFERENCE, "LI"),
        (LookupScope.REFERENCE, "li\x00"),
        (LookupScope.PHONE, "no number"),
        (LookupScope.EMAIL, ""),
    ):
        assert await find(programme, scope, value) is None
    assert await identity.find(programme.id, MemberKey.of_id(member_id)) == member_id
    assert await identity.find(other.id, MemberKey.of_id(member_id)) is None


@pytest.mark.parametrize(
    ("taken", "again", "error", "path"),
    [
        ({"reference": "li"}, {"reference": "li"}, ReferenceTaken, "reference"),
        ({"email": "li@example.com"}, {"email": "LI@example.com"}, EmailTaken, "email"),
        ({"phone": "+8613800138000"}, {"phone": "+86 138 0013 8000"}, PhoneTaken, "phone"),
    ],
)
async def test_what_names_one_member_cannot_name_another(
    database: Database,
    taken: dict[str, Any],
    again: dict[str, Any],
    error: type[ReferenceTaken],
    path: str,
) -> None:
    programme, other = await make.establish(), await make.establish()
    await make.enrol(programme, **taken)
    async with make.refused(programme, error, path):
        await make.enrol(programme, name="Wang", **again)
    await make.enrol(other, **again)  # in another programme it is free


@pytest.mark.parametrize(
    ("sent", "reason", "path"),
    [
        ({"reference": ""}, "too_short", "reference"),
        ({"reference": "x" * 129}, "too_long", "reference"),
        ({"reference": "a\nb"}, "control_characters", "reference"),
        ({"name": " "}, "too_short", "name"),
        ({"name": "x" * 201}, "too_long", "name"),
        ({"name": "a\x00"}, "control_characters", "name"),
        ({"name": "\ud800"}, "control_characters", "name"),
        ({"name": "a\u202eb"}, "control_characters", "name"),
        ({"email": "li"}, "email", "email"),
        ({"email": "@example.com"}, "email", "email"),
        ({"email": "li@localhost"}, "email", "email"),
        ({"email": "li@a@example.com"}, "email", "email"),
        ({"email": "li lei@example.com"}, "email", "email"),
        ({"email": "li\u00a0lei@example.com"}, "email", "email"),
        ({"email": "li@\u3000example.com"}, "email", "email"),
        ({"email": "x" * 250 + "@a.cn"}, "too_long", "email"),
        ({"phone": "13800138000"}, "phone", "phone"),
        ({"phone": "+86 1"}, "phone", "phone"),
        ({"phone": "+0 000"}, "phone", "phone"),
        ({"phone": "call me"}, "phone", "phone"),
        ({"phone": "+1 202 555 0100 ext. 5"}, "phone", "phone"),
        ({"phone": "+12025550100;ext=5"}, "phone", "phone"),
        ({"birthday": date(2026, 3, 16)}, "birthday_in_future", "birthday"),
        ({"locale": "fr"}, "locale", "locale"),
        ({"profile": {"x": "a\x00"}}, "control_characters", "profile"),
        ({"profile": {"x": "y" * 8192}}, "too_long", "profile"),
    ],
    ids=range(26),
)
async def test_what_cannot_be_is_refused_with_its_path(
    database: Database, sent: Mapping[str, Any], reason: str, path: str
) -> None:
    programme = await make.establish()
    async with make.refused(programme, InvalidInput, path, reason=reason):
        await make.enrol(programme, **sent)
    member_id = await make.enrol(programme)
    if path != "reference":
        async with make.refused(programme, InvalidInput, path, reason=reason):
            await make.change(programme, member_id, **sent)


async def test_who_is_born_today_is_not_born_in_the_future(database: Database) -> None:
    """15 March in Shanghai begins at 16:00 UTC of the 14th."""
    programme = await make.establish()
    begins = datetime(2026, 3, 14, 16, tzinfo=UTC)
    await make.enrol(programme, birthday=date(2026, 3, 15), now=begins)
    async with make.refused(programme, InvalidInput, "birthday"):
        await make.enrol(
            programme, birthday=date(2026, 3, 15), now=begins - timedelta(microseconds=1)
        )


async def test_a_member_enrols_itself_alone(database: Database) -> None:
    programme = await make.establish()
    caller = make.member_caller(programme, "li")

    async def enrol(sent: EnrolSent) -> None:
        await enrolment.enrol(make.request(caller), programme, sent)

    for sent in (EnrolSent(reference="wang"), EnrolSent(guest=True)):
        async with make.refused(programme, InvalidInput, "reference", reason="not_oneself"):
            await enrol(sent)
    await enrol(EnrolSent(name="Li"))
    assert await find(programme, LookupScope.REFERENCE, "li") is not None
    async with make.refused(programme, ReferenceTaken, "reference"):
        await enrol(EnrolSent(reference="li"))


async def test_who_is_referred_remembers_by_whom(database: Database) -> None:
    programme = await make.establish()
    friend = await make.enrol(programme)
    code = (await read(friend)).referral_code
    member_id = await make.enrol(programme, referral_code=f" {code[:4].lower()} {code[4:]}")
    found = await row("SELECT referred_by FROM member WHERE member_id = $1", member_id)
    assert found == {"referred_by": friend}


async def test_an_unknown_referral_code_is_refused(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    strange = (await read(await make.enrol(other))).referral_code
    for code in ("NOBODY00", strange, "x\x00", ""):
        async with make.refused(programme, ReferralInvalid, "referralCode"):
            await make.enrol(programme, referral_code=code)


async def test_what_is_given_changes_and_the_rest_stays(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, name="Li", email="li@example.com", profile={"a": 1})
    await make.change(programme, member_id, name="Li Lei")
    member = await read(member_id)
    assert (member.name, member.profile) == ("Li Lei", {"a": 1})
    assert await make.known_by(member_id) == ("li@example.com", None)
    await make.change(programme, member_id, profile={"b": 2})
    assert (await read(member_id)).profile == {"a": 1, "b": 2}


async def test_null_clears(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(
        programme,
        name="Li",
        email="Li@Example.com",
        phone="+8613800138000",
        birthday=date(1990, 1, 1),
        locale="en",
        profile={"a": 1},
    )
    await make.change(
        programme,
        member_id,
        name=None,
        email=None,
        phone=None,
        birthday=None,
        locale=None,
        profile=None,
    )
    member = await read(member_id)
    assert (member.name, member.birthday) == (None, None)
    assert await make.known_by(member_id) == (None, None)
    assert (member.locale, member.profile) == ("zh-CN", {})
    # the addresses are free again
    await make.enrol(programme, email="li@example.com", phone="+86 13800138000")


async def test_an_address_moves_with_its_member(database: Database) -> None:
    programme = await make.establish()
    one, other = await make.enrol(programme, email="one@example.com"), await make.enrol(programme)
    async with make.refused(programme, EmailTaken, "email"):
        await make.change(programme, other, email="ONE@example.com", name="Other")
    await make.change(programme, one, email="One@Example.com")  # its own, written otherwise
    assert await make.known_by(one) == ("One@Example.com", None)
    await make.change(programme, one, email="new@example.com")
    assert await find(programme, LookupScope.EMAIL, "one@example.com") is None
    assert await find(programme, LookupScope.EMAIL, "new@example.com") == one
    await make.change(programme, other, email="one@example.com")
    assert await find(programme, LookupScope.EMAIL, "one@example.com") == other


async def test_nothing_given_changes_nothing(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, name="Li")
    before = await read(member_id)
    await make.change(programme, member_id)
    assert await read(member_id) == before


async def test_a_member_of_another_programme_is_not_there(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    stranger = await make.enrol(other)
    async with make.refused(programme, NotFound, "member", what="member"):
        await make.change(programme, stranger, name="Li")
    assert (await read(stranger)).name is None


async def test_a_birth_date_changes_once_a_calendar_year(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.change(programme, member_id, birthday=date(1990, 3, 1))  # the first is no change
    await make.change(programme, member_id, birthday=date(1990, 3, 1))  # nor is the same again
    await make.change(programme, member_id, birthday=date(1990, 4, 1))
    next_year = datetime(2026, 12, 31, 16, tzinfo=UTC)  # 1 January in Shanghai
    moment = timedelta(microseconds=1)
    for now in (make.NOW, next_year - moment):
        async with make.refused(programme, LimitReached, "birthday", limit=1, resets_at=next_year):
            await make.change(programme, member_id, birthday=date(1990, 5, 1), name="Li", now=now)
    await make.change(programme, member_id, birthday=date(1990, 5, 1), now=next_year)
    assert (await read(member_id)).birthday == date(1990, 5, 1)


async def test_a_birth_date_cannot_be_moved_about_by_clearing_it(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, birthday=date(1990, 3, 1))
    await make.change(programme, member_id, birthday=None)
    await make.change(programme, member_id, birthday=date(1990, 4, 1))
    for birthday in (None, date(1990, 5, 1)):
        async with make.refused(programme, LimitReached, "birthday"):
            await make.change(programme, member_id, birthday=birthday)


async def test_staff_change_a_birth_date_always(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, birthday=date(1990, 3, 1))
    caller = make.staff(programme)
    for day in (2, 3, 4):
        await make.change(programme, member_id, caller=caller, birthday=date(1990, 3, day))
    # what staff correct is not the member's own change
    await make.change(programme, member_id, birthday=date(1990, 3, 5))
    async with make.refused(programme, LimitReached, "birthday"):
        await make.change(programme, member_id, birthday=date(1990, 3, 6))
