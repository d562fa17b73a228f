"""Guests: recorded before they enrol, and members from then on."""

from datetime import timedelta

from domain.kernel.database import row
from domain.kernel.lookups import LookupScope
from domain.members.refusals import EmailTaken, ReferenceTaken, ReferralInvalid
from domain.members.statuses import MemberStatus
from tests.conftest import Database
from tests.domain.members.test_members import find, read
from tests.support import factories as make

DAY = timedelta(days=1)


async def test_a_guest_becomes_a_member_by_enrolling(database: Database) -> None:
    programme = await make.establish()
    friend = await make.enrol(programme)
    code = (await read(friend)).referral_code
    guest = await make.enrol(
        programme, reference="li", guest=True, email="li@example.com", name="Li"
    )
    assert (await read(guest)).status is MemberStatus.GUEST
    later = make.NOW + DAY
    joined = await make.enrol(
        programme, reference="li", now=later, phone="+8613800138000", referral_code=code
    )
    assert joined == guest
    member = await read(guest)
    assert (member.status, member.joined_at) == (MemberStatus.ENROLLED, later)
    assert member.name == "Li"
    assert await make.known_by(guest) == ("li@example.com", "+8613800138000")
    found = await row("SELECT referred_by FROM member WHERE member_id = $1", guest)
    assert found == {"referred_by": friend}
    assert await find(programme, LookupScope.PHONE, "+8613800138000") == guest
    async with make.refused(programme, ReferenceTaken, "reference"):
        await make.enrol(programme, reference="li")


async def test_a_guest_keeps_by_whom_it_was_referred(database: Database) -> None:
    programme = await make.establish()
    friend = await make.enrol(programme)
    code = (await read(friend)).referral_code
    guest = await make.enrol(programme, reference="li", guest=True, referral_code=code)
    await make.enrol(programme, reference="li")
    found = await row("SELECT referred_by FROM member WHERE member_id = $1", guest)
    assert found == {"referred_by": friend}


async def test_a_guest_with_an_unknown_referral_code_stays_a_guest(database: Database) -> None:
    programme = await make.establish()
    guest = await make.enrol(programme, reference="li", guest=True)
    async with make.refused(programme, ReferralInvalid, "referralCode"):
        await make.enrol(programme, reference="li", referral_code="NOBODY00")
    own = (await read(guest)).referral_code
    async with make.refused(programme, ReferralInvalid, "referralCode"):
        await make.enrol(programme, reference="li", referral_code=own)


async def test_a_guest_stays_a_guest_when_an_address_is_taken(database: Database) -> None:
    programme = await make.establish()
    await make.enrol(programme, email="li@example.com")
    await make.enrol(programme, reference="li", guest=True)
    async with make.refused(programme, EmailTaken, "email"):
        await make.enrol(programme, reference="li", email="li@example.com", name="Li")


async def test_a_guest_is_not_recorded_twice(database: Database) -> None:
    programme = await make.establish()
    await make.enrol(programme, reference="li", guest=True)
    async with make.refused(programme, ReferenceTaken, "reference"):
        await make.enrol(programme, reference="li", guest=True)
