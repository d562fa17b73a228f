"""How a claim ends: once, with an event for others."""

from dataclasses import asdict, dataclass, replace
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings import booking_keys
from domain.claims import claims
from domain.claims.claims import MERGED, Claim, ClaimStatus
from domain.kernel import audit, sealed_rows
from domain.kernel.database import rows
from domain.kernel.idempotency import Figures, Request
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.kernel.refusals import ReferenceConflict, StateConflict
from domain.programmes.programmes import Programme

CLOSED = "closed"
"""Reason for withdrawing a claim whose membership was closed."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a claim, and the reason; `points` are those of the booking recorded for it. The
    booking belongs to `owner_id`, if it was recorded for a member merged into the claim's member.
    """

    status: ClaimStatus
    reason: str | None = None
    booking_id: UUID | None = None
    points: int | None = None
    owner_id: UUID | None = None


def check_open(claim: Claim) -> None:
    """Raises: StateConflict."""
    if claim.status is not ClaimStatus.OPEN:
        allowed = (ClaimStatus.OPEN.value,)
        raise StateConflict("claim", claim.status.value, allowed, path=("claim",))


async def close(request: Request, programme: Programme, claim: Claim, closing: Closing) -> Figures:
    """End a claim, unless it has ended since it was read; figures: `member_id`, `claim_id`, of the
    claim that has ended in this way, if the caller may see it.

    Raises: StateConflict, ReferenceConflict.
    """
    check_open(claim)
    both, actor = (claim.member_id, closing.owner_id or claim.member_id), request.caller.actor
    async with accounts.opened_with(programme, *both, request.now) as (account, owner):
        # after the account, as merging, closing and erasing the member do
        standing = await claims.lock(claim)
        check_open(standing)
        if owner is account:
            await _close(account, standing, closing, actor)
        else:
            await _close(account, standing, Closing(ClaimStatus.WITHDRAWN, MERGED), actor)
            ended = await _hand_over(owner, standing, closing, actor)
            claim = ended if claims.is_there_for(request.caller, ended) else standing
    return {"member_id": str(claim.member_id), "claim_id": str(claim.id)}


async def _hand_over(owner: Account, claim: Claim, closing: Closing, actor: str) -> Claim:
    """Hand the claim over to the booking's member, where it ends as this one would have: a copy of
    it, or that member's own claim.

    Raises: ReferenceConflict where that own claim is not for this booking, which was recorded after
    it.
    """
    own = await claims.of_reference(owner.member_id, claim.reference)
    if own is not None and own.booking_id != closing.booking_id:
        raise ReferenceConflict(claim.reference, path=("claim",))
    if own is not None:
        return own
    ended = replace(
        claim,
        member_id=owner.member_id,
        id=new_id(),
        status=closing.status,
        decided_at=max(owner.now, claim.opened_at),
        decided_by=actor,
        reason=closing.reason,
        booking_id=closing.booking_id,
    )
    _hold(owner, ended)
    _tell(owner, ended, closing)
    return ended


async def withdraw_all(account: Account, actor: str, reason: str | None = None) -> None:
    """End all open claims of an ended membership: nothing can be recorded for it any more."""
    for claim in await claims.lock_open(account.member_id):
        await _close(account, claim, Closing(ClaimStatus.WITHDRAWN, reason), actor)


async def move_all(leaving: Account, staying: Account, actor: str) -> None:
    """End all open claims of a member that is merged into another; that one has them from then on,
    with their age, except those that it has claimed itself. Bookings recorded for the merged member
    meanwhile are credited already.
    """
    for claim in await claims.lock_open(leaving.member_id):
        booking = await booking_keys.recorded(claim.programme_id, claim.reference)
        if booking is not None and booking.member_id == leaving.member_id:
            credited = Closing(ClaimStatus.ALREADY_CREDITED, MERGED, booking.id)
            await _close(leaving, claim, credited, actor)
            continue
        await _close(leaving, claim, Closing(ClaimStatus.WITHDRAWN, MERGED), actor)
        if await claims.of_reference(staying.member_id, claim.reference) is None:
            moved = replace(claim, member_id=staying.member_id, id=new_id())
            _hold(staying, moved)
            staying.notify(Topic.CLAIM_OPENED, partner_id=claim.partner_id, claim_id=moved.id)


def _hold(owner: Account, claim: Claim) -> None:
    """Write a claim that has come from another member."""
    owner.record(models.Claim(**asdict(claim) | {"links": list(claim.links)}))
    audit.changed(f"claim:{claim.id}", {}, {"status": claim.status.value})


async def _close(account: Account, claim: Claim, closing: Closing, actor: str) -> None:
    closed = await rows(
        "UPDATE claim SET status = $3, decided_at = greatest($4, opened_at), decided_by = $5, "
        "reason = $6, booking_id = $7, points = $8 "
        "WHERE member_id = $1 AND id = $2 AND status = 'OPEN' "
        f"RETURNING {sealed_rows.columns('claim')}",
        claim.member_id,
        claim.id,
        closing.status.value,
        account.now,
        actor,
        closing.reason,
        closing.booking_id,
        closing.points,
    )
    account.journal.changed += sealed_rows.of_all("claim", closed)
    before, after = {"status": claim.status.value}, {"status": closing.status.value}
    audit.changed(f"claim:{claim.id}", before, after)
    _tell(account, claim, closing)


def _tell(account: Account, claim: Claim, closing: Closing) -> None:
    account.notify(
        Topic.CLAIM_DECIDED,
        partner_id=claim.partner_id,
        claim_id=claim.id,
        status=closing.status.value,
        points=closing.points or 0,
    )
