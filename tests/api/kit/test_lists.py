"""Lists page by page: nothing twice, nothing left out, in order, and only what a filter says."""

from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from api.kit.relay import from_global_id
from tests.support import factories as make
from tests.support.callers import TODAY, Client, open_stage
from tests.support.things import furnished

pytestmark = pytest.mark.usefixtures("database")

PAGE = """totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { NODE } }"""


async def walk(client: Client, query: str, name: str, first: int) -> list[Any]:
    """Every node, one page after the other; what each page says of itself holds."""
    nodes: list[Any] = []
    after = None
    while True:
        data = await client.read(query, first=first, after=after)
        page = data["member"][name] if "member" in data else data[name]
        edges, info = page["edges"], page["pageInfo"]
        assert info["hasPreviousPage"] is (after is not None)
        assert info["startCursor"] == (edges[0]["cursor"] if edges else None)
        assert info["endCursor"] == (edges[-1]["cursor"] if edges else None)
        nodes += [edge["node"] for edge in edges]
        if not info["hasNextPage"]:
            assert page["totalCount"] == len(nodes)
            return nodes
        assert len(edges) == first
        after = info["endCursor"]


@pytest.mark.parametrize("first", [1, 3, 7, 100])
async def test_every_list_is_walked_through(first: int) -> None:
    stage = await open_stage()
    for index in range(7):
        joined = TODAY - timedelta(days=index // 2)
        await make.enrol(stage.programme, now=joined, reference=f"m-{index}")
    member_id = await make.enrol(stage.programme, now=TODAY, reference="busy")
    for index in range(7):
        booked_at = TODAY - timedelta(days=index // 3)
        await make.book(
            stage.programme, member_id, ("hotel", "1000"), booked_at=booked_at, now=TODAY
        )
        # prices meet in pairs, so that the second part of the sort key decides
        bought = await make.reward(stage.programme, code=f"r-{index}", list_points=100 + index // 2)
        await make.redeem(stage.programme, member_id, bought, now=TODAY)
    staff = stage.staff()

    def whole(name: str, node: str) -> str:
        return f"""query($first: Int!, $after: String) {{
            {name}(first: $first, after: $after) {{ {PAGE.replace("NODE", node)} }} }}"""

    def of_member(name: str, node: str) -> str:
        return f"""query($first: Int!, $after: String) {{ member(by: {{reference: "busy"}}) {{
            {name}(first: $first, after: $after) {{ {PAGE.replace("NODE", node)} }} }} }}"""

    members = await walk(staff, whole("members", "reference joinedAt"), "members", first)
    assert {node["reference"] for node in members} == {"busy", *(f"m-{n}" for n in range(7))}
    assert len(members) == 8
    joined_at = [node["joinedAt"] for node in members]
    assert joined_at == sorted(joined_at, reverse=True)

    rewards = await walk(staff, whole("rewards", "code listPoints"), "rewards", first)
    assert [node["code"] for node in rewards] == [f"r-{n}" for n in range(7)]

    ledger = await walk(staff, of_member("ledger", "sequence"), "ledger", first)
    assert [node["sequence"] for node in ledger] == list(range(14, 0, -1))

    bookings = await walk(staff, of_member("bookings", "reference bookedAt"), "bookings", first)
    booked = [node["bookedAt"] for node in bookings]
    assert booked == sorted(booked, reverse=True)
    assert len({node["reference"] for node in bookings}) == 7

    redemptions = await walk(staff, of_member("redemptions", "id createdAt"), "redemptions", first)
    assert len({node["id"] for node in redemptions}) == 7


async def test_a_cursor_holds_the_sort_key_of_its_row() -> None:
    stage = (await furnished()).stage
    staff, me = stage.staff(), stage.member()
    page = "(first: 1) { edges { cursor node { NODE } } }"

    async def row(client: Client, query: str, *names: str) -> tuple[list[Any], list[Any]]:
        """What the first row's cursor says after its version, and these fields of the row."""
        answer = await client.read(query)
        listing = next(iter((answer.get("me") or answer).values()))
        edge = listing["edges"][0]
        cursor = edge["cursor"] + "=" * (-len(edge["cursor"]) % 4)
        version, *parts = orjson.loads(urlsafe_b64decode(cursor))
        assert version == 1
        return parts, [edge["node"][name] for name in names]

    def written(instant: str) -> str:
        return datetime.fromisoformat(instant).isoformat()

    def own(global_id: str) -> str:
        named = from_global_id(global_id)
        assert named is not None
        return str(named.id)

    mine = "{ me { NAME" + page + " } }"
    own_id = own((await me.read("{ me { id } }"))["me"]["id"])
    parts, fields = await row(me, _of(mine, "ledger", "sequence"), "sequence")
    assert parts == [f"ledger {own_id}", *fields]
    parts, (at, named) = await row(me, _of(mine, "bookings", "bookedAt id"), "bookedAt", "id")
    assert parts == [f"bookings {own_id}", written(at), own(named)]
    parts, (at, named) = await row(me, _of(mine, "redemptions", "createdAt id"), "createdAt", "id")
    assert parts == [f"redemptions {own_id}", written(at), own(named)]
    every = "{ NAME" + page + " }"
    parts, (at, named) = await row(staff, _of(every, "members", "joinedAt id"), "joinedAt", "id")
    assert parts == ["members", written(at), own(named)]
    parts, fields = await row(staff, _of(every, "rewards", "listPoints code"), "listPoints", "code")
    assert parts == ["rewards-points_asc", *fields]


def _of(query: str, name: str, fields: str) -> str:
    return query.replace("NAME", name).replace("NODE", fields)


async def test_a_page_continues_where_it_ended_whatever_came_meanwhile() -> None:
    things = await furnished()
    member = things.stage.member()
    query = """query($after: String) { me { ledger(first: 2, after: $after) {
        pageInfo { endCursor } edges { node { sequence } } } } }"""

    top = (await member.read(query))["me"]["ledger"]
    await member.done("earnForActivity", type="share", reference="s-1")
    rest = (await member.read(query, after=top["pageInfo"]["endCursor"]))["me"]["ledger"]

    assert [edge["node"]["sequence"] for edge in top["edges"]] == [3, 2]
    assert [edge["node"]["sequence"] for edge in rest["edges"]] == [1]


async def test_the_ledger_by_kind_and_instant() -> None:
    stage = await open_stage()
    long_ago, later = TODAY - timedelta(days=500), TODAY - timedelta(days=20)
    member_id = await make.enrol(stage.programme, now=long_ago, reference="xiaoli")
    await make.give(stage.programme, member_id, 300, now=long_ago)
    await make.give(stage.programme, member_id, 500, now=later)
    lounge = await make.reward(stage.programme, list_points=200)
    redemption = await make.redeem(stage.programme, member_id, lounge, now=later)
    await make.cancel(stage.programme, member_id, redemption, now=TODAY)
    member = stage.member()
    query = """query($kinds: [EntryKind!], $from: DateTime, $until: DateTime) { me {
        ledger(kinds: $kinds, from: $from, until: $until) {
            totalCount edges { node { sequence kind points } } } } }"""

    async def found(**wanted: Any) -> list[tuple[int, str, int]]:
        ledger = (await member.read(query, **wanted))["me"]["ledger"]
        assert ledger["totalCount"] == len(ledger["edges"])
        return [tuple(edge["node"].values()) for edge in ledger["edges"]]

    every = [
        (5, "REINSTATE", 200),
        (4, "REDEEM", -200),
        (3, "EARN", 500),
        (2, "EXPIRE", -300),
        (1, "EARN", 300),
    ]
    assert await found() == every
    assert await found(kinds=["EARN"]) == [every[2], every[4]]
    assert await found(kinds=["EXPIRE", "REDEEM"]) == [every[1], every[3]]
    assert await found(kinds=[]) == []
    assert await found(until=later.isoformat()) == [every[3], every[4]]
    assert await found(**{"from": later.isoformat()}) == every[:3]
    assert await found(**{"from": later.isoformat(), "until": TODAY.isoformat()}) == every[1:3]
    assert await found(kinds=["EARN"], until=long_ago.isoformat()) == []


async def test_the_balance_as_it_was() -> None:
    stage = await open_stage()
    long_ago, later = TODAY - timedelta(days=500), TODAY - timedelta(days=20)
    member_id = await make.enrol(stage.programme, now=long_ago, reference="xiaoli")
    await make.give(stage.programme, member_id, 300, now=long_ago)
    query = """query($at: DateTime) { me { balance(asOf: $at) {
        available worth { amount } nextExpiry { points on } } } }"""

    async def at(instant: str | None) -> Any:
        return (await stage.member().read(query, at=instant))["me"]["balance"]

    nothing = {"available": 0, "worth": {"amount": "0.00"}, "nextExpiry": None}
    earned = {
        "available": 300,
        "worth": {"amount": "3.00"},
        "nextExpiry": {"points": 300, "on": "2125-10-31"},
    }
    for _ in range(2):  # the same before and after the expiry is booked
        assert await at((long_ago - timedelta(seconds=1)).isoformat()) == nothing
        assert await at(long_ago.isoformat()) == earned
        assert await at("2125-10-31T15:59:59.999999Z") == earned
        assert await at("2125-10-31T16:00:00Z") == nothing
        assert (await at(None))["available"] in (0, 500)
        await make.give(stage.programme, member_id, 500, now=later)
    # booked twice above: what is asked for now knows both
    assert (await at(None))["available"] == 1000


async def test_before_its_first_policy_a_programme_had_no_points() -> None:
    stage = await open_stage(effective_from=TODAY - timedelta(days=10))
    await make.rich_member(stage.programme, 700, now=TODAY, reference="xiaoli")

    data = await stage.member().read(
        """{ me { balance { available }
            then: balance(asOf: "2126-01-01T00:00:00Z") { available worth { amount } } } }"""
    )

    assert data["me"] == {
        "balance": {"available": 700},
        "then": {"available": 0, "worth": {"amount": "0.00"}},
    }


async def test_a_programme_that_has_yet_to_begin_can_be_looked_at() -> None:
    stage = await open_stage(effective_from=TODAY + timedelta(days=10))

    data = await stage.staff().read("{ programme { version name } tiers { code } }")
    problem = await stage.member().refused("enrolMember")

    assert data["programme"] == {"version": 1, "name": "Journey Points"}
    assert [tier["code"] for tier in data["tiers"]] == ["silver", "gold", "platinum", "diamond"]
    assert problem["code"] == "EVENT_TOO_OLD"


async def test_the_catalogue_by_kind_text_tier_price_and_order() -> None:
    stage = await open_stage()
    await make.rich_member(stage.programme, 1500, now=TODAY, reference="xiaoli")
    offered: dict[str, dict[str, Any]] = {
        "ebook": {"list_points": 500, "names": {"zh-CN": "电子书 100%", "en": "E-book 100%"}},
        "pen": {"list_points": 500, "kind": "PRODUCT"},
        "gold_only": {"list_points": 1500, "minimum_tier": "gold"},
        "coupon": {"list_points": 2000, "kind": "COUPON", "worth_minor": 2000},
        "withdrawn": {"list_points": 1, "active": False},
        "soon": {"list_points": 1, "valid_from": TODAY + timedelta(days=1)},
    }
    for code, columns in offered.items():
        await make.reward(stage.programme, code=code, **columns)
    member = stage.member()
    query = """query($filter: RewardFilter, $order: RewardOrder) {
        rewards(filter: $filter, orderBy: $order) { totalCount edges { node { code } } } }"""

    async def found(order: str | None = None, **wanted: Any) -> list[str]:
        rewards = (await member.read(query, filter=wanted, order=order))["rewards"]
        assert rewards["totalCount"] == len(rewards["edges"])
        return [edge["node"]["code"] for edge in rewards["edges"]]

    assert await found() == ["ebook", "pen", "gold_only", "coupon"]
    assert await found("POINTS_ASC") == ["ebook", "pen", "gold_only", "coupon"]
    assert await found("POINTS_DESC") == ["coupon", "gold_only", "pen", "ebook"]
    assert await found(kinds=["PRODUCT", "COUPON"]) == ["pen", "coupon"]
    assert await found(kinds=[]) == []
    assert await found(text="E-BOOK") == ["ebook"]
    assert await found(text="电子书") == ["ebook"]
    assert await found(text="100%") == ["ebook"]
    assert await found(text="_") == ["gold_only"]
    assert await found(text="zh-CN") == []
    assert await found(tier="silver") == ["ebook", "pen", "coupon"]
    assert await found(tier="diamond") == ["ebook", "pen", "gold_only", "coupon"]
    assert await found(affordable=True) == ["ebook", "pen", "gold_only"]
    assert await found(affordable=None, text=None, kinds=None, tier=None) == await found()
    hidden = await member.read('{ reward(code: "withdrawn") { code affordable } }')
    assert hidden["reward"] == {"code": "withdrawn", "affordable": True}


async def test_members_by_tier_status_and_joining() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY - timedelta(days=2), reference="old")
    await make.enrol(stage.programme, now=TODAY, reference="guest", guest=True)
    gold = await make.enrol(stage.programme, now=TODAY, reference="gold", name="100%_金")
    await make.book(stage.programme, gold, ("hotel", "5000"), now=TODAY)
    query = """query($filter: MemberFilter) { members(filter: $filter) {
        totalCount edges { node { reference } } } }"""

    async def found(**wanted: Any) -> set[str]:
        page = (await stage.staff().read(query, filter=wanted))["members"]
        assert page["totalCount"] == len(page["edges"])
        return {edge["node"]["reference"] for edge in page["edges"]}

    assert await found() == {"old", "guest", "gold"}
    assert await found(tier="gold") == {"gold"}
    assert await found(status="GUEST") == {"guest"}
    assert await found(joinedFrom=TODAY.isoformat()) == {"guest", "gold"}
    assert await found(joinedUntil=TODAY.isoformat()) == {"old"}
    assert await found(text="100%_金") == {"gold"}
    assert await found(text="0%g") == set()
    assert await found(tier="gold", status="GUEST") == set()
    assert await found(tier=None, status=None) == {"old", "guest", "gold"}


async def test_a_quote_and_the_booking_that_follows_agree_to_the_point() -> None:
    stage = await open_stage()
    member, partner = stage.member(), await stage.partner()
    await member.done("enrolMember", birthday="1990-03-31")
    query = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
        points lines { points } errors { code } } }"""
    carts: list[tuple[list[tuple[str, str]], str | None, int]] = [
        ([("flight", "1999.99")], None, 3999),
        ([("flight", "2000")], None, 4500),
        ([("flight", "1000"), ("flight", "1000"), ("hotel", "0.99")], "partner_card", 8503),
        ([("hotel", "0")], "card", 0),
        # 6000.98 was spent before: gold, so 3 × 33.33 × 1.2 × 2 × 2
        ([("hotel", "33.33"), ("train", "33.33"), ("car", "33.33")], "partner_card", 479),
    ]

    for index, (lines, method, points) in enumerate(carts):
        sent: dict[str, Any] = {
            "lines": [{"product": product, "amount": amount} for product, amount in lines],
            "paymentMethod": method,
        }
        by_itself = (await member.read(query, input=sent))["quoteEarning"]
        by = {"reference": "xiaoli"}
        for_it = (await partner.read(query, input={**sent, "member": by}))["quoteEarning"]
        booked = await partner.done(
            "earnForBooking",
            "pointsAwarded booking { lines { points } }",
            member=by,
            reference=f"B-{index}",
            **sent,
        )
        assert by_itself["points"] == points, lines
        assert by_itself == for_it
        assert booked["pointsAwarded"] == points
        assert booked["booking"]["lines"] == by_itself["lines"]
        assert sum(line["points"] for line in by_itself["lines"]) == points
    nobody = (await (await stage.public()).read(query, input={
        "lines": [{"product": "flight", "amount": "2000"}]
    }))["quoteEarning"]  # fmt: skip
    assert nobody["points"] == 2500


async def test_what_is_absent_stays_and_what_is_null_is_cleared() -> None:
    stage = await open_stage()
    member = stage.member()
    told = "member { name email phone birthday locale profile }"
    await member.done(
        "enrolMember",
        name="Li",
        email="Li@Example.com",
        phone="+86 138 0013 8000",
        birthday="1990-03-15",
        locale="en",
        profile={"seat": "window", "meals": ["vegan"]},
    )

    renamed = await member.done("updateMember", told, name="李")
    assert renamed["member"] == {
        "name": "李",
        "email": "Li@Example.com",
        "phone": "+8613800138000",
        "birthday": "1990-03-15",
        "locale": "en",
        "profile": {"seat": "window", "meals": ["vegan"]},
    }
    cleared = await member.done(
        "updateMember", told, name=None, email=None, phone=None, profile=None
    )
    assert cleared["member"] == {
        "name": None,
        "email": None,
        "phone": None,
        "birthday": "1990-03-15",
        "locale": "en",
        "profile": {},
    }
    # what was given up is free for others
    other = await stage.member("other").done(
        "enrolMember", "member { email }", email="li@example.com", phone="+8613800138000"
    )
    assert other["member"] == {"email": "li@example.com"}
