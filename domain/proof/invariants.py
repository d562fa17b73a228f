"""The invariants of one member's ledger, each proved from its rows alone.

Nothing here trusts the code that wrote the rows: balances, remainders and caches are added
up again from entries and allocations, and a row that contradicts them is named.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from domain.kernel.database import Row
from domain.ledger.values import FIRST_HASH
from domain.proof import chain_checks, fact_checks, lot_checks, private_checks, seal_checks
from domain.proof.evidence import (
    MEMBER_SIDE,
    Catalogue,
    Fault,
    MemberRows,
    change,
    guarded,
    held_in_lots,
    total,
)

_OWNED = {
    "ledger_entry": {
        "booking_id": "booking",
        "activity_id": "activity",
        "redemption_id": "redemption",
        "transfer_id": "transfer",
        "refund_id": "refund",
        "amendment_id": "amendment",
        "activity_reversal_id": "activity_reversal",
    },
    "activity_reversal": {"activity_id": "activity"},
    "lot": {"booking_id": "booking", "matured_entry_id": "ledger_entry"},
    "booking": {"redemption_id": "redemption", "quote_id": "quote"},
    "completion": {"booking_id": "booking"},
    "refund": {"booking_id": "booking"},
    "refund_line": {"refund_id": "refund", "booking_id": "booking"},
    "redemption": {"activity_id": "activity"},
    "code_reveal": {"redemption_id": "redemption"},
    "allocation": {"entry_id": "ledger_entry", "lot_id": "lot"},
    "booking_line": {"booking_id": "booking", "amendment_id": "amendment"},
    "amendment": {"booking_id": "booking"},
    "amendment_line": {"amendment_id": "amendment", "booking_id": "booking"},
    "award": {
        "booking_id": "booking",
        "activity_id": "activity",
        "refund_id": "refund",
        "amendment_id": "amendment",
        "activity_reversal_id": "activity_reversal",
    },
    "benefit_use": {"activity_id": "activity"},
    "tier_credit": {"booking_id": "booking", "activity_id": "activity"},
}
"""References of rows to rows of the same member."""


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault in one member's rows."""
    yield from contradictions(rows, catalogue)
    yield from guarded(seal_checks.check, rows)


