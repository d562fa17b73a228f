"""Guaranteed quotes against the bookings that cite them: promised points were given, once."""

from collections.abc import Iterator

import orjson

from domain.proof.evidence import Fault, MemberRows


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault between one member's quotes and bookings."""
    citing = rows.by("booking", "quote_id")
    for quote in rows.tables["quote"]:
        totals = {
            "awards": sum(points for _, points, *_ in orjson.loads(quote["awards"])),
            "lines": sum(line["points"] for line in orjson.loads(quote["lines"])),
        }
        for what, points in totals.items():
            why = f"the sum of its {what}"
            yield from rows.differences("quote", quote, {"points": points}, why)
        bookings = citing.get(quote["id"], [])
        if len(bookings) != (quote["status"] == "USED"):
            wanted = "one" if quote["status"] == "USED" else "none"
            named = [booking["reference"] for booking in bookings]
            being = f"{wanted}, being {quote['status']}"
            yield rows.fault("quote", quote, "bookings that cite it", named, being)
        for booking in bookings:
            promised = {"points": quote["points"]}
            yield from rows.differences("booking", booking, promised, "as was quoted")
