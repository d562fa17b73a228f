"""The ledger of points: entries between buckets, held in lots, chained by hash; insert-only.

A use-case locks the member's account (`domain.ledger.opening`) and posts in memory
(`domain.ledger.journal`); this module writes the result in a few statements.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import models
from domain.kernel.database import (
    Row,
    rows,
    update,
)
from domain.kernel.writes import Writes
from domain.ledger import lots as lot_rules
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot, Touch
from domain.ledger.new_lots import NewLots
from domain.ledger.states import _COLUMNS_OF_L, _LOT_FIELDS
from domain.ledger.values import Entry, EntryKind


async def load_drawn(journal: Journal, redemption_id: UUID) -> tuple[Touch, ...]:
    """Load the points that a redemption still has from each lot, in the order last drawn, and add
    these lots to the journal.

    Every entry of the redemption counts: points given back before, to these lots or in new ones,
    are subtracted.
    """
    found = await rows(
        f"SELECT sum(a.points)::bigint AS touched, {_COLUMNS_OF_L} "
        "FROM allocation a "
        "JOIN ledger_entry e ON e.member_id = a.member_id AND e.id = a.entry_id "
        "JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id "
        "WHERE a.member_id = $1 AND e.member_id = $1 AND l.member_id = $1 "
        "AND e.redemption_id = $2 "
        f"GROUP BY {_COLUMNS_OF_L} HAVING sum(a.points) <> 0 "
        "ORDER BY max(a.id::text) FILTER (WHERE a.points < 0)",
        journal.member_id,
        redemption_id,
    )
    touches, returned = [], 0
    for lot in found:
        touch = Touch(lot["id"], lot.pop("touched"))
        journal.lots.setdefault(touch.lot_id, Lot(**lot))
        if touch.points < 0:
            touches.append(touch)
        else:
            returned += touch.points
    back = {touch.lot_id: touch.points for touch in lot_rules.restore(touches, returned)}
    left = (Touch(one.lot_id, one.points + back.get(one.lot_id, 0)) for one in touches)
    return tuple(touch for touch in left if touch.points)


@dataclass(frozen=True, slots=True)
class Earned:
    """The lots that an activity was credited in, oldest first, and the number of their points that
    have expired until now.
    """

    lot_ids: tuple[UUID, ...] = ()
    expired: int = 0

    def lots(self, journal: Journal) -> list[Lot]:
        """These lots, as they are after everything that was posted."""
        return [journal.lots[lot_id] for lot_id in self.lot_ids]


async def load_earned(journal: Journal, activity_ids: Sequence[UUID]) -> dict[UUID, Earned]:
    """Load the lots of each of these activities into the journal; one statement for all."""
    if not activity_ids:
        return {}
    found = await rows(
        f"SELECT e.activity_id, {_COLUMNS_OF_L}, "
        "(SELECT coalesce(-sum(x.points), 0) FROM allocation x "
        "JOIN ledger_entry y ON y.member_id = x.member_id AND y.id = x.entry_id "
        "WHERE x.member_id = $1 AND x.lot_id = l.id AND y.kind = 'EXPIRE')::bigint "
        "AS expired FROM ledger_entry e "
        "JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id "
        "JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id "
        "WHERE e.member_id = $1 AND e.activity_id = ANY($2::uuid[]) AND e.kind = 'EARN' "
        "ORDER BY e.sequence",
        journal.member_id,
        list(activity_ids),
    )
    posted = _expired(journal)
    earned = dict.fromkeys(activity_ids, Earned())
    for lot in found:
        activity_id, expired = lot.pop("activity_id"), lot.pop("expired")
        own = journal.lots.setdefault(lot["id"], Lot(**lot))
        before = earned[activity_id]
        expired += before.expired + posted[own.id]
        earned[activity_id] = Earned((*before.lot_ids, own.id), expired)
    return earned


def _expired(journal: Journal) -> Counter[UUID]:
    """By lot, the points whose expiry is posted but not written yet."""
    expired: Counter[UUID] = Counter()
    for entry in journal.entries:
        if entry.kind is EntryKind.EXPIRE:
            for touch in entry.touches:
                expired[touch.lot_id] -= touch.points
    return expired


async def end(member_id: UUID, now: datetime, into: UUID | None = None) -> None:
    """Close an account, under its lock; it owes nothing from now on. Its points went `into` another
    account, if one is named.
    """
    ending = "UPDATE account SET closed_at = $2, merged_into = $3 WHERE member_id = $1"
    await update(ending, member_id, now, into)


async def note_merge(member_id: UUID) -> None:
    """Note, under its lock, that another member was merged into this one."""
    await update("UPDATE account SET has_merged = true WHERE member_id = $1", member_id)


async def still_open(member_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these members whose accounts are not closed."""
    found = await rows(
        "SELECT member_id FROM account WHERE member_id = ANY($1::uuid[]) AND closed_at IS NULL",
        list(member_ids),
    )
    return {account["member_id"] for account in found}


async def became(member_id: UUID) -> UUID:
    """The member that this one has become by merges; itself if it was not merged."""
    return (await all_became([member_id]))[member_id]


