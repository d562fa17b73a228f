"""Exports through the API: of one instant, in parts, for a week."""

import csv
import gzip
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.jobs import exports, forgetting
from domain.kernel.database import rows
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage, served

pytestmark = pytest.mark.usefixtures("database")

LATER = TODAY + timedelta(hours=2)
READ = "query($id: ID!) { job(id: $id) { kind status total done endsAt downloadUrls } }"


async def fetch(path: str) -> httpx.Response:
    transport = httpx.ASGITransport(served(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://milepost.test") as client:
        return await client.get(path)


async def export(stage: Stage, kind: str, **sent: Any) -> tuple[str, list[dict[str, str]]]:
    """The id of an export, and its rows."""
    staff = stage.staff()
    payload = await staff.done("startExport", "job { id status downloadUrls }", kind=kind, **sent)
    assert (payload["job"]["status"], payload["job"]["downloadUrls"]) == ("QUEUED", [])
    assert await exports.next_of(stage.programme, stage.now()) is None or "asOf" in sent
    await make.make_exports(stage.programme, LATER)
    found = (await staff.read(READ, id=payload["job"]["id"]))["job"]
    assert (found["kind"], found["status"]) == (f"EXPORT_{kind}", "DONE")
    read: list[dict[str, str]] = []
    for url in found["downloadUrls"]:
        answer = await fetch(url)
        assert answer.headers["content-type"] == "application/gzip"
        read += csv.DictReader(io.StringIO(gzip.decompress(answer.content).decode()))
    assert found["total"] == found["done"] == len(read)
    return payload["job"]["id"], read


async def test_members_are_as_they_stood_then() -> None:
    stage = await open_stage()
    staff, before = stage.staff(), TODAY - timedelta(days=2)
    names = ("suspended", "back", "closed", "erased", "gone")
    for name in names:
        await make.enrol(stage.programme, now=before, reference=name, name=f"Li {name}")
    back = await stage.member_id("back")
    await make.suspend(stage.programme, back, now=TODAY - timedelta(days=1))
    gone = await stage.member_id("gone")
    await make.erase(stage.programme, gone, now=TODAY - timedelta(days=1))
    erased = await stage.member_id("erased")
    as_of = TODAY - timedelta(hours=1)
    await staff.done("suspendMember", member={"reference": "suspended"}, reason="late")
    await staff.done("reinstateMember", member={"reference": "back"}, reason="late")
    await staff.done("closeMember", member={"reference": "closed"}, reason="late", forfeit=0)
    await staff.done("eraseMember", member={"reference": "erased"}, confirm=0)

    _, then = await export(stage, "MEMBERS", asOf=as_of.isoformat())
    assert {one["reference"]: (one["status"], one["name"]) for one in then} == {
        "suspended": ("ENROLLED", "Li suspended"),
        "back": ("SUSPENDED", "Li back"),
        "closed": ("ENROLLED", "Li closed"),
        f"erased-{erased}": ("ENROLLED", ""),
    }
    _, now = await export(stage, "MEMBERS")
    assert {one["reference"]: one["status"] for one in now} == {
        "suspended": "SUSPENDED",
        "back": "ENROLLED",
        "closed": "CLOSED",
    }
    # and before anything happened all were there
    _, first = await export(stage, "MEMBERS", asOf=before.isoformat())
    assert [one["status"] for one in first] == ["ENROLLED"] * 5


async def test_an_export_is_of_its_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MEMBERS_AT_ONCE", 1)
    monkeypatch.setattr(exports, "PART_ROWS", 2)
    stage = await open_stage()
    before = TODAY - timedelta(days=1)
    first = await make.enrol(stage.programme, now=before, reference="first", name="=Li, Ming")
    second = await make.enrol(stage.programme, now=before, reference="second")
    await make.give(stage.programme, first, 100, now=before)
    await make.give(stage.programme, second, 10, now=before)
    await make.give(stage.programme, second, 5, now=before)
    as_of = before + timedelta(hours=1)
    await make.adjust(stage.programme, first, -30, now=TODAY)
    gift = await make.reward(stage.programme, list_points=20)
    gift_of_two = await make.reward(stage.programme, list_points=2)
    redeemed = await make.redeem(stage.programme, first, gift, now=TODAY)
    await make.enrol(stage.programme, now=TODAY, reference="third")

    _, then = await export(stage, "LOTS", asOf=as_of.isoformat())
    assert [(one["member"], one["remaining"]) for one in then] == [
        ("first", "100"),
        ("second", "10"),
        ("second", "5"),
    ]
    job_id, now = await export(stage, "LOTS")
    assert [one["remaining"] for one in now] == ["50", "10", "5"]
    assert [one["points"] for one in now] == ["100", "10", "5"]
    _, moved = await export(stage, "LEDGER", asOf=as_of.isoformat())
    assert [(one["member"], one["sequence"], one["points"]) for one in moved] == [
        ("first", "1", "100"),
        ("second", "1", "10"),
        ("second", "2", "5"),
    ]
    _, members = await export(stage, "MEMBERS", asOf=as_of.isoformat())
    assert [(one["reference"], one["name"]) for one in members] == [
        ("first", "'=Li, Ming"),
        ("second", ""),
    ]
    _, taken = await export(stage, "REDEMPTIONS")
    assert [(one["redemption"], one["status"]) for one in taken] == [(str(redeemed), "CONFIRMED")]
    assert (await export(stage, "STATEMENTS"))[1] == []

    earlier = TODAY - timedelta(minutes=5)
    held = await make.redeem(stage.programme, second, gift_of_two, hold=True, now=earlier)
    await make.confirm(stage.programme, second, held, now=TODAY)
    for moment, statuses in (
        (earlier, {str(held): "HELD"}),
        (TODAY, {str(redeemed): "CONFIRMED", str(held): "CONFIRMED"}),
    ):
        _, taken = await export(stage, "REDEMPTIONS", asOf=moment.isoformat())
        assert {one["redemption"]: one["status"] for one in taken} == statuses

    ahead = (LATER + timedelta(days=1)).isoformat()
    problem = await stage.staff().refused("startExport", kind="LOTS", asOf=ahead)
    assert (problem["reason"], problem["path"]) == ("in_future", ["asOf"])
    first_of_all = "0001-01-01T00:00:00Z"
    problem = await stage.staff().refused("startExport", kind="LOTS", asOf=first_of_all)
    assert (problem["reason"], problem["path"]) == ("date_range", ["asOf"])

    found = (await stage.staff().read(READ, id=job_id))["job"]
    [url, *_] = found["downloadUrls"]
    changed = f"{url[:-9]}{'A' if url[-9] != 'A' else 'B'}{url[-8:]}"
    assert [(await fetch(one)).status_code for one in (changed, "/job-files/x", url)] == [
        *(404, 404),
        200,
    ]
    while await forgetting.forget(stage.programme.id, LATER + timedelta(days=8)):
        pass
    assert (await fetch(url)).status_code == 404
    left = await rows(
        "SELECT number FROM export_part p JOIN job j ON j.id = p.job_id WHERE j.programme_id = $1",
        stage.programme.id,
    )
    assert left == []
    assert (await stage.staff().read(READ, id=job_id))["job"]["downloadUrls"] == []
