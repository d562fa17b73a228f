"""Each booking of a history is judged as of its own instant: its version, and what was before."""

from datetime import timedelta

import pytest

from tests.conftest import Database
from tests.support import factories as make
from tests.support.played import FIRST, faults, find, past, play


async def test_each_booking_is_judged_by_the_version_of_its_own_instant(
    database: Database,
) -> None:
    document = make.shipped_document()
    programme = await make.establish(document)
    published = make.NOW - timedelta(days=800)
    later = published + timedelta(days=10)
    doubled = {**document, "earning": [{**document["earning"][0], "points": 2}]}
    programme = await make.publish(programme, doubled, now=published, effective_from=later)
    items = [past(1, later - timedelta(seconds=1), "10"), past(2, later, "10")]
    assert (await play(programme, "versions", items)).points == 30


async def test_a_line_that_matured_on_the_way_is_recorded(database: Database) -> None:
    """Overdue before the next booking is played, in the same transaction that records it."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 24, "through": "month"},
    }
    completion = {"overdue_days": 30, "then": "mature"}
    programme = await make.establish(make.shipped_document(points=points, completion=completion))
    items = [past(1, make.NOW - timedelta(days=90), "100"), past(2, make.NOW, "50")]
    played = await play(programme, "matured", items)
    assert (played.recorded, played.refused) == (2, ())
    member_id = await find(programme, "matured")
    state = await make.state(member_id, make.NOW)
    assert (state.balances.available, state.balances.pending) == (100, 50)
    assert await faults(programme) == []


async def test_a_history_counts_what_was_booked_before(database: Database) -> None:
    """Of what this play has played, of what was there, and of the window around each instant."""
    third = make.rule("bonus", "third", points=100, when={"counts": {"stays": {"min": 2}}})
    counted = {"of": "bookings", "products": ["hotel"], "days": 30}
    base = make.rule("rate", "base", points=1, per=1)
    programme = await make.establish(make.variant(base, third, counts={"stays": counted}))
    at = [FIRST + timedelta(days=days) for days in (1, 2, 3, 60, 61)]
    first = [past(number, day, "10") for number, day in enumerate(at[:2])]
    assert (await play(programme, "m", first)).points == 20
    rest = [past(number, day, "10") for number, day in enumerate(at[2:], start=2)]
    assert (await play(programme, "m", rest)).points == 30 + 100
    flights = [past(10 + n, at[4] + timedelta(hours=1 + n), "10", product="flight") for n in (0, 1)]
    assert (await play(programme, "m", flights)).points == 20 + 200
    assert await faults(programme) == []


@pytest.mark.parametrize(("window", "asked"), [({}, 1), ({"days": 30}, 3)])
async def test_a_count_of_all_time_is_asked_once_for_many_bookings(
    database: Database, statements: list[str], window: dict[str, int], asked: int
) -> None:
    """What was there before all of them is the same for each; a window lies around its instant."""
    third = make.rule("bonus", "third", points=100, when={"counts": {"stays": {"min": 2}}})
    counted = {"of": "bookings", "products": ["hotel"], **window}
    base = make.rule("rate", "base", points=1, per=1)
    programme = await make.establish(make.variant(base, third, counts={"stays": counted}))
    at = [FIRST + timedelta(days=days) for days in (1, 2, 3)]
    assert (await play(programme, "m", [past(0, at[0], "10")])).points == 10
    statements.clear()
    rest = [past(1 + n, at[1] + timedelta(hours=n), "10") for n in range(3)]
    assert (await play(programme, "m", rest)).points == 30 + 200
    assert len([sql for sql in statements if sql.lstrip().startswith("WITH line AS")]) == asked
    assert await faults(programme) == []
