"""What an application asks for first is one statement, and says what several would have said."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.accounts import sweeps
from domain.kernel.callers import Scope
from domain.members import first_looks
from ops.postgres import pool
from tests.api.test_instants import overdue_member
from tests.support import factories as make
from tests.support import tiered
from tests.support.callers import TODAY, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

ENTRY = """id sequence kind points availableAfter recorded effectiveAt expiresOn description
    explanation { code points text }"""
LEDGER = f"edges {{ cursor node {{ {ENTRY} }} }} pageInfo {{ hasNextPage endCursor }}"
BALANCE = "balance { available pending held owed nextExpiry { points on } }"
DASHBOARD = f"""{{ me {{ name standing {{ tier {{ name }} progress {{ text }} }} {BALANCE}
    ledger {{ {LEDGER} }} }} }}"""
PAGE = "{ me { ledger(first: 50) { edges { node { id description } } pageInfo { endCursor } } } }"
CATALOGUE = "{ rewards(first: 20) { edges { node { code name affordable } } } }"
QUOTE = """{ quoteEarning(input: {lines: [{product: "hotel", amount: "100"}]}) {
    points explanation { text } } }"""


async def rich_stage() -> tuple[Stage, UUID]:
    """A member with bookings, amended and not, an activity, a redemption and a correction."""
    stage = await open_stage()
    programme = stage.programme
    start = TODAY - timedelta(days=40)
    member_id = await make.enrol(programme, now=start, reference="xiaoli")
    for day in range(12):
        at = start + timedelta(days=day)
        await make.book(programme, member_id, ("flight", f"{150 + day}.50"), now=at)
    await make.act(programme, member_id, "share", "S-1", now=TODAY - timedelta(days=9))
    await make.give(programme, member_id, 5000, now=TODAY - timedelta(days=8))
    wanted = await make.reward(programme, list_points=100, stock=3)
    await make.redeem(programme, member_id, wanted, now=TODAY - timedelta(days=7))
    return stage, member_id


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The transactions of answers, each when it has begun."""
    found: list[str] = []
    opened = pool.Snapshot.opened

    async def spied(self: pool.Snapshot) -> Any:
        if self._connection is None:
            found.append("BEGIN")
        return await opened(self)

    monkeypatch.setattr(pool.Snapshot, "opened", spied)
    return found


@pytest.mark.parametrize(
    ("asked", "count", "transactions"),
    [(DASHBOARD, 1, 0), (PAGE, 1, 0), (CATALOGUE, 1, 0), (QUOTE, 1, 0)],
    ids=["dashboard", "ledger", "catalogue", "quote"],
)
async def test_how_many_statements_are_sent(
    asked: str, count: int, transactions: int, statements: list[str], begun: list[str]
) -> None:
    stage, _ = await rich_stage()
    member = stage.member()
    expected = await member.read(asked)
    statements.clear()
    begun.clear()
    assert await member.read(asked) == expected
    # programme, member and ended sessions are remembered where a server listens for changes, and
    # not in tests
    own = [sql for sql in statements if not _remembered(sql)]
    assert len(own) == count, own
    assert len(begun) == transactions


def _remembered(sql: str) -> bool:
    tables = ("programme", "policy_version", "lookup", "revocation")
    return any(f"FROM {table} " in sql for table in tables)


async def test_a_quote_that_more_decides_is_of_one_instant(begun: list[str]) -> None:
    """A budget that others draw on, and a tier whose end has passed unrecorded."""
    rules = make.shipped_rules()
    rules[0]["budget"] = {"points": 60}
    limited = await open_stage(make.shipped_document(earning=rules))
    await make.enrol(limited.programme, now=TODAY, reference="xiaoli")
    late = await open_stage(tiered.ctrip(), stands_at="2029-06-01T12:00+08:00")
    spent = datetime.fromisoformat("2026-06-01T12:00+08:00")
    member_id = await make.enrol(late.programme, now=spent, reference="xiaoli")
    await make.book(late.programme, member_id, ("hotel", "30000"), now=spent)
    for stage, points in ((limited, 60), (late, 120)):
        begun.clear()
        assert (await stage.member().read(QUOTE))["quoteEarning"]["points"] == points
        assert len(begun) == 1


