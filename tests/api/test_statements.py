"""How many statements lists take: none per row; `test_hot_statements` has single operations."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import models
from domain.kernel import cache
from domain.kernel.callers import Scope
from domain.kernel.ids import new_code, new_id
from domain.members import enrolment
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

LONG_AGO = TODAY - timedelta(days=400)
"""Points of then have expired and nobody has booked it yet."""

LISTS = {
    "members with balances and standings": """query($first: Int!) { list: members(first: $first) {
        edges { node { reference profile balance { available worth { amount }
            nextExpiry { points on } } standing { tier { code name benefits { text } }
            progress { current next { code } text } } expirySchedule { points on } } } } }""",
    "rewards": """query($first: Int!) { list: rewards(first: $first) {
        edges { node { code name description points affordable remaining
            minimumTier { code } worth { amount } } } } }""",
    "rewards for a member": """query($first: Int!) { list: rewards(first: $first,
        for: {reference: "busy"}) { edges { node { code points affordable } } } }""",
}
LISTS_WITHIN = {
    "ledgers of members": """query($first: Int!) { list: members(first: $first) { edges { node {
        ledger(first: 2) { totalCount edges { node { sequence description
            booking { reference lines { number } } explanation { text } } } } } } } }""",
    "bookings of members": """query($first: Int!) { list: members(first: $first) { edges { node {
        bookings(first: 2) { totalCount edges { node { reference awards { rule } } } } } } } }""",
    "redemptions of members": """query($first: Int!) { list: members(first: $first) { edges { node {
        redemptions(first: 2) { totalCount edges { node { status reward { code } } } } } } } }""",
    "past balances of members": """query($first: Int!) { list: members(first: $first) {
        edges { node { balance(asOf: "2126-03-01T00:00:00Z") { available held
            nextExpiry { points on } } } } } }""",
}
MEMBER_LISTS = {
    "ledger": """query($first: Int!) { member(by: {reference: "busy"}) {
        list: ledger(first: $first) { edges { node { sequence description
            booking { reference lines { number points } awards { rule text } }
            redemption { status reward { code name points affordable } }
            explanation { code text } } } } } }""",
    "bookings": """query($first: Int!) { member(by: {reference: "busy"}) {
        list: bookings(first: $first) { edges { node { reference total { amount }
            lines { product amount { amount } points } awards { rule points text } } } } } }""",
    "redemptions": """query($first: Int!) { member(by: {reference: "busy"}) {
        list: redemptions(first: $first) { edges { node { status codes worth { amount }
            reward { code name points affordable minimumTier { code } } } } } } }""",
}


async def crowd(stage: Stage, number: int) -> list[UUID]:
    """So many members at once, with nothing but their accounts."""
    joined = TODAY - timedelta(days=500)
    rows = [
        models.Member(
            member_id=new_id(),
            programme_id=stage.programme.id,
            reference=f"crowd-{index}",
            locale="zh-CN",
            profile={"city": "Sanya"},
            status="ENROLLED",
            joined_at=joined + timedelta(minutes=index),
            referral_code=new_code(12),
        )
        for index in range(number)
    ]
    await enrolment.insert(rows, stage.programme)
    return [row.member_id for row in rows]


async def busy_member(stage: Stage, *, bookings: int, redemptions: int) -> UUID:
    """A member of many bookings, each of two lines, and many redemptions of many rewards."""
    member_id = await make.enrol(stage.programme, now=TODAY, reference="busy")
    for _ in range(bookings):
        await make.book(
            stage.programme, member_id, ("flight", "3000"), ("hotel", "100.50"), now=TODAY
        )
    for index in range(redemptions):
        one = await make.reward(stage.programme, list_points=10 + index, stock=10)
        await make.redeem(stage.programme, member_id, one, now=TODAY)
    return member_id


async def populated() -> Stage:
    """1000 members, the newest 60 of which have expired points; one has over 100 entries."""
    stage = await open_stage()
    crowded = await crowd(stage, 1000)
    for member_id in crowded[-60:]:
        await make.give(stage.programme, member_id, 100, now=LONG_AGO)
    await busy_member(stage, bookings=52, redemptions=52)
    return stage


async def counted(
    client: Client, statements: list[str], query: str, **variables: Any
) -> tuple[int, Any]:
    """How many statements the query takes once everything is warm, and its data."""
    await client.read(query, **variables)
    statements.clear()
    data = await client.read(query, **variables)
    return len(statements), data


async def test_no_list_takes_a_statement_per_row(database: Database, statements: list[str]) -> None:
    stage = await populated()
    partner = await stage.partner(tuple(Scope))

    async with cache.listening(database.serving):
        for name, query in {**LISTS, **MEMBER_LISTS}.items():
            counts = []
            for size in (5, 50):
                count, data = await counted(partner, statements, query, first=size)
                found = data["list"] if "list" in data else data["member"]["list"]
                assert len(found["edges"]) == size, name
                counts.append(count)
            assert counts[0] == counts[1], (name, counts, statements)
            assert counts[0] <= 8, (name, counts, statements)

    whole = await partner.read(
        """{ members(filter: {text: "crowd-99"}) { totalCount }
            everybody: members(first: 1) { totalCount }
            member(by: {reference: "busy"}) { ledger(first: 1) { totalCount } } }"""
    )
    assert whole == {
        "members": {"totalCount": 11},
        "everybody": {"totalCount": 1001},
        "member": {"ledger": {"totalCount": 104}},
    }


async def test_lists_within_a_list_take_no_statement_per_member(
    database: Database, statements: list[str]
) -> None:
    stage = await open_stage()
    reward = await make.reward(stage.programme, list_points=10, stock=100)
    for _ in range(30):
        member_id = await make.enrol(stage.programme, now=TODAY - timedelta(days=40))
        for days in (39, 3):
            then = TODAY - timedelta(days=days)
            await make.book(stage.programme, member_id, ("hotel", "100"), now=then)
            await make.redeem(stage.programme, member_id, reward, now=then, hold=days == 3)
    staff = stage.staff()

    async with cache.listening(database.serving):
        for what, query in LISTS_WITHIN.items():
            taken = []
            for first in (3, 3, 30):
                statements.clear()
                data = await staff.read(query, first=first)
                assert len(data["list"]["edges"]) == first
                taken.append(len(statements))
            assert taken[1] == taken[2] > 0, (what, taken)


async def test_many_nodes_are_read_together(database: Database, statements: list[str]) -> None:
    stage = await open_stage()
    await busy_member(stage, bookings=12, redemptions=12)
    partner = await stage.partner(tuple(Scope))
    found = await partner.read(
        """{ member(by: {reference: "busy"}) { id
            bookings { edges { node { id } } }
            ledger(first: 24) { edges { node { id } } }
            redemptions { edges { node { id reward { id } } } } } }"""
    )
    ids = [found["member"]["id"]]
    for name in ("bookings", "ledger", "redemptions"):
        ids += [edge["node"]["id"] for edge in found["member"][name]["edges"]]
    ids += [edge["node"]["reward"]["id"] for edge in found["member"]["redemptions"]["edges"]]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }"

    async with cache.listening(database.serving):
        count, data = await counted(partner, statements, query, ids=ids)

    assert [node["id"] for node in data["nodes"]] == ids
    assert len(ids) == 61
    assert count == 5, statements


async def test_a_total_is_counted_only_when_it_is_asked_for(
    database: Database, statements: list[str]
) -> None:
    stage = await open_stage()
    await busy_member(stage, bookings=2, redemptions=0)
    member = stage.member("busy")

    async with cache.listening(database.serving):
        plain, _ = await counted(member, statements, "{ me { ledger { edges { cursor } } } }")
        total, _ = await counted(member, statements, "{ me { ledger { totalCount } } }")

    assert (plain, total) == (1, 2)


async def test_a_subject_of_the_audit_is_looked_up_by_one_statement(
    database: Database, statements: list[str]
) -> None:
    stage = await open_stage()
    staff = stage.staff()
    await staff.done("enrolMember", reference="li")
    query = "query($subject: String!) { audit(subject: $subject) { edges { node { subject } } } }"

    async with cache.listening(database.serving):
        for subject, expected in (("li", 2), ("member:li", 2), ("key:li", 1)):
            count, data = await counted(staff, statements, query, subject=subject)
            assert count == expected, statements
            assert len(data["audit"]["edges"]) == (subject != "key:li")
