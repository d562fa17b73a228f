"""A year of members' lives under the shipped `ctrip`, through the API, and every figure of it."""

from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import pytest
import yaml

from domain.accounts import tier_sweeps
from domain.bookings import overdue
from domain.programmes import programmes
from domain.rewards import offers, placing
from tests.programmes.ctrip_said import FIGURES, MULTIPLIERS, PRICES, THRESHOLDS, VISITS, Figure
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

XIAOLI = {"reference": "xiaoli"}
DAY = timedelta(days=1)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: ".".join(map(str, figure.at)))
def test_the_document_has_every_figure(figure: Figure) -> None:
    document: Any = make.whole_document("ctrip")
    assert reduce(lambda found, key: found[key], figure.at, document) == figure.value, figure.said


def test_the_catalogue_has_every_price() -> None:
    text = (make.SHIPPED / "rewards" / "ctrip.yaml").read_text(encoding="utf-8")
    rewards: Any = yaml.safe_load(text)["rewards"]
    assert [one["code"] for one in rewards] == ["coupon_10", "gift_card", "bank_points"]
    for at, value, said in PRICES:
        assert reduce(lambda found, key: found[key], at, rewards) == value, said


# Lives.


def line(product: str, amount: str, first: str | None = None, last: str | None = None) -> Any:
    return {"product": product, "amount": amount, "travelFrom": first, "travelTo": last or first}


async def open_shop(enrolled: bool = True) -> tuple[Stage, Client, Client]:
    """The programme as it ships with its rewards, a member who has just joined, a partner."""
    stage = await open_stage(make.whole_document("ctrip"))
    shipped = offers.shipped("ctrip")
    assert shipped is not None
    here = shipped.model_copy(update={"programme": stage.programme.code})
    await placing.place(stage.programme, here, TODAY)
    member = stage.member().reading("en")
    if enrolled:
        await member.done("enrolMember", "member { id }")
    return stage, member, await stage.partner()


async def later(stage: Stage, instant: datetime) -> Stage:
    """The same stage with its clock just past that instant, and what is due reviewed."""
    ahead = instant + timedelta(seconds=1) - stage.now()
    moved = Stage(await programmes.advance_clock(stage.programme, ahead))
    async for _ in tier_sweeps.sweep(moved.programme, instant):
        pass
    return moved


async def me(member: Client, selection: str) -> Any:
    return (await member.read(f"{{ me {{ {selection} }} }}"))["me"]


async def balance(member: Client) -> tuple[int, int, int, int]:
    """Pending, available, held and owed."""
    found = await me(member, "balance { pending available held owed }")
    return tuple(found["balance"].values())


async def tier(member: Client) -> str:
    found = await me(member, "standing { tier { code } }")
    code: str = found["standing"]["tier"]["code"]
    return code


