"""Holds: points, stock and codes taken together, kept until they are confirmed, given up or die."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

import models
from domain.kernel.callers import Scope
from domain.kernel.database import rows, transact
from domain.kernel.refusals import IdempotencyKeyReused, NotFound, Refusal
from domain.ledger import holds, ledger
from domain.ledger import journal as journals
from domain.ledger import states as ledger_states
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances, Cause
from domain.members.refusals import LimitReached
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.redemptions.refusals import CodeRevealed, HoldExpired, RedemptionState
from domain.rewards.refusals import OutOfStock
from tests.support import factories as make
from tests.support import reading, travel

pytestmark = pytest.mark.usefixtures("database")

MINUTE = timedelta(minutes=1)
UNTIL = make.NOW + 30 * MINUTE
"""When a hold taken now dies, by the shipped policy."""

JUST_BEFORE = UNTIL - timedelta(microseconds=1)
EXPIRY = datetime(2027, 3, 15, 16, tzinfo=UTC)
"""When points earned now are gone."""

KINDS = ["SERVICE", "PRODUCT", "PARTNER", "COUPON"]


async def opened(
    *, points: int = 1000, kind: str = "SERVICE", **columns: Any
) -> tuple[Programme, UUID, models.Reward]:
    """A programme, a member with points, and a reward for 100 of them, five of it left."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, points, reference="li")
    sort = {"kind": kind, "list_points": 100, "stock": 5, **columns}
    return programme, member_id, await make.reward(programme, **sort)


async def balances(member_id: UUID, now: datetime = make.NOW) -> Balances:
    return (await make.state(member_id, now)).balances


async def touch(programme: Programme, member_id: UUID, now: datetime) -> None:
    """Any write of the member's: what has fallen due is posted with it."""
    await make.give(programme, member_id, 1, now=now)


# What a hold takes, and how it ends.


@pytest.mark.parametrize("kind", KINDS)
async def test_a_hold_takes_points_and_stock_and_spends_nothing(kind: str) -> None:
    programme, member_id, reward = await opened(kind=kind)
    held = await make.redeem(programme, member_id, reward, hold=True, quantity=2)

    assert await balances(member_id) == Balances(available=800, held=200)
    assert await make.stock(reward) == 3
    assert await make.entries(member_id) == [("EARN", 1000), ("HOLD", 200)]
    shown = await make.redemption(programme, member_id, held)
    assert (shown.status, shown.points, shown.quantity) == (RedemptionStatus.HELD, 200, 2)
    assert (shown.hold_expires_at, shown.fulfilled_at, shown.codes) == (UNTIL, None, [])
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_confirming_spends_what_was_held(kind: str) -> None:
    programme, member_id, reward = await opened(kind=kind)
    held = await make.redeem(programme, member_id, reward, hold=True)
    await make.confirm(programme, member_id, held, now=JUST_BEFORE)

    assert await balances(member_id, UNTIL) == Balances(available=900)
    assert await make.entries(member_id) == [("EARN", 1000), ("HOLD", 100), ("CAPTURE", 100)]
    assert await make.stock(reward) == 4
    shown = await make.redemption(programme, member_id, held)
    if kind == "COUPON":
        assert (shown.status, shown.fulfilled_at) == (RedemptionStatus.FULFILLED, JUST_BEFORE)
        assert len(shown.codes) == 1
    else:
        assert (shown.status, shown.fulfilled_at) == (RedemptionStatus.CONFIRMED, None)
        assert shown.codes == []
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_giving_a_hold_up_puts_everything_back(kind: str) -> None:
    programme, member_id, reward = await opened(kind=kind)
    before = (await make.state(member_id)).lots
    held = await make.redeem(programme, member_id, reward, hold=True, quantity=2)
    outcome = await make.cancel(programme, member_id, held)

    assert outcome.figures["points_reinstated"] == 200
    assert await balances(member_id) == Balances(available=1000)
    assert (await make.state(member_id)).lots == before
    assert await make.entries(member_id) == [("EARN", 1000), ("HOLD", 200), ("RELEASE", 200)]
    assert await make.stock(reward) == 5
    shown = await make.redemption(programme, member_id, held)
    assert (shown.status, shown.codes) == (RedemptionStatus.RELEASED, [])
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_hold_dies_without_anything_being_written(kind: str) -> None:
    programme, member_id, reward = await opened(kind=kind)
    held = await make.redeem(programme, member_id, reward, hold=True)
    before = await make.everything(programme)

    assert await balances(member_id, JUST_BEFORE) == Balances(available=900, held=100)
    assert await balances(member_id, UNTIL) == Balances(available=1000)
    zone = programme.versions[0].policy.zone
    for now, points in ((JUST_BEFORE, 900), (UNTIL, 1000)):
        lots = (await make.state(member_id, now)).lots
        assert ledger_states.expiry_schedule(lots, now, zone) == [
            ledger_states.Expiring(points, date(2027, 3, 15))
        ]
    for now, status in ((JUST_BEFORE, "HELD"), (UNTIL, "RELEASED")):
        shown = (await make.redemption(programme, member_id, held)).as_of(now)
        assert (shown.status, shown.codes) == (status, [])
    assert await make.everything(programme) == before


