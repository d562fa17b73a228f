"""Pages, cursors and filters: what no list takes."""

from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest

from tests.support.callers import codes
from tests.support.queries import QUERIES
from tests.support.refused import shared_things

pytestmark = pytest.mark.usefixtures("database")


PAGES = {
    name: f"query($n: Int) {{ {name}(first: $n) {{ totalCount }} }}"
    for name in ("members", "rewards")
} | {
    name: f"""query($n: Int) {{ member(by: {{reference: "xiaoli"}}) {{
        {name}(first: $n) {{ totalCount }} }} }}"""
    for name in ("ledger", "bookings", "redemptions")
}


@pytest.mark.parametrize("page", sorted(PAGES))
async def test_pages_have_at_most_100_rows(page: str) -> None:
    things = await shared_things()
    staff = things.stage.staff()

    for first, code in ((101, "PAGE_TOO_LARGE"), (2**31, "PAGE_TOO_LARGE")):
        answer = await staff.ask(PAGES[page], n=first)
        assert codes(answer) == [code]
        assert answer["errors"][0]["extensions"]["max"] == 100
    for odd in (-1, -(2**31), "5", 1.5, True):
        assert codes(await staff.ask(PAGES[page], n=odd)) == ["BAD_USER_INPUT"], odd
    for allowed in (0, 1, 100, None):
        assert codes(await staff.ask(PAGES[page], n=allowed)) == [], allowed


def cursor(*parts: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(list(parts))).rstrip(b"=").decode()


NOBODY = "00000000-0000-7000-8000-000000000000"


BAD_CURSORS = [
    "",
    "x",
    "é",
    "=" * 2000,
    "bm90IGpzb24",
    cursor(),
    cursor(1, "elsewhere", 5),
    cursor(1, "ledger", "5"),
    cursor(1, "ledger", 2**63),
    cursor(1, "ledger", True),
    cursor(1, "ledger", 1.5),
    cursor(1, "ledger", [5]),
    cursor(2, "ledger", 5),
    cursor(1, "members", "2126-03-15", NOBODY),
    cursor(1, "members", "2126-03-15T00:00:00", NOBODY),
    cursor(1, "members", "0001-01-01T00:00:00+14:00", NOBODY),
    cursor(1, "members", "9999-12-31T23:59:59-14:00", NOBODY),
    cursor(1, "members", "2126-03-15T00:00:00+00:00", "not-a-uuid"),
    cursor(1, "rewards-points_asc", "1", "a"),
    cursor(1, "rewards-points_desc", 1, "a"),
    cursor(1, "bookings", 5, 5),
]


@pytest.mark.parametrize("bad", BAD_CURSORS)
async def test_no_list_takes_a_cursor_that_it_did_not_give(bad: str) -> None:
    things = await shared_things()

    for name, query in {
        "members": "query($c: String) { members(after: $c) { totalCount } }",
        "rewards": "query($c: String) { rewards(after: $c) { totalCount } }",
        **{
            page: PAGES[page].replace("$n: Int", "$c: String").replace("first: $n", "after: $c")
            for page in ("ledger", "bookings", "redemptions")
        },
    }.items():
        answer = await things.stage.staff().ask(query, c=bad)
        assert codes(answer) == ["BAD_CURSOR"], name


async def test_too_many_ids_at_once() -> None:
    things = await shared_things()
    query = QUERIES["nodes"][0]

    answer = await things.stage.staff().ask(query, ids=[things.member_id] * 101)
    assert codes(answer) == ["PAGE_TOO_LARGE"]
    found = await things.stage.staff().read(query, ids=[things.member_id, "x"] * 50)
    assert found["nodes"] == [{"id": things.member_id}, None] * 50
    assert (await things.stage.staff().read(query, ids=[]))["nodes"] == []


async def test_filters_find_what_they_say_and_take_text_as_text() -> None:
    things = await shared_things()
    staff = things.stage.staff()

    for text, count in {
        "xiaoli": 4,  # with its twin, the one asleep and the leaver
        "XIAOLI@": 0,
        "XIAOLI@example.com": 1,
        "+86138": 0,
        "+86 138 0013 8000": 1,
        "%": 0,
        "_": 0,
        "\\": 0,
        "'; DROP TABLE member; --": 0,
        "🏨": 0,
        "x" * 5000: 0,
    }.items():
        query = "query($t: String) { members(filter: {text: $t}) { totalCount edges { cursor } } }"
        data = await staff.read(query, t=text)
        assert data["members"]["totalCount"] == count, text
        assert len(data["members"]["edges"]) == count
    unknown = await staff.ask('{ rewards(filter: {tier: "wood"}) { totalCount } }')
    assert codes(unknown) == ["BAD_USER_INPUT"]
    assert unknown["errors"][0]["message"] == (
        "Unknown tier 'wood'; this programme has silver, gold, platinum, diamond."
    )


async def test_a_balance_is_asked_for_at_any_instant_that_has_passed() -> None:
    things = await shared_things()
    member = things.stage.member()
    query = "query($at: DateTime) { me { balance(asOf: $at) { available worth { amount } } } }"

    for instant, available in {
        "0001-01-01T00:00:00Z": 0,
        "2126-03-15T02:29:59.999999Z": 0,
        "2126-03-15T02:30:00Z": 6500,
    }.items():
        data = await member.read(query, at=instant)
        assert data["me"]["balance"]["available"] == available, instant
    for instant in ("9999-12-31T23:59:59Z", "2126-03-15T04:00:00Z"):
        assert codes(await member.ask(query, at=instant)) == ["BAD_USER_INPUT"]
