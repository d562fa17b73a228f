"""Amendments: a booking changed after it was paid, in one step.

Lines become dearer or cheaper, move to other dates, are added or dropped. The snapshot judges the
booking as it is now: additional points are credited, lost points are taken back as by a refund, and
pending points wait for the new dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from tortoise.models import Model

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings import amendment_rules as rules
from domain.bookings import (
    booking_coupons,
    booking_events,
    booking_keys,
    booking_state,
    exposing,
    referral_facts,
    reissues,
    reversals,
    screened,
    tier_counts,
)
from domain.bookings.amendment_rules import AmendmentCredit, AmendmentSent
from domain.bookings.booking_coupons import BookingEnd, CouponOwner
from domain.bookings.booking_state import BookingState, FactReport
from domain.bookings.overdue import overdue_at
from domain.bookings.reversals import LineRefund
from domain.earning import awards, budgets, limits, member_caps, purses, reservations
from domain.earning.staff_limits import Call, once_or_proposed
from domain.earning.values import Award, Evaluation
from domain.grants import given as granted
from domain.grants import grant_evaluation
from domain.grants.values import Fact
from domain.kernel import canonical
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier, check_occurred_at
from domain.kernel.refusals import ReferenceConflict
from domain.ledger.clawbacks import Clawback
from domain.ledger.journal import Journal
from domain.ledger.values import Cause
from domain.members import endings, statuses
from domain.members.statuses import NO_MORE
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.proposals import calls
from domain.proposals.proposals import Proposal
from domain.redemptions.granted import GIFTS
from domain.risk import reviewed, screening
from domain.risk.screening import Screening
from domain.risk.verdicts import Withheld
from domain.tiers import qualification, tiers
from domain.tiers.values import Credit, NewChange, Qualifying


@dataclass(frozen=True, slots=True)
class AmendmentDecision:
    """Effects of an amendment; they are posted to the journal, nothing is written yet.

    `whole` is what the amended booking would earn if nothing were refunded; with `waits`, its
    points wait for a decision by staff.
    """

    amended: BookingState
    lowered: Sequence[LineRefund]
    whole: Evaluation
    awards: Sequence[Award]
    taken: Clawback
    given: AmendmentCredit
    credits: Sequence[Credit]
    change: NewChange | None
    waits: bool


async def amend(
    request: Request, programme: Programme, booking: str, sent: AmendmentSent
) -> Outcome:
    """Record a booking's new lines and amounts, and credit or take back what they change.

    Figures: `points_awarded`, `points_clawed_back`, `points_owed`, `points_forgiven`,
    `points_reinstated`, `cash_change_minor` (signed), `grants` (ids), `member_id`, `booking_id`,
    and `under_review` if it is. The same reference of the same booking gets its first answer. If it
    gives more than a person of staff may give alone, it is proposed; figures: `proposal_id`.

    Raises: NotFound, InvalidInput, EventTooOld, EventInFuture, RefundExceedsBooking,
        ReferenceConflict, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(booking, ("booking",))
    check_identifier(sent.reference, ("reference",))

    perform = partial(_amend, request, programme, booking, sent, CouponOwner())

    async def proposed() -> dict[str, Any]:
        key = await booking_keys.find_or_refuse(request.caller, booking)
        return {"memberId": str(key.member_id), "booking": booking, **calls.told(sent)}

    call = Call("amendBooking", {"booking": booking, "sent": sent}, proposed)
    attempt = partial(once_or_proposed, request, programme, call, perform)
    return await reservations.retried(programme, request.now, attempt)


async def amend_proposed(request: Request, proposal: Proposal, sent: Mapping[str, Any]) -> None:
    """Perform a proposed amendment, in the transaction that approves it. Raises: as `amend`."""
    programme = await programmes.get(request.caller.programme)
    amendment = calls.read(AmendmentSent, sent)
    by = calls.by_proposer(request, proposal)
    await _amend(by, programme, sent["booking"], amendment, CouponOwner())


