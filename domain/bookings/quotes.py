"""Quotes: what a booking would earn, judged exactly as the booking itself will be.

A guaranteed quote reserves the budgets that it needs, and holds for the booking that cites it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings.overdue import overdue_at
from domain.checkout import (
    booking_lines,
    caps,
    coupon_payments,
    coupon_terms,
    guarantees,
    promises,
)
from domain.checkout.booking_lines import LineSent
from domain.checkout.coupon_payments import FoundCoupon
from domain.checkout.promises import Promise, QuoteStatus
from domain.earning import (
    budgets,
    discounts,
    judging,
    limits,
    lot_keys,
    member_caps,
    purses,
    reservations,
    tallies,
)
from domain.earning.judging import Holder, Purchase, judge, judge_and_take, load_holder
from domain.earning.values import Evaluation, Line
from domain.experiments import exposures, trials
from domain.kernel import dates, secrecy
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_occurred_at
from domain.kernel.queries import Query
from domain.kernel.refusals import InvalidInput
from domain.ledger import journal as journals
from domain.ledger import lots
from domain.members import endings, particulars
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.members import Member
from domain.members.statuses import UNPAID, MemberStatus, check_enrolled
from domain.programmes import funders
from domain.programmes import points as points_terms
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.tiers import tier_periods, tier_reviews, tiers
from domain.tiers.values import Holding


@dataclass(frozen=True, slots=True)
class QuoteSent:
    """A booking that could be made; `offset_points` would pay for one part of it, and the coupon
    with this code for another.
    """

    lines: tuple[LineSent, ...]
    booked_at: datetime | None = None
    payment_method: str | None = None
    offset_points: int | None = None
    coupon: str | None = None

    def canonical(self) -> dict[str, Any]:
        """`coupon` came later."""
        said: dict[str, Any] = {
            "lines": self.lines,
            "booked_at": self.booked_at,
            "payment_method": self.payment_method,
            "offset_points": self.offset_points,
        }
        if self.coupon is not None:
            said["coupon"] = self.coupon
        return said


@dataclass(frozen=True, slots=True)
class Quote:
    """`expires_on` is the earliest last valid date of its points if posted now; null if they never
    expire.

    `available_on` is the latest date from which all points can be spent; null while unknown,
    because some wait for a report. `discounts` has the tier's discount on each line, by line
    number, in minor units.
    """

    version: Version
    lines: list[Line]
    evaluation: Evaluation
    expires_on: date | None
    available_on: date | None
    discounts: Mapping[int, int]


def takes_one_statement(programme: Programme, sent: QuoteSent, now: datetime) -> bool:
    """Whether everything needed can be read by one statement: there is neither a budget nor a
    purse, no coupon to find, and only one secret key.
    """
    instant = sent.booked_at or now
    policy = programme.as_of(instant).policy
    shared = budgets.periods(policy, instant) or funders.by_rule(policy)
    by_two_keys = bool(limits.once(policy)) and not secrecy.is_one_key()
    return sent.coupon is None and not shared and not by_two_keys


def queries(programme: Programme, member_id: UUID, sent: QuoteSent, now: datetime) -> list[Query]:
    """The queries of `earning` about the member, besides its row, while nothing `is_due`.

    Raises: InvalidInput, EventTooOld, EventInFuture.
    """
    instant = sent.booked_at or now
    policy = _check(programme, sent, instant, now).policy
    return [
        *([tiers.query_of_changes(member_id)] if instant < now else []),
        *limits.queries([member_id], policy, instant, now),
        *tallies.queries(member_id, policy, instant, *policy.asked_of_bookings),
        *member_caps.queries(member_id, policy, instant, now),
        *limits.queries_of_past(programme.id, member_id, policy, now),
    ]


def is_due(programme: Programme, member: Member, now: datetime) -> bool:
    """Whether the tier may have changed by the passage of time, so that what counted is read."""
    return tier_periods.next_due(programme, member.holding, now) is not None


async def earning(
    programme: Programme,
    member: Member | None,
    sent: QuoteSent,
    now: datetime,
    coupon: FoundCoupon | None = None,
) -> Quote:
    """What these lines would earn with this coupon, if any; without a member, for the entry tier.

    Raises: InvalidInput, EventTooOld, EventInFuture, MemberSuspended, CouponNotApplicable,
        BelowMinimum, NotAStep, ShareExceeded.
    """
    instant = sent.booked_at or now
    if member is not None and member.status not in UNPAID:
        programme = programme.of_member(member.member_id, now)
    version = _check(programme, sent, instant, now)
    policy = version.policy
    holder = await _holder(programme, member, instant, now)
    lines = to_lines(policy, holder.holding.tier, sent, coupon)
    purchase = Purchase(version, lines, instant, sent.payment_method)
    judgement = judge(purchase, holder)
    exposures.note(exposures.of(holder.member_id, trials.met(purchase, judgement), now))
    periods = budgets.periods(policy, instant)
    paid_by = await purses.of_rules(programme.id, policy, now)
    if draws := budgets.draws_of(policy, judgement.evaluation.awards, periods, paid_by):
        within = replace(holder, budgets=await reservations.left(programme.id, draws, now))
        judgement = judge(purchase, within)
    last = _expires_on(policy, judgement.evaluation, now)
    available = _available_on(version, sent, judgement.evaluation, now)
    off = _discounts(policy, holder, lines)
    return Quote(version, lines, judgement.evaluation, last, available, off)


def _expires_on(policy: Policy, evaluation: Evaluation, now: datetime) -> date | None:
    """The earliest last valid date of its points if posted now."""
    rules = list(lot_keys.spendable(evaluation.by_lot)) or [None]
    ends = [lots.expires_at(policy.terms(rule)[0], now, policy.zone) for rule in rules]
    return min(
        (dates.last_valid_date(end, policy.zone) for end in ends if end is not None), default=None
    )


def _available_on(
    version: Version, sent: QuoteSent, evaluation: Evaluation, now: datetime
) -> date | None:
    policy, available_at = version.policy, now
    waiting = [sent.lines[number - 1] for number, some in evaluation.line_pending.items() if some]
    if waiting and policy.completion.then != "mature":
        return None
    for line in waiting:
        due = overdue_at(policy, sent.booked_at or now, line.travel_from, line.travel_to)
        available_at = max(available_at, due)
    return dates.local_date(available_at, policy.zone)


def _discounts(policy: Policy, holder: Holder, lines: Sequence[Line]) -> dict[int, int]:
    """The tier's discount on each line; guests and suspended members have no tier."""
    if holder.status in UNPAID:
        return {}
    return discounts.on_lines(policy, holder.tier, lines)


