"""A real server process on a database that one proof has for itself, and callers."""

import asyncio
import base64
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import yaml

from domain.kernel.callers import OWN_SCOPES
from domain.partners import partner_keys, partners
from domain.programmes import programmes, reader
from ops.commands import demo, keys
from ops.postgres.database import connected
from ops.settings import ROOT, load
from tests.soak.mutations import Operation
from tests.support.processes import Forked, free_port
from tests.support.servers import SECRET_KEY

START_SECONDS = 60
CALL_SECONDS = 30
PROGRAMME = "ota"


@dataclass(frozen=True, slots=True)
class Opened:
    """The shipped `ota` on a database, with the credentials of its callers."""

    home: Path
    partner: str
    staff: str


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Opened]:
    """The programme with its rewards, a partner and a person of staff; a home with their keys."""
    with tempfile.TemporaryDirectory(prefix="milepost-soak-") as folder:
        home, now = Path(folder), datetime.now(UTC)
        async with connected(url, everywhere=False):
            await programmes.establish(reader.validate(document()), now, by="test", note="")
            programme = await demo.publish(PROGRAMME)
            partner_id = await partners.create(programme, "engine", "Booking engine", now)
            key = await partner_keys.issue(
                programme, partner_id, OWN_SCOPES, now, environment="development"
            )
        staff = keys.staff_token(load(home=home), PROGRAMME, "kim", now)
        yield Opened(home, key, staff)


def document() -> dict[str, Any]:
    """The shipped policy, but new members may transfer points, and there are no grants."""
    shipped = (ROOT / "domain" / "programmes" / "documents" / f"{PROGRAMME}.yaml").read_text(
        encoding="utf-8"
    )
    return {**yaml.safe_load(shipped), "transfers": {"account_age_days": 0}, "grants": []}


class Process:
    """One process of `python -m ops` at a time, on one database, with one log for all."""

    def __init__(self, arguments: list[str], url: str, home: Path, **variables: str) -> None:
        self.log = home / f"{arguments[0]}.log"
        self.log.touch()
        self._arguments = arguments
        self._variables = {
            **{name: value for name, value in os.environ.items() if name[:9] != "MILEPOST_"},
            "PYTHONPATH": str(ROOT),
            "MILEPOST_HOME": str(home),
            "MILEPOST_SECRET_KEY": base64.b64encode(SECRET_KEY).decode(),
            "MILEPOST_DATABASE_URL": url,
            **variables,
        }
        self._process: Forked | None = None
        self.descriptors: int | None = None
        """Its limit of open files, including connections; by default this process's limit."""

    def begin(self) -> None:
        """Start it without waiting."""
        log = str(self.log)
        self._process = Forked(
            self._arguments,
            self._variables,
            output=log,
            errors=log,
            descriptors=self.descriptors,
        )

    async def begun(self, ready: Callable[[], Awaitable[bool]]) -> None:
        """Wait until it is ready.

        Raises: RuntimeError if it ends, with its log, or does not get ready.
        """
        deadline = time.monotonic() + START_SECONDS
        while not await ready():
            if not self.runs:
                raise RuntimeError(self.log.read_text(errors="replace")[-4000:])
            if time.monotonic() > deadline:
                raise RuntimeError("it does not get ready")
            await asyncio.sleep(0.02)

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """Kill it by SIGKILL, so that it cannot finish anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, START_SECONDS)


class Served(Process):
    """A server on a port of its own."""

    def __init__(
        self, url: str, home: Path, *, descriptors: int | None = None, **variables: str
    ) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        arguments = ["serve", "--port", str(self.port), "--no-migrate", "--no-worker"]
        unlimited = {
            "MILEPOST_PARTNER_RATE_PER_SECOND": "1000000",
            "MILEPOST_PARTNER_RATE_BURST": "1000000",
            "MILEPOST_PARTNER_IN_FLIGHT_MAX": "1000000",
        }
        super().__init__(arguments, url, home, **unlimited, **variables)
        self.descriptors = descriptors

    async def start(self) -> None:
        """Start it and wait until it is ready; raises RuntimeError otherwise."""
        self.begin()
        async with httpx.AsyncClient(base_url=self.address, timeout=CALL_SECONDS) as client:

            async def ready() -> bool:
                return await status(client, "/readyz") == 200

            await self.begun(ready)


async def status(client: httpx.AsyncClient, path: str) -> int | None:
    """The status that a probe answers; None if there is no answer."""
    try:
        return (await client.get(path)).status_code
    except httpx.TransportError:
        return None


@dataclass(frozen=True, slots=True)
class Callers:
    """The partner and the person of staff, on connections of their own."""

    partner: httpx.AsyncClient
    staff: httpx.AsyncClient

    async def send(self, operation: Operation) -> httpx.Response:
        """Send a mutation and note its payload, if it has one.

        Raises: httpx.TransportError if there is no answer.
        """
        client = self.staff if operation.name == "adjustPoints" else self.partner
        body = {"query": operation.query, "variables": {"input": operation.sent}}
        response = await client.post("/graphql", json=body)
        operation.payload = (response.json().get("data") or {}).get(operation.name)
        return response

    async def ask(self, query: str, **variables: Any) -> httpx.Response:
        """The answer to a query of staff."""
        body = {"query": query, "variables": variables}
        return await self.staff.post("/graphql", json=body)


@asynccontextmanager
async def calling(served: Served, programme: Opened) -> AsyncIterator[Callers]:
    """Callers of a server, for the duration of the block."""
    async with (
        _client(served, programme.partner) as partner,
        _client(served, programme.staff) as staff,
    ):
        yield Callers(partner, staff)


def _client(served: Served, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=served.address,
        headers={"Authorization": f"Bearer {token}"},
        timeout=CALL_SECONDS,
    )
