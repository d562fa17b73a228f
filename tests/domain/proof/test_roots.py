"""Days that are settled have signed roots, and receipts lead to them: what is rewritten before is
found by `verify`, and by whoever has a receipt, offline.
"""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest

from domain.books import books
from domain.kernel import merkle, sealing, signing
from domain.kernel.base64url import encoded
from domain.kernel.database import rows
from domain.ledger.values import FIRST_HASH
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.proof import receipts, root_checks, roots, verification
from ops import seal_keys
from ops.errors import SettingsError
from ops.postgres.connections import connection
from ops.postgres.database import connected
from ops.settings import ROOT, load
from ops.worker import root_files
from tests.support import factories as make
from tests.support import figured, servers
from tests.support.servers import Database, Server

OPENED = date(2026, 3, 10)
FIRST = datetime(2026, 3, 10, 4, tzinfo=UTC)
DAY = timedelta(days=1)
PUBLIC = encoded(signing.DEVELOPMENT_SIGNER.public)


@dataclass(frozen=True)
class Settled:
    """A programme whose first two days are settled, and a member that booked in each; on the second
    day four times.
    """

    database: Database
    programme: Programme
    member_id: UUID


@pytest.fixture(scope="module")
async def past(server: Server) -> AsyncIterator[tuple[Server, str, UUID]]:
    """A template of databases with that past, the programme's code, and the member."""
    if servers.is_as_it_is():
        pytest.skip(servers.SKIPPED["fresh_database"])
    async with servers.clone(server) as made:
        async with connected(made.serving, everywhere=False):
            programme = await make.establish()
            assert await books.open_from(programme, OPENED, FIRST)
            member_id = await make.enrol(programme, now=FIRST)
            await make.enrol(programme, now=FIRST)
            await make.book(programme, member_id, ("hotel", "100"), now=FIRST)
            await settle(programme, FIRST + DAY)
            for hour in range(4):
                at = FIRST + DAY + timedelta(hours=hour)
                await make.book(programme, member_id, ("hotel", f"20{hour}"), now=at)
        template = replace(server, template=urlsplit(made.owner).path.strip("/"))
        yield template, programme.code, member_id


@asynccontextmanager
async def opened(past: tuple[Server, str, UUID]) -> AsyncIterator[Settled]:
    template, code, member_id = past
    async with servers.clone(template) as own, connected(own.serving, everywhere=False):
        yield Settled(own, await programmes.get(code), member_id)


@pytest.fixture
async def settled(past: tuple[Server, str, UUID]) -> AsyncIterator[Settled]:
    async with opened(past) as own:
        yield own


async def settle(programme: Programme, now: datetime) -> None:
    assert await figured.settle_next(programme, now) is not None


async def faults() -> list[str]:
    return [str(fault) async for batch in verification.batches() for fault in batch.faults]


async def test_a_day_has_a_root_of_all_that_was_sealed_in_it(settled: Settled) -> None:
    programme, member_id = settled.programme, settled.member_id
    await settle(programme, FIRST + 2 * DAY)
    first, second = await roots.lines(programme.id)
    assert await faults() == []
    said = json.loads(second)
    assert (said["programme"], said["day"], said["leaves"]) == (programme.code, "2026-03-11", 1)
    assert said["previous"] == encoded(roots.link_to(first))
    assert said["key"] == signing.DEVELOPMENT_SIGNER.name
    assert json.loads(first)["leaves"] == 2
    assert json.loads(first)["previous"] == encoded(bytes(32))
    record = roots.read(second)
    key = [signing.DEVELOPMENT_SIGNER.public]
    assert signing.is_signed(record.signed, record.signature, record.key, key)
    assert not signing.is_signed(record.signed + b" ", record.signature, record.key, key)
    # the only leaf of the second day, by hand
    [seal] = await rows(
        "SELECT number, hash FROM seal WHERE member_id = $1 ORDER BY number DESC LIMIT 1", member_id
    )
    entries = await rows(
        "SELECT hash FROM ledger_entry WHERE member_id = $1 AND sequence > 1 ORDER BY sequence",
        member_id,
    )
    root = merkle.root([entry["hash"] for entry in entries])
    leaf = member_id.bytes + seal["number"].to_bytes(8) + seal["hash"] + root
    assert record.root == merkle.root([leaf])
    # the journal of the day, line by line
    journal = await rows(
        "SELECT day, account, funder, cohort, debit, credit, points FROM journal_day "
        "WHERE programme_id = $1 AND day = $2",
        programme.id,
        date(2026, 3, 11),
    )
    lines = sorted([one["day"].isoformat(), *list(one.values())[1:]] for one in journal)
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    assert (len(lines) > 0, record.journal) == (True, sha256(text.encode()).digest())
    # done again, it stays
    await roots.record_day(programme, date(2026, 3, 11))
    assert await roots.lines(programme.id, date(2026, 3, 10)) == [second]
    # a day in which nobody wrote has a root, too
    await settle(programme, FIRST + 3 * DAY)
    assert json.loads((await roots.lines(programme.id))[2])["leaves"] == 0


