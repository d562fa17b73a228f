"""Levels by completed bookings: what a booking counts, and when."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.bookings import completions
from domain.bookings.completions import CompletionSent
from domain.checkout.booking_lines import LineSent
from domain.programmes.programmes import Programme
from domain.tiers import tiers, values
from domain.tiers.tier_windows import Window
from tests.domain.tiers.test_tier_periods import INSTANT, JOINED, SPENT
from tests.domain.tiers.test_tier_windows import local
from tests.support import factories as make
from tests.support import tiered, travel

pytestmark = pytest.mark.usefixtures("database", "proved")


async def complete(programme: Programme, name: str, *numbers: int, at: datetime) -> None:
    await completions.complete(
        make.request(make.partner(programme), now=at),
        programme,
        name,
        CompletionSent(numbers or None),
    )


async def test_levels_by_completed_bookings_are_held_for_life() -> None:
    programme = await make.establish(tiered.genius())
    member_id = await make.enrol(programme, now=JOINED)
    for number in range(5):
        name, day = f"B{number}", SPENT + timedelta(days=number)
        await travel.pay(programme, member_id, name, make.line_of("hotel", "100"), now=day)
        assert (await tiered.holding(member_id)).tier == "level_1"
        await complete(programme, name, at=day + timedelta(hours=1))
    found = await tiered.holding(member_id)
    assert (found.tier, found.until, found.due_at) == ("level_2", None, None)
    [reached] = await tiered.recorded(member_id)
    assert (reached["inputs"]["completed_bookings"], reached["inputs"]["bookings"]) == (5, 5)
    assert await tiered.notified(member_id) == [("level_1", "level_2")]

    # a refunded booking goes on counting
    await travel.refund(programme, "B0", "R", now=SPENT + timedelta(days=9))
    current = programme.versions[0].policy
    assert await tiered.amount(member_id, current, SPENT + timedelta(days=9)) == 5
    assert await tiered.sweep(programme, SPENT + timedelta(days=3650)) == []
    assert (await tiered.holding(member_id)).tier == "level_2"
    assert await make.faults(member_id) == []


async def test_completed_bookings_count_at_the_completion_within_24_months() -> None:
    programme = await make.establish(tiered.genius())
    member_id = await make.enrol(programme, now=JOINED)
    current = programme.versions[0].policy
    for number in range(5):
        line = make.line_of("hotel", "100")
        await travel.pay(programme, member_id, f"B{number}", line, now=SPENT)
    for number in range(4):
        await complete(programme, f"B{number}", at=SPENT)
    await complete(programme, "B4", at=local("2028-03-16T00:00"))  # a day too late
    assert (await tiered.holding(member_id)).tier == "level_1"
    assert await tiered.amount(member_id, current, local("2028-03-15T23:59")) == 5
    assert await tiered.amount(member_id, current, local("2028-03-16T00:00")) == 1


ORDERS = [
    ["first", "second", "third refunded"],
    ["third refunded", "second", "first"],
    ["second", "third refunded", "first"],
]


@pytest.mark.parametrize(("acts", "left"), [("now", 0), ("never", 1)])
@pytest.mark.parametrize("order", ORDERS, ids=range(3))
async def test_a_booking_counts_once_its_last_line_is_over_in_whatever_order(
    order: list[str], acts: str, left: int
) -> None:
    """Refunded whole, it goes on counting only where refunds never act on the tier."""
    programme = await make.establish(tiered.genius() | {"refunds": {"tier": acts}})
    member_id = await make.enrol(programme, now=JOINED)
    lines = [make.line_of("hotel", "100") for _ in range(3)]
    await travel.pay(programme, member_id, "B", *lines, now=SPENT)
    current, now = programme.versions[0].policy, SPENT + timedelta(days=20)
    days = {"first": (1, SPENT + timedelta(days=10)), "second": (2, SPENT + timedelta(days=5))}
    for what in order:
        assert await tiered.amount(member_id, current, now) == 0
        if what in days:
            number, day = days[what]
            await travel.complete(programme, "B", number, now=now, at=day)
        else:
            await travel.refund(programme, "B", "R", (3, "100"), now=now)
    counted = Window(SPENT + timedelta(days=10), SPENT + timedelta(days=10) + INSTANT)
    assert (await tiers.qualifying(member_id, counted)).completed_bookings == 1
    assert (await tiers.qualifying(member_id)).completed_bookings == 1
    await travel.refund(programme, "B", "R2", now=now)
    assert (await tiers.qualifying(member_id)).completed_bookings == left
    assert await make.faults(member_id) == []


def nights(amount: str) -> LineSent:
    """A hotel of two nights at this price."""
    first = SPENT.date()
    return LineSent("hotel", Decimal(amount), first, first + timedelta(days=2))


def by_nights(**changes: Any) -> dict[str, Any]:
    document = make.shipped_document(**changes)
    document["tiers"]["night_products"] = ["hotel"]
    return document


async def test_a_booking_that_costs_nothing_counts_nothing() -> None:
    programme = await make.establish(by_nights())
    member_id = await make.enrol(programme, now=JOINED)
    await travel.pay(programme, member_id, "B", nights("0"), now=SPENT)
    await complete(programme, "B", at=SPENT + timedelta(days=3))
    assert await tiers.qualifying(member_id) == values.Qualifying()
    assert await make.faults(member_id) == []


@pytest.mark.parametrize(("acts", "left"), [("now", (0, 0, 0)), ("never", (10_000, 1, 2))])
async def test_what_is_refunded_and_made_dearer_counts_once(
    acts: str, left: tuple[int, int, int]
) -> None:
    """Spend, bookings and nights, whatever a refund took away of them."""
    programme = await make.establish(by_nights(refunds={"tier": acts}))
    member_id = await make.enrol(programme, now=JOINED)
    await travel.pay(programme, member_id, "B", nights("100"), now=SPENT)

    async def counted() -> tuple[int, int, int]:
        found = await tiers.qualifying(member_id)
        return found.spend_minor, found.bookings, found.nights

    assert await counted() == (10_000, 1, 2)
    await travel.refund(programme, "B", "R", now=SPENT)
    assert await counted() == left
    await travel.amend(programme, "B", "A", nights("150"), now=SPENT)
    assert await counted() == (left[0] + 5_000, 1, 2)
    assert await make.faults(member_id) == []


async def test_a_guests_completed_bookings_count_nothing() -> None:
    programme = await make.establish(tiered.genius())
    guest = await make.enrol(programme, now=JOINED, guest=True)
    await travel.pay(programme, guest, "B", make.line_of("hotel", "100"), now=SPENT)
    await complete(programme, "B", at=SPENT)
    assert await tiers.qualifying(guest) == values.Qualifying()


async def test_the_refund_of_an_open_line_can_lift() -> None:
    document = tiered.genius()
    document["tiers"]["levels"][1]["threshold"] = 1
    programme = await make.establish(document)
    member_id = await make.enrol(programme, now=JOINED)
    lines = [make.line_of("hotel", "100"), make.line_of("hotel", "100")]
    await travel.pay(programme, member_id, "B", *lines, now=SPENT)
    await complete(programme, "B", 1, at=SPENT)
    await travel.refund(programme, "B", "R", (2, "100"), now=SPENT + timedelta(days=1))
    assert (await tiered.holding(member_id)).tier == "level_2"
