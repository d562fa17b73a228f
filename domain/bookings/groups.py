"""Groups: bookings of several members, recorded by one transaction as each would be alone.

Their reads are combined, and writes of the same shape are one statement. A booking is left to be
recorded alone if it is already known, has facts waiting, or is refused; if points or a coupon pay
for it, a quote guarantees it, or prepaid points of a partner fund it; if rules against fraud apply;
or if it may cause more than points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings import bookings, cases
from domain.bookings.cases import BookingCase
from domain.bookings.reports import BookingReport, BookingRequest
from domain.earning import budgets, judging, limits, purses, reservations
from domain.earning.budgets import Counters
from domain.earning.judging import Judgement
from domain.earning.values import Line
from domain.experiments import exposures, trials
from domain.experiments.exposures import Met
from domain.grants import grant_evaluation
from domain.kernel import idempotency, lookups
from domain.kernel.database import transact
from domain.kernel.idempotency import Outcome, Request
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier
from domain.kernel.lookups import LookupScope
from domain.kernel.queries import read_ahead_each
from domain.kernel.refusals import Refusal
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme

GROUP_MAX = 50
"""Most bookings that one transaction records; other writes for their members wait for it."""


@dataclass(frozen=True, slots=True)
class GroupItem:
    """A booking with the id of its member, and the digest by which it is compared under its key."""

    wanted: BookingRequest
    member_id: UUID
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Booking:
    """A booking that its policy accepts, under the id that it will have."""

    item: GroupItem
    reported: BookingReport
    lines: Sequence[Line]

    @property
    def request(self) -> Request:
        return self.item.wanted.request

    @property
    def key(self) -> str:
        return self.request.key

    @property
    def member_id(self) -> UUID:
        return self.item.member_id

    @property
    def reference(self) -> str:
        return self.reported.sent.reference


async def earn(programme: Programme, items: Sequence[GroupItem]) -> dict[str, Outcome]:
    """By key, the results of the bookings recorded together, as `bookings.earn` returns them.

    They have one caller and one instant, and no member, key or reference occurs twice. They are
    judged in this order. For the others nothing is changed.

    Raises: ConcurrentRequest, and the error of any failure: then none was recorded.
    """
    checked = [found for one in items if (found := _check(programme, one))]
    if not checked:
        return {}
    return await transact(partial(_earn, programme, checked))


def _check(programme: Programme, item: GroupItem) -> _Booking | None:
    request, sent = item.wanted.request, item.wanted.sent
    if (sent.redemption, sent.quote, sent.coupon) != (None, None, None):
        return None
    risk = programme.as_of(request.now).policy.risk
    if request.signals.told or risk.asked_of("earn", "booking"):
        return None
    try:
        check_identifier(request.key, (), idempotency.KEY_CHARACTERS_MAX)
        judged_by = programme.of_member(item.member_id, request.now)
        version, lines = bookings.check(judged_by, sent, request.now)
    except Refusal:
        return None
    reported = BookingReport(new_id(), request.caller.actor, sent, version)
    return _Booking(item, reported, lines)


async def _earn(programme: Programme, checked: Sequence[_Booking]) -> dict[str, Outcome]:
    """The order of locks is that of every booking: keys, references, accounts, budgets."""
    request = checked[0].request
    digests = {one.key: one.item.digest for one in checked}
    keys = await idempotency.claim_all(request.caller, bookings.OPERATION, digests, request.now)
    own = [one for one in checked if one.key in keys]
    taken = await lookups.insert_many(
        programme.id,
        LookupScope.BOOKING,
        {one.reference: (one.member_id, one.reported.id) for one in own},
    )
    loaded = await _load(programme, [one for one in own if one.reference in taken])
    met: list[Met] = []
    done = await _judge(programme, loaded, met)
    await accounts.close_all(loaded[key].account for key in done)
    await exposures.write(met)
    await idempotency.keep_all(request.caller, {key: one.figures for key, one in done.items()})
    await idempotency.release(request.caller, [key for key in keys if key not in done])
    known = {one.reference for one in own if one.key in done}
    left = [reference for reference in taken if reference not in known]
    await lookups.free(programme.id, LookupScope.BOOKING, left)
    return done


async def _load(programme: Programme, own: Sequence[_Booking]) -> dict[str, BookingCase]:
    """By key, the bookings whose accounts are free and that can cause nothing else."""
    if not own:
        return {}
    now = own[0].request.now
    opened = await accounts.open_free(programme, [one.member_id for one in own], now, lots=False)
    free = [one for one in own if one.member_id in opened]
    free = await _not_prepaid(programme, free, opened)
    await read_ahead_each(
        cases.queries(programme, one.member_id, one.reported, now) for one in free
    )
    judged_by = [(one.member_id, one.reported.version.policy) for one in free]
    await limits.read_rest_of_past(programme.id, judged_by, now)
    loaded = {}
    for one in free:
        account = opened[one.member_id]
        try:
            case = await cases.load(account, one.reported, one.lines, now)
        except Refusal:
            continue
        withheld = case.holder.status == MemberStatus.UNDER_REVIEW
        if not withheld and grant_evaluation.changes_nothing(account, case.fact, case.progress):
            loaded[one.key] = case
    return loaded


async def _not_prepaid(
    programme: Programme, free: Sequence[_Booking], opened: Mapping[UUID, Account]
) -> list[_Booking]:
    """Those that no partner's prepaid points fund at their accounts' instants."""
    known: dict[tuple[UUID, datetime], bool] = {}
    for one in free:
        version, now = one.reported.version, opened[one.member_id].now
        if (version.id, now) not in known:
            paid_by = await purses.of_rules(programme.id, version.policy, now)
            known[version.id, now] = bool(paid_by)
    return [one for one in free if not known[one.reported.version.id, opened[one.member_id].now]]


async def _judge(
    programme: Programme, loaded: dict[str, BookingCase], met: list[Met]
) -> dict[str, Outcome]:
    """Post each to its account, in order; returns by key those that cause only points. The variants
    that their members meet are added to `met`.
    """
    judged = {key: judging.judge(case.purchase, case.holder) for key, case in loaded.items()}
    draws = [
        draw
        for key, judgement in judged.items()
        for draw in judging.draws_of(loaded[key].purchase, judgement)
    ]
    counters = await budgets.lock(programme.id, draws)
    short = budgets.short(counters, draws)
    now = next(iter(loaded.values())).account.now if loaded else None
    kept = bool(short and now and await reservations.dead(programme.id, now, short))
    done = {}
    for key, case in loaded.items():
        before = dict(counters.used)
        posted = _post(case, judged[key], counters, kept=kept)
        if posted is None:
            counters.used = before
        else:
            done[key], judgement = posted
            met += cases.met(case, judgement)
    await budgets.write(programme.id, counters)
    return done


def _post(
    case: BookingCase, wanted: Judgement, counters: Counters, *, kept: bool
) -> tuple[Outcome, Judgement] | None:
    """Result of a judged booking; None where it must be recorded alone: it may cause more than
    points, or expired quotes have `kept` what it lacks.
    """
    judgement = wanted
    if case.purchase.budget_periods:
        draws = judging.draws_of(case.purchase, wanted)
        left = counters.draw(draws)
        if kept and any(draw.points > left[draw.rule] for draw in draws):
            return None
        judgement = judging.judge_within(case.purchase, case.holder, left)
    judgement = trials.judged(case.purchase, case.holder, judgement)
    decision = bookings.post_case(case, judgement)
    if not grant_evaluation.changes_nothing(case.account, case.fact, case.progress):
        return None
    figures = bookings.figures(decision.booking, ())
    return Outcome(figures, replayed=False, after=cases.after(case, decision)), judgement
