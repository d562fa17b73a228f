"""Verification finds every altered value of the ledger, names its row, and is never wrong."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.kernel.ids import new_id
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, Fault, MemberRows
from domain.redemptions import cancellations, redemptions
from domain.redemptions.redemptions import RedeemSent
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.support import factories as make
from tests.support import servers
from tests.support.servers import Database, Server

UNSEALED = {
    "allocation": {"id"},
}
"""Values that nothing else in the database says, so that no change of them contradicts it."""


async def live(programme: Programme) -> UUID:
    """A member with every kind of entry: earned, spent, given back, and expired in two ways."""
    member_id = await make.enrol(programme, now=make.NOW - timedelta(days=700))
    key, partner = MemberKey.of_id(member_id), make.partner(programme)
    start = make.NOW - timedelta(days=600)
    sent = ActivitySent("verification", f"V{member_id}")
    await activities.earn(make.request(partner, now=start), programme, key, sent)
    await make.book(programme, member_id, ("flight", "6000"), now=start)
    await make.book(programme, member_id, ("hotel", "99.99"), ("car", "0"), now=start)
    reward = await make.reward(programme, list_points=1500, stock=9)
    at = start + timedelta(days=90)
    for days in (0, 1):
        request = make.request(partner, now=at + timedelta(days=days))
        outcome = await redemptions.redeem(request, programme, key, RedeemSent(reward.code))
    # after its lots' expiry: the points come back and expire at once
    taken = UUID(outcome.figures["redemption_id"])
    request = make.request(partner, now=start + timedelta(days=500))
    await cancellations.cancel(request, programme, member_id, taken)
    await make.book(programme, member_id, ("hotel", "40000"), now=make.NOW - timedelta(days=9))
    await make.book(programme, member_id, ("train", "0.5"), now=make.NOW - timedelta(days=8))
    return member_id


@pytest.fixture(scope="module")
async def past(server: Server) -> AsyncIterator[Server]:
    """A template of databases of two members with a past, and one without."""
    if servers.is_as_it_is():
        pytest.skip(servers.SKIPPED["fresh_database"])
    async with servers.clone(server) as made:
        async with connected(made.serving, everywhere=False):
            programme = await make.establish()
            for _ in range(2):
                await live(programme)
            await make.enrol(programme)
        yield replace(server, template=urlsplit(made.owner).path.strip("/"))


@pytest.fixture
async def played(past: Server) -> AsyncIterator[Database]:
    """A database of one's own with that past."""
    async with servers.clone(past) as own, connected(own.serving, everywhere=False):
        yield own


