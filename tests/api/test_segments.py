"""Segments through the API: who is in one when a fact is judged, and what becomes of that."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.earning import segments
from domain.kernel.database import rows, update
from domain.members import segment_lists
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
BUSINESS = {"product": "hotel", "amount": "1000", "attributes": {"business": True}}
BASE = make.rule("rate", "base", points=1, per=1)
QUOTE = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) { points } }"""
STAYS = {"of": "bookings", "products": ["hotel"], "attributes": {"business": True}, "days": 365}


def segment(code: str, **parts: Any) -> dict[str, Any]:
    return {"code": code, "name": make.WORDS, **parts}


TRAVELLER = segment("regular", when={"counts": {"stays": {"min": 3}}})
VIP = segment("vip", list=True)


def doubling(**when: Any) -> dict[str, Any]:
    """Business hotels count twice where this is so."""
    asked = {"products": ["hotel"], "attributes": {"business": True}, **when}
    double = make.rule("multiplier", "double", _class="campaign", factor=2, when=asked)
    style = {"type": "text", "writable_by": ["partner"]}
    return make.variant(
        BASE,
        double,
        counts={"stays": STAYS},
        profile={"travel_style": style},
        segments=[
            VIP,
            TRAVELLER,
            segment("keen", when={"cel": "count.stays * 10 / count.stays >= 10"}),
            segment(
                "independent_silver",
                when={
                    "tiers": ["silver"],
                    "member": {"profile": {"travel_style": "independent"}},
                },
            ),
        ],
    )


async def opened(document: dict[str, Any]) -> tuple[Stage, Client]:
    stage = await open_stage(document)
    partner = await stage.partner()
    await partner.done("enrolMember", **HIM)
    return stage, partner


async def quoted(client: Client, *lines: dict[str, Any], **sent: Any) -> int:
    sent = {"lines": list(lines), "member": HIM, **sent}
    points: int = (await client.read(QUOTE, input=sent))["quoteEarning"]["points"]
    return points


@pytest.mark.parametrize("when", [{"segments": ["vip", "regular"]}, {"cel": "segment.regular"}])
async def test_a_regular_earns_double_by_three_business_hotels(
    when: dict[str, Any],
) -> None:
    """Quoted after two: 1000. A third recorded, then booked: 2000; half refunded: 1000 taken."""
    stage, partner = await opened(doubling(**when))
    for number in range(2):
        await partner.book(f"B{number}", BUSINESS)
    promise = await partner.done("guaranteeQuote", "quote { id }", member=HIM, lines=[BUSINESS])
    assert await quoted(partner, BUSINESS) == 1000
    assert (await partner.book("B2", BUSINESS))["pointsAwarded"] == 1000
    assert await quoted(partner, BUSINESS) == 2000
    assert (await partner.book("B3", BUSINESS))["pointsAwarded"] == 2000
    kept = await partner.book("Q", BUSINESS, quoteId=promise["quote"]["id"])
    assert kept["pointsAwarded"] == 1000
    for gone in ("B0", "B1", "Q"):
        await partner.done("refundBooking", booking=gone, reference="R")
    assert await quoted(partner, BUSINESS) == 1000
    half = [{"line": 1, "amount": "500"}]
    refunded = await partner.done(
        "refundBooking", "pointsClawedBack", booking="B3", reference="R", lines=half
    )
    assert refunded["pointsClawedBack"] == 1000
    [stored] = await rows(
        "SELECT snapshot -> 'segments' ->> 'regular' AS is_in FROM booking "
        "WHERE member_id = $1 AND reference = 'B3'",
        await stage.member_id(),
    )
    assert stored["is_in"] == "true"
    nobody = await stage.public()
    assert await quoted(nobody, BUSINESS, member=None) == 1000