async def test_the_next_write_posts_the_time_out_as_of_when_it_was() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    await touch(programme, member_id, UNTIL + 45 * MINUTE)

    found = await reading.entries(member_id, limit=9)
    assert [(e.kind, e.points, e.effective_at, e.recorded_at) for e in found[:3]] == [
        ("EARN", 1, UNTIL + 45 * MINUTE, UNTIL + 45 * MINUTE),
        ("RELEASE", 100, UNTIL, UNTIL + 45 * MINUTE),
        ("HOLD", 100, make.NOW, make.NOW),
    ]
    assert found[1].redemption_id == held
    assert await make.stock(reward) == 5
    shown = await make.redemption(programme, member_id, held)
    assert (shown.status, shown.released_at) == ("RELEASED", UNTIL + 45 * MINUTE)
    assert await make.faults(member_id) == []


async def test_a_hold_that_dies_is_told_and_one_given_up_is_told_as_that() -> None:
    programme, member_id, reward = await opened()
    dead = await make.redeem(programme, member_id, reward, hold=True)
    given_up = await make.redeem(programme, member_id, reward, hold=True)
    await make.cancel(programme, member_id, given_up, now=make.NOW + MINUTE)
    await touch(programme, member_id, UNTIL)

    assert (await travel.topics(member_id))[2:] == [
        "reward.held",
        "reward.held",
        "redemption.cancelled",
        "reward.released",
        "points.earned",
    ]
    [told] = await rows(
        "SELECT payload FROM outbox_event WHERE member_id = $1 AND topic = 'reward.released'",
        member_id,
    )
    assert orjson.loads(told["payload"]) == {
        "redemption_id": str(dead),
        "reward": reward.code,
        "points": 100,
    }


async def test_how_long_a_hold_lives_is_the_policys() -> None:
    programme = await make.establish(make.shipped_document(holds={"minutes": 5}))
    member_id = await make.rich_member(programme, 100)
    reward = await make.reward(programme, list_points=100)
    held = await make.redeem(programme, member_id, reward, hold=True)
    shown = await make.redemption(programme, member_id, held)
    assert shown.hold_expires_at == make.NOW + 5 * MINUTE


async def test_several_holds_die_each_at_its_own_instant() -> None:
    programme, member_id, reward = await opened()
    await make.redeem(programme, member_id, reward, hold=True)
    await make.redeem(programme, member_id, reward, hold=True, now=make.NOW + 10 * MINUTE)
    await make.redeem(programme, member_id, reward, hold=True, now=make.NOW + 20 * MINUTE)

    for minutes, held in ((29, 300), (30, 200), (40, 100), (50, 0)):
        state = await balances(member_id, make.NOW + minutes * MINUTE)
        assert (state.available, state.held) == (1000 - held, held)
    await touch(programme, member_id, make.NOW + 45 * MINUTE)
    assert (await balances(member_id, make.NOW + 45 * MINUTE)).held == 100
    assert await make.stock(reward) == 4
    assert await make.faults(member_id) == []


