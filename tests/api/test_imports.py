"""Imports through the API: started, sent by one PUT, checked and written by the worker's steps."""

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.edge import job_files
from api.kit.relay import from_global_id
from domain.jobs.jobs import WAITING_MAX
from domain.kernel.database import rows
from tests.support import factories as make
from tests.support import figured
from tests.support.callers import TODAY, open_stage
from tests.support.imported import begin, bring, browser, look, put, refused, work

pytestmark = pytest.mark.usefixtures("database")


BOOKED = "member,reference,booked_at,product,amount"
MEMBERS = b"""\xef\xbb\xbfReference,name,email,birthday,profile.city,consent.MARKETING.EMAIL
m-1,Li Ming,li@example.com,1990-02-28,Sanya,yes
m-2,,li@EXAMPLE.com,,,
m-3,"=Wang, Fang",,1990-02-30,,
m-4,,,,,perhaps
m-5,Zhao,zhao@example.com,,,no
m-5,Zhao,zhao@example.com,,,no
m-6,Qian,taken@example.com,,,
"""


async def test_members_move_in_are_brought_up_to_date_and_refused_row_by_row() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="old", email="taken@example.com")
    events = await rows("SELECT count(*) AS n FROM outbox_event")
    job = await bring(stage, "MEMBERS", gzip.compress(MEMBERS))
    assert (job["status"], job["total"], job["done"], job["refused"]) == ("DONE", 7, 3, 4)
    header, *lines = await refused(job)
    assert header[-4:] == ["refused_row", "refused_code", "refused_column", "refused_because"]
    assert [(line[0], *line[-4:-1]) for line in lines] == [
        ("m-2", "2", "EMAIL_TAKEN", "email"),
        ("m-3", "3", "INVALID_INPUT", "birthday"),
        ("m-4", "4", "INVALID_INPUT", "consent.MARKETING.EMAIL"),
        ("m-6", "7", "EMAIL_TAKEN", "email"),
    ]
    assert lines[1][1] == "'=Wang, Fang"
    assert lines[1][-1] == "'1990-02-30' is not a date; give one as 2026-12-31."
    assert (await refused(job, "zh"))[2][
        -1
    ] == "'1990-02-30' 不是日期；请按 2026-12-31 的格式提供。"
    # members are not told of one by one; the job is
    told = await rows(
        "SELECT topic, payload FROM outbox_event ORDER BY id DESC LIMIT $1",
        (await rows("SELECT count(*) AS n FROM outbox_event"))[0]["n"] - events[0]["n"],
    )
    assert [one["topic"] for one in told] == ["job.finished"]
    found = await stage.staff().read(
        """{ member(by: {email: "li@example.com"}) { reference name birthday profile
            consents { purpose channel granted } } }"""
    )
    assert found["member"]["reference"] == "m-1"
    assert found["member"]["profile"] == {"city": "Sanya"}
    said = {"purpose": "MARKETING", "channel": "EMAIL", "granted": True}
    assert said in found["member"]["consents"]

    again = b'{"reference": "m-1", "profile": {"city": "Xi\'an"}}\n{"reference": "m-5"}\n[]'
    job_id, url, _ = await begin(stage.staff(), "MEMBERS", onDifference="REFUSE")
    answer = await put(url, again)
    assert (answer.status_code, answer.json()["message"]) == (422, "Line 3 is not a JSON object.")
    named = from_global_id(job_id)
    assert named is not None
    assert await rows("SELECT number FROM import_row WHERE job_id = $1", named.id) == []
    assert (await put(url, again[:-2])).json()["rows"] == 2
    conflict = await put(url, again[:-2])
    assert (conflict.status_code, conflict.json()["code"]) == (409, "STATE_CONFLICT")
    await work(stage)
    job = await look(stage, job_id)
    assert (job["status"], job["done"], job["refused"]) == ("DONE", 1, 1)
    assert (await refused(job))[1] == [
        *("m-1", '{"city":"Xi\'an"}', "1", "REFERENCE_CONFLICT", "reference"),
        "Reference 'm-1' was already reported with different content.",
    ]
    job = await bring(stage, "MEMBERS", again[:-2])
    assert (job["status"], job["done"], job["refused"]) == ("DONE", 2, 0)
    found = await stage.staff().read('{ member(by: {reference: "m-1"}) { name profile } }')
    assert found["member"] == {"name": "Li Ming", "profile": {"city": "Xi'an"}}
    assert await make.faults(await stage.member_id("m-1"), await stage.member_id("m-5")) == []


