"""What is answered of bookings that are due at once, beside others: of one instant, as it is read.

A booking of long ago whose overdue points mature by themselves leaves something due behind.
"""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage
from tests.support.processes import WAIT_SECONDS

pytestmark = pytest.mark.usefixtures("database")

SUMS = "balance { available pending held owed worth { amount } }"
BATCH = f"""mutation($b: [EarnForBookingInput!]!) {{ earnForBookings(input: {{bookings: $b}}) {{
    results {{ errors {{ code }} member {{ id {SUMS} }} }} }} }}"""
LONG_AGO = TODAY - timedelta(days=500)


async def opened(*members: str) -> Stage:
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 12, "through": "day"},
    }
    by_itself = {"overdue_days": 10, "then": "mature"}
    stage = await open_stage(make.shipped_document(points=points, completion=by_itself))
    for reference in members:
        await make.enrol(stage.programme, now=LONG_AGO, reference=reference)
    return stage


def booking(reference: str, member: str, amount: str = "500", *, late: bool = True) -> Any:
    sent = {
        "member": {"reference": member},
        "reference": reference,
        "idempotencyKey": reference,
        "lines": [{"product": "hotel", "amount": amount}],
    }
    return {**sent, "bookedAt": (TODAY - timedelta(days=100)).isoformat()} if late else sent


async def begun(stage: Stage, member: str) -> None:
    """Wait until a booking of this member was recorded."""
    member_id, deadline = await stage.member_id(member), time.monotonic() + WAIT_SECONDS
    while not await make.entries(member_id):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.002)


async def test_two_batches_that_meet_at_a_member_are_both_answered() -> None:
    stage = await opened("xiaoli", "one", "two")
    partner = await stage.partner()
    first = [*(booking(f"A{n}", "one") for n in range(30)), booking("A", "xiaoli", "700")]
    second = [booking("B", "xiaoli"), *(booking(f"B{n}", "two") for n in range(80))]

    async def later() -> Any:
        await begun(stage, "one")
        return await partner.ask(BATCH, b=second)

    answers = await asyncio.gather(partner.ask(BATCH, b=first), later())
    assert [answer.get("errors") for answer in answers] == [None, None]
    members = [await stage.member_id(one) for one in ("xiaoli", "one", "two")]
    assert await make.faults(*members) == []


async def test_a_balance_beside_another_call_is_of_one_instant() -> None:
    stage = await opened("xiaoli", "other")
    partner, staff = await stage.partner(), stage.staff()
    sent = [booking("B0", "xiaoli"), *(booking(f"B{n}", "other") for n in range(1, 60))]

    async def meanwhile() -> None:
        await begun(stage, "xiaoli")
        member = {"reference": "xiaoli"}
        await staff.done("adjustPoints", SUMS, member=member, points=-200, reason="x")

    answer, _ = await asyncio.gather(partner.read(BATCH, b=sent), meanwhile())
    told = answer["earnForBookings"]["results"][0]["member"]["balance"]
    assert (told["pending"], told["available"]) in [(0, 500), (0, 300)]


async def test_a_member_twice_in_a_batch_stands_as_it_does_after_both() -> None:
    stage = await opened()
    await make.rich_member(stage.programme, 100, now=LONG_AGO, reference="xiaoli")
    partner = await stage.partner()
    sent = [booking("B1", "xiaoli", late=False), booking("B2", "xiaoli")]
    shown = (await partner.read(BATCH, b=sent))["earnForBookings"]["results"][1]["member"]
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on Member {{ {SUMS} }} }} }}"
    read = (await partner.read(query, id=shown["id"]))["node"]
    assert shown["balance"] == read["balance"]
    assert (read["balance"]["available"], read["balance"]["pending"]) == (500, 500)
