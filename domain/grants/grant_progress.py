"""Progress toward grants: what a member has reached by its facts as they are written now.

Read before a fact is written and after it, the difference is caused by the fact.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain.accounts.accounts import Account
from domain.earning import counts
from domain.grants import deeds, milestones, missions
from domain.grants.missions import Deed
from domain.grants.values import Fact, GrantRecord, Occasion
from domain.kernel import dates
from domain.kernel.queries import Query
from domain.members import particulars
from domain.members.particulars import Particulars
from domain.programmes.grants import AT_ONCE_MAX, AnyGrant, Milestone, Mission
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version


@dataclass(frozen=True, slots=True)
class GrantProgress:
    """Counts by the version and at the instant of a fact, and the open missions that are done; the
    grants `given` before, and whether the fact may do any open mission (`asked`).
    """

    version: Version
    fact: Fact
    counted: Mapping[str, int] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    given: Sequence[GrantRecord] = ()
    asked: bool = False

    @property
    def may_change(self) -> bool:
        """Whether the fact may cause any of these grants."""
        return self.asked or bool(self.counted)


def queries(programme: Programme, member_id: UUID, fact: Fact) -> list[Query]:
    """The first queries of `look`."""
    policy = programme.as_of(fact.occurred_at).policy
    return [
        particulars.query_of([member_id]),
        *counts.queries([member_id], policy, _counted(policy), fact.occurred_at),
    ]


def _counted(policy: Policy) -> list[str]:
    """The counts that milestones use."""
    return list(dict.fromkeys(g.count for g in policy.grants if isinstance(g, Milestone)))


async def look(account: Account, fact: Fact, known: Sequence[GrantRecord]) -> GrantProgress:
    """How far the member is toward what a fact may bring that has not come yet."""
    version = account.programme.as_of(fact.occurred_at)
    policy = version.policy
    counted = await counts.of(account.member_id, policy, _counted(policy), fact.occurred_at)
    had = {(one.rule, one.occurrence) for one in known}
    open_missions = [
        grant
        for grant in policy.grants
        if isinstance(grant, Mission) and (grant.code, missions.occurrence(grant)) not in had
    ]
    if not open_missions:
        return GrantProgress(version, fact, counted, given=known)
    member = await particulars.of(account.member_id, policy)
    joined = dates.local_date(member.joined_at, policy.zone)
    day = dates.local_date(fact.occurred_at, policy.zone)
    asked = [one for one in open_missions if missions.days(one, joined).covers(day)]
    if not asked:
        return GrantProgress(version, fact, counted, given=known)
    found = (await _deeds(policy, {account.member_id: member}, asked))[account.member_id]
    done = frozenset(
        one.code
        for one in asked
        if missions.is_done(one, missions.progress(policy, one, member, found))
    )
    return GrantProgress(version, fact, counted, done, known, asked=True)


def come(
    before: GrantProgress,
    after: GrantProgress,
    known: Sequence[GrantRecord],
    again: Sequence[GrantRecord],
) -> list[Occasion]:
    """The milestones and missions that the fact caused, in the order of the document; fewer of a
    milestone if the fact also restores multiples `again`.
    """
    version, fact = after.version, after.fact
    occasions: list[Occasion] = []
    restored = Counter(one.rule for one in again)
    for grant in version.policy.grants:
        given = {one.occurrence for one in known if one.rule == grant.code}
        most = max(AT_ONCE_MAX - restored[grant.code], 0)
        occurrences, beyond = _occurrences(grant, before, after, given, most)
        occasions += (
            Occasion(grant, version, occurrence, fact.occurred_at, fact.id)
            for occurrence in occurrences
        )
        if occurrences and beyond:
            occasions[-1] = replace(occasions[-1], beyond=beyond)
    return occasions


def _occurrences(
    grant: AnyGrant, before: GrantProgress, after: GrantProgress, given: Container[str], most: int
) -> tuple[list[str], int]:
    """Those due, at most `most` and none given before, and the number of further ones reached."""
    policy, instant = after.version.policy, after.fact.occurred_at
    if isinstance(grant, Milestone):
        lifted = before.counted[grant.count], after.counted[grant.count]
        return milestones.reached(policy, grant, lifted, instant, given, most)
    if isinstance(grant, Mission) and grant.code in after.done - before.done:
        named = missions.occurrence(grant)
        return ([] if named in given else [named]), 0
    return [], 0


def may_end(programme: Programme, known: Iterable[GrantRecord]) -> bool:
    """Whether `of_given` has anything to read."""
    rules = (rule_of(programme, one) for one in known if not one.final)
    return any(isinstance(rule, Milestone | Mission) and rule.take_back for rule in rules)


async def of_given(account: Account, known: Sequence[GrantRecord]) -> dict[UUID, bool]:
    """Whether each milestone and mission that may be taken back is reached by facts in their
    present state, in the window of its own instant.
    """
    return await of_members(account.programme, {account.member_id: known})


async def of_members(
    programme: Programme, known: Mapping[UUID, Sequence[GrantRecord]]
) -> dict[UUID, bool]:
    """The same for grants of these members, at most 500: a query for each window, and a few for
    each mission.
    """
    found: dict[UUID, bool] = {}
    windows: dict[tuple[UUID, datetime | None], list[tuple[UUID, GrantRecord, Milestone]]] = {}
    tasks: dict[tuple[UUID, str], list[tuple[UUID, GrantRecord, Mission]]] = {}
    for member_id, had in known.items():
        for one in had:
            rule = None if one.final else rule_of(programme, one)
            if isinstance(rule, Milestone) and rule.take_back:
                policy = programme.version(one.policy_version_id).policy
                at = milestones.judged_at(policy, policy.counts[rule.count], one.occurred_at)
                key = (one.policy_version_id, at)
                windows.setdefault(key, []).append((member_id, one, rule))
            elif isinstance(rule, Mission) and rule.take_back:
                task = (one.policy_version_id, one.rule)
                tasks.setdefault(task, []).append((member_id, one, rule))
    for (version_id, at), asked in windows.items():
        found |= await _reached(programme.version(version_id).policy, at, asked)
    for (version_id, _), done in tasks.items():
        found |= await _done(programme.version(version_id).policy, done)
    return found


async def _reached(
    policy: Policy, at: datetime | None, asked: Sequence[tuple[UUID, GrantRecord, Milestone]]
) -> dict[UUID, bool]:
    """Whether counts in the window that ends `at` reach the number; a count without a window
    ignores the instant.
    """
    whose = list(dict.fromkeys(member_id for member_id, _, _ in asked))
    codes = list(dict.fromkeys(rule.count for _, _, rule in asked))
    counted = await counts.load(whose, policy, codes, at or asked[0][1].occurred_at)
    return {
        one.id: counted[member_id][rule.count] >= milestones.least(policy, rule, one.occurrence)
        for member_id, one, rule in asked
    }


async def _done(
    policy: Policy, asked: Sequence[tuple[UUID, GrantRecord, Mission]]
) -> dict[UUID, bool]:
    """Whether all steps of one mission are done."""
    whose = list(dict.fromkeys(member_id for member_id, _, _ in asked))
    mission = asked[0][2]
    people = await particulars.of_many(whose, policy)
    found = await _deeds(policy, people, [mission])
    return {
        one.id: missions.is_done(
            mission, missions.progress(policy, mission, people[member_id], found[member_id])
        )
        for member_id, one, _ in asked
    }


def rule_of(programme: Programme, one: GrantRecord) -> AnyGrant | None:
    """The rule by whose terms it was given; None for an activity that is no grant of a policy."""
    return programme.version(one.policy_version_id).policy.grant_codes.get(one.rule)


async def _deeds(
    policy: Policy, people: Mapping[UUID, Particulars], asked: Sequence[Mission]
) -> dict[UUID, list[Deed]]:
    """Facts of the members in the windows of these missions that the steps may match."""
    if not asked:
        return {member_id: [] for member_id in people}
    kinds = {step.fact for one in asked for step in one.steps}
    whole = {
        member_id: missions.span(
            missions.days(one, dates.local_date(member.joined_at, policy.zone)).instants(
                policy.zone
            )
            for one in asked
        )
        for member_id, member in people.items()
    }
    return await deeds.of_members(whole, kinds)
