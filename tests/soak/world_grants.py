"""Check that all grants of a random world's members are given, ended and worth as documents say.

After each step, the facts that it wrote are judged a second time (`tests/support/naive_grants.py`),
and the grants that follow are compared with the stored ones. The points of each are those of its
rule, limited by caps and then by its budget at the time of writing. All grants of one fact pass the
caps before the first of them reaches a budget: what a budget cuts off is not left for another one.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import rows
from tests.soak import world_books
from tests.soak.world import Person, World
from tests.soak.written import Document
from tests.soak.written_rules import TREES
from tests.support.naive_counts import period
from tests.support.naive_facts import Event, Facts, Row, events
from tests.support.naive_grants import Account, Had, Held, Judge, Member, due, rules

_TABLES = {
    "booking": "SELECT t.id, t.member_id, t.booked_at, t.recorded_at, t.payment_method, "
    "t.reporter, t.redemption_id, t.snapshot ->> 'status' = 'GUEST' AS guest FROM booking t",
    "booking_line": "SELECT t.id, t.member_id, t.booking_id, t.number, t.product, "
    "t.attributes::text AS attributes, t.amount_minor, t.cash_minor, t.travel_from, t.travel_to, "
    "coalesce(t.amendment_id, t.booking_id) AS fact_id FROM booking_line t",
    "amendment": "SELECT t.id, t.member_id, t.amended_at FROM amendment t",
    "amendment_line": "SELECT t.id, t.member_id, t.amendment_id, t.booking_id, t.version, "
    "t.line_number, t.product, t.attributes::text AS attributes, t.amount_minor, t.cash_minor, "
    "t.travel_from, t.travel_to FROM amendment_line t",
    "refund": "SELECT t.id, t.member_id, t.refunded_at FROM refund t",
    "refund_line": "SELECT t.id, t.member_id, t.refund_id, t.booking_id, t.line_number, "
    "t.gross_minor, t.cash_minor FROM refund_line t",
    "completion": "SELECT t.id, t.member_id, t.booking_id, t.line_number, t.completed_at, "
    "t.recorded_at, max(t.id::text) OVER (PARTITION BY t.member_id, t.booking_id, t.completed_at, "
    "t.recorded_at)::uuid AS fact_id FROM completion t",
    "activity": "SELECT t.id, t.member_id, t.type, t.reference, t.reporter, t.occurred_at, "
    "t.recorded_at, t.within_limit, t.points, t.reward, t.benefit, "
    "t.explanation::text AS explanation, t.brought_by, v.version AS number "
    "FROM activity t JOIN policy_version v ON v.id = t.policy_version_id",
    "activity_reversal": "SELECT t.id, t.member_id, t.activity_id, t.number, t.kind, t.points, "
    "t.points_clawed_back, t.recorded_at, t.reason, t.brought_by FROM activity_reversal t",
    "redemption": "SELECT t.id, t.member_id, t.status, t.created_at, t.activity_id, t.actor, "
    "t.reward_id, w.code FROM redemption t LEFT JOIN reward w ON w.id = t.reward_id",
    "tier_change": "SELECT t.id, t.member_id, t.from_tier, t.to_tier, t.effective_at, t.reason, "
    "t.earned_tier, v.version AS number "
    "FROM tier_change t JOIN policy_version v ON v.id = t.policy_version_id",
}

_FRIENDS = """
SELECT r.member_id, r.id, r.version, r.other_id, r.status, r.fact_at, v.version AS number
FROM referral r JOIN policy_version v ON v.id = r.policy_version_id
WHERE r.programme_id = $1 AND r.side = 'REFERRER' ORDER BY r.id, r.version
"""

_USED = """
SELECT r.activity_id FROM redemption r WHERE r.member_id = ANY($1::uuid[])
    AND r.activity_id IS NOT NULL AND (r.status IN ('FULFILLED', 'SHIPPED') AND NOT EXISTS (SELECT
            FROM coupon_code c WHERE c.redemption_id = r.id)
        OR EXISTS (SELECT FROM coupon_code c WHERE c.redemption_id = r.id AND c.status = 'USED'))
UNION SELECT u.activity_id FROM benefit_use u WHERE u.member_id = ANY($1::uuid[])
    AND u.activity_id IS NOT NULL AND u.returned_at IS NULL