def contradictions(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Contradictions between the rows, without their seals."""
    yield from rows.unread
    yield from guarded(_orphans, rows)
    yield from guarded(_entries, rows)
    yield from guarded(chain_checks.check, rows, catalogue)
    yield from guarded(_allocated, rows)
    yield from guarded(_lots, rows)
    yield from guarded(_account, rows)
    yield from guarded(lot_checks.check, rows, catalogue)
    yield from fact_checks.check(rows, catalogue)
    yield from guarded(private_checks.check, rows)


def _orphans(rows: MemberRows) -> Iterator[Fault]:
    if not rows.tables["member"] or rows.account is None:
        missing = "account" if rows.tables["member"] else "member"
        for table, found in rows.tables.items():
            for row in found:
                if table != missing:
                    yield rows.fault(table, row, missing, "missing", "there")
    for table, references in _OWNED.items():
        found = rows.tables.get(table, [])
        for column, target in references.items() if found else ():
            there = rows.by(target, "id")
            for row in found:
                owner = row[column]
                if owner is not None and owner not in there:
                    yield rows.fault(table, row, column, owner, f"a {target} of the member")


def _entries(rows: MemberRows) -> Iterator[Fault]:
    """Numbered without a gap, never back in time, each balance continues the previous one."""
    sequence, balances = 0, dict.fromkeys(MEMBER_SIDE, 0)
    recorded: datetime | None = None
    effective: datetime | None = None
    for entry in rows.entries:
        following = {"sequence": sequence + 1}
        yield from rows.differences("ledger_entry", entry, following, "the next")
        if recorded is not None and entry["recorded_at"] < recorded:
            wanted = f"{recorded} or later, as the entry before"
            yield rows.fault("ledger_entry", entry, "recorded_at", entry["recorded_at"], wanted)
        if effective is not None and entry["effective_at"] < effective:
            wanted = f"{effective} or later, as the entry before"
            yield rows.fault("ledger_entry", entry, "effective_at", entry["effective_at"], wanted)
        if entry["effective_at"] > entry["recorded_at"]:
            wanted = f"{entry['recorded_at']} or earlier, when it was recorded"
            yield rows.fault("ledger_entry", entry, "effective_at", entry["effective_at"], wanted)
        after = {f"{name}_after": balances[name] + change(entry, name) for name in MEMBER_SIDE}
        yield from rows.differences("ledger_entry", entry, after)
        sequence, recorded, effective = (
            entry["sequence"],
            entry["recorded_at"],
            entry["effective_at"],
        )
        balances = {name: entry[f"{name}_after"] for name in MEMBER_SIDE}


def _allocated(rows: MemberRows) -> Iterator[Fault]:
    """Points that enter or leave pending and available are allocated to lots exactly."""
    for entry in rows.entries:
        touches = rows.touches.get(entry["id"], [])
        allocated, wanted = total(touches), held_in_lots(entry)
        if allocated != wanted:
            yield rows.fault("ledger_entry", entry, "sum of its allocations", allocated, wanted)
        if len(touches) == 1:
            entered = {"points": wanted}
            yield from rows.differences("allocation", touches[0], entered, "as its entry")
        for touch in touches:
            lot = rows.lots.get(touch["lot_id"])
            if lot is not None:
                yield from _in_time(rows, entry, touch, lot)


def _settles_by_return(rows: MemberRows, entry: Row, lot: Row) -> bool:
    """Whether arrears are settled out of this lot right after points returned to it."""
    if entry["kind"] != "SETTLE":
        return False
    return any(
        touch["lot_id"] == lot["id"]
        for one in rows.entries
        if one["sequence"] == entry["sequence"] - 1 and one["kind"] in ("REINSTATE", "RELEASE")
        for touch in rows.touches.get(one["id"], ())
    )


def _in_time(rows: MemberRows, entry: Row, touch: Row, lot: Row) -> Iterator[Fault]:
    """Only spendable lots are spent, except that points returned after their expiry settle arrears
    first; and only expired lots expire.
    """
    at, expires_at, available_at = entry["effective_at"], lot["expires_at"], lot["available_at"]
    spent = entry["from_bucket"] == "available" and entry["kind"] != "EXPIRE"
    over = expires_at is not None and at >= expires_at and not _settles_by_return(rows, entry, lot)
    if spent and (available_at is None or at < available_at or over):
        spendable = f"from {available_at} until {expires_at}, while its lot is spendable"
        yield rows.fault("allocation", touch, f"instant of its {entry['kind']}", at, spendable)
    if entry["kind"] == "EXPIRE" and (expires_at is None or at < expires_at):
        wanted = f"{expires_at} or later, when its lot expires"
        yield rows.fault("allocation", touch, "instant of its EXPIRE", at, wanted)


def _lots(rows: MemberRows) -> Iterator[Fault]:
    """A lot starts full, and its remainder is the sum of its allocations at every step."""
    for lot in rows.lots.values():
        touches = rows.touches_of_lots.get(lot["id"], [])
        if not touches:
            yield rows.fault("lot", lot, "its credit", "missing", f"{lot['points']} points")
            continue
        credit = touches[0][1]
        why = f"as first allocated by allocation {credit['id']}"
        yield from rows.differences("lot", lot, {"points": credit["points"]}, why)
        level = 0
        for _, touch in touches:
            level += touch["points"]
            if not 0 <= level <= lot["points"]:
                wanted = f"0 to {lot['points']}, the points of lot {lot['id']}"
                yield rows.fault("allocation", touch, "what it leaves in its lot", level, wanted)
        yield from rows.differences("lot", lot, {"remaining": level})
    yield from _matured(rows)


def _matured(rows: MemberRows) -> Iterator[Fault]:
    """Each MATURE entry makes one lot spendable, with all its remaining points."""
    for entry in rows.entries:
        lots = rows.matured_by.get(entry["id"], [])
        if entry["kind"] != "MATURE":
            for lot in lots:
                wanted = f"a MATURE entry, not {entry['kind']}"
                yield rows.fault("lot", lot, "matured_entry_id", entry["id"], wanted)
            continue
        left = [
            total(
                touch
                for touched, touch in rows.touches_of_lots.get(lot["id"], ())
                if touched["sequence"] < entry["sequence"]
            )
            for lot in lots
        ]
        if left != [entry["points"]]:
            wanted = f"one lot with {entry['points']} left"
            yield rows.fault("ledger_entry", entry, "what it matured", left, wanted)


def _account(rows: MemberRows) -> Iterator[Fault]:
    """The cached account equals the last entry and the lots."""
    account = rows.account
    if account is None:
        return
    for member in rows.tables["member"]:
        programme = {"programme_id": member["programme_id"]}
        yield from rows.differences("account", account, programme)
    last = rows.entries[-1] if rows.entries else None
    expected = {name: last[f"{name}_after"] if last else 0 for name in MEMBER_SIDE}
    yield from rows.differences("account", account, expected)
    yield from rows.differences(
        "account",
        account,
        {
            "sequence": last["sequence"] if last else 0,
            "last_hash": last["hash"] if last else FIRST_HASH,
            "last_recorded_at": last["recorded_at"] if last else None,
            "last_effective_at": last["effective_at"] if last else None,
        },
    )
    remaining = _remaining(rows)
    matured = sum(left for lot, left in remaining.items() if rows.lots[lot]["available_at"])
    in_lots = {"available": matured, "pending": sum(remaining.values()) - matured}
    yield from rows.differences("account", account, in_lots, "the sum of its lots")
    held = {"held": sum(hold.points for hold in rows.open_holds.values())}
    why = "the sum of its open holds' allocations"
    yield from rows.differences("account", account, held, why)
    ends = [rows.lots[lot]["expires_at"] for lot, left in remaining.items() if left]
    ends += [hold.until for hold in rows.open_holds.values()]
    waiting = [rows.lots[lot] for lot, left in remaining.items() if left]
    ends += [lot["matures_at"] for lot in waiting if lot["available_at"] is None]
    due = min((end for end in ends if end is not None), default=None)
    yield from rows.differences("account", account, {"next_due_at": due})


def _remaining(rows: MemberRows) -> dict[UUID, int]:
    """The remainder of each lot, by its allocations."""
    return {
        lot_id: total(touch for _, touch in rows.touches_of_lots.get(lot_id, ()))
        for lot_id in rows.lots
    }
