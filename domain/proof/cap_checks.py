"""Caps of one member against granted points: no day, month or year has more than its cap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson

from domain.kernel import dates
from domain.programmes.policy import Policy
from domain.proof.evidence import Catalogue, Fault, MemberRows

_CHARACTERS = {"day": 10, "month": 7, "year": 4}
"""Characters of a local date that name its period."""


@dataclass(slots=True)
class _Gained:
    """Points gained in a period, and the cap of each version that judged something in it; None for
    a version without such a cap.
    """

    points: int = 0
    caps: set[int | None] = field(default_factory=set)


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every period in which the member gained more than each version that judged in it allowed."""
    policies = [version.policy for version in catalogue.versions.values()]
    capped = sorted({cap.per for policy in policies for cap in policy.caps})
    if not capped:
        return
    periods: dict[tuple[str, str], _Gained] = {}
    for version_id, instant, points in _gains(rows):
        version = catalogue.versions.get(version_id)
        if version is not None:
            _add(periods, capped, version.policy, (instant, points))
    for (per, name), gained in periods.items():
        most = max((cap for cap in gained.caps if cap is not None), default=0)
        if None not in gained.caps and gained.points > most and rows.account is not None:
            what, wanted = f"points gained in {name}", f"{most} or less, the cap of a {per}"
            yield rows.fault("account", rows.account, what, gained.points, wanted)


def _add(
    periods: dict[tuple[str, str], _Gained],
    capped: Sequence[str],
    policy: Policy,
    gain: tuple[datetime, int],
) -> None:
    instant, points = gain
    caps: dict[str, int] = {cap.per: cap.points for cap in policy.caps}
    day = dates.local_date(instant, policy.zone).isoformat()
    for per in capped:
        gained = periods.setdefault((per, day[: _CHARACTERS[per]]), _Gained())
        gained.points += points
        gained.caps.add(caps.get(per))


def _gains(rows: MemberRows) -> Iterator[tuple[UUID, datetime, int]]:
    """Version, instant and points of each award, and of the reservations of open quotes."""
    facts = {fact["id"]: fact for table in _FACTS for fact in rows.tables[table]}
    for award in rows.tables["award"]:
        fact = facts.get(award["booking_id"] or award["activity_id"])
        if fact is not None:
            yield fact["policy_version_id"], award["occurred_at"], award["points"]
    for quote in rows.tables["quote"]:
        if quote["status"] == "OPEN" and quote["expires_at"] > _last(rows):
            points = sum(points for _, points, _ in orjson.loads(quote["awards"]))
            yield quote["policy_version_id"], quote["booked_at"], points


_FACTS = ("booking", "activity")


def _last(rows: MemberRows) -> datetime:
    """When the member's last quote or entry was recorded: quotes that had ended by then reserve
    nothing, whether or not that was recorded.
    """
    made: list[datetime] = [quote["created_at"] for quote in rows.tables["quote"]]
    if rows.account is not None and rows.account["last_recorded_at"] is not None:
        made.append(rows.account["last_recorded_at"])
    return max(made)
