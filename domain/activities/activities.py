"""Activities: what members do other than booking, and its points."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.activities import activity_reads, attempts, contents, numbers, paying
from domain.activities.contents import ActivitySent
from domain.activities.paying import Paid, Report
from domain.activities.refusals import ReporterNotAllowed
from domain.earning import (
    awards,
    budgets,
    clipping,
    earning,
    judging,
    matching,
    reservations,
)
from domain.earning.staff_limits import Call, once_or_proposed
from domain.earning.values import Award, Reason
from domain.experiments import exposures, trials
from domain.grants import given, grant_evaluation
from domain.grants.values import Fact
from domain.kernel import canonical, dates, lookups
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.database import Row
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request
from domain.kernel.ids import new_id
from domain.kernel.inputs import (
    check_identifier,
    check_object,
    check_occurred_at,
    check_own,
)
from domain.kernel.lookups import LookupScope, look_up
from domain.kernel.private_texts import without_undeclared
from domain.kernel.refusals import InvalidInput, ReferenceConflict
from domain.ledger import ledger
from domain.ledger.opening import Ahead
from domain.ledger.values import Cause
from domain.members import endings, returning, statuses
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import LimitReached
from domain.members.statuses import Membership, MemberStatus, check_recorded
from domain.programmes import programmes
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.rules import ALWAYS, ActivityRule
from domain.proposals import calls
from domain.proposals.proposals import Proposal
from domain.redemptions.granted import GIFTS
from domain.risk import reviewed, screening
from domain.risk.screening import Screening
from domain.risk.verdicts import Withheld
from domain.tiers import qualification, tiers
from domain.tiers.values import Credit, Qualifying

TYPE_CHARACTERS_MAX = 64
UNMATCHED = ("not_matching", "condition_error", "long_before_joining", "suspended")
"""Reason of no points: the activity does not match its rule."""
DENIED = "denied"
"""Reason of no points: the activity looks like fraud."""
OWN_REPORTS_A_DAY_MAX = 100
"""Most own reports of one type, by one member, on one local day, where the policy has no limit."""


async def earn(
    request: Request, programme: Programme, member: MemberKey, sent: ActivitySent
) -> Outcome:
    """Record an activity and credit its points; over its limit it has none.

    Of those over their limit only the first of a day is stored, with the number of all of that day.
    Without a limit a member may report `OWN_REPORTS_A_DAY_MAX` a day of one type.

    Figures: `member_id`, `activity_id`, `points_awarded`, `grants` (ids). A repetition with the
    same reporter, type, reference and content returns the first answer, if it was stored. More
    points than a person of staff may give alone are proposed; figures: `proposal_id`.

    Raises: NotFound, InvalidInput, EventTooOld, EventInFuture, ReporterNotAllowed,
        MemberNotEnrolled, MemberSuspended, LimitReached, ReferenceConflict,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(sent.reference, ("reference",))
    check_identifier(sent.type, ("type",), TYPE_CHARACTERS_MAX)
    check_object(sent.attributes or {}, ("attributes",))
    perform = partial(_earn, request, programme, member, sent)
    named = {"member": member, "activity": sent}

    async def proposed() -> dict[str, Any]:
        member_id = await find_or_refuse(programme.id, member)
        return {"memberId": str(member_id), **calls.told(sent)}

    call = Call("earnForActivity", named, proposed)
    attempt = partial(once_or_proposed, request, programme, call, perform)
    return await reservations.retried(programme, request.now, attempt)


async def earn_proposed(request: Request, proposal: Proposal, sent: Mapping[str, Any]) -> None:
    """Record the proposed activity, in the proposer's name, in the transaction that decides it.

    Raises: as `earn`.
    """
    programme = await programmes.get(request.caller.programme)
    member, activity = MemberKey.of_id(UUID(sent["memberId"])), calls.read(ActivitySent, sent)
    await _earn(calls.by_proposer(request, proposal), programme, member, activity)


async def _earn(
    request: Request, programme: Programme, member: MemberKey, sent: ActivitySent
) -> Figures | Replayed:
    member_id, activity_id = await find_or_refuse(programme.id, member), new_id()
    named = f"{request.caller.actor}:{sent.type}:{sent.reference}"
    known = await look_up(programme.id, LookupScope.ACTIVITY, named, member_id, activity_id)
    if known is not None:
        return await _replay(programme, known, member_id, sent)
    # checked only after the replay: a fact accepted once is answered again however old it is
    programme = programme.of_member(member_id, request.now)
    report = _check(request, programme, sent, activity_id)
    looked = await screening.look(request, programme, member_id, "earn", "activity")
    async with accounts.opened(programme, member_id, request.now, Ahead(lots=False)) as account:
        figures = await _record(account, report, looked)
    await looked.keep(member_id, figures["points_awarded"], account.now)
    if figures["activity_id"] != str(activity_id):
        await lookups.free(programme.id, LookupScope.ACTIVITY, [named])
    return figures


