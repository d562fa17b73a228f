"""Refunds: a booking keeps what it would have earned without the refunded part; the rest is taken
back.

The snapshot's evaluation is run again on what is left, so the order of partial refunds does not
matter, a full refund takes everything, and thresholds are judged anew. Points that paid for the
booking go back to the lots that they came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings import (
    afterwards,
    booking_coupons,
    booking_events,
    booking_keys,
    booking_reads,
    booking_state,
    exposing,
    referral_facts,
    refund_rules,
    reversals,
    tier_counts,
)
from domain.bookings.booking_coupons import BookingEnd, CouponOwner
from domain.bookings.booking_keys import APART, BookingKey, ParkedFact
from domain.bookings.booking_state import BookingState, FactReport
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.bookings.reversals import LineRefund
from domain.earning import awards
from domain.earning.values import Award
from domain.grants import given, grant_evaluation
from domain.grants.values import Fact
from domain.kernel import canonical, money
from domain.kernel.callers import Caller
from domain.kernel.idempotency import Done, Figures, Outcome, Replayed, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier, check_occurred_at
from domain.kernel.queries import Query, ask_one, query
from domain.kernel.refusals import ReferenceConflict
from domain.ledger import entries
from domain.ledger.clawbacks import Clawback
from domain.ledger.opening import Ahead
from domain.ledger.values import Cause
from domain.members import members
from domain.members.members import Member
from domain.programmes.programmes import Programme
from domain.redemptions.granted import GIFTS
from domain.tiers import qualification, tiers, values
from domain.tiers.values import Credit, Holding, NewChange

PARKED_KIND = "refund"


@dataclass(frozen=True, slots=True)
class RefundDecision:
    """Effects of a refund; they are posted to the journal, nothing is written yet.

    `holding` is the member's tier after it.
    """

    lines: list[LineRefund]
    taken: Clawback
    reversed: list[Award]
    reinstated: int
    expired_on_return: int
    credits: list[Credit]
    change: NewChange | None
    holding: Holding

    @property
    def cash_minor(self) -> int:
        return sum(part.cash_minor for part in self.lines)


async def refund(request: Request, programme: Programme, booking: str, sent: RefundSent) -> Outcome:
    """Record a refund, take back points that are no longer earned, reinstate points that paid.

    Figures: `points_clawed_back`, `points_owed`, `points_forgiven`, `points_reinstated`,
    `cash_minor` (minor units), `grants` (ids), and `member_id`, `booking_id`, or `parked` where the
    booking has not been reported yet. The same reference of the same booking gets its first answer.

    Raises: NotFound for another partner's booking, InvalidInput, EventTooOld, EventInFuture,
        RefundExceedsBooking, ReferenceConflict, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(booking, ("booking",))
    check_identifier(sent.reference, ("reference",))

    perform = partial(_refund, request, programme, booking, sent, CouponOwner())
    return await once(request, "refundBooking", {"booking": booking, "sent": sent}, perform)


async def _refund(
    request: Request, programme: Programme, booking: str, sent: RefundSent, owner: CouponOwner
) -> Figures | Replayed | Done:
    key = await booking_keys.find_or_expect(request.caller, booking)
    if key is not None:
        key = replace(key, coupon_owner=owner)
        report = FactReport(request.caller.actor, request.now)
        return await record(programme, key, sent, report)
    _check(programme, sent, request.now)
    fact = _to_parked(sent, request)
    waiting = await booking_keys.park(programme.id, booking, fact, _apart(fact))
    figures = {**_NOTHING, "parked": True}
    if waiting is None:
        return figures
    if waiting.sent["content"] != fact.sent["content"]:
        raise ReferenceConflict(sent.reference, path=("reference",))
    return Replayed(figures)


async def preview(
    caller: Caller, programme: Programme, booking: str, sent: RefundSent, now: datetime
) -> tuple[BookingKey, RefundDecision]:
    """Effects that this refund would have now, by the refund's own decision; nothing is written.

    Raises: NotFound, InvalidInput, RefundExceedsBooking.
    """
    key = await booking_keys.find_or_refuse(caller, booking)
    account = await accounts.foresee(programme, key.member_id, now)
    state = await booking_state.load(programme, key.member_id, key.id)
    report = FactReport("preview", now)
    booking_state.check_after_booking(state, report, sent.refunded_at, ("refundedAt",))
    return key, await _decide(account, state, sent, Cause(report.reporter, booking_id=key.id))


def standing_after(member: Member, decision: RefundDecision) -> Member:
    """The member's tier after the refund, and what counts towards it."""
    counted = values.Sum(member.window, member.qualifying).plus(*decision.credits)
    return replace(member, qualifying=counted.qualifying, holding=decision.holding)


