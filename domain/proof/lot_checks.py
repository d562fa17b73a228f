"""Lots of one member against the policy: their expiry and funder are those of their rule."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from domain.kernel.database import Row
from domain.ledger import lots as lot_rules
from domain.programmes.policy import Policy
from domain.programmes.rules import Expiry
from domain.proof import experiment_checks
from domain.proof.evidence import Catalogue, Fault, MemberRows


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault between earned lots and the terms of the rules that granted them."""
    for lot in rows.lots.values():
        touches = rows.touches_of_lots.get(lot["id"], ())
        version = catalogue.versions.get(lot["policy_version_id"])
        if version is None or not touches or touches[0][0]["kind"] != "EARN":
            continue
        credit = touches[0][0]
        fact_id = lot["booking_id"] or credit["activity_id"]
        policy = version.under(experiment_checks.choices(rows, fact_id)).policy
        named = lot["rule"]
        if not (named is None or named in policy.rules or named in policy.grant_codes):
            yield rows.fault("lot", lot, "rule", named, "a rule of its policy version")
            continue
        rule = _rule(rows, lot, credit)
        expiry, funder = policy.terms(rule)
        why = f"by rule {rule}" if rule else "by the policy"
        ends = _ends(policy, expiry, lot)
        if credit["activity_reversal_id"] is not None:
            # restored points expire when they would have expired at first
            ends = {"expires_at": _first_end(rows, credit)}
        yield from rows.differences("lot", lot, {"funder": funder, **ends}, why)


def _rule(rows: MemberRows, lot: Row, entry: Row) -> str | None:
    """The rule that the lot names; for older lots of activities, which name none, the activity's
    own.
    """
    if lot["rule"] is not None or entry["activity_id"] is None:
        named: str | None = lot["rule"]
        return named
    return next(
        (one["type"] for one in rows.by("activity", "id").get(entry["activity_id"], ())), None
    )


def _first_end(rows: MemberRows, again: Row) -> datetime | None:
    """The expiry of the first lot of the grant that this entry restores."""
    same = ("activity_id", "kind")
    first = next(
        entry for entry in rows.entries if all(entry[name] == again[name] for name in same)
    )
    lots = [rows.lots.get(touch["lot_id"]) for touch in rows.touches.get(first["id"], ())]
    return next((lot["expires_at"] for lot in lots if lot is not None), None)


def _ends(policy: Policy, expiry: Expiry | None, lot: Row) -> dict[str, datetime | None]:
    """The end of the lot by this expiry, once known."""
    found: dict[str, datetime | None] = {}
    for column, since in (("expires_at", "available_at"), ("matured_expires_at", "matures_at")):
        # an altered instant may lie outside the calendar
        with suppress(ValueError, OverflowError):
            if lot[since] is not None:
                found[column] = lot_rules.expires_at(expiry, lot[since], policy.zone)
    return found
