"""Grants that facts of a random history give, end and restore, and new versions of their rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.kernel.database import rows
from tests.soak.gifts import BUDGET, EVERY, EVERY_MINOR, TRIED, WELCOME, WINDOW_DAYS, Gift, Promise
from tests.soak.story import Player, Step, Story
from tests.soak.trips import ZONE
from tests.support import factories as make

GOLD = 1
"""The rank of the tier whose entry gives a grant."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Totals of a member's facts: cash spent in minor units, the mission, changes of tier."""

    spend: int
    tried: bool
    changes: int


def reach(story: Story, who: Player) -> Reach:
    trips = [trip for trip in story.trips.values() if trip.member == who.number]
    stayed = any(
        line.product == "hotel" and line.left > 0
        for trip in trips
        if in_window(trip.booked_at)
        for line in trip.lines
    )
    first = make.NOW.astimezone(ZONE).date()
    days = [day for day, reviews in who.reviews.items() if reviews]
    reviewed = any(first <= day <= first + timedelta(days=WINDOW_DAYS) for day in days)
    spend = sum(line.cash_left for trip in trips for line in trip.lines)
    return Reach(spend, stayed and reviewed, len(who.standing.changes))


def in_window(instant: datetime) -> bool:
    """Whether the instant is on a day of the mission; all members join at `make.NOW`."""
    first, day = make.NOW.astimezone(ZONE).date(), instant.astimezone(ZONE).date()
    return first <= day <= first + timedelta(days=WINDOW_DAYS)


def evaluate(story: Story, who: Player, before: Reach, occurred_at: datetime | None = None) -> None:
    """Apply all grants of the fact that took the member from `before` to its present state."""
    after, at = reach(story, who), occurred_at or story.now
    mine = [gift for gift in who.gifts.values() if gift.rule != WELCOME]
    ended = [gift for gift in mine if gift.stands and not _stands(gift, after)]
    again = [gift for gift in mine if not gift.stands and _stands(gift, after)]
    story.budget_used -= sum(gift.net for gift in ended if gift.rule == EVERY)
    restored = [(gift, _within_budget(story, gift.rule, gift.recovered)) for gift in again]
    given = [
        (rule, multiple, _within_budget(story, rule, points))
        for rule, multiple, points in _come(story.promised(at), who, before, after, at)
    ]
    for gift in ended:
        _reverse(story, who, gift)
    for gift, points in restored:
        _restore(story, who, gift, points)
    for rule, multiple, points in given:
        _give(story, who, rule, multiple, points)
    _settle_tier(story, who, before, at)


def _stands(gift: Gift, after: Reach) -> bool:
    return after.tried if gift.rule == TRIED else after.spend >= gift.multiple * EVERY_MINOR


def _come(
    promise: Promise, who: Player, before: Reach, after: Reach, at: datetime
) -> Iterable[tuple[str, int, int]]:
    """Rule, multiple and points of grants that are now reached and were not given before."""
    for multiple in range(before.spend // EVERY_MINOR + 1, after.spend // EVERY_MINOR + 1):
        if f"{EVERY}:{multiple}" not in who.gifts:
            yield EVERY, multiple, promise.every
    if after.tried and not before.tried and in_window(at) and f"{TRIED}:1" not in who.gifts:
        yield TRIED, 1, promise.tried


def _within_budget(story: Story, rule: str, points: int) -> int:
    if rule != EVERY:
        return points
    granted = min(points, BUDGET - story.budget_used)
    story.budget_used += granted
    story.done["grant clipped by its budget"] += granted < points
    return granted


def _settle_tier(story: Story, who: Player, before: Reach, at: datetime) -> None:
    changes = who.standing.changes
    rank = changes[before.changes - 1][1] if before.changes else 0
    for _, reached in changes[before.changes :]:
        gift = who.gifts.get(f"{WELCOME}:1")
        if gift is None and reached == GOLD and reached > rank:
            _give(story, who, WELCOME, 1, story.promised(at).welcome)
        elif gift is not None and gift.stands and reached < GOLD:
            _reverse(story, who, gift)
        elif gift is not None and not gift.stands and reached > rank:
            _restore(story, who, gift, gift.recovered)
        rank = reached


def _give(story: Story, who: Player, rule: str, multiple: int, points: int) -> None:
    gift = Gift(f"{rule}:{multiple}", rule, multiple, story.terms.gone(story.now), points)
    who.gifts[gift.name] = gift
    who.account.earn(points, story.now, gift.gone, story.now, of=gift.name)
    story.done[f"grant given: {rule}"] += 1


def _reverse(story: Story, who: Player, gift: Gift) -> None:
    gift.reverse(who.account, story.terms.claw_back)
    story.done[f"grant reversed: {gift.rule}"] += 1


def _restore(story: Story, who: Player, gift: Gift, points: int) -> None:
    gift.restore(who.account, points, story.now)
    story.done[f"grant restored: {gift.rule}"] += 1
    story.done["grant restored after its expiry"] += gift.gone <= story.now


async def check(story: Story) -> None:
    """Assert that each grant is in force or not, with points left, as in the second account."""
    for player in story.players:
        found = await rows(_GIFTS, player.member_id, [EVERY, TRIED, WELCOME])
        stored = {one["name"]: (one["stands"], one["net"]) for one in found}
        assert stored == {name: (gift.stands, gift.net) for name, gift in player.gifts.items()}


_GIFTS = """
SELECT a.type || ':' || CASE a.type WHEN 'every' THEN split_part(a.reference, ':', 2)
    ELSE '1' END AS name,
    NOT coalesce((SELECT r.kind = 'REVERSED' FROM activity_reversal r WHERE
        r.member_id = a.member_id AND r.activity_id = a.id ORDER BY r.number DESC LIMIT 1), false)
        AS stands,
    (SELECT coalesce(sum(w.points), 0) FROM award w WHERE w.member_id = a.member_id
        AND w.activity_id = a.id)::bigint AS net
FROM activity a WHERE a.member_id = $1 AND a.reporter = 'system' AND a.type = ANY($2::text[])
"""


async def publish(story: Story, _: Player) -> None:
    """Publish a version with other grants from now on."""
    if story.promises[-1][0] == story.now:
        return
    promise = Promise.drawn(story.draw)
    changed = {**story.document, **promise.parts()}
    story.programme = await make.publish(story.programme, changed, now=story.now)
    story.promises.append((story.now, promise))
    story.note("new version")


STEPS: dict[Step, int] = {publish: 1}
"""Steps by their weight in the draw."""
