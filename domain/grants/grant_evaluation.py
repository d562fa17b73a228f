"""Evaluation of grants: after a fact, what it brings is given, what it ends is reversed, and what
stands again is restored.

All of it happens in the fact's transaction. Milestones and missions come first, in the order of the
document; then the entry into a tier, which one of them may have caused. Otherwise no grant causes
another.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.earning import awards, budgets, clipping, judging, matching, purses, tallies
from domain.earning.values import Reason
from domain.grants import capping, entries, given, giving, grant_progress, referred, taking
from domain.grants.grant_progress import GrantProgress
from domain.grants.referred import Referred
from domain.grants.taking import Ending
from domain.grants.values import Changes, Fact, Gained, Gifts, GrantRecord, Occasion
from domain.kernel import dates
from domain.kernel.queries import Query, read_ahead
from domain.members import endings, particulars, returning
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme
from domain.tiers import qualification, tiers
from domain.tiers.values import Credit


def has_grants(programme: Programme) -> bool:
    """Whether any version has grants that follow facts."""
    return any(version.policy.grants for version in programme.versions)


def queries(programme: Programme, member_id: UUID, fact: Fact) -> list[Query]:
    """The first queries of `look`; none where nothing is given."""
    if not has_grants(programme):
        return []
    return [given.query_of([member_id]), *grant_progress.queries(programme, member_id, fact)]


async def look(account: Account, fact: Fact) -> GrantProgress | None:
    """How the member stands before a fact that changes rows at once; None where nothing is given.

    For `evaluate`, which looks by itself where the fact is only recorded in the account.
    """
    if not has_grants(account.programme):
        return None
    return await grant_progress.look(account, fact, await given.of_member(account.member_id))


async def evaluate(
    account: Account,
    fact: Fact,
    gifts: Gifts,
    before: GrantProgress | None = None,
    referral: Referred | None = None,
) -> list[str]:
    """Give, reverse and restore the grants that follow this fact; returns the ids of these
    activities, in order.

    The caller has recorded the fact in the account, and what it counts toward the tier. Version and
    windows are those of the instant when it occurred. If the fact is a change of a `referral`, that
    referral's grants are evaluated too.
    """
    if not has_grants(account.programme):
        return []
    if before is None:
        before = await grant_progress.look(account, fact, await given.of_member(account.member_id))
    known, after = before.given, before
    stands: Mapping[UUID, bool] = {}
    if before.may_change or grant_progress.may_end(account.programme, known):
        await accounts.flush(account)
        await read_ahead(grant_progress.queries(account.programme, account.member_id, fact))
        after = await grant_progress.look(account, fact, known)
        stands = await grant_progress.of_given(account, known)
    own = referred.judge(account.programme, referral, known) if referral else Changes()
    again = [one for one in known if one.reversed and stands.get(one.id, False)]
    changes = Changes(
        [*own.come, *grant_progress.come(before, after, known, again)],
        [*own.ended, *(one for one in known if one.stands and not stands.get(one.id, True))],
        [*own.again, *again],
    )
    changed = await apply(account, changes, Ending(brought_by=fact.id), gifts)
    return sorted({*changed, *await evaluate_tier(account, fact, gifts)})


def changes_nothing(account: Account, fact: Fact, before: GrantProgress | None) -> bool:
    """Whether it is plain before `evaluate` that nothing comes of a fact, whose changes of the tier
    the caller has counted.
    """
    if before is None:
        return True
    if before.may_change or grant_progress.may_end(account.programme, before.given):
        return False
    decided = account.changes[account.evaluated :]
    version = account.programme.as_of(fact.occurred_at)
    found = entries.judge(account.programme, version, fact, decided, before.given)
    return not (found.come or found.ended or found.again)


async def evaluate_tier(account: Account, fact: Fact, gifts: Gifts) -> list[str]:
    """Settle the grants of the changes of the earned tier that were decided since the last call."""
    decided = account.changes[account.evaluated :]
    if not (decided and has_grants(account.programme)):
        return []
    version = account.programme.as_of(fact.occurred_at)
    known = await given.of_member(account.member_id)
    changes = entries.judge(account.programme, version, fact, decided, known)
    account.evaluated = len(account.changes)
    return await apply(account, changes, Ending(brought_by=fact.id), gifts)


async def give_on_day(
    account: Account, occasion: Occasion, gifts: Gifts, used_up: Reason | None = None
) -> int:
    """Give the grant of a day, unless it was given before; returns its points.

    If its `when` does not hold at the beginning of the day, or it is `used_up`, that is recorded
    and not checked again. A member who is not enrolled gets nothing, and nothing is recorded.
    """
    named = giving.reference(occasion.occurrence, account.member_id)
    if await given.is_given(account.member_id, occasion.grant.code, named):
        return 0
    holds = await comes(account, occasion)
    if holds is None:
        return 0
    if used_up is not None or not holds:
        reason = used_up or Reason("not_matching", {"rule": occasion.grant.code}, 0)
        await giving.record_unpaid(account, occasion, reason)
        return 0
    changes = Changes([occasion])
    await apply(account, changes, Ending(), gifts)
    ((made, points),) = changes.done.items()
    await evaluate_tier(account, Fact(made, occasion.occurred_at), gifts)
    return points


async def apply(account: Account, changes: Changes, ending: Ending, gifts: Gifts) -> list[str]:
    """Apply all changes, with one statement for the budgets; returns the ids of activities that
    changed.
    """
    if not (changes.come or changes.ended or changes.again):
        return []
    await accounts.flush(account)  # so that counts include this fact
    come = await _unless_paid_before(account, changes, await _coming(account, changes.come))
    if not (come or changes.ended or changes.again):
        return [str(activity_id) for activity_id in changes.done]
    counted: list[Credit] = []
    net = await _net(account, changes.ended)
    capped = await capping.within_caps(account, changes, come, net)
    points = await _exchange(account, changes, come, net, capped)
    traces = await taking.trace(account, changes, gifts)
    for one in changes.ended:
        taken = await taking.reverse(account, one, net[one.id], ending, traces)
        if taken is not None:
            changes.taken[one.id] = taken
            changes.done[one.id] = -net[one.id]
            counted += _uncounted(account, one, -net[one.id])
    for one in changes.again:
        await taking.restore(account, one, points[one.id], ending, traces)
        changes.done[one.id] = points[one.id]
        counted += _uncounted(account, one, points[one.id])
    made = []
    for place, occasion in enumerate(come):
        gained = Gained(points[place], capped[place])
        made.append((occasion, await giving.give(account, occasion, gained, gifts)))
        changes.done[made[-1][1]] = points[place]
        if occasion.grant.kind != "tier_entry":
            counted.append(giving.counted(account, occasion, made[-1][1], points[place]))
    await giving.take_names(account, made)
    await _count(account, [credit for credit in counted if credit.qualifying.points])
    return [str(activity_id) for activity_id in changes.done]


async def _coming(account: Account, come: Sequence[Occasion]) -> list[Occasion]:
    """Those whose `valid` and `when` hold; both are judged once for several of one grant by one
    fact.
    """
    asked: dict[tuple[str, datetime], bool] = {}
    for one in come:
        key = one.grant.code, one.occurred_at
        if key not in asked:
            asked[key] = bool(await comes(account, one))
    return [one for one in come if asked[one.grant.code, one.occurred_at]]


async def _unless_paid_before(
    account: Account, changes: Changes, come: Sequence[Occasion]
) -> list[Occasion]:
    """Those to give. A grant that is given once is recorded as giving nothing instead if a member
    merged into this one had it, or if it is for a person who was erased and has enrolled again, or
    for referring such a person.
    """
    known: dict[UUID, bool] = {}
    had = await _had_by_others(account) if any(one.once for one in come) else set()
    paid = []
    for one in come:
        whom = UUID(one.occurrence) if one.grant.kind == "referral" else account.member_id
        if one.once and whom not in known:
            known[whom] = await returning.was_erased(account.programme.id, whom, account.now)
        if one.once and (known[whom] or (one.grant.code, one.occurrence) in had):
            reason = clipping.paid_before(one.grant.code, merged=not known[whom])
            changes.done[await giving.record_unpaid(account, one, reason)] = 0
        else:
            paid.append(one)
    return paid


async def _had_by_others(account: Account) -> set[tuple[str, str]]:
    """Grants, each with its occurrence, that stand with members merged into this one."""
    others = [one for one in await endings.family_of(account) if one != account.member_id]
    had = await given.of_members(others) if others else {}
    return {(one.rule, one.occurrence) for own in had.values() for one in own if one.stands}


async def comes(account: Account, occasion: Occasion) -> bool | None:
    """Whether the grant's `valid` and `when` hold for its fact; None for a member who is not
    enrolled.
    """
    policy, at = occasion.version.policy, occasion.occurred_at
    member = await particulars.of(account.member_id, policy)
    if member.status != MemberStatus.ENROLLED:
        return None
    day = dates.local_date(at, policy.zone)
    brought = account.changes[account.evaluated :]
    if brought and brought[0].at <= at:
        # as the fact itself is judged, which does not see the tier that it causes
        tier = brought[0].from_tier
    else:
        tier = await tiers.at(account.holding, at, account.changes)
    tally = await tallies.of(
        account.member_id, policy, at, occasion.grant.when, besides=occasion.brought_by
    )
    facts = judging.to_facts(policy, member, tier, at, tally)
    return matching.holds(policy, occasion.grant, facts, day)


async def _net(account: Account, ended: Iterable[GrantRecord]) -> dict[UUID, int]:
    """The remaining points of each."""
    keys = [(account.member_id, one.id) for one in ended]
    found = await awards.of_activities(keys) if keys else {}
    return {fact: sum(award.net for award in granted) for fact, granted in found.items()}


async def _exchange(
    account: Account,
    changes: Changes,
    come: Sequence[Occasion],
    net: dict[UUID, int],
    capped: Mapping[UUID | int, int],
) -> dict[UUID | int, int]:
    """The points of each, within caps and then budgets: by id for restored ones, by place for new
    ones.
    """
    programme = account.programme
    paid_by = await purses.of_funders(programme, account.now)
    returned = [
        taking.draw_of(programme.version(one.policy_version_id), one, net[one.id], paid_by)
        for one in changes.ended
    ]
    wanted = {
        one.id: taking.draw_of(
            programme.version(one.policy_version_id), one, capped[one.id], paid_by
        )
        for one in changes.again
    } | {
        place: giving.draw_of(occasion, capped[place], paid_by)
        for place, occasion in enumerate(come)
    }
    draws = {key: draw for key, draw in wanted.items() if draw is not None}
    back = [draw for draw in returned if draw is not None]
    granted = await budgets.exchange(programme.id, back, list(draws.values()), account.now)
    return {**capped, **dict(zip(draws, granted, strict=True))}


def _uncounted(account: Account, one: GrantRecord, points: int) -> list[Credit]:
    if entries.is_entry(account.programme, one):
        return []
    version = account.programme.version(one.policy_version_id)
    counted = taking.uncounted(account, one, version, points)
    return [] if counted is None else [counted]


async def _count(account: Account, counted: Sequence[Credit]) -> None:
    """Count points toward the tier: it rises at once, and falls as refunds let it."""
    if not counted:
        return
    today = account.version
    sums = await tiers.sums(account.member_id, today.policy, account.now)
    change = qualification.review(today, account.holding, sums, *counted)
    if change is None and today.policy.refunds.tier == "now":
        change = qualification.downgrade(today, account.holding, sums, *counted)
    account.count(counted, change)