def check(request: Request, programme: Programme, sent: ActivitySent) -> None:
    """Check that the rules in force when it occurred accept it from this caller.

    Raises: EventTooOld, EventInFuture, InvalidInput, ReporterNotAllowed.
    """
    check_object(sent.attributes or {}, ("attributes",))
    _check(request, programme, sent, new_id())


def _check(request: Request, programme: Programme, sent: ActivitySent, activity_id: UUID) -> Report:
    """The activity by the rules in force when it occurred.

    Raises: EventTooOld, EventInFuture, InvalidInput, ReporterNotAllowed.
    """
    occurred_at, own = sent.occurred_at or request.now, request.caller.kind is CallerKind.MEMBER
    version = programme.as_of(occurred_at)
    check_occurred_at(occurred_at, request.now, version.policy.facts.oldest_days, ("occurredAt",))
    check_own(request.caller, occurred_at, request.now, ("occurredAt",))
    rule = _check_type(version.policy, sent.type, request.caller)
    attributes = dict(sent.attributes or {})
    paid_by = numbers.check(version.policy, rule, attributes)
    current, reporter = programme.as_of(request.now), request.caller.actor
    return Report(activity_id, reporter, version, current, rule, sent, attributes, paid_by, own)


def _check_type(policy: Policy, code: str, caller: Caller) -> ActivityRule:
    rule = policy.activity_types.get(code)
    if rule is None:
        known = tuple(policy.activity_types)
        raise InvalidInput("unknown_activity", code[:64], known, path=("type",))
    if caller.kind not in rule.reporters:
        raise ReporterNotAllowed(code, caller.kind, tuple(rule.reporters), path=("type",))
    return rule


async def _record(account: Account, report: Report, looked: Screening) -> Figures:
    version, rule, sent = report.version, report.rule, report.sent
    member_id, occurred_at = account.member_id, sent.occurred_at or account.now
    membership = await statuses.membership(member_id)
    check_recorded(membership.status)
    whose = await endings.family_of(account)
    if report.own and rule.limit is None:
        await _check_own_reports(account, report, whose)
    counted_at = account.now if rule.counts_when_recorded else occurred_at
    left = await activity_reads.times_left(whose, rule, counted_at, version.policy)
    unpaid = await _why_unpaid(account, report, membership, left)
    if unpaid is not None and _is_kept_once(report, unpaid):
        kept = await activity_reads.kept_unpaid(account, rule, unpaid.code)
        if kept is not None:
            await attempts.count(account, kept)
            return _figures(member_id, kept, 0)
    periods = budgets.periods(version.policy, occurred_at)
    if unpaid is not None and unpaid.code != "limit_reached":
        paid, left = Paid(0, (unpaid,)), 0
    else:
        paid = await paying.pay(account, report, left, periods, looked)
    points, met = paid.points, exposures.of(member_id, paid.met, occurred_at)
    account.record(*exposures.to_rows(met))
    if paid.verdict.decision == "deny":
        left, kept = 0, await activity_reads.kept_unpaid(account, rule, DENIED)
        if kept is not None:
            # the rules that fired are recorded even if the activity is not
            screening.add_decisions(account, looked, paid.verdict, (None, None), paid.screened)
            await attempts.count(account, kept)
            return _figures(member_id, kept, 0)
    waits = screening.record(account, looked, paid.verdict, report.id, paid.screened)
    if points and membership.status == MemberStatus.UNDER_REVIEW:
        waits = Withheld(None)
    cause = Cause(report.reporter, activity_id=report.id)
    awards.credit(
        account.journal,
        version,
        points,
        cause,
        rule=version.policy.own_terms(rule.code),
        withheld=waits,
    )
    activity = _row(account, report, points, paid.explanation)
    activity.within_limit = left is None or left > 0
    granted = [Award(rule.code, points)] if points else []
    rows = awards.to_rows(
        member_id, granted, occurred_at, activity_id=report.id, budget_periods=periods
    )
    account.record(activity, *rows)
    trial = trials.to_rows(account, paid.tried, points, occurred_at, activity_id=report.id)
    account.record(*trial)
    await _count(account, report, occurred_at, points)
    awards.notify(account, granted, report.reporter, points, activity_id=report.id)
    grants = await grant_evaluation.evaluate(account, Fact(report.id, occurred_at), GIFTS)
    figures = _figures(member_id, report.id, points, grants)
    return {**figures, "under_review": True} if waits and waits.until is None else figures


