"""The feed as systems follow it: everything once, in order, and to each what it may see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.accounts import accounts
from domain.delivery import forgetting
from domain.kernel.callers import Scope
from domain.kernel.database import update
from tests.support import factories as make
from tests.support import numbered, sending
from tests.support.callers import Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

EVENTS = """query($topics: [String!], $member: MemberBy, $first: Int, $after: String) {
    events(topics: $topics, member: $member, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { id type occurredAt sequence member { id reference } data } } } }"""
OF_ONE = ["member.enrolled", "booking.recorded", "points.earned"]
"""Of a member who has booked."""

POLICY = ["policy.published"]
HOTEL = {"product": "hotel", "amount": "100"}
LATER = datetime.now(UTC) + timedelta(minutes=1)
"""The worker's instant."""


async def with_bookings(*references: str) -> tuple[Stage, Client]:
    """A programme with a member of each reference who has booked once; all is numbered."""
    stage = await open_stage()
    partner = await stage.partner([Scope.EARN, Scope.MEMBERS])
    for reference in references:
        await partner.done("enrolMember", reference=reference)
        await book(partner, reference)
    await sending.notify(stage.programme, LATER)
    return stage, partner


async def book(partner: Client, reference: str, number: int = 1) -> None:
    await partner.done(
        "earnForBooking",
        member={"reference": reference},
        reference=f"{reference}-{number}",
        lines=[HOTEL],
    )


async def read(client: Client, **asked: Any) -> Any:
    return (await client.read(EVENTS, **asked))["events"]


def types(page: Any) -> list[str]:
    return [edge["node"]["type"] for edge in page["edges"]]


async def walk(client: Client, size: int, **asked: Any) -> list[Any]:
    """All nodes, page by page."""
    nodes, after = [], None
    while True:
        page = await read(client, first=size, after=after, **asked)
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        nodes += [edge["node"] for edge in page["edges"]]
        if page["edges"]:
            assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes


async def test_an_event_is_shown_as_its_type_says() -> None:
    stage, _ = await with_bookings("wang")

    page = await read(stage.staff(), member={"reference": "wang"})

    assert types(page) == OF_ONE
    enrolled, recorded, earned = [edge["node"] for edge in page["edges"]]
    member = (await stage.staff().read('{ member(by: {reference: "wang"}) { id } }'))["member"]
    assert enrolled["member"] == {"id": member["id"], "reference": "wang"}
    assert (enrolled["sequence"], enrolled["data"]) == (0, {"status": "ENROLLED"})
    assert recorded["data"]["reference"] == "wang-1"
    assert earned["data"] == {
        "points": 100,
        "pending": 0,
        "rules": ["base"],
        "bookingId": recorded["data"]["bookingId"],
        "activityId": None,
    }
    booking = "query($id: ID!) { node(id: $id) { ... on Booking { reference } } }"
    found = await stage.staff().read(booking, id=recorded["data"]["bookingId"])
    assert found == {"node": {"reference": "wang-1"}}
    assert (earned["sequence"], recorded["occurredAt"]) == (1, earned["occurredAt"])


async def test_pages_have_every_event_once_and_each_members_in_order() -> None:
    members = [f"m{number}" for number in range(8)]
    stage, partner = await with_bookings(*members)
    staff = stage.staff()
    whole = await read(staff, first=100)
    assert whole["totalCount"] == len(whole["edges"]) == 1 + 3 * len(members)

    for size in (1, 4, 25):
        assert await walk(staff, size) == [edge["node"] for edge in whole["edges"]]
    of_each: dict[str, list[str]] = {}
    for edge in whole["edges"]:
        if member := edge["node"]["member"]:
            of_each.setdefault(member["reference"], []).append(edge["node"]["type"])
    assert of_each == dict.fromkeys(members, OF_ONE)
    # whoever has read all goes on from there
    after = whole["pageInfo"]["endCursor"]
    assert types(await read(staff, after=after)) == []
    await book(partner, "m3", 2)
    await numbered.number(stage.programme, LATER)
    assert types(await read(staff, after=after)) == ["booking.recorded", "points.earned"]


