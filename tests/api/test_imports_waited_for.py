"""Facts that wait for bookings which come by the import of history."""

import asyncio

import pytest

from domain.kernel.database import rows
from tests.support import factories as make
from tests.support.callers import TODAY, open_stage
from tests.support.imported import begin, bring, look, put, work

pytestmark = pytest.mark.usefixtures("database")


async def test_a_refund_that_waits_is_applied_to_a_booking_that_comes_as_history() -> None:
    stage = await open_stage()
    ids = {name: await make.enrol(stage.programme, now=TODAY, reference=name) for name in "ab"}
    staff, inn = stage.staff(), await stage.partner(code="inn")
    part = [{"line": 1, "amount": "40"}]
    for who, booking in ((staff, "P-1"), (inn, "P-2")):
        done = await who.done("refundBooking", "parked", booking=booking, reference="R", lines=part)
        assert done["parked"]
    header = b"member,reference,booked_at,product,amount\n"
    past = header + b"a,P-1,2125-05-01,hotel,100\na,P-0,2125-04-01,hotel,10\n"
    past += b"b,P-2,2125-06-01,hotel,200\n"

    job = await bring(stage, "BOOKINGS", past, history=True)

    assert (job["status"], job["done"], job["refused"]) == ("DONE", 3, 0)
    assert (await make.state(ids["a"], TODAY)).balances.available == 70
    # a partner's refund is of its own bookings, and it is told so
    assert (await make.state(ids["b"], TODAY)).balances.available == 200
    told = await rows(
        "SELECT member_id FROM outbox_event WHERE programme_id = $1 AND topic LIKE '%refused%'",
        stage.programme.id,
    )
    assert [one["member_id"] for one in told] == [ids["b"]]
    assert await rows("SELECT FROM parked_fact WHERE programme_id = $1", stage.programme.id) == []
    assert await make.faults(*ids.values()) == []
    await staff.done("refundBooking", "parked", booking="P-3", reference="R", lines=part)
    again = header + b"b,P-2,2125-06-01,hotel,200\nb,P-3,2125-01-01,hotel,50\n"
    job = await bring(stage, "BOOKINGS", again, history=True)
    assert (job["status"], job["done"], job["refused"]) == ("DONE", 1, 1)
    # what comes too late leaves it waiting
    done = await staff.done("refundBooking", "parked", booking="P-3", reference="R", lines=part)
    assert done["parked"]


async def test_refunds_that_come_while_their_history_is_imported_are_applied_once() -> None:
    stage = await open_stage()
    names = [f"m-{number}" for number in range(12)]
    ids = [await make.enrol(stage.programme, now=TODAY, reference=name) for name in names]
    staff, part = stage.staff(), [{"line": 1, "amount": "40"}]
    past = b"member,reference,booked_at,product,amount\n" + b"".join(
        f"{name},B-{name},2125-05-01,hotel,100\n".encode() for name in names
    )
    job_id, url, proposal = await begin(staff, "BOOKINGS", history=True)
    await put(url, past)
    await work(stage)
    await stage.staff("lee").done("approveProposal", proposal=proposal)

    async def refund_each() -> None:
        for name in names:
            booking, reference = f"B-{name}", f"R-{name}"
            await staff.done(
                "refundBooking", "parked", booking=booking, reference=reference, lines=part
            )

    await asyncio.gather(work(stage), refund_each(), refund_each())

    job = await look(stage, job_id)
    assert (job["status"], job["done"], job["refused"]) == ("DONE", len(names), 0)
    assert [await make.available(one, TODAY) for one in ids] == [60] * len(names)
    assert await rows("SELECT FROM parked_fact WHERE programme_id = $1", stage.programme.id) == []
    assert await make.faults(*ids) == []