async def _amend(
    request: Request,
    programme: Programme,
    booking: str,
    sent: AmendmentSent,
    coupon_owner: CouponOwner,
) -> Figures | Replayed:
    key = await booking_keys.find_or_refuse(request.caller, booking)
    other = coupon_owner.member_id
    looked = await screening.look(request, programme, key.member_id, "earn", "booking")
    opened = accounts.opened_with(programme, key.member_id, other, request.now)
    async with opened as (account, owner):
        first = await models.Amendment.filter(
            member_id=key.member_id, booking_id=key.id, reference=sent.reference
        ).first()
        if first is not None:
            if first.content_hash != canonical.sha256(sent):
                raise ReferenceConflict(sent.reference, path=("reference",))
            account.abandon()
            owner.abandon()
            changed = await granted.changed_by(key.member_id, [first.id])
            waited = await reviewed.was_open(key.member_id, key.id, first.recorded_at)
            under_review = waited and first.points_awarded > 0
            return Replayed(_figures(first, changed, under_review=under_review))
        # checked only after the replay: a fact accepted once is answered again however old it is
        _check_age(account, sent)
        state = await booking_state.load(programme, key.member_id, key.id)
        report = FactReport(request.caller.actor, request.now)
        booking_state.check_after_booking(state, report, sent.amended_at, ("amendedAt",))
        cause = Cause(report.reporter, booking_id=key.id, amendment_id=state.next_change_id())
        decision = await _decide(account, state, sent, cause, looked)
        made = _record(account, state, sent, decision, cause)
        exposing.expose(account, decision.amended, booking_state.cash_left(decision.amended))
        left = any(line.left_minor for line in decision.amended.lines)
        if state.coupon is not None and not (made.coupon_minor and left):
            coupon_owner.know(owner, state.coupon)
            ending = BookingEnd(state.id, state.version.policy)
            await booking_coupons.give_back(account, owner, state.coupon, ending, cause)
        before, after = (
            referral_facts.of(state, lines) for lines in (state.lines, decision.amended.lines)
        )
        await referral_facts.follow(account, before, after)
        given = (decision.given.awarded, decision.awards)
        booking_events.amended(account, state, sent.reference, given, decision.taken)
        grants = await grant_evaluation.evaluate(account, Fact(made.id, made.amended_at), GIFTS)
    if made.points_awarded:
        await looked.keep(key.member_id, made.points_awarded, made.recorded_at)
    return _figures(made, grants, under_review=decision.waits)


def _check_age(account: Account, sent: AmendmentSent) -> None:
    if sent.amended_at is not None:
        oldest_days = account.version.policy.facts.oldest_days
        check_occurred_at(sent.amended_at, account.now, oldest_days, ("amendedAt",))


async def _decide(
    account: Account,
    state: BookingState,
    sent: AmendmentSent,
    cause: Cause,
    looked: Screening,
) -> AmendmentDecision:
    journal, lines = account.journal, rules.check(state, sent)
    lowered = rules.lowered(state, lines)
    granted = await limits.granted(
        await endings.family_of(account),
        state.version.policy,
        state.judged_at,
        journal.now,
        besides=state.id,
    )
    cap = await member_caps.left(account, state.version.policy, state.judged_at, besides=state.id)
    if account.ended or await statuses.of(state.member_id) in NO_MORE:
        had = sum(state.granted.values())
        cap = had if cap is None else min(cap, had)
    allowances = limits.allowances(state.version.policy, granted, state.judged_at, cap)
    if any(one.paid_before for one in state.allowances.values()):
        allowances = limits.without_once(state.version.policy, allowances)
    returned = {part.line.number: part for part in lowered}
    amended = rules.amend_state(state, sent, lines, returned, allowances)
    amended, taken_of_budgets = await _within_budgets(account, state, amended)
    expired = await reversals.expired_of(journal, state)
    before = reversals.evaluate(state, booking_state.cash_left(state))
    whole, left = rules.evaluate(amended)
    target = rules.at_most_by_rule(rules.entitled(whole, left), taken_of_budgets)
    given, losses = rules.balance(journal.now, state, amended, (before, left), sum(target.values()))
    await reversals.reinstate(journal, state, sum(part.points for part in lowered), cause)
    await reversals.bring_back(account, state, sum(losses.values()), expired, losses)
    taken = reversals.take(journal, state, sum(losses.values()), expired, losses, cause)
    given = rules.at_most(given, rules.still_due(state, sum(target.values()), taken))
    given = reissues.reissue(journal, state, amended, given, cause)
    if cause.amendment_id is not None:
        journal.cash[cause.amendment_id] = rules.cash(amended.lines)
    earned = (given.awarded, sum(target.values()))
    withheld = screened.amended(account, state, looked, cause, earned)
    _credit(journal, amended, given, cause, withheld)
    changed = rules.changed(state.granted, target)
    credit = Credit(
        state.member_id,
        state.booked_at,
        journal.now,
        rules.counted(state, amended, changed),
        booking_id=state.id,
    )
    counted = [credit, *tier_counts.counted(state, amended.lines, journal.now)]
    change = await _review(account, state, counted)
    waits = withheld is not None and withheld.until is None and given.awarded > 0
    return AmendmentDecision(amended, lowered, whole, changed, taken, given, counted, change, waits)


async def _within_budgets(
    account: Account, state: BookingState, amended: BookingState
) -> tuple[BookingState, dict[str, int]]:
    """Take the change of what rules grant from budgets; returns as `rules.within_budgets`."""
    policy, periods = state.version.policy, state.budget_periods
    changed = rules.changed(state.granted, rules.entitled(*rules.evaluate(amended)))
    paid_by = await purses.of_rules(account.programme.id, policy, account.now)
    draws = budgets.draws_of(policy, changed, periods, paid_by)
    left = await reservations.draw(account.programme.id, draws, account.now)
    return rules.within_budgets(state, amended, draws, left)


