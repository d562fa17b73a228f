"""Facts, redemptions, transfers and tiers against the ledger: granted points were posted."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from domain.kernel.database import Row
from domain.kernel.lookups import LookupScope
from domain.proof import (
    amendment_checks,
    benefit_checks,
    budget_checks,
    cap_checks,
    contact_checks,
    coupon_checks,
    erasure_checks,
    experiment_checks,
    grant_checks,
    judgement_checks,
    lookup_checks,
    member_checks,
    quote_checks,
    redemption_checks,
    referral_checks,
    refund_checks,
    review_checks,
    segment_checks,
    tier_checks,
)
from domain.proof.evidence import Catalogue, Fault, MemberRows, change, guarded, total


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault between one member's facts, its redemptions, its tier, and its entries."""
    yield from guarded(_earned, rows, "booking")
    yield from guarded(_earned, rows, "activity")
    yield from guarded(_booking_lines, rows)
    yield from guarded(refund_checks.check, rows)
    yield from guarded(amendment_checks.check, rows)
    yield from guarded(coupon_checks.check, rows)
    yield from guarded(grant_checks.check, rows)
    yield from guarded(judgement_checks.check, rows, catalogue)
    yield from guarded(budget_checks.check, rows, catalogue)
    yield from guarded(cap_checks.check, rows, catalogue)
    yield from guarded(quote_checks.check, rows)
    yield from guarded(_redemptions, rows)
    yield from guarded(redemption_checks.check, rows)
    yield from guarded(_transfers, rows)
    yield from guarded(_reminders, rows)
    yield from guarded(tier_checks.check, rows, catalogue)
    yield from guarded(benefit_checks.check, rows, catalogue)
    yield from guarded(referral_checks.check, rows, catalogue)
    yield from guarded(_looked_up, rows)
    yield from guarded(lookup_checks.check, rows)
    yield from guarded(contact_checks.check, rows)
    yield from guarded(member_checks.check, rows)
    yield from guarded(erasure_checks.check, rows)
    yield from guarded(segment_checks.check, rows)
    yield from guarded(review_checks.check, rows)
    yield from guarded(experiment_checks.check, rows, catalogue)


def _earned(rows: MemberRows, table: str) -> Iterator[Fault]:
    """A fact's points are the sum of its awards and of its EARN entries."""
    awards = rows.by("award", f"{table}_id")
    entries = rows.by("ledger_entry", f"{table}_id")
    for fact in rows.tables[table]:
        first = [award for award in awards.get(fact["id"], ()) if award["refund_id"] is None]
        granted = {"points": total(_at_first(first))}
        yield from rows.differences(table, fact, granted, "the sum of its awards")
        posted = {"points": total(_at_first(_of_kind(entries.get(fact["id"], ()), "EARN")))}
        yield from rows.differences(table, fact, posted, "the sum of its EARN entries")


def _at_first(found: Iterable[Row]) -> list[Row]:
    """Awards that no amendment or reversal made."""
    later = ("amendment_id", "activity_reversal_id")
    return [row for row in found if not any(row.get(name) for name in later)]


def _booking_lines(rows: MemberRows) -> Iterator[Fault]:
    """A booking's points and amounts are the sums of its lines'."""
    lines = rows.by("booking_line", "booking_id")
    columns = {
        "points": "points",
        "total_minor": "amount_minor",
        "cash_minor": "cash_minor",
        "coupon_minor": "coupon_minor",
    }
    for booking in rows.tables["booking"]:
        own = _at_first(lines.get(booking["id"], []))
        sums = {column: total(own, of_line) for column, of_line in columns.items()}
        yield from rows.differences("booking", booking, sums, "the sum of its lines")


def _redemptions(rows: MemberRows) -> Iterator[Fault]:
    """A redemption holds, has spent or gave back its points according to its status, lot by lot."""
    entries = rows.by("ledger_entry", "redemption_id")
    for redemption in rows.tables["redemption"]:
        own = sorted(entries.get(redemption["id"], []), key=lambda entry: entry["sequence"])
        yield from _took(rows, redemption, own)
        yield from _as_its_status(rows, redemption, own)
        yield from _same_lots(rows, own)
        hold = rows.open_holds.get(redemption["id"])
        if hold is not None and redemption["status"] == "HELD":
            yield from rows.differences("redemption", redemption, {"hold_expires_at": hold.until})


def _took(rows: MemberRows, redemption: Row, entries: Iterable[Row]) -> Iterator[Fault]:
    """Each entry that took or moved its points did so with all of them; a granted redemption took
    none.
    """
    moved = [entry for entry in entries if entry["kind"] in ("HOLD", "REDEEM", "CAPTURE")]
    if redemption["activity_id"] is not None:
        yield from rows.differences("redemption", redemption, {"points": 0}, "given by a grant")
    elif not moved:
        wanted = "0, having no REDEEM or HOLD entry"
        yield rows.fault("redemption", redemption, "points", redemption["points"], wanted)
    else:
        last = {"points": moved[-1]["points"]}
        why = f"as its {moved[-1]['kind']} entry"
        yield from rows.differences("redemption", redemption, last, why)


