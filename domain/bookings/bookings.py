"""Bookings: what a booking system reports, what it earns, and what counts towards tiers.

`judge` and `post` are pure and serve both the live mutation and the import, and a quote judges in
the same way, so that all agree to the point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings import (
    booking_coupons,
    booking_events,
    booking_keys,
    cases,
    parked,
    promised,
    referral_facts,
    reports,
)
from domain.bookings.booking_coupons import CouponOwner
from domain.bookings.booking_keys import BookingKey, ReferenceClaim
from domain.bookings.cases import BookingCase
from domain.bookings.overdue import overdue_at
from domain.bookings.referral_facts import FriendBooking
from domain.bookings.refusals import CurrencyNotSupported
from domain.bookings.reports import (
    BookingDecision,
    BookingReport,
    BookingRequest,
    BookingSent,
)
from domain.checkout import (
    booking_lines,
    coupon_payments,
    coupon_terms,
    guarantees,
    offsets,
    promises,
)
from domain.checkout.coupon_payments import FoundCoupon
from domain.checkout.promises import Promise
from domain.earning import awards, reservations
from domain.earning.judging import (
    Holder,
    Judgement,
    Purchase,
    check_payment_method,
    judge,
    judge_and_take,
)
from domain.earning.limits import Grant
from domain.earning.staff_limits import Call, once_or_proposed
from domain.earning.values import Line
from domain.experiments import exposures, trials
from domain.grants import given, grant_evaluation
from domain.kernel import canonical
from domain.kernel.idempotency import Done, Figures, Outcome, Replayed, Request
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier, check_occurred_at
from domain.kernel.refusals import ReferenceConflict
from domain.ledger import ledger
from domain.ledger.journal import Journal
from domain.ledger.opening import Ahead
from domain.ledger.values import Cause
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.statuses import UNPAID, MemberStatus, check_enrolled
from domain.programmes import programmes
from domain.programmes.programmes import Programme, Version
from domain.proposals import calls
from domain.proposals.proposals import Proposal
from domain.redemptions.granted import GIFTS
from domain.risk import reviewed, screening
from domain.risk.screening import Screening
from domain.risk.verdicts import Withheld
from domain.tiers import qualification
from domain.tiers.values import Credit, Qualifying

OPERATION = "earnForBooking"
"""Operation name of idempotency keys for reports of bookings, alone or in a batch."""


async def earn(
    request: Request, programme: Programme, member: MemberKey, sent: BookingSent
) -> Outcome:
    """Record a paid booking and credit what it earns.

    Figures: `member_id`, `booking_id`, `points_awarded`, `grants` (ids). The same reference with
    the same content gets its first answer, whatever the request key. If it gives more than a person
    of staff may give alone, it is proposed; figures: `proposal_id`.

    Points held for it are spent on it; refunds and completions reported before it are applied. With
    a guaranteed quote it earns what was quoted, whatever has changed since.

    Raises: NotFound, InvalidInput, CurrencyNotSupported, EventTooOld, EventInFuture,
        MemberSuspended, CouponNotApplicable, RedemptionState, HoldExpired, ShareExceeded,
        QuoteExpired, QuoteMismatch, ReferenceConflict, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(sent.reference, ("reference",))
    perform = partial(_earn, request, programme, member, sent)
    compared = BookingRequest(request, member, sent).compared

    async def proposed() -> dict[str, Any]:
        member_id = await find_or_refuse(programme.id, member)
        return {"memberId": str(member_id), **calls.told(sent)}

    call = Call(OPERATION, compared, proposed)
    attempt = partial(once_or_proposed, request, programme, call, perform)
    return await reservations.retried(programme, request.now, attempt)


async def earn_proposed(request: Request, proposal: Proposal, sent: Mapping[str, Any]) -> None:
    """Record a proposed booking in the name of its proposer, in the transaction that approves it.

    Raises: as `earn`.
    """
    programme = await programmes.get(request.caller.programme)
    member, booking = MemberKey.of_id(UUID(sent["memberId"])), calls.read(BookingSent, sent)
    await _earn(calls.by_proposer(request, proposal), programme, member, booking)


async def _earn(
    request: Request, programme: Programme, member: MemberKey, sent: BookingSent
) -> Done | Replayed:
    member_id = await find_or_refuse(programme.id, member)
    key = BookingKey(member_id, new_id())
    taking = await booking_keys.take(programme.id, sent.reference, key)
    if taking.first is not None:
        return await _replay(request, taking.first, member_id, sent)
    # checked only after the replay: a fact accepted once is answered again however old it is
    return await record(request, programme, taking, sent)


