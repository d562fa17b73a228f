"""`ota` as it ships: what its source says of it, and members' lives of a year under it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from domain.programmes import programmes
from domain.rewards import offers, placing
from tests.programmes.ota_said import NOT_OF_THE_DOCUMENT, SAID
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class World:
    """The programme with its rewards, and the booking system before it."""

    stage: Stage
    partner: Client
    facts: int = 0

    async def at(self, day: str) -> None:
        """Noon of this day."""
        instant = datetime.fromisoformat(f"{day}T12:00:00+08:00")
        ahead = instant - self.stage.now()
        self.stage = Stage(await programmes.advance_clock(self.stage.programme, ahead))

    async def join(self, reference: str, **sent: Any) -> None:
        await self.stage.member(reference).done("enrolMember", "member { id }", **sent)

    async def act(self, reference: str, kind: str, **attributes: Any) -> int:
        """What an activity pays."""
        self.facts += 1
        found = await self.partner.done(
            "earnForActivity",
            "pointsAwarded",
            member={"reference": reference},
            type=kind,
            reference=f"A-{self.facts}",
            attributes=attributes or None,
        )
        points: int = found["pointsAwarded"]
        return points

    async def book(self, reference: str, product: str, amount: str, **sent: Any) -> int:
        """What a booking of one line earns."""
        self.facts += 1
        found = await self.partner.done(
            "earnForBooking",
            "pointsAwarded",
            member={"reference": reference},
            reference=f"B-{self.facts}",
            lines=[{"product": product, "amount": amount}],
            **sent,
        )
        points: int = found["pointsAwarded"]
        return points

    async def me(self, reference: str, selection: str) -> Any:
        return (await self.stage.member(reference).read(f"{{ me {{ {selection} }} }}"))["me"]

    async def available(self, reference: str) -> int:
        points: int = (await self.me(reference, "balance { available }"))["balance"]["available"]
        return points


async def opened(day: str = "2126-03-15", **changes: Any) -> World:
    document = make.whole_document("ota") | changes
    stage = await open_stage(document, stands_at=f"{day}T12:00:00+08:00")
    shipped = offers.shipped("ota")
    assert shipped is not None
    own = shipped.model_copy(update={"programme": stage.programme.code})
    await placing.place(stage.programme, own, stage.now())
    return World(stage, await stage.partner())


async def test_the_first_trip_and_what_it_buys() -> None:
    world = await opened()
    await world.join("xiaoli")
    steps = [await world.act("xiaoli", kind) for kind in ("verification", "profile_completed")]
    steps += [
        await world.book("xiaoli", "flight", "1500"),
        await world.book("xiaoli", "hotel", "2000"),
    ]
    steps += [await world.act("xiaoli", kind) for kind in ("share", "review")]
    paid = [SAID[kind].value for kind in ("verification", "profile_completed")]
    assert steps == [*paid, 1500, 2000, SAID["share"].value, SAID["review"].value]
    assert sum(steps) == await world.available("xiaoli") == SAID["points of the first trip"].value

    query = (
        "{ rewards(first: 20) { edges { node { code listPoints worth { amount } affordable } } } }"
    )
    member = world.stage.member("xiaoli")
    listed = {
        one["node"]["code"]: one["node"] for one in (await member.read(query))["rewards"]["edges"]
    }
    for code in ("coupon_10", "coupon_50", "lounge", "backpack"):
        worth = listed[code]["worth"]
        found = (listed[code]["listPoints"], worth and worth["amount"])
        assert found == SAID[code].value
        assert listed[code]["affordable"] is (found[0] <= 4350)
    taken = await member.done(
        "redeemReward",
        "redemption { worth { amount } } balance { available }",
        reward="coupon_open",
        points=SAID["points of the first trip"].value,
    )
    assert taken["redemption"]["worth"]["amount"] == SAID["coupon for 4350 points"].value
    assert taken["balance"]["available"] == 0


async def test_what_bookings_and_activities_pay() -> None:
    world = await opened()
    await world.join("ann")
    await world.join("bob", birthday="1990-03-28")
    assert await world.book("ann", "hotel", "1200") == SAID["points of a hotel of 1200"].value
    assert await world.book("ann", "flight", "2000") == SAID["points of a flight of 2000"].value
    assert await world.book("ann", "flight", "1999.99") == 1999 * SAID["points per yuan"].value
    card = SAID["factor of the partner card"].value
    birthday = SAID["factor of the birthday month"].value
    paid_by = {"paymentMethod": "partner_card"}
    assert await world.book("bob", "train", "100") == 100 * birthday
    assert await world.book("bob", "train", "100", **paid_by) == 100 * birthday * card
    # a bonus is not multiplied
    assert await world.book("bob", "flight", "2000", **paid_by) == 2000 * birthday * card + 500

    for kind in ("survey", "lottery", "photo_contest", "talk", "browse", "share"):
        assert await world.act("ann", kind) == SAID[kind].value
        again = SAID[kind].value if kind == "browse" else 0
        assert await world.act("ann", kind) == again
    assert [await world.act("ann", "review") for _ in range(6)] == [SAID["review"].value] * 5 + [0]
    assert await world.act("ann", "partner_spend", amount=80) == SAID["partner_spend of 80"].value
    assert [await world.act("ann", "quiz", score=score) for score in (99, 99)] == [50, 0]
    await world.at("2126-04-01")
    assert [await world.act("ann", "quiz", score=score) for score in (0, 5)] == [0, 0]
    # the month is over
    assert await world.book("bob", "train", "100") == 100


async def test_tiers_by_what_was_ever_spent() -> None:
    world = await opened()
    await world.join("cai")
    tiers = (await (await world.stage.public()).read("{ tiers { code threshold multiplier } }"))[
        "tiers"
    ]
    for tier in tiers:
        assert (tier["threshold"], tier["multiplier"]) == SAID[tier["code"]].value
    standing = "standing { tier { code } progress { required } } benefits { code uses left }"

    async def stands(code: str) -> Any:
        me = await world.me("cai", standing)
        assert me["standing"]["tier"]["code"] == code
        assert await world.book("cai", "car", "100") == int(100 * float(SAID[code].value[1]))
        return [(one["code"], one["uses"], one["left"]) for one in me["benefits"]]

    assert await stands("silver") == []
    # the booking that lifts earns at the tier before
    assert await world.book("cai", "hotel", "4900") == 4900
    assert await stands("gold") == []
    assert await world.book("cai", "hotel", "14900") == 17_880
    once = SAID["free cancellations of platinum"].value
    assert await stands("platinum") == [("free_cancellation", once, once)]
    await world.at("2126-12-30")
    assert await world.book("cai", "hotel", "29900") == 44_850
    upgrades = SAID["upgrades of diamond"].value
    assert await stands("diamond") == [
        ("free_cancellation", once, once),
        ("upgrade", upgrades, upgrades),
    ]
    named = {"reference": "cai"}
    for benefit, code in (("free_cancellation", []), ("free_cancellation", ["LIMIT_REACHED"])):
        world.facts += 1
        used = await world.partner.do(
            "useBenefit", member=named, benefit=benefit, reference=f"U-{world.facts}"
        )
        assert [problem["code"] for problem in used["errors"]] == code
    await world.at("2127-01-01")
    used = await world.partner.done(
        "useBenefit",
        "benefit { left }",
        member=named,
        benefit="free_cancellation",
        reference="next year",
    )
    assert used["benefit"]["left"] == 0


async def test_what_is_given_by_itself() -> None:
    world = await opened()
    await world.join("ida")
    mission = "missions { code status } benefits { code uses left } offers { rule }"
    me = await world.me("ida", mission)
    assert me["missions"] == [{"code": "newcomer", "status": "OPEN"}]
    assert "newcomer" in [one["rule"] for one in me["offers"]]
    await world.book("ida", "train", "100")
    await world.at("2126-04-14")
    await world.act("ida", "review")
    me = await world.me("ida", mission)
    assert me["missions"] == [{"code": "newcomer", "status": "DONE"}]
    visits = SAID["lounge visits of a newcomer"].value
    assert me["benefits"] == [{"code": "lounge_visit", "uses": 0, "left": visits}]

    given = "redemptions { edges { node { status points worth { amount } } } }"
    assert (await world.me("ida", given))["redemptions"]["edges"] == []
    await world.book("ida", "hotel", "4900")
    [edge] = (await world.me("ida", given))["redemptions"]["edges"]
    worth = {"amount": SAID["coupon of gold"].value}
    assert edge["node"] == {"status": "FULFILLED", "points": 0, "worth": worth}
    # and a day too late for the mission
    await world.join("jun")
    await world.book("jun", "train", "100")
    await world.at("2126-05-15")
    await world.act("jun", "review")
    me = await world.me("jun", mission)
    assert me["missions"] == [{"code": "newcomer", "status": "LAPSED"}]
    assert me["benefits"] == []


async def test_points_at_checkout_and_in_the_off_season() -> None:
    span = {"from": "2126-11-10", "through": "2126-12-20"}
    season = {"code": "off_season", "name": make.WORDS, "spans": [span]}
    world = await opened("2126-11-09", seasons=[season])
    await world.join("dai")
    assert await world.act("dai", "partner_spend", amount=10_000) == 10_000
    quote = """query($input: QuoteOffsetInput!) { quoteOffset(input: $input) {
        maxPoints worth { amount } errors { code } } }"""
    line = {"product": "hotel", "amount": "1.00"}
    member = world.stage.member("dai")
    offered = (await member.read(quote, input={"lines": [line]}))["quoteOffset"]
    assert (offered["maxPoints"], offered["worth"]["amount"]) == (
        100,
        SAID["yuan that 100 points take off"].value,
    )
    price = """{ reward(code: "coupon_10") { points } }"""
    assert (await member.read(price))["reward"]["points"] == SAID["coupon_10"].value[0]
    await world.at("2126-11-10")
    times = SAID["points times in the off-season"].value
    cheap = (await world.stage.member("dai").read(price))["reward"]["points"]
    assert cheap * times == SAID["coupon_10"].value[0]


async def test_points_last_for_a_year_and_follow_refunds() -> None:
    world = await opened()
    await world.join("eve")
    assert await world.book("eve", "flight", "2400") == 2900
    named = "B-1"
    # what is left does not reach the bonus
    part = await world.partner.done(
        "refundBooking",
        "pointsClawedBack",
        booking=named,
        reference="R-1",
        lines=[{"line": 1, "amount": "500"}],
    )
    assert part["pointsClawedBack"] == 1000
    assert SAID["months that points last"].value == 12
    await world.at("2127-03-15")
    assert await world.available("eve") == 1900
    await world.at("2127-03-16")
    assert await world.available("eve") == 0


async def test_what_is_for_independent_travellers() -> None:
    world = await opened()
    await world.join("fan", profile={"travel_style": "independent"})
    await world.join("gao", profile={"travel_style": "group"})
    selection = 'offers { rule mostPoints until why { text(locale: "en") } }'
    [offer] = [
        one
        for one in (await world.me("fan", selection))["offers"]
        if one["rule"] == "experience_bonus"
    ]
    bonus = SAID["experience_bonus"].value
    assert offer == {
        "rule": "experience_bonus",
        "mostPoints": bonus,
        "until": None,
        "why": [{"text": "travel_style: independent"}],
    }
    rules = [one["rule"] for one in (await world.me("gao", selection))["offers"]]
    assert "experience_bonus" not in rules
    assert await world.book("fan", "local_experience", "200") == 200 + bonus
    assert await world.book("gao", "local_experience", "200") == 200


async def test_who_books_business_hotels_earns_double_on_the_next() -> None:
    """Known by three within a year: the fourth counts twice, of others none does."""
    world = await opened()
    await world.join("ivo")

    async def hotel(**attributes: Any) -> int:
        world.facts += 1
        line = {"product": "hotel", "amount": "100", "attributes": attributes}
        found = await world.partner.done(
            "earnForBooking",
            "pointsAwarded",
            member={"reference": "ivo"},
            reference=f"B-{world.facts}",
            lines=[line],
        )
        points: int = found["pointsAwarded"]
        return points

    known_by = SAID["business hotels of a business traveller"].value
    assert [await hotel(business=True) for _ in range(known_by)] == [100] * known_by
    selection = "offers { rule mostPoints }"
    offers_now = [one["rule"] for one in (await world.me("ivo", selection))["offers"]]
    assert "business_double" in offers_now
    factor = SAID["factor of business hotels"].value
    assert await hotel(business=True) == 100 * factor
    assert await hotel(business=False) == 100
    # a year later it is known by none
    await world.at("2127-03-15")
    assert await hotel(business=True) == 100


def test_what_the_document_leaves_out_it_does_not_say() -> None:
    text = (make.SHIPPED / "ota.yaml").read_text(encoding="utf-8")
    for said in ("rate_add", "experiments", "0.2", "800", "months: 6"):
        assert said not in text
    assert len(NOT_OF_THE_DOCUMENT) == 7


async def test_a_booking_is_reported_within_a_year() -> None:
    world = await opened()
    await world.join("hai")
    assert SAID["days back that a booking is reported"].value == 365
    assert await world.book("hai", "hotel", "10", bookedAt="2125-03-15T13:00:00+08:00") == 10
    problem = await world.partner.refused(
        "earnForBooking",
        member={"reference": "hai"},
        reference="old",
        lines=[{"product": "hotel", "amount": "10"}],
        bookedAt="2125-03-15T11:00:00+08:00",
    )
    assert problem["code"] == "EVENT_TOO_OLD"
