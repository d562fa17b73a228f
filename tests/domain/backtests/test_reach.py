"""Random members by random pairs of documents: what both sides share is what each plays alone."""

import copy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.backtests import playing, reach, sides
from domain.backtests.facts import (
    Active,
    Amended,
    Assigned,
    Booked,
    Completed,
    Life,
    Redeemed,
    Refunded,
    Reversed,
    What,
)
from domain.backtests.purse import Purse
from domain.backtests.reading import _state
from domain.backtests.sides import Rules, Side
from domain.backtests.tally import Period, Scope, Tally, add_member
from domain.bookings.booking_state import BookingState
from domain.earning.values import Line
from domain.programmes import reader
from domain.programmes.policy import Policy
from domain.programmes.programmes import BEGINNING, Programme, Version
from tests.support import factories as make
from tests.support.granted import grant

Document = dict[str, Any]
Change = Callable[[Document], None]
DAY = timedelta(days=1)
JOINED = datetime(2025, 2, 3, 4, 5, tzinfo=UTC)
NOW = JOINED + 700 * DAY
SOMEBODY = UUID(int=1 << 100)


def id_of(number: int) -> UUID:
    """The id of a fact, which no lot has."""
    return UUID(int=number << 64)


def another_bonus(document: Document) -> None:
    when = {"products": document["products"][:1], "min_amount": 300}
    document["earning"].append(make.rule("bonus", "another", points=13, when=when))


def twice_the_rate(document: Document) -> None:
    for rule in document["earning"]:
        if rule["kind"] in ("rate", "step"):
            rule["points"] = str(Decimal(str(rule["points"])) * 2)


def rule_of_members(document: Document) -> None:
    when = {"tiers": [document["tiers"]["levels"][-1]["code"]]}
    if methods := document.get("payment_methods"):
        when["payment_methods"] = methods[:1]
    document["earning"].append(make.rule("bonus", "of_members", points=70, when=when))


def rule_less(document: Document) -> None:
    document["earning"] = document["earning"][:1] + document["earning"][2:]


def own_terms(document: Document) -> None:
    document["earning"][0]["expiry"] = {"months": 2}


def other_order(document: Document) -> None:
    document["earning"].reverse()


def limited(document: Document) -> None:
    document["earning"][-1]["limit"] = {"times": 1, "per": "year"}


def dearer_activity(document: Document) -> None:
    for activity in document["activities"]:
        if activity["code"] == "review":
            activity["points"] = 77


def activity_more(document: Document) -> None:
    document["activities"].append(
        {"code": "swim", "name": make.WORDS, "points": 3, "reporters": ["partner"]}
    )