async def test_a_hold_needs_points_that_are_there() -> None:
    programme, member_id, reward = await opened(points=150)
    await make.redeem(programme, member_id, reward, hold=True)
    facts = {"available": 50, "required": 100}
    async with make.refused(programme, InsufficientPoints, "points", **facts):
        await make.redeem(programme, member_id, reward, hold=True, now=JUST_BEFORE)
    await make.redeem(programme, member_id, reward, hold=True, now=UNTIL)
    assert await balances(member_id, UNTIL) == Balances(available=50, held=100)


# A dead hold.


@pytest.mark.parametrize("posted", [False, True])
async def test_a_dead_hold_is_not_confirmed(posted: bool) -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    if posted:
        await touch(programme, member_id, UNTIL)
    async with make.refused(programme, HoldExpired, "redemption", expired_at=UNTIL):
        await make.confirm(programme, member_id, held, now=UNTIL)
    assert (await balances(member_id, UNTIL)).held == 0


@pytest.mark.parametrize("posted", [False, True])
async def test_a_dead_hold_is_released_already(posted: bool) -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    if posted:
        await touch(programme, member_id, UNTIL)
    async with make.refused(programme, RedemptionState, "redemption", status="RELEASED"):
        await make.cancel(programme, member_id, held, now=UNTIL)


async def test_a_hold_that_was_given_up_is_not_confirmed() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    await make.cancel(programme, member_id, held)
    for now in (make.NOW, UNTIL):
        async with make.refused(programme, RedemptionState, "redemption", status="RELEASED"):
            await make.confirm(programme, member_id, held, now=now)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_member_redeems_again_what_its_dead_hold_had(kind: str) -> None:
    """The points, the last item and the only one allowed, with no job in between."""
    programme, member_id, reward = await opened(points=100, kind=kind, stock=1, per_member_limit=1)
    await make.redeem(programme, member_id, reward, hold=True)
    async with make.refused(programme, LimitReached, "quantity", limit=1):
        await make.redeem(programme, member_id, reward, now=JUST_BEFORE)
    await make.redeem(programme, member_id, reward, now=UNTIL)

    assert await balances(member_id, UNTIL) == Balances()
    assert await make.stock(reward) == 0
    assert await make.entries(member_id) == [
        *(("EARN", 100), ("HOLD", 100), ("RELEASE", 100), ("REDEEM", 100)),
    ]
    assert await make.faults(member_id) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_who_meets_zero_gets_what_dead_holds_kept(kind: str) -> None:
    programme, first, reward = await opened(kind=kind, stock=2)
    other, third = [await make.rich_member(programme, 100) for _ in range(2)]
    await make.redeem(programme, first, reward, hold=True)
    await make.redeem(programme, other, reward, hold=True, now=make.NOW + MINUTE)

    async with make.refused(programme, OutOfStock, "reward", remaining=0):
        await make.redeem(programme, third, reward, now=JUST_BEFORE)
    await make.redeem(programme, third, reward, now=UNTIL)

    # the other's hold lives on
    assert await balances(other, UNTIL) == Balances(held=100)
    assert await make.entries(first) == [("EARN", 1000), ("HOLD", 100), ("RELEASE", 100)]
    assert await make.entries(third) == [("EARN", 100), ("REDEEM", 100)]
    assert await make.stock(reward) == 0
    assert await make.faults(first, other, third) == []


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
        journal, _ = await ledger.lock(member_id, now)
        cause = Cause("system", redemption_id=redemption_id)
        journals.hold(journal, points, until, cause)
        await ledger.write(journal)

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
        journal, _ = await ledger.lock(member_id, UNTIL)
        touches = await ledger.load_drawn(journal, held)
        assert touches == journal.holds[held].touches
        return [touch.points for touch in touches]

    assert await transact(drawn) == [-30, -20]


# Who may do what.


