"""What each kind of event does to counts, milestones and missions, to a referral, to a benefit.

A test is an event; it walks what the programme promises of it from one to the next, in a
programme with a count that a bonus, a milestone and a mission rest on, with referrals by the
first booking, and with a quota. The member is `xiaoli`, who was brought along by `wang`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.history import history
from domain.history.history import PastBooking
from tests.support import factories as make
from tests.support import referred
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.granted import GRANTS, HIM, grant, told

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
JOINED = TODAY - 60 * DAY

LOUNGE = {"benefit": "lounge_visit", "uses": 2, "per": "year"}
COUNTS = {
    "stays": {"of": "bookings", "products": ["hotel"]},
    "this_month": {"of": "bookings", "products": ["hotel"], "per": "month"},
}
SECOND = grant("second", "milestone", count="stays", at=2, gives={"points": 200})
BUSY = grant("busy", "milestone", count="this_month", at=2, gives={"points": 30})
TRIED = grant(
    "tried",
    "mission",
    window={"days": 365, "after": "joining"},
    gives={"points": 50},
    steps=[
        {"code": "stay", "name": make.WORDS, "fact": "booking", "when": {"products": ["hotel"]}},
        {"code": "review", "name": make.WORDS, "fact": "activity", "types": ["review"]},
    ],
)


def document(*grants: dict[str, Any], uses: int = 2, **terms: Any) -> dict[str, Any]:
    """A point for every yuan, 70 more after two stays, 100 for a review; and these grants."""
    regular = make.rule("bonus", "regular", points=70, when={"counts": {"stays": {"min": 2}}})
    referrals = {"qualifies": "first_booking", "within_days": 30, "link": referred.LINK, **terms}
    made = make.variant(
        *(referred.BASE, regular), counts=COUNTS, grants=list(grants), referrals=referrals
    )
    for level in made["tiers"]["levels"]:
        level["benefits"] = [{**LOUNGE, "uses": uses}]
    return made


@dataclass
class Scene:
    """The programme, the booking system before it, the member and who brought it along."""

    stage: Stage
    partner: Client
    member_id: UUID
    referrer: UUID

    async def book(self, reference: str, *amounts: str, **sent: Any) -> tuple[int, Any]:
        """What a booking of hotels earns by itself, and its grants."""
        lines = [{"product": "hotel", "amount": amount} for amount in amounts]
        shown = f"pointsAwarded {GRANTS}"
        made = await self.partner.book(reference, *lines, selection=shown, **sent)
        return made["pointsAwarded"], told(made)

    async def refund(self, booking: str, *amount: str) -> tuple[int, Any]:
        """What a refund, of the first line in part or of everything, takes; and its grants."""
        lines = [{"line": 1, "amount": one} for one in amount] or None
        shown = f"pointsClawedBack {GRANTS}"
        made = await self.partner.done(
            "refundBooking", shown, booking=booking, reference=f"R{len(amount)}", lines=lines
        )
        return made["pointsClawedBack"], told(made)

    async def amend(
        self, booking: str, reference: str, product: str, amount: str
    ) -> tuple[int, Any]:
        """How an amendment to this one line changes the points, and its grants."""
        shown = f"pointsAwarded pointsClawedBack {GRANTS}"
        lines = [{"product": product, "amount": amount}]
        made = await self.partner.done(
            "amendBooking", shown, booking=booking, reference=reference, lines=lines
        )
        return made["pointsAwarded"] - made["pointsClawedBack"], told(made)

    async def review(self, reference: str) -> Any:
        made = await self.partner.done(
            "earnForActivity", GRANTS, member=HIM, type="review", reference=reference
        )
        return told(made)

    async def use(self, reference: str, **sent: Any) -> None:
        named = {"benefit": "lounge_visit", "reference": reference, **sent}
        await self.partner.done("useBenefit", "benefit { left }", member=HIM, **named)

    async def lounge(self) -> tuple[int, int, int]:
        """Uses in a year, those made, and those left."""
        asked = "{ me { benefits { code uses used left } } }"
        [found] = (await self.stage.member().read(asked))["me"]["benefits"]
        return found["uses"], found["used"], found["left"]

    async def referral(self) -> list[str]:
        """The friend's side in its versions, after the job."""
        await referred.run(self.stage.programme, self.stage.now())
        return await referred.sides(self.member_id)

    async def publish(self, changed: dict[str, Any]) -> None:
        now = self.stage.now()
        self.stage = Stage(await make.publish(self.stage.programme, changed, now=now))

    async def proved(self) -> None:
        assert await make.faults(self.member_id, self.referrer) == []


async def begin(*grants: dict[str, Any], joined: datetime = JOINED, **terms: Any) -> Scene:
    stage = await open_stage(document(*grants, **terms))
    referrer = await make.enrol(stage.programme, now=joined, reference="wang")
    friend = await referred.bring(stage.programme, referrer, now=joined, reference="xiaoli")
    return Scene(stage, await stage.partner(), friend, referrer)


GIVEN, TAKEN = ("second", "RECORDED", 200), ("second", "REVERSED", 200)