BALANCES = b"""member,points,expires_on,earned_on,funder
b-1,1200,2126-12-31,2126-01-05,
b-1,300,9999-12-31,,programme
b-2,700,2126-03-15,,
"""


JOURNAL = """query($period: PeriodInput!) { journal(period: $period) { edges { node {
    day account cohort debit { amount } credit { amount } points } } } }"""


async def test_balances_that_are_brought_open_the_journal() -> None:
    """Points worth 0.01, of which one in five is expected to die; 700 do as their day ends."""
    stage = await open_stage(make.variant(finance={"breakage": "0.2", "method": "remote"}))
    ids = [
        await make.enrol(stage.programme, now=TODAY, reference=f"b-{number}") for number in (1, 2)
    ]
    job = await bring(stage, "BALANCES", BALANCES, controlRows=3, controlPoints=2200)
    assert (job["status"], job["done"]) == ("DONE", 3)
    day = TODAY.date()
    await figured.settle(stage.programme, day, day + timedelta(days=1))
    period = {"from": "2126-03-01", "through": "2126-03-31"}
    found = (await stage.staff().read(JOURNAL, period=period))["journal"]["edges"]
    assert [
        (
            *(edge["node"][name] for name in ("day", "account", "cohort")),
            *(edge["node"][name]["amount"] for name in ("debit", "credit")),
            edge["node"]["points"],
        )
        for edge in found
    ] == [
        ("2126-03-15", "deferred", "2126-01", "0.00", "9.60", 1200),
        ("2126-03-15", "deferred", "2126-03", "0.00", "8.00", 1000),
        ("2126-03-15", "opening", "2126-01", "9.60", "0.00", -1200),
        ("2126-03-15", "opening", "2126-03", "8.00", "0.00", -1000),
        ("2126-03-16", "breakage", "2126-03", "0.00", "5.60", 700),
        ("2126-03-16", "deferred", "2126-03", "5.60", "0.00", -700),
    ]
    assert await make.faults(*ids) == []


