"""Examples of the policy language with their events in every order that can happen, and with two
of them on two connections at once.

Each order is the life of a member of its own. A refund before its booking waits for it.
"""

import itertools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import pytest

from domain.programmes import programmes
from tests.api.test_policy_examples import ONCE_A_MONTH, A, B, line, publish, text_of
from tests.api.test_referrals import bring, li, seen
from tests.conftest import Database
from tests.domain.activities.test_tier_raises import raise_all
from tests.domain.test_grant_races import given
from tests.domain.test_races import in_turn
from tests.support import factories as make
from tests.support import referred, tiered
from tests.support.callers import Client, Stage, open_stage
from tests.support.granted import faults, grant

pytestmark = pytest.mark.usefixtures("database")

Order = tuple[str, ...]
Event = Callable[[str], Awaitable[object]]
"""Something that happens to the member of this reference."""

BASE = make.rule("rate", "base", points=1)
FLIGHT = line("flight", "2400")
BUSINESS = line("hotel", "1000", attributes={"business": True})
STAY = {**BUSINESS, "amount": "10"}


def booking(client: Client, name: str, sold: dict[str, Any]) -> Event:
    """A booking of one line; the points that it earns."""

    async def happen(who: str) -> object:
        sent: dict[str, Any] = {"member": {"reference": who}, "lines": [sold]}
        done = await client.done(
            "earnForBooking", "pointsAwarded", reference=f"{name}-{who}", **sent
        )
        return done["pointsAwarded"]

    return happen


def refund(client: Client, of: str, amount: str, name: str = "R") -> Event:
    """A refund of so much of the first line of a booking; the points that it takes."""

    async def happen(who: str) -> object:
        done = await client.done(
            "refundBooking",
            "pointsClawedBack",
            booking=f"{of}-{who}",
            reference=f"{name}-{who}",
            lines=[{"line": 1, "amount": amount}],
        )
        return done["pointsClawedBack"]

    return happen


async def live(
    stage: Stage, order: Order, events: Mapping[str, Event], before: Iterable[Event] = ()
) -> dict[str, object]:
    """What each event of a new member's life answered, who is called by their order."""
    who = "-".join(order)
    await make.enrol(stage.programme, reference=who, now=stage.now())
    for event in before:
        await event(who)
    return {name: await events[name](who) for name in order}


async def available(client: Client, order: Order) -> int:
    query = "query($by: MemberBy!) { member(by: $by) { balance { available owed } } }"
    found = await client.read(query, by={"reference": "-".join(order)})
    assert found["member"]["balance"]["owed"] == 0
    points: int = found["member"]["balance"]["available"]
    return points


async def sound(stage: Stage, order: Order) -> bool:
    return await faults(await stage.member_id("-".join(order))) == []


async def three_friends() -> tuple[Stage, str]:
    """The shipped agency with a member who brought three friends and spent 300 of the 500."""
    stage = await open_stage(make.whole_document("agency"))
    code = await li(stage)
    for number in range(3):
        await bring(stage, code, f"friend-{number}")
    cup = await make.reward(stage.programme, list_points=300)
    await make.redeem(stage.programme, await stage.member_id("li"), cup, now=stage.now())
    return stage, code


async def reject_first(stage: Stage) -> None:
    [*_, first] = await seen(stage.staff())
    named: dict[str, Any] = {"referral": first["id"], "reason": "the same person"}
    await stage.staff().done("reviewReferral", **named, approve=False)


@pytest.mark.parametrize("order", list(itertools.permutations(("reject", "fourth", "fifth"))))
async def test_8_a_friend_rejected_before_and_after_others_join(order: Order) -> None:
    """200 are taken where two friends are left for a while, and come again with the next."""
    stage, code = await three_friends()
    for event in order:
        if event == "reject":
            await reject_first(stage)
        else:
            await bring(stage, code, event, email=f"{event}@example.com")
    member_id = await stage.member_id("li")
    anew = [("REVERSED", 500), ("RESTORED", 200)] if order[0] == "reject" else []
    assert await given(member_id) == [("third_friend", [("GIVEN", 500), *anew])]
    assert await make.available(member_id) == 200
    assert await faults(member_id) == []


@pytest.mark.parametrize("reject_comes", ["first", "second"])
async def test_8_a_friend_rejected_while_another_joins(
    database: Database, reject_comes: str
) -> None:
    stage, code = await three_friends()
    sent: dict[str, Any] = {"email": "fourth@example.com", "referralCode": code}
    await stage.staff().done("enrolMember", reference="fourth", **sent)
    member_id = await stage.member_id("li")
    calls = [reject_first(stage), referred.run(stage.programme, stage.now())]
    answers = await in_turn(
        database, member_id, *(calls if reject_comes == "first" else calls[::-1])
    )
    assert [one for one in answers if isinstance(one, BaseException)] == []
    await referred.run(stage.programme, stage.now())
    anew = [("REVERSED", 500), ("RESTORED", 200)] if reject_comes == "first" else []
    assert await given(member_id) == [("third_friend", [("GIVEN", 500), *anew])]
    assert await make.available(member_id) == 200
    assert await faults(member_id) == []