STATUS_MOVES = {
    "HELD": {"points held": 1, "points spent": 0, "points reinstated": 0},
    "CONFIRMED": {"points held": 0, "points spent": 1, "points reinstated": 0},
    "SHIPPED": {"points held": 0, "points spent": 1, "points reinstated": 0},
    "FULFILLED": {"points held": 0, "points spent": 1, "points reinstated": 0},
    "RELEASED": {"points held": 0, "points spent": 0, "points reinstated": 0},
    "CANCELLED": {"points held": 0, "points spent": 1, "points reinstated": 1},
}
"""By a redemption's status, the multiple of its points that its entries moved."""


def _as_its_status(rows: MemberRows, redemption: Row, entries: Iterable[Row]) -> Iterator[Fault]:
    own = list(entries)
    back = refund_checks.reinstated(rows, redemption["id"])
    found = {
        "points held": sum(change(entry, "held") for entry in own),
        "points spent": total(e for e in own if e["to_bucket"] == "redeemed"),
        "points reinstated": total(_of_kind(own, "REINSTATE")),
    }
    for what, times in STATUS_MOVES.get(redemption["status"], {}).items():
        wanted = redemption["points"] * times
        if what == "points reinstated" and back is not None:
            wanted = back
        if found[what] != wanted:
            being = f"{wanted}, being {redemption['status']}"
            yield rows.fault("redemption", redemption, what, found[what], being)


def _same_lots(rows: MemberRows, entries: Iterable[Row]) -> Iterator[Fault]:
    net: dict[UUID, int] = {}
    for entry in entries:
        for touch in rows.touches.get(entry["id"], ()):
            lot_id = touch["lot_id"]
            if entry["kind"] == "REINSTATE" and rows.is_credit(touch):
                continue  # a lot of its own, as the supplier cancelled
            net[lot_id] = net.get(lot_id, 0) + touch["points"]
            if net[lot_id] > 0:
                wanted = "no more than the redemption took from its lot"
                yield rows.fault("allocation", touch, "points", touch["points"], wanted)


def _transfers(rows: MemberRows) -> Iterator[Fault]:
    """A transfer is one entry here and one there, of the same points in opposite directions."""
    entries = rows.by("ledger_entry", "transfer_id")
    others = {row["id"]: row for row in rows.tables["counterpart"]}
    for transfer in rows.tables["transfer"]:
        kind = f"TRANSFER_{transfer['direction']}"
        posted = [(entry["kind"], entry["points"]) for entry in entries.get(transfer["id"], ())]
        if posted != [(kind, transfer["points"])]:
            wanted = f"one {kind} of {transfer['points']}"
            yield rows.fault("transfer", transfer, "its entries", posted, wanted)
        other = others.get(transfer["id"])
        there = other and _side(other, other["counterpart"])
        back = {"OUT": "IN", "IN": "OUT"}.get(transfer["direction"])
        wanted = f"{back} of {transfer['points']}: {transfer['counterpart_id']}, {rows.member_id}"
        if there != wanted:
            yield rows.fault("transfer", transfer, "its other side", there, wanted)


def _side(transfer: Row, member_id: UUID) -> str:
    said = f"{transfer['direction']} of {transfer['points']}"
    return f"{said}: {member_id}, {transfer['counterpart_id']}"


def _reminders(rows: MemberRows) -> Iterator[Fault]:
    """No reminder names more points than could be spent at that moment until that expiry."""
    for reminder in rows.tables["expiry_reminder"]:
        there = total(
            lot
            for lot in rows.lots.values()
            if lot["expires_at"] == reminder["expires_at"]
            and lot["available_at"] <= reminder["recorded_at"]
        )
        if reminder["points"] > there:
            wanted = f"{there} or less, what was there to expire"
            yield rows.fault("expiry_reminder", reminder, "points", reminder["points"], wanted)


def _looked_up(rows: MemberRows) -> Iterator[Fault]:
    """Each fact has its natural key stored, so that it can never be recorded twice."""
    held = {(row["scope"], row["value"]): row["id"] for row in rows.tables["lookup"]}
    for booking in rows.tables["booking"]:
        key = (LookupScope.BOOKING, booking["reference"])
        if held.get(key) != booking["id"]:
            found = held.get(key)
            yield rows.fault("booking", booking, "its look-up row", found, booking["id"])
    for activity in rows.tables["activity"]:
        value = f"{activity['reporter']}:{activity['type']}:{activity['reference']}"
        found = held.get((LookupScope.ACTIVITY, value))
        if found != activity["id"]:
            yield rows.fault("activity", activity, "its look-up row", found, activity["id"])


def _of_kind(entries: Iterable[Row], kind: str) -> list[Row]:
    return [entry for entry in entries if entry["kind"] == kind]