async def test_who_may_cancel_what_in_which_state() -> None:
    programme, member_id, service = await opened(points=10_000, stock=None)
    coupon = await make.reward(programme, kind="COUPON", list_points=100)
    oneself = make.member_caller(programme, "li", member_id)
    callers = (oneself, make.partner(programme), make.staff(programme))

    async def in_state(status: str) -> UUID:
        reward = coupon if status == "SHOWN" else service
        made = await make.redeem(programme, member_id, reward, hold=status in ("HELD", "RELEASED"))
        if status == "FULFILLED":
            await make.fulfil(programme, member_id, made)
        if status in ("RELEASED", "CANCELLED"):
            await make.cancel(programme, member_id, made)
        return made

    answers = {}
    for status in ("HELD", "CONFIRMED", "FULFILLED", "SHOWN", "RELEASED", "CANCELLED"):
        for caller in callers:
            made = await in_state(status)
            try:
                await make.cancel(programme, member_id, made, caller=caller)
                shown = await make.redemption(programme, member_id, made)
                answers[status, str(caller.kind)] = str(shown.status)
            except Refusal as error:
                answers[status, str(caller.kind)] = error.code
    assert answers == {
        ("HELD", "member"): "RELEASED",
        ("HELD", "partner"): "RELEASED",
        ("HELD", "staff"): "RELEASED",
        ("CONFIRMED", "member"): "CANCELLED",
        ("CONFIRMED", "partner"): "CANCELLED",
        ("CONFIRMED", "staff"): "CANCELLED",
        ("FULFILLED", "member"): "REDEMPTION_STATE",
        ("FULFILLED", "partner"): "CANCELLED",
        ("FULFILLED", "staff"): "CANCELLED",
        ("SHOWN", "member"): "CODE_REVEALED",
        ("SHOWN", "partner"): "CANCELLED",
        ("SHOWN", "staff"): "CANCELLED",
        **{
            (status, str(caller.kind)): "REDEMPTION_STATE"
            for status in ("RELEASED", "CANCELLED")
            for caller in callers
        },
    }
    assert await make.faults(member_id) == []


async def test_a_member_touches_its_own_redemptions_only() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    stranger_id = await make.rich_member(programme, 100, reference="wang")
    stranger = make.member_caller(programme, "wang", stranger_id)
    for act in (make.confirm, make.cancel):
        async with make.refused(programme, NotFound, "redemption", what="redemption"):
            await act(programme, member_id, held, caller=stranger)
        async with make.refused(programme, NotFound, "redemption", what="redemption"):
            await act(programme, stranger_id, held, caller=stranger)


async def test_another_programmes_redemption_is_not_there() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    confirmed = await make.redeem(programme, member_id, reward)
    other = await make.establish()
    for caller in (make.partner(other), make.staff(other)):
        async with make.refused(programme, NotFound, "redemption"):
            await make.confirm(other, member_id, held, caller=caller)
        async with make.refused(programme, NotFound, "redemption"):
            await make.cancel(other, member_id, held, caller=caller)
        async with make.refused(programme, NotFound, "redemption"):
            await make.fulfil(other, member_id, confirmed, caller=caller)


# Delivery.


@pytest.mark.parametrize("kind", ["SERVICE", "PRODUCT", "PARTNER"])
@pytest.mark.parametrize("hold", [False, True])
async def test_what_was_confirmed_is_delivered_once(kind: str, hold: bool) -> None:
    programme, member_id, reward = await opened(kind=kind)
    made = await make.redeem(programme, member_id, reward, hold=hold)
    if hold:
        async with make.refused(programme, RedemptionState, "redemption", status="HELD"):
            await make.fulfil(programme, member_id, made, None, "AIR-1")
        await make.confirm(programme, member_id, made)
    later = make.NOW + timedelta(days=3)
    await make.fulfil(programme, member_id, made, "SF-1234", "AIR-1", now=later)

    shown = await make.redemption(programme, member_id, made)
    assert (shown.status, shown.fulfilled_at, shown.tracking) == ("FULFILLED", later, "SF-1234")
    async with make.refused(programme, RedemptionState, "redemption", status="FULFILLED"):
        await make.fulfil(programme, member_id, made, "SF-1234", "AIR-2", now=later)
    assert await balances(member_id, later) == Balances(available=900)
    assert await make.faults(member_id) == []