async def test_balances_are_written_all_or_none() -> None:
    stage = await open_stage()
    first, second, third = [
        await make.enrol(stage.programme, now=TODAY, reference=f"b-{number}")
        for number in (1, 2, 3)
    ]
    before = await stage.everything()

    async def told(file: bytes, **controls: Any) -> tuple[str, str | None, int, int]:
        job = await bring(stage, "BALANCES", file, **controls)
        return job["status"], job["failure"], job["done"], job["refused"]

    total = {"controlRows": 3, "controlPoints": 2200}
    assert await told(BALANCES, controlRows=3, controlPoints=2300) == (
        *("FAILED", "CONTROL_TOTALS"),
        *(0, 0),
    )
    assert await told(BALANCES, controlRows=4, controlPoints=2200) == (
        *("FAILED", "CONTROL_TOTALS"),
        *(0, 0),
    )
    wrong = BALANCES.replace(b"b-2,700,2126-03-15", b"nobody,700,2126-03-15")
    assert await told(wrong, controlRows=3, controlPoints=1500) == ("FAILED", "ROWS_REFUSED", 0, 1)
    after = await stage.everything()
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"idempotency_key", "outbox_event", "job", "import_row", "proposal"}

    assert await told(BALANCES, **total) == ("DONE", None, 3, 0)
    assert await make.entries(first) == [("ADJUST", 1200), ("ADJUST", 300)]
    assert await make.available(second, TODAY) == 700
    found = await rows(
        "SELECT l.points, l.funder, l.expires_at, l.earned_at, e.actor FROM lot l "
        "JOIN allocation a ON a.member_id = l.member_id AND a.lot_id = l.id "
        "JOIN ledger_entry e ON e.member_id = a.member_id AND e.id = a.entry_id "
        "WHERE l.member_id = $1 AND a.member_id = $1 AND e.member_id = $1 ORDER BY e.sequence",
        first,
    )
    assert found[0]["expires_at"] == datetime(2126, 12, 31, 16, tzinfo=UTC)
    assert found[0]["earned_at"] == datetime(2126, 1, 4, 16, tzinfo=UTC)
    assert found[1]["expires_at"] is None
    assert {one["actor"].partition(":")[0] for one in found} == {"import"}
    assert await make.faults(first, second, third) == []
    # before it is checked nobody approves it, and once it is rejected it ends
    job_id, url, proposal = await begin(stage.staff(), "BALANCES", **total)
    early = await stage.staff("lee").refused("approveProposal", proposal=proposal)
    assert (early["reason"], early["path"]) == ("not_checked", ["proposal"])
    await put(url, BALANCES.replace(b"b-1", b"b-3").replace(b"b-2", b"b-3"))
    await work(stage)
    assert (await look(stage, job_id))["status"] == "QUEUED"
    await stage.staff().done("rejectProposal", proposal=proposal, reason="the wrong file")
    await work(stage)
    assert (await look(stage, job_id))["status"] == "CANCELLED"
    assert await make.entries(third) == []
    # once more it is refused, because there are entries by now
    assert await told(BALANCES, **total) == ("FAILED", "ROWS_REFUSED", 0, 3)


async def test_bookings_activities_codes_and_lists_come_as_rows() -> None:
    segment = {"code": "vip", "name": make.WORDS, "list": True}
    stage = await open_stage(make.shipped_document(segments=[segment]))
    names = ("one", "two", "three")
    ids = [await make.enrol(stage.programme, now=TODAY, reference=name) for name in names]

    async def told(kind: str, file: bytes, **sent: Any) -> tuple[str, int, int]:
        job = await bring(stage, kind, file, **sent)
        return job["status"], job["done"], job["refused"]

    header = b"member,reference,booked_at,product,amount\n"
    past = header + b"one,P-1,2125-05-01T10:00,hotel,100\none,P-2,2125-06-01,hotel,200\n"
    assert await told("BOOKINGS", past + b"nobody,P-3,2125-06-01,hotel,9\n", history=True) == (
        *("DONE", 2),
        1,
    )
    assert await make.entries(ids[0]) == [("EARN", 100), ("EARN", 200)]
    assert await told("BOOKINGS", past, history=True) == ("DONE", 2, 0)
    now = b"one,N-1,2126-03-15T09:00,hotel,50\ntwo,N-2,2126-03-15T09:00,hotel,x\n"
    assert await told("BOOKINGS", header + now) == ("DONE", 1, 1)
    assert (await make.entries(ids[0]))[-1] == ("EARN", 50)
    assert await told("BOOKINGS", header + now) == ("DONE", 1, 1)
    late = header + b"one,L-1,2126-03-01,hotel,50\n"
    job = await bring(stage, "BOOKINGS", late, history=True)
    assert (await refused(job))[1][-1] == (
        "This member has entries that were not made by an import of history."
    )

    had = b"member,tier,through\none,gold,2126-12-31\ntwo,gold,\nthree,brass,\nfour,gold,\n"
    assert await told("STANDINGS", had) == ("DONE", 2, 2)
    assert await told("STANDINGS", had.replace(b"two,gold", b"two,platinum")) == ("DONE", 2, 2)
    held = await rows(
        "SELECT tier, tier_assigned, tier_assigned_until FROM account "
        "WHERE member_id = ANY($1::uuid[]) ORDER BY member_id",
        ids[:2],
    )
    through = datetime(2126, 12, 31, 16, tzinfo=UTC)
    assert [tuple(one.values()) for one in held] == [
        ("gold", "gold", through),
        ("platinum", "platinum", None),
    ]
    done = b"member,type,reference,attributes.city\ntwo,share,S-1,Sanya\ntwo,nothing,S-2,\n"
    assert await told("ACTIVITIES", done) == ("DONE", 1, 1)
    assert await make.available(ids[1], TODAY) > 0

    reward = await make.reward(stage.programme, kind="COUPON", list_points=10, pooled_codes=True)
    codes = b"code,valid_until\nA-1,2127-01-31\na-1,\nB-1,2020-01-01\n"
    assert await told("CODES", codes, reward=reward.code) == ("DONE", 2, 1)
    kept = await rows("SELECT content FROM import_row WHERE status IN ('DONE', 'KNOWN')")
    assert not [one for one in kept if "A-1" in one["content"]]

    assert await told("SEGMENT", b"member\none\ntwo\n", segment="vip") == ("DONE", 2, 0)
    assert await told("SEGMENT", b"member\ntwo\nthree\nfour\n", segment="vip", replace=True) == (
        *("DONE", 2),
        1,
    )
    listed = await rows(
        "SELECT member_id FROM segment_member WHERE programme_id = $1 AND removed_at IS NULL",
        stage.programme.id,
    )
    assert {one["member_id"] for one in listed} == set(ids[1:])
    assert await make.faults(*ids) == []

    for sent, reason, path in (
        ({"kind": "CODES"}, "needed_of_kind", "reward"),
        ({"kind": "MEMBERS", "segment": "vip"}, "of_other_kind", "segment"),
        ({"kind": "ACTIVITIES", "history": True}, "of_other_kind", "history"),
        ({"kind": "MEMBERS", "replace": True}, "of_other_kind", "replace"),
        ({"kind": "BALANCES", "controlRows": 1}, "control_required", "controlPoints"),
        ({"kind": "BALANCES", "controlPoints": 1}, "control_required", "controlRows"),
        ({"kind": "SEGMENT", "segment": "vip", "controlPoints": 1}, "not_of_this_import", None),
        ({"kind": "MEMBERS", "controlRows": -1}, "negative_amount", "controlRows"),
    ):
        problem = await stage.staff().refused("startImport", **sent)
        assert (problem["reason"], problem["path"]) == (reason, [path or "controlPoints"])
    unknown = await stage.staff().refused("startImport", kind="SEGMENT", segment="vips")
    assert (unknown["code"], unknown["known"]) == ("NOT_FOUND", ["vip"])


