"""Amendments, refunds and completions of one booking at the same time."""

from collections import Counter
from uuid import UUID

import pytest

from domain.checkout.booking_lines import LineSent
from domain.kernel.database import rows
from domain.ledger.values import Balances
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.domain.test_races import together
from tests.support import factories as make
from tests.support import travel

pytestmark = pytest.mark.usefixtures("proved")


async def booked(programme: Programme, *amounts: str) -> UUID:
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *hotels(*amounts))
    return member_id


def hotels(*amounts: str) -> list[LineSent]:
    return [make.line_of("hotel", amount) for amount in amounts]


async def test_one_amendment_sent_ten_times_is_recorded_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await booked(programme, "1000")
    done, refused = await together(
        travel.amend(programme, "B", "A", *hotels("1500", "100")) for _ in range(10)
    )
    assert refused == []
    assert Counter(outcome.replayed for outcome in done) == {False: 1, True: 9}
    assert {outcome.figures["points_awarded"] for outcome in done} == {600}
    assert await make.available(member_id) == 1600


async def test_amendments_of_one_booking_follow_one_another(database: Database) -> None:
    """Whichever is the last: the booking is as it says, and all changes sum to it."""
    programme = await make.establish()
    member_id = await booked(programme, "1000")
    amounts = ["700", "1300", "1900", "400"]
    done, refused = await together(
        travel.amend(programme, "B", f"A{amount}", *hotels(amount)) for amount in amounts
    )
    assert refused == []
    made = await rows(
        "SELECT version, reference, points FROM amendment WHERE member_id = $1 ORDER BY version",
        member_id,
    )
    assert [one["version"] for one in made] == [1, 2, 3, 4]
    last = int(made[-1]["reference"][1:])
    changed = [outcome.figures for outcome in done]
    assert 1000 + sum(f["points_awarded"] - f["points_clawed_back"] for f in changed) == last
    assert 100_000 + sum(f["cash_change_minor"] for f in changed) == last * 100
    assert await make.available(member_id) == made[-1]["points"] == last


async def test_a_refund_and_an_amendment_at_once(database: Database) -> None:
    """Either order has the same end: CNY 1200 less 500, or the rest of 1000 and then dearer."""
    for _ in range(3):
        programme = await make.establish()
        member_id = await booked(programme, "1000")
        done, refused = await together(
            [
                travel.amend(programme, "B", "A", *hotels("1200")),
                travel.refund(programme, "B", "R", (1, "500")),
            ]
        )
        assert (len(done), refused) == (2, [])
        assert await make.available(member_id) == 700


async def test_a_completion_and_an_amendment_at_once(database: Database) -> None:
    """What is pending when the line completes matures, and what comes later comes at once."""
    for _ in range(3):
        programme = await make.establish(
            make.shipped_document(
                points={"worth": {"points": 100, "money": 1}, "available": "on_completion"}
            )
        )
        member_id = await booked(programme, "1000", "10")
        done, refused = await together(
            [
                travel.amend(programme, "B", "A", *hotels("1200", "10")),
                travel.complete(programme, "B", 1),
            ]
        )
        assert (len(done), refused) == (2, [])
        assert await travel.balances(member_id) == Balances(pending=10, available=1200)
