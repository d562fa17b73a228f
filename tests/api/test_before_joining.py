"""Facts from long before their member joined: recorded by every door, and worth nothing."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.history import history
from domain.history.history import PastBooking
from domain.kernel.database import row
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
LAST, OLDER = TODAY - timedelta(days=30), TODAY - timedelta(days=31)
WHY = "It was more than 30 days before you joined."
EARNED = "pointsAwarded booking { explanation { text } }"


async def open_shop(**facts: Any) -> tuple[Stage, Client]:
    terms = {"oldest_days": 365, "before_joining_days": 30} | facts
    stage = await open_stage(make.shipped_document(facts=terms))
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    return stage, await stage.partner()


def line(amount: str = "100") -> dict[str, str]:
    return {"product": "hotel", "amount": amount}


async def test_older_bookings_earn_nothing_and_say_so() -> None:
    stage, partner = await open_shop()
    partner = partner.reading("en")
    assert (await partner.book("last", line(), bookedAt=LAST.isoformat()))["pointsAwarded"] == 100
    booked = await partner.book("older", line(), bookedAt=OLDER.isoformat(), selection=EARNED)
    assert booked["pointsAwarded"] == 0
    assert booked["booking"]["explanation"] == [{"text": WHY}]

    sent = {"idempotencyKey": fresh_key(), "member": HIM, "lines": [line()]}
    batch = await partner.read(
        "mutation($sent: [EarnForBookingInput!]!) { earnForBookings(input: {bookings: $sent}) "
        "{ results { pointsAwarded } } }",
        sent=[{**sent, "reference": "batch", "bookedAt": OLDER.isoformat()}],
    )
    assert batch["earnForBookings"]["results"] == [{"pointsAwarded": 0}]
    more = await partner.done(
        "amendBooking", "pointsAwarded", booking="older", reference="A", lines=[line("900")]
    )
    less = await partner.done(
        "refundBooking", "pointsClawedBack pointsForgiven", booking="batch", reference="R"
    )
    assert (more, less) == (
        {"pointsAwarded": 0, "replayed": False},
        {"pointsClawedBack": 0, "pointsForgiven": 0, "replayed": False},
    )
    for at, points in ((LAST, 100), (OLDER, 0)):
        done = await partner.done(
            "earnForActivity",
            "pointsAwarded explanation { text }",
            member=HIM,
            type="review",
            reference=f"on {at.date()}",
            occurredAt=at.isoformat(),
        )
        assert done["pointsAwarded"] == points
        assert points or done["explanation"] == [{"text": WHY}]
    assert await make.faults(await stage.member_id()) == []


async def test_what_is_played_as_history_is_judged_alike() -> None:
    stage, _ = await open_shop()

    def past(number: int, at: datetime) -> PastBooking:
        sent = BookingSent(f"H{number}", (LineSent("hotel", Decimal(100)),), booked_at=at)
        return PastBooking(number, at, sent)

    items = [past(1, OLDER), past(2, LAST)]
    played = await history.play(stage.programme, "xiaoli", items, TODAY, enrol=False)
    assert played.recorded == 2
    found = await row(
        "SELECT array_agg(points ORDER BY reference) AS points FROM booking WHERE member_id = $1",
        await stage.member_id(),
    )
    assert found is not None
    assert found["points"] == [0, 100]


async def test_without_the_term_every_fact_earns() -> None:
    _, partner = await open_shop(before_joining_days=None)
    assert (await partner.book("older", line(), bookedAt=OLDER.isoformat()))["pointsAwarded"] == 100
