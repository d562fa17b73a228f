"""The limit does what Milepost does: its reads say the same, and its writes leave the same rows."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from benchmarks import histories, operations
from benchmarks.limit.app import application
from benchmarks.operations import BY_NAME, Operation
from benchmarks.rounds import canonical
from domain.kernel.database import rows
from domain.partners import partners
from domain.programmes import programmes
from domain.proof import verification
from domain.tiers import tiers
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make
from tests.support.alike import ID
from tests.support.callers import Client, Stage, signing_key

PLAYED = 1
JOINED = histories.NOW - timedelta(days=60)
OWN, OTHER = "left", "right"
"""Two members with one history: Milepost writes of the one what the limit writes of the other."""

READS = [name for name, operation in BY_NAME.items() if not operation.writes]
WRITES = [name for name, operation in BY_NAME.items() if operation.writes]

DRAWN = re.compile(
    r'"((?:last_|seal_|content_)?hash|mac|rows|input_sha256|part|code|code_key)": ("[^"]*"|\d+)'
    r'|"(codes)": \["[^"]*"\]'
)
"""What follows from ids, or is drawn."""

NOW = re.compile(r"2126-03-15T02:(?:29|3\d):\d\d(?:\.\d+)?\+00:00")
"""An instant of these tests."""


@dataclass(frozen=True)
class Both:
    """Milepost and the limit on one database, and who asks them."""

    stage: Stage
    partner: Client
    limit: httpx.AsyncClient

    async def of_milepost(self, client: Client, operation: Operation, sent: Any) -> Any:
        answer = await client.ask(operation.document, **sent)
        assert "errors" not in answer, answer
        return answer["data"]

    async def of_limit(self, client: Client, operation: Operation, sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {client.token}"}
        answer = await self.limit.post(operation.path, json=sent, headers=headers)
        assert answer.status_code == 200
        return answer.json()["data"]


@pytest.fixture
async def both(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Both]:
    """With a member who was played, and two who did the same."""
    # one write in 64, by its random id, sums up what counts toward the tier
    monkeypatch.setattr(tiers, "SUMMED_EVERY", 2**128)
    async with connected(fresh_database.serving, pool_max=5, everywhere=False):
        programme = await histories.establish()
        engine = await partners.create(programme, histories.PARTNER, "Engine", histories.NOW)
        reporter = histories.caller(programme, engine)
        await histories.play(programme, reporter, PLAYED, 1, lambda _: None)
        for name in (OWN, OTHER):
            member_id = await make.enrol(programme, now=JOINED, reference=name, locale="en")
            for number, product in enumerate(("flight", "hotel", "hotel"), 1):
                at = JOINED + timedelta(days=number)
                sent = make.booking((product, f"{900 * number}.50"), reference=f"{name}-{number}")
                await make.report(programme, member_id, sent, now=at, caller=reporter)
        ahead = histories.NOW - datetime.now(UTC)
        stage = Stage(await programmes.advance_clock(programme, ahead))
        partner = await stage.partner(code=histories.PARTNER)
        monkeypatch.setenv("LIMIT_DATABASE_URL", fresh_database.serving)
        monkeypatch.setenv("LIMIT_PARTNER_KEY", partner.token or "")
        monkeypatch.setenv("LIMIT_SIGNING_KEY", json.dumps(signing_key().as_dict(private=False)))
        limit = application()
        transport = httpx.ASGITransport(limit)
        async with (
            limit.router.lifespan_context(limit),
            httpx.AsyncClient(transport=transport, base_url="http://limit.test") as asked,
        ):
            yield Both(stage, partner, asked)


async def test_reads_say_the_same(both: Both) -> None:
    for name in READS:
        operation = BY_NAME[name]
        for member in ("m0", OWN):
            client = both.stage.member(member)
            sent = operations.reading(operation, 2_345)
            of_limit = canonical(await both.of_limit(client, operation, sent))
            of_milepost = canonical(await both.of_milepost(client, operation, sent))
            assert of_limit == of_milepost, (name, member)


async def test_writes_leave_the_same_rows_and_no_fault(both: Both) -> None:
    programme_id = both.stage.programme.id
    ids = {name: await both.stage.member_id(name) for name in (OWN, OTHER)}
    tables = await member_tables()
    for name in WRITES:
        operation, answers, left = BY_NAME[name], [], []
        for member, ask in ((OWN, both.of_milepost), (OTHER, both.of_limit)):
            before = await kept(tables, ids[member])
            sent = asked(operation, member)
            answers.append(plain(json.dumps(await ask(both.partner, operation, sent)), member))
            after = await kept(tables, ids[member])
            new = {
                one: sorted(plain(row, member) for row in after[one] - before[one])
                for one in tables
            }
            left.append({**new, "idempotency_key": await figures(programme_id, member, name)})
        assert answers[0] == answers[1]
        assert left[0] == left[1], name
        assert left[0]["seal"], name

    found = [str(fault) async for batch in verification.batches() for fault in batch.faults]
    assert found == []


def asked(operation: Operation, member: str) -> Any:
    key = f"{operation.name}-{member}"
    match operation.path:
        case "/earnForBooking":
            return operations.earning(operation, key, member, 20_000)
        case "/redeemReward":
            return operations.redeeming(key, member)
        case _:
            return operations.refunding(key, f"booking-earn-5-{member}")


async def member_tables() -> list[str]:
    found = await rows(
        "SELECT DISTINCT table_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND column_name = 'member_id' ORDER BY table_name"
    )
    return [one["table_name"] for one in found]


async def kept(tables: list[str], member_id: UUID) -> dict[str, set[str]]:
    """The rows of a member by table."""
    return {
        table: {
            one["row"]
            for one in await rows(
                f"SELECT to_jsonb(t)::text AS row FROM {table} t WHERE member_id = $1", member_id
            )
        }
        for table in tables
    }


async def figures(programme_id: UUID, member: str, operation: str) -> list[str]:
    """What is kept under the key of a request."""
    found = await rows(
        "SELECT to_jsonb(k)::text AS row FROM idempotency_key k "
        "WHERE programme_id = $1 AND key = $2",
        programme_id,
        f"{operation}-{member}",
    )
    return [plain(one["row"], member) for one in found]


def plain(row: str, member: str) -> str:
    """A row without what is drawn, or told by the clock."""
    return NOW.sub("now", DRAWN.sub("…", ID.sub("…", row.replace(member, "member"))))
