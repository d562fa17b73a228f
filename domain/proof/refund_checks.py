"""Refunds and completions against their bookings and the ledger: points were taken back only
once.
"""

from collections.abc import Iterator
from uuid import UUID

from domain.proof import amendment_checks
from domain.proof.evidence import Fault, MemberRows, total


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault between one member's refunds, completions, bookings and entries."""
    yield from _posted(rows)
    yield from _lines(rows)
    yield from _whole(rows)
    yield from _completions(rows)


def reinstated(rows: MemberRows, redemption_id: UUID) -> int | None:
    """Points that refunds and amendments gave back to a redemption that paid for a booking; None
    for another redemption.
    """
    paid = {booking["id"] for booking in rows.by("booking", "redemption_id").get(redemption_id, ())}
    if not paid:
        return None
    changes = (*rows.tables["refund"], *rows.tables["amendment"])
    return total((made for made in changes if made["booking_id"] in paid), "points_reinstated")


def _posted(rows: MemberRows) -> Iterator[Fault]:
    """The points that a refund took, lent and gave back are those of its entries and its lines."""
    entries = rows.by("ledger_entry", "refund_id")
    lines = rows.by("refund_line", "refund_id")
    for refund in rows.tables["refund"]:
        own = entries.get(refund["id"], [])
        taken = [entry for entry in own if entry["kind"] == "CLAW_BACK"]
        back = [entry for entry in own if entry["kind"] == "REINSTATE"]
        parts = lines.get(refund["id"], [])
        expected = {
            "points_clawed_back": total(taken),
            "points_owed": total(e for e in taken if e["from_bucket"] == "owed"),
            "points_reinstated": total(back),
            "cash_minor": total(parts, "cash_minor"),
        }
        yield from rows.differences("refund", refund, expected)
        returned = {"points_reinstated": total(parts)}
        yield from rows.differences("refund", refund, returned, "the sum of its lines")


def _lines(rows: MemberRows) -> Iterator[Fault]:
    """No line gives back more than it cost, or more cash than was paid for it."""
    given, amended = rows.by("refund_line", "booking_id"), amendment_checks.last_lines(rows)
    for line in rows.tables["booking_line"]:
        parts = [
            part
            for part in given.get(line["booking_id"], ())
            if part["line_number"] == line["number"]
        ]
        paid = amended.get((line["booking_id"], line["number"]), line) if amended else line
        for column, most in _MOST:
            back = total(parts, column) if parts else 0
            if back > paid[most]:
                wanted = f"{paid[most]} or less, what was paid"
                yield rows.fault("booking_line", line, f"{column} refunded", back, wanted)
    there = _keys(rows) if rows.tables["refund_line"] else ()
    for part in rows.tables["refund_line"]:
        if (part["booking_id"], part["line_number"]) not in there:
            wanted = "a line of its booking"
            yield rows.fault("refund_line", part, "line_number", part["line_number"], wanted)


_MOST = (
    ("gross_minor", "amount_minor"),
    ("cash_minor", "cash_minor"),
    ("coupon_minor", "coupon_minor"),
)
"""The refunded value of a line, and the value that it never exceeds."""


def _whole(rows: MemberRows) -> Iterator[Fault]:
    """Points taken, forgiven or found expired are those that rules lost, within those that they
    gave.
    """
    awards, refunds = rows.by("award", "booking_id"), rows.by("refund", "booking_id")
    amendments = amendment_checks.in_order(rows)
    for booking in rows.tables["booking"]:
        net, first = dict[str, int](), dict[str, int]()
        own = awards.get(booking["id"], ())
        for award in own:
            rule, points = award["rule"], award["points"]
            net[rule] = net.get(rule, 0) + points
            if award["refund_id"] is None:
                first[rule] = first.get(rule, 0) + points
        amended = amendments.get(booking["id"], ())
        if amended:
            first = amendment_checks.awarded(amended[-1])
        for award in own:
            rule = award["rule"]
            if not 0 <= net[rule] <= first.get(rule, 0):
                wanted = f"0 to {first.get(rule, 0)} with its others, what the rule granted"
                yield rows.fault("award", award, "points", net[rule], wanted)
        names = ("points_clawed_back", "points_forgiven", "points_expired")
        changes = [("refund", made) for made in refunds.get(booking["id"], [])]
        changes += [("amendment", made) for made in amended]
        done = sum(made[name] for _, made in changes for name in names)
        points = booking["points"] + total(amended, "points_awarded")
        lost = points - sum(net.values())
        if done < lost or done > points:
            for table, made in changes:
                wanted = f"{lost}, as its booking's rules lost, to {points}"
                yield rows.fault(table, made, "points done with its others", done, wanted)


def _completions(rows: MemberRows) -> Iterator[Fault]:
    """A line is completed only once, and exists."""
    there, seen = _keys(rows) if rows.tables["completion"] else (), set()
    for completion in rows.tables["completion"]:
        line = (completion["booking_id"], completion["line_number"])
        if line not in there or line in seen:
            wanted = "a line of its booking, once"
            number = completion["line_number"]
            yield rows.fault("completion", completion, "line_number", number, wanted)
        seen.add(line)


def _keys(rows: MemberRows) -> set[tuple[UUID, int]]:
    """Every line of the member's bookings, by booking and number."""
    return {(line["booking_id"], line["number"]) for line in rows.tables["booking_line"]}
