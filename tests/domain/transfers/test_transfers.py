"""Transfers: points given to another member, lot by lot on the same terms."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import models
from domain.kernel.database import update
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import IdempotencyKeyReused, InvalidInput, NotFound
from domain.ledger import states as ledger_states
from domain.ledger.lots import Lot
from domain.ledger.refusals import AccountInArrears, InsufficientPoints
from domain.ledger.values import Balances
from domain.members import members
from domain.members.identity import MemberKey
from domain.members.refusals import LimitReached, MemberNotEnrolled, MemberSuspended
from domain.programmes.programmes import Programme
from domain.transfers import transfers
from domain.transfers.transfers import TransferSent
from tests.support import factories as make
from tests.support import private, reading

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
JOINED = make.NOW - 90 * DAY
"""Long enough ago to give, by the shipped policy: 30 days."""


async def opened(points: int = 1000, **changes: Any) -> tuple[Programme, UUID, UUID]:
    """A programme, a member who may give these points, and one who may get them."""
    programme = await make.establish(make.shipped_document(**changes) if changes else None)
    giver = await make.enrol(programme, now=JOINED, reference="li")
    if points:
        await make.give(programme, giver, points)
    return programme, giver, await make.enrol(programme, reference="wang")


async def available(*member_ids: UUID) -> list[int]:
    return [await make.available(member_id) for member_id in member_ids]


def terms(lot: Lot) -> tuple[Any, ...]:
    return (lot.remaining, lot.earned_at, lot.expires_at, lot.policy_version_id, lot.funder)


async def test_a_transfer_is_two_entries_of_the_same_points() -> None:
    programme, giver, receiver = await opened()
    outcome = await make.transfer(programme, giver, receiver, 300, note="Happy birthday")

    assert await available(giver, receiver) == [700, 300]
    assert await make.entries(giver) == [("EARN", 1000), ("TRANSFER_OUT", 300)]
    assert await make.entries(receiver) == [("TRANSFER_IN", 300)]
    sides = await models.Transfer.filter(id=outcome.figures["transfer_id"]).order_by("direction")
    assert [(s.member_id, s.direction, s.counterpart_id, s.points) for s in sides] == [
        (receiver, "IN", giver, 300),
        (giver, "OUT", receiver, 300),
    ]
    said = [await private.text(side.member_id, side.note) for side in sides]
    assert said == ["Happy birthday", "Happy birthday"]
    told = await models.OutboxEvent.filter(programme_id=programme.id, topic="points.transferred")
    assert {(event.member_id, event.payload["direction"]) for event in told} == {
        (giver, "OUT"),
        (receiver, "IN"),
    }
    assert await make.faults(giver, receiver) == []


async def test_points_keep_their_expiry_their_funder_and_their_date_lot_by_lot(
    owner_connection: asyncpg.Connection,
) -> None:
    programme, giver, receiver = await opened(0)
    await make.give(programme, giver, 100, now=JOINED)
    await make.give(programme, giver, 50, now=make.NOW - DAY)
    await make.adjust(programme, giver, 70, expires_on=date(2026, 3, 31))
    await make.adjust(programme, giver, 200)
    await owner_connection.execute(
        "UPDATE lot SET funder = 'bank' WHERE member_id = $1 AND points = 50", giver
    )
    before = {lot.points: lot for lot in (await make.state(giver)).lots}

    # soonest expiry first: 70 of 31 March, 100 of the old ones, then 10 of the 50
    await make.transfer(programme, giver, receiver, 180)
    got = {lot.points: lot for lot in (await make.state(receiver)).lots}
    assert {points: terms(lot) for points, lot in got.items()} == {
        70: terms(before[70]),
        100: terms(before[100]),
        10: (10, *terms(before[50])[1:]),
    }
    assert got[10].funder == "bank"
    zone = programme.versions[0].policy.zone
    assert ledger_states.expiry_schedule(got.values(), make.NOW, zone) == [
        ledger_states.Expiring(70, date(2026, 3, 31)),
        ledger_states.Expiring(100, date(2026, 12, 15)),
        ledger_states.Expiring(10, date(2027, 3, 14)),
    ]
    left = sorted(lot.remaining for lot in (await make.state(giver)).lots)
    assert left == [40, 200]


async def test_what_was_given_expires_when_it_would_have() -> None:
    programme, giver, receiver = await opened(0)
    await make.adjust(programme, giver, 70, expires_on=date(2026, 3, 31))
    await make.transfer(programme, giver, receiver, 70)
    over = make.NOW + 20 * DAY
    assert await make.available(receiver, over) == 0
    assert await reading.balances_at(receiver, over) == Balances()


async def test_points_can_be_given_on_and_back() -> None:
    programme, giver, receiver = await opened(points=100)
    before = [terms(lot) for lot in (await make.state(giver)).lots]
    third = await make.enrol(programme, now=JOINED)
    await make.transfer(programme, giver, third, 100)
    await make.transfer(programme, third, giver, 100)
    assert await available(giver, third, receiver) == [100, 0, 0]
    assert [terms(lot) for lot in (await make.state(giver)).lots] == before
    assert await make.faults(giver, third) == []


async def test_a_receiver_spends_at_once_what_it_got() -> None:
    """Also by a clock that is a little behind the giver's."""
    programme, giver, receiver = await opened(0)
    await make.give(programme, giver, 100, now=make.NOW + timedelta(seconds=10))
    await make.transfer(programme, giver, receiver, 100, now=make.NOW)
    reward = await make.reward(programme, list_points=100)
    await make.redeem(programme, receiver, reward, now=make.NOW)
    assert await make.faults(giver, receiver) == []


