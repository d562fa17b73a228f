"""One answer is of one instant: what commits between two of its statements is not in it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.accounts import sweeps
from domain.kernel.callers import Scope
from ops.postgres import pool
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

LONG_AGO = TODAY - timedelta(days=400)
BALANCE = "balance { available pending held owed nextExpiry { points on } }"
MEMBERS = f"{{ members(first: 1) {{ edges {{ node {{ {BALANCE} }} }} totalCount }} }}"
STATEMENT = """{ me { statement(period: {from: "2126-02-01", through: "2126-03-31"}) {
    buckets { bucket opening movements { kind points entries } closing }
    entries { totalCount edges { node { kind points } } } }
    ledger { totalCount edges { node { kind points availableAfter } } } } }"""
REDEMPTIONS = f"""{{ me {{ {BALANCE} redemptions {{ totalCount edges {{ node {{
    status points reward {{ remaining }} }} }} }} }} }}"""
DASHBOARD = f"""{{ me {{ standing {{ tier {{ code }} progress {{ current }} }} {BALANCE}
    expirySchedule {{ points on }} ledger {{ edges {{ node {{ kind points }} }} }} }} }}"""
PREVIEW = f"""{{ previewRefund(input: {{booking: "B-1"}}) {{
    pointsClawedBack pointsOwed pointsForgiven pointsReinstated pointsExpiredOnReturn
    standingAfter {{ progress {{ current }} }} errors {{ code }} }}
    member(by: {{reference: "xiaoli"}}) {{ {BALANCE} }} }}"""
ANSWERS = {
    "members": MEMBERS,
    "statement": STATEMENT,
    "redemptions": REDEMPTIONS,
    "dashboard": DASHBOARD,
    "refund preview": PREVIEW,
}


async def overdue_member() -> tuple[Stage, UUID]:
    """A member with points that expired and a hold that died, neither of them recorded."""
    stage = await open_stage()
    programme = stage.programme
    member_id = await make.enrol(programme, now=LONG_AGO, reference="xiaoli")
    await make.book(programme, member_id, ("hotel", "300"), reference="B-1", now=LONG_AGO)
    await make.give(programme, member_id, 700, now=LONG_AGO)
    await make.give(programme, member_id, 50, now=LONG_AGO + timedelta(days=100))
    reward = await make.reward(programme, list_points=100, stock=3)
    await make.redeem(programme, member_id, reward, hold=True, now=LONG_AGO + timedelta(days=101))
    return stage, member_id


@asynccontextmanager
async def after_statement(
    monkeypatch: pytest.MonkeyPatch, number: int, commit: Callable[[], Awaitable[object]]
) -> AsyncIterator[list[str]]:
    """What `commit` does is committed, by a connection of its own, after so many statements."""
    sent: list[str] = []
    with monkeypatch.context() as patched:
        for name in ("execute_query", "execute_query_dict"):
            original = getattr(pool.Snapshot, name)

            async def spied(
                self: Any, sql: str, *values: Any, _original: Any = original, **named: Any
            ) -> Any:
                alone = self.alone
                found = await _original(self, sql, *values, **named)
                sent.extend([] if alone else [sql])
                if len(sent) == number and not alone:
                    await asyncio.create_task(_run(commit), context=Context())
                return found

            patched.setattr(pool.Snapshot, name, spied)
        yield sent


@pytest.mark.parametrize("what", ANSWERS)
async def test_what_commits_between_two_statements_is_not_in_the_answer(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, _ = await overdue_member()
    asker = await caller_of(stage, what)
    async with after_statement(monkeypatch, 0, stage.now) as sent:  # type: ignore[arg-type]
        expected = await asker.read(ANSWERS[what])
    assert len(sent) > 1

    for number in range(1, len(sent)):
        stage, member_id = await overdue_member()
        asker = await caller_of(stage, what)

        async def sweep(stage: Stage = stage, member_id: UUID = member_id) -> None:
            assert await sweeps.post(stage.programme, member_id, stage.now()) == 2

        async with after_statement(monkeypatch, number, sweep) as sent:
            assert await asker.read(ANSWERS[what]) == expected, sent[:number]
        assert (await make.entries(member_id))[-1][0] == "EXPIRE"


async def caller_of(stage: Stage, what: str) -> Client:
    partners = {"members": Scope, "refund preview": (Scope.EARN, Scope.READ)}
    return await stage.partner(tuple(partners[what])) if what in partners else stage.member()


async def test_a_payload_is_of_one_instant_after_its_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its own write is in it, what another commits between two of its statements is not."""
    stage, member_id = await overdue_member()
    await sweeps.post(stage.programme, member_id, TODAY)
    member = stage.member()

    async def give() -> None:
        await make.give(stage.programme, member_id, 70, now=stage.now())

    async with after_statement(monkeypatch, 1, give) as sent:
        payload = await member.done(
            "updateMember",
            f"member {{ locale {BALANCE} ledger {{ totalCount edges {{ node {{ kind }} }} }} }}",
            locale="en",
        )
    assert len(sent) > 2
    shown = payload["member"]
    assert (shown["locale"], shown["balance"]["available"]) == ("en", 50)
    assert shown["ledger"]["totalCount"] == len(shown["ledger"]["edges"]) == 6
    assert await make.available(member_id, stage.now()) == 120


async def _run(commit: Callable[[], Awaitable[object]]) -> None:
    await commit()