"""


_LISTS = (
    "SELECT member_id, segment, added_at, removed_at FROM segment_member "
    "WHERE member_id = ANY($1::uuid[])"
)

_AWARDS = (
    "SELECT a.id, a.member_id, a.rule, a.points, a.occurred_at, a.activity_id, a.budget_period "
    "FROM award a JOIN member m ON m.member_id = a.member_id WHERE m.programme_id = $1"
)

_QUOTES = (
    "SELECT member_id, id, booked_at, awards::text AS awards FROM quote "
    "WHERE programme_id = $1 AND status = 'OPEN' AND expires_at > $2"
)


async def _read(world: World) -> dict[UUID, Facts]:
    """The present facts of all members."""
    everybody = [person.member_id for person in world.people]
    whose = "WHERE t.member_id = ANY($1::uuid[]) ORDER BY t.id"
    by_member: dict[UUID, dict[str, list[Row]]] = {one: {} for one in everybody}
    for name, select in _TABLES.items():
        for row in await rows(f"{select} {whose}", everybody):
            by_member[row["member_id"]].setdefault(name, []).append(row)
    tiers = await rows("SELECT member_id, tier FROM account WHERE member_id = ANY($1)", everybody)
    tier = {one["member_id"]: one["tier"] for one in tiers}
    return {one: Facts(tables, tier=tier.get(one, "")) for one, tables in by_member.items()}


async def observe(world: World) -> None:
    """Judge the facts written since the last time, and compare the grants with the stored ones."""
    found, told = await _read(world), await _told(world)
    changed = list[tuple[UUID, Row]]()
    for person in world.people:
        own = person.member_id
        latest = {one["id"]: one for one in told.friends if one["member_id"] == own}
        after = replace(found[own], friends=latest)
        before = world.facts.get(own, after)
        if before != after or told.of_friend(own):
            changed += _judge(world, person, (before, after), told)
        world.facts[own] = after
    world.friends |= {(one["id"], one["version"]) for one in told.new}
    if changed:
        await _prove_points(world, changed)


@dataclass(frozen=True, slots=True)
class Told:
    """What the second account takes as given: all and `new` versions of referrals, which grants
    were used by now, and when members were on lists.
    """

    friends: Sequence[Row]
    new: Sequence[Row]
    used: frozenset[UUID]
    lists: Sequence[Row]

    def of_friend(self, member_id: UUID) -> list[Row]:
        return [one for one in self.new if member_id in (one["member_id"], one["other_id"])]

    def lists_of(self, member_id: UUID, at: datetime) -> frozenset[str]:
        return frozenset(
            one["segment"]
            for one in self.lists
            if one["member_id"] == member_id
            and one["added_at"] <= at
            and (one["removed_at"] is None or at < one["removed_at"])
        )


async def _told(world: World) -> Told:
    everybody = [person.member_id for person in world.people]
    friends = await rows(_FRIENDS, world.programme.id)
    new = [one for one in friends if (one["id"], one["version"]) not in world.friends]
    used = frozenset(one["activity_id"] for one in await rows(_USED, everybody))
    return Told(friends, new, used, await rows(_LISTS, everybody))


def account_of(world: World, person: Person, told: Told) -> Account:
    member = Member(
        person.joined_at,
        person.birthday,
        person.guest,
        partial(world_books.trusted, person=person),
        partial(told.lists_of, person.member_id),
    )
    return Account(world.documents, world.digits, TREES, member)


def stored(facts: Facts, used: Collection[UUID]) -> Held:
    """The stored grants; version 1 of the policy is the bare one, so documents count from 2."""
    held: Held = {}
    for one in facts.table("activity"):
        if one["reporter"] == "system":
            turns = [x for x in facts.table("activity_reversal") if x["activity_id"] == one["id"]]
            last = max(turns, key=lambda turn: turn["number"], default=None)
            occurrence = one["reference"].rpartition(":")[0]
            held[one["type"], occurrence] = Had(
                one["type"],
                occurrence,
                one["number"] - 2,
                one["occurred_at"],
                last is None or last["kind"] == "RESTORED",
                last is not None and last["reason"] is not None,
                one["id"] in used,
            )
    return held


def _judge(
    world: World, person: Person, known: tuple[Facts, Facts], told: Told
) -> list[tuple[UUID, Row]]:
    """Judge a member's new facts in their order; the rows of grants that changed since."""
    before, after = known
    found, judge = (
        stored(after, told.used),
        Judge(account_of(world, person, told), stored(before, told.used)),
    )
    for key, had in judge.held.items():
        if found[key].final and not had.final:
            judge.held[key] = replace(had, stands=False, final=True)
    _come_on_days(world, person, judge, (before, after))
    facts, state = events(before, after, world.now), before
    for place, event in enumerate(facts):
        last = place + 1 == len(facts)
        until = after if last else after.through(_less(facts[place + 1].start), before)
        until = until if last else replace(until, friends=before.friends)
        judge.judge(event, state, until)
        state = until
    for one in told.of_friend(person.member_id):
        state = _judge_friend(judge, one, person, (state, after))
    if not facts:
        _move(world, judge, state, after)
    _compare(person, judge.held, found)
    old = {one["id"] for name in _CHANGES for one in before.table(name)}
    changed = [
        (person.member_id, one)
        for name in _CHANGES
        for one in after.table(name)
        if one["id"] not in old and one.get("reporter", "system") == "system"
    ]
    world.done["grants judged twice: facts"] += len(facts)
    world.done["grants judged twice"] += len(changed)
    return changed


