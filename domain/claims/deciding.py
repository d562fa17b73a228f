"""Deciding a claim: the booking is recorded as of its date, or the claim is declined."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from domain.bookings import booking_keys, bookings
from domain.bookings.booking_keys import BookingKey
from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.claims import claims
from domain.claims.claims import Claim, ClaimKey, ClaimStatus
from domain.claims.closing import Closing, check_open, close
from domain.earning import reservations
from domain.earning.staff_limits import Call, once_or_proposed
from domain.kernel import dates
from domain.kernel.idempotency import Figures, Outcome, Request
from domain.kernel.ids import new_id
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import InvalidInput, ReferenceConflict, StateConflict
from domain.ledger import ledger
from domain.members import statuses
from domain.members.endings import STANDING
from domain.members.refusals import MemberSuspended
from domain.members.statuses import GONE
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.proposals import calls
from domain.proposals.proposals import Proposal


@dataclass(frozen=True, slots=True)
class DecisionSent:
    """Approved with the lines of the booking, and how it was paid; or declined for a reason."""

    approve: bool
    reason: str | None = None
    lines: tuple[LineSent, ...] = ()
    payment_method: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "approve": self.approve,
            "reason": self.reason,
            "lines": self.lines,
            "payment_method": self.payment_method,
        }


async def decide(
    request: Request, programme: Programme, key: ClaimKey, sent: DecisionSent
) -> Outcome:
    """Approve or decline an open claim; figures: `member_id`, `claim_id`, `points_awarded`,
    `grants` (ids). More points than a person of staff may give alone are proposed; figures:
    `proposal_id`.

    Approving records the booking as `earnForBooking` does, reported by the deciding caller, as of
    the beginning of its local day; its age is judged at the instant of the claim. If the booking
    was recorded for the member meanwhile, nothing more is given: ALREADY_CREDITED. The same holds
    if it was recorded for a member merged into this one; that member then has the claim together
    with the booking.

    Raises: NotFound, StateConflict, ReferenceConflict, InvalidInput, and what `earnForBooking`
        refuses of a booking, about the claim's lines.
    """
    if sent.reason is not None:
        check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    elif not sent.approve:
        raise InvalidInput("too_short", path=("reason",))
    if sent.approve != bool(sent.lines):
        raise InvalidInput("lines_of_approved", path=("lines",))
    perform = partial(_decide, request, programme, key, sent)

    async def proposed() -> dict[str, Any]:
        said = {"claimMemberId": str(key.member_id), "claimId": str(key.id)}
        return {**said, **calls.told(sent)}

    call = Call("decideClaim", {"claim": key.id, "decision": sent}, proposed)
    attempt = partial(once_or_proposed, request, programme, call, perform)
    return await reservations.retried(programme, request.now, attempt)


async def decide_proposed(request: Request, proposal: Proposal, sent: Mapping[str, Any]) -> None:
    """Decide a claim as it was proposed, in the transaction that decides that.

    Raises: as `decide`.
    """
    programme = await programmes.get(request.caller.programme)
    key = ClaimKey(UUID(sent["claimMemberId"]), UUID(sent["claimId"]), sent["claimId"])
    by = calls.by_proposer(request, proposal)
    await _decide(by, programme, key, calls.read(DecisionSent, sent))


async def _decide(
    request: Request, programme: Programme, key: ClaimKey, sent: DecisionSent
) -> Figures:
    found = await claims.find_or_refuse(request.caller, key)
    check_open(found)
    if not sent.approve:
        declined = Closing(ClaimStatus.DECLINED, sent.reason)
        closed = await close(request, programme, found, declined)
        return {**closed, "points_awarded": 0, "grants": []}
    closing, grants = await _record(request, programme, found, sent)
    closed = await close(request, programme, found, closing)
    return {**closed, "points_awarded": closing.points or 0, "grants": grants}


async def _record(
    request: Request, programme: Programme, claim: Claim, sent: DecisionSent
) -> tuple[Closing, list[str]]:
    """The booking, recorded now unless it exists already, and the grants that it causes.

    Raises: StateConflict where the membership has ended; an earlier release left such claims open.
    """
    await _check_there(claim)
    own = BookingKey(claim.member_id, new_id())
    taking = await booking_keys.take(programme.id, claim.reference, own)
    if taking.first is not None:
        owner_id = taking.first.member_id
        if claim.member_id not in (owner_id, await ledger.became(owner_id)):
            raise ReferenceConflict(claim.reference, path=("claim",))
        credited = ClaimStatus.ALREADY_CREDITED
        return Closing(credited, sent.reason, taking.first.id, owner_id=owner_id), []
    zone = programme.as_of(request.now).policy.zone
    booking = BookingSent(
        claim.reference,
        sent.lines,
        booked_at=dates.start_of_day(claim.booked_on, zone),
        payment_method=sent.payment_method,
    )
    try:
        done = await bookings.record(
            request, programme, taking, booking, reported_at=claim.opened_at
        )
    except MemberSuspended:
        # the membership may have ended while this waited for its account
        await _check_there(claim)
        raise
    points, grants = done.figures["points_awarded"], done.figures["grants"]
    return Closing(ClaimStatus.APPROVED, sent.reason, own.id, points), grants


async def _check_there(claim: Claim) -> None:
    """Raises: StateConflict where the membership has ended."""
    status = await statuses.of(claim.member_id)
    if status in GONE:
        raise StateConflict("member", status.value, STANDING, path=("claim",))