async def test_the_audit_and_the_journal_of_a_day_stay_as_they_were_published(
    settled: Settled,
) -> None:
    programme = settled.programme
    await make.reward(programme, code="bag", kind="PRODUCT", list_points=100)
    await settle(programme, FIRST + 2 * DAY)
    audited = await rows(
        "SELECT sequence, hash FROM audit WHERE programme_id = $1 ORDER BY sequence DESC",
        programme.id,
    )
    record = roots.read((await roots.lines(programme.id))[1])
    assert record.audit == (audited[0]["sequence"], audited[0]["hash"])
    assert await root_checks.of_days() == []
    async with connection(settled.database.owner) as owner:
        last = audited[0]["sequence"]
        await owner.execute("UPDATE audit SET hash = sha256(hash) WHERE sequence = $1", last)
        await owner.execute("UPDATE journal_day SET debit = debit + 1 WHERE day = '2026-03-11'")
    assert [fault.what for fault in await root_checks.of_days()] == [
        f"row {last} of the audit on 2026-03-11",
        "the journal on 2026-03-11",
    ]


GONE = """member_id = $1 AND scope = 'booking' AND $2::bigint > 0
    AND row_id NOT IN (SELECT id FROM booking)"""


async def cut_back(owner: asyncpg.Connection, member_id: UUID) -> None:
    """Put the member back to before its last three seals, as only who has no key must."""
    before = await owner.fetchrow(
        "SELECT * FROM seal WHERE member_id = $1 ORDER BY number DESC OFFSET 3 LIMIT 1", member_id
    )
    named = [
        row.id
        for seal in await owner.fetch(
            "SELECT rows FROM seal WHERE member_id = $1 AND number > $2",
            member_id,
            before["number"],
        )
        for row in sealing.unpacked(seal["rows"])
    ]
    ids = [UUID(bytes=one) for one in named]
    await owner.execute("SET session_replication_role = replica")
    for table in ("award", "tier_credit", "tier_change", "booking_line", "booking"):
        await owner.execute(f"DELETE FROM {table} WHERE id = ANY($1::uuid[])", ids)
    gone = "SELECT id FROM ledger_entry WHERE member_id = $1 AND sequence > $2"
    named_by = (member_id, before["sequence"])
    lots = f"SELECT lot_id FROM allocation WHERE entry_id IN ({gone})"
    for table, which in (
        ("lot_value", f"lot_id IN ({lots})"),
        ("lot", f"id IN ({lots})"),
        ("allocation", f"entry_id IN ({gone})"),
        ("ledger_entry", f"id IN ({gone})"),
        ("lookup", GONE),
    ):
        await owner.execute(f"DELETE FROM {table} WHERE {which}", *named_by)
    await owner.execute(
        "DELETE FROM seal WHERE member_id = $1 AND number > $2", member_id, before["number"]
    )
    last = await owner.fetchrow(
        "SELECT * FROM ledger_entry WHERE member_id = $1 ORDER BY sequence DESC LIMIT 1", member_id
    )
    due = await owner.fetchval("SELECT min(expires_at) FROM lot WHERE member_id = $1", member_id)
    await owner.execute(
        "UPDATE account SET pending = $2, available = $3, sequence = $4, last_hash = $5, "
        "last_recorded_at = $6, last_effective_at = $7, seal_number = $8, seal_hash = $9, "
        "next_due_at = $10 WHERE member_id = $1",
        member_id,
        *(last[name] for name in ("pending_after", "available_after", "sequence", "hash")),
        *(last[name] for name in ("recorded_at", "effective_at")),
        *(before["number"], before["hash"], due),
    )


