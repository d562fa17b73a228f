"""Missions as a member sees them: all of them, with the progress and the reward of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.grants import deeds, given, missions
from domain.grants.missions import Days
from domain.grants.values import GrantRecord
from domain.kernel import dates
from domain.members import particulars
from domain.members.particulars import Particulars
from domain.members.statuses import MemberStatus
from domain.programmes.grants import Mission
from domain.programmes.programmes import Programme, Version


class MissionStatus(StrEnum):
    UPCOMING = "UPCOMING"
    OPEN = "OPEN"
    DONE = "DONE"
    REVERSED = "REVERSED"
    LAPSED = "LAPSED"


@dataclass(frozen=True, slots=True)
class MissionRead:
    """A mission of one member, by the version that has it or gave it; `done` by step."""

    mission: Mission
    version: Version
    status: MissionStatus
    days: Days
    done: tuple[int, ...]


async def of_members(
    member_ids: Sequence[UUID], programme: Programme, now: datetime
) -> dict[UUID, list[MissionRead]]:
    """By member, the missions of the version in force, and those that earlier versions gave; none
    for a member who is not enrolled.
    """
    version = programme.as_of(now)
    known = await given.of_members(member_ids)
    people = await particulars.of_many(member_ids, version.policy)
    asked = {
        member_id: list(_asked(programme, version, known[member_id]))
        for member_id in member_ids
        if people[member_id].status is MemberStatus.ENROLLED
    }
    found: dict[UUID, list[MissionRead]] = {member_id: [] for member_id in member_ids}
    if not any(asked.values()):
        return found
    spans = {
        member_id: missions.span(
            _days(mission, one, people[member_id]).instants(one.policy.zone) for mission, one in own
        )
        for member_id, own in asked.items()
        if own
    }
    kinds = {step.fact for own in asked.values() for one, _ in own for step in one.steps}
    done = await deeds.of_members(spans, kinds)
    today = dates.local_date(now, version.policy.zone)
    for member_id, own in asked.items():
        for mission, one in own:
            member = people[member_id]
            progress = missions.progress(one.policy, mission, member, done[member_id])
            days = _days(mission, one, member)
            status = _status(mission, known[member_id], days, today)
            found[member_id].append(MissionRead(mission, one, status, days, progress))
    return found


def _asked(
    programme: Programme, version: Version, known: Iterable[GrantRecord]
) -> Iterable[tuple[Mission, Version]]:
    """Missions in the order of the document, each by the version that gave it, if one did."""
    gave = {(one.rule, one.occurrence): one.policy_version_id for one in known}
    seen = set()
    for mission in version.policy.grants:
        if isinstance(mission, Mission):
            key = (mission.code, missions.occurrence(mission))
            by = programme.version(gave[key]) if key in gave else version
            rule = by.policy.grant_codes[mission.code]
            seen.add(key)
            yield (rule, by) if isinstance(rule, Mission) else (mission, version)
    for (code, occurrence), version_id in gave.items():
        by = programme.version(version_id)
        earlier = by.policy.grant_codes.get(code)
        if isinstance(earlier, Mission) and (code, occurrence) not in seen:
            yield earlier, by


def _days(mission: Mission, version: Version, member: Particulars) -> Days:
    return missions.days(mission, dates.local_date(member.joined_at, version.policy.zone))


def _status(
    mission: Mission, known: Iterable[GrantRecord], days: Days, today: date
) -> MissionStatus:
    key = (mission.code, missions.occurrence(mission))
    for one in known:
        if (one.rule, one.occurrence) == key:
            return MissionStatus.DONE if one.stands else MissionStatus.REVERSED
    if today < days.opens:
        return MissionStatus.UPCOMING
    return MissionStatus.OPEN if today <= days.ends else MissionStatus.LAPSED
