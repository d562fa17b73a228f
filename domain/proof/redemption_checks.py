"""Orders, references and reveals of one member: what was settled, under which key, and who saw the
codes.
"""

from collections.abc import Iterator

from domain.kernel.lookups import LookupScope
from domain.proof.evidence import Fault, MemberRows


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault between one member's redemptions, their references and their reveals."""
    yield from _orders(rows)
    yield from _references(rows)
    yield from _reveals(rows)


def _orders(rows: MemberRows) -> Iterator[Fault]:
    """Each redemption of an order has as many units; one settled under a reference is never
    undone.
    """
    for order in rows.tables["redemption"]:
        units, each = order["partner_units"], order["quantity"]
        if units is None:
            continue
        if units % each:
            wanted = f"a multiple of its quantity {each}"
            yield rows.fault("redemption", order, "partner_units", units, wanted)
        settled = order["status"] == "FULFILLED"
        for column in ("fulfilled_at", "reference"):
            if (order[column] is not None) != settled:
                wanted = f"{'there' if settled else 'null'}, being {order['status']}"
                yield rows.fault("redemption", order, column, order[column], wanted)


def _references(rows: MemberRows) -> Iterator[Fault]:
    """Look-ups of references exist exactly for the redemptions that have them."""
    held = {
        (key["id"], key["value"].partition(":")[2])
        for key in rows.tables["lookup"]
        if key["scope"] == LookupScope.FULFILMENT
    }
    said = {
        (redemption["id"], redemption["reference"])
        for redemption in rows.tables["redemption"]
        if redemption["reference"] is not None
    }
    unheld = said - held
    for redemption in rows.tables["redemption"]:
        own = (redemption["id"], redemption["reference"])
        if own in unheld:
            yield rows.fault("redemption", redemption, "its look-up row", None, own[1])
    for redemption_id, reference in sorted(held - said):
        row = {"id": redemption_id}
        yield rows.fault("redemption", row, "reference", "another or none", reference)


def _reveals(rows: MemberRows) -> Iterator[Fault]:
    """Check that codes were shown to the caller that spent the points, and to nobody before.

    Codes of a grant are shown to nobody when it is given.
    """
    entries = rows.by("ledger_entry", "redemption_id")
    reveals = rows.by("code_reveal", "redemption_id")
    for redemption in rows.tables["redemption"]:
        spent = [e for e in entries.get(redemption["id"], ()) if e["to_bucket"] == "redeemed"]
        seen = reveals.get(redemption["id"], [])
        shown = [(reveal["actor"], reveal["revealed_at"]) for reveal in seen]
        for entry in spent if redemption["code_count"] else ():
            if (entry["actor"], entry["recorded_at"]) not in shown:
                wanted = f"one to {entry['actor']} at {entry['recorded_at']}"
                yield rows.fault("redemption", redemption, "its reveals", len(shown), wanted)
        if not ((spent or redemption["activity_id"]) and redemption["code_count"]):
            for reveal in seen:
                wanted = "a redemption whose codes were given"
                yield rows.fault("code_reveal", reveal, "what it shows", redemption["id"], wanted)
