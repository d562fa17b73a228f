"""The design's own examples of what reaches partners and members, through the API.

Coupons on bookings and points bought beforehand have files of their own.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.delivery import targets
from domain.kernel.callers import OWN_SCOPES
from domain.members.consents import Channel
from domain.notices import reminding, upcoming
from domain.programmes import programmes
from ops.worker.deciding import Notices
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage
from tests.support.hooked import Endpoint, endpoint
from tests.support.imported import bring
from tests.support.sending import Worker, notify

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
NOON = datetime(2126, 12, 1, 12, tzinfo=UTC)
DELIVERIES = """query($webhook: ID!) { deliveries(webhook: $webhook) { edges { node {
    status attempts { at status } event { data } } } } }"""
COUPONS = "{ me { coupons { status validThrough } } }"
SHARES = {
    "points": {"worth": {"points": 100, "money": 1}, "available": "at_payment"},
    "redemption_rates": [],
}


@pytest.fixture
async def listener() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


async def offer(stage: Stage, code: str, kind: str, **terms: Any) -> None:
    """A reward for ten points."""
    words = {"name": make.WORDS, "description": make.WORDS}
    reward = {"code": code, "kind": kind, "points": 10, **words, **terms}
    await stage.staff().done("saveReward", reward=reward)


async def pass_time(stage: Stage, until: str) -> None:
    programme = await programmes.get(stage.programme.code)
    ahead = datetime.fromisoformat(until) - programme.now(datetime.now(UTC))
    await programmes.advance_clock(programme, ahead)


async def adjust(staff: Client, reference: str, points: int) -> None:
    member = {"reference": reference}
    await staff.done("adjustPoints", member=member, points=points, reason="example")


async def hooked(listener: Endpoint) -> tuple[Client, Worker, str]:
    """Staff with an endpoint that hears of corrections, two members, and a worker at noon."""
    stage = await open_stage()
    staff = stage.staff()
    for reference in ("xiaoli", "other"):
        await staff.done("enrolMember", reference=reference)
    worker = Worker(stage.programme, NOON - timedelta(hours=1))
    await worker.work()
    saved = await staff.done(
        "saveWebhook", "webhook { id }", url=listener.url, topics=["points.adjusted"]
    )
    worker.now = NOON
    return staff, worker, saved["webhook"]["id"]


async def sent(staff: Client, webhook: str, points: int) -> tuple[str, list[tuple[int, str]]]:
    """What became of the event of so many points: status, and each answer with its instant."""
    found = (await staff.read(DELIVERIES, webhook=webhook))["deliveries"]["edges"]
    [one] = [edge["node"] for edge in found if edge["node"]["event"]["data"]["points"] == points]
    return one["status"], [(attempt["status"], attempt["at"]) for attempt in one["attempts"]]


async def test_what_is_answered_503_is_dead_at_11_35_05_on_the_4th(listener: Endpoint) -> None:
    """Answered 503 from 12:00:00 on the 1st, others succeeding."""
    staff, worker, webhook = await hooked(listener)
    listener.answer = lambda got: 503 if got.said["data"]["points"] == 1 else 204
    await adjust(staff, "xiaoli", 1)
    await adjust(staff, "xiaoli", 2)
    for hours in (0, 1, 3, 8, 18, 32, 52, 72):
        await worker.until(NOON + timedelta(hours=hours))
        await adjust(staff, "other", 10 + hours)
        worker.now = NOON + timedelta(hours=hours)
        await worker.work()

    status, attempts = await sent(staff, webhook, 1)
    assert (status, [answer for answer, _ in attempts]) == ("DEAD", [503] * 10)
    first, *_, last = sorted(at for _, at in attempts)
    assert datetime.fromisoformat(first) == NOON
    assert datetime.fromisoformat(last) == datetime(2126, 12, 4, 11, 35, 5, tzinfo=UTC)
    assert (await sent(staff, webhook, 2))[0] == "DELIVERED"


async def test_what_is_answered_422_is_dead_after_5_minutes_5_seconds(listener: Endpoint) -> None:
    """And the member's next event goes out."""
    staff, worker, webhook = await hooked(listener)
    listener.answer = lambda got: 422 if got.said["data"]["points"] == 1 else 204
    await adjust(staff, "xiaoli", 1)
    await adjust(staff, "xiaoli", 2)
    await worker.until(NOON + timedelta(hours=1))

    dead = NOON + timedelta(minutes=5, seconds=5)
    status, attempts = await sent(staff, webhook, 1)
    assert (status, [answer for answer, _ in attempts]) == ("DEAD", [422] * 3)
    assert max(datetime.fromisoformat(at) for _, at in attempts) == dead
    status, [(answer, at)] = await sent(staff, webhook, 2)
    assert (status, answer, datetime.fromisoformat(at)) == ("DELIVERED", 204, dead)


async def test_the_third_text_of_a_day_is_capped() -> None:
    notices = {"kinds": {"points_earned": ["sms"]}}
    stage = await open_stage(make.shipped_document(notices=notices))
    staff, partner = stage.staff(), await stage.partner()
    await partner.done("enrolMember", **HIM, phone="+8613800138000", contactsProved=["PHONE"])
    await staff.done("recordConsent", member=HIM, purpose="ACCOUNT", channel="SMS", granted=True)
    worker = Worker(stage.programme)
    decides = Notices(frozenset({Channel.SMS}))
    worker.sender.carriers = {**worker.sender.carriers, targets.Channel.NOTICES: decides}
    for number in (1, 2, 3):
        await partner.book(f"B-{number}", {"product": "hotel", "amount": "100"})
        await worker.work(datetime.now(UTC))

    seen = await staff.read(
        """{ member(by: {reference: "xiaoli"}) { notices { edges { node {
            kind channels { channel status reason } } } } } }"""
    )
    told = [edge["node"] for edge in seen["member"]["notices"]["edges"]]
    texts = [one["channels"] for one in told if one["kind"] == "points_earned"]
    waits = [{"channel": "SMS", "status": "WAITING", "reason": None}]
    assert texts == [[{"channel": "SMS", "status": None, "reason": "CAPPED"}], waits, waits]