# What is refused.


async def test_only_available_points_are_given() -> None:
    """Held ones are not, nor those that have expired."""
    programme, giver, receiver = await opened(points=100)
    await make.adjust(programme, giver, 70, expires_on=date(2026, 3, 31))
    reward = await make.reward(programme, list_points=150)
    later = make.NOW + 20 * DAY
    await make.redeem(programme, giver, reward, hold=True)
    async with make.refused(programme, InsufficientPoints, "points", available=20, required=21):
        await make.transfer(programme, giver, receiver, 21)
    # the hold has died and 70 have expired
    async with make.refused(programme, InsufficientPoints, "points", available=100, required=101):
        await make.transfer(programme, giver, receiver, 101, now=later)
    await make.transfer(programme, giver, receiver, 100, now=later)
    assert await make.faults(giver, receiver) == []


async def test_pending_points_are_not_given() -> None:
    programme, giver, receiver = await opened(points=100)
    # as a booking that is yet to be completed leaves them
    await update(
        "UPDATE lot SET available_at = NULL, expires_at = NULL WHERE member_id = $1", giver
    )
    await update("UPDATE account SET pending = 100, available = 0 WHERE member_id = $1", giver)
    async with make.refused(programme, InsufficientPoints, "points", available=0, required=1):
        await make.transfer(programme, giver, receiver, 1)


async def test_a_new_account_gives_nothing_yet() -> None:
    programme, _, receiver = await opened()
    joined = make.NOW - 30 * DAY + timedelta(seconds=1)
    newcomer = await make.rich_member(programme, 100, now=joined)
    facts = {"limit": 0, "resets_at": joined + 30 * DAY}
    async with make.refused(programme, LimitReached, "from", **facts):
        await make.transfer(programme, newcomer, receiver, 100)
    await make.transfer(programme, newcomer, receiver, 100, now=joined + 30 * DAY)


async def test_who_may_not_give_learns_of_nobody_whether_there_is_one() -> None:
    """New, without points, in arrears or a guest: the refusal is the same for any receiver."""
    programme, _, receiver = await opened()
    newcomer = await make.rich_member(programme, 100)
    poor = await make.enrol(programme, now=JOINED)
    guest = await make.enrol(programme, now=JOINED, guest=True)
    for giver, refusal in (
        (newcomer, LimitReached),
        (poor, InsufficientPoints),
        (guest, MemberNotEnrolled),
    ):
        answers = set()
        for other in (receiver, new_id()):
            with pytest.raises(refusal) as refused:
                await make.transfer(programme, giver, other, 100)
            answers.add((str(refused.value), refused.value.path))
        assert len(answers) == 1


