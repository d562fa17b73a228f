"""Paying part of a booking in points: the cap, the hold, and its capture.

The share that points may pay is capped per line, and summed. It is checked when it is quoted,
when it is held, and again under the lock when the booking is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.checkout import booking_lines, coupon_payments, coupon_terms
from domain.checkout.booking_lines import LineSent
from domain.checkout.caps import Cap, cap, check_points, pay
from domain.checkout.coupon_payments import FoundCoupon
from domain.checkout.refusals import ShareExceeded
from domain.earning.values import Line
from domain.kernel.callers import Caller, partner_of
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_occurred_at, check_own
from domain.kernel.outbox import Topic
from domain.kernel.refusals import NotFound
from domain.ledger import journal as journals
from domain.ledger.journal import Journal
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Cause
from domain.members.identity import MemberKey, find_or_refuse
from domain.programmes.programmes import Programme, Version
from domain.redemptions import booking_holds
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus, many
from domain.redemptions.redemptions import check_spender
from domain.redemptions.refusals import HoldExpired, RedemptionState
from domain.risk import holding, screening


@dataclass(frozen=True, slots=True)
class HoldSent:
    """Points to hold for a booking that is about to be paid, after the coupon of this code."""

    points: int
    lines: tuple[LineSent, ...]
    booked_at: datetime | None = None
    coupon: str | None = None

    def canonical(self) -> dict[str, Any]:
        """The content for comparing requests; `coupon` is missing in older ones."""
        said = {"points": self.points, "lines": self.lines, "booked_at": self.booked_at}
        return said if self.coupon is None else {**said, "coupon": self.coupon}


def _cap_of(
    programme: Programme,
    tier: str,
    sent: HoldSent,
    now: datetime,
    coupon: FoundCoupon | None,
) -> tuple[Version, Cap]:
    instant = sent.booked_at or now
    version = programme.as_of(instant)
    check_occurred_at(instant, now, version.policy.facts.oldest_days, ("bookedAt",))
    lines = booking_lines.check(version.policy, sent.lines)
    if coupon is not None:
        lines = coupon_terms.apply(coupon.terms, lines)
    return version, cap(version.policy, tier, lines)


def quote(
    programme: Programme,
    tier: str | None,
    sent: Sequence[LineSent],
    now: datetime,
    *,
    booked_at: datetime | None = None,
    coupon: FoundCoupon | None = None,
) -> tuple[Version, Cap]:
    """The cap of points on these lines, after a coupon, for a member of this tier, or of the entry
    tier.

    Raises: InvalidInput, EventTooOld, EventInFuture, CouponNotApplicable.
    """
    entry = programme.as_of(now).policy.tiers.levels[0].code
    return _cap_of(programme, tier or entry, HoldSent(0, tuple(sent), booked_at), now, coupon)


async def hold(
    request: Request, programme: Programme, member: MemberKey, sent: HoldSent
) -> Outcome:
    """Hold points for a booking; figures: `member_id`, `redemption_id`.

    `earnForBooking` with the redemption's id confirms it.

    Raises: NotFound, InvalidInput, EventTooOld, EventInFuture, RedemptionState,
        CouponNotApplicable, BelowMinimum, NotAStep, ShareExceeded, MemberNotEnrolled,
        MemberSuspended, AccountInArrears, InsufficientPoints, RiskDenied, IdempotencyKeyReused,
        ConcurrentRequest.
    """

    perform = partial(_hold, request, programme, member, sent)
    content = {"member": member, "hold": sent}
    return await screening.recorded(partial(once, request, "redeemOnBooking", content, perform))


async def _hold(
    request: Request, programme: Programme, member: MemberKey, sent: HoldSent
) -> Figures:
    member_id = await find_or_refuse(programme.id, member)
    if sent.booked_at is not None:
        check_own(request.caller, sent.booked_at, request.now, ("bookedAt",))
    coupon = await coupon_payments.find(request.caller, member_id, sent.coupon, request.now)
    looked = await screening.look(request, programme, member_id, "redeem")
    async with accounts.opened(programme, member_id, request.now) as account:
        await check_spender(account)
        version, allowed = _cap_of(programme, account.holding.tier, sent, account.now, coupon)
        check_points(allowed, sent.points)
        available = account.journal.balances.available
        if sent.points > available:
            raise InsufficientPoints(available, sent.points, path=("points",))
        points = allowed.paying(sent.points)
        verdict = looked.judge(points)
        screening.refuse(looked, verdict, member_id, points)
        review_id = new_id() if verdict.decision == "review" else None
        figures = _post_hold(account, version, allowed, points, request.caller.actor, review_id)
        about = (UUID(figures["redemption_id"]), review_id)
        screening.add_decisions(account, looked, verdict, about, points)
    await looked.keep(member_id, points, account.now)
    return figures


def _post_hold(
    account: Account,
    version: Version,
    allowed: Cap,
    points: int,
    actor: str,
    review_id: UUID | None,
) -> Figures:
    """Hold the points for a booking; a hold under review lasts as long as the review may take."""
    until = account.now + timedelta(minutes=version.policy.holds.minutes)
    if review_id is not None:
        until = holding.ends_at(account)
    redemption_id = booking_holds.record(
        account,
        version,
        actor,
        points=points,
        worth_minor=allowed.worth_minor(points),
        until=until,
        review_id=review_id,
    )
    if review_id is not None:
        screening.open_review(
            account, "redeem", redemption_id, points, review_id=review_id, ends_at=until
        )
    journals.hold(account.journal, points, until, Cause(actor, redemption_id=redemption_id))
    account.notify(
        Topic.REWARD_HELD,
        partner_id=partner_of(actor),
        redemption_id=redemption_id,
        quantity=1,
        points=points,
    )
    figures = {"member_id": str(account.member_id), "redemption_id": str(redemption_id)}
    return {**figures, "under_review": True} if review_id else figures


async def capture(
    account: Account,
    version: Version,
    lines: Sequence[Line],
    travel: Sequence[date | None],
    cause: Cause,
) -> list[Line]:
    """Spend the held points on this booking; returns the lines, each with the part paid by points.

    Points have the worth stated when they were held, whatever the tier and the rates are now. A
    hold that died is taken again while points and cap still allow. If the price fell, the excess
    goes back. `travel` has each line's first day, where known; `cause` names booking and
    redemption.

    Raises: NotFound, RedemptionState, HoldExpired, BelowMinimum, ShareExceeded.
    """
    redemption = await booking_holds.find(account, cause.redemption_id)
    allowed = cap(version.policy, account.holding.tier, lines)
    allowed = allowed.at_the_worth_of(redemption.points, redemption.worth_minor or 0)
    points = allowed.paying(min(redemption.points, allowed.points_max))
    too_few = points < min(allowed.terms.minimum, redemption.points)
    if redemption.id not in account.journal.holds:
        _retake(account.journal, redemption, 0 if too_few else points, cause)
    elif too_few:
        raise ShareExceeded(allowed.points_max, allowed.share_percent, path=("redemptionId",))
    else:
        journals.capture(account.journal, redemption.id, points, cause)
    await booking_holds.confirm(
        account.journal, redemption, points=points, worth_minor=allowed.worth_minor(points)
    )
    return pay(allowed, lines, points)


async def check_holder(caller: Caller, member_id: UUID, named: tuple[UUID, UUID]) -> None:
    """Check that the points of this (member id, id) were held for a booking of the member that this
    caller reports. Raises: NotFound.
    """
    owner, redemption_id = named
    found = await many(caller.programme_id, [named]) if owner == member_id else {}
    if redemption_id not in found or not caller.takes(found[redemption_id].actor):
        raise NotFound("redemption", str(redemption_id), path=("redemptionId",))


def _retake(journal: Journal, redemption: Redemption, points: int, cause: Cause) -> None:
    """Renew an expired hold for the `points` that the cap leaves.

    Raises: RedemptionState, HoldExpired.
    """
    if redemption.status not in (RedemptionStatus.HELD, RedemptionStatus.RELEASED):
        raise RedemptionState(redemption.status, (RedemptionStatus.HELD,), path=("redemptionId",))
    if redemption.id in journal.released:
        journal.released.remove(redemption.id)
    died_at = redemption.hold_expires_at or journal.now
    if redemption.cancelled_at is not None:
        raise RedemptionState(redemption.status, (RedemptionStatus.HELD,), path=("redemptionId",))
    if not points:
        raise HoldExpired(died_at, path=("redemptionId",))
    try:
        journals.hold(journal, points, journal.now + timedelta(minutes=1), cause)
    except InsufficientPoints:
        raise HoldExpired(died_at, path=("redemptionId",)) from None
    journals.capture(journal, redemption.id, points, cause)