@pytest.mark.parametrize(("back_on", "times"), [("2126-12-03", 1), ("2126-12-12", 0)])
async def test_a_worker_that_was_down_tells_of_balances_for_a_week(
    back_on: str, times: int
) -> None:
    """Down from 30 November to the 3rd: one; to the 12th: none."""
    stage = await open_stage(stands_at="2126-11-20T12:00:00+08:00")
    staff = stage.staff()
    await staff.done("enrolMember", **HIM)
    await adjust(staff, "xiaoli", 400)
    await pass_time(stage, f"{back_on}T12:00:00+08:00")
    programme = await programmes.get(stage.programme.code)
    for _ in range(2):  # each hour anew
        now = programme.now(datetime.now(UTC))
        async for occasion in upcoming.balances(programme, now):
            await reminding.remind(programme, occasion, now)
        await notify(programme, datetime.now(UTC))

    inbox = await stage.member().read("{ me { notices { edges { node { kind } } } } }")
    kinds = [edge["node"]["kind"] for edge in inbox["me"]["notices"]["edges"]]
    assert kinds.count("balance") == times


async def test_a_month_of_a_partner_comes_to_17_05_less() -> None:
    """CNY 0.012 a point, fee 5 %, issued 12 345, reversed 1 000, two deliveries at 80."""
    stage = await open_stage(stands_at="2126-02-10T12:00:00+08:00")
    staff, bank = stage.staff(), await stage.partner(OWN_SCOPES, "bank")
    rules = make.variant(make.rule("rate", "base", points=1, funder="bank"), **SHARES)
    await make.publish(stage.programme, rules, now=stage.now())
    await staff.done(
        "savePartnerTerms",
        partner="bank",
        fromMonth="2126-02",
        basis="ISSUED",
        pricePerPoint="0.012",
        feePercent="5",
    )
    await offer(stage, "night", "SERVICE", partner="bank", cost="80")
    await bank.done("enrolMember", **HIM)
    await bank.book("B-1", {"product": "hotel", "amount": "11345"})
    await bank.book("B-2", {"product": "hotel", "amount": "1000"})
    await bank.done("refundBooking", booking="B-2", reference="R-2")
    for _ in range(2):
        ordered = await stage.member().done("redeemReward", "redemption { id }", reward="night")
        await bank.done("fulfilRedemption", redemption=ordered["redemption"]["id"])
    await pass_time(stage, "2126-03-05T12:00:00+08:00")
    await make.settle_through(stage.programme, date(2126, 2, 28))

    money = "charge { amount } fee { amount } delivered { amount } net { amount }"
    closed = await staff.done(
        "closeStatement",
        f"statement {{ issued reversed {money} }}",
        partner="bank",
        month="2126-02",
    )
    assert closed["statement"] == {
        "issued": 12_345,
        "reversed": 1000,
        "charge": {"amount": "136.14"},
        "fee": {"amount": "6.81"},
        "delivered": {"amount": "160.00"},
        "net": {"amount": "-17.05"},
    }


async def test_a_coupon_that_has_ended_comes_back_through_4_february() -> None:
    """Through 31 December; the supplier cancels on 5 January; the grace is 30 days."""
    stage = await open_stage(make.shipped_document(), stands_at="2126-12-01T12:00:00+08:00")
    staff, partner = stage.staff(), await stage.partner()
    await partner.done("enrolMember", **HIM)
    await adjust(staff, "xiaoli", 10)
    await offer(stage, "fifty", "COUPON", worth="50", validDays=30)
    shown = "redemption { codes }"
    taken = await stage.member().done("redeemReward", shown, reward="fifty")
    assert (await stage.member().read(COUPONS))["me"]["coupons"] == [
        {"status": "ISSUED", "validThrough": "2126-12-31"}
    ]
    [code] = taken["redemption"]["codes"]
    await partner.book("B-1", {"product": "hotel", "amount": "300"}, couponCode=code)
    await pass_time(stage, "2127-01-05T12:00:00+08:00")
    await partner.done("refundBooking", booking="B-1", reference="R-1", supplierCancelled=True)

    assert (await stage.member().read(COUPONS))["me"]["coupons"] == [
        {"status": "ISSUED", "validThrough": "2127-02-04"}
    ]
    assert await make.faults(await stage.member_id()) == []


async def test_a_file_that_is_not_its_control_total_is_not_written() -> None:
    """Control total 1 000 000, file 999 900: FAILED, nothing written."""
    stage = await open_stage()
    members = [
        await make.enrol(stage.programme, now=stage.now(), reference=reference)
        for reference in ("m-1", "m-2")
    ]
    file = b"member,points,expires_on\nm-1,500000,2127-12-31\nm-2,499900,2127-12-31\n"
    job = await bring(stage, "BALANCES", file, controlRows=2, controlPoints=1_000_000)
    assert (job["status"], job["failure"], job["done"]) == ("FAILED", "CONTROL_TOTALS", 0)
    assert [await make.entries(one) for one in members] == [[], []]
    right = file.replace(b"499900", b"500000")
    job = await bring(stage, "BALANCES", right, controlRows=2, controlPoints=1_000_000)
    assert (job["status"], job["done"]) == ("DONE", 2)