async def guarantee(
    request: Request, programme: Programme, member: MemberKey, sent: QuoteSent
) -> Outcome:
    """Quote a booking and reserve its budgets and limits; figures: `member_id`, `quote_id`.

    An `earnForBooking` that cites it in time earns exactly these points.

    Raises: NotFound, InvalidInput, EventTooOld, EventInFuture, MemberNotEnrolled,
        MemberSuspended, RedemptionState, CouponNotApplicable, BelowMinimum, NotAStep,
        ShareExceeded, LimitReached, IdempotencyKeyReused, ConcurrentRequest.
    """

    perform = partial(_guarantee, request, programme, member, sent)
    attempt = partial(once, request, "guaranteeQuote", {"member": member, "quote": sent}, perform)
    return await reservations.retried(programme, request.now, attempt)


async def _guarantee(
    request: Request, programme: Programme, member: MemberKey, sent: QuoteSent
) -> Figures:
    member_id = await find_or_refuse(programme.id, member)
    coupon = await coupon_payments.find(request.caller, member_id, sent.coupon, request.now)
    judged_by = programme.of_member(member_id, request.now)
    async with accounts.opened(judged_by, member_id, request.now) as account:
        quote_id = await _reserve(account, sent, coupon, request.caller.actor)
    return {"member_id": str(member_id), "quote_id": str(quote_id)}


