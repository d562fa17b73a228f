"""Erasing a member's identity: personal data of its row, and the values by which it was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.kernel import cache, lookups, sealed_rows
from domain.kernel.database import row, rows
from domain.kernel.ids import new_code
from domain.kernel.refusals import NotFound
from domain.ledger.journal import Journal
from domain.members import contact_rows, contacts, identity, returning
from domain.members.contacts import Contact
from domain.members.enrolment import REFERRAL_CODE_CHARACTERS
from domain.programmes.nodes import LOCALES


@dataclass(frozen=True, slots=True)
class Person:
    """Values by which a member is found."""

    member_id: UUID
    programme_id: UUID
    reference: str
    referral_code: str
    contacts: tuple[Contact, ...]


async def person(member_id: UUID) -> Person:
    """Raises: NotFound."""
    found = await row(
        "SELECT member_id, programme_id, reference, referral_code FROM member WHERE member_id = $1",
        member_id,
    )
    if found is None:
        raise NotFound("member", str(member_id), path=("member",))
    return Person(**found, contacts=tuple(await contacts.of_members([member_id])))


async def let_go(programme_id: UUID, member_ids: Sequence[UUID]) -> None:
    """Free the values by which these members are found, or were before they were merged."""
    await lookups.free_all_of(programme_id, identity.LEADING, member_ids)


async def let_go_of_contacts(programme_id: UUID, was: Person) -> None:
    """Make the member's contacts find nobody."""
    for one in was.contacts:
        for known in contacts.keys(one.value):
            await lookups.free_own(programme_id, one.kind.scope, known, was.member_id)


async def forget(journal: Journal, was: Person) -> None:
    """Remove personal data from the member's row; its referral code stops working."""
    changed = await rows(
        "UPDATE member SET status = 'ERASED', reference = $2, name = NULL, email = NULL, "
        "phone = NULL, birthday = NULL, birthday_changed_in = NULL, locale = $3, profile = '{}', "
        "profile_writers = NULL, referred_by = NULL, referral_code = $4 WHERE member_id = $1 "
        f"RETURNING {sealed_rows.columns('member')}",
        was.member_id,
        identity.erased(was.member_id),
        LOCALES[0],
        new_code(REFERRAL_CODE_CHARACTERS),
    )
    journal.changed += sealed_rows.of_all("member", changed)
    journal.changed += await contact_rows.remove(was.member_id)
    await returning.keep(was.programme_id, was.member_id, was.contacts, journal.now)
    await cache.announce()