async def test_a_partner_delivers_what_names_it_and_what_it_made_for_nobody() -> None:
    programme, member_id, _ = await opened()
    shop = await make.partner_of(programme, "shop")
    stranger = await make.partner_of(programme, "airline")
    theirs = await make.reward(programme, list_points=100, partner_id=shop.partner_id)
    made = await make.redeem(programme, member_id, theirs)
    async with make.refused(programme, NotFound, "redemption", what="redemption"):
        await make.fulfil(programme, member_id, made, caller=stranger)
    await make.fulfil(programme, member_id, made, caller=shop)

    everybodys = await make.reward(programme, list_points=100)
    for maker, caller in ((stranger, stranger), (shop, make.staff(programme))):
        made = await make.redeem(programme, member_id, everybodys, caller=maker)
        await make.fulfil(programme, member_id, made, caller=caller)
    made = await make.redeem(programme, member_id, everybodys, caller=shop)
    async with make.refused(programme, NotFound, "redemption", what="redemption"):
        await make.fulfil(programme, member_id, made, caller=stranger)
    await make.fulfil(programme, member_id, made, caller=replace(stranger, scopes=frozenset(Scope)))
    made = await make.redeem(programme, member_id, theirs)
    await make.fulfil(programme, member_id, made, caller=make.staff(programme))


async def test_a_limit_counts_what_was_kept() -> None:
    programme, member_id, reward = await opened(per_member_limit=2, stock=None)
    held = await make.redeem(programme, member_id, reward, hold=True)
    kept = await make.redeem(programme, member_id, reward)
    async with make.refused(programme, LimitReached, "quantity", limit=2, resets_at=None):
        await make.redeem(programme, member_id, reward)
    await make.cancel(programme, member_id, held)
    async with make.refused(programme, LimitReached, "quantity", limit=2):
        await make.redeem(programme, member_id, reward, quantity=2)
    await make.redeem(programme, member_id, reward, hold=True)
    await make.cancel(programme, member_id, kept)
    await make.redeem(programme, member_id, reward)
    async with make.refused(programme, LimitReached, "quantity"):
        await make.redeem(programme, member_id, reward)


# Sent again.


async def test_each_step_happens_once_under_its_key() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True, key="hold")
    first = await make.confirm(programme, member_id, held, key="confirm")
    await make.fulfil(programme, member_id, held, "SF-1", key="fulfil")
    await make.cancel(programme, member_id, held, key="cancel")
    before = await make.everything(programme)

    again = await make.redeem(programme, member_id, reward, hold=True, key="hold")
    confirmed = await make.confirm(programme, member_id, held, key="confirm")
    fulfilled = await make.fulfil(programme, member_id, held, "SF-1", key="fulfil")
    cancelled = await make.cancel(programme, member_id, held, key="cancel")
    assert again == held
    assert (confirmed.figures, confirmed.replayed) == (first.figures, True)
    assert fulfilled.replayed
    assert (cancelled.figures["points_reinstated"], cancelled.replayed) == (100, True)
    assert await make.everything(programme) == before

    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await make.redeem(programme, member_id, reward, key="hold")
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await make.fulfil(programme, member_id, held, "SF-2", key="fulfil")
    async with make.refused(
        programme, IdempotencyKeyReused, "idempotencyKey", operation="confirmRedemption"
    ):
        await make.cancel(programme, member_id, held, key="confirm")


async def test_a_refused_step_leaves_its_key_free() -> None:
    programme, member_id, reward = await opened(points=50)
    async with make.refused(programme, InsufficientPoints, "points"):
        await make.redeem(programme, member_id, reward, hold=True, key="k")
    await make.give(programme, member_id, 50)
    held = await make.redeem(programme, member_id, reward, hold=True, key="k")
    assert (await make.redemption(programme, member_id, held)).status == "HELD"


async def test_a_replay_shows_the_redemption_as_it_is_by_then() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True, key="k")
    assert await make.redeem(programme, member_id, reward, hold=True, key="k", now=UNTIL) == held
    shown = await make.redemption(programme, member_id, held)
    assert shown.as_of(UNTIL).status == "RELEASED"


# Races, on connections of their own.


