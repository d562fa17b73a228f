"""Reported bookings, and the rows that are made from one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.models import Model

import models
from domain.checkout.booking_lines import LineSent
from domain.earning import awards
from domain.earning.awards import AwardRow
from domain.earning.judging import Holder, Judgement, snapshot
from domain.earning.limits import Grant
from domain.earning.values import Evaluation, Line
from domain.kernel import canonical
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.members.identity import MemberKey
from domain.programmes.programmes import Version
from domain.tiers.values import Credit, NewChange


@dataclass(frozen=True, slots=True)
class BookingSent:
    """A booking as reported, without defaults, for comparison with an earlier report.

    `redemption` is (member id, id) of the points held to pay for part of it, `quote` of the
    quote that it was guaranteed, `coupon` the code of a coupon.
    """

    reference: str
    lines: tuple[LineSent, ...]
    booked_at: datetime | None = None
    currency: str | None = None
    payment_method: str | None = None
    redemption: tuple[UUID, UUID] | None = None
    quote: tuple[UUID, UUID] | None = None
    coupon: str | None = None

    def canonical(self) -> dict[str, Any]:
        """`quote` and `coupon` came later."""
        said: dict[str, Any] = {
            "reference": self.reference,
            "lines": self.lines,
            "booked_at": self.booked_at,
            "currency": self.currency,
            "payment_method": self.payment_method,
            "redemption": self.redemption,
        }
        if self.quote is not None:
            said["quote"] = self.quote
        if self.coupon is not None:
            said["coupon"] = self.coupon
        return said


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A booking of this member as received, under its own key."""

    request: Request
    member: MemberKey
    sent: BookingSent

    @property
    def compared(self) -> dict[str, Any]:
        """Value by which it is compared with another request under its key."""
        return {"member": self.member, "booking": self.sent}


@dataclass(frozen=True, slots=True)
class BookingReport:
    """A booking with its future id, its reporter, and the version that judges it."""

    id: UUID
    reporter: str
    sent: BookingSent
    version: Version


@dataclass(frozen=True, slots=True)
class BookingDecision:
    """The rows of one booking, its awards, what it counts towards the tier, and the tier's
    changes.
    """

    booking: models.Booking
    lines: list[models.BookingLine]
    awards: Sequence[AwardRow]
    granted: Sequence[Grant]
    credit: Credit
    change: NewChange | None

    @property
    def facts(self) -> list[Model]:
        """The rows, in the order in which they refer to one another."""
        return [self.booking, *self.lines, *self.awards]


def to_booking(
    holder: Holder, reported: BookingReport, judgement: Judgement, booked_at: datetime
) -> models.Booking:
    """The booking's row, without its programme and the instant of recording."""
    version, sent, lines = reported.version, reported.sent, judgement.lines
    return models.Booking(
        id=reported.id,
        reporter=reported.reporter,
        member_id=holder.member_id,
        reference=sent.reference,
        booked_at=booked_at,
        currency=version.policy.currency,
        payment_method=sent.payment_method,
        total_minor=sum(line.amount_minor for line in lines),
        cash_minor=sum(line.cash_minor for line in lines),
        points=judgement.evaluation.points,
        policy_version_id=version.id,
        snapshot=snapshot(holder, judgement, booked_at),
        explanation=awards.to_json(judgement.evaluation.explanation),
        content_hash=canonical.sha256(sent),
        redemption_id=sent.redemption[1] if sent.redemption else None,
        quote_id=sent.quote[1] if sent.quote else None,
        coupon_minor=sum(line.coupon_minor for line in lines),
    )


def to_lines(
    booking: models.Booking, sent: BookingSent, lines: Sequence[Line], evaluation: Evaluation
) -> list[models.BookingLine]:
    """The rows of its lines."""
    return [
        models.BookingLine(
            member_id=booking.member_id,
            id=new_id(),
            booking_id=booking.id,
            number=line.number,
            product=line.product,
            amount_minor=line.amount_minor,
            cash_minor=line.cash_minor,
            coupon_minor=line.coupon_minor,
            travel_from=reported.travel_from,
            travel_to=reported.travel_to,
            attributes=dict(line.attributes),
            points=evaluation.line_points[line.number],
        )
        for line, reported in zip(lines, sent.lines, strict=True)
    ]
