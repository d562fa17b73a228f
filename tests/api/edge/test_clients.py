"""The programs of docs/examples, as a reader copies them, against a server that loses answers."""

import asyncio
import importlib.util
import json
import shutil
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.edge.limits import Limits
from api.edge.sessions import Terms
from api.edge.tokens import Signer
from domain.programmes.programmes import Programme
from ops.settings import ROOT
from tests.api.conftest import Sign
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage
from tests.support.numbered import number
from tests.support.processes import WAIT_SECONDS
from tests.support.serving import served
from tests.support.subscribed import SOON, let_end, listening_for_sockets, served_live

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
MODULE = ("node", "--input-type=module", "--eval")
LIVE = ("graphql_ws", "apollo", "urql")
APPENDED = [{"sequence": at, "points": points} for at, points in ((1, 300), (2, 200), (3, 100))]
CLIENTS = Path(__file__).parent / "clients"
IN_NODE = ("node", f"--import={CLIENTS / 'guided.mjs'}")
WS = pytest.param((*IN_NODE, "live/graphql_ws.mjs"), "closed: 4403", marks=in_node, id="graphql-ws")
SSE = pytest.param((*IN_NODE, "live/graphql_sse.mjs"), "complete", marks=in_node, id="graphql-sse")
GQL = pytest.param((sys.executable, str(CLIENTS / "guided.py"), "live/python_gql.py"), "", id="gql")


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


async def open_ledger(*points: int) -> Stage:
    """A member with these entries."""
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    for some in points:
        await make.adjust(stage.programme, member_id, some, now=TODAY)
    return stage


def two_tokens(stage: Stage, seconds: int = -1) -> str:
    """A token that ends so much later, or has ended, and one that holds."""
    first = stage.signed("xiaoli", exp=int(time.time()) + seconds).token
    return f"{first},{stage.member().token}"


async def test_gql_for_python_subscribes(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    example = imported("live/python_gql.py")
    stage = await open_ledger(300, 200, 100)
    await example.main(f"http://{place}/graphql", two_tokens(stage))
    assert lines(capsys.readouterr().out) == APPENDED


@in_node
async def test_clients_in_node_subscribe(place: str) -> None:
    """Those that begin with a token that has ended come again with one that holds."""
    tokens = two_tokens(await open_ledger(300, 200, 100))
    url = f"http://{place}/graphql"
    imports = [f"await import('./live/{name}.mjs')" for name in LIVE]
    printed = await asyncio.gather(
        run(*MODULE, ";".join(imports), MILEPOST_URL=url, MILEPOST_TOKEN=tokens),
        run("node", "live/graphql_sse.mjs", MILEPOST_URL=url, MILEPOST_TOKEN=tokens),
    )
    assert lines(printed[0]) == [*APPENDED, {"available": 600}, {"available": 600}]
    assert lines(printed[1]) == APPENDED


@pytest.mark.parametrize(("program", "notice"), [WS, SSE])
async def test_a_client_whose_token_ends_goes_on_with_another(
    place: str, program: tuple[str, ...], notice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent away in the middle of its subscription, and has each entry once."""
    stage = await open_ledger(300, 200)
    async with started(program, place, until=3) as guided:
        await guided.begin(two_tokens(stage, seconds=SOON))
        guided.go_on(2)
        before = [await guided.next() for _ in range(2)]
        let_end(monkeypatch)
        while notice not in (said := await guided.complaint()):
            assert said, "it ended"
        member_id = await stage.member_id()
        await make.adjust(stage.programme, member_id, 100, now=TODAY)
        await number(stage.programme, datetime.now(UTC))
        after = await guided.next()
        guided.go_on(1)
        assert await guided.process.wait() == 0
    assert [*before, after] == APPENDED


@pytest.mark.parametrize(("program", "_"), [WS, SSE, GQL])
async def test_a_client_that_is_killed_goes_on_when_it_is_started_again(
    place: str, program: tuple[str, ...], _: str
) -> None:
    """It dies at entry 41 of 100, with those behind it on their way."""
    stage = await open_ledger(*(1 for _ in range(100)))
    token = str(stage.member().token)
    async with started(program, place, until=100) as guided:
        await guided.begin(token)
        guided.go_on(40)
        seen = [await guided.next() for _ in range(41)]
        guided.process.kill()
        assert await guided.process.wait() == -9
    async with started(program, place, after=41, until=100) as guided:
        await guided.begin(token)
        guided.go_on(59)
        seen += [await guided.next() for _ in range(59)]
        assert await guided.process.wait() == 0
    assert [entry["sequence"] for entry in seen] == list(range(1, 101))


@in_node
async def test_graphql_ws_understands_how_a_socket_is_closed(place: str) -> None:
    """It gives up where trying again would be of no use, and otherwise comes again at once."""
    tokens = two_tokens(await open_ledger(300))
    program = (CLIENTS / "closings.mjs").read_text()
    async with listening_for_sockets(served_live(terms=Terms(init_seconds=0.1))) as (hasty, _):
        urls = {"URL": f"http://{place}/graphql", "HASTY_URL": f"ws://{hasty}/graphql"}
        variables = {f"MILEPOST_{name}": url for name, url in urls.items()}
        played = await run(*MODULE, program, MILEPOST_TOKEN=tokens, **variables)
    assert lines(played) == [
        {
            "what is no operation": {"closed": [4400], "heard": [4400]},
            "a token that has ended": {"closed": [4403], "heard": [300]},
            "a first message that does not come": {"closed": [4408], "heard": [300]},
            "an id that is taken": {"closed": [4409], "heard": [4409, 4409]},
            "a first message that comes twice": {"closed": [4429], "heard": [4429]},
        }
    ]


class Guided:
    """A program that begins with the tokens it is told, and goes on after each line that it
    prints when it is told to.
    """

    def __init__(self, process: Process) -> None:
        self.process = process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.told, self.printed, self.complained = process.stdin, process.stdout, process.stderr

    async def begin(self, tokens: str) -> None:
        assert await self.printed.readline() == b"ready\n"
        self.told.write(f"{tokens}\n".encode())

    def go_on(self, times: int) -> None:
        self.told.write(b"\n" * times)

    async def next(self) -> Any:
        """What it prints next."""
        line = await self.printed.readline()
        assert line, (await self.complained.read()).decode()
        return json.loads(line)

    async def complaint(self) -> str:
        return (await self.complained.readline()).decode()


@asynccontextmanager
async def started(program: tuple[str, ...], place: str, **span: int) -> AsyncIterator[Guided]:
    """A program of docs/examples/live, until it ends or the block does."""
    named = {f"MILEPOST_{name.upper()}": str(sequence) for name, sequence in span.items()}
    process = await asyncio.create_subprocess_exec(
        *program,
        cwd=EXAMPLES,
        env={"PATH": "/usr/bin:/bin", "MILEPOST_URL": f"http://{place}/graphql", **named},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            yield Guided(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


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
        stdout=PIPE,
        stderr=PIPE,
    )
    printed, complained = await process.communicate()
    assert process.returncode == 0, complained.decode() + printed.decode()
    return printed.decode()


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
