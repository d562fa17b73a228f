"""Amendments under a cap: what it kept from a rule was never given, and is never taken."""

import pytest

from tests.support import factories as make
from tests.support.callers import open_stage
from tests.support.granted import available, faults, member_of

pytestmark = pytest.mark.usefixtures("database")

DONE = "pointsAwarded pointsClawedBack pointsForgiven pointsOwed"


@pytest.mark.parametrize("claw_back", ["unlimited", "only_pending"])
async def test_what_a_cap_kept_from_a_bonus_is_not_taken_in_its_stead(claw_back: str) -> None:
    short = {"months": 1, "through": "day"}
    document = make.variant(
        make.rule("rate", "base", points=1, per=1),
        make.rule("bonus", "more", points=400, expiry=short),
        caps=[{"points": 300, "per": "year"}],
        refunds={"claw_back": claw_back, "tier": "never", "grace_days": 30},
    )
    stage = await open_stage(document)
    await make.enrol(stage.programme, now=stage.now(), reference="xiaoli")
    partner, hotel = await stage.partner(), {"product": "hotel", "amount": "1000"}
    assert (await partner.book("A", hotel))["pointsAwarded"] == 300
    await partner.done("refundBooking", booking="A", reference="R")
    lines = [hotel, {"product": "hotel", "amount": "99"}]
    made = await partner.done("amendBooking", DONE, booking="A", reference="M", lines=lines)
    assert made == {
        "pointsAwarded": 99,
        "pointsClawedBack": 0,
        "pointsForgiven": 0,
        "pointsOwed": 0,
        "replayed": False,
    }
    assert await available(partner) == 99
    assert await faults(await member_of(stage)) == []
