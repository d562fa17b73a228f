"""Entries that are due stand in the ledger before anybody records them, and stay as they are."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.accounts import sweeps
from domain.kernel.callers import Scope
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

LONG_AGO = TODAY - timedelta(days=400)
ENTRY = """id sequence kind from to points availableChange pendingChange availableAfter effectiveAt
    recorded recordedAt expiresOn reason description note
    booking { reference } redemption { status points } explanation { text }"""
LEDGER = f"""query($first: Int, $after: String, $kinds: [EntryKind!], $from: DateTime,
    $until: DateTime) {{ member(by: {{reference: "xiaoli"}}) {{
    ledger(first: $first, after: $after, kinds: $kinds, from: $from, until: $until) {{
        totalCount pageInfo {{ hasNextPage endCursor }} edges {{
            cursor node {{ {ENTRY} }} }} }} }} }}"""
NODE = f"query($id: ID!) {{ node(id: $id) {{ ... on LedgerEntry {{ {ENTRY} }} }} }}"
DUE = ["EXPIRE", "EXPIRE", "EXPIRE", "MATURE", "RELEASE"]
"""What nobody recorded, the newest first."""


async def sleeper() -> tuple[Stage, UUID]:
    """A member who has done nothing for a year: a hold died, a line matured, lots expired."""
    document = make.shipped_document(
        completion={"overdue_days": 3, "then": "mature"},
    )
    document["earning"][0]["available"] = "on_completion"
    stage = await open_stage(document)
    programme = stage.programme
    member_id = await make.enrol(programme, now=LONG_AGO, reference="xiaoli")
    await make.give(programme, member_id, 700, now=LONG_AGO)
    await make.give(programme, member_id, 50, now=LONG_AGO + timedelta(days=1))
    reward = await make.reward(programme, list_points=100, stock=3)
    later = LONG_AGO + timedelta(days=2)
    await make.book(programme, member_id, ("flight", "300"), reference="B-1", now=later)
    await make.redeem(programme, member_id, reward, hold=True, now=later)
    return stage, member_id


async def ledger(caller: Client, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await caller.read(LEDGER, **variables))["member"]["ledger"]
    return found


def nodes(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in page["edges"]]


def unmarked(page: dict[str, Any]) -> dict[str, Any]:
    """The page without what says whether and when each entry was recorded."""
    for node in nodes(page):
        del node["recorded"], node["recordedAt"]
    return page


async def test_what_is_due_is_listed_marked_and_in_its_place() -> None:
    stage, _ = await sleeper()
    found = nodes(await ledger(stage.staff()))
    assert [(e["kind"], e["points"], e["availableAfter"], e["recorded"]) for e in found] == [
        ("EXPIRE", -300, 0, False),
        ("EXPIRE", -50, 300, False),
        ("EXPIRE", -700, 350, False),
        ("MATURE", 0, 1050, False),
        ("RELEASE", 100, 750, False),
        ("HOLD", -100, 650, True),
        ("EARN", 300, 750, True),
        ("EARN", 50, 750, True),
        ("EARN", 700, 700, True),
    ]
    assert [e["sequence"] for e in found] == list(range(9, 0, -1))
    assert found[3]["booking"] == {"reference": "B-1"}
    assert found[4]["redemption"] == {"status": "RELEASED", "points": 100}
    assert all(e["effectiveAt"] < e["recordedAt"] for e in found[:5])


async def test_nothing_of_it_changes_when_it_is_recorded() -> None:
    stage, member_id = await sleeper()
    staff, partner = stage.staff(), await stage.partner(tuple(Scope), "another-shop")
    everything = await ledger(staff)
    about = everything["edges"][2]["node"]
    asked: list[dict[str, Any]] = [
        {},
        {"first": 2},
        {"first": 2, "after": everything["edges"][1]["cursor"]},
        {"first": 3, "after": everything["edges"][3]["cursor"]},
        {"kinds": ["EXPIRE", "EARN"]},
        {"kinds": ["EARN"], "first": 1},
        {"from": about["effectiveAt"], "until": everything["edges"][0]["node"]["effectiveAt"]},
        {"until": about["effectiveAt"], "first": 4},
    ]

    async def seen() -> list[Any]:
        pages = [unmarked(await ledger(staff, **one)) for one in asked]
        partners = unmarked(await ledger(partner))
        found = [(await staff.read(NODE, id=e["id"]))["node"] for e in nodes(everything)[:6]]
        return [pages, partners, unmarked({"edges": [{"node": one} for one in found]})]

    before = await seen()
    assert await sweeps.post(stage.programme, member_id, stage.now()) == len(DUE)
    after = await seen()
    for expected, found in zip(before, after, strict=True):
        assert found == expected
    assert [e["recorded"] for e in nodes(await ledger(staff))] == [True] * 9
    assert [page["totalCount"] for page in before[0]] == [9, 9, 9, 9, 6, 3, 2, 6]
    assert await make.faults(member_id) == []


async def test_a_page_goes_on_where_it_ended_when_it_is_recorded_in_between() -> None:
    stage, member_id = await sleeper()
    staff = stage.staff()
    whole = [e["id"] for e in nodes(await ledger(staff))]
    read, after = [], None
    for number in range(5):
        page = await ledger(staff, first=2, after=after)
        read += [e["id"] for e in nodes(page)]
        after = page["pageInfo"]["endCursor"]
        if number == 1:
            await sweeps.post(stage.programme, member_id, stage.now())
    assert read == whole
    assert page["pageInfo"]["hasNextPage"] is False


async def test_an_entry_that_is_due_is_no_ones_but_its_members() -> None:
    stage, _ = await sleeper()
    await make.enrol(stage.programme, now=LONG_AGO, reference="other")
    other_programme = await open_stage()
    [first, *_] = nodes(await ledger(stage.staff()))
    for stranger in (stage.member("other"), other_programme.staff()):
        assert await stranger.read(NODE, id=first["id"]) == {"node": None}
    assert (await stage.member().read(NODE, id=first["id"]))["node"]["id"] == first["id"]