_CHANGES = ("activity", "activity_reversal")


def _less(key: UUID) -> UUID:
    return UUID(int=key.int - 1)


def _judge_friend(judge: Judge, one: Row, person: Person, known: tuple[Facts, Facts]) -> Facts:
    """Judge one version of a referral on this member's side."""
    before, after = known
    referrer = one["member_id"] == person.member_id
    friends = {**before.friends, one["id"]: one} if referrer else before.friends
    now = replace(after, friends=friends)
    if one["fact_at"] is not None:
        paid = ("QUALIFIED",) if referrer else ("QUALIFIED", "LIMITED")
        side, terms = "referrer" if referrer else "referee", one["number"] - 2
        own = (side, one["other_id"], one["status"] in paid, terms)
        judge.judge(Event(one["id"], one["id"], one["fact_at"], own), before, now)
    return now


def _move(world: World, judge: Judge, before: Facts, after: Facts) -> None:
    """Judge changes of the tier that a grant of the calendar or a new version caused."""
    old = {one["id"] for one in before.table("tier_change")}
    for change in after.table("tier_change"):
        if change["id"] in old:
            continue
        at, number = world.now, judge.account.number(world.now)
        days = [one for one in after.table("activity") if one not in before.table("activity")]
        if days:
            at, number = days[0]["occurred_at"], judge.account.number(days[0]["occurred_at"])
        elif change["reason"] == "policy" and change["number"] - 2 != number:
            number = change["number"] - 2
            later = [since for since, _ in world.documents if since > world.documents[number][0]]
            at = min(later) - timedelta(microseconds=1)
        judge.move(before, after, at, number)
        return


def _compare(person: Person, held: Held, found: Held) -> None:
    differ = {
        key: (_told_of(held.get(key)), _told_of(found.get(key)))
        for key in held.keys() | found.keys()
        if _told_of(held.get(key)) != _told_of(found.get(key))
    }
    assert not differ, f"grants of {person}, judged and stored: {differ}"


def _told_of(had: Had | None) -> Any:
    return had and (had.document, had.at, had.stands)


async def begin_days(world: World) -> None:
    """Compute which grants of the calendar are due, before the job runs."""
    told, world.due = await _told(world), {}
    for person in world.people:
        account, facts = account_of(world, person, told), world.facts[person.member_id]
        held = stored(facts, told.used)
        found = due(account, held, world.today, world.looked_through)
        world.due[person.member_id] = {(rule, str(day.year)): False for rule, day, _ in found}
    world.looked_through = world.today


async def end_days(world: World) -> None:
    missing = {member: own for member, own in world.due.items() if own}
    world.due = {}
    assert not missing, f"the calendar brought these, and nobody gave them: {missing}"


def _come_on_days(world: World, person: Person, judge: Judge, known: tuple[Facts, Facts]) -> None:
    """Assert that each grant of the calendar was due, and gives something only if its `when` holds
    at the beginning of the day.
    """
    before, after = known
    old, account = {one["id"] for one in before.table("activity")}, judge.account
    for one in after.table("activity"):
        if one["id"] in old or one["reporter"] != "system":
            continue
        document = world.documents[one["number"] - 2][1]
        grant = rules(document)[one["type"]]
        if grant["kind"] != "calendar":
            continue
        occurrence = one["reference"].rpartition(":")[0]
        own = world.due.get(person.member_id, {})
        assert (one["type"], occurrence) in own, f"{one} was not due: {own}"
        own.pop((one["type"], occurrence))
        at = one["occurred_at"]
        assert at.astimezone(world.zone).time() == time(), one
        number = account.number(at)
        comes = account.comes(grant, document, before.tier_at(at), at, before)
        assert one["within_limit"] == comes, f"{one} comes: {comes}"
        judge.held[one["type"], occurrence] = Had(one["type"], occurrence, number, at)
        world.done["days judged twice"] += 1


