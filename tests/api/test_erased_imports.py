"""What imports and proposals say of a member, once it is erased."""

from typing import Any

import orjson
import pytest

from domain.kernel.database import rows
from domain.proof import job_checks
from domain.proof.evidence import Fault
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage
from tests.support.imported import begin, bring, check, look, put, refused, work

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}


async def contents(stage: Stage) -> list[dict[str, Any]]:
    """What rows of the programme's imports say, in their order."""
    found = await rows(
        "SELECT content FROM import_row r JOIN job j ON j.id = r.job_id "
        "WHERE j.programme_id = $1 ORDER BY j.created_at, j.id, r.number",
        stage.programme.id,
    )
    return [orjson.loads(one["content"]) for one in found]


async def miscounted(stage: Stage) -> list[Fault]:
    """Jobs of the programme whose counts are not those of their rows; other tests leave some."""
    jobs = await rows("SELECT id FROM job WHERE programme_id = $1", stage.programme.id)
    own = {job["id"] for job in jobs}
    assert own
    return [fault for fault in await job_checks.counts() if fault.row_id in own]


async def test_a_nul_in_a_row_keeps_nobody_from_being_erased() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    sent: list[dict[str, Any]] = [
        {"reference": "odd\0", "name": "Odd"},
        {"reference": "xiaoli", "name": "Li\0\0", "profile": {"x": "\\u0000 \\\0"}},
        {"reference": "even", "name": r"back\u0000slash"},
        {"reference": "xiaoli", "name": "\0" * 3},
    ]
    job = await bring(stage, "MEMBERS", b"\n".join(map(orjson.dumps, sent)))
    assert (job["status"], job["done"], job["refused"]) == ("DONE", 1, 3)
    _, *lines = await refused(job)
    assert [(line[-4], line[-2]) for line in lines] == [
        ("1", "reference"),
        ("2", "name"),
        ("4", "name"),
    ]
    assert all("control characters" in line[-1] for line in lines)

    await stage.staff().done("eraseMember", member=HIM, confirm=0)

    assert await contents(stage) == [sent[0], {}, sent[2], {}]
    assert await make.faults(await stage.member_id("even")) == []


async def test_rows_are_emptied_by_whom_they_name_however_it_is_written() -> None:
    stage = await open_stage()
    await make.enrol(
        stage.programme,
        now=TODAY,
        reference="xiaoli",
        email="li@example.com",
        phone="+8613800138000",
    )
    # references differ by the case of their letters, and what is said of a friend is the other's
    other = {"reference": "XiaoLi", "profile": {"friend": "xiaoli"}, "birthday": "never"}
    sent: list[dict[str, Any]] = [
        {"reference": "a", "name": "Li", "email": "LI@example.com"},
        {"reference": "b", "name": "Li", "phone": "+86 138 0013 8000"},
        {"reference": " xiaoli", "name": "Li"},
        {"Reference": "xiaoli", "name": "Li"},
        other,
    ]
    job = await bring(stage, "MEMBERS", b"\n".join(map(orjson.dumps, sent)))
    assert (job["done"], job["refused"]) == (0, 5)
    # by then it is found by other contacts than the rows say
    partner = await stage.partner()
    new = {"email": "new@example.com", "phone": "+8613900139000"}
    await partner.done("updateMember", member=HIM, **new)

    await stage.staff().done("eraseMember", member=HIM, confirm=0)

    assert await contents(stage) == [{}, {}, {}, {}, other]
    _, *lines = await refused(job)
    assert [line[-1] for line in lines[:4]] == ["The data of its member was erased."] * 4


