"""How a claim ends: once, with an event for others."""

from dataclasses import dataclass
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.claims import claims
from domain.claims.claims import Claim, ClaimStatus
from domain.kernel import audit, sealed_rows
from domain.kernel.database import rows
from domain.kernel.idempotency import Figures, Request
from domain.kernel.outbox import Topic
from domain.kernel.refusals import StateConflict
from domain.programmes.programmes import Programme


@dataclass(frozen=True, slots=True)
class Closing:
    """What a claim becomes, and why; `points` of the booking that was recorded for it."""

    status: ClaimStatus
    reason: str | None = None
    booking_id: UUID | None = None
    points: int | None = None


def check_open(claim: Claim) -> None:
    """Raises: StateConflict."""
    if claim.status is not ClaimStatus.OPEN:
        allowed = (ClaimStatus.OPEN.value,)
        raise StateConflict("claim", claim.status.value, allowed, path=("claim",))


async def close(request: Request, programme: Programme, claim: Claim, closing: Closing) -> Figures:
    """End a claim that this transaction has locked; figures: `member_id`, `claim_id`.

    Raises: StateConflict.
    """
    check_open(claim)
    async with accounts.opened(programme, claim.member_id, request.now) as account:
        await _close(account, claim, closing, request.caller.actor)
    return {"member_id": str(claim.member_id), "claim_id": str(claim.id)}


async def withdraw_all(account: Account, actor: str) -> None:
    """End all open claims of a member that is erased: nothing can be recorded for it any more."""
    for claim in await claims.lock_open(account.member_id):
        await _close(account, claim, Closing(ClaimStatus.WITHDRAWN), actor)


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
    status = closing.status.value
    audit.changed(f"claim:{claim.id}", {"status": claim.status.value}, {"status": status})
    account.notify(
        Topic.CLAIM_DECIDED,
        partner_id=claim.partner_id,
        claim_id=claim.id,
        status=status,
        points=closing.points or 0,
    )