async def _prove_points(world: World, changed: Sequence[tuple[UUID, Row]]) -> None:
    """Assert that what grants gave, took and restored follows from rules, caps and budgets."""
    awards = await rows(_AWARDS, world.programme.id)
    quotes = await rows(_QUOTES, world.programme.id, world.now)
    unpaid = defaultdict[tuple[UUID, UUID, bool], list[Row]](list)
    for member_id, one in sorted(changed, key=lambda change: change[1]["id"]):
        facts = world.facts[member_id]
        if "kind" in one:
            [given] = [x for x in facts.table("activity") if x["id"] == one["activity_id"]]
            turns = [x for x in facts.table("activity_reversal") if x["activity_id"] == given["id"]]
        else:
            given, turns = one, []
        if given["reporter"] != "system":
            continue
        if one.get("kind") == "REVERSED":
            own = [x for x in awards if x["activity_id"] == given["id"] and x["id"] < one["id"]]
            expected = sum(x["points"] for x in own)
        else:
            document = world.documents[given["number"] - 2][1]
            grant = rules(document)[given["type"]]
            wanted = grant["gives"].get("points", 0) if given["within_limit"] else 0
            if "kind" in one:
                [last] = [x for x in turns if x["number"] == one["number"] - 1]
                wanted = last["points_clawed_back"]
            else:
                _prove_gift(grant, given)
            left = _Left(world, document, member_id, given["occurred_at"], one["id"])
            # the grant of a tier entry comes after all other grants of its fact
            entry = grant["kind"] == "tier_entry"
            beside = unpaid[member_id, one["brought_by"] or one["id"], entry]
            capped = left.capped(wanted, [*awards, *beside], quotes)
            expected = left.budgeted(grant, capped, awards)
            beside.append({**given, "id": one["id"], "points": capped - expected})
        assert one["points"] == expected, f"{one} of {given}, not {expected}"
        world.done["grants judged twice: points"] += expected


def _prove_gift(grant: Row, given: Row) -> None:
    wanted = grant["gives"] if given["within_limit"] else {}
    assert given["reward"] == wanted.get("reward"), given
    assert given["benefit"] == wanted.get("perk", {}).get("benefit"), given


@dataclass(frozen=True, slots=True)
class _Left:
    """What caps and a budget left in the periods of an instant, before the row of this id."""

    world: World
    document: Document
    member_id: UUID
    at: datetime
    key: UUID

    def capped(self, points: int, gained: Sequence[Row], quotes: Sequence[Row]) -> int:
        reserved = [
            {"points": points, "occurred_at": quote["booked_at"]}
            for quote in quotes
            if quote["member_id"] == self.member_id and quote["id"] < self.key
            for _, points, _ in orjson.loads(quote["awards"])
        ]
        own = [one for one in self._before(gained) if one["member_id"] == self.member_id]
        for cap in self.document.get("caps", ()):
            name = self._period(self.at, cap["per"])
            within = [
                x for x in (*own, *reserved) if self._period(x["occurred_at"], cap["per"]) == name
            ]
            points = min(points, max(0, cap["points"] - sum(x["points"] for x in within)))
        return points

    def budgeted(self, grant: Row, points: int, awards: Sequence[Row]) -> int:
        if "budget" not in grant:
            return points
        per = grant["budget"].get("per")
        name = self._period(self.at, per) if per else "always"
        used = [
            x
            for x in self._before(awards)
            if x["rule"] == grant["code"] and x["budget_period"] == name
        ]
        left: int = grant["budget"]["points"] - sum(x["points"] for x in used)
        return min(points, max(0, left))

    def _before(self, found: Sequence[Row]) -> list[Row]:
        return [one for one in found if one["id"] < self.key]

    def _period(self, at: datetime, per: str) -> str:
        return period(at.astimezone(self.world.zone).date(), per)