async def _reserve(
    account: Account, sent: QuoteSent, coupon: FoundCoupon | None, actor: str
) -> UUID:
    journals.advance(account.journal, await guarantees.check_open(account.member_id, account.now))
    now = account.now
    booked_at = sent.booked_at or now
    version = _check(account.programme, sent, booked_at, now)
    points_terms.check(version.policy, ("lines",))
    holder = await load_holder(account, version, booked_at)
    check_enrolled(holder.status)
    lines = to_lines(version.policy, account.holding.tier, sent, coupon)
    purchase = Purchase(version, lines, booked_at, sent.payment_method)
    taken = await judge_and_take(account, purchase, holder)
    judgement = trials.judged(purchase, holder, taken)
    evaluation = judgement.evaluation
    promise = Promise(
        member_id=account.member_id,
        id=new_id(),
        status=QuoteStatus.OPEN,
        points=evaluation.points,
        booked_at=booked_at,
        payment_method=sent.payment_method,
        policy_version_id=version.id,
        lines=promises.to_promised(lines, sent.lines, evaluation),
        awards=tuple(evaluation.awards),
        snapshot=judging.snapshot(holder, judgement, booked_at),
        explanation=tuple(evaluation.explanation),
        actor=actor,
        expires_at=now + timedelta(minutes=version.policy.quotes.minutes),
        coupon_id=coupon.issued.id if coupon else None,
    )
    account.record(guarantees.to_row(promise, account.programme.id, now, judgement.paid_by))
    met = exposures.of(account.member_id, judgement.met, booked_at)
    account.record(*exposures.to_rows(met))
    return promise.id


def _check(programme: Programme, sent: QuoteSent, instant: datetime, now: datetime) -> Version:
    version = programme.as_of(instant)
    check_occurred_at(instant, now, version.policy.facts.oldest_days, ("bookedAt",))
    judging.check_payment_method(version.policy, sent.payment_method)
    return version


def to_lines(
    policy: Policy, tier: str, sent: QuoteSent, coupon: FoundCoupon | None = None
) -> list[Line]:
    """The lines as rules read them, paid in cash except for the coupon's deduction and the part
    that points pay.

    Raises: InvalidInput, CouponNotApplicable, BelowMinimum, NotAStep, ShareExceeded.
    """
    lines = booking_lines.check(policy, sent.lines)
    if coupon is not None:
        lines = coupon_terms.apply(coupon.terms, lines)
    if sent.offset_points is None:
        return lines
    path = ("offsetPoints",)
    points_terms.check(policy, path)
    if policy.offset is None:
        raise InvalidInput("no_offset", path=path)
    allowed = caps.cap(policy, tier, lines)
    caps.check_points(allowed, sent.offset_points, path)
    return caps.pay(allowed, lines, allowed.paying(sent.offset_points))


_NOBODY = UUID(int=0)


async def _holder(
    programme: Programme, member: Member | None, instant: datetime, now: datetime
) -> Holder:
    policy = programme.as_of(instant).policy
    asked = policy.asked_of_bookings
    if member is None:
        entry = policy.tiers.levels[0].code
        return Holder(
            _NOBODY,
            MemberStatus.ENROLLED,
            None,
            {},
            now,
            tier=entry,
            holding=Holding.at_joining(_NOBODY, entry, now),
            tally=tallies.empty(policy, *asked),
            cap=member_caps.of_grants(policy, (), instant),
        )
    judging.check_status(member.status)
    holding, changes = await tier_reviews.foresee(programme, member.holding, now)
    return Holder(
        member.member_id,
        member.status,
        member.birthday,
        particulars.trusted(policy, member.profile, member.profile_writers),
        member.joined_at,
        tier=await tiers.at(holding, instant, changes),
        holding=holding,
        granted=await limits.granted(await endings.family_of(member), policy, instant, now),
        tally=await tallies.of(member.member_id, policy, instant, *asked),
        cap=await member_caps.left_at(member.member_id, policy, instant, now),
        paid_before=await limits.is_paid_before(programme.id, member.member_id, policy, now),
    )
