"""Judging a booking: the inputs besides the policy, and the result."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.accounts.accounts import Account
from domain.earning import (
    budgets,
    earning,
    limits,
    matching,
    member_caps,
    purses,
    reservations,
    snapshots,
    tallies,
)
from domain.earning.budgets import BudgetDraw
from domain.earning.limits import Grant
from domain.earning.tallies import Tally
from domain.earning.values import Allowance, Evaluation, Line, MemberFacts, Reason
from domain.kernel import dates
from domain.kernel.queries import Query
from domain.kernel.refusals import InvalidInput
from domain.kernel.values import value
from domain.members import endings, particulars
from domain.members.particulars import Particulars
from domain.members.refusals import MemberSuspended
from domain.members.statuses import UNPAID, MemberStatus
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.programmes.selectors import FactSelector
from domain.programmes.variants import Choice
from domain.tiers import tiers
from domain.tiers.values import Holding, Sum


@value(frozen=True, slots=True)
class Holder:
    """Inputs of judging a booking besides the policy: the member, its tier, its history.

    `tier` is the one recorded at the time of booking, `holding` the tier from which the booking may
    raise the member, `sums` what counted towards it before; `granted` is what limited rules
    granted, `budgets` what those with a budget may still grant to anybody. `tally` has the counts
    that earning rules need, `cap` the points that the member's caps leave. A member who returned
    after erasure may have been `paid_before` what is given once.
    """

    member_id: UUID
    status: str
    birthday: date | None
    profile: Mapping[str, Any]
    joined_at: datetime
    tier: str
    holding: Holding
    sums: Sequence[Sum] = ()
    granted: Sequence[Grant] = ()
    budgets: Mapping[str, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    cap: int | None = None
    paid_before: bool = False


@value(frozen=True, slots=True)
class Purchase:
    """A booking as rules read it; `booked_at` is UTC, `version` judges it."""

    version: Version
    lines: Sequence[Line]
    booked_at: datetime
    payment_method: str | None = None

    @property
    def budget_periods(self) -> dict[str, str]:
        """By rule that has a budget, the period that its points count in."""
        return budgets.periods(self.version.policy, self.booked_at)


@value(frozen=True, slots=True)
class Judgement:
    """An evaluation and all its inputs besides the policy.

    `judged_at` is when it was booked, or quoted before. `budget_periods` are those that its
    points count in, by rule; none outside of budgets. `paid_by` are the partners whose prepaid
    points they were taken from, by rule. `trials` are experiments that decide about it, with the
    variant and what the control would give; `met` are the variants that the member meets by it.
    """

    evaluation: Evaluation
    lines: Sequence[Line]
    facts: MemberFacts
    allowances: Mapping[str, Allowance]
    judged_at: datetime
    budget_periods: Mapping[str, str] = field(default_factory=dict)
    paid_by: Mapping[str, UUID] = field(default_factory=dict)
    trials: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    met: Sequence[Choice] = ()


def check_status(status: str) -> None:
    """Members' bookings earn, and of who is under review, for whom it waits; those of guests and
    who is suspended are recorded; nobody else's are taken.

    Raises: MemberSuspended.
    """
    if status not in (MemberStatus.ENROLLED, MemberStatus.UNDER_REVIEW, *UNPAID):
        raise MemberSuspended(path=("member",))


def check_payment_method(policy: Policy, method: str | None) -> None:
    """Raises: InvalidInput."""
    if method is not None and method not in policy.payment_methods:
        known = tuple(policy.payment_methods)
        raise InvalidInput("unknown_payment_method", method[:64], known, path=("paymentMethod",))


def judge(purchase: Purchase, holder: Holder) -> Judgement:
    """What these lines earn for this member; bookings of guests and suspended members earn
    nothing.
    """
    policy, lines, booked_at = purchase.version.policy, purchase.lines, purchase.booked_at
    day = dates.local_date(booked_at, policy.zone)
    facts = to_facts(policy, holder, holder.tier, booked_at, holder.tally)
    limited = limits.allowances(policy, holder.granted, booked_at, holder.cap)
    if holder.paid_before:
        limited = limits.without_once(policy, limited)
    allowances = budgets.within(limited, holder.budgets)
    if holder.status in UNPAID:
        nothing = {line.number: 0 for line in lines}
        why = "guest" if holder.status == MemberStatus.GUEST else "suspended"
        evaluation = Evaluation(0, (), nothing, (Reason(why, {}, 0),))
        return Judgement(evaluation, lines, facts, allowances, booked_at)
    evaluation = earning.evaluate(
        policy,
        lines,
        facts,
        day=day,
        payment_method=purchase.payment_method,
        allowances=allowances,
    )
    return Judgement(evaluation, lines, facts, allowances, booked_at)


def to_facts(
    policy: Policy,
    member: Holder | Particulars,
    tier: str,
    instant: datetime,
    tally: Tally,
) -> MemberFacts:
    """What rules ask of a member at the instant of a fact (UTC)."""
    day, hour = dates.local(instant, policy.zone)
    known = {key: member.profile[key] for key in policy.profile_keys if key in member.profile}
    in_month = member.birthday is not None and member.birthday.month == day.month
    joined_days = None
    if policy.asks_for_joining or policy.facts.before_joining_days is not None:
        joined_days = dates.days_between(member.joined_at, instant, policy.zone)
    facts = MemberFacts(tier, in_month, known, joined_days, tally.counts, hour)
    if not tally.segments:
        return facts
    segments = {
        segment.code: matching.belongs(policy, segment, facts, tally.lists)
        for segment in tally.segments
    }
    return MemberFacts(tier, in_month, known, joined_days, tally.counts, hour, segments)


async def facts_asked(
    account: Account, policy: Policy, when: FactSelector, instant: datetime
) -> MemberFacts:
    """What a selector asks of the account's member at the instant of a fact (UTC)."""
    member = await particulars.of(account.member_id, policy)
    tier = await tiers.at(account.holding, instant, account.changes)
    tally = await tallies.of(account.member_id, policy, instant, when)
    return to_facts(policy, member, tier, instant, tally)


