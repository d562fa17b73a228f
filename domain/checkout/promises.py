"""Promises of guaranteed quotes, and whether a booking is the one for which a quote was given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from domain.checkout import coupon_terms
from domain.checkout.booking_lines import LineSent
from domain.checkout.refusals import QuoteMismatch
from domain.earning import discounts, snapshots
from domain.earning.lot_keys import LotKey
from domain.earning.snapshots import Snapshot
from domain.earning.values import Award, Evaluation, Line, Reason
from domain.kernel.inputs import AHEAD_MAX
from domain.kernel.money import to_amount
from domain.kernel.refusals import Instant
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version

SHOWN_CHARACTERS_MAX = 200
"""Characters of a difference that are shown."""


class QuoteStatus(StrEnum):
    OPEN = "OPEN"
    USED = "USED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class PromisedLine:
    """A line as quoted, in minor units; `pending` of its `points` wait for its completion.

    `own` are the points whose expiry or funder is not the programme's, by the rule with their
    terms: those spendable at once, and those that wait.
    """

    number: int
    product: str
    amount_minor: int
    cash_minor: int
    travel_from: str | None
    travel_to: str | None
    attributes: dict[str, Any]
    points: int
    pending: int
    own: dict[str, tuple[int, int]] = field(default_factory=dict)
    coupon_minor: int = 0

    @property
    def by_lot(self) -> dict[LotKey, int]:
        """Its points by their terms."""
        found = {
            LotKey(rule, self.number, waits): points
            for rule, parts in self.own.items()
            for waits, points in zip((False, True), parts, strict=True)
        }
        waiting = sum(points for key, points in found.items() if key.waits)
        rest = self.points - self.pending - (sum(found.values()) - waiting)
        found[LotKey(None, self.number)] = rest
        found[LotKey(None, self.number, True)] = self.pending - waiting
        return {key: points for key, points in found.items() if points}


@dataclass(frozen=True, slots=True)
class Promise:
    """A guaranteed quote. `booked_at` is the instant of its judgement, `actor` the caller that got
    it, `coupon_id` the coupon that it assumes.
    """

    member_id: UUID
    id: UUID
    status: QuoteStatus
    points: int
    booked_at: datetime
    payment_method: str | None
    policy_version_id: UUID
    lines: tuple[PromisedLine, ...]
    awards: tuple[Award, ...]
    snapshot: Snapshot
    explanation: tuple[Reason, ...]
    actor: str
    expires_at: datetime
    coupon_id: UUID | None = None

    @property
    def evaluation(self) -> Evaluation:
        return Evaluation(
            self.points,
            self.awards,
            {line.number: line.points for line in self.lines},
            self.explanation,
            {key: points for line in self.lines for key, points in line.by_lot.items()},
        )

    def version(self, programme: Programme) -> Version:
        """The version that judged it, by the variants of its snapshot."""
        found = programme.version(self.policy_version_id)
        return found.under(snapshots.choices(self.snapshot))

    def discounts(self, policy: Policy) -> dict[int, int]:
        """The discount on each line by the tier of its judgement, as `discounts.on_lines`."""
        lines = [
            Line(
                line.number,
                line.product,
                line.amount_minor,
                line.attributes,
                travel_from=date.fromisoformat(line.travel_from) if line.travel_from else None,
            )
            for line in self.lines
        ]
        return discounts.on_lines(policy, self.snapshot["tier"], lines)

    def as_of(self, now: datetime) -> "Promise":
        """The promise at `now`: it expires whether or not that was written."""
        if self.status is not QuoteStatus.OPEN or now < self.expires_at:
            return self
        return replace(self, status=QuoteStatus.EXPIRED)


def to_promised(
    lines: Sequence[Line], sent: Sequence[LineSent], evaluation: Evaluation
) -> tuple[PromisedLine, ...]:
    """The quoted lines, each with its points."""
    return tuple(
        PromisedLine(
            line.number,
            line.product,
            line.amount_minor,
            line.cash_minor,
            _day(reported.travel_from),
            _day(reported.travel_to),
            dict(line.attributes),
            evaluation.line_points[line.number],
            evaluation.line_pending.get(line.number, 0),
            _own(evaluation, line.number),
            line.coupon_minor,
        )
        for line, reported in zip(lines, sent, strict=True)
    )


def _own(evaluation: Evaluation, number: int) -> dict[str, tuple[int, int]]:
    """Points of a line by the rule that has their terms, where those are not the programme's."""
    found: dict[str, tuple[int, int]] = {}
    for key, points in evaluation.by_lot.items():
        if key.line == number and key.rule is not None:
            at_once, waiting = found.get(key.rule, (0, 0))
            more = (0, points) if key.waits else (points, 0)
            found[key.rule] = at_once + more[0], waiting + more[1]
    return found