async def test_a_booking_that_a_refund_waits_for_is_no_history() -> None:
    stage = await open_stage()
    member = await make.enrol(stage.programme, now=TODAY, reference="one")
    waiting = await (await stage.partner()).done(
        "refundBooking", "parked", booking="W-1", reference="R"
    )
    assert waiting["parked"]
    header = b"member,reference,booked_at,product,amount\n"
    past = b"one,P-1,2126-03-01,hotel,100\none,W-1,2126-03-02,hotel,200\n"
    job = await bring(stage, "BOOKINGS", header + past, history=True)
    assert (job["done"], job["refused"]) == (1, 1)
    assert (await refused(job))[1][-1] == (
        "A refund or completion of booking W-1 arrived earlier and is waiting for it; "
        "report the booking as a current one, not as history."
    )
    job = await bring(stage, "BOOKINGS", header + past.splitlines(keepends=True)[1])
    assert (job["done"], job["refused"]) == (1, 0)
    assert await make.entries(member) == [("EARN", 100), ("EARN", 200)]
    assert await make.faults(member) == []


async def test_a_row_of_nonsense_is_refused_by_itself() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="a")
    content = (
        b"member,reference,booked_at,product,amount\n"
        b"a,B-1,2126-01-01,hotel,1\0\na,B-2,20\00026,hotel,1\na,B-3,2126-01-01,hotel\0,1\n"
        b"a\0,B-4,2126-01-01,hotel,1\na,B-5\0,2126-01-01,hotel,1\n"
    )
    job = await bring(stage, "BOOKINGS", content)
    assert (job["status"], job["total"], job["refused"]) == ("DONE", 5, 5)
    _, *found = await refused(job)
    assert [line[-4] for line in found] == ["1", "2", "3", "4", "5"]
    assert not any("\0" in line[-1] for line in found)