async def test_a_list_has_members_from_one_instant_until_another() -> None:
    stage, partner = await opened(doubling(segments=["vip"]))
    programme, now = stage.programme, stage.now()
    assert await segment_lists.add(programme, "vip", ["nobody"], now, by="staff:kim") == {}
    # two files at once put a member on it once
    both = [segment_lists.add(programme, "vip", ["xiaoli"], now, by=by) for by in ("a", "b")]
    await asyncio.gather(*both)
    assert await quoted(partner, BUSINESS) == 2000
    before = (now - timedelta(seconds=1)).isoformat()
    assert await quoted(partner, BUSINESS, bookedAt=before) == 1000
    assert await segment_lists.size(programme.id, "vip", now) == 1
    assert (await partner.book("B", BUSINESS))["pointsAwarded"] == 2000

    gone = stage.now()
    assert await segment_lists.keep_only(programme, "vip", set(), gone, by="staff:kim") == 1
    assert await quoted(partner, BUSINESS) == 1000
    assert await quoted(partner, BUSINESS, bookedAt=now.isoformat()) == 2000
    # the booking was judged by what was so then
    half = [{"line": 1, "amount": "500"}]
    refunded = await partner.done(
        "refundBooking", "pointsClawedBack", booking="B", reference="R", lines=half
    )
    assert refunded["pointsClawedBack"] == 1000
    await segment_lists.add(programme, "vip", ["xiaoli"], stage.now(), by="staff:kim")
    member_id = await stage.member_id()
    assert await make.faults(member_id) == []

    moved = "UPDATE segment_member SET removed_at = $2 WHERE member_id = $1 AND added_at = $3"
    await update(moved, member_id, stage.now() + timedelta(days=1), now)
    fault, unsealed = sorted(await make.faults(member_id), key=lambda one: "digest" in one)
    assert "segment_member" in fault
    assert "segment_member" in unsealed
    assert "added_at" in fault
    await update(moved, member_id, gone, now)


async def test_staff_see_which_segments_a_member_is_in() -> None:
    stage, partner = await opened(doubling(segments=["vip"]))
    await partner.done("updateMember", member=HIM, profile={"travel_style": "independent"})
    await partner.book("B", {**BUSINESS, "amount": "10"})
    await segment_lists.add(stage.programme, "vip", ["xiaoli"], stage.now(), by="staff:kim")
    asked = '{ member(by: {reference: "xiaoli"}) { segments } }'
    assert (await stage.staff().read(asked))["member"]["segments"] == [
        *("vip", "keen", "independent_silver")
    ]
    assert (await partner.read(asked))["member"]["segments"] == []
    assert (await stage.member().read("{ me { segments } }"))["me"]["segments"] == []
    await make.enrol(stage.programme, reference="guest", guest=True, now=stage.now())
    await make.enrol(stage.programme, reference="wang", now=stage.now())
    listed = "{ members { edges { node { reference segments } } } }"
    nodes = [one["node"] for one in (await stage.staff().read(listed))["members"]["edges"]]
    # a condition that errs has nobody
    assert {node["reference"]: len(node["segments"]) for node in nodes} == {
        "xiaoli": 3,
        "guest": 0,
        "wang": 0,
    }
    sizes = [await segments.size(stage.programme, code, stage.now()) for code in ("vip", "keen")]
    assert sizes == [1, 1]


async def test_an_activity_asks_for_segments() -> None:
    share = {
        "code": "share",
        "name": make.WORDS,
        "points": 50,
        "reporters": ["partner"],
        "when": {"segments": ["vip"]},
    }
    document = make.shipped_document(activities=[share], segments=[VIP])
    stage, partner = await opened(document)

    async def report(reference: str) -> int:
        sent: dict[str, Any] = {"member": HIM, "type": "share", "reference": reference}
        done = await partner.done("earnForActivity", "pointsAwarded", **sent)
        points: int = done["pointsAwarded"]
        return points

    assert await report("S1") == 0
    await segment_lists.add(stage.programme, "vip", ["xiaoli"], stage.now(), by="staff:kim")
    assert await report("S2") == 50