@pytest.fixture
async def owner(played: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connection(played.owner) as opened:
        yield opened


async def faults() -> list[Fault]:
    return [fault async for batch in verification.batches() for fault in batch.faults]


async def everything() -> tuple[list[MemberRows], Catalogue]:
    loaded = await verification.read(UUID(int=0), UUID(int=2**128 - 1))
    return loaded, await verification.read_catalogue(Catalogue({}, {}), loaded)


async def test_a_sound_database_has_no_fault(played: Database) -> None:
    assert await faults() == []
    assert await verification.count() == 3
    [batch, _] = [batch async for batch in verification.batches()]
    kinds = {entry["kind"] for rows in (await everything())[0] for entry in rows.entries}
    assert (batch.members, kinds) == (3, {"EARN", "REDEEM", "REINSTATE", "EXPIRE"})


async def test_batches_cover_every_member_once(
    played: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [batch async for batch in verification.batches()]
    monkeypatch.setattr(verification, "MEMBERS_MAX", 1)
    single = [batch async for batch in verification.batches()]
    assert [batch.members for batch in single if batch.members] == [1, 1, 1]
    assert sum(batch.entries for batch in single) == sum(batch.entries for batch in whole)

    monkeypatch.setattr(verification, "MEMBERS_MAX", 500)
    monkeypatch.setattr(verification, "ENTRIES_MAX", 1)
    assert len([batch async for batch in verification.batches()]) > len(whole)


@pytest.mark.parametrize("members", [1, 2, 3, 4])
async def test_parts_cover_every_member_once(played: Database, members: int) -> None:
    whole = [batch async for batch in verification.batches()]
    parts = await verification.parts(members)
    found = [[batch async for batch in verification.batches(part)] for part in parts]
    assert [sum(batch.members for batch in part) for part in found] == {
        1: [1, 1, 1, 0],
        2: [2, 1],
        3: [3, 0],
        4: [3],
    }[members]
    entries = sum(batch.entries for part in found for batch in part)
    assert entries == sum(batch.entries for batch in whole)


def altered(value: Any, column: str) -> Any:
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, UUID) or (value is None and column.endswith("_id")):
        return new_id()
    if column.endswith(("_at", "_until")):
        return (value or make.NOW) + timedelta(seconds=1)
    return f"{value or ''}x"


def with_altered(member: MemberRows, table: str, place: int, column: str) -> MemberRows:
    """The same rows, but for one value of one of them."""
    rows = [*member.tables[table]]
    rows[place] = {**rows[place], column: altered(rows[place][column], column)}
    return MemberRows(member.member_id, defaultdict(list, {**member.tables, table: rows}))


@pytest.mark.parametrize("table", ["ledger_entry", "lot", "allocation", "account"])
async def test_every_altered_value_is_found_in_its_row(played: Database, table: str) -> None:
    loaded, catalogue = await everything()
    tried = 0
    for member in loaded:
        for place, row in enumerate(member.tables[table]):
            for column in row.keys() - {"member_id"} - UNSEALED.get(table, set()):
                if column == "tier_since" and not member.tables["tier_change"]:
                    continue
                planted = with_altered(member, table, place, column)
                target = planted.tables[table][place]
                named = {(f.table, f.row_id) for f in invariants.check(planted, catalogue)}
                assert (table, target.get("id", member.member_id)) in named, (column, row)
                tried += 1
    assert tried > 30


SECOND = "SELECT {} FROM ledger_entry WHERE sequence = 2 ORDER BY member_id LIMIT 1"

PLANTED = {
    "an entry's points": (
        "ledger_entry",
        "UPDATE ledger_entry SET points = points + 1 WHERE id = $1",
        "points is 6501, should be 6500, as the hash proves",
    ),
    "an entry's instant": (
        "ledger_entry",
        "UPDATE ledger_entry SET effective_at = effective_at - interval '1 s' WHERE id = $1",
        "effective_at is 2024-07-23 02:29:59+00:00, should be 2024-07-23 02:30:00+00:00",
    ),
    "an entry's actor": (
        "ledger_entry",
        "UPDATE ledger_entry SET actor = 'staff:eve' WHERE id = $1",
        "actor is staff:eve, should be partner:booking-engine, as the hash proves",
    ),
    "the format of an entry's hash": (
        "ledger_entry",
        "UPDATE ledger_entry SET hash_version = 1 WHERE id = $1",
        "hash_version is 1, should be 2, as the hash proves",
    ),
    "a lot's points left": (
        "lot",
        "UPDATE lot SET remaining = remaining + 1 WHERE id = $1",
        "remaining is 1, should be 0",
    ),
    "a lot's expiry": (
        "lot",
        "UPDATE lot SET expires_at = expires_at + interval '1 year' WHERE id = $1",
        "expires_at is 2026-07-23 16:00:00+00:00, should be 2025-07-23 16:00:00+00:00",
    ),
    "a lot's points": (
        "lot",
        "UPDATE lot SET points = points + 5 WHERE id = $1",
        "points is 6505, should be 6500, as the hash proves",
    ),
    "a lot's funder": (
        "lot",
        "UPDATE lot SET funder = 'bank' WHERE id = $1",
        "funder is bank, should be programme, as the hash proves",
    ),
    "an allocation's points": (
        "allocation",
        "UPDATE allocation SET points = points - 1 WHERE id = $1",
        "points is 6499, should be 6500, as the hash proves",
    ),
    "an account's balance": (
        "account",
        "UPDATE account SET available = available + 100 WHERE member_id = $1",
        "available is 48100, should be 48000",
    ),
    "an account's tier": (
        "account",
        "UPDATE account SET tier = 'diamond', tier_earned = 'diamond' WHERE member_id = $1",
        "tier is diamond, should be platinum",
    ),
    "an account's next expiry": (
        "account",
        "UPDATE account SET next_due_at = null WHERE member_id = $1",
        "next_due_at is null, should be 2027-03-06 16:00:00+00:00",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_change_is_named(owner: asyncpg.Connection, name: str) -> None:
    table, sql, said = PLANTED[name]
    entry_id, member_id = await owner.fetchrow(SECOND.format("id, member_id"))
    row_id = {
        "ledger_entry": entry_id,
        "account": member_id,
        "lot": "SELECT lot_id FROM allocation WHERE entry_id = $1",
        "allocation": "SELECT id FROM allocation WHERE entry_id = $1",
    }[table]
    if isinstance(row_id, str):
        row_id = await owner.fetchval(row_id, entry_id)
    assert await owner.execute(sql, row_id) == "UPDATE 1"

    found = [str(fault) for fault in await faults()]
    assert any(f"{table} {row_id} of member {member_id}: {said}" in fault for fault in found)


async def test_a_changed_reason_breaks_the_seal_of_all_under_it(owner: asyncpg.Connection) -> None:
    entry = await owner.fetchrow(SECOND.format("*"))
    await owner.execute("UPDATE ledger_entry SET reason = 'x' WHERE id = $1", entry["id"])
    lot_id, allocation_id = await owner.fetchrow(
        "SELECT lot_id, id FROM allocation WHERE entry_id = $1", entry["id"]
    )
    assert {(fault.table, fault.row_id) for fault in await faults()} == {
        ("ledger_entry", entry["id"]),
        ("allocation", allocation_id),
        ("lot", lot_id),
    }


async def test_an_entry_in_a_format_that_nobody_knows(owner: asyncpg.Connection) -> None:
    entry_id, member_id = await owner.fetchrow(SECOND.format("id, member_id"))
    await owner.execute(
        "UPDATE ledger_entry SET hash_version = 7, reason = 'x' WHERE id = $1", entry_id
    )
    found = [str(fault) for fault in await faults()]
    assert (
        f"ledger_entry {entry_id} of member {member_id}: "
        "hash_version is 7, should be a format that is known: 1, 2"
    ) in found


async def test_a_history_cut_out_whole_leaves_a_gap(owner: asyncpg.Connection) -> None:
    entry_id, member_id = await owner.fetchrow(SECOND.format("id, member_id"))
    await owner.execute("DELETE FROM allocation WHERE entry_id = $1", entry_id)
    await owner.execute("DELETE FROM ledger_entry WHERE id = $1", entry_id)
    following = await owner.fetchval(
        "SELECT id FROM ledger_entry WHERE sequence = 3 AND member_id = $1", member_id
    )
    found = [str(fault) for fault in await faults()]
    assert (
        f"ledger_entry {following} of member {member_id}: sequence is 3, should be 2, the next"
        in found
    )


@pytest.mark.parametrize(
    ("sql", "table", "said"),
    [
        ("UPDATE booking SET points = points + 1", "booking", "the sum of its awards"),
        ("UPDATE booking_line SET points = points + 1", "booking", "the sum of its lines"),
        ("UPDATE award SET points = points + 1", "booking", "the sum of its awards"),
        ("UPDATE activity SET points = points + 1", "activity", "the sum of its EARN entries"),
        ("UPDATE redemption SET points = points + 1", "redemption", "as its REDEEM entry"),
        (
            """UPDATE redemption SET status = 'FULFILLED', fulfilled_at = created_at,
            cancelled_at = null, cancelled_by = null, stock_returned = null""",
            "redemption",
            "should be 0, being FULFILLED",
        ),
        ("UPDATE tier_change SET from_tier = 'bronze'", "tier_change", "should be gold"),
        ("DELETE FROM tier_change", "account", "should be silver"),
        ("DELETE FROM lookup WHERE scope = 'booking'", "booking", "its look-up row is null"),
        ("DELETE FROM lookup WHERE scope = 'activity'", "activity", "its look-up row is null"),
    ],
)
async def test_facts_that_disagree_with_the_ledger(
    owner: asyncpg.Connection, sql: str, table: str, said: str
) -> None:
    await owner.execute(sql)
    assert any(fault.table == table and said in str(fault) for fault in await faults())


async def test_altered_instants_outside_the_calendar_are_faults(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE ledger_entry SET recorded_at = '9999-12-31T23:59:59Z'")
    await owner.execute("UPDATE account SET tier_since = '0001-01-03T00:00:00Z'")
    await owner.execute("UPDATE policy_version SET effective_from = '2000-01-01'")
    found = [str(fault) for fault in await faults()]
    assert any("should be none, before the first policy version" in fault for fault in found)
    assert any("recorded_at is 9999-12-31" in fault for fault in found)


async def test_rows_without_their_owner(owner: asyncpg.Connection) -> None:
    stranger, lot_id = new_id(), new_id()
    await owner.execute(
        "ALTER TABLE allocation DROP CONSTRAINT allocation_lot, DROP CONSTRAINT allocation_entry"
    )
    member_id = await owner.fetchval("SELECT member_id FROM lot LIMIT 1")
    insert = (
        "INSERT INTO allocation (member_id, id, entry_id, lot_id, points) VALUES ($1,$2,$3,$4,1)"
    )
    await owner.execute(insert, member_id, new_id(), new_id(), lot_id)
    await owner.execute(insert, stranger, new_id(), new_id(), new_id())

    found = [str(fault) for fault in await faults()]
    assert any(f"lot_id is {lot_id}, should be a lot of the member" in fault for fault in found)
    assert any(f"of member {stranger}: member is missing" in fault for fault in found)


async def test_what_is_written_meanwhile_is_no_fault(played: Database) -> None:
    programme = await make.establish()
    member_ids = [await make.enrol(programme) for _ in range(4)]
    stop = asyncio.Event()

    async def keep_booking(member_id: UUID) -> int:
        count = 0
        while not stop.is_set():
            await make.book(programme, member_id, ("hotel", "321.09"))
            count += 1
        return count

    writers = [asyncio.create_task(keep_booking(member_id)) for member_id in member_ids]
    seen = [await faults() for _ in range(10)]
    stop.set()
    assert min(await asyncio.gather(*writers)) > 0
    assert seen == [[]] * 10