async def test_a_year_of_trips() -> None:
    """From an ordinary member to the gold card, every trip spendable once it is over."""
    stage, member, partner = await open_shop()

    quote = "quoteEarning(input: $i) { points availableText expiresOn lines { points } }"
    flight = line("flight", "1500", "2126-04-01")
    quoted = await member.read(
        f"query($i: QuoteEarningInput!) {{ {quote} }}", i={"lines": [flight]}
    )
    assert quoted["quoteEarning"] == {
        "points": 1500,
        "availableText": "When what was booked is over: the flight flown, the stay ended.",
        "expiresOn": None,
        "lines": [{"points": 1500}],
    }
    assert (await partner.book("F-1", flight))["pointsAwarded"] == 1500
    assert await balance(member) == (1500, 0, 0, 0)
    early = await partner.refused("completeBooking", booking="F-1")
    assert early["code"] == "COMPLETION_TOO_EARLY"

    stage = await later(stage, datetime.fromisoformat("2126-04-02T09:00:00+08:00"))
    done = await partner.done("completeBooking", "pointsMatured", booking="F-1")
    assert done["pointsMatured"] == 1500
    # two years, then to the end of that month
    expiries = "expirySchedule { points on }"
    assert (await me(member, expiries))["expirySchedule"] == [{"points": 1500, "on": "2128-04-30"}]

    reviews = [
        await partner.done(
            "earnForActivity", "pointsAwarded", member=XIAOLI, type="review", reference=f"R-{n}"
        )
        for n in range(6)
    ]
    assert [review["pointsAwarded"] for review in reviews] == [100] * 5 + [0]
    assert await balance(member) == (0, 2000, 0, 0)

    # the booking that lifts a member earns at the tier before
    assert await tier(member) == "member"
    hotel = line("hotel", "2000", "2126-05-01", "2126-05-04")
    assert (await partner.book("H-1", hotel))["pointsAwarded"] == 2000
    assert await tier(member) == "silver"
    assert (await partner.book("T-1", line("train", "1000", "2126-05-10")))["pointsAwarded"] == 1100
    package = line("holiday_package", "7000", "2126-07-01", "2126-07-08")
    assert (await partner.book("P-1", package))["pointsAwarded"] == 7700
    assert await tier(member) == "gold"
    assert await balance(member) == (10_800, 2000, 0, 0)

    # the package is cancelled: nothing of it was spendable; the tier is judged at its period's end
    back = await partner.done(
        "refundBooking", "pointsClawedBack pointsOwed", booking="P-1", reference="C-1"
    )
    assert (back["pointsClawedBack"], back["pointsOwed"]) == (7700, 0)
    assert (await balance(member), await tier(member)) == ((3100, 2000, 0, 0), "gold")

    stage = await later(stage, datetime.fromisoformat("2126-06-20T09:00:00+08:00"))
    await partner.done("completeBooking", booking="H-1")
    await partner.done("completeBooking", booking="T-1")
    assert await balance(member) == (0, 5100, 0, 0)
    assert (await me(member, expiries))["expirySchedule"] == [
        {"points": 2000, "on": "2128-04-30"},
        {"points": 3100, "on": "2128-06-30"},
    ]


async def test_points_pay_half_of_a_trip_and_come_back_with_its_cancellation() -> None:
    stage, member, partner = await open_shop()
    await give(partner, "G-1", "4000")
    assert await balance(member) == (0, 4000, 0, 0)

    stay = line("hotel", "60", "2126-04-01", "2126-04-02")
    worth = "quoteOffset(input: $i) { maxPoints worth { amount } step minimum }"
    asked = await member.read(f"query($i: QuoteOffsetInput!) {{ {worth} }}", i={"lines": [stay]})
    assert asked["quoteOffset"] == {
        "maxPoints": 3000,
        "worth": {"amount": "30.00"},
        "step": 100,
        "minimum": 100,
    }
    problem = await member.refused("redeemOnBooking", points=3100, lines=[stay])
    assert problem["code"] == "SHARE_EXCEEDED"
    held = await member.done(
        "redeemOnBooking",
        "redemption { id status worth { amount } holdExpiresAt }",
        points=3000,
        lines=[stay],
    )
    redemption = held["redemption"]
    ends = datetime.fromisoformat(redemption["holdExpiresAt"]) - stage.now()
    assert timedelta(minutes=29) < ends <= timedelta(minutes=30)
    assert redemption["worth"] == {"amount": "30.00"}
    # points and money count what was paid in cash; 4000 spent before make it the silver card
    paid = await partner.book("H-1", stay, redemptionId=redemption["id"])
    assert paid["pointsAwarded"] == 33
    assert await balance(member) == (33, 1000, 0, 0)

    back = await partner.done(
        "refundBooking",
        "pointsClawedBack pointsReinstated cashRefund { amount }",
        booking="H-1",
        reference="C-1",
    )
    assert back == {
        "pointsClawedBack": 33,
        "pointsReinstated": 3000,
        "cashRefund": {"amount": "30.00"},
        "replayed": False,
    }
    assert await balance(member) == (0, 4000, 0, 0)
    assert (await me(member, "expirySchedule { points on }"))["expirySchedule"] == [
        {"points": 4000, "on": "2128-03-31"}
    ]


async def give(partner: Client, reference: str, amount: str, product: str = "train") -> None:
    """A trip that is booked and taken."""
    await partner.book(reference, line(product, amount))
    await partner.done("completeBooking", booking=reference)