async def test_what_was_proposed_of_a_booking_is_emptied_with_its_member() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    kim = stage.staff("kim")
    line = {"product": "hotel", "amount": "100"}
    await kim.done("earnForBooking", member=HIM, reference="B", lines=[line])
    more = {**line, "amount": "20000"}
    proposed = await kim.done(
        "amendBooking", "proposal { id input }", booking="B", reference="A", lines=[more]
    )
    said = proposed["proposal"]["input"]
    found = await kim.read('{ member(by: {reference: "xiaoli"}) { id } }')
    assert (said["member"]["id"], said["booking"]) == (found["member"]["id"], "B")

    await kim.done("eraseMember", member=HIM, confirm=100)

    [kept] = await rows("SELECT input FROM proposal WHERE programme_id = $1", stage.programme.id)
    assert orjson.loads(kept["input"]) == {"erased": True}
    refusal = await stage.staff("lee").refused(
        "approveProposal", proposal=proposed["proposal"]["id"]
    )
    assert refusal["code"] == "PROPOSAL_STATE"


async def test_what_is_proposed_of_others_is_nobody_whose_reference_is_said_in_it() -> None:
    stage = await open_stage()
    for name in ("xiaoli", "hotel", "2000000", "kim"):
        await make.enrol(stage.programme, now=TODAY, reference=name)
    line = {"product": "hotel", "amount": "2000000"}
    kim = stage.staff("kim")
    proposed = await kim.done(
        "earnForBooking", "proposal { id }", member=HIM, reference="kim", lines=[line]
    )

    for name in ("hotel", "2000000", "kim"):
        await kim.done("eraseMember", member={"reference": name}, confirm=0)

    lee = stage.staff("lee")
    await lee.done("approveProposal", proposal=proposed["proposal"]["id"])
    assert await make.entries(await stage.member_id("xiaoli")) == [("EARN", 2000000)]


VIP = {"code": "vip", "name": make.WORDS, "list": True}

FILES: dict[str, tuple[dict[str, Any], bytes]] = {
    "MEMBERS": ({}, b"reference,name\nkeeper,Kim\nxiaoli,Li\n"),
    "BALANCES": (
        {"controlRows": 2, "controlPoints": 1000},
        b"member,points,expires_on\nkeeper,700,2126-12-31\nxiaoli,300,2126-12-31\n",
    ),
    "STANDINGS": (
        {},
        (
            b"member,tier,through,spend,spent_on\nkeeper,gold,2126-12-31,,\n"
            b"xiaoli,gold,2126-12-31,10,2126-01-01\n"
        ),
    ),
    "BOOKINGS": (
        {},
        (
            b"member,reference,booked_at,product,amount\nkeeper,K,2126-03-15T09:00,hotel,100\n"
            b"xiaoli,X,2126-03-15T09:00,hotel,100\n"
        ),
    ),
    "HISTORY": (
        {"history": True},
        (
            b"member,reference,booked_at,product,amount\nkeeper,K,2125-06-01T10:00,hotel,100\n"
            b"xiaoli,X,2125-06-01T10:00,hotel,100\n"
        ),
    ),
    "ACTIVITIES": ({}, b"member,type,reference\nkeeper,review,K\nxiaoli,review,X\n"),
    "SEGMENT": ({"segment": "vip", "replace": True}, b"member\nkeeper\nxiaoli\n"),
}
"""Of each kind of import one that names two members, with its terms."""


@pytest.mark.parametrize("kind", FILES)
async def test_a_row_that_is_emptied_before_it_is_written_is_refused_alone(kind: str) -> None:
    stage = await open_stage(make.shipped_document(segments=[VIP]))
    own, gone = [
        await make.enrol(stage.programme, now=TODAY, reference=name)
        for name in ("keeper", "xiaoli")
    ]
    terms, file = FILES[kind]
    imports = "BOOKINGS" if kind == "HISTORY" else kind
    job_id, url, proposal = await begin(stage.staff(), imports, **terms)
    await put(url, file)
    await check(stage)
    checked = await look(stage, job_id)
    assert (checked["total"], checked["refused"], checked["done"]) == (2, 0, 0)
    await stage.staff().done("eraseMember", member=HIM, confirm=0)
    before = await make.entries(gone)
    if proposal:
        await stage.staff("lee").done("approveProposal", proposal=proposal)

    # one that comes after it is done, too
    later = await bring(stage, "MEMBERS", b"reference\nlater\n")

    job = await look(stage, job_id)
    assert (job["status"], job["done"], job["refused"]) == ("DONE", 1, 1)
    assert (await refused(job))[1][-1] == (
        "The member's data in this row was erased before the row was written."
    )
    assert (later["status"], later["done"]) == ("DONE", 1)
    assert await make.entries(gone) == before
    if kind == "BALANCES":
        assert await make.entries(own) == [("ADJUST", 700)]
    assert await make.faults(own, gone) == []
    assert await miscounted(stage) == []


