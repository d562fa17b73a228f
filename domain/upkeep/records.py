"""Records of upkeep: one for each completed run, never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kernel.database import Row, row, rows, transact
from domain.kernel.ids import new_id


class UpkeepKind(StrEnum):
    VERIFY = "VERIFY"
    BACKUP = "BACKUP"


@dataclass(frozen=True, slots=True)
class VerificationCounts:
    """Numbers of members and entries that a verification checked, and of faults that it found."""

    members: int
    entries: int
    faults: int


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification that ended at an instant, whatever it found."""

    ended_at: datetime
    seen: VerificationCounts


async def is_recorded_here() -> bool:
    """Whether this database accepts writes: a standby does not."""
    found = await row("SELECT pg_is_in_recovery() AS standby")
    return found is not None and not found["standby"]


async def record_verification(
    began_at: datetime, ended_at: datetime, seen: VerificationCounts
) -> None:
    await _record(UpkeepKind.VERIFY, began_at, ended_at, (seen.members, seen.entries, seen.faults))


async def record_backup(began_at: datetime, ended_at: datetime) -> None:
    await _record(UpkeepKind.BACKUP, began_at, ended_at, (None, None, None))


async def _record(
    kind: UpkeepKind,
    began_at: datetime,
    ended_at: datetime,
    seen: tuple[int | None, int | None, int | None],
) -> None:
    async def work() -> None:
        await rows(
            "INSERT INTO upkeep (id, kind, began_at, ended_at, members, entries, faults) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            new_id(),
            kind,
            began_at,
            max(began_at, ended_at),
            *seen,
        )

    await transact(work)


async def last_verification() -> Verification | None:
    """The latest one; None before the first."""
    found = await _last(UpkeepKind.VERIFY)
    if found is None:
        return None
    return Verification(
        found["ended_at"], VerificationCounts(found["members"], found["entries"], found["faults"])
    )


async def last_backup_at() -> datetime | None:
    """The instant when the last one ended; None before the first."""
    found = await _last(UpkeepKind.BACKUP)
    return found["ended_at"] if found else None


async def _last(kind: UpkeepKind) -> Row | None:
    return await row(
        "SELECT ended_at, members, entries, faults FROM upkeep WHERE kind = $1 "
        "ORDER BY ended_at DESC LIMIT 1",
        kind,
    )
