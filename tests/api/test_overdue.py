"""The list of overdue lines as staff and booking systems see it."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest

from domain.bookings import overdue
from domain.kernel.callers import Scope
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

WAITING = {
    "worth": {"points": 100, "money": 1},
    "available": "on_completion",
    "expiry": {"months": 12, "through": "day"},
}
LIST = """query($first: Int, $after: String) { overdueLines(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { line points overdueSince raisedAt booking { reference } } } } }"""
LATER = TODAY + timedelta(days=40)


async def open_asking() -> Stage:
    completion = {"overdue_days": 30, "then": "review"}
    return await open_stage(make.shipped_document(points=WAITING, completion=completion))


async def test_a_line_is_listed_until_it_is_completed() -> None:
    stage = await open_asking()
    partner = await stage.partner()
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    member = {"reference": "xiaoli"}
    for index in range(3):
        line = {"product": "hotel", "amount": str(100 + index), "travelTo": "2126-03-01"}
        await partner.done(
            "earnForBooking", "pointsAwarded", member=member, reference=f"B{index}", lines=[line]
        )
    assert (await partner.read(LIST))["overdueLines"]["edges"] == []
    async for member_id in overdue.members(stage.programme, LATER):
        await overdue.put_up(stage.programme, member_id, LATER)
    first = (await partner.read(LIST, first=2))["overdueLines"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    after = first["pageInfo"]["endCursor"]
    rest = (await stage.staff().read(LIST, first=2, after=after))["overdueLines"]
    nodes = [edge["node"] for edge in first["edges"] + rest["edges"]]
    assert {(node["booking"]["reference"], node["line"], node["points"]) for node in nodes} == {
        ("B0", 1, 100),
        ("B1", 1, 101),
        ("B2", 1, 102),
    }
    assert {node["overdueSince"] for node in nodes} == {"2126-03-31T16:00:00Z"}
    cursor = urlsafe_b64decode(after + "=" * (-len(after) % 4))
    assert cursor.startswith(b'[1,"overdue","2126-03-31T16:00:00+00:00","')
    await partner.done("completeBooking", "pointsMatured", booking="B1")
    left = (await partner.read(LIST))["overdueLines"]["edges"]
    assert {edge["node"]["booking"]["reference"] for edge in left} == {"B0", "B2"}
    shop = await stage.partner(code="other-shop")
    listed = (await shop.read(LIST))["overdueLines"]
    assert (listed["totalCount"], listed["edges"]) == (0, [])
    agency = await stage.partner(tuple(Scope), "agency")
    assert (await agency.read(LIST))["overdueLines"]["totalCount"] == 2
    stranger = await (await open_asking()).partner()
    assert (await stranger.read(LIST))["overdueLines"]["totalCount"] == 0