async def all_became(member_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """By each of these members, the one that it has become; the number of statements is the longest
    chain of merges plus one.
    """
    found = {member_id: member_id for member_id in member_ids}
    while True:
        merged = await rows(
            "SELECT member_id, merged_into FROM account WHERE member_id = ANY($1::uuid[]) "
            "AND merged_into IS NOT NULL",
            list(set(found.values())),
        )
        into = {account["member_id"]: account["merged_into"] for account in merged}
        if not into:
            return found
        found = {one: into.get(last, last) for one, last in found.items()}


async def left_behind(programme_id: UUID, after: UUID, limit: int) -> list[UUID]:
    """Members with closed accounts that still have points, by id: merged members with spendable
    points, and others with any points.
    """
    found = await rows(
        "SELECT member_id FROM account WHERE programme_id = $1 AND closed_at IS NOT NULL "
        "AND (available > 0 OR pending > 0 AND merged_into IS NULL) "
        "AND member_id > $2 ORDER BY member_id LIMIT $3",
        programme_id,
        after,
        limit,
    )
    return [account["member_id"] for account in found]


def add(writes: Writes, journal: Journal) -> None:
    """Add what was posted to the writes: entries, lots, allocations, the account's new state."""
    if not journal.entries:
        return
    member_id = journal.member_id
    writes.insert(models.LedgerEntry, (_entry_row(member_id, entry) for entry in journal.entries))
    writes.insert(
        models.Lot,
        (
            {
                "member_id": member_id,
                "matured_entry_id": journal.matured.get(lot.id),
                **{name: getattr(lot, name) for name in _LOT_FIELDS},
            }
            for lot in (journal.lots[lot_id] for lot_id in sorted(journal.new_lot_ids))
        ),
    )
    writes.insert(
        models.Allocation,
        (
            {
                "member_id": member_id,
                "id": journal.new_id(),
                "entry_id": entry.id,
                "lot_id": touch.lot_id,
                "points": touch.points,
            }
            for entry in journal.entries
            for touch in entry.touches
        ),
    )
    _add_lot_changes(writes, journal)
    _add_account(writes, journal)


def _entry_row(member_id: UUID, entry: Entry) -> Row:
    cause, after = entry.cause, entry.after
    return {
        "member_id": member_id,
        "id": entry.id,
        "sequence": entry.sequence,
        "kind": entry.kind,
        "from_bucket": entry.source,
        "to_bucket": entry.target,
        "points": entry.points,
        "effective_at": entry.effective_at,
        "recorded_at": entry.recorded_at,
        "pending_after": after.pending,
        "available_after": after.available,
        "held_after": after.held,
        "owed_after": after.owed,
        "booking_id": cause.booking_id,
        "activity_id": cause.activity_id,
        "redemption_id": cause.redemption_id,
        "refund_id": cause.refund_id,
        "amendment_id": cause.amendment_id,
        "transfer_id": cause.transfer_id,
        "activity_reversal_id": cause.activity_reversal_id,
        "holds_until": cause.holds_until,
        "actor": cause.actor,
        "reason": cause.reason,
        "hash_version": entry.hash_version,
        "hash": entry.hash,
    }


def _add_lot_changes(writes: Writes, journal: Journal) -> None:
    """Add the changes of existing lots: the points left, and what maturing sets, once. New lots are
    written as they are.
    """
    before, lots = journal.remaining_before, journal.lots
    matured = [lot_id for lot_id in journal.matured if lot_id not in journal.new_lot_ids]
    touched = [lot_id for lot_id in before if lot_id not in journal.matured]
    writes.change(
        models.Lot,
        {"id": touched, "remaining": [before[lot_id] for lot_id in touched]},
        {"remaining": [lots[lot_id].remaining for lot_id in touched]},
    )
    remaining = [lots[lot_id].remaining for lot_id in matured]
    writes.change(
        models.Lot,
        {
            "id": matured,
            "remaining": [
                before.get(lot_id, left) for lot_id, left in zip(matured, remaining, strict=True)
            ],
            "available_at": [None for _ in matured],
        },
        {
            "remaining": remaining,
            "available_at": [lots[lot_id].available_at for lot_id in matured],
            "expires_at": [lots[lot_id].expires_at for lot_id in matured],
            "matured_entry_id": [journal.matured[lot_id] for lot_id in matured],
        },
    )


def next_due_at(journal: Journal) -> datetime | None:
    """The next instant at which the passage of time changes the account."""
    if isinstance(journal.lots, NewLots):
        return journal.lots.next_due_at()
    return lot_rules.next_due_at(journal.lots.values(), journal.holds.values())


def _add_account(writes: Writes, journal: Journal) -> None:
    after = journal.balances
    writes.change_own(
        models.Account,
        {
            "pending": after.pending,
            "available": after.available,
            "held": after.held,
            "owed": after.owed,
            "sequence": journal.sequence,
            "last_hash": journal.last_hash,
            "last_recorded_at": journal.last_recorded_at,
            "last_effective_at": journal.last_effective_at,
            "next_due_at": next_due_at(journal),
        },
        {"sequence": journal.sequence_before},
    )
