"""Contacts: whom they find once proved, and that they are nobody's before."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.kernel.database import rows, update
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, NotFound
from domain.members import contacts, enrolment, identity, members
from domain.members.contacts import ContactKind
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.members.refusals import EmailTaken, PhoneTaken
from domain.programmes.programmes import Programme
from domain.proof import contact_checks, verification
from domain.proof.evidence import Fault
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make

EMAIL, PHONE = ContactKind.EMAIL, ContactKind.PHONE
ADDRESS, NUMBER = "li@example.com", "+8613800138000"


async def found(programme: Programme, address: str = ADDRESS) -> UUID | None:
    return await identity.find(programme.id, MemberKey(LookupScope.EMAIL, address))


async def said(member_id: UUID) -> tuple[str | None, str | None]:
    member = (await members.many([member_id]))[member_id]
    return member.email, member.phone


async def joined(programme: Programme, reference: str, **sent: Any) -> UUID:
    """A member that enrols itself."""
    caller = make.member_caller(programme, reference)
    outcome = await enrolment.enrol(make.request(caller), programme, EnrolSent(**sent))
    return outcome.member_id


async def test_what_a_member_says_finds_nobody_until_it_is_proved(database: Database) -> None:
    programme = await make.establish()
    squatter = await joined(programme, "squatter", email=ADDRESS, phone=NUMBER)
    other = await joined(programme, "other", email="LI@example.com")
    assert await found(programme) is None
    assert await contacts.members_of(programme.id, ADDRESS) == []

    owner = await joined(programme, "owner", email="Li@Example.com")
    await make.prove(programme, owner)
    assert await found(programme) == owner
    assert await contacts.members_of(programme.id, " LI@example.com ") == [owner]
    # proving takes it from whoever had it unproved, and leaves what it is not about
    assert (await said(squatter), await said(other)) == ((None, NUMBER), (None, None))
    assert await said(owner) == ("Li@Example.com", None)

    # whoever says it again has nothing by it, and takes nothing
    for member_id in (squatter, other):
        caller = make.member_caller(programme, "-", member_id)
        await make.change(programme, member_id, caller=caller, email=ADDRESS)
        async with make.refused(programme, EmailTaken, "email"):
            await make.prove(programme, member_id)
        await make.change(programme, member_id, caller=caller, email=None)
    assert await found(programme) == owner


async def test_a_partner_and_staff_prove_what_they_write(database: Database) -> None:
    programme = await make.establish()
    squatter = await joined(programme, "squatter", email=ADDRESS, phone=NUMBER)
    enrolled = await make.enrol(programme, email=ADDRESS)
    changed = await make.enrol(programme)
    await make.change(programme, changed, caller=make.staff(programme), phone=NUMBER)
    assert await found(programme) == enrolled
    assert await contacts.members_of(programme.id, "+86 138-0013-8000") == [changed]
    assert await said(squatter) == (None, None)
    async with make.refused(programme, PhoneTaken, "phone"):
        await make.change(programme, enrolled, phone=NUMBER)

    # what they pass on and do not vouch for is the member's word
    passed_on = await make.enrol(programme, email=ADDRESS, contacts_proved=())
    assert await said(passed_on) == (ADDRESS, None)
    async with make.refused(programme, InvalidInput, "contactsProved", reason="contact_absent"):
        await make.enrol(programme, email="new@example.com", contacts_proved=(PHONE,))
    own = make.request(make.member_caller(programme, "new"))
    async with make.refused(programme, InvalidInput, "contactsProved", reason="own_contact"):
        await enrolment.enrol(own, programme, EnrolSent(email=ADDRESS, contacts_proved=(EMAIL,)))


async def test_a_contact_that_changes_is_proved_no_more(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, reference="li", email=ADDRESS)
    caller = make.member_caller(programme, "li", member_id)
    await make.change(programme, member_id, caller=caller, email="LI@example.com")
    assert await found(programme) == member_id  # the same, written otherwise
    await make.change(programme, member_id, caller=caller, email="new@example.com")
    assert (await found(programme), await found(programme, "new@example.com")) == (None, None)
    # a guest that enrols keeps what was proved of it
    guest = await make.enrol(programme, reference="guest", guest=True, email=ADDRESS)
    assert await joined(programme, "guest", email=ADDRESS) == guest
    assert await found(programme) == guest


async def test_vouching_is_for_what_was_checked(database: Database) -> None:
    programme = await make.establish()
    member_id = await joined(programme, "li", email="new@example.com")
    async with make.refused(programme, InvalidInput, "value", reason="contact_differs"):
        await make.prove(programme, member_id, EMAIL, ADDRESS)
    async with make.refused(programme, InvalidInput, "value", reason="email"):
        await make.prove(programme, member_id, EMAIL, "li")
    async with make.refused(programme, InvalidInput, "kind", reason="contact_absent"):
        await make.prove(programme, member_id, PHONE)
    elsewhere = await make.enrol(await make.establish(), email=ADDRESS)
    async with make.refused(programme, NotFound, "member"):
        await make.prove(programme, elsewhere)

    later = make.NOW + timedelta(days=1)
    for now in (make.NOW, later):  # proved again it keeps its first proof
        await make.prove(programme, member_id, EMAIL, "NEW@example.com", now=now)
    one = (member_id, EMAIL, "new@example.com")
    assert await contacts.proofs(programme.id, [one]) == {one: make.NOW}


async def test_what_a_server_of_the_release_before_writes_finds_nobody(database: Database) -> None:
    """It takes the row without a proof, and looks up by it itself."""
    programme = await make.establish()
    member_id = await make.enrol(programme, email=None)
    await update("UPDATE member SET email = $2 WHERE member_id = $1", member_id, ADDRESS)
    await update(
        "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
        "VALUES ($1, 'email', $2, $3, $3)",
        programme.id,
        ADDRESS,
        member_id,
    )
    assert await found(programme) is None
    owner = await make.enrol(programme, email=ADDRESS)
    assert (await found(programme), await said(member_id)) == (owner, (None, None))
    assert await verification_faults(member_id) == []


async def test_verification_finds_a_contact_that_finds_another(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, email=ADDRESS, phone=NUMBER)
    assert await verification_faults(member_id) == []
    async with connection(database.owner) as owner:
        await owner.execute("UPDATE member SET email = NULL WHERE member_id = $1", member_id)
        await owner.execute(
            "UPDATE lookup SET value = '+8613900139000' WHERE member_id = $1 AND scope = 'phone'",
            member_id,
        )
    named = [fault.what for fault in await verification_faults(member_id)]
    assert named == ["its email", "its phone"]


async def verification_faults(member_id: UUID) -> list[Fault]:
    [loaded] = await verification.read(UUID(int=member_id.int - 1), member_id)
    return list(contact_checks.check(loaded))


async def test_the_database_has_the_last_word(database: Database) -> None:
    programme = await make.establish()
    one, other = await make.enrol(programme, email=ADDRESS), await make.enrol(programme)
    [kept] = await rows("SELECT * FROM lookup WHERE member_id = $1 AND scope = 'email'", one)
    assert kept["proved_by"] == make.partner(programme).actor
    async with connection(database.serving) as raw:
        for scope, proved_at, proved_by, error in (
            ("email", make.NOW, "x", asyncpg.UniqueViolationError),
            ("phone", make.NOW, None, asyncpg.CheckViolationError),
            ("activity", make.NOW, "x", asyncpg.CheckViolationError),
        ):
            with pytest.raises(error):
                await raw.execute(
                    "INSERT INTO lookup (programme_id, scope, value, member_id, row_id, "
                    "proved_at, proved_by) VALUES ($1, $2, $3, $4, $4, $5, $6)",
                    programme.id,
                    scope,
                    ADDRESS,
                    other,
                    proved_at,
                    proved_by,
                )


async def test_what_only_the_database_takes_for_the_same_keeps_its_owner(
    fresh_database: Database,
) -> None:
    # most systems' lower case of the Turkish capital is a plain i, Unicode's is not
    async with connection(fresh_database.owner) as owner:
        wide = await owner.fetchval(
            "SELECT collname FROM pg_collation WHERE collname = ANY($1::text[]) LIMIT 1",
            ["pg_c_utf8", "C.utf8", "en_US.utf8"],
        )
        if wide is None:
            pytest.skip("this PostgreSQL has only a lower case of its own")
        await owner.execute(f'ALTER TABLE member ALTER email TYPE varchar(254) COLLATE "{wide}"')
    async with connected(fresh_database.serving, everywhere=False):
        programme = await make.establish()
        turkish = await make.enrol(programme, reference="turkish", email="l\u0130@example.com")
        plain = await make.enrol(programme, reference="plain", email=ADDRESS)
        assert await said(turkish) == ("l\u0130@example.com", None)
        assert await found(programme) == plain
        assert await make.faults(turkish, plain) == []