async def test_9_three_ways_of_travel_completed_and_refunded_in_every_order() -> None:
    """The last of three ways brings 300; the refund of the hotel takes them, unless another is
    completed already, and else the other one brings them again.
    """
    stage = await open_stage(make.whole_document("ctrip"))
    partner = await stage.partner()
    products = {"flight": "flight", "hotel": "hotel", "train": "train", "again": "hotel"}

    def completion(name: str) -> Event:
        async def happen(who: str) -> object:
            return await partner.done("completeBooking", booking=f"{name}-{who}")

        return happen

    booked = [booking(partner, name, line(sold, "10")) for name, sold in products.items()]
    events = {name: completion(name) for name in products}
    events["refund"] = refund(partner, "hotel", "10")
    for rest in itertools.permutations(("hotel", "train", "again", "refund")):
        if rest.index("refund") < rest.index("hotel"):
            continue
        order = ("flight", *rest)
        await live(stage, order, events, booked)
        done = [set(order[:count]) for count in range(1, 6)]
        stood = [
            {"flight", "train"} <= one
            and bool({"again"} & one or ("hotel" in one and "refund" not in one))
            for one in done
        ]
        kinds = [
            ("GIVEN" if now and True not in stood[:at] else "RESTORED" if now else "REVERSED", 300)
            for at, now in enumerate(stood)
            if now != (at > 0 and stood[at - 1])
        ]
        member_id = await stage.member_id("-".join(order))
        assert await given(member_id) == [("three_ways", kinds)], order
        assert await available(partner, order) == 330, order
        assert await sound(stage, order)


async def test_13_of_a_group_in_every_order() -> None:
    """A booking that is refunded below 2000 has had A; which of the two did depends on which came
    first, and a bonus that lost its group gains nothing.
    """
    stage = await open_stage(make.variant(BASE, {**A, "limit": ONCE_A_MONTH}, B))
    partner = await stage.partner()
    events = {
        "one": booking(partner, "one", FLIGHT),
        "two": booking(partner, "two", FLIGHT),
        "refund": refund(partner, "one", "500"),
    }
    for order in itertools.permutations(events):
        answers = await live(stage, order, events)
        one, two, back = (order.index(name) for name in events)
        # who books while the other has A has B; refunded, A can be had again
        by_one = one < two
        expected = {
            "one": 2900 if by_one else 2700,
            "two": 2900 if not by_one or back < two else 2700,
            "refund": 0 if back < one else 1000 if by_one else 500,
        }
        assert answers == expected, order
        left = expected["one"] + expected["two"] - (1000 if by_one else 500)
        assert await available(partner, order) == left, order
        assert await sound(stage, order)


@pytest.mark.parametrize("first", ["one", "two"])
async def test_13_once_a_month_at_once(database: Database, first: str) -> None:
    stage = await open_stage(make.variant(BASE, {**A, "limit": ONCE_A_MONTH}, B))
    partner = await stage.partner()
    member_id = await make.enrol(stage.programme, reference="xiaoli", now=stage.now())
    names = [first, *({"one", "two"} - {first})]
    calls = [booking(partner, name, FLIGHT)("xiaoli") for name in names]
    earned = await in_turn(database, member_id, *calls)  # type: ignore[arg-type]
    assert earned == [2900, 2700]
    assert await make.available(member_id) == 5600
    assert await faults(member_id) == []


async def test_14_under_a_cap_in_every_order() -> None:
    """What a member had, a booking and its refunds, of which any may come first."""
    bonus = make.rule("bonus", "far", points=500, when={"products": ["flight"], "min_amount": 2000})
    document = make.variant(BASE, bonus, caps=[{"points": 3000, "per": "month"}])
    stage = await open_stage(document)
    partner = await stage.partner()
    events = {
        "had": booking(partner, "had", line("hotel", "2600")),
        "flight": booking(partner, "flight", FLIGHT),
        "500": refund(partner, "flight", "500", "R1"),
        "1600": refund(partner, "flight", "1600", "R2"),
    }
    for order in itertools.permutations(events):
        await live(stage, order, events)
        assert await available(partner, order) == capped(order), order
        assert await sound(stage, order)


def capped(order: Order) -> int:
    """The points of these events, worked out a second time: each allowance is what was left of
    3000 when its booking was recorded, and a refund that waited comes right after it.
    """
    had = base = far = paid = 0
    waiting: list[int] = []
    for event in order:
        left = 3000 - had - min(base, paid) - (far if paid >= 2000 else 0)
        if event == "had":
            had = min(2600, left)
        elif event == "flight":
            base = min(2400, left)
            far = min(500, left - base)
            paid = 2400 - sum(waiting)
        elif paid:
            paid -= int(event)
        else:
            waiting.append(int(event))
    return had + min(base, paid) + (far if paid >= 2000 else 0)


