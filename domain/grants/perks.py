"""Perks: benefits that grants gave, each with its uses, and the span in which they can be used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.kernel.database import rows
from domain.ledger.values import SYSTEM
from domain.programmes.programmes import Programme


@dataclass(frozen=True, slots=True)
class Perk:
    """A number of uses of a benefit, given by this activity, from `start` until before `end` (UTC).

    A restored one is another span of the same uses.
    """

    activity_id: UUID
    benefit: str
    uses: int
    start: datetime
    end: datetime

    def covers(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


async def of_members(member_ids: Sequence[UUID], programme: Programme) -> dict[UUID, list[Perk]]:
    """By member, every span of every perk, the oldest grant first; one query for all."""
    found = await rows(
        "SELECT a.member_id, a.id, a.type, a.policy_version_id, a.occurred_at, a.recorded_at, "
        "ARRAY(SELECT r.recorded_at FROM activity_reversal r WHERE r.member_id = a.member_id "
        "AND r.member_id = ANY($1::uuid[]) AND r.activity_id = a.id ORDER BY r.number) AS turns "
        "FROM activity a "
        "WHERE a.member_id = ANY($1::uuid[]) AND a.reporter = $2 AND a.benefit IS NOT NULL "
        "ORDER BY a.id",
        list(member_ids),
        SYSTEM.actor,
    )
    by_member: dict[UUID, list[Perk]] = {member_id: [] for member_id in member_ids}
    for activity in found:
        by_member[activity["member_id"]] += of_activity(programme, activity, activity["turns"])
    return by_member


def of_activity(
    programme: Programme, activity: Mapping[str, Any], turns: Iterable[datetime]
) -> list[Perk]:
    """The spans in which the perk of this activity can be used; none if it gave no perk.

    `turns` are the instants of its reversal, restoration, and so on. Days count from its recording,
    as those of points do, or from its restoration.
    """
    policy = programme.version(activity["policy_version_id"]).policy
    rule = policy.grant_codes.get(activity["type"])
    perk = rule.gives.perk if rule is not None else None
    if perk is None:
        return []
    starts, instants = activity["occurred_at"], [activity["recorded_at"], *turns]
    spans = []
    for place in range(0, len(instants), 2):
        end = _end(instants[place], perk.days, policy.zone)
        if place:
            starts = instants[place]
        if place + 1 < len(instants):
            end = min(end, instants[place + 1])
        if starts < end:
            spans.append(Perk(activity["id"], perk.benefit, perk.uses, starts, end))
    return spans


def _end(given_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the last local day."""
    return dates.end_of_day(dates.add_days(dates.local_date(given_at, zone), days), zone)