async def test_a_refund_and_an_amendment() -> None:
    scene = await begin(SECOND, TRIED, joined=TODAY)
    for number in range(2):
        await scene.use(f"U{number}")
    assert await scene.book("A", "500") == (500, [])
    assert await scene.referral() == ["JOINED", "REACHED", "QUALIFIED"]
    assert await scene.book("B", "10") == (10, [GIVEN])
    assert await scene.review("V") == [("tried", "RECORDED", 50)]
    assert (await scene.book("C", "100"))[0] == 100 + 70
    # an own booking keeps the counts that were stored with it, a later fact counts what is left
    assert await scene.refund("A") == (500, [])
    assert await scene.refund("B") == (10, [TAKEN])
    assert await scene.refund("C", "50") == (50, [])
    assert await scene.book("D", "10") == (10, [GIVEN])
    # the same by amendments, to a train and back
    assert await scene.amend("D", "A1", "train", "10") == (0, [TAKEN])
    assert await scene.amend("D", "A2", "hotel", "20") == (10, [GIVEN])
    assert await scene.amend("C", "A3", "train", "100") == (0, [TAKEN])
    assert await scene.refund("D") == (20, [("tried", "REVERSED", 50)])
    assert (await scene.referral())[3:] == []
    assert await scene.refund("C") == (50 + 70, [])
    assert (await scene.referral())[3:] == ["LOST"]
    assert await scene.book("E", "10") == (10, [("tried", "RECORDED", 50)])
    assert (await scene.referral())[4:] == ["REACHED", "QUALIFIED"]
    # what was used stays used
    assert await scene.lounge() == (2, 2, 0)
    await scene.proved()


async def test_a_late_fact() -> None:
    scene = await begin(SECOND, BUSY)
    last_month = (TODAY - 20 * DAY).isoformat()
    assert await scene.book("A", "10") == (10, [])
    await scene.publish(document({**SECOND, "gives": {"points": 500}}, uses=1))
    # recorded second, it is the second; it is given what its instant's version gives
    late = await scene.book("B", "10", bookedAt=last_month)
    assert late == (10, [GIVEN])
    # its month is its own: two in that one, by two that come late
    late = await scene.book("C", "10", bookedAt=last_month)
    assert late == (80, [("busy", "RECORDED", 30)])
    assert await scene.refund("B") == (10, [("busy", "REVERSED", 30)])
    # within 30 days of joining it counts for the referral, however late it comes
    assert await scene.referral() == ["JOINED", "LAPSED"]
    await scene.book("D", "10", bookedAt=(JOINED + 10 * DAY).isoformat())
    assert (await scene.referral())[2:] == ["REACHED", "QUALIFIED"]
    # a use belongs to the year of its instant, and to the quota in force then
    last_year = datetime.fromisoformat("2125-12-31T12:00:00+08:00")
    problem = await scene.partner.refused(
        "useBenefit",
        member=HIM,
        benefit="lounge_visit",
        reference="old",
        usedAt=last_year.isoformat(),
    )
    assert problem["code"] == "INVALID_INPUT"
    for number in range(2):
        await scene.use(f"U{number}", usedAt=last_month)
    assert await scene.lounge() == (1, 2, 0)
    await scene.proved()


async def test_a_parked_fact() -> None:
    scene = await begin(SECOND, TRIED, joined=TODAY)
    await scene.review("V")
    assert await scene.refund("A") == (0, [])
    assert await scene.book("A", "10") == (10, [("tried", "REVERSED", 50)])
    assert await scene.referral() == ["JOINED", "REACHED", "LOST"]
    assert await make.entries(scene.member_id) == [
        *(("EARN", 100), ("EARN", 10), ("EARN", 50), ("CLAW_BACK", 10), ("CLAW_BACK", 50)),
    ]
    await scene.book("B", "10")
    assert await scene.refund("C", "5") == (0, [])
    assert await scene.book("C", "10") == (10, [GIVEN])
    assert (await scene.referral())[3:] == ["REACHED", "QUALIFIED"]
    await scene.proved()


async def test_a_new_version() -> None:
    scene = await begin(SECOND, joined=TODAY)
    await scene.use("U0")
    for reference in ("A", "B", "C"):
        await scene.book(reference, "10")
    now = {"qualifies": "first_completed_booking"}
    third = grant("third", "milestone", count="stays", at=3, gives={"points": 1000})
    fifth = grant("fifth", "milestone", count="stays", at=5, gives={"points": 300})
    more = {**SECOND, "gives": {"points": 500}}
    await scene.publish(document(more, third, fifth, TRIED, uses=3, **now))
    # earlier facts and steps count: five stays, and one for the mission; three are not paid again
    assert (await scene.book("D", "10"))[1] == []
    assert await scene.review("V") == [("tried", "RECORDED", 50)]
    assert (await scene.book("E", "10"))[1] == [("fifth", "RECORDED", 300)]
    # what was given keeps its terms
    for reference in ("A", "B", "C"):
        await scene.refund(reference)
    assert (await scene.refund("D"))[1] == [TAKEN]
    assert (await scene.book("F", "10"))[1] == [GIVEN]
    # a referral has the terms of its friend's enrolment, a benefit those of today
    assert await scene.referral() == ["JOINED", "REACHED", "QUALIFIED"]
    assert await scene.lounge() == (3, 1, 2)
    await scene.proved()


async def test_imported_history() -> None:
    scene = await begin(SECOND, BUSY, TRIED, joined=TODAY - 40 * DAY)
    past = [
        PastBooking(
            number,
            booked_at := TODAY - (30 - number) * DAY,
            BookingSent(f"H{number}", (LineSent("hotel", Decimal(10)),), booked_at=booked_at),
        )
        for number in range(3)
    ]
    programme, now = scene.stage.programme, scene.stage.now()
    played = await history.play(programme, "xiaoli", past, now, enrol=False)
    assert (played.refused, played.points) == ((), 10 + 10 + 80)
    # nothing is given, at the number or beyond it; what is counted on from there is
    assert await make.entries(scene.member_id) == [("EARN", 10), ("EARN", 10), ("EARN", 80)]
    assert await scene.referral() == ["JOINED", "LAPSED"]
    assert await scene.book("A", "10") == (80, [])
    assert await scene.book("B", "10") == (80, [("busy", "RECORDED", 30)])
    assert await scene.review("V") == [("tried", "RECORDED", 50)]
    await scene.proved()
