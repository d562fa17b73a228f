"""`genius` as it ships: what its source says of it, and members' lives of three years under it.

The source is an article about points for travel platforms, whose case study of Booking.com's
Genius is in Chinese. `SAID` has each figure with the sentence that it comes from; where the article
gives no number the document decides, and the sentence is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")


@dataclass(frozen=True)
class Said:
    value: Any
    sentence: str | None


GROWS = "等级越高,享受的折扣越大(如Genius 1级享受10%折扣,Genius 2级享受15%折扣)"
PERKS = "并可享受免费早餐、房型升级等。"

SAID: Mapping[str, Said] = {
    "points": Said(0, "虽然不直接使用积分,但通过预订次数和金额积累“Genius等级”。"),
    "basis": Said("COMPLETED_BOOKINGS", "用户通过完成一定数量的预订即可升级,享受专属折扣和福利。"),
    "hotel discount of level 1": Said("100.00", GROWS),
    "hotel discount of level 2": Said("150.00", GROWS),
    "hotel discount of level 3": Said("200.00", None),
    "car discount of every level": Said("33.33", None),
    "bookings for level 2": Said(5, None),
    "bookings for level 3": Said(15, None),
    "months in which they are completed": Said(24, None),
    "benefits of level 1": Said([], None),
    "benefits of level 2": Said(["breakfast"], PERKS),
    "benefits of level 3": Said(["breakfast", "upgrade"], PERKS),
    "days back that a booking is reported": Said(730, None),
}
"""Each figure of the document: discounts are off a hotel of CNY 1000 and a car of CNY 333.33."""

HOTEL, CAR = {"product": "hotel", "amount": "1000"}, {"product": "car", "amount": "333.33"}
QUOTE = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
    points lines { discount { amount } } explanation { code } } }"""
ME = """{ me { standing { tier { code } until progress { basis current required } }
    benefits { code uses left } balance { available pending } } }"""


@dataclass
class Life:
    """A member's life, from booking to booking, as the booking system reports it."""

    stage: Stage
    partner: Client
    reference: str
    trips: int = 0

    async def at(self, day: str) -> None:
        """Noon of this day."""
        instant = datetime.fromisoformat(f"{day}T12:00:00+08:00")
        ahead = instant - self.stage.now()
        self.stage = Stage(await programmes.advance_clock(self.stage.programme, ahead))

    async def travel(self, times: int = 1) -> str:
        """Book a hotel and complete it; the reference of the last one."""
        for _ in range(times):
            self.trips += 1
            named = f"{self.reference}-{self.trips}"
            await self.partner.done(
                "earnForBooking", member=self.named, reference=named, lines=[HOTEL]
            )
            await self.partner.done("completeBooking", booking=named)
        return f"{self.reference}-{self.trips}"

    async def use(self, benefit: str) -> None:
        self.trips += 1
        await self.partner.done(
            "useBenefit",
            member=self.named,
            benefit=benefit,
            reference=f"{self.reference}-{self.trips}",
        )

    async def me(self) -> Any:
        return (await self.stage.member(self.reference).read(ME))["me"]

    @property
    def named(self) -> dict[str, str]:
        return {"reference": self.reference}

    async def stands(self, level: int, counted: int) -> None:
        """On this level, with so many bookings counted, with its discounts and benefits."""
        me = await self.me()
        nexts = {1: "bookings for level 2", 2: "bookings for level 3"}
        assert me["standing"] == {
            "tier": {"code": f"level_{level}"},
            "until": None,
            "progress": {
                "basis": SAID["basis"].value,
                "current": str(counted),
                "required": str(SAID[nexts[level]].value) if level in nexts else None,
            },
        }
        codes = [one["code"] for one in me["benefits"]]
        assert codes == SAID[f"benefits of level {level}"].value
        assert all((one["uses"], one["left"]) == (None, None) for one in me["benefits"])
        assert me["balance"] == {"available": SAID["points"].value, "pending": SAID["points"].value}
        sent = {"lines": [HOTEL, CAR], "member": self.named}
        quoted = (await self.partner.read(QUOTE, input=sent))["quoteEarning"]
        assert quoted["points"] == SAID["points"].value
        assert [reason["code"] for reason in quoted["explanation"]] == ["no_points"]
        assert [line["discount"]["amount"] for line in quoted["lines"]] == [
            SAID[f"hotel discount of level {level}"].value,
            SAID["car discount of every level"].value,
        ]


async def begun(reference: str = "anna", day: str = "2126-01-10") -> Life:
    stage = await open_stage(make.whole_document("genius"), stands_at=f"{day}T12:00:00+08:00")
    await stage.member(reference).done("enrolMember", "member { id }")
    return Life(stage, await stage.partner(), reference)


async def test_three_years_of_a_member() -> None:
    life = await begun()
    await life.stands(1, 0)
    await life.travel(4)
    await life.stands(1, 4)

    await life.at("2126-05-20")
    await life.travel()
    await life.stands(2, 5)
    await life.use("breakfast")
    await life.use("breakfast")
    problem = await life.partner.refused(
        "useBenefit", member=life.named, benefit="upgrade", reference="early"
    )
    assert problem["code"] == "TIER_REQUIRED"

    await life.at("2126-12-20")
    await life.travel(9)
    await life.stands(2, 14)
    last = await life.travel()
    await life.stands(3, 15)
    await life.use("upgrade")

    # a refund takes nothing away, and neither does time: the level is held for life
    await life.partner.done("refundBooking", booking=last, reference="R-1")
    await life.stands(3, 15)
    await life.at("2129-01-10")
    await life.stands(3, 0)


async def test_bookings_count_within_two_years() -> None:
    life = await begun("ben")
    await life.travel(4)
    await life.at("2128-01-11")
    await life.travel()
    await life.stands(1, 1)
    await life.travel(3)
    await life.stands(1, 4)
    await life.travel()
    await life.stands(2, 5)


async def test_what_was_not_completed_does_not_count() -> None:
    life = await begun("cai")
    await life.travel(4)
    await life.partner.done("earnForBooking", member=life.named, reference="B-5", lines=[HOTEL])
    await life.stands(1, 4)
    await life.partner.done("refundBooking", booking="B-5", reference="R-5")
    await life.stands(1, 4)


async def test_a_booking_is_reported_within_two_years() -> None:
    life = await begun("dai")
    oldest = timedelta(days=SAID["days back that a booking is reported"].value)
    sent: dict[str, Any] = {"member": life.named, "lines": [HOTEL]}
    in_time = (life.stage.now() - oldest + timedelta(minutes=5)).isoformat()
    await life.partner.done("earnForBooking", reference="B-1", bookedAt=in_time, **sent)
    late = (life.stage.now() - oldest - timedelta(minutes=5)).isoformat()
    problem = await life.partner.refused("earnForBooking", reference="B-2", bookedAt=late, **sent)
    assert problem["code"] == "EVENT_TOO_OLD"
