"""Amendments against their bookings and the ledger: each continues the previous one exactly."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

import orjson

from domain.kernel.database import Row
from domain.proof.evidence import Fault, MemberRows, total


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault between one member's amendments, bookings and entries."""
    bookings = {booking["id"]: booking for booking in rows.tables["booking"]}
    entries, lines = rows.by("ledger_entry", "amendment_id"), rows.by("booking_line", "booking_id")
    parts = rows.by("amendment_line", "amendment_id")
    for booking_id, amendments in in_order(rows).items():
        if booking_id not in bookings:
            continue
        cash = bookings[booking_id]["cash_minor"]
        for version, amendment in enumerate(amendments, 1):
            own = parts.get(amendment["id"], [])
            yield from rows.differences("amendment", amendment, {"version": version})
            yield from _posted(rows, amendment, entries.get(amendment["id"], []))
            yield from _summed(rows, amendment, own, cash)
            yield from _every_line(rows, amendment, own, lines.get(booking_id, []))
            cash = amendment["cash_minor"]
    yield from _step_by_step(rows, bookings)


def in_order(rows: MemberRows) -> dict[UUID, list[Row]]:
    """Amendments by booking, the first one first."""
    found = rows.by("amendment", "booking_id")
    return {of: sorted(made, key=lambda one: one["version"]) for of, made in found.items()}


def awarded(amendment: Row) -> Counter[str]:
    """Total points of each rule for the amended booking."""
    return Counter(dict(orjson.loads(amendment["awarded"])))


def last_lines(rows: MemberRows) -> dict[tuple[UUID, int], Row]:
    """By booking and number, each line as its last amendment left it."""
    by_version = sorted(rows.tables["amendment_line"], key=lambda line: line["version"])
    return {(line["booking_id"], line["line_number"]): line for line in by_version}


def _posted(rows: MemberRows, amendment: Row, entries: Iterable[Row]) -> Iterator[Fault]:
    """The points that it gave and took are those of its entries, by the same actor at the same
    instant; reissued points are in both.
    """
    own, again = list(entries), amendment["points_reissued"]
    taken = [entry for entry in own if entry["kind"] == "CLAW_BACK"]
    expected = {
        "points_awarded": total(e for e in own if e["kind"] == "EARN") - again,
        "points_clawed_back": total(taken) - again,
        "points_owed": total(e for e in taken if e["from_bucket"] == "owed"),
        "points_reinstated": total(e for e in own if e["kind"] == "REINSTATE"),
    }
    yield from rows.differences("amendment", amendment, expected)
    for entry in own:
        posted = {"recorded_at": entry["recorded_at"], "reporter": entry["actor"]}
        yield from rows.differences("amendment", amendment, posted)


def _step_by_step(rows: MemberRows, bookings: Mapping[UUID, Row]) -> Iterator[Fault]:
    """Without refunds: each posted the difference between the booking's points before and after it,
    and did not give again points that the member kept.

    With refunds nothing is checked, as no row proves their place among amendments.
    """
    awards, refunded = rows.by("award", "booking_id"), rows.by("refund", "booking_id")
    for booking_id, amendments in in_order(rows).items():
        if booking_id not in bookings or refunded.get(booking_id):
            continue
        given, taken, kept = bookings[booking_id]["points"], 0, 0
        earned = _by_rule(awards.get(booking_id, ()), None)
        for made in amendments:
            earned.update(_by_rule(awards.get(booking_id, ()), made["id"]))
            if +earned != +awarded(made):
                wanted = f"{dict(+earned)}, the sum of its awards"
                yield rows.fault("amendment", made, "awarded", made["awarded"], wanted)
            target, had = sum(earned.values()), given - taken
            done = made["points_clawed_back"] + made["points_forgiven"] + made["points_expired"]
            change = max(0, target - had) - max(0, had - kept - target)
            most = max(0, made["points_clawed_back"] + change)
            expected = {"points_awarded": min(target - had + kept + done, most)}
            yield from rows.differences("amendment", made, expected)
            given, taken = given + made["points_awarded"], taken + made["points_clawed_back"]
            kept += made["points_forgiven"] + made["points_expired"]


def _by_rule(awards: Iterable[Row], amendment_id: UUID | None) -> Counter[str]:
    found = Counter[str]()
    for award in awards:
        if award["amendment_id"] == amendment_id:
            found[award["rule"]] += award["points"]
    return found


def _summed(rows: MemberRows, amendment: Row, lines: list[Row], cash: int) -> Iterator[Fault]:
    """Its totals are the sums over its lines, and its points are the sum over rules."""
    expected = {
        "total_minor": total(lines, "amount_minor"),
        "cash_minor": total(lines, "cash_minor"),
        "coupon_minor": total(lines, "coupon_minor"),
        "cash_change_minor": amendment["cash_minor"] - cash,
        "points": total(lines),
        "points_reinstated": total(lines, "points_returned"),
    }
    yield from rows.differences("amendment", amendment, expected)
    granted = {"points": sum(awarded(amendment).values())}
    yield from rows.differences("amendment", amendment, granted, "what its rules grant")


def _every_line(
    rows: MemberRows, amendment: Row, own: Iterable[Row], lines: Iterable[Row]
) -> Iterator[Fault]:
    """It names every line that the booking had, and those that it added."""
    versions = {made["id"]: made["version"] for made in rows.tables["amendment"]}
    there = {
        line["number"]
        for line in lines
        if versions.get(line["amendment_id"], 0) <= amendment["version"]
    }
    named = {line["line_number"] for line in own if line["version"] == amendment["version"]}
    if named != there:
        found, wanted = sorted(named), f"{sorted(there)}, the booking's"
        yield rows.fault("amendment", amendment, "its lines", found, wanted)
