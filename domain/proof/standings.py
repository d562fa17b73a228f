"""Standings: whether each given milestone or mission is reached by facts in their present state.

It is computed again from the facts, in the snapshot in which the member's rows are read.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from domain.grants import given, grant_progress
from domain.grants.values import GrantRecord
from domain.kernel.database import Row
from domain.ledger.values import SYSTEM
from domain.programmes import programmes
from domain.programmes.grants import Milestone, Mission
from domain.programmes.programmes import Programme
from domain.proof.evidence import UNREADABLE, MemberRows, unread


async def read(members: Mapping[UUID, MemberRows]) -> None:
    """Add it to the member's rows, as `reached` by the activity's id."""
    by_programme: dict[UUID, list[UUID]] = {}
    for member_id, owner in members.items():
        gave = any(one["reporter"] == SYSTEM.actor for one in owner.tables["activity"])
        if gave and owner.tables["member"] and owner.account is not None:
            by_programme.setdefault(owner.account["programme_id"], []).append(member_id)
    for programme_id, member_ids in by_programme.items():
        try:
            reached = await _reached(programme_id, member_ids)
        except UNREADABLE:
            reached = await _one_by_one(programme_id, [members[one] for one in member_ids])
        for member_id, of_member in reached.items():
            members[member_id].tables["reached"] += of_member


async def _one_by_one(programme_id: UUID, members: Iterable[MemberRows]) -> dict[UUID, list[Row]]:
    """The same for each member alone; those whose facts cannot be read get a fault."""
    found: dict[UUID, list[Row]] = {}
    for owner in members:
        try:
            found |= await _reached(programme_id, [owner.member_id])
        except UNREADABLE as error:
            owner.unread.append(unread(_reached, owner, error))
    return found


async def _reached(programme_id: UUID, member_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    programme = await programmes.get(await programmes.code_of(programme_id))
    known = {
        member_id: [one for one in granted if _is_decided_by_facts(programme, one)]
        for member_id, granted in (await given.of_members(member_ids)).items()
    }
    reached = await grant_progress.of_members(programme, known)
    return {
        member_id: [
            {"id": one.id, "reached": reached[one.id]} for one in granted if one.id in reached
        ]
        for member_id, granted in known.items()
    }


def _is_decided_by_facts(programme: Programme, one: GrantRecord) -> bool:
    """Whether only facts decide if it stands: not the member's present profile, or its tier then,
    which may become known late.
    """
    if all(version.id != one.policy_version_id for version in programme.versions):
        return False
    rule = grant_progress.rule_of(programme, one)
    if isinstance(rule, Milestone):
        return rule.every is None or one.occurrence.rpartition(":")[2].isdecimal()
    return isinstance(rule, Mission) and all(
        step.when.member is None and step.when.tiers is None for step in rule.steps
    )
