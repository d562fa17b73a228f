"""Contacts: the e-mail address and phone number of a member, each one member's alone."""

from uuid import UUID

from domain.kernel import lookups
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Refusal
from domain.members.refusals import EmailTaken, PhoneTaken, ReferenceTaken

_TAKEN: dict[LookupScope, type[Refusal]] = {
    LookupScope.REFERENCE: ReferenceTaken,
    LookupScope.EMAIL: EmailTaken,
    LookupScope.PHONE: PhoneTaken,
}


async def claim(
    programme_id: UUID, scope: LookupScope, value: str, member_id: UUID, row_id: UUID
) -> None:
    """Take a value for this member, waiting for whoever is taking it.

    Raises: ReferenceTaken, EmailTaken, PhoneTaken.
    """
    if await lookups.look_up(programme_id, scope, value, member_id, row_id) is not None:
        raise _TAKEN[scope](path=(scope,))


async def _replace_lookup(
    programme_id: UUID, scope: LookupScope, old: str | None, new: str | None, member_id: UUID
) -> None:
    if old is not None:
        await lookups.free(programme_id, scope, [old.lower()])
    if new is not None:
        await claim(programme_id, scope, new.lower(), member_id, member_id)
