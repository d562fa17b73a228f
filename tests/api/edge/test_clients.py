"""The programs of docs/examples, as a reader copies them, against a server that loses answers."""

import asyncio
import importlib.util
import json
import shutil
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import OKPKey
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.edge.limits import Limits
from api.edge.tokens import Signer
from domain.programmes.programmes import Programme
from ops.settings import ROOT
from tests.api.conftest import Sign
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, open_stage
from tests.support.serving import served

EXAMPLES = ROOT / "docs" / "examples"
PACKAGES = EXAMPLES / "node_modules"
PRINTED = [
    {"ledger": [850, 1500, 2000]},
    {"redeemed": "lounge", "replayed": True, "left": 350},
    {"refused": "INSUFFICIENT_POINTS", "short": 2650},
]
in_node = pytest.mark.skipif(
    shutil.which("node") is None or not (PACKAGES / "@apollo" / "client").is_dir(),
    reason="needs node and `npm ci --prefix docs/examples --ignore-scripts`",
)
LIVE = ("graphql_ws", "apollo", "urql")
APPENDED = {"appended": [300, 200, 100]}


class LosesAnswers:
    """A proxy that loses what was first answered to each caller's mutation, after it was done."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.lost: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        caller = dict(scope["headers"]).get(b"authorization", b"")
        answer = b"".join(message.get("body", b"") for message in messages)
        if b'"redeemReward"' in answer and caller not in self.lost:
            self.lost.add(caller)
            messages = [
                {"type": "http.response.start", "status": 502, "headers": []},
                {"type": "http.response.body", "body": b"Bad Gateway"},
            ]
        for message in messages:
            await send(message)


@pytest.fixture
def losing(key: OKPKey, database: Database) -> LosesAnswers:
    signers = [Signer(public_keys=[key.as_dict(private=False)])]
    return LosesAnswers(
        create_app(connect=nullcontext, signers=signers, limits=Limits(), environment="development")
    )


async def open_shop(*members: str) -> Programme:
    """Two rewards, and members with three entries, who can afford one of the two."""
    programme, now = await make.establish(), datetime.now(UTC)
    for code, points in (("lounge", 4000), ("backpack", 3000)):
        await make.reward(programme, code=code, kind="SERVICE", list_points=points)
    for member in members:
        member_id = await make.enrol(programme, reference=member, now=now)
        for amount in ("2000", "1500", "850"):
            await make.book(programme, member_id, ("hotel", amount), now=now)
    return programme


async def test_gql_for_python(
    losing: LosesAnswers, sign: Sign, capsys: pytest.CaptureFixture[str]
) -> None:
    example = imported("python_gql.py")
    programme = await open_shop("gql-1")
    async with served(losing) as address:
        await example.main(f"{address}/graphql", sign(sub="gql-1", programme=programme.code))

    assert lines(capsys.readouterr().out) == PRINTED


def imported(name: str) -> Any:
    pytest.importorskip("gql", reason="needs `make setup`")
    spec = importlib.util.spec_from_file_location("example", EXAMPLES / name)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    return example


async def open_ledger() -> str:
    """A token that has ended and one that holds, of a member with three entries."""
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    for points in (300, 200, 100):
        await make.adjust(stage.programme, member_id, points, now=TODAY)
    ended = stage.signed("xiaoli", exp=int(time.time()) - 1).token
    return f"{ended},{stage.member().token}"


async def test_gql_for_python_subscribes(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    example = imported("live/python_gql.py")
    tokens = await open_ledger()
    await example.main(f"http://{place}/graphql", tokens)
    assert lines(capsys.readouterr().out) == [APPENDED]


@in_node
async def test_clients_in_node_subscribe(place: str) -> None:
    """Those that begin with a token that has ended come again with one that holds."""
    tokens = await open_ledger()
    url = f"http://{place}/graphql"
    imports = [f"await import('./live/{name}.mjs')" for name in LIVE]
    module = ("node", "--input-type=module", "--eval")
    printed = await asyncio.gather(
        run(*module, ";".join(imports), MILEPOST_URL=url, MILEPOST_TOKEN=tokens),
        run("node", "live/graphql_sse.mjs", MILEPOST_URL=url, MILEPOST_TOKEN=tokens),
    )
    assert lines(printed[0]) == [APPENDED, {"available": 600}, {"available": 600}]
    assert lines(printed[1]) == [APPENDED]


@in_node
async def test_clients_in_node(losing: LosesAnswers, sign: Sign) -> None:
    await run("npm", "run", "codegen")
    await run("npm", "run", "build")
    programs = ("apollo.mjs", "urql.mjs", "node_modules/.built/client.js")
    programme = await open_shop(*programs)

    async with served(losing) as address:

        async def play(program: str) -> str:
            token = sign(sub=program, programme=programme.code)
            return await run(
                "node", program, MILEPOST_URL=f"{address}/graphql", MILEPOST_TOKEN=token
            )

        printed = await asyncio.gather(*map(play, programs))

    assert [lines(text) for text in printed] == [PRINTED] * len(programs)


async def run(*command: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=EXAMPLES,
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complained = await process.communicate()
    assert process.returncode == 0, complained.decode() + printed.decode()
    return printed.decode()


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
