"""The ledger on the database: lazily exact, the same whenever asked, paged and chained."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.database import row, rows, transact
from domain.kernel.ids import new_id
from domain.ledger import entries as ledger_entries
from domain.ledger import ledger, opening, states
from domain.ledger import lots as lot_rules
from domain.ledger.entries import EntryFilter
from domain.ledger.journal import redeem as post_redeem
from domain.ledger.lots import Lot
from domain.ledger.states import Expiring
from domain.ledger.values import Balances, Cause, EntryKind
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
GONE = datetime(2027, 3, 15, 16, tzinfo=UTC)
"""When points of NOW expire: 16 March 2027 00:00 in Shanghai."""


async def account(member_id: UUID) -> dict[str, object]:
    found = await row("SELECT * FROM account WHERE member_id = $1", member_id)
    assert found is not None
    return found


async def touch(member_id: UUID, now: datetime) -> None:
    """Any write posts what is due first."""

    async def work() -> None:
        journal, _ = await opening.lock(member_id, now)
        await make.post(journal)

    await transact(work)


async def test_points_expire_at_the_exact_instant_without_any_job(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    before = await make.everything(programme)
    assert await make.available(member_id, GONE - MOMENT) == 100
    assert await make.available(member_id, GONE) == 0
    assert await make.everything(programme) == before  # reading writes nothing


async def test_an_account_knows_when_something_falls_due_next(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    assert (await account(member_id))["next_due_at"] is None
    await make.give(programme, member_id, 100)
    await make.give(programme, member_id, 50, now=make.NOW + 10 * DAY)
    assert (await account(member_id))["next_due_at"] == GONE
    await touch(member_id, GONE)
    assert (await account(member_id))["next_due_at"] == GONE + 10 * DAY
    await touch(member_id, GONE + 10 * DAY)
    assert (await account(member_id))["next_due_at"] is None


async def test_a_write_posts_what_was_due_first(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    await make.give(programme, member_id, 50, now=make.NOW + 10 * DAY)
    later = GONE + 20 * DAY
    await make.give(programme, member_id, 7, now=later)
    entries = await reading.entries(member_id, limit=9)
    assert [(e.kind, e.points, e.effective_at, e.recorded_at) for e in reversed(entries)] == [
        ("EARN", 100, make.NOW, make.NOW),
        ("EARN", 50, make.NOW + 10 * DAY, make.NOW + 10 * DAY),
        ("EXPIRE", 100, GONE, later),
        ("EXPIRE", 50, GONE + 10 * DAY, later),
        ("EARN", 7, later, later),
    ]
    assert [e.available_after for e in reversed(entries)] == [100, 150, 50, 0, 7]
    assert [e.sequence for e in reversed(entries)] == [1, 2, 3, 4, 5]


async def test_a_refused_write_leaves_what_was_due_to_the_next(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)

    async def refuse() -> None:
        journal, _ = await opening.lock(member_id, GONE)
        assert len(journal.entries) == 1
        raise LookupError

    before = await make.everything(programme)
    with pytest.raises(LookupError):
        await transact(refuse)
    assert await make.everything(programme) == before


async def test_the_state_at_an_instant_is_the_same_whenever_it_is_asked(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    await make.give(programme, member_id, 50, now=make.NOW + 10 * DAY)
    reward = await make.reward(programme, list_points=30)
    spent = await make.redeem(programme, member_id, reward, now=make.NOW + 20 * DAY)
    expected = {
        make.NOW - MOMENT: 0,
        make.NOW: 100,
        make.NOW + 10 * DAY - MOMENT: 100,
        make.NOW + 10 * DAY: 150,
        make.NOW + 20 * DAY: 120,
        GONE - MOMENT: 120,
        GONE: 50,
        GONE + 10 * DAY - MOMENT: 50,
        GONE + 10 * DAY: 0,
        GONE + 99 * DAY: 0,
    }

    async def found() -> dict[datetime, int]:
        return {at: (await reading.balances_at(member_id, at)).available for at in expected}

    assert await found() == expected
    await touch(member_id, GONE + 5 * DAY)  # posts the first expiry, late
    assert await found() == expected
    await touch(member_id, GONE + 50 * DAY)
    assert await found() == expected
    # what comes back later stands where it was recorded
    await make.cancel(programme, member_id, spent, now=GONE + 60 * DAY)
    assert await found() == expected
    entries = await reading.entries(member_id, limit=2)
    assert [(e.kind, e.points) for e in entries] == [("EXPIRE", 30), ("REINSTATE", 30)]


async def test_the_lots_at_an_instant_make_up_the_balance(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    await make.give(programme, member_id, 50, now=make.NOW + 10 * DAY)
    reward = await make.reward(programme, list_points=120)
    await make.redeem(programme, member_id, reward, now=make.NOW + 20 * DAY)
    for at, remaining in (
        (make.NOW, [100]),
        (make.NOW + 10 * DAY, [50, 100]),
        (make.NOW + 20 * DAY, [30]),
    ):
        state = await reading.state_at(member_id, at)
        assert sorted(lot.remaining for lot in state.lots) == remaining
        assert state.balances == Balances(available=sum(remaining))


async def test_an_expiry_schedule_sums_to_the_balance(database: Database) -> None:
    programme = await make.establish()
    zone = programme.versions[0].policy.zone
    member_id = await make.rich_member(programme, 100)
    await make.give(programme, member_id, 50, now=make.NOW + 10 * DAY)
    await make.give(programme, member_id, 25, now=make.NOW + 10 * DAY + timedelta(hours=2))
    for now, expected in (
        (
            make.NOW + 11 * DAY,
            [Expiring(100, date(2027, 3, 15)), Expiring(75, date(2027, 3, 25))],
        ),
        (GONE, [Expiring(75, date(2027, 3, 25))]),
        (GONE + 10 * DAY, []),
    ):
        lots = (await states.live_state([member_id]))[member_id].lots
        schedule = states.expiry_schedule(lots, now, zone)
        assert schedule == expected
        assert sum(one.points for one in schedule) == await make.available(member_id, now)


@given(
    st.lists(st.tuples(st.integers(1, 100), st.none() | st.integers(-48, 480)), max_size=8),
    st.integers(-48, 480),
)
def test_every_expiry_schedule_sums_to_what_can_be_spent(
    drawn: list[tuple[int, int | None]], hours: int
) -> None:
    now = make.NOW + timedelta(hours=hours)
    lots = [
        Lot(
            new_id(),
            points,
            points,
            make.NOW - 9 * DAY,
            make.NOW - 9 * DAY,
            None if expiry is None else make.NOW + timedelta(hours=expiry),
            new_id(),
            "programme",
        )
        for points, expiry in drawn
    ]
    schedule = states.expiry_schedule(lots, now, ZoneInfo("Asia/Shanghai"))
    assert sum(one.points for one in schedule) == lot_rules.spendable_points(lots, now)
    days = [one.on for one in schedule]
    assert days == sorted(set(days))


async def test_entries_are_filtered_and_paged(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for n in range(4):
        await make.give(programme, member_id, 10 + n, now=make.NOW + n * DAY)
    reward = await make.reward(programme, list_points=5)
    await make.redeem(programme, member_id, reward, now=make.NOW + 4 * DAY)

    seen: list[int] = []
    before = None
    while page := await reading.entries(member_id, limit=2, before=before):
        assert len(page) <= 2
        seen += [entry.sequence for entry in page]
        before = page[-1].sequence
    assert seen == [5, 4, 3, 2, 1]
    day = make.NOW + DAY
    for wanted, expected in (
        (EntryFilter(kinds=(EntryKind.REDEEM,)), [5]),
        (EntryFilter(kinds=(EntryKind.REDEEM, EntryKind.EARN)), [5, 4, 3, 2, 1]),
        (EntryFilter(kinds=()), []),
        (EntryFilter(from_=day), [5, 4, 3, 2]),
        (EntryFilter(from_=day + MOMENT), [5, 4, 3]),
        (EntryFilter(until=day), [1]),
        (EntryFilter(until=day + MOMENT), [2, 1]),
        (EntryFilter(kinds=(EntryKind.EARN,), from_=day, until=day + 2 * DAY), [3, 2]),
    ):
        found = await reading.entries(member_id, wanted, limit=9)
        assert [entry.sequence for entry in found] == expected
        assert await reading.count_entries(member_id, wanted) == len(expected)
    stranger = await make.enrol(programme)
    assert await reading.entries(stranger, limit=9) == []


async def test_an_entry_is_shown_with_its_change_and_what_it_is_about(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "100"), reference="B-1")
    reward = await make.reward(programme, list_points=30)
    redemption_id = await make.redeem(programme, member_id, reward)
    spent, earned = await reading.entries(member_id, limit=9)
    assert (earned.available_change, earned.pending_change, earned.expires_at) == (100, 0, GONE)
    assert (earned.booking_reference, earned.redemption_id) == ("B-1", None)
    assert (spent.available_change, spent.pending_change, spent.expires_at) == (-30, 0, None)
    assert (spent.redemption_id, spent.booking_id) == (redemption_id, None)
    ids = [(member_id, earned.id), (member_id, spent.id), (member_id, UUID(int=0))]
    assert await ledger_entries.many(programme.id, ids, make.NOW) == {
        earned.id: earned,
        spent.id: spent,
    }
    other = await make.establish()
    assert await ledger_entries.many(other.id, ids, make.NOW) == {}
    stranger = await make.enrol(programme)
    assert await ledger_entries.many(programme.id, [(stranger, earned.id)], make.NOW) == {}


async def test_instants_never_run_backwards_on_the_account(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100, now=make.NOW - DAY)
    later = make.NOW + DAY
    await make.give(programme, member_id, 1, now=later)
    await make.give(programme, member_id, 2, now=make.NOW)  # a server whose clock is behind
    entry = (await reading.entries(member_id, limit=1))[0]
    assert (entry.recorded_at, entry.effective_at) == (later, later)
    lots = (await states.live_state([member_id]))[member_id].lots
    assert {lot.earned_at for lot in lots if lot.points == 2} == {later}


async def test_what_many_members_have_comes_in_one_answer(database: Database) -> None:
    programme = await make.establish()
    one, other = [await make.rich_member(programme, n) for n in (10, 20)]
    nobody = await make.enrol(programme)
    found = await states.live_state([one, other, nobody])
    assert {m: [lot.points for lot in live.lots] for m, live in found.items()} == {
        one: [10],
        other: [20],
        nobody: [],
    }


async def test_what_was_touched_comes_back_in_the_order_drawn(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for n in range(7):
        await make.give(programme, member_id, 10, now=make.NOW + n * DAY)
    reward = await make.reward(programme, list_points=65)
    spent = await make.redeem(programme, member_id, reward, now=make.NOW + 9 * DAY)

    async def work() -> list[int]:
        journal, _ = await opening.lock(member_id, make.NOW + 9 * DAY)
        touches = await ledger.load_drawn(journal, spent)
        in_order = sorted((journal.lots[t.lot_id] for t in touches), key=lot_rules.spend_order)
        assert [lot.id for lot in in_order] == [t.lot_id for t in touches]
        return [t.points for t in touches]

    assert await transact(work) == [-10, -10, -10, -10, -10, -10, -5]


async def test_an_account_changed_behind_the_lock_is_noticed(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    for statement, what in (
        ("UPDATE account SET sequence = 9 WHERE member_id = $1", "account"),
        ("UPDATE lot SET remaining = 99 WHERE member_id = $1", "lot of member"),
    ):

        async def work(statement: str = statement) -> None:
            journal, _ = await opening.lock(member_id, make.NOW)
            post_redeem(journal, 1, Cause("test"))
            await rows(statement, member_id)
            await make.post(journal)

        before = await make.everything(programme)
        with pytest.raises(RuntimeError, match=what):
            await transact(work)
        assert await make.everything(programme) == before


async def test_a_member_without_an_account_is_noticed(database: Database) -> None:
    async def work() -> None:
        await opening.lock(UUID(int=0), make.NOW)

    with pytest.raises(LookupError):
        await transact(work)


async def test_the_lock_is_the_row_of_the_account(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 4000)
    reward = await make.reward(programme)
    with caplog.at_level("DEBUG", logger="tortoise.db_client"):
        await make.redeem(programme, member_id, reward)
    said = [record.getMessage() for record in caplog.records]
    locks = [n for n, text in enumerate(said) if "FROM account" in text and "FOR UPDATE" in text]
    writes = [
        n
        for n, text in enumerate(said)
        if any(
            f"{verb} {table}" in text.replace('"', "")
            for verb in ("INSERT INTO", "UPDATE")
            for table in ("redemption", "ledger_entry", "allocation", "lot", "account", "reward")
        )
    ]
    assert len(locks) == 1
    assert writes
    assert locks[0] < min(writes)
    assert all("WHERE member_id = $1 FOR UPDATE" in said[n] for n in locks)
