"""Holds whose points expire meanwhile, and redemptions that are held again."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from domain.kernel.database import transact
from domain.ledger import holds, ledger, opening
from domain.ledger import journal as journals
from domain.ledger.values import Balances, Cause
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import reading
from tests.support.held import EXPIRY, MINUTE, UNTIL, balances, opened, touch

pytestmark = pytest.mark.usefixtures("database")


# Holds and expiry.


async def held_at_the_end(before: timedelta) -> tuple[Programme, UUID, UUID]:
    """A hold on 100 of 1000 points, taken so long before they expire."""
    programme, member_id, reward = await opened()
    return (
        programme,
        member_id,
        await make.redeem(programme, member_id, reward, hold=True, now=EXPIRY - before),
    )


async def test_points_that_expired_while_held_may_still_be_confirmed() -> None:
    programme, member_id, held = await held_at_the_end(10 * MINUTE)
    assert await balances(member_id, EXPIRY) == Balances(held=100)
    await make.confirm(programme, member_id, held, now=EXPIRY + 19 * MINUTE)

    assert await balances(member_id, EXPIRY + 19 * MINUTE) == Balances()
    assert await make.entries(member_id) == [
        *(("EARN", 1000), ("HOLD", 100), ("EXPIRE", 900), ("CAPTURE", 100)),
    ]
    assert await make.faults(member_id) == []


async def test_points_given_up_after_their_expiry_come_back_and_expire_at_once() -> None:
    programme, member_id, held = await held_at_the_end(10 * MINUTE)
    now = EXPIRY + 5 * MINUTE
    outcome = await make.cancel(programme, member_id, held, now=now)

    assert outcome.figures["points_reinstated"] == 100
    found = await reading.entries(member_id, limit=3)
    assert [(e.kind, e.points, e.available_after, e.effective_at) for e in found] == [
        ("EXPIRE", 100, 0, now),
        ("RELEASE", 100, 100, now),
        ("EXPIRE", 900, 0, EXPIRY),
    ]
    assert await balances(member_id, now) == Balances()
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("posted_after", [None, 0, 600])
async def test_a_hold_that_dies_after_its_points_expired(posted_after: int | None) -> None:
    """In two visible rows, both as of when the hold died."""
    programme, member_id, _ = await held_at_the_end(10 * MINUTE)
    died = EXPIRY + 20 * MINUTE
    assert await balances(member_id, died - timedelta(microseconds=1)) == Balances(held=100)
    if posted_after is not None:
        await touch(programme, member_id, died + posted_after * MINUTE)
        found = await reading.entries(member_id, limit=4)
        assert [(e.kind, e.points, e.effective_at) for e in found[1:]] == [
            ("EXPIRE", 100, died),
            ("RELEASE", 100, died),
            ("EXPIRE", 900, EXPIRY),
        ]
    assert await reading.balances_at(member_id, died) == Balances(available=int(posted_after == 0))
    assert await make.faults(member_id) == []


async def test_a_hold_and_its_lot_that_end_together() -> None:
    programme, member_id, _ = await held_at_the_end(30 * MINUTE)
    assert await balances(member_id, EXPIRY) == Balances()
    await touch(programme, member_id, EXPIRY)
    assert await make.entries(member_id) == [
        *(("EARN", 1000), ("HOLD", 100), ("RELEASE", 100), ("EXPIRE", 1000), ("EARN", 1)),
    ]
    assert await make.faults(member_id) == []


async def test_a_balance_in_the_past_is_the_same_whenever_it_is_asked() -> None:
    programme, member_id, reward = await opened()
    await make.redeem(programme, member_id, reward, hold=True, now=make.NOW + MINUTE)
    died = make.NOW + 31 * MINUTE
    instants = {
        make.NOW - MINUTE: Balances(),
        make.NOW: Balances(available=1000),
        make.NOW + MINUTE: Balances(available=900, held=100),
        died - timedelta(microseconds=1): Balances(available=900, held=100),
        died: Balances(available=1000),
        died + 60 * MINUTE: Balances(available=1000),
        EXPIRY: Balances(),
    }
    assert {at: await reading.balances_at(member_id, at) for at in instants} == instants

    await make.adjust(programme, member_id, -1, now=died + 90 * MINUTE)
    assert (await make.entries(member_id))[-2:] == [("RELEASE", 100), ("ADJUST", 1)]
    assert {at: await reading.balances_at(member_id, at) for at in instants} == instants


# The same redemption held again.


async def hold_again(
    member_id: UUID, redemption_id: UUID, points: int, now: datetime, until: datetime
) -> None:
    async def work() -> None:
        journal, _ = await opening.lock(member_id, now)
        cause = Cause("system", redemption_id=redemption_id)
        journals.hold(journal, points, until, cause)
        await make.post(journal)

    await transact(work)


async def test_a_redemption_that_is_held_again_lives_by_its_last_hold() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    again, until = UNTIL + 10 * MINUTE, UNTIL + 40 * MINUTE
    await hold_again(member_id, held, 80, again, until)

    opened_now = (await holds.of_members([member_id]))[member_id]
    assert [(h.redemption_id, h.points, h.expires_at) for h in opened_now.holds.values()] == [
        (held, 80, until)
    ]
    for at, points in {
        UNTIL - MINUTE: 100,
        UNTIL: 0,
        again - MINUTE: 0,
        again: 80,
        until - MINUTE: 80,
        until: 0,
    }.items():
        expected = Balances(available=1000 - points, held=points)
        assert await reading.balances_at(member_id, at) == expected, at


async def test_what_a_redemption_has_is_in_the_order_of_its_last_hold() -> None:
    """Given back newest first: by the hold that counts, not by one that was released."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, 60)
    reward = await make.reward(programme, list_points=50)
    held = await make.redeem(programme, member_id, reward, hold=True)
    # a lot that goes before the one that was held first
    soon = date(2026, 3, 31)
    await make.adjust(programme, member_id, 30, now=UNTIL, expires_on=soon)
    await hold_again(member_id, held, 50, UNTIL, UNTIL + 30 * MINUTE)

    async def drawn() -> list[int]:
        journal, _ = await opening.lock(member_id, UNTIL)
        touches = await ledger.load_drawn(journal, held)
        assert touches == journal.holds[held].touches
        return [touch.points for touch in touches]

    assert await transact(drawn) == [-30, -20]