async def test_the_answer_is_that_of_several_statements() -> None:
    stage, _ = await rich_stage()
    member = stage.member()
    for given in GIVEN:
        for language in ("en", "zh-CN"):
            await _alike(member.reading(language), given)
    page = await member.read(DASHBOARD)
    after = page["me"]["ledger"]["pageInfo"]["endCursor"]
    cursor = (await member.read(PAGE))["me"]["ledger"]["edges"][3:5]
    assert len(page["me"]["ledger"]["edges"]) == len(cursor) + 13
    await _alike(member, f'(first: 3, after: "{after}")')


GIVEN = [
    "",
    "(first: null)",
    "(first: 0)",
    "(first: 3)",
    "(first: 4, kinds: [REDEEM, ADJUST])",
    "(kinds: [])",
    "(kinds: REDEEM)",
    '(from: "2126-02-10T00:00:00Z", until: "2126-03-08T00:00:00+08:00")',
]


async def _alike(member: Any, given: str) -> None:
    """Two pages take more than one statement, and so are read one by one."""
    once = (await member.read(f"{{ me {{ {BALANCE} ledger{given} {{ {LEDGER} }} }} }}"))["me"]
    several = (
        await member.read(
            f"{{ me {{ {BALANCE} ledger{given} {{ {LEDGER} }} b: ledger(first: 1) {{ edges "
            "{ cursor } } } }"
        )
    )["me"]
    assert once == {name: several[name] for name in once}, given


VARIABLES = """query($first: Int = 2, $after: String, $kinds: [EntryKind!], $not: Boolean!) {
    me { ...Page } }
    fragment Page on Member { ... on Node { id } ledger(
        first: $first, after: $after, kinds: $kinds) @skip(if: $not) { ...Edges } }
    fragment Edges on LedgerConnection { edges { node { sequence explanation { code } } } }"""


async def test_terms_may_come_in_variables_and_fields_in_fragments() -> None:
    stage, _ = await rich_stage()
    member = stage.member()
    both = {"first": 2, "kinds": ["EARN", "REDEEM"], "not": False}
    some = await member.read(VARIABLES, **both)
    assert [edge["node"]["sequence"] for edge in some["me"]["ledger"]["edges"]] == [15, 14]
    page = await member.read(VARIABLES, **{"first": 3, "not": False})
    assert any(edge["node"]["explanation"] for edge in page["me"]["ledger"]["edges"])
    assert len((await member.read(VARIABLES, **{"not": False}))["me"]["ledger"]["edges"]) == 2
    assert "ledger" not in (await member.read(VARIABLES, **{"not": True}))["me"]
    refused = await member.ask(VARIABLES, **{"not": False, "after": "elsewhere"})
    assert refused["errors"][0]["extensions"]["code"] == "BAD_CURSOR"
    assert refused["errors"][0]["path"] == ["me", "ledger"]


async def test_what_is_due_is_read_at_one_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is recorded right after the first statement."""
    stage, member_id = await overdue_member()
    expected = await stage.member().read(DASHBOARD)
    recorded = [edge["node"]["recorded"] for edge in expected["me"]["ledger"]["edges"]]
    assert recorded == [False, False, True, True, True, True]

    read = first_looks.read

    async def swept(*terms: Any) -> Any:
        look = await read(*terms)
        await _beside(lambda: sweeps.post(stage.programme, member_id, stage.now()))
        return look

    monkeypatch.setattr(first_looks, "read", swept)
    answered = await stage.member().read(DASHBOARD)
    recorded = [edge["node"].pop("recorded") for edge in answered["me"]["ledger"]["edges"]]
    assert recorded == [True] * 6
    for edge in expected["me"]["ledger"]["edges"]:
        del edge["node"]["recorded"]
    assert answered == expected


async def _beside(work: Callable[[], Any]) -> None:
    """As another task does it, on a connection of its own."""

    async def run() -> None:
        await work()

    await asyncio.create_task(run(), context=Context())


async def test_a_partner_sees_of_another_partners_booking_no_reasons() -> None:
    stage, _ = await rich_stage()
    partner = await stage.partner((Scope.READ, Scope.MEMBERS_READ))
    asked = '{ member(by: {reference: "xiaoli"}) { ledger(first: 30) { %s } %s } }'
    once = (await partner.read(asked % (LEDGER, "")))["member"]["ledger"]
    several = (await partner.read(asked % (LEDGER, "b: ledger(first: 1) { totalCount }")))["member"]
    assert once == several["ledger"]
    assert {len(edge["node"]["explanation"]) for edge in once["edges"]} == {0, 1}
