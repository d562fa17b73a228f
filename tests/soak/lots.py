"""A sweep of a million lots: each expires once, in constant memory, though it is interrupted twice.

Members have a hundred lots each, which expire at ten instants, all in the past. The sweep is
interrupted within a transaction, and again between two, and resumed each time.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from tortoise.transactions import in_transaction

import models
from domain.accounts import sweeps
from domain.kernel import lookups, sealed_rows
from domain.kernel.database import row
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.ledger import journal as journals
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot
from domain.ledger.values import Cause
from domain.members import enrolment
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme
from domain.proof import verification
from ops.postgres.database import connected
from tests.soak import proofs
from tests.soak.proofs import Proof, Tell
from tests.support import factories as make
from tests.support.servers import Database

LOTS_A_MEMBER = 100
INSTANTS = 10
LOT_POINTS = 7
MEMBERS_AT_ONCE = 100

DAY = timedelta(days=1)
DUE = make.NOW + 30 * DAY
"""An instant at which all lots have expired."""

SAMPLED_AT = (0.1, 0.5, 1.0)
GROWTH_MAX_KIB = 16 * 1024
"""Between a tenth and the end: less than a hundred thousand of the lots would take."""


@dataclass(slots=True)
class Progress:
    """How much of the sweep is done, and the process's memory in KiB at `SAMPLED_AT`."""

    tell: Tell
    wanted: int
    members: int = 0
    entries: int = 0
    memory_kib: list[int] = field(default_factory=list)

    def add(self, swept: sweeps.SweepResult) -> None:
        self.members += 1
        self.entries += swept.entries
        self.tell(LOTS_A_MEMBER)
        while (
            len(self.memory_kib) < len(SAMPLED_AT)
            and self.members >= SAMPLED_AT[len(self.memory_kib)] * self.wanted
        ):
            self.memory_kib.append(resident_kib())


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    """The numbers only determine how many lots there are; nothing is random."""
    wanted = max(1, len(numbers) // LOTS_A_MEMBER)
    await proofs.write_behind(database)
    async with connected(database.serving, everywhere=False):
        programme = await make.establish()
        await fill(programme, wanted)
        assert await sweeps.count_due(programme, DUE) == wanted
        progress = Progress(tell, wanted)
        few = 1 if wanted < 10 * sweeps.TOGETHER_MAX else sweeps.TOGETHER_MAX
        with patch.object(sweeps, "TOGETHER_MAX", few):  # so that some of few members are left
            await sweep_until_cancelled(programme, progress, wanted // 2)
            await sweep_until_left(programme, progress, wanted * 3 // 4)
            async for swept in sweeps.sweep(programme, DUE):
                progress.add(swept)
        assert progress.members == wanted
        assert progress.entries == wanted * INSTANTS
        assert await sweeps.count_due(programme, DUE) == 0
        await check_expired_once(programme, wanted)
        checked = await verify()
    first, *_, last = progress.memory_kib
    assert last - first < GROWTH_MAX_KIB, f"memory grew from {first} KiB to {last} KiB"
    done = Counter({"lots expired": wanted * LOTS_A_MEMBER, "entries verified": checked})
    for part, kib in zip(SAMPLED_AT, progress.memory_kib, strict=True):
        done[f"MiB of memory at {part:.0%} of the sweep"] = kib // 1024
    return done


FOUND_BY = {LookupScope.REFERENCE: "reference", LookupScope.REFERRAL_CODE: "referral_code"}
"""Columns by which a member is found, by the scope of the look-up."""


async def fill(programme: Programme, count: int) -> None:
    """Create this many members, every row as the product writes it, with the hash chain."""
    for first in range(0, count, MEMBERS_AT_ONCE):
        enrolled = [member(programme, n) for n in range(first, min(count, first + MEMBERS_AT_ONCE))]
        async with in_transaction():
            await enrolment.insert(enrolled, programme)
            for scope, column in FOUND_BY.items():
                named = {getattr(one, column): (one.member_id,) * 2 for one in enrolled}
                await lookups.insert_many(programme.id, scope, named)
            for one in enrolled:
                journal = Journal(one.member_id, make.NOW)
                journal.changed.append(sealed_rows.of("member", vars(one)))
                for lot in lots(programme):
                    journals.adjust_up(journal, lot, Cause("staff:kim", reason="opening balance"))
                await make.post(journal)


def member(programme: Programme, number: int) -> models.Member:
    return models.Member(
        member_id=new_id(),
        programme_id=programme.id,
        reference=f"M{number}",
        locale="zh-CN",
        profile={},
        status=MemberStatus.ENROLLED,
        joined_at=make.NOW,
        referral_code=f"R{number}",
    )


def lots(programme: Programme) -> Iterable[Lot]:
    for number in range(LOTS_A_MEMBER):
        yield Lot(
            id=new_id(),
            points=LOT_POINTS,
            remaining=LOT_POINTS,
            earned_at=make.NOW,
            available_at=make.NOW,
            expires_at=make.NOW + (1 + number % INSTANTS) * DAY,
            policy_version_id=programme.versions[0].id,
            funder="programme",
        )


async def sweep_until_cancelled(programme: Programme, progress: Progress, until: int) -> None:
    """Cancel the sweep as a signal does, which rolls back the open transaction."""
    reached = until - until % sweeps.TOGETHER_MAX

    async def work() -> None:
        async for swept in sweeps.sweep(programme, DUE):
            progress.add(swept)
            if progress.members == reached:
                asyncio.get_running_loop().call_later(0.002, task.cancel)

    task = asyncio.create_task(work())
    await asyncio.wait([task])
    assert task.cancelled()


async def sweep_until_left(programme: Programme, progress: Progress, until: int) -> None:
    """Stop the sweep between two transactions."""
    async for swept in sweeps.sweep(programme, DUE):
        progress.add(swept)
        if progress.members >= until and progress.members % sweeps.TOGETHER_MAX == 0:
            break


async def check_expired_once(programme: Programme, wanted: int) -> None:
    """Assert that each lot was emptied by one EXPIRE of all its points."""
    lots_in_all = wanted * LOTS_A_MEMBER
    found = await row(
        "SELECT count(*) AS touches, count(DISTINCT (a.member_id, a.lot_id)) AS lots, "
        "sum(a.points)::bigint AS points FROM account c "
        "JOIN ledger_entry e ON e.member_id = c.member_id AND e.kind = 'EXPIRE' "
        "JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id "
        "WHERE c.programme_id = $1",
        programme.id,
    )
    assert found == {
        "touches": lots_in_all,
        "lots": lots_in_all,
        "points": -LOT_POINTS * lots_in_all,
    }
    left = await row(
        "SELECT count(*) AS left FROM lot l JOIN account c ON c.member_id = l.member_id "
        "WHERE c.programme_id = $1 AND (l.remaining <> 0 OR c.available <> 0)",
        programme.id,
    )
    assert left == {"left": 0}


async def verify() -> int:
    """Verify everything without a fault; the number of entries checked."""
    entries = 0
    async for batch in verification.batches():
        assert batch.faults == ()
        entries += batch.entries
    return entries


def resident_kib() -> int:
    status = Path("/proc/self/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1])


PROOF = Proof(
    name="lots",
    what="lots swept in flat memory, stopped and resumed, each expired once",
    count=1_000_000,
    part=1_000_000,
    run=run,
)