class BrokenOff(Exception):
    """The line of whoever sends a file."""


async def test_a_file_that_is_broken_off_leaves_nothing_and_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job_files, "BATCH_ROWS", 2)
    stage = await open_stage()
    job_id, url, _ = await begin(stage.staff(), "MEMBERS")

    async def broken() -> AsyncIterator[bytes]:
        yield b"reference\na\nb\nc\n"
        stored = await rows("SELECT content FROM import_row WHERE job_id = $1", own)
        assert len(stored) == 2
        raise BrokenOff

    named = from_global_id(job_id)
    assert named is not None
    own = named.id
    assert (await put(url, broken())).status_code == 500
    assert await rows("SELECT content FROM import_row WHERE job_id = $1", own) == []
    huge = await put(url, b"reference\n", **{"Content-Length": str(2**30 + 1)})
    assert (huge.status_code, huge.json()["status"]) == (413, "refused")
    chinese = await put(url, b"colour\n", **{"Accept-Language": "zh"})
    assert (chinese.status_code, chinese.json()["message"][:3]) == (422, "'co")
    monkeypatch.setattr(job_files, "AT_ONCE_MAX", 0)
    full = await put(url, b"reference\na\n")
    assert (full.status_code, full.headers["retry-after"]) == (503, "5")
    monkeypatch.undo()
    async with browser() as client:
        assert (await client.get(url)).status_code == 404
    assert (await put(url, b"reference\na\n")).json()["rows"] == 1
    await work(stage)
    assert (await look(stage, job_id))["done"] == 1
    replayed = await stage.staff().done("startImport", "uploadUrl", kind="MEMBERS", key="again")
    again = await stage.staff().done("startImport", "uploadUrl", kind="MEMBERS", key="again")
    assert replayed["uploadUrl"] == again["uploadUrl"]
    for _ in range(WAITING_MAX - 1):
        await make.start_import(stage.programme, now=TODAY)
    problem = await stage.staff().refused("startImport", kind="MEMBERS")
    assert (problem["reason"], problem["value"]) == ("too_many_jobs", str(WAITING_MAX))
    assert problem["path"] in (None, [])


async def test_points_that_are_too_many_are_told_so() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="li")
    file = b"member,points,expires_on\nli,99999999999999999999,2126-12-31\n"
    job = await bring(stage, "BALANCES", file, controlRows=1, controlPoints=1)
    [_, line] = await refused(job)
    assert line[-1] == "99999999999999999999 is too large; at most 999999999999999999."


@pytest.mark.parametrize(
    ("kind", "header", "row", "column"),
    [
        ("STANDINGS", "member,tier,through", "li,gold,2020-01-01", "through"),
        ("BOOKINGS", BOOKED, "li,B-1,2126-01-01,hotel,99999999999999999", "amount"),
        ("BOOKINGS", BOOKED, "li,B-1,2126-01-01,yacht,100", "product"),
        ("BOOKINGS", BOOKED, "li,B-1,1990-01-01,hotel,100", "booked_at"),
        (
            "BOOKINGS",
            f"{BOOKED},travel_from,travel_to",
            "li,B-1,2126-01-01,hotel,100,2126-01-03,2126-01-02",
            "travel_to",
        ),
        (
            "BOOKINGS",
            f"{BOOKED},attributes.ownMark",
            "li,B-1,2126-01-01,hotel,100,x",
            "attributes.ownMark",
        ),
        (
            "ACTIVITIES",
            "member,type,reference,occurred_at",
            "li,verification,V-1,2020-01-01T00:00",
            "occurred_at",
        ),
    ],
)
async def test_a_refused_row_names_a_column_of_its_file(
    kind: str, header: str, row: str, column: str
) -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="li")
    job = await bring(stage, kind, f"{header}\n{row}\n".encode())
    [names, line] = await refused(job)
    assert line[names.index("refused_column")] == column, line