async def _why_unpaid(
    account: Account, report: Report, membership: Membership, left: int | None
) -> Reason | None:
    """Reason of no points and no use of its limit; None if it has points."""
    rule, policy, joined_at = report.rule, report.version.policy, membership.joined_at
    occurred_at = report.sent.occurred_at or account.now
    if membership.status is MemberStatus.SUSPENDED:
        return Reason("suspended", {}, 0)
    if report.own and occurred_at < joined_at:
        return Reason("before_joining", {"rule": rule.code}, 0)
    days = dates.days_between(joined_at, occurred_at, policy.zone)
    if policy.facts.too_early(days):
        return earning.before_joining(policy)
    if rule.valid != ALWAYS or rule.when.asks_anything:
        day = dates.local_date(occurred_at, policy.zone)
        facts = await judging.facts_asked(account, policy, rule.when, occurred_at)
        attributes = report.sent.attributes
        if unmatched := matching.why_not(policy, rule, facts, day, attributes):
            return unmatched
    return await _used_up(account, rule, left)


async def _used_up(account: Account, rule: ActivityRule, left: int | None) -> Reason | None:
    """Reason of an exhausted limit: used up by this member, or by an erased one."""
    if left is not None and left <= 0:
        return earning.over_limit(rule)
    if rule.limit is None or rule.limit.per != "member":
        return None
    known = await returning.was_erased(account.programme.id, account.member_id, account.now)
    return clipping.paid_before(rule.code) if known else None


def _is_kept_once(report: Report, unpaid: Reason) -> bool:
    """Whether only one such report a day is stored, so that nobody can fill the table with them."""
    return report.own or unpaid.code not in UNMATCHED


async def _check_own_reports(account: Account, report: Report, whose: Sequence[UUID]) -> None:
    """Check the number of a member's own reports of the day, where the policy has no limit. Raises:
    LimitReached.
    """
    reported, ends = await activity_reads.own_reports(account, report.rule, whose)
    if reported >= OWN_REPORTS_A_DAY_MAX:
        raise LimitReached(OWN_REPORTS_A_DAY_MAX, ends, path=("type",))


async def _count(account: Account, report: Report, occurred_at: datetime, points: int) -> None:
    credit = Credit(
        account.member_id,
        occurred_at,
        account.now,
        Qualifying(points=points),
        activity_id=report.id,
    )
    counted = await tiers.sums(account.member_id, report.current.policy, account.now)
    account.count([credit], qualification.review(report.current, account.holding, counted, credit))


def _row(
    account: Account, report: Report, points: int, explanation: Iterable[Reason]
) -> models.Activity:
    sent = report.sent
    return models.Activity(
        member_id=account.member_id,
        id=report.id,
        programme_id=account.programme.id,
        type=sent.type,
        reference=sent.reference,
        reporter=report.reporter,
        occurred_at=sent.occurred_at or account.now,
        recorded_at=account.now,
        attributes=without_undeclared(report.attributes, contents.declared(report.rule)),
        points=points,
        policy_version_id=report.version.id,
        explanation=awards.to_json(explanation),
        content_hash=contents.digest(report.rule, sent),
    )


async def _replay(
    programme: Programme, known: Row, member_id: UUID, sent: ActivitySent
) -> Replayed:
    first = await models.Activity.filter(member_id=known["member_id"], id=known["row_id"]).first()
    if first is None or member_id not in (first.member_id, await ledger.became(first.member_id)):
        raise ReferenceConflict(sent.reference, path=("reference",))
    rule = programme.version(first.policy_version_id).policy.activity_types.get(first.type)
    # reports recorded before undeclared attributes were left out are compared completely
    if first.content_hash not in (contents.digest(rule, sent), canonical.sha256(sent)):
        raise ReferenceConflict(sent.reference, path=("reference",))
    member_id = first.member_id
    grants = await given.changed_by(member_id, [first.id])
    figures = _figures(member_id, first.id, first.points, grants)
    waited = await reviewed.was_reviewed(member_id, first.id, first.recorded_at)
    return Replayed({**figures, "under_review": True} if waited and first.points else figures)


def _figures(
    member_id: UUID, activity_id: UUID, points: int, grants: Sequence[str] = ()
) -> Figures:
    return {
        "member_id": str(member_id),
        "activity_id": str(activity_id),
        "points_awarded": points,
        "grants": list(grants),
    }