async def test_a_partner_has_what_concerns_it_and_with_read_all() -> None:
    stage, partner = await with_bookings("wang", "li")
    other = await stage.partner([Scope.EARN], "other-shop")
    await book(other, "li", 2)
    await numbered.number(stage.programme, LATER)
    assert sorted(types(await read(partner))) == sorted(OF_ONE * 2)
    assert types(await read(other)) == ["booking.recorded", "points.earned"]
    assert (await read(other))["totalCount"] == 2
    assert types(await read(other, topics=["points.earned"])) == ["points.earned"]
    reader = await stage.partner([Scope.READ], "reader")
    assert sorted(types(await read(reader))) == sorted([*OF_ONE * 2, *OF_ONE[1:], *POLICY])
    assert types(await read(reader, member={"reference": "wang"})) == OF_ONE
    agency = await stage.partner([Scope.ALL_PARTNERS], "agency")
    assert types(await read(agency)) == []


async def test_a_fact_about_anothers_booking_tells_its_reporter_nothing() -> None:
    stage, partner = await with_bookings("wang")
    stranger = await stage.partner([Scope.EARN], "stranger")
    whole = {"booking": "wang-2", "reference": "R"}
    await stranger.done("refundBooking", **whole)
    await book(partner, "wang", 2)
    await numbered.number(stage.programme, LATER)

    assert types(await read(stranger)) == []
    assert "fact.refused" not in types(await read(partner))
    [refused] = (await read(stage.staff(), topics=["fact.refused"]))["edges"]
    data = refused["node"]["data"]
    assert data.pop("bookingId")
    assert data == {**whole, "kind": "refund", "problem": "NOT_FOUND"}


async def test_what_changed_of_a_member_is_named_and_not_said() -> None:
    stage, partner = await with_bookings("wang")
    changes: list[dict[str, Any]] = [
        {"name": "Wang"},
        {"name": "Wang", "locale": "en"},
        {"name": "Wang"},
    ]
    for sent in changes:
        await partner.done("updateMember", member={"reference": "wang"}, **sent)
    await numbered.number(stage.programme, LATER)

    changed = await read(stage.staff(), topics=["member.changed"])

    told = [edge["node"]["data"] for edge in changed["edges"]]
    assert told == [{"fields": ["name"]}, {"fields": ["locale"]}]


async def test_points_that_time_matures_are_told_to_the_bookings_partner() -> None:
    points = {"worth": {"points": 100, "money": 1}, "available": "on_completion"}
    completion = {"overdue_days": 10, "then": "mature"}
    stage = await open_stage(make.shipped_document(points=points, completion=completion))
    partner = await stage.partner([Scope.EARN, Scope.MEMBERS])
    await partner.done("enrolMember", reference="wang")
    await book(partner, "wang")
    later = stage.now() + timedelta(days=60)
    assert await accounts.catch_up(stage.programme, await stage.member_id("wang"), later) == 1
    await numbered.number(stage.programme, LATER)

    [told] = (await read(partner, topics=["points.matured"]))["edges"]
    [earned] = (await read(partner, topics=["points.earned"]))["edges"]
    booking = earned["node"]["data"]["bookingId"]
    assert told["node"]["data"] == {"points": 100, "bookingId": booking}
    assert earned["node"]["data"]["pending"] == 100