async def test_what_points_buy() -> None:
    _, member, partner = await open_shop()
    await give(partner, "G-1", "13000")
    bought = "redemption { status points worth { amount } codes partnerUnits id }"

    coupon = (await member.done("redeemReward", bought, reward="coupon_10"))["redemption"]
    assert (coupon["status"], coupon["points"], coupon["worth"]) == (
        "FULFILLED",
        1000,
        {"amount": "10.00"},
    )
    assert len(coupon["codes"]) == 1
    card = (await member.done("redeemReward", bought, reward="gift_card"))["redemption"]
    assert (card["status"], card["points"], card["worth"]) == (
        "CONFIRMED",
        10_000,
        {"amount": "100.00"},
    )
    bank = await member.done(
        "redeemReward", bought, reward="bank_points", partnerAccount="6222-0001"
    )
    assert (bank["redemption"]["points"], bank["redemption"]["partnerUnits"]) == (2000, 1000)
    assert await balance(member) == (0, 0, 0, 0)
    # until the bank has settled it, it can be undone
    undone = await member.done(
        "cancelRedemption", "pointsReinstated", redemption=bank["redemption"]["id"]
    )
    assert undone["pointsReinstated"] == 2000


@pytest.mark.parametrize("level", range(1, 5))
async def test_each_card_by_what_was_spent_its_points_and_its_lounges(level: int) -> None:
    stage, member, partner = await open_shop()
    codes = ("member", "silver", "gold", "platinum", "diamond")
    await partner.book("B-1", line("holiday_package", str(THRESHOLDS[level] - 1)))
    assert await tier(member) == codes[level - 1]
    await partner.book("B-2", line("train", "1"))
    assert await tier(member) == codes[level]
    earned = await partner.book("B-3", line("hotel", "1000"))
    assert earned["pointsAwarded"] == int(1000 * MULTIPLIERS[level])
    found = await me(member, "benefits { code uses left }")
    uses = VISITS.get(level)
    assert found["benefits"] == (
        [{"code": "lounge_visit", "uses": uses, "left": uses}] if uses else []
    )
    staff = stage.staff()
    for number in range(uses or 0):
        await staff.done(
            "useBenefit",
            "benefit { left }",
            member=XIAOLI,
            benefit="lounge_visit",
            reference=f"U-{number}",
        )
    over = await staff.refused("useBenefit", member=XIAOLI, benefit="lounge_visit", reference="U-9")
    assert over["code"] == ("LIMIT_REACHED" if uses else "TIER_REQUIRED")


async def test_a_lounge_visit_as_gold_counts_against_the_two_of_platinum() -> None:
    stage, member, partner = await open_shop()
    staff = stage.staff()
    await partner.book("B-1", line("holiday_package", "10000"))
    visit: dict[str, Any] = {"member": XIAOLI, "benefit": "lounge_visit"}
    used = await staff.done("useBenefit", "benefit { uses left }", reference="March", **visit)
    assert used["benefit"] == {"uses": 1, "left": 0}
    await later(stage, datetime.fromisoformat("2126-06-01T09:00:00+08:00"))
    await partner.book("B-2", line("holiday_package", "20000"))
    assert await tier(member) == "platinum"
    used = await staff.done("useBenefit", "benefit { uses left }", reference="June", **visit)
    assert used["benefit"] == {"uses": 2, "left": 0}
    # a new year begins anew
    await later(stage, datetime.fromisoformat("2127-01-01T00:00:00+08:00"))
    found = await me(member, "benefits { left }")
    assert found["benefits"] == [{"left": 2}]


async def test_a_card_is_lost_one_step_after_24_months_and_30_days() -> None:
    stage, member, partner = await open_shop()
    await give(partner, "B-1", "30000")
    assert await tier(member) == "platinum"
    stage = await later(stage, datetime.fromisoformat("2128-04-01T00:00:00+08:00"))
    # the points of March 2126 lasted through March 2128; the card has 30 days more
    assert await balance(member) == (0, 0, 0, 0)
    assert await tier(member) == "platinum"
    stage = await later(stage, datetime.fromisoformat("2128-04-15T00:00:00+08:00"))
    assert await tier(member) == "gold"


