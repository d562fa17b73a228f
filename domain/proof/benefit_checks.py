"""Uses of benefits against their source: the level of their instant, within its quota, or a
grant.
"""

from collections.abc import Iterator
from typing import Any

from domain.benefits import quotas
from domain.benefits.quotas import Quota
from domain.grants import perks
from domain.kernel.database import Row
from domain.kernel.lookups import LookupScope
from domain.proof.evidence import Catalogue, Fault, MemberRows
from domain.tiers.qualification import recorded_at
from domain.tiers.values import Change


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault between one member's uses, the tier it had, and the policy's quotas."""
    held = {(row["scope"], row["value"]): row["id"] for row in rows.tables["lookup"]}
    for use in rows.tables["benefit_use"]:
        value = f"{use['reporter']}:{use['benefit']}:{use['reference']}"
        found = held.get((LookupScope.BENEFIT_USE, value))
        if found != use["id"]:
            yield rows.fault("benefit_use", use, "its look-up row", found, use["id"])
        yield from _given(rows, use, catalogue)
        yield from _within(rows, use)


def _given(rows: MemberRows, use: Row, catalogue: Catalogue) -> Iterator[Fault]:
    """The member's level of then gives the benefit, with that quota; or a grant did."""
    version = catalogue.versions.get(use["policy_version_id"])
    if version is None:
        wanted = "a version of the programme"
        yield rows.fault("benefit_use", use, "policy_version_id", use["policy_version_id"], wanted)
        return
    tier = _tier(rows, use)
    if tier is not None:
        expected: dict[str, Any] = {"tier": version.policy.tier_code(tier)}
        yield from rows.differences("benefit_use", use, expected, "the tier of its instant")
    if use["activity_id"] is not None:
        yield from _by_grant(rows, use, catalogue)
        return
    quota = quotas.of_level(version.policy, use["tier"], use["benefit"], use["used_at"])
    if quota is None:
        wanted = f"one that gives {use['benefit']}"
        yield rows.fault("benefit_use", use, "tier", use["tier"], wanted)
        return
    expected = {"quota": quota.uses, "period_from": quota.start, "period_until": quota.end}
    yield from rows.differences("benefit_use", use, expected, "as its level says")


def _by_grant(rows: MemberRows, use: Row, catalogue: Catalogue) -> Iterator[Fault]:
    """The grant gave this benefit, was valid then, and gave at least this many uses."""
    programme = catalogue.programmes.get(use["programme_id"])
    made = [one for one in rows.tables["activity"] if one["id"] == use["activity_id"]]
    if programme is None or not made:
        return
    turns = [r for r in rows.tables["activity_reversal"] if r["activity_id"] == use["activity_id"]]
    instants = [r["recorded_at"] for r in sorted(turns, key=lambda r: r["number"])]
    given = perks.of_activity(programme, made[0], instants)
    found = [p for p in given if p.benefit == use["benefit"] and p.covers(use["used_at"])]
    if not found:
        wanted = f"a grant that gave {use['benefit']} then"
        yield rows.fault("benefit_use", use, "activity_id", use["activity_id"], wanted)
        return
    yield from rows.differences("benefit_use", use, {"quota": found[0].uses}, "as the grant says")


def _tier(rows: MemberRows, use: Row) -> str | None:
    """The tier of its instant as it was recorded by then; None if the order is unknown."""
    decided = sorted(rows.tables["tier_change"], key=lambda c: (c["recorded_at"], c["id"]))
    if any(change["recorded_at"] == use["recorded_at"] for change in decided):
        return None
    changes = [Change(c["from_tier"], c["to_tier"], c["effective_at"]) for c in decided]
    known = sum(change["recorded_at"] < use["recorded_at"] for change in decided)
    account = rows.account
    current = changes[0].from_tier if changes else account["tier"] if account else None
    return None if current is None else recorded_at(changes[:known], current, use["used_at"])


def _within(rows: MemberRows, use: Row) -> Iterator[Fault]:
    """When it was recorded, its period had fewer uses than the quota."""
    if use["period_from"] is None or use["quota"] is None:
        return
    period = Quota(use["quota"], use["period_from"], use["period_until"])
    before = [
        other
        for other in rows.tables["benefit_use"]
        if other["benefit"] == use["benefit"]
        and other["activity_id"] is None
        and (other["recorded_at"], other["id"]) < (use["recorded_at"], use["id"])
        and (other["returned_at"] is None or other["returned_at"] > use["recorded_at"])
        and period.covers(other["used_at"])
    ]
    if len(before) >= use["quota"]:
        wanted = f"{use['quota']} or less, the quota of its period"
        yield rows.fault("benefit_use", use, "uses of its period", len(before) + 1, wanted)