async def judge_and_take(account: Account, purchase: Purchase, holder: Holder) -> Judgement:
    """Judge, and take what rules grant from their budgets, at most what these have left.

    Within `reservations.retried`.
    """
    wanted, policy = judge(purchase, holder), purchase.version.policy
    paid_by = await purses.of_rules(account.programme.id, policy, account.now)
    if not (purchase.budget_periods or paid_by):
        return wanted
    draws = draws_of(purchase, wanted, paid_by)
    left = await reservations.draw(account.programme.id, draws, account.now)
    return replace(judge_within(purchase, holder, left), paid_by=paid_by)


def draws_of(
    purchase: Purchase, wanted: Judgement, paid_by: Mapping[str, UUID] = purses.NONE
) -> list[BudgetDraw]:
    """What this would need from budgets, and from the purses that fund rules (`paid_by`), if
    unlimited.
    """
    awards, policy = wanted.evaluation.awards, purchase.version.policy
    return budgets.draws_of(policy, awards, purchase.budget_periods, paid_by)


def judge_within(purchase: Purchase, holder: Holder, left: Mapping[str, int]) -> Judgement:
    """The same, given what budgets leave, by rule."""
    judgement = judge(purchase, replace(holder, budgets=left))
    return replace(judgement, budget_periods=purchase.budget_periods)


def queries(
    programme: Programme, member_id: UUID, version: Version, booked_at: datetime, now: datetime
) -> list[Query]:
    """The queries of `load_holder`, for an account opened at `now`."""
    policy = version.policy
    return [
        particulars.query_of([member_id]),
        *tiers.queries(member_id, programme.as_of(now).policy, now),
        *([tiers.query_of_changes(member_id)] if booked_at < now else []),
        *limits.queries([member_id], policy, booked_at, now),
        *tallies.queries(member_id, policy, booked_at, *policy.asked_of_bookings),
        *member_caps.queries(member_id, policy, booked_at, now),
        *limits.queries_of_past(programme.id, member_id, policy, now),
    ]


async def load_holder(account: Account, version: Version, booked_at: datetime) -> Holder:
    """Load the inputs of judging a booking of this account's member.

    Raises: NotFound, MemberSuspended.
    """
    member_id, now = account.member_id, account.now
    member = await particulars.of(member_id, version.policy)
    check_status(member.status)
    return Holder(
        member_id,
        member.status,
        member.birthday,
        member.profile,
        member.joined_at,
        tier=await tiers.at(account.holding, booked_at, account.changes),
        holding=account.holding,
        sums=await tiers.sums(member_id, account.version.policy, now),
        granted=await limits.granted(
            await endings.family_of(account), version.policy, booked_at, now
        ),
        tally=await tallies.of(
            member_id, version.policy, booked_at, *version.policy.asked_of_bookings
        ),
        cap=await member_caps.left(account, version.policy, booked_at),
        paid_before=await limits.is_paid_before(
            account.programme.id, member_id, version.policy, now
        ),
    )


def snapshot(holder: Holder, judgement: Judgement, booked_at: datetime) -> dict[str, Any]:
    """The judgement's inputs besides the policy version, so that it can be repeated."""
    judged_at = judgement.judged_at
    return snapshots.make(
        holder.status,
        judgement.facts,
        judgement.allowances,
        budget_periods=judgement.budget_periods,
        judged_at=judged_at if judged_at != booked_at else None,
        trials=judgement.trials,
    )
