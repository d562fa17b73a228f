"""The seal of what one transaction writes for an account, made in the same statement."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import models
from domain.books import books
from domain.kernel import sealed_rows, sealing
from domain.kernel.database import Row, rows
from domain.kernel.sealing import UNSEALED, Head, Sealed, SealedRow
from domain.kernel.writes import Writes, send_all
from domain.ledger.journal import Journal


def add(writes: Writes, journal: Journal) -> None:
    """Seal what is collected, and what this transaction changed before; does nothing where there is
    nothing. A member older than seals gets its first one by `first_seals`.
    """
    if journal.sealed is None:
        return
    found = [*journal.changed, *sealed_rows.of_writes(writes)]
    if found or journal.entries:
        _add(writes, journal.sealed, journal.now, (journal.sequence, journal.last_hash), found)


def _add(
    writes: Writes,
    before: Head,
    now: datetime,
    last_entry: tuple[int, bytes],
    found: Sequence[SealedRow],
) -> None:
    last = {(one.number, one.id): one for one in found}
    sealed = Sealed(now, *last_entry, sealing.packed(last.values()))
    digest, keys = sealing.seal_hash(writes.member_id, before, sealed), sealing.keys()
    number = before.number + 1
    writes.insert(
        models.Seal,
        [
            {
                "member_id": writes.member_id,
                "number": number,
                "recorded_at": now,
                "sequence": sealed.sequence,
                "rows": sealed.rows,
                "hash": digest,
                "key": keys.current,
                "mac": keys.mac(keys.current, digest),
            }
        ],
    )
    writes.change_own(
        models.Account,
        {"seal_number": number, "seal_hash": digest},
        {"seal_number": before.number},
    )


@dataclass(frozen=True, slots=True)
class Locked:
    """An account under its lock, for rows that need no journal: its last seal, the instant of the
    next, and its last entry.
    """

    before: Head | None
    now: datetime
    last_entry: tuple[int, bytes]


async def lock(member_ids: Collection[UUID], now: datetime) -> dict[UUID, Locked]:
    """Lock accounts of members whose rows change without their points, by member id."""
    found = await rows(
        "SELECT member_id, programme_id, seal_number, seal_hash, sequence, last_hash, "
        "last_recorded_at FROM account WHERE member_id = ANY($1::uuid[]) "
        "ORDER BY member_id FOR UPDATE",
        list(member_ids),
    )
    begins = {
        one: await books.not_before(one, now) for one in {row["programme_id"] for row in found}
    }
    return {row["member_id"]: _locked(row, begins[row["programme_id"]]) for row in found}


def _locked(account: Row, now: datetime) -> Locked:
    number = account["seal_number"]
    before = None if number is None else Head(number, account["seal_hash"])
    last = account["last_recorded_at"]
    last_entry = (account["sequence"], account["last_hash"])
    return Locked(before, now if last is None else max(now, last), last_entry)


async def write(
    locked: Mapping[UUID, Locked],
    written: Iterable[Row],
    sealed_row: Callable[[Row], SealedRow],
) -> None:
    """Seal rows that this transaction wrote of accounts that it has locked."""
    by_member: dict[UUID, list[SealedRow]] = {}
    for one in written:
        by_member.setdefault(one["member_id"], []).append(sealed_row(one))
    await write_all(locked, by_member)


async def write_all(
    locked: Mapping[UUID, Locked], by_member: Mapping[UUID, Sequence[SealedRow]]
) -> None:
    """The same for rows in the form of seals, by member."""
    collected = []
    for member_id, found in by_member.items():
        account = locked[member_id]
        if account.before is not None:
            writes = Writes(member_id)
            _add(writes, account.before, account.now, account.last_entry, found)
            collected.append(writes)
    await send_all(collected)


async def begin(member_ids: Collection[UUID]) -> list[UUID]:
    """Begin sealing of members that are not sealed yet; returns these, under their locks. The
    caller writes their first seals.
    """
    found = await rows(
        "UPDATE account SET seal_number = $2, seal_hash = $3 "
        "WHERE member_id = ANY($1::uuid[]) AND seal_number IS NULL RETURNING member_id",
        sorted(member_ids),
        *UNSEALED,
    )
    return [account["member_id"] for account in found]