Said = dict[str, Any]

NUMBERED: dict[str, tuple[Said, Said, Said, Said]] = {
    "MEMBERS": ({}, {"reference": "keeper", "name": "10000"}, {"reference": 10000}, {}),
    "BALANCES": (
        {"controlRows": 2, "controlPoints": 10003},
        {"member": "keeper", "points": "10000", "expires_on": "2126-12-31"},
        {"member": 10000, "points": 3, "expires_on": "2126-12-31"},
        {"points": 3},
    ),
    "STANDINGS": (
        {},
        {"member": "keeper", "spend": "10000", "spent_on": "2126-01-01"},
        {"member": 10000, "spend": 3, "spent_on": "2126-01-01", "tier": "gold"},
        {"spend": 3, "spent_on": "2126-01-01"},
    ),
    **dict.fromkeys(
        ("BOOKINGS", "HISTORY"),
        (
            {},
            {"member": "keeper", "reference": "10000", "product": "hotel", "amount": "10000"},
            {"member": 10000, "reference": "X", "product": "hotel", "amount": 100},
            {},
        ),
    ),
    "ACTIVITIES": (
        {},
        {"member": "keeper", "type": "review", "reference": "10000", "attributes.x": 10000},
        {"member": 10000, "type": "review", "reference": "X"},
        {},
    ),
    "CODES": ({}, {"code": "10000"}, {"code": "20000"}, {"code": "20000"}),
    "SEGMENT": ({"segment": "vip", "replace": True}, {"member": "keeper"}, {"member": 10000}, {}),
}
"""Of each kind of import its terms, a row of another that says what the member 10000 is called, and
one of that member as a number, with what stays of it.
"""


@pytest.mark.parametrize("kind", NUMBERED)
async def test_a_row_is_about_whom_its_columns_name_and_nobody_else(kind: str) -> None:
    stage = await open_stage(make.shipped_document(segments=[VIP]))
    reward = await make.reward(stage.programme, kind="COUPON", list_points=10, pooled_codes=True)
    own, gone = [
        await make.enrol(stage.programme, now=TODAY, reference=name) for name in ("keeper", "10000")
    ]
    terms, other, his, left = NUMBERED[kind]
    if kind == "CODES":
        terms = {"reward": reward.code}
    elif kind in ("BOOKINGS", "HISTORY"):
        terms = {"history": kind == "HISTORY"}
        at = {"booked_at": "2125-06-01T10:00" if terms["history"] else "2126-03-15T09:00"}
        other, his = other | at, his | at
    imports = "BOOKINGS" if kind == "HISTORY" else kind
    job_id, url, proposal = await begin(stage.staff(), imports, **terms)
    await put(url, b"\n".join(map(orjson.dumps, (other, his))))
    await check(stage)
    checked = await look(stage, job_id)
    assert (checked["total"], checked["refused"], checked["done"]) == (2, 0, 0)

    await stage.staff().done("eraseMember", member={"reference": "10000"}, confirm=0)

    assert await contents(stage) == [other, left]
    if proposal:
        await stage.staff("lee").done("approveProposal", proposal=proposal)
    await work(stage)
    job = await look(stage, job_id)
    written = (2, 0) if kind == "CODES" else (1, 1)
    assert (job["status"], job["done"], job["refused"]) == ("DONE", *written)
    assert await make.faults(own, gone) == []
    assert await miscounted(stage) == []