async def test_how_old_an_account_must_be_is_the_policys() -> None:
    programme, _, receiver = await opened(transfers={"account_age_days": 0})
    newcomer = await make.rich_member(programme, 100)
    await make.transfer(programme, newcomer, receiver, 100)


async def test_a_programme_may_offer_no_transfers() -> None:
    document = make.shipped_document()
    del document["transfers"]
    programme = await make.establish(document)
    giver = await make.rich_member(programme, 100, now=JOINED)
    receiver = await make.enrol(programme)
    async with make.refused(programme, InvalidInput, "from", reason="transfers_not_offered"):
        await make.transfer(programme, giver, receiver, 100)


async def test_who_owes_points_gives_none() -> None:
    programme, giver, receiver = await opened()
    await update("UPDATE account SET owed = 7 WHERE member_id = $1", giver)
    async with make.refused(programme, AccountInArrears, "from", owed=7):
        await make.transfer(programme, giver, receiver, 1)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("GUEST", MemberNotEnrolled),
        ("SUSPENDED", MemberSuspended),
        ("UNDER_REVIEW", MemberSuspended),
        ("ERASED", MemberSuspended),
    ],
)
async def test_who_is_not_active_gives_none(status: str, error: Any) -> None:
    programme, giver, receiver = await opened()
    await update("UPDATE member SET status = $2 WHERE member_id = $1", giver, status)
    async with make.refused(programme, error, "from"):
        await make.transfer(programme, giver, receiver, 1)


@pytest.mark.parametrize("status", ["GUEST", "SUSPENDED", "UNDER_REVIEW", "ERASED", None])
async def test_absent_and_ineligible_receivers_answer_alike(status: str | None) -> None:
    programme, giver, receiver = await opened()
    reference = "wang"
    if status is None:
        reference = "nobody"
    else:
        await update("UPDATE member SET status = $2 WHERE member_id = $1", receiver, status)
    facts = {"what": "member", "value": reference, "known": ()}
    async with make.refused(programme, NotFound, "to", **facts):
        await send(programme, giver, MemberKey(LookupScope.REFERENCE, reference))


async def send(
    programme: Programme, giver: UUID, to: MemberKey, points: int = 1, *, member: bool = True
) -> None:
    """By the giver itself, or by staff."""
    oneself = make.member_caller(programme, "li", giver)
    caller = oneself if member else make.staff(programme)
    sent = TransferSent(points)
    await transfers.transfer(make.request(caller), programme, MemberKey.of_id(giver), to, sent)


async def test_how_a_member_may_name_another() -> None:
    programme, giver, _ = await opened()
    friend = await make.enrol(
        programme, reference="chen", email="chen@example.com", phone="+8613800138000"
    )
    code = (await members.many([friend]))[friend].referral_code
    for scope, name in {
        LookupScope.EMAIL: "chen@example.com",
        LookupScope.PHONE: "+8613800138000",
    }.items():
        async with make.refused(programme, NotFound, "to", what="member", value=name):
            await send(programme, giver, MemberKey(scope, name))
        await send(programme, giver, MemberKey(scope, name), member=False)
    for key in (
        MemberKey(LookupScope.REFERENCE, "chen"),
        MemberKey(LookupScope.REFERRAL_CODE, code),
        MemberKey.of_id(friend),
    ):
        await send(programme, giver, key)
    assert await available(giver, friend) == [995, 5]


async def test_not_to_oneself() -> None:
    programme, giver, _ = await opened()
    for key in (MemberKey.of_id(giver), MemberKey(LookupScope.REFERENCE, "li")):
        async with make.refused(programme, InvalidInput, "to", reason="transfer_to_oneself"):
            await send(programme, giver, key)


async def test_not_into_another_programme() -> None:
    programme, giver, _ = await opened()
    other, _, stranger = await opened()
    before = await make.everything(other)
    for key in (MemberKey.of_id(stranger), MemberKey(LookupScope.REFERENCE, "elsewhere")):
        async with make.refused(programme, NotFound, "to", what="member"):
            await send(programme, giver, key)
    async with make.refused(programme, NotFound, "from", what="member"):
        await make.transfer(programme, stranger, giver, 1)
    assert await make.everything(other) == before