def _credit(
    journal: Journal,
    amended: BookingState,
    given: AmendmentCredit,
    cause: Cause,
    withheld: Withheld | None,
) -> None:
    policy = amended.version.policy
    overdue = {
        line.number: overdue_at(policy, amended.booked_at, line.travel_from, line.travel_to)
        for line in amended.lines
    }
    awards.credit_lots(journal, amended.version, given.by_lot, overdue, cause, withheld)


async def _review(
    account: Account, state: BookingState, counted: Sequence[Credit]
) -> NewChange | None:
    """Review the tier: it may rise at once, and fall as by a refund."""
    if all(credit.qualifying == Qualifying() for credit in counted):
        return None
    today, holding = account.version, account.holding
    sums = await tiers.sums(state.member_id, today.policy, counted[0].recorded_at)
    risen = qualification.review(today, holding, sums, *counted)
    if risen or state.version.policy.refunds.tier != "now":
        return risen
    return qualification.downgrade(today, holding, sums, *counted)


def _record(
    account: Account,
    state: BookingState,
    sent: AmendmentSent,
    decision: AmendmentDecision,
    cause: Cause,
) -> models.Amendment:
    made = _row(account.now, state, sent, decision, cause)
    awarded = awards.to_rows(
        state.member_id,
        decision.awards,
        state.judged_at,
        booking_id=state.id,
        amendment_id=made.id,
        budget_periods=state.budget_periods,
    )
    account.record(made, *_line_rows(state, decision, made), *awarded)
    account.count(decision.credits, decision.change)
    return made


def _row(
    now: datetime,
    state: BookingState,
    sent: AmendmentSent,
    decision: AmendmentDecision,
    cause: Cause,
) -> models.Amendment:
    amended, taken, given = decision.amended, decision.taken, decision.given
    return models.Amendment(
        member_id=state.member_id,
        id=cause.amendment_id,
        booking_id=state.id,
        version=state.amendments + 1,
        reference=sent.reference,
        reporter=cause.actor,
        amended_at=sent.amended_at or now,
        recorded_at=now,
        total_minor=rules.total(amended.lines),
        cash_minor=rules.cash(amended.lines),
        cash_change_minor=rules.cash(amended.lines) - rules.cash(state.lines),
        points=decision.whole.points,
        points_awarded=given.awarded,
        points_reissued=given.reissued,
        points_clawed_back=taken.clawed_back,
        points_owed=taken.owed,
        points_forgiven=taken.forgiven,
        points_expired=taken.expired,
        points_reinstated=sum(part.points for part in decision.lowered),
        awarded=[[award.rule, award.points] for award in decision.whole.awards],
        allowances=amended.snapshot["allowances"],
        explanation=awards.to_json(decision.whole.explanation),
        content_hash=canonical.sha256(sent),
        coupon_minor=sum(line.coupon_minor for line in amended.lines),
    )


def _line_rows(
    state: BookingState, decision: AmendmentDecision, made: models.Amendment
) -> list[Model]:
    """Rows of a new line as reported, and of every line as it is now."""
    points = decision.whole.line_points
    returned = {part.line.number: part.points for part in decision.lowered}
    known = {line.number for line in state.lines}
    of_booking = {"member_id": made.member_id, "amendment_id": made.id, "booking_id": state.id}
    terms = {
        line.number: {
            "product": line.product,
            "amount_minor": line.amount_minor,
            "cash_minor": line.cash_minor,
            "coupon_minor": line.coupon_minor,
            "travel_from": line.travel_from,
            "travel_to": line.travel_to,
            "attributes": dict(line.attributes),
            "points": points[line.number],
        }
        for line in decision.amended.lines
    }
    new = [
        models.BookingLine(id=new_id(), number=number, **of_booking, **line)
        for number, line in terms.items()
        if number not in known
    ]
    amended = [
        models.AmendmentLine(
            id=new_id(),
            line_number=number,
            version=made.version,
            points_returned=returned.get(number, 0),
            **of_booking,
            **line,
        )
        for number, line in terms.items()
    ]
    return [*new, *amended]


def _figures(made: models.Amendment, grants: list[str], *, under_review: bool) -> Figures:
    said: Figures = {
        "member_id": str(made.member_id),
        "booking_id": str(made.booking_id),
        "points_awarded": made.points_awarded,
        "points_clawed_back": made.points_clawed_back,
        "points_owed": made.points_owed,
        "points_forgiven": made.points_forgiven,
        "points_reinstated": made.points_reinstated,
        "cash_change_minor": made.cash_change_minor,
        "grants": grants,
    }
    return {**said, "under_review": True} if under_review else said
