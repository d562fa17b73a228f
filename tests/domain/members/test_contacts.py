"""Contacts: whom they find once proved, and that they are nobody's before."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.kernel import lookups, secrecy
from domain.kernel.database import rows, transact, update
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope, Proof
from domain.kernel.refusals import InvalidInput, NotFound
from domain.members import clear_contacts, contact_keys, contacts, enrolment, identity
from domain.members.contacts import ContactKind
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.members.refusals import EmailTaken, PhoneTaken
from domain.programmes.programmes import Programme
from domain.proof import contact_checks, verification
from domain.proof.evidence import Fault
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support.servers import SECRET_KEY

EMAIL, PHONE = ContactKind.EMAIL, ContactKind.PHONE
ADDRESS, NUMBER = "li@example.com", "+8613800138000"


async def found(programme: Programme, address: str = ADDRESS) -> UUID | None:
    return await identity.find(programme.id, MemberKey(LookupScope.EMAIL, address))


async def said(member_id: UUID) -> tuple[str | None, str | None]:
    return await make.known_by(member_id)


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
    [kept] = await contacts.of_members([member_id])
    assert (kept.kind, kept.value, kept.proved_at) == (EMAIL, "new@example.com", make.NOW)


async def in_clear(
    programme: Programme, member_id: UUID, address: str, *, proved_at: datetime | None = None
) -> None:
    """What a server of the release before `contact` writes, proved or not."""
    await update("UPDATE member SET email = $2 WHERE member_id = $1", member_id, address)
    if proved_at is not None:
        await update(
            "INSERT INTO lookup (programme_id, scope, value, member_id, row_id, proved_at, "
            "proved_by) VALUES ($1, 'email', $2, $3, $3, $4, 'partner:app')",
            programme.id,
            address.lower(),
            member_id,
            proved_at,
        )


async def moved(programme: Programme) -> list[int]:
    later = make.NOW + timedelta(hours=1)
    found = [one async for one in clear_contacts.left(programme)]
    return [await clear_contacts.move(programme, one, later) for one in found]


async def test_what_servers_of_the_release_before_write_is_moved(database: Database) -> None:
    programme = await make.establish()
    owner, squatter, third = [
        await make.enrol(programme, reference=name) for name in ("owner", "squatter", "third")
    ]
    await in_clear(programme, owner, "Li@Example.com", proved_at=make.NOW)
    await in_clear(programme, squatter, ADDRESS)
    named = {fault.what for fault in await verification_faults(owner)}
    assert named == {"email", "its email"}

    assert await moved(programme) == [2]
    assert await moved(programme) == []
    assert await found(programme) == owner
    assert (await said(owner), await said(squatter)) == (("Li@Example.com", None), (ADDRESS, None))
    [kept] = await contacts.of_members([owner])
    assert kept.proved_at == make.NOW
    assert await rows("SELECT 1 FROM lookup WHERE value LIKE '%@%'") == []
    # one that goes on writing changes what was moved, and takes from nobody what is proved
    await in_clear(programme, owner, "new@example.com", proved_at=make.NOW)
    await in_clear(programme, third, ADDRESS, proved_at=make.NOW)
    assert await moved(programme) == [2]
    assert await found(programme, "new@example.com") == owner
    assert await said(owner) == ("new@example.com", None)
    assert await make.faults(owner, squatter, third) == []


async def test_a_contact_follows_the_secret_key(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, email=ADDRESS, phone=NUMBER)
    new = bytes(reversed(range(32)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrecy, "_said", lambda: [new, SECRET_KEY])
        assert (await found(programme), await said(member_id)) == (member_id, (ADDRESS, NUMBER))
        async with make.refused(programme, EmailTaken, "email"):
            await make.enrol(programme, email=ADDRESS)
        named = [one async for one in contact_keys.rewritable() if one[0] == member_id]
        assert len(named) == 2
        assert [await contact_keys.rewrite(*one) for one in named] == [1, 1]
        assert [one async for one in contact_keys.rewritable() if one[0] == member_id] == []
        assert await make.faults(member_id) == []
        patch.setattr(secrecy, "_said", lambda: [new])
        assert (await found(programme), await said(member_id)) == (member_id, (ADDRESS, NUMBER))
        assert await contacts.members_of(programme.id, NUMBER) == [member_id]
        # under the key before nobody reads it
        patch.setattr(secrecy, "_said", lambda: [SECRET_KEY])
        assert (await found(programme), await said(member_id)) == (None, (None, None))
        assert {fault.what for fault in await verification_faults(member_id)} >= {"value"}


async def test_many_are_proved_by_as_many_statements_as_few_while_two_keys_are_set(
    database: Database, statements: list[str]
) -> None:
    programme = await make.establish()
    known = await make.enrol(programme, email=ADDRESS)
    sent = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrecy, "_said", lambda: [bytes(reversed(range(32))), SECRET_KEY])
        for count in (2, 9):
            owners = {f"{number}.{count}@example.com": new_id() for number in range(count)}
            statements.clear()
            proved = await transact(
                partial(
                    lookups.prove_many,
                    programme.id,
                    LookupScope.EMAIL,
                    {**owners, ADDRESS: new_id()},
                    Proof(make.NOW, "test"),
                )
            )
            sent.append(len(statements))
            # the one that somebody has stays its own, by its newest digest
            assert proved == owners.keys()
            assert await found(programme) == known
    # the first moves what stood under the key before: two statements more
    assert sent[0] == sent[1] + 2


async def test_what_was_kept_by_its_case_alone_is_still_its_members(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = "\uff2ci@example.com."
    programme = await make.establish()
    with monkeypatch.context() as before:
        before.setattr(contacts, "email_key", str.lower)
        member_id = await make.enrol(programme, email=odd)
        gone = await make.enrol(programme, email=f"x{odd}")
    assert await found(programme, odd) == member_id
    assert await contacts.members_of(programme.id, odd) == [member_id]
    with pytest.raises(EmailTaken):
        await make.enrol(programme, email=odd)
    assert await make.faults(member_id) == []
    await make.change(programme, gone, email="new@example.com")
    assert await found(programme, f"x{odd}") is None
    # proved again, or changed, it is kept by its mailbox
    await make.prove(programme, member_id)
    assert await found(programme) == member_id
    assert await make.faults(member_id, gone) == []
    await make.change(programme, member_id, email=ADDRESS)
    assert await found(programme, odd) == member_id
    assert await make.faults(member_id) == []


async def test_verification_finds_a_contact_that_finds_another(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, email=ADDRESS, phone=NUMBER)
    other = await make.enrol(programme, email="other@example.com")
    assert await verification_faults(member_id) == []
    async with connection(database.owner) as owner:
        await owner.execute(
            "DELETE FROM contact WHERE member_id = $1 AND kind = 'EMAIL'", member_id
        )
        await owner.execute(
            "UPDATE lookup SET value = repeat('ab', 32) WHERE member_id = $1 AND scope = 'phone'",
            member_id,
        )
        await owner.execute(
            "UPDATE contact SET value = c.value, digest = c.digest FROM contact c "
            "WHERE contact.member_id = $1 AND c.member_id = $2",
            member_id,
            other,
        )
    named = [fault.what for fault in await verification_faults(member_id)]
    assert sorted(named) == ["digest", "its email", "its look-up row", "its phone", "value"]


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
                    kept["value"],
                    other,
                    proved_at,
                    proved_by,
                )