async def superuser(server: Server, database: Database) -> str:
    path = database.owner.rsplit("/", 1)[1]
    return f"{server.administrator.rsplit('/', 1)[0]}/{path}"


async def test_a_member_put_back_is_found_once_the_day_has_its_root(
    settled: Settled, past: tuple[Server, str, UUID], server: Server, tmp_path: Path
) -> None:
    programme = settled.programme
    async with connection(await superuser(server, settled.database)) as owner:
        await cut_back(owner, settled.member_id)
    # nothing outside the database says yet that there was more
    assert [one for one in await faults() if "outbox" not in one and "feed" not in one] == []

    async with opened(past) as other:
        await settle(programme, FIRST + 2 * DAY)
        published = await roots.lines(programme.id)
        assert await root_checks.published(published) == []
        await _copied(tmp_path, programme, published)
        async with connection(await superuser(server, other.database)) as owner:
            await cut_back(owner, other.member_id)
            named = [one for one in await faults() if one.startswith(("day_leaf", "root"))]
            assert f"day_leaf {other.member_id}" in named[0]
            assert ": number of 2026-03-11 is 6, should be 3, as its seals say" in named[0]
            await owner.execute("DELETE FROM root WHERE day = '2026-03-11'")
        [missing] = map(str, await root_checks.published(published))
        said = f"root {programme.id}: its record on 2026-03-11 is missing, should be {published[1]}"
        assert missing == f"{said}, as published"

    # whoever copies them out sees that it is not what was copied
    file = tmp_path / f"{programme.code}.roots.jsonl"
    copied = file.read_text(encoding="utf-8")
    for other_than in (copied, f"{copied[::-1]}\n"):
        file.write_text(other_than, encoding="utf-8")
        with pytest.raises(root_files.RootsDiffer):
            await root_files.publish(tmp_path, programme)
        assert file.read_text(encoding="utf-8") == other_than


async def _copied(folder: Path, programme: Programme, published: list[str]) -> None:
    """Each line is copied once, also by who was killed while writing one."""
    file, whole = folder / f"{programme.code}.roots.jsonl", "\n".join([*published, ""])
    assert await root_files.publish(folder, programme) == len(published)
    assert await root_files.publish(folder, programme) == 0
    assert file.read_text(encoding="utf-8") == whole
    file.write_text(whole[:-20], encoding="utf-8")
    assert await root_files.publish(folder, programme) == 1
    assert file.read_text(encoding="utf-8") == whole


def proved(receipt: dict[str, Any], folder: Path, key: str = PUBLIC) -> tuple[int, str]:
    """What the stand-alone verifier says, in a process that knows nothing of Milepost."""
    file = folder / "receipt.json"
    file.write_text(json.dumps(receipt), encoding="utf-8")
    tool = ROOT / "tools" / "verify_receipt.py"
    command = [sys.executable, "-I", "-S", str(tool), str(file), key]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout + done.stderr


async def test_nothing_is_proved_of_an_entry_that_is_otherwise_than_it_was_hashed(
    settled: Settled,
) -> None:
    programme, member_id = settled.programme, settled.member_id
    [entry, *_] = await rows(
        "SELECT id FROM ledger_entry WHERE member_id = $1 ORDER BY sequence", member_id
    )
    assert await receipts.of_entry(programme.id, member_id, entry["id"]) is not None
    async with connection(settled.database.owner) as owner:
        await owner.execute("UPDATE ledger_entry SET points = 101 WHERE id = $1", entry["id"])
    assert await receipts.of_entry(programme.id, member_id, entry["id"]) is None