def lower_tiers(document: Document) -> None:
    for level in document["tiers"]["levels"][1:]:
        level["threshold"] = max(1, int(level["threshold"]) * 7 // 10)


def tiers_that_fall(document: Document) -> None:
    document["tiers"]["window"] = {"months": 3}
    document["tiers"]["downgrade"] = {"to": "one_step", "grace_days": 5}


def shorter_expiry(document: Document) -> None:
    document["points"]["expiry"] = {"months": 4}


def budgeted(document: Document) -> None:
    document["earning"][-1]["budget"] = {"points": 90, "per": "month"}


def budgeted_activity(document: Document) -> None:
    document["activities"][-1]["budget"] = {"points": 40}


def capped(document: Document) -> None:
    document["caps"] = [{"points": 2000, "per": "month"}]


def exclusive(document: Document) -> None:
    for rule in document["earning"]:
        if rule["kind"] == "bonus":
            rule["exclusive"] = "one"


def more_grants(document: Document) -> None:
    document.setdefault("counts", {})["all"] = {"of": "bookings"}
    document.setdefault("grants", []).extend(
        (
            grant("each", "milestone", count="all", every=2, gives={"points": 11}),
            grant("may", "calendar", day="05-01", gives={"points": 5}),
        )
    )


def refunds_at_once(document: Document) -> None:
    document["refunds"] = {"claw_back": "unlimited", "tier": "now"}


def in_other_words(document: Document) -> None:
    document["name"] = make.WORDS


CHANGES: tuple[Change, ...] = (
    *(another_bonus, twice_the_rate, rule_of_members, rule_less, own_terms, other_order, limited),
    *(dearer_activity, activity_more, lower_tiers, tiers_that_fall, shorter_expiry, budgeted),
    *(budgeted_activity, capped, exclusive, more_grants, refunds_at_once, in_other_words),
)


@lru_cache(maxsize=256)
def written(code: str, *changes: Change) -> Policy:
    document = copy.deepcopy(make.whole_document(code))
    document["programme"] = code
    document.pop("target_return", None)
    for change in changes:
        change(document)
    return reader.parse(json.dumps(document, default=str))


def lines_of(draw: Random, policy: Policy, count: int) -> list[Line]:
    return [
        Line(
            number + 1,
            draw.choice(policy.products),
            draw.choice((9_900, 30_000, 250_000)),
            travel_from=JOINED.date() + draw.choice((30, 300)) * DAY,
            travel_to=JOINED.date() + draw.choice((310, 320)) * DAY,
        )
        for number in range(count)
    ]


@dataclass(slots=True)
class Told:
    """A life as it is drawn; what is still open of its bookings, with how many lines each has."""

    draw: Random
    policy: Policy
    lines: dict[UUID, int] = field(default_factory=dict)
    refundable: list[UUID] = field(default_factory=list)
    open: list[UUID] = field(default_factory=list)

    def next(self, number: int, at: datetime) -> What:
        own, draw = id_of(number), self.draw
        kinds: list[Callable[[UUID, datetime], What]] = [self.book, self.book, self.act]
        kinds += [self.redeem, self.other]
        kinds += [self.refund, self.amend] if self.refundable else []
        kinds += [self.complete] if self.open else []
        return draw.choice(kinds)(own, at - draw.choice((0, 0, 0, 20)) * DAY)

    def book(self, own: UUID, at: datetime) -> What:
        lines = lines_of(self.draw, self.policy, self.draw.choice((1, 1, 2)))
        self.lines[own] = len(lines)
        self.refundable.append(own)
        self.open.append(own)
        return booking(own, at, self.draw.choice((None, "card")), lines)

    def act(self, own: UUID, at: datetime) -> What:
        kind = self.draw.choice(("review", "share", "swim", self.policy.activities[-1].code))
        return Active(own, kind, at, {"score": 10}, False, 0)

    def redeem(self, own: UUID, at: datetime) -> What:
        until = self.draw.choice((None, at + 30 * DAY))
        return Redeemed(own, 100, 1, self.draw.choice((None, 80)), None, until, "mug")

    def refund(self, _: UUID, at: datetime) -> What:
        some = self.refundable.pop()
        return Refunded(some, at, {1: self.draw.choice((4_000, 300_000))}, False)

    def amend(self, _: UUID, at: datetime) -> What:
        some = self.draw.choice(self.refundable)
        return Amended(some, at, lines_of(self.draw, self.policy, self.lines[some]))

    def complete(self, own: UUID, at: datetime) -> What:
        return Completed(own, self.open.pop(), at, (1, 2))

    def other(self, own: UUID, at: datetime) -> What:
        level = self.draw.choice((None, self.policy.tiers.levels[-1].code))
        return self.draw.choice(
            (Assigned(level, at + 60 * DAY), Reversed(UUID(int=own.int - id_of(1).int)))
        )


def booking(own: UUID, at: datetime, method: str | None, lines: list[Line]) -> Booked:
    snapshot = {"status": "ENROLLED", "in_birthday_month": False, "profile": {}}
    states = [_state(line) for line in lines]
    return Booked(own, at, method, lines, states, 0, None, snapshot, UUID(int=2), {})


def life_of(draw: Random, policy: Policy) -> Life:
    life = Life(SOMEBODY, "somebody", "ENROLLED", JOINED.date(), {}, {}, JOINED)
    at, drawn = JOINED, Told(draw, policy)
    for number in range(1, draw.randrange(4, 25)):
        at += draw.choice((0, 1, 10, 40, 90)) * DAY + timedelta(minutes=1)
        if at < NOW:
            life.add(at, id_of(number), drawn.next(number, at))
    return life


def told(side: Side) -> str:
    """All that a side has come to; lots by the order in which they came."""
    journal = side.journal
    lots = [replace(lot, policy_version_id=SOMEBODY) for lot in journal.lots.values()]
    entries = [
        (one.kind, one.source, one.target, one.points, one.effective_at, one.after, one.touches)
        for one in journal.entries
    ]
    states = [judged(state) for state in side.bookings.values()]
    paid = [replace(one, version=None) for one in side.activities]  # type: ignore[arg-type]
    grants = [
        (replace(one.given, policy_version_id=SOMEBODY), one.points, one.tier, one.funder)
        for one in side.grants.values()
    ]
    parts = (lots, entries, journal.balances, states, paid, grants, side.holding, side.changes)
    more = (side.line_points, side.credits, side.total, side.drawn, side.taken, side.unmet)
    numbers = {str(lot_id): f"lot {number}" for number, lot_id in enumerate(journal.lots)}
    return re.sub("|".join(numbers) or "none", lambda one: numbers[one[0]], repr((parts, more)))


def versions_of(side: Side) -> list[UUID]:
    judged = [state.version.id for state in side.bookings.values()]
    judged += [paid.version.id for paid in side.activities]
    return judged + [one.given.policy_version_id for one in side.grants.values()]


def judged(state: BookingState) -> BookingState:
    """Without what of its snapshot rules have that are not about it."""
    snapshot = {name: known for name, known in state.snapshot.items() if name != "allowances"}
    return replace(state, version=None, snapshot=snapshot)  # type: ignore[arg-type]


def in_force(draw: Random, code: str, changes: Sequence[Change]) -> Programme:
    """A document, or that which ships and then this one from some instant on."""
    newest = Version(UUID(int=2), 2, BEGINNING, written(code, *changes))
    if draw.random() < 0.5:
        return Programme(UUID(int=9), code, timedelta(), (newest,))
    first = Version(UUID(int=1), 1, BEGINNING, written(code))
    newest = replace(newest, effective_from=JOINED + draw.randrange(1, 600) * DAY)
    return Programme(UUID(int=9), code, timedelta(), (first, newest))


few = st.lists(st.sampled_from(CHANGES), max_size=2, unique=True)


@pytest.mark.parametrize("code", ["ota", "agency", "ctrip"])
@given(few, few, st.randoms(use_true_random=False))
def test_what_is_shared_is_what_each_side_plays_alone(
    code: str, had: list[Change], tried: list[Change], draw: Random
) -> None:
    baseline = in_force(draw, code, had)
    policy = written(code, *had, *(one for one in tried if one not in had))
    parting = JOINED + draw.randrange(1, 500) * DAY
    until = draw.choice((NOW, parting + draw.randrange(1, 150) * DAY))
    candidate = sides.versions_of(baseline, Version(UUID(int=3), 0, parting, policy), until)
    rules = Rules(baseline, baseline), Rules(candidate, baseline)
    scope = Scope(Period(parting, until), NOW, (baseline.as_of(until).policy, policy))
    life, together, alone = life_of(draw, policy), Tally(), Tally()
    purses = Purse(SOMEBODY, place=0), Purse(SOMEBODY, place=1)
    both = playing.play_both(life, rules, purses, NOW, reach.of(rules))
    add_member(together, both, scope)
    own = Purse(SOMEBODY, place=0), Purse(SOMEBODY, place=1)
    each = (
        playing.play_life(life, rules[0], own[0], NOW),
        playing.play_life(life, rules[1], own[1], NOW),
    )
    add_member(alone, each, scope)
    assert together == alone
    for shared, apart in zip(both, each, strict=True):
        assert told(shared) == told(apart)
        if both[0] is not both[1]:
            assert versions_of(shared) == versions_of(apart)
    assert [purse.claims for purse in purses] == [purse.claims for purse in own]


def is_shared(*tried: Change, code: str = "ota") -> bool:
    """Whether a member that has a booking of 250 for each product is played once."""
    baseline = in_force(Random(1), code, ())
    newest = Version(UUID(int=3), 0, JOINED, written(code, *tried))
    rules = (
        Rules(baseline, baseline),
        Rules(sides.versions_of(baseline, newest, NOW), baseline),
    )
    life = Life(SOMEBODY, "somebody", "ENROLLED", None, {}, {}, JOINED - DAY)
    for number, product in enumerate(newest.policy.products):
        own, at = id_of(number + 1), JOINED + number * DAY
        life.add(at, own, booking(own, at, None, [Line(1, product, 25_000)]))
    purses = Purse(SOMEBODY, place=0), Purse(SOMEBODY, place=1)
    first, second = playing.play_both(life, rules, purses, NOW, reach.of(rules))
    return first is second


def test_a_member_whom_no_change_reaches_is_played_once() -> None:
    assert is_shared()
    assert is_shared(in_other_words)
    assert is_shared(dearer_activity)
    assert is_shared(another_bonus)
    assert is_shared(rule_of_members)
    assert not is_shared(twice_the_rate)
    assert not is_shared(other_order)
    assert not is_shared(lower_tiers)
    assert not is_shared(shorter_expiry)
    assert not is_shared(budgeted)
