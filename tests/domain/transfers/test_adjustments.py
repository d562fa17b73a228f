"""Adjustments: points credited or taken by hand, with a reason and a name."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import models
from domain.kernel.database import rows
from domain.kernel.refusals import IdempotencyKeyReused, InvalidInput, NotFound
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.transfers import adjustments
from domain.transfers.adjustments import AdjustmentSent
from tests.support import factories as make
from tests.support import private, reading

pytestmark = pytest.mark.usefixtures("database")


async def opened(points: int = 0) -> tuple[Programme, UUID]:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    if points:
        await make.give(programme, member_id, points)
    return programme, member_id


async def test_points_are_credited_with_a_reason_and_a_name() -> None:
    programme, member_id = await opened()
    outcome = await make.adjust(programme, member_id, 500, "Missing points of March")

    assert outcome.figures == {"member_id": str(member_id), "points": 500}
    [entry] = await models.LedgerEntry.filter(member_id=member_id)
    assert (entry.kind, entry.from_bucket, entry.to_bucket, entry.points) == (
        *("ADJUST", "adjusted", "available", 500),
    )
    assert await private.text(member_id, entry.reason) == "Missing points of March"
    assert entry.actor == "staff:kim"
    [lot] = await models.Lot.filter(member_id=member_id)
    assert (lot.points, lot.remaining, lot.funder) == (500, 500, "programme")
    assert (lot.earned_at, lot.available_at) == (make.NOW, make.NOW)
    # as the policy says: through the same day twelve months later
    assert lot.expires_at == datetime(2027, 3, 15, 16, tzinfo=UTC)
    [event] = await models.OutboxEvent.filter(member_id=member_id, topic="points.adjusted")
    assert event.payload == {"points": 500}
    assert await make.faults(member_id) == []


async def test_points_are_taken_earliest_expiry_first() -> None:
    programme, member_id = await opened(points=100)
    await make.adjust(programme, member_id, 70, expires_on=date(2026, 3, 31))
    await make.adjust(programme, member_id, -90, "Booked twice")

    assert [lot.remaining for lot in (await make.state(member_id)).lots] == [80]
    assert await make.entries(member_id) == [("EARN", 100), ("ADJUST", 70), ("ADJUST", 90)]
    [shown, *_] = await reading.entries(member_id, limit=1)
    assert (shown.available_change, shown.reason) == (-90, "Booked twice")
    assert await make.faults(member_id) == []


@pytest.mark.parametrize(
    ("last", "expires_at"),
    [
        (date(2026, 3, 15), datetime(2026, 3, 15, 16, tzinfo=UTC)),
        (date(2026, 3, 16), datetime(2026, 3, 16, 16, tzinfo=UTC)),
        (date(2028, 2, 29), datetime(2028, 2, 29, 16, tzinfo=UTC)),
    ],
)
async def test_credited_points_last_through_the_day_given(last: date, expires_at: datetime) -> None:
    programme, member_id = await opened()
    await make.adjust(programme, member_id, 10, expires_on=last)
    assert (await models.Lot.get(member_id=member_id)).expires_at == expires_at
    moment = timedelta(microseconds=1)
    assert (await make.state(member_id, expires_at - moment)).balances == Balances(available=10)
    assert (await make.state(member_id, expires_at)).balances == Balances()


async def test_the_day_that_stands_for_never_is_never() -> None:
    programme, member_id = await opened()
    await make.adjust(programme, member_id, 10, expires_on=date(9999, 12, 31))
    assert (await models.Lot.get(member_id=member_id)).expires_at is None


async def test_a_day_that_has_passed_is_refused() -> None:
    programme, member_id = await opened()
    facts = {"reason": "expiry_in_past", "value": "2026-03-14"}
    async with make.refused(programme, InvalidInput, "expiresOn", **facts):
        await make.adjust(programme, member_id, 10, expires_on=date(2026, 3, 14))


async def test_what_is_taken_has_no_expiry() -> None:
    programme, member_id = await opened(points=100)
    async with make.refused(programme, InvalidInput, "expiresOn", reason="expiry_of_debit"):
        await make.adjust(programme, member_id, -10, expires_on=date(2027, 1, 1))


async def test_zero_is_no_adjustment() -> None:
    programme, member_id = await opened(points=100)
    async with make.refused(programme, InvalidInput, "points", reason="zero_adjustment"):
        await make.adjust(programme, member_id, 0)


async def test_more_than_is_available_is_not_taken() -> None:
    programme, member_id = await opened(points=100)
    reward = await make.reward(programme, list_points=60)
    await make.redeem(programme, member_id, reward, hold=True)
    async with make.refused(programme, InsufficientPoints, "points", available=40, required=41):
        await make.adjust(programme, member_id, -41)
    await make.adjust(programme, member_id, -40)


@pytest.mark.parametrize("sign", [1, -1])
async def test_a_correction_has_a_limit(sign: int) -> None:
    """A balance past what clients can read would be hidden from everybody."""
    most = adjustments.POINTS_MAX
    amply = {"adjust_limit": most, "adjust_daily": most}
    programme = await make.establish(make.shipped_document(staff=amply))
    member_id = await make.enrol(programme)
    facts = {"reason": "amount_too_large", "value": str(sign * (most + 1)), "allowed": (str(most),)}
    async with make.refused(programme, InvalidInput, "points", **facts):
        await make.adjust(programme, member_id, sign * (most + 1))
    await make.adjust(programme, member_id, most)
    await make.adjust(programme, member_id, -most)


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("", "too_short"),
        (" \t ", "too_short"),
        ("x" * 1001, "too_long"),
        ("a\x00b", "control_characters"),
    ],
)
@pytest.mark.parametrize("points", [10, -10])
async def test_a_reason_is_mandatory(points: int, reason: str, why: str) -> None:
    programme, member_id = await opened(points=100)
    async with make.refused(programme, InvalidInput, "reason", reason=why):
        await make.adjust(programme, member_id, points, reason)


async def test_a_member_of_another_programme_is_not_there() -> None:
    programme, member_id = await opened(points=100)
    other, _ = await opened()
    async with make.refused(programme, NotFound, "member", what="member"):
        await make.adjust(other, member_id, 10)


async def test_an_adjustment_happens_once_under_its_key() -> None:
    programme, member_id = await opened()
    first = await make.adjust(programme, member_id, 10, key="k")
    before = await make.everything(programme)
    again = await make.adjust(programme, member_id, 10, key="k")
    assert (again.figures, again.replayed) == (first.figures, True)
    assert await make.everything(programme) == before
    changed: list[dict[str, Any]] = [
        {"points": 11},
        {"points": 10, "reason": "other"},
        {"points": 10, "expires_on": date(2027, 1, 1)},
    ]
    for sent in changed:
        async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
            await make.adjust(programme, member_id, key="k", **sent)


async def test_two_of_staff_have_keys_of_their_own() -> None:
    programme, member_id = await opened()
    for name in ("kim", "lin"):
        await adjustments.adjust(
            make.request(make.staff(programme, name), key="k"),
            programme,
            MemberKey.of_id(member_id),
            AdjustmentSent(10, "goodwill"),
        )
    actors = await rows("SELECT actor FROM ledger_entry WHERE member_id = $1", member_id)
    assert {row["actor"] for row in actors} == {"staff:kim", "staff:lin"}


async def test_parallel_corrections_take_what_is_there_once() -> None:
    programme, member_id = await opened(points=100)
    found = await make.outcomes(
        *(make.adjust(programme, member_id, -60) for _ in range(10)),
        *(make.adjust(programme, member_id, 4) for _ in range(4)),
    )
    assert found["Outcome"] == 5
    assert found["INSUFFICIENT_POINTS"] == 9
    assert await make.available(member_id) == 56
    assert await make.faults(member_id) == []