@pytest.mark.usefixtures("proved")
async def test_50_parallel_holds_on_the_last_item() -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    members = [await make.rich_member(programme, 100) for _ in range(50)]
    found = await make.outcomes(
        *(make.redeem(programme, member_id, reward, hold=True) for member_id in members)
    )

    assert found == {"UUID": 1, "OUT_OF_STOCK": 49}
    assert await make.stock(reward) == 0
    states = [await balances(member_id) for member_id in members]
    assert Counter(states) == {Balances(available=100): 49, Balances(held=100): 1}
    assert await make.faults(*members) == []


async def test_the_last_item_of_a_dead_hold_is_given_once() -> None:
    programme = await make.establish()
    reward = await make.reward(programme, list_points=100, stock=1)
    members = [await make.rich_member(programme, 100) for _ in range(20)]
    await make.redeem(programme, members[0], reward, hold=True)
    found = await make.outcomes(
        *(make.redeem(programme, member_id, reward, now=UNTIL) for member_id in members)
    )

    assert found["UUID"] == 1
    assert set(found) <= {"UUID", "OUT_OF_STOCK", "CONCURRENT_REQUEST"}
    assert await make.stock(reward) == 0
    spent = [(await balances(member_id, UNTIL)).available for member_id in members]
    assert sorted(spent) == [0, *[100] * 19]
    assert await make.faults(*members) == []


async def test_holding_and_redeeming_the_same_points() -> None:
    programme, member_id, reward = await opened(points=100, stock=100)
    found = await make.outcomes(
        *(make.redeem(programme, member_id, reward, hold=n % 2 == 0) for n in range(20))
    )
    assert found == {"UUID": 1, "INSUFFICIENT_POINTS": 19}
    assert (await balances(member_id)).available == 0
    assert await make.stock(reward) == 99
    assert await make.faults(member_id) == []


async def test_confirming_while_the_hold_dies() -> None:
    """The member confirms at the last moment, while another takes the last item after it."""
    for _ in range(8):
        programme, member_id, reward = await opened(points=100, stock=1)
        other = await make.rich_member(programme, 100)
        held = await make.redeem(programme, member_id, reward, hold=True)
        confirmed, taken = await asyncio.gather(
            make.confirm(programme, member_id, held, now=JUST_BEFORE),
            make.redeem(programme, other, reward, now=UNTIL),
            return_exceptions=True,
        )
        status = (await make.redemption(programme, member_id, held)).status
        left = [(await balances(one, UNTIL)).available for one in (member_id, other)]
        if isinstance(confirmed, HoldExpired):
            assert (isinstance(taken, UUID), status, left) == (True, "RELEASED", [100, 0])
        else:
            assert isinstance(taken, OutOfStock)
            assert (status, left) == ("CONFIRMED", [0, 100])
        assert await make.stock(reward) == 0
        assert await make.faults(member_id, other) == []


@pytest.mark.usefixtures("proved")
async def test_confirming_and_giving_up_at_once() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    found = await make.outcomes(
        *(
            (make.confirm if n % 2 else make.cancel)(
                programme, member_id, held, caller=make.member_caller(programme, "li", member_id)
            )
            for n in range(10)
        )
    )
    # confirmed first it can still be cancelled, cancelled first it cannot be confirmed
    assert found["Outcome"] in (1, 2)
    assert found["REDEMPTION_STATE"] == 10 - found["Outcome"]
    shown = await make.redemption(programme, member_id, held)
    assert shown.status == ("RELEASED" if found["Outcome"] == 1 else "CANCELLED")
    assert await balances(member_id) == Balances(available=1000)
    assert await make.faults(member_id) == []


async def test_a_code_that_was_shown_is_not_the_members_to_give_back() -> None:
    programme, member_id, _ = await opened()
    coupon = await make.reward(programme, kind="COUPON", list_points=100)
    oneself = make.member_caller(programme, "li", member_id)
    held = await make.redeem(programme, member_id, coupon, hold=True, caller=oneself)
    await make.confirm(programme, member_id, held, caller=oneself)
    async with make.refused(programme, CodeRevealed, "redemption"):
        await make.cancel(programme, member_id, held, caller=oneself)