async def test_topics_and_members_are_looked_for() -> None:
    stage, _ = await with_bookings("wang", "li")
    staff = stage.staff()
    wanted = ["points.earned", "policy.published"]
    assert sorted(types(await read(staff, topics=wanted))) == ["points.earned"] * 2 + POLICY
    assert len(await walk(staff, 1, topics=wanted)) == 3
    named = {"member": {"reference": "li"}, "topics": wanted}
    assert types(await read(staff, **named)) == ["points.earned"]
    assert (await read(staff, **named))["totalCount"] == 1
    nobody = await read(staff, member={"reference": "nobody"})
    assert (nobody["edges"], nobody["totalCount"]) == ([], 0)
    assert types(await read(staff, topics=[])) == []
    for topics, said in (
        (["nothing"], "is not a type of events"),
        (["tier.changed"] * 21, "at most 20"),
    ):
        answer = await staff.ask(EVENTS, topics=topics)
        assert codes(answer) == ["BAD_USER_INPUT"]
        assert said in answer["errors"][0]["message"]


async def test_a_cursor_behind_which_nothing_is_kept_is_refused() -> None:
    stage, partner = await with_bookings("wang")
    staff = stage.staff()
    first = (await read(staff, first=1))["pageInfo"]["endCursor"]
    end = (await read(staff))["pageInfo"]["endCursor"]
    await forgetting.forget(LATER + timedelta(days=30, seconds=1))

    answer = await staff.ask(EVENTS, after=first)

    assert codes(answer) == ["BAD_CURSOR"]
    told = answer["errors"][0]["extensions"]
    assert (told["reason"], told["oldest"]) == ("EXPIRED", None)
    # nothing was missed by whoever had read all, nor by whoever looks for what never came
    assert types(await read(staff, after=end)) == []
    await book(partner, "wang", 2)
    await sending.notify(stage.programme, LATER)
    assert types(await read(staff, after=end)) == ["booking.recorded", "points.earned"]
    assert types(await read(staff)) == ["booking.recorded", "points.earned"]
    answer = await staff.ask(EVENTS, after=first)
    assert answer["errors"][0]["extensions"]["oldest"] == LATER.isoformat()


async def test_a_reader_of_what_is_rare_never_falls_behind() -> None:
    stage, _ = await with_bookings("wang")
    rare = {"topics": ["tier.changed"]}
    end = (await read(stage.staff(), **rare))["pageInfo"]["endCursor"]
    await forgetting.forget(LATER + timedelta(days=30, seconds=1))
    assert types(await read(stage.staff(), after=end, **rare)) == []


async def test_a_cursor_of_another_programme_is_none() -> None:
    stage, _ = await with_bookings("wang")
    other, _ = await with_bookings("wang")
    cursor = (await read(other.staff()))["pageInfo"]["endCursor"]
    for wrong in (cursor, "nonsense", ""):
        assert codes(await stage.staff().ask(EVENTS, after=wrong)) == ["BAD_CURSOR"]


async def test_an_erased_member_has_no_reference() -> None:
    stage, _ = await with_bookings("wang")
    await update("UPDATE member SET status = 'ERASED' WHERE reference = 'wang'")
    told = [edge["node"]["member"] for edge in (await read(stage.staff()))["edges"]]
    assert {member["reference"] for member in told if member} == {None}


async def test_a_page_is_a_few_statements_however_many_it_has(statements: list[str]) -> None:
    stage, _ = await with_bookings(*(f"m{number}" for number in range(5)))
    staff = stage.staff()
    for asked in ({}, {"topics": ["points.earned"]}, {"first": 3}):
        await read(staff, **asked)
        statements.clear()
        query = EVENTS.replace("totalCount", "")
        assert (await staff.read(query, **asked))["events"]["edges"]
        tables = ("feed_head", "feed_entry", "outbox_event", "member")
        told = [one for one in statements if any(f"FROM {table} " in one for table in tables)]
        assert len(told) == 4, told


async def test_types_are_told_with_their_schemas() -> None:
    stage = await open_stage()
    found = (await stage.staff().read("{ eventTypes { type schema } }"))["eventTypes"]
    by_type = {one["type"]: one["schema"] for one in found}
    assert by_type["points.expired"]["properties"]["on"] == {"format": "date", "type": "string"}
    assert list(by_type) == sorted(by_type)