async def record(
    programme: Programme, key: BookingKey, sent: RefundSent, report: FactReport
) -> Done | Replayed:
    """Refund a reported booking; inside a transaction.

    Raises: InvalidInput, EventTooOld, EventInFuture, RefundExceedsBooking, ReferenceConflict.
    """
    ahead = Ahead(_queries(programme, key, sent, report.now))
    other = key.coupon_owner.member_id
    opened = accounts.opened_with(programme, key.member_id, other, report.now, ahead)
    async with opened as (account, owner):
        first = await ask_one(_query_of_first(key, sent))
        if first is not None:
            if first["content_hash"] != canonical.sha256(sent):
                raise ReferenceConflict(sent.reference, path=("reference",))
            account.abandon()
            owner.abandon()
            changed = await given.changed_by(key.member_id, [first["id"]])
            return Replayed(_figures(models.Refund(**first), changed))
        # checked only after the replay: a fact accepted once is answered again however old it is
        _check(programme, sent, account.now)
        found = await members.under_lock(account, report.now)
        shown = (await booking_reads.many(programme.id, [(key.member_id, key.id)]))[key.id]
        state = await booking_state.load(programme, key.member_id, key.id)
        booking_state.check_after_booking(state, report, sent.refunded_at, ("refundedAt",))
        cause = Cause(report.reporter, booking_id=key.id, refund_id=state.next_change_id())
        decision = await _decide(account, state, sent, cause)
        made = await write(account, state, sent, decision, cause)
        exposing.expose(account, state, refund_rules.left_after(state, decision.lines))
        if state.coupon is not None and refund_rules.leaves_nothing(state, decision.lines):
            key.coupon_owner.know(owner, state.coupon)
            ending = BookingEnd(state.id, state.version.policy, sent.supplier_cancelled)
            await booking_coupons.give_back(account, owner, state.coupon, ending, cause)
        gross = {part.line.number: part.gross_minor for part in decision.lines}
        left = tier_counts.refunded(state.lines, gross)
        before, after = (referral_facts.of(state, lines) for lines in (state.lines, left))
        await referral_facts.follow(account, before, after)
        gross_minor = sum(part.gross_minor for part in decision.lines)
        booking_events.refunded(account, state, made, gross_minor, decision.taken)
        grants = await grant_evaluation.evaluate(account, Fact(made.id, made.refunded_at), GIFTS)
    lost = sum(award.points for award in decision.reversed)
    stands = afterwards.of_refunded(account, found, shown, gross_minor, lost)
    return Done(_figures(made, grants), stands)


def _queries(programme: Programme, key: BookingKey, sent: RefundSent, now: datetime) -> list[Query]:
    """Queries under the lock that are known in advance."""
    fact = Fact(new_id(), sent.happened_at(now))
    return [
        _query_of_first(key, sent),
        *booking_state.queries(programme, key.member_id, key.id),
        entries.query_of_expired(key.member_id, key.id),
        *tiers.queries(key.member_id, programme.as_of(now).policy, now),
        *grant_evaluation.queries(programme, key.member_id, fact),
        *referral_facts.queries(programme, key.member_id),
        members.query_under_lock(programme, key.member_id, now),
        booking_reads.query_of(programme.id, [(key.member_id, key.id)]),
    ]


def _query_of_first(key: BookingKey, sent: RefundSent) -> Query:
    """Query for the booking's refund with this reference."""
    columns = tuple(models.Refund._meta.fields_map)
    return query(
        columns,
        f"SELECT {', '.join(columns)} FROM refund "
        "WHERE member_id = $1 AND booking_id = $2 AND reference = $3",
        key.member_id,
        key.id,
        sent.reference,
    )


def _check(programme: Programme, sent: RefundSent, now: datetime) -> None:
    policy = programme.as_of(now).policy
    if sent.refunded_at is not None:
        check_occurred_at(sent.refunded_at, now, policy.facts.oldest_days, ("refundedAt",))
    for index, part in enumerate(sent.lines or ()):
        path = ("lines", str(index), "amount")
        money.to_minor_units(part.amount, policy.currency, path=path)


async def apply_parked(
    programme: Programme, key: BookingKey, fact: ParkedFact, now: datetime
) -> Figures:
    """Apply a refund that waited for its booking.

    Raises: what `record` raises.
    """
    content = fact.sent["content"]
    lines, said = content["lines"], content["refunded_at"]
    if lines is not None:
        lines = tuple(RefundLineSent(line, Decimal(amount)) for line, amount in lines)
    refunded_at, came_at = said and datetime.fromisoformat(said), None
    if refunded_at is None:
        state = await booking_state.load(programme, key.member_id, key.id)
        came_at = fact.came_after(state.booked_at, now)
    sent = RefundSent(fact.reference, lines, refunded_at, content["supplier_cancelled"], came_at)
    done = await record(programme, key, sent, FactReport(fact.reporter, now, waited=True))
    return done.figures


def _to_parked(sent: RefundSent, request: Request) -> ParkedFact:
    refunded_at = sent.refunded_at and sent.refunded_at.astimezone(UTC).isoformat()
    lines = [[part.line, str(part.amount.normalize())] for part in sent.lines or ()]
    content: dict[str, Any] = {
        "lines": None if sent.lines is None else lines,
        "refunded_at": refunded_at,
        "supplier_cancelled": sent.supplier_cancelled,
    }
    stored = {"content": content}
    return ParkedFact(PARKED_KIND, sent.reference, stored, request.caller.actor, request.now)