async def test_a_receipt_proves_what_was_in_the_books_of_its_day(
    settled: Settled, server: Server, tmp_path: Path
) -> None:
    programme, member_id = settled.programme, settled.member_id
    entries = await rows(
        "SELECT id, hash FROM ledger_entry WHERE member_id = $1 ORDER BY sequence", member_id
    )
    earlier, later = entries[0]["id"], entries[2]["id"]
    assert await receipts.of_entry(programme.id, member_id, later) is None
    await settle(programme, FIRST + 2 * DAY)
    receipt = await receipts.of_entry(programme.id, member_id, later)
    assert receipt is not None
    assert (receipt["place"], receipt["entries"]) == (1, 4)
    said = f"entry 3 of member {member_id} (EARN of 201 points, issued to available)"
    assert proved(receipt, tmp_path) == (
        0,
        f"{said} was in the books of {programme.code} on 2026-03-11\n",
    )
    first = await receipts.of_entry(programme.id, member_id, earlier)
    assert first is not None
    assert first["before"] == encoded(FIRST_HASH)
    assert proved(first, tmp_path)[0] == 0
    # at a million leaves it has twenty hashes, and an audit and a journal beside
    record = {**receipt["record"], "leaves": 1_000_000, "journal": "x" * 43}
    record["audit"] = {"sequence": 1_000_000, "hash": "x" * 43}
    large = {**receipt, "leaf": 999_999, "path": "x" * -(-20 * 32 * 4 // 3), "record": record}
    assert len(json.dumps(large, separators=(",", ":")).encode()) <= 2048
    # whatever is changed of it, or another key
    wrong = (1, "WRONG: the entry does not lead to a root that this key signed\n")
    [*before, points] = receipt["entry"][:8]
    changed = [*before, points + 1, *receipt["entry"][8:]]
    assert proved({**receipt, "entry": changed}, tmp_path) == wrong
    assert (
        proved({**receipt, "seal": [receipt["seal"][0] + 1, receipt["seal"][1]]}, tmp_path) == wrong
    )
    assert proved({**receipt, "place": 2}, tmp_path) == wrong
    other = encoded(signing.Signer(bytes(32)).public)
    assert proved(receipt, tmp_path, other) == wrong
    assert (
        proved({**receipt, "record": {**receipt["record"], "day": "2026-03-12"}}, tmp_path) == wrong
    )
    assert proved({"entry": []}, tmp_path)[0] == 2
    # a member of another programme is not there
    elsewhere = await make.establish()
    assert await receipts.of_entry(elsewhere.id, member_id, later) is None


async def test_a_history_that_was_rewritten_is_found_by_an_earlier_receipt(
    settled: Settled, server: Server, tmp_path: Path
) -> None:
    """A superuser with the key of roots, and without that of seals, signs a second history."""
    programme, member_id = settled.programme, settled.member_id
    await settle(programme, FIRST + 2 * DAY)
    [entry] = await rows(
        "SELECT id FROM ledger_entry WHERE member_id = $1 AND sequence = 3", member_id
    )
    receipt = await receipts.of_entry(programme.id, member_id, entry["id"])
    assert receipt is not None
    assert proved(receipt, tmp_path)[0] == 0
    url = await superuser(server, settled.database)
    async with connection(url) as owner:
        await owner.execute("DELETE FROM day_leaf WHERE day = '2026-03-11'")
        await owner.execute("DELETE FROM root WHERE day = '2026-03-11'")
        await cut_back(owner, member_id)
    await roots.record_day(programme, date(2026, 3, 11))
    # what is in the books now does not have the entry, and says so of itself
    assert await receipts.of_entry(programme.id, member_id, entry["id"]) is None
    [_, second] = await roots.lines(programme.id)
    assert second != json.dumps(receipt["record"])
    # the receipt holds against what was signed then, and not against what is signed now
    signed_now = json.loads(second)
    del signed_now["root"]
    now = {**receipt, "record": signed_now}
    assert proved(receipt, tmp_path)[0] == 0
    assert proved(now, tmp_path)[0] == 1


def test_keys_of_roots_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seal_keys.of_roots(load()) == (None, ())
    monkeypatch.setenv("MILEPOST_ROOT_KEY", "A" * 43 + "=")
    signer, _ = seal_keys.of_roots(load())
    assert signer == signing.Signer(bytes(32))
    monkeypatch.setenv("MILEPOST_ROOT_PUBLIC_KEYS", f"{PUBLIC}, {PUBLIC}")
    assert seal_keys.of_roots(load())[1] == (signing.DEVELOPMENT_SIGNER.public,) * 2
    for name, value, said in (
        ("ROOT_KEY", "c2hvcnQ=", "expected base64 of 32 random bytes"),
        ("ROOT_PUBLIC_KEYS", "short", "expected keys as `ops roots key` prints them"),
    ):
        with monkeypatch.context() as wrong:
            wrong.setenv(f"MILEPOST_{name}", value)
            with pytest.raises(SettingsError, match=f"MILEPOST_{name}: {said}"):
                load()
