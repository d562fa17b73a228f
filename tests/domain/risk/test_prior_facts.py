"""What was seen before a fact, as it is counted: by each kind of rule, signal and window."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import bookings
from domain.kernel.signals import NONE, Signals
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.programmes.risk_terms import AnyRiskRule
from domain.risk import prior_facts
from domain.risk.prior_facts import PriorFacts
from tests.support import factories as make
from tests.support import risks, travel

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


async def found(
    rule: dict[str, Any], member_id: UUID, now: datetime, sent: Signals = NONE
) -> PriorFacts | None:
    """What one rule is told."""
    read: AnyRiskRule = TypeAdapter(AnyRiskRule).validate_python(rule)
    return (await prior_facts.of_rules([read], member_id, sent, now)).get(read.code)


def signals_of(kind: str, programme: Programme, name: bytes) -> Signals:
    """A digest is of one programme only."""
    return Signals({kind: programme.id.bytes + name.ljust(16)})


async def book(
    programme: Programme, member_id: UUID, amount: str, now: datetime, sent: Signals = NONE
) -> None:
    by = replace(make.request(make.partner(programme), now=now), signals=sent)
    await bookings.earn(by, programme, MemberKey.of_id(member_id), make.booking(("hotel", amount)))


async def spend(
    programme: Programme, member_id: UUID, reference: str, now: datetime, sent: Signals = NONE
) -> None:
    """An activity of 20 points."""
    by = replace(make.request(make.partner(programme), now=now), signals=sent)
    said = ActivitySent("partner_spend", reference, attributes={"amount": 20})
    await activities.earn(by, programme, MemberKey.of_id(member_id), said)


async def test_a_member_is_counted_by_what_it_earned_in_the_window() -> None:
    programme = await make.establish()
    member_id, other = [await make.enrol(programme) for _ in range(2)]
    await book(programme, member_id, "100", make.NOW)
    await book(programme, member_id, "300", make.NOW + HOUR)
    await spend(programme, member_id, "a-1", make.NOW + HOUR)
    await book(programme, other, "900", make.NOW + HOUR)
    now = make.NOW + HOUR
    for facts, hours, expected in (
        (None, 1, PriorFacts(2, 320)),
        (None, 2, PriorFacts(3, 420)),
        (["booking"], 1, PriorFacts(1, 300)),
        (["booking"], 2, PriorFacts(2, 400)),
        (["activity"], 2, PriorFacts(1, 20)),
    ):
        rule = risks.velocity("v", "earn", "hold", hours=hours, facts=facts)
        assert await found(rule, member_id, now) == expected, (facts, hours)
    # an instant later the first is out of two hours, too
    rule = risks.velocity("v", "earn", "hold", hours=2)
    assert await found(rule, member_id, make.NOW + 2 * HOUR - SECOND) == PriorFacts(3, 420)
    assert await found(rule, member_id, make.NOW + 2 * HOUR) == PriorFacts(2, 320)


@pytest.mark.parametrize("kind", ["device", "card", "ip", "key"])
async def test_a_signal_is_counted_by_the_facts_that_a_rule_is_about(kind: str) -> None:
    # a key is kept where a rule asks for keys
    asks = risks.velocity("k", "earn", "hold", by="key", more_than=99, mode="shadow")
    programme = await make.establish(make.shipped_document(risk={"rules": [asks]}))
    member_id, other = [await make.enrol(programme) for _ in range(2)]
    mine, theirs = [signals_of(kind, programme, one) for one in (b"mine", b"theirs")]
    await book(programme, member_id, "100", make.NOW, mine)
    await book(programme, other, "300", make.NOW + HOUR, mine)
    await spend(programme, member_id, "a-1", make.NOW + HOUR, mine)
    await book(programme, other, "900", make.NOW + HOUR, theirs)
    now = make.NOW + HOUR
    for facts, hours, expected in (
        (None, 1, PriorFacts(2, 320)),
        (None, 2, PriorFacts(3, 420)),
        (["booking"], 1, PriorFacts(1, 300)),
        (["booking"], 2, PriorFacts(2, 400)),
        (["activity"], 2, PriorFacts(1, 20)),
        (["booking", "activity"], 2, PriorFacts(3, 420)),
    ):
        rule = risks.velocity("v", "earn", "hold", by=kind, hours=hours, facts=facts)
        assert await found(rule, member_id, now, mine) == expected, (facts, hours)
    rule = risks.velocity("v", "earn", "hold", by=kind, hours=2)
    assert await found(rule, member_id, now, theirs) == PriorFacts(1, 900)
    # nobody sent it, and it was of nothing but earning
    assert await found(rule, member_id, now, NONE) is None
    of_enrolling = risks.velocity("v", "enrol", "review", by=kind, hours=2)
    assert await found(of_enrolling, member_id, now, mine) == PriorFacts(0, 0)


async def test_a_member_is_counted_by_what_it_redeemed_and_gave_away() -> None:
    programme = await make.establish(
        make.shipped_document(
            transfers={"account_age_days": 0},
            risk={"rules": [risks.rule("gift", "transfer", "amount", "review", over=100)]},
        )
    )
    member_id, friend = await make.rich_member(programme, 9000), await make.enrol(programme)
    reward = await make.reward(programme, list_points=70)
    await make.redeem(programme, member_id, reward)
    await make.transfer(programme, member_id, friend, 30)
    await make.redeem(programme, member_id, reward, now=make.NOW + HOUR)
    await make.transfer(programme, member_id, friend, 40, now=make.NOW + HOUR)
    # two wait: one is given after all, the other comes back, and each counts once
    for points in (500, 600):
        await make.transfer(programme, member_id, friend, points, now=make.NOW + HOUR)
    first, second = await risks.open_reviews(programme)
    later = make.NOW + HOUR
    await risks.decide_one(programme, first, approve=True, now=later)
    await risks.decide_one(programme, second, approve=False, now=later)
    for on, hours, expected in (
        ("redeem", 1, PriorFacts(1, 70)),
        ("redeem", 2, PriorFacts(2, 140)),
        ("transfer", 1, PriorFacts(3, 1140)),
        ("transfer", 2, PriorFacts(4, 1170)),
    ):
        rule = risks.velocity("v", on, "deny", hours=hours)
        assert await found(rule, member_id, later) == expected, (on, hours)
    received = risks.velocity("v", "transfer", "deny", hours=2)
    assert await found(received, friend, later) == PriorFacts(0, 0)


async def test_what_the_system_moves_after_a_merge_is_no_transfer_of_the_member() -> None:
    programme = await make.establish(make.shipped_document(transfers={"account_age_days": 0}))
    old, new, friend = [await make.enrol(programme) for _ in range(3)]
    await make.book(programme, old, ("hotel", "500"), reference="B-1")
    await make.merge(programme, old, new)
    # what is refunded of the old one's booking is taken from where its points went
    await travel.refund(programme, "B-1", "R-1", (1, "200"))
    assert await make.available(new) == 300
    rule = risks.velocity("v", "transfer", "deny", hours=1)
    assert await found(rule, new, make.NOW) == PriorFacts(0, 0)
    await make.transfer(programme, new, friend, 10)
    assert await found(rule, new, make.NOW) == PriorFacts(1, 10)
    assert await make.faults(old, new, friend) == []


async def test_bookings_that_came_back_wholly_are_counted_among_all_of_the_days() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for number, day in enumerate((0, 1, 2)):
        now = make.NOW + timedelta(days=day)
        sent = make.booking(("hotel", "500"), reference=f"B-{number}")
        await make.report(programme, member_id, sent, now=now)
        parts = [(1, "200")] if number == 1 else []
        await travel.refund(programme, f"B-{number}", "R-1", *parts, now=now)
    now = make.NOW + timedelta(days=2)
    for days, expected in (
        (3, PriorFacts(3, 0, 2)),
        (2, PriorFacts(2, 0, 1)),
        (1, PriorFacts(1, 0, 1)),
    ):
        loop = risks.rule("l", "earn", "loop", "review", bookings=1, share="1", days=days)
        assert await found(loop, member_id, now) == expected, days