async def test_15_a_third_stay_a_booking_and_a_refund_in_every_order() -> None:
    """The shipped ota: who has three business hotels left when it books has double points."""
    stage = await open_stage(make.whole_document("ota"))
    partner = await stage.partner()
    stays = [booking(partner, name, STAY) for name in ("b1", "b2")]
    events = {
        "third": booking(partner, "third", STAY),
        "booked": booking(partner, "booked", BUSINESS),
        "refund": refund(partner, "b1", "10"),
    }
    for order in itertools.permutations(events):
        answers = await live(stage, order, events, stays)
        before = order[: order.index("booked")]
        double = 2 + ("third" in before) - ("refund" in before) >= 3
        assert answers["booked"] == (2000 if double else 1000), order
        # half of it goes with what it was judged by, whatever the member is now
        half = await refund(partner, "booked", "500", "H")("-".join(order))
        assert half == (1000 if double else 500)
        assert await sound(stage, order)


@pytest.mark.parametrize("third_comes", ["first", "second"])
async def test_15_a_third_stay_beside_a_booking(database: Database, third_comes: str) -> None:
    stage = await open_stage(make.whole_document("ota"))
    partner = await stage.partner()
    member_id = await make.enrol(stage.programme, reference="xiaoli", now=stage.now())
    for name in ("b1", "b2"):
        await booking(partner, name, STAY)("xiaoli")
    calls = [booking(partner, "third", STAY)("xiaoli"), booking(partner, "x", BUSINESS)("xiaoli")]
    is_first = third_comes == "first"
    made = await in_turn(database, member_id, *(calls if is_first else calls[::-1]))  # type: ignore[arg-type]
    assert made == ([10, 2000] if is_first else [1000, 20])
    assert await faults(member_id) == []


@pytest.mark.parametrize("less", ["refund", "amendment"])
async def test_16_every_so_much_spend_in_every_order(less: str) -> None:
    """25 000, 6000 of it gone again, and 1000: 20 000 are left, and two grants of 100."""
    every = grant("every_ten", "milestone", count="spent", every=10_000, gives={"points": 100})
    counts = {"spent": {"of": "spend"}}
    stage = await open_stage(make.shipped_document(grants=[every], counts=counts, earning=[]))
    partner = await stage.partner()

    async def amend(who: str) -> object:
        sent = {"booking": f"large-{who}", "reference": f"A-{who}"}
        lines = [line("hotel", "19000")]
        return await partner.done("amendBooking", "pointsAwarded", lines=lines, **sent)

    events = {
        "large": booking(partner, "large", line("hotel", "25000")),
        "less": refund(partner, "large", "6000") if less == "refund" else amend,
        "small": booking(partner, "small", line("hotel", "1000")),
    }
    for order in itertools.permutations(events):
        place = {name: order.index(name) for name in events}
        if less == "amendment" and place["less"] < place["large"]:
            continue  # what is amended has to be there
        await live(stage, order, events)
        taken_first = max(place["less"], place["large"]) < place["small"]
        anew = [("REVERSED", 100), ("RESTORED", 100)] if taken_first else []
        member_id = await stage.member_id("-".join(order))
        two = [("every_ten", [("GIVEN", 100)]), ("every_ten", [("GIVEN", 100), *anew])]
        assert await given(member_id) == two, order
        assert await available(partner, order) == 200, order
        assert await sound(stage, order)


@pytest.mark.parametrize("job_comes", ["first", "second"])
async def test_24_a_lower_threshold_by_the_job_beside_a_booking(
    database: Database, job_comes: str
) -> None:
    """The shipped ota, gold from 3000 on and not from 5000: a member with 3500 is gold once."""
    stage = await open_stage(make.whole_document("ota"))
    partner = await stage.partner()
    await make.reward(stage.programme, code="gold_coupon", kind="COUPON", list_points=0)
    member_id = await make.enrol(stage.programme, reference="xiaoli", now=stage.now())
    await booking(partner, "before", line("hotel", "3500"))("xiaoli")
    lower = ("threshold: 5000\n", "threshold: 3000\n")
    assert (await publish(stage, text_of("ota", stage, lower)))["errors"] == []
    now = Stage(await programmes.get(stage.programme.code))
    calls = [
        raise_all(now.programme, now.now()),
        booking(partner, "beside", line("hotel", "100"))("xiaoli"),
    ]
    is_first = job_comes == "first"
    answers = await in_turn(database, member_id, *(calls if is_first else calls[::-1]))  # type: ignore[arg-type]
    assert [one for one in answers if isinstance(one, BaseException)] == []
    assert answers[1 if is_first else 0] == (120 if is_first else 100)
    reason = "policy" if is_first else "qualified"
    assert await tiered.decisions(member_id) == [(reason, "silver", "gold")]
    assert await given(member_id) == [("gold_welcome", [("GIVEN", 0)])]
    assert await faults(member_id) == []