async def record(
    request: Request,
    programme: Programme,
    taking: ReferenceClaim,
    sent: BookingSent,
    *,
    reported_at: datetime | None = None,
) -> Done:
    """Record a booking whose reference this transaction has taken for it; figures as of `earn`.

    Its age is checked as of `reported_at`, which defaults to now.

    Raises: as `earn`.
    """
    key, member_id = taking.key, taking.key.member_id
    programme = programme.of_member(member_id, request.now)
    promise = sent.quote and await guarantees.cited(request.caller, member_id, sent.quote)
    coupon = await coupon_payments.find(request.caller, member_id, sent.coupon, request.now)
    if promise is not None:
        await coupon_payments.check_quoted(promise.coupon_id, coupon)
    if sent.redemption is not None:
        await offsets.check_holder(request.caller, member_id, sent.redemption)
    version, lines = check(programme, sent, reported_at or request.now, promise)
    owner_id = coupon.member_id if coupon else None
    looked = await screening.look(request, programme, member_id, "earn", "booking")
    reported = BookingReport(key.id, request.caller.actor, sent, version)
    asked = cases.queries(programme, member_id, reported, request.now)
    ahead = Ahead(asked, lots=sent.redemption is not None)
    opened = accounts.opened_with(programme, member_id, owner_id, request.now, ahead)
    async with opened as (account, owner):
        left = _less_coupon(lines, coupon, promise)
        case = await cases.load(account, reported, left, request.now)
        judgement = await _judge(case, promise)
        decision, withheld = screen(case, judgement, looked)
        account.record(*exposures.to_rows(cases.met(case, judgement)))
        if coupon is not None:
            await booking_coupons.use(account, owner, coupon, decision.booking)
        grants = await grant_evaluation.evaluate(account, case.fact, GIFTS, case.progress)
    await looked.keep(member_id, decision.booking.points, decision.booking.recorded_at)
    after = cases.after(case, decision)
    if taking.expected:
        key = replace(key, coupon_owner=CouponOwner(owner_id))
        applied = await parked.apply(programme, key, decision.booking, request.now)
        grants = sorted({*grants, *applied})
    under_review = withheld is not None and withheld.until is None
    said = figures(decision.booking, grants, under_review=under_review)
    return Done(said, None if taking.expected else after)


def check(
    programme: Programme, sent: BookingSent, now: datetime, promise: Promise | None = None
) -> tuple[Version, list[Line]]:
    """The version in force when it was booked, or quoted, and the lines as its rules read them.

    Raises: InvalidInput, CurrencyNotSupported, EventTooOld, EventInFuture.
    """
    check_identifier(sent.reference, ("reference",))
    booked_at = sent.booked_at or now
    version = promise.version(programme) if promise else programme.as_of(booked_at)
    policy = version.policy
    check_occurred_at(booked_at, now, policy.facts.oldest_days, ("bookedAt",))
    if sent.currency not in (None, policy.currency):
        raise CurrencyNotSupported(str(sent.currency), (policy.currency,), path=("currency",))
    check_payment_method(policy, sent.payment_method)
    return version, booking_lines.check(policy, sent.lines)


def decide(
    journal: Journal, holder: Holder, reported: BookingReport, lines: Sequence[Line]
) -> BookingDecision:
    """Judge one booking without budgets, and post it to the journal; nothing is written."""
    sent = reported.sent
    booked_at = sent.booked_at or journal.now
    purchase = Purchase(reported.version, lines, booked_at, sent.payment_method)
    return post(journal, holder, reported, judge(purchase, holder))


def post(
    journal: Journal,
    holder: Holder,
    reported: BookingReport,
    judgement: Judgement,
    *,
    current: Version | None = None,
    withheld: Withheld | None = None,
) -> BookingDecision:
    """Post what a judged booking earns to the journal; nothing is written.

    `current` is the version in force now, where it differs from the booking's own: a tier is
    reviewed by the levels of today. Points that are `withheld` are pending.
    """
    version, sent = reported.version, reported.sent
    booked_at, lines = sent.booked_at or journal.now, judgement.lines
    evaluation = judgement.evaluation
    booking = reports.to_booking(holder, reported, judgement, booked_at)
    booking.recorded_at = journal.now
    cause = Cause(reported.reporter, booking_id=booking.id)
    overdue = {
        line.number: overdue_at(version.policy, booked_at, reported.travel_from, reported.travel_to)
        for line, reported in zip(lines, sent.lines, strict=True)
    }
    journal.cash[booking.id] = booking.cash_minor
    awards.credit_lots(journal, version, evaluation.by_lot, overdue, cause, withheld)
    counted = Qualifying(
        spend_minor=booking.cash_minor,
        bookings=1,
        nights=booking_lines.nights(version.policy, sent.lines),
        points=evaluation.points,
    )
    if holder.status in UNPAID or not any(line.amount_minor for line in lines):
        counted = Qualifying()
    credit = Credit(holder.member_id, booked_at, journal.now, counted, booking_id=booking.id)
    change = qualification.review(current or version, holder.holding, holder.sums, credit)
    return BookingDecision(
        booking,
        reports.to_lines(booking, sent, lines, evaluation),
        awards.to_rows(
            holder.member_id,
            evaluation.awards,
            judgement.judged_at,
            booking_id=booking.id,
            budget_periods=judgement.budget_periods,
        ),
        [Grant(one.rule, one.points, judgement.judged_at) for one in evaluation.awards],
        credit,
        change,
    )