def _apart(fact: ParkedFact) -> ParkedFact:
    """The same when another reporter's refund has this reference.

    A server of the previous release reads `content` only, and would record the refund under a
    reference that its reporter does not know; so `content` names a line that no booking has, and
    that server refuses it visibly.
    """
    meant = {"reference": fact.reference, "sent": fact.sent}
    refused = {**fact.sent["content"], "lines": [[0, "0"]]}
    reference = booking_keys.reference_apart(fact)
    return replace(fact, reference=reference, sent={"content": refused, APART: meant})


async def _decide(
    account: Account, state: BookingState, sent: RefundSent, cause: Cause
) -> RefundDecision:
    journal = account.journal
    parts = refund_rules.split(state, sent)
    weighed = refund_rules.weigh(state, parts)
    expired = await reversals.expired_of(journal, state)
    reinstated = sum(part.points for part in parts)
    expired_on_return = await reversals.reinstate(
        journal, state, reinstated, cause, supplier_cancelled=sent.supplier_cancelled
    )
    await reversals.bring_back(account, state, weighed.due, expired, weighed.losses)
    taken = reversals.take(journal, state, weighed.due, expired, weighed.losses, cause)
    credit = Credit(
        state.member_id,
        state.booked_at,
        journal.now,
        refund_rules.counted(state, parts, weighed.lost),
        booking_id=state.id,
    )
    gross = {part.line.number: part.gross_minor for part in parts}
    lines = tier_counts.refunded(state.lines, gross)
    made = [credit, *tier_counts.counted(state, lines, journal.now)]
    change = await review_tier(account, state, made)
    return RefundDecision(
        parts,
        taken,
        weighed.lost,
        reinstated,
        expired_on_return,
        made,
        change,
        change.holding if change else account.holding,
    )


async def review_tier(
    account: Account, state: BookingState, counted: Sequence[Credit]
) -> NewChange | None:
    """Review the tier after it; without its open line, the rest of the booking may be complete."""
    at_once, completes = state.version.policy.refunds.tier == "now", len(counted) > 1
    if not (at_once or completes):
        return None
    today, holding = account.version, account.holding
    sums = await tiers.sums(state.member_id, today.policy, counted[0].recorded_at)
    change = qualification.review(today, holding, sums, *counted) if completes else None
    if change is None and at_once:
        change = qualification.downgrade(today, holding, sums, *counted)
    return change


async def write(
    account: Account, state: BookingState, sent: RefundSent, decision: RefundDecision, cause: Cause
) -> models.Refund:
    """Add a decided refund to the account, and return to budgets what it took back."""
    made = _row(account.now, state, sent, decision, cause)
    returned = [Award(award.rule, -award.points) for award in decision.reversed]
    awarded = awards.to_rows(
        state.member_id,
        returned,
        state.judged_at,
        booking_id=state.id,
        refund_id=made.id,
        budget_periods=state.budget_periods,
    )
    account.record(made, *_line_rows(made, decision.lines), *awarded)
    await reversals.give_back(account, state, returned)
    account.count(decision.credits, decision.change)
    return made


def _line_rows(made: models.Refund, parts: Sequence[LineRefund]) -> list[models.RefundLine]:
    return [
        models.RefundLine(
            member_id=made.member_id,
            id=new_id(),
            refund_id=made.id,
            booking_id=made.booking_id,
            line_number=part.line.number,
            gross_minor=part.gross_minor,
            cash_minor=part.cash_minor,
            points=part.points,
            coupon_minor=part.coupon_minor,
        )
        for part in parts
    ]


def _row(
    now: datetime, state: BookingState, sent: RefundSent, decision: RefundDecision, cause: Cause
) -> models.Refund:
    return models.Refund(
        member_id=state.member_id,
        id=cause.refund_id,
        booking_id=state.id,
        reference=sent.reference,
        reporter=cause.actor,
        refunded_at=sent.happened_at(now),
        recorded_at=now,
        supplier_cancelled=sent.supplier_cancelled,
        points_clawed_back=decision.taken.clawed_back,
        points_owed=decision.taken.owed,
        points_forgiven=decision.taken.forgiven,
        points_expired=decision.taken.expired,
        points_reinstated=decision.reinstated,
        cash_minor=decision.cash_minor,
        content_hash=canonical.sha256(sent),
        counted_out=not state.keeps_counting,
    )


_NOTHING: Figures = {
    "points_clawed_back": 0,
    "points_owed": 0,
    "points_forgiven": 0,
    "points_reinstated": 0,
    "cash_minor": 0,
    "grants": [],
}


def _figures(made: models.Refund, grants: list[str]) -> Figures:
    return {
        "member_id": str(made.member_id),
        "booking_id": str(made.booking_id),
        "points_clawed_back": made.points_clawed_back,
        "points_owed": made.points_owed,
        "points_forgiven": made.points_forgiven,
        "points_reinstated": made.points_reinstated,
        "cash_minor": made.cash_minor,
        "parked": False,
        "grants": grants,
    }
