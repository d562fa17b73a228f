"""Grants, lists and segments in back-tests: what a candidate gives otherwise, and to whom."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.history import history
from domain.history.history import PastBooking
from domain.kernel.refusals import NotFound
from domain.members import segment_lists
from domain.programmes.programmes import Programme
from tests.support import backtested, referred, travel
from tests.support import factories as make
from tests.support.backtested import text_of
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
NOW = make.NOW + 40 * DAY
BASE = make.rule("rate", "base", points=1)


async def programme_with(*grants: dict[str, Any], **parts: Any) -> Programme:
    return await make.establish(make.variant(BASE, grants=list(grants), **parts))


def spending(every: int, points: int) -> dict[str, Any]:
    return grant("spender", "milestone", count="paid", every=every, gives={"points": points})


PAID = {"paid": {"of": "spend"}}


async def test_a_milestone_comes_earlier_and_a_refund_takes_it_back() -> None:
    programme = await programme_with(spending(1000, 100), counts=PAID)
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "1500"), reference="B-1")
    await make.book(programme, member_id, ("hotel", "600"), reference="B-2")
    await travel.refund(programme, "B-2", "R-1", now=make.NOW + DAY)
    text = text_of(programme, grants=[spending(500, 30)])
    found = await backtested.compare(programme, NOW, text)
    # by 1000s one stands, of two; by 500s three, of four
    assert found.sums["RULE"] == {"base": [1500, 1500], "spender": [100, 90]}
    assert backtested.figures(found, programme)["drift"] == (0, -10)


async def test_the_first_redemption_is_judged_by_those_before_it() -> None:
    programme = await programme_with()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "1500"), reference="B-1")
    tea = await make.reward(programme, code="tea", list_points=10)
    for day in (1, 2):
        await make.redeem(programme, member_id, tea, now=make.NOW + day * DAY)
    first, gives = {"counts": {"orders": {"max": 0}}}, {"points": 30}
    text = text_of(
        programme,
        counts={"orders": {"name": make.WORDS, "of": "redemptions"}},
        grants=[
            grant("first", "milestone", count="orders", at=1, gives=gives, when=first),
            grant("second", "milestone", count="orders", at=2, gives=gives, when=first),
        ],
    )
    found = await backtested.compare(programme, NOW, text)
    assert found.sums["RULE"] == {"base": [1500, 1500], "first": [0, 30]}


@pytest.mark.parametrize("kind", ["tier_entry", "milestone"])
async def test_a_completion_that_brings_a_grant_is_not_among_those_before_it(kind: str) -> None:
    levels = [
        {"code": code, "name": make.WORDS, "threshold": least, "multiplier": 1}
        for code, least in (("silver", 0), ("gold", 1))
    ]
    terms: dict[str, Any] = (
        {"tiers": ["gold"]} if kind == "tier_entry" else {"count": "stays", "at": 1}
    )
    programme = await programme_with(
        *(
            grant(code, kind, **terms, gives={"points": points}, when={"counts": {"stays": asked}})
            for code, points, asked in (("none", 30, {"max": 0}), ("some", 50, {"min": 1}))
        ),
        counts={"stays": {"name": make.WORDS, "of": "completed_bookings"}},
        tiers={"basis": "completed_bookings", "window": "lifetime", "levels": levels},
        benefits=[],
    )
    member_id = await make.enrol(programme)
    for day, reference in enumerate(("B-1", "B-2")):
        await make.book(programme, member_id, ("hotel", "100"), reference=reference)
        await travel.complete(programme, reference, now=make.NOW + day * DAY)
    found = await backtested.compare(programme, NOW)
    assert found.sums["RULE"] == {"base": [200, 200], "none": [30, 30]}


async def test_a_day_of_the_year_comes_as_it_was_recorded_or_as_it_begins() -> None:
    autumn = grant("autumn", "calendar", day="03-20", gives={"points": 40})
    programme = await programme_with()
    for born in (date(1990, 3, 25), None):
        await make.enrol(programme, birthday=born)
    birthday = grant("birthday", "calendar", day="birthday", gives={"points": 100})
    text = text_of(programme, grants=[autumn, birthday])
    found = await backtested.compare(programme, NOW, text)
    assert found.sums["RULE"] == {"autumn": [0, 80], "birthday": [0, 100]}
    assert found.assumed == 1
    # only what occurs in the period is given
    early = await backtested.compare(
        programme, NOW, text, from_=make.NOW, until=make.NOW + 7 * DAY, cutoff=NOW
    )
    assert early.sums["RULE"] == {"autumn": [0, 80]}


async def test_what_the_versions_in_force_did_not_give_on_a_day_no_side_gives() -> None:
    """Nobody ran the job, and nobody would have for a candidate that has the same grant."""
    autumn = grant("autumn", "calendar", day="03-20", gives={"points": 40})
    programme = await programme_with(autumn)
    await make.enrol(programme)
    more = autumn | {"gives": {"points": 90}}
    found = await backtested.compare(programme, NOW, text_of(programme, grants=[more]))
    assert "RULE" not in found.sums


async def test_friends_bring_what_each_side_gives_for_them() -> None:
    gives = {"points": 20}
    parts = {"referrals": {"qualifies": "first_booking"}}
    programme = await programme_with(
        grant("brings", "referral", side="referrer", gives=gives),
        grant("comes", "referral", side="referee", gives=gives),
        **parts,
    )
    first = await make.enrol(programme, reference="first")
    friend = await referred.bring(programme, first, reference="friend")
    await make.book(programme, friend, ("hotel", "100"), reference="F", now=make.NOW + DAY)
    await referred.run(programme, make.NOW + DAY)
    counted = {"brought": {"of": "referrals"}}
    grants = [
        grant("brings", "referral", side="referrer", gives={"points": 50}),
        grant("one", "milestone", count="brought", at=1, gives={"points": 7}),
    ]
    text = text_of(programme, grants=grants, counts=counted)
    found = await backtested.compare(programme, NOW, text)
    rules = {"base": [100, 100], "brings": [20, 50], "comes": [20, 0], "one": [0, 7]}
    assert found.sums["RULE"] == rules
    await travel.refund(programme, "F", "R", now=make.NOW + 2 * DAY)
    await referred.run(programme, make.NOW + 2 * DAY)
    lost = await backtested.compare(programme, NOW, text)
    assert not any(any(pair) for pair in lost.sums.get("RULE", {}).values())


async def test_a_step_does_not_see_the_tier_that_its_own_fact_brings() -> None:
    window = {"days": 90, "after": "joining"}
    step = {"code": "step", "name": make.WORDS, "fact": "booking"}
    golden = {"steps": [step | {"when": {"tiers": ["gold"]}}], "gives": {"points": 300}}
    lifting = {"steps": [step], "gives": {"points": 5000}}
    programme = await programme_with(
        grant("golden", "mission", window=window, **golden),
        grant("lifting", "mission", window=window, **lifting),
        tiers={**make.whole_document("ota")["tiers"], "basis": "points"},
    )
    member_id = await make.enrol(programme)
    rules = {"base": [100, 100], "lifting": [5000, 5000]}
    for day in (1, 2):
        at, line = make.NOW + day * DAY, ("hotel", "100")
        await make.book(programme, member_id, line, reference=f"B-{day}", now=at)
        found = await backtested.compare(programme, NOW)
        assert found.sums["RULE"] == rules
        assert backtested.figures(found, programme)["drift"] == (0, 0)
        rules |= {"base": [200, 200], "tier": [20, 20], "golden": [300, 300]}


async def test_imported_history_brings_nothing_and_takes_no_budget() -> None:
    rules = [BASE | {"budget": {"points": 100}}]
    programme = await make.establish(
        make.shipped_document(earning=rules, counts=PAID, grants=[spending(500, 50)])
    )
    at = datetime(2024, 5, 1, tzinfo=UTC)
    sent = make.booking(("hotel", "900"), reference="H", booked_at=at)
    await history.play(programme, "moved", [PastBooking(1, at, sent)], make.NOW, enrol=True)
    found = await backtested.compare(programme, NOW, from_=at - DAY)
    assert found.sums["RULE"] == {"base": [900, 900]}
    assert backtested.figures(found, programme)["drift"] == (0, 0)


async def test_the_members_of_a_segment_are_counted_alone() -> None:
    listed = {"code": "vip", "name": make.WORDS, "list": True}
    rich = {"code": "rich", "name": make.WORDS, "when": {"counts": {"paid": {"min": 500}}}}
    extra = make.rule("bonus", "extra", points=11, when={"segments": ["vip"]})
    programme = await make.establish(
        make.variant(BASE, extra, counts=PAID, segments=[listed, rich])
    )
    members = [await make.enrol(programme, reference=name) for name in ("a", "b")]
    await segment_lists.add(programme, "vip", ["a"], make.NOW - DAY, by="staff:kim")
    for number, member_id in enumerate(members):
        await make.book(programme, member_id, ("hotel", str(300 + 400 * number)))
    await segment_lists.keep_only(programme, "vip", [], make.NOW + DAY, by="staff:kim")
    await make.book(programme, members[0], ("hotel", "100"), now=make.NOW + 2 * DAY)
    every = await backtested.compare(programme, NOW)
    assert every.sums["RULE"] == {"base": [1100, 1100], "extra": [11, 11]}
    assert every.sums["SEGMENT"] == {"rich": [700, 700]}
    double = [BASE | {"points": 2}, extra]
    some = await backtested.compare(
        programme, NOW, text_of(programme, earning=double), segment="rich"
    )
    assert some.sums["RULE"] == {"base": [700, 1400]}
    assert some.sums["WON"] == {"b": [700, 1400]}
    assert (some.played, some.segment) == (2, "rich")
    assert some.hash != every.hash
    before = await backtested.compare(
        programme, NOW, segment="vip", from_=make.NOW - 2 * DAY, cutoff=make.NOW + DAY / 2
    )
    assert before.sums["RULE"] == {"base": [300, 300], "extra": [11, 11]}
    with pytest.raises(NotFound):
        await backtested.start(programme, NOW, text_of(programme), segment="poor")
