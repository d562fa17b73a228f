"""Sweeps beside each other, and beside what members do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.accounts import sweeps
from domain.bookings import bookings
from domain.kernel import dates
from domain.ledger.refusals import InsufficientPoints
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.domain.test_races import in_turn, together
from tests.support import factories as make
from tests.support import tiered

pytestmark = pytest.mark.usefixtures("proved")
SHANGHAI = ZoneInfo("Asia/Shanghai")
GRACE_END = dates.start_of_day(date(2028, 4, 15), SHANGHAI)


async def due_members(count: int) -> tuple[Programme, list[UUID]]:
    """Silver members whose grace ends at `GRACE_END` without another booking."""
    programme = await make.establish(tiered.ctrip())
    ids = [await make.enrol(programme) for _ in range(count)]
    for member_id in ids:
        await make.book(programme, member_id, ("hotel", "3000"))
    await tiered.sweep(programme, GRACE_END - timedelta(days=1))
    return programme, ids


async def test_two_sweeps_at_once_take_each_tier_once(database: Database) -> None:
    programme, ids = await due_members(6)
    done, refused = await together(tiered.sweep(programme, GRACE_END) for _ in range(4))
    assert refused == []
    assert set(done[0]) <= set(ids)
    for member_id in ids:
        assert await tiered.decisions(member_id) == [
            *(("qualified", "member", "silver"), ("period_end", "silver", "member")),
        ]
        assert await tiered.notified(member_id) == [("member", "silver"), ("silver", "member")]


async def test_a_sweep_and_the_booking_that_keeps_the_tier_go_one_after_the_other(
    database: Database,
) -> None:
    """Told before the end, a booking keeps the tier or finds it lost and reaches it anew."""
    programme, ids = await due_members(12)
    sent = make.booking(("hotel", "3000"), booked_at=GRACE_END - timedelta(minutes=1))
    in_time = make.request(make.partner(programme), now=GRACE_END - timedelta(seconds=1))

    async def keep(member_id: UUID) -> object:
        one, key = replace(sent, reference=str(member_id)), MemberKey.of_id(member_id)
        return await bookings.earn(replace(in_time, key=str(member_id)), programme, key, one)

    _, refused = await together([tiered.sweep(programme, GRACE_END), *map(keep, ids)])

    assert refused == []
    kept = [("qualified", "member", "silver"), ("renewed", "silver", "silver")]
    anew = [kept[0], ("period_end", "silver", "member"), ("qualified", "member", "silver")]
    for member_id in ids:
        assert await tiered.decisions(member_id) in (kept, anew)
        found = await tiered.holding(member_id)
        # one decided behind the sweep is recorded at the sweep's instant: a day later here
        last = "2030-04-14" if len(await tiered.decisions(member_id)) == 2 else "2030-04-15"
        until = dates.end_of_day(date.fromisoformat(last), SHANGHAI)
        assert (found.tier, found.until, found.grace_until) == ("silver", until, None)


async def test_a_sweep_before_a_redemption_of_the_last_moment(database: Database) -> None:
    """Meant in time, but behind what time has written: the ledger never runs backwards."""
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    member_id = await make.rich_member(programme, 130)
    spending = make.redeem(programme, member_id, reward, now=GONE - timedelta(microseconds=1))
    swept, refused = await in_turn(database, member_id, sweep(programme, GONE), spending)
    assert swept is None
    assert isinstance(refused, InsufficientPoints)
    assert refused.facts == {"available": 0, "required": 100}
    assert await make.entries(member_id) == [("EARN", 130), ("EXPIRE", 130)]
    assert await make.stock(reward) == 1


async def test_a_sweep_behind_a_redemption_of_the_last_moment(database: Database) -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    member_id = await make.rich_member(programme, 130)
    spending = make.redeem(programme, member_id, reward, now=GONE - timedelta(microseconds=1))
    made, swept = await in_turn(database, member_id, spending, sweep(programme, GONE))
    assert isinstance(made, UUID)
    assert swept is None
    assert await make.entries(member_id) == [("EARN", 130), ("REDEEM", 100), ("EXPIRE", 30)]
    assert await make.stock(reward) == 0


@pytest.mark.parametrize("sweep_first", [True, False])
async def test_a_sweep_and_a_redemption_at_the_instant_of_expiry(
    database: Database, sweep_first: bool
) -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    member_id = await make.rich_member(programme, 130)
    calls = [sweep(programme, GONE), make.redeem(programme, member_id, reward, now=GONE)]
    found = await in_turn(database, member_id, *(calls if sweep_first else calls[::-1]))
    swept, refused = found if sweep_first else found[::-1]
    assert swept is None
    assert isinstance(refused, InsufficientPoints)
    assert refused.facts == {"available": 0, "required": 100}
    assert await make.entries(member_id) == [("EARN", 130), ("EXPIRE", 130)]
    assert await make.stock(reward) == 1


GONE = datetime(2027, 3, 15, 16, tzinfo=UTC)
"""When points of `make.NOW` are gone: in Shanghai 15 March 2027 is over."""


async def sweep(programme: Programme, now: datetime) -> None:
    async for _ in sweeps.sweep(programme, now):
        pass