async def test_what_a_refund_takes_of_points_spent_meanwhile_is_owed() -> None:
    _, member, partner = await open_shop()
    await give(partner, "B-1", "2500")
    await member.done("redeemReward", reward="coupon_10")
    back = await partner.done(
        "refundBooking", "pointsClawedBack pointsOwed", booking="B-1", reference="C-1"
    )
    assert (back["pointsClawedBack"], back["pointsOwed"]) == (2500, 1000)
    assert await balance(member) == (0, 0, 0, 1000)
    assert (await member.refused("redeemReward", reward="coupon_10"))[
        "code"
    ] == "ACCOUNT_IN_ARREARS"
    await give(partner, "B-2", "1500")
    assert await balance(member) == (0, 500, 0, 0)


async def test_a_trip_of_which_nothing_is_heard_is_looked_into_after_30_days() -> None:
    stage, member, partner = await open_shop()
    await partner.book("H-1", line("hotel", "300", "2126-04-01", "2126-04-03"))
    for instant, listed in (("2126-05-03", 0), ("2126-05-04", 1)):
        stage = await later(stage, datetime.fromisoformat(f"{instant}T00:00:00+08:00"))
        async for late in overdue.members(stage.programme, stage.now()):
            await overdue.put_up(stage.programme, late, stage.now())
        found = await partner.read("{ overdueLines { totalCount } }")
        assert found["overdueLines"]["totalCount"] == listed
    assert await balance(member) == (300, 0, 0, 0)
    old = (stage.now() - 366 * DAY).isoformat()
    problem = await partner.refused(
        "earnForBooking",
        member=XIAOLI,
        reference="OLD",
        lines=[line("train", "10")],
        bookedAt=old,
    )
    assert problem["code"] == "EVENT_TOO_OLD"


GRANTS = "grants { type status points }"


def morning(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00:00+08:00")


async def test_three_ways_of_travel_bring_300_points_that_follow_what_was_taken() -> None:
    """Joined on 15 March, so that the mission is open through 13 June."""
    stage, member, partner = await open_shop()
    for product in ("flight", "hotel", "train"):
        await partner.book(product, line(product, "100"))
    stage = await later(stage, morning("2126-06-01"))
    for product, brought in (("flight", []), ("hotel", []), ("train", ["RECORDED"])):
        done = await partner.done("completeBooking", GRANTS, booking=product)
        assert [one["status"] for one in done["grants"]] == brought
    mission = "missions { code status endsOn steps { code done times } }"
    assert (await me(member, mission))["missions"] == [
        {
            "code": "three_ways",
            "status": "DONE",
            "endsOn": "2126-06-13",
            "steps": [{"code": one, "done": 1, "times": 1} for one in ("flight", "hotel", "train")],
        }
    ]
    schedule = "expirySchedule { points on }"
    assert (await me(member, schedule))["expirySchedule"] == [{"points": 600, "on": "2128-06-30"}]

    lost = await partner.done("refundBooking", GRANTS, booking="hotel", reference="R-1")
    assert lost["grants"] == [{"type": "three_ways", "status": "REVERSED", "points": 300}]
    assert await balance(member) == (0, 200, 0, 0)

    # another stay within the 90 days: the 300 come back, and end as the first did
    stage = await later(stage, morning("2126-06-13"))
    await partner.book("again", line("hotel", "100"))
    done = await partner.done("completeBooking", GRANTS, booking="again")
    assert [one["status"] for one in done["grants"]] == ["RECORDED"]
    assert (await me(member, schedule))["expirySchedule"] == [{"points": 600, "on": "2128-06-30"}]

    # once the 90 days are over, what is lost stays lost
    await later(stage, morning("2126-06-14"))
    await partner.done("refundBooking", booking="again", reference="R-2")
    await partner.book("late", line("hotel", "100"))
    done = await partner.done("completeBooking", GRANTS, booking="late")
    assert (done["grants"], await balance(member)) == ([], (0, 300, 0, 0))