@pytest.mark.parametrize("points", [0, -1, -1000])
async def test_points_are_one_or_more(points: int) -> None:
    programme, giver, receiver = await opened()
    async with make.refused(programme, InvalidInput, "points", reason="not_positive"):
        await make.transfer(programme, giver, receiver, points)


@pytest.mark.parametrize(
    ("note", "reason"),
    [("", "too_short"), ("x" * 1001, "too_long"), ("a\x00b", "control_characters")],
)
async def test_what_cannot_be_a_note(note: str, reason: str) -> None:
    programme, giver, receiver = await opened()
    async with make.refused(programme, InvalidInput, "note", reason=reason):
        await make.transfer(programme, giver, receiver, 1, note=note)


async def test_a_transfer_happens_once_under_its_key() -> None:
    programme, giver, receiver = await opened()
    first = await make.transfer(programme, giver, receiver, 300, key="k")
    before = await make.everything(programme)
    again = await make.transfer(programme, giver, receiver, 300, key="k", now=make.NOW + DAY)
    assert (again.figures, again.replayed) == (first.figures, True)
    assert await make.everything(programme) == before
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await make.transfer(programme, giver, receiver, 301, key="k")


async def test_a_transfer_too_large_leaves_its_key_free() -> None:
    programme, giver, receiver = await opened(points=100)
    async with make.refused(programme, InsufficientPoints, "points"):
        await make.transfer(programme, giver, receiver, 101, key="k")
    await make.transfer(programme, giver, receiver, 100, key="k")


# Races, on connections of their own.


@pytest.mark.usefixtures("proved")
async def test_20_parallel_transfers_of_100_from_a_balance_of_100() -> None:
    programme, giver, receiver = await opened(points=100)
    found = await make.outcomes(
        *(make.transfer(programme, giver, receiver, 100) for _ in range(20))
    )
    assert found == {"Outcome": 1, "INSUFFICIENT_POINTS": 19}
    assert await available(giver, receiver) == [0, 100]
    assert await models.Transfer.filter(programme_id=programme.id).count() == 2
    assert await make.faults(giver, receiver) == []


@pytest.mark.usefixtures("proved")
async def test_one_key_sent_20_times_at_once() -> None:
    programme, giver, receiver = await opened(points=1000)
    outcomes = await asyncio.gather(
        *(make.transfer(programme, giver, receiver, 100, key="k") for _ in range(20))
    )
    assert Counter(outcome.replayed for outcome in outcomes) == {False: 1, True: 19}
    assert len({outcome.figures["transfer_id"] for outcome in outcomes}) == 1
    assert await available(giver, receiver) == [900, 100]


@pytest.mark.usefixtures("proved")
async def test_giving_both_ways_at_once() -> None:
    """No deadlock surfaces, and nothing is lost between the two."""
    programme = await make.establish()
    one = await make.rich_member(programme, 1000, now=JOINED)
    two = await make.rich_member(programme, 1000, now=JOINED)
    found = await make.outcomes(
        *(
            make.transfer(programme, *((one, two) if n % 2 else (two, one)), points=10 + n)
            for n in range(40)
        )
    )
    assert found == {"Outcome": 40}
    # the 20 odd numbers are 20 more in all than the 20 even ones
    assert await available(one, two) == [980, 1020]
    assert await make.faults(one, two) == []


async def test_giving_in_a_circle_while_spending() -> None:
    programme = await make.establish()
    friends = [await make.rich_member(programme, 100, now=JOINED) for _ in range(4)]
    reward = await make.reward(programme, list_points=60, stock=100)
    calls = [
        make.transfer(programme, friends[n % 4], friends[(n + 1 + n // 12) % 4], 50)
        for n in range(32)
    ]
    spending = [make.redeem(programme, member_id, reward, hold=True) for member_id in friends]
    found = await make.outcomes(*calls, *spending)
    assert set(found) <= {"Outcome", "UUID", "INSUFFICIENT_POINTS"}
    states = [(await make.state(member_id)).balances for member_id in friends]
    assert sum(state.available + state.held for state in states) == 400
    assert sum(state.held for state in states) == 60 * found["UUID"]
    assert await make.stock(reward) == 100 - found["UUID"]
    assert await make.faults(*friends) == []