async def _judge(case: BookingCase, promise: Promise | None) -> Judgement:
    """Judge after held points have paid for their part: a member who is no longer enrolled gets
    neither these nor what was guaranteed.

    Raises: MemberSuspended.
    """
    account, reported = case.account, case.reported
    if promise is not None or reported.sent.redemption is not None:
        check_enrolled(case.holder.status)
    lines = await _pay(account, reported, case.lines)
    if promise is not None:
        return await promised.keep(account, promise, reported, lines)
    purchase = replace(case, lines=lines).purchase
    judgement = await judge_and_take(account, purchase, case.holder)
    return trials.judged(purchase, case.holder, judgement)


def screen(
    case: BookingCase, judgement: Judgement, looked: Screening
) -> tuple[BookingDecision, Withheld | None]:
    """`post_case` with the rules against fraud; returns until when its points wait."""
    points, withheld = judgement.evaluation.points, None
    if points and looked.rules:
        verdict = looked.judge(points)
        withheld = screening.record(case.account, looked, verdict, case.reported.id, points)
    if points and case.holder.status == MemberStatus.UNDER_REVIEW:
        withheld = Withheld(None)
    return post_case(case, judgement, withheld), withheld


def post_case(
    case: BookingCase, judgement: Judgement, withheld: Withheld | None = None
) -> BookingDecision:
    """Add a judged booking to the account: its facts, what it earns, and what it counts."""
    account, reported, holder = case.account, case.reported, case.holder
    decision = post(
        account.journal, holder, reported, judgement, current=account.version, withheld=withheld
    )
    decision.booking.programme_id = account.programme.id
    account.record(*decision.facts)
    points, at = decision.booking.points, case.fact.occurred_at
    account.record(*trials.to_rows(account, judgement.trials, points, at, booking_id=reported.id))
    account.count([decision.credit], decision.change)
    booking_events.recorded(account, decision.booking, decision.awards)
    if case.referral is not None:
        left = holder.status not in UNPAID and decision.booking.total_minor > 0
        friend = FriendBooking(reported.id, case.fact.occurred_at, left)
        referral_facts.reach(account, case.referral, friend)
    return decision


def _less_coupon(
    lines: Sequence[Line], coupon: FoundCoupon | None, promise: Promise | None
) -> Sequence[Line]:
    """The lines less the coupon's deduction, now or as quoted.

    Raises: CouponNotApplicable.
    """
    if promise is not None:
        return promises.less_coupon(promise, lines)
    return coupon_terms.apply(coupon.terms, lines) if coupon else lines


async def _pay(account: Account, reported: BookingReport, lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with the parts that points pay, where points were held for this booking.

    Raises: NotFound, RedemptionState, HoldExpired, BelowMinimum, ShareExceeded.
    """
    if reported.sent.redemption is None:
        return lines
    redemption_id = reported.sent.redemption[1]
    cause = Cause(reported.reporter, booking_id=reported.id, redemption_id=redemption_id)
    travel = [line.travel_from for line in reported.sent.lines]
    return await offsets.capture(account, reported.version, lines, travel, cause)


async def _replay(
    request: Request, known: BookingKey, member_id: UUID, sent: BookingSent
) -> Replayed:
    """Raises: ReferenceConflict, also for another partner's booking."""
    first = await models.Booking.filter(member_id=known.member_id, id=known.id).first()
    same = (
        first is not None
        and member_id in (first.member_id, await ledger.became(first.member_id))
        and request.caller.owns(first.reporter)
        and first.content_hash == canonical.sha256(sent)
    )
    if first is None or not same:
        raise ReferenceConflict(sent.reference, path=("reference",))
    own = first.member_id
    waited = await reviewed.was_reviewed(own, first.id, first.recorded_at)
    changed = await given.changed_by(own, [first.id, *await parked.applied(first)])
    return Replayed(figures(first, changed, under_review=waited and first.points > 0))


def figures(
    booking: models.Booking, grants: Sequence[str], *, under_review: bool = False
) -> Figures:
    """Figures of the answer; `under_review` is included only where it is."""
    said: Figures = {
        "member_id": str(booking.member_id),
        "booking_id": str(booking.id),
        "points_awarded": booking.points,
        "grants": list(grants),
    }
    return {**said, "under_review": True} if under_review else said