def compare_lines(
    promise: Promise, lines: Sequence[Line], sent: Sequence[LineSent], currency: str
) -> None:
    """Check that the booking's lines are those quoted, paid in cash and points as quoted.

    Raises: QuoteMismatch, which names the first difference.
    """
    if len(lines) != len(promise.lines):
        numbers = str(len(promise.lines)), str(len(lines))
        raise QuoteMismatch("lines", *numbers, path=("lines",))
    for line, reported, promised in zip(lines, sent, promise.lines, strict=True):
        for what, quoted, found in _terms(promised, line, reported, currency):
            if quoted != found:
                path = ("lines", str(line.number - 1), what)
                raise QuoteMismatch(what, _shown(quoted), _shown(found), path=path)
    offsets = [line.amount_minor - line.coupon_minor - line.cash_minor for line in promise.lines]
    if [line.offset_minor for line in lines] != offsets:
        paid = sum(line.offset_minor for line in lines)
        amounts = str(to_amount(sum(offsets), currency)), str(to_amount(paid, currency))
        raise QuoteMismatch("offset", *amounts, path=("redemptionId",))


def less_coupon(promise: Promise, lines: Sequence[Line]) -> list[Line]:
    """The lines less the coupon's discount by the quote; for different lines, no more than they
    cost.
    """
    costs = {line.number: line.amount_minor for line in lines}
    parts = {one.number: min(one.coupon_minor, costs.get(one.number, 0)) for one in promise.lines}
    return coupon_terms.take_off(lines, parts)


def _terms(
    promised: PromisedLine, line: Line, reported: LineSent, currency: str
) -> Iterator[tuple[str, str | None, str | None]]:
    """Each term of a line, by the name of its input field: as quoted, and as booked."""
    amounts = promised.amount_minor, line.amount_minor
    yield "product", promised.product, line.product
    yield "amount", str(to_amount(amounts[0], currency)), str(to_amount(amounts[1], currency))
    yield "travelFrom", promised.travel_from, _day(reported.travel_from)
    yield "travelTo", promised.travel_to, _day(reported.travel_to)
    yield "attributes", _object(promised.attributes), _object(dict(line.attributes))


def compare_terms(promise: Promise, payment_method: str | None, booked_at: datetime) -> None:
    """Check that the booking is paid as quoted, and not dated before the quote: clocks may differ a
    little.

    Raises: QuoteMismatch.
    """
    if payment_method != promise.payment_method:
        terms = promise.payment_method, payment_method
        raise QuoteMismatch("paymentMethod", *terms, path=("paymentMethod",))
    if booked_at < promise.booked_at - AHEAD_MAX:
        instants = Instant.of(promise.booked_at), Instant.of(booked_at)
        raise QuoteMismatch("bookedAt", *instants, path=("bookedAt",))


def _shown(term: str | None) -> str | None:
    return None if term is None else term[:SHOWN_CHARACTERS_MAX]


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _object(value: dict[str, Any]) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
