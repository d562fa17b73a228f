"""One server process is attacked, and an honest client is still answered.

All attacks of `tests.soak.attacks` last equally long. The honest client sends twenty requests a
second, reads and writes, half of them on new connections, without waiting for answers. None of its
answers may be lost, and 99 of 100 must arrive within a second.
"""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from domain.partners import partner_keys
from domain.programmes import programmes
from ops.commands import keys
from ops.postgres.database import connected
from ops.settings import ROOT, load
from tests.soak import proofs
from tests.soak.attacks import ATTACKS
from tests.soak.proofs import Proof, Tell
from tests.soak.served import PROGRAMME, Opened, Served, opened
from tests.support import factories as make
from tests.support.processes import TRUSTED
from tests.support.servers import Database

SECONDS = 60
"""Length of each attack in a full run."""
MEASURED_SECONDS = 10
"""An attack shorter than this is too short to measure the slowest answer in a hundred."""
P99_SECONDS = 1.0
ANSWER_SECONDS = 20.0
ASKED_PER_SECOND = 20
ASKED_MAX = 5
"""How often a client tries one request if its connections are dropped."""
DESCRIPTORS = 1024
"""The usual limit of a process, which gives 662 connections; FEWEST_DESCRIPTORS gives 86."""
FEWEST_DESCRIPTORS = 256
BY_CONNECTIONS = ("headers", "idle")
"""Attacks that are sent to the server with the fewest descriptors."""

READ = 'query { member(by: {reference: "honest"}) { name balance { available } } }'
WRITE = """mutation($input: EarnForBookingInput!) {
    earnForBooking(input: $input) { pointsAwarded errors { code } } }"""


@dataclass(slots=True)
class Honest:
    """One client, and the results of its requests."""

    address: str
    key: str
    kept: httpx.AsyncClient
    seconds: list[float] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    asked: int = 0

    async def ask(self) -> None:
        """Send one request, again if its connection is dropped.

        Raises: AssertionError if it is never answered.
        """
        self.asked += 1
        number, began = self.asked, time.monotonic()
        body = {"query": READ} if number % 2 else self._booking(number)
        for _ in range(ASKED_MAX):
            try:
                answer = await self._post(body, kept=number % 4 < 2)
            except httpx.TransportError as error:
                self.met[f"asked again: {type(error).__name__}"] += 1
                continue
            break
        else:
            raise AssertionError("an answer was lost")
        self.seconds.append(time.monotonic() - began)
        said = answer.json()
        assert answer.status_code == 200, answer.text
        assert "errors" not in said, said
        self.met["answered"] += 1

    async def _post(self, body: object, *, kept: bool) -> httpx.Response:
        if kept:
            return await self.kept.post("/graphql", json=body)
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx.AsyncClient(
            base_url=self.address, headers=headers, timeout=ANSWER_SECONDS, verify=TRUSTED
        ) as client:
            return await client.post("/graphql", json=body)

    def _booking(self, number: int) -> dict[str, object]:
        reference = f"{id(self)}-{number}"
        sent = {
            "idempotencyKey": reference,
            "reference": reference,
            "member": {"reference": "honest"},
            "lines": [{"product": "hotel", "amount": "100"}],
        }
        return {"query": WRITE, "variables": {"input": sent}}

    def slowest_in_a_hundred(self) -> float:
        return sorted(self.seconds)[len(self.seconds) * 99 // 100]


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    """The units are seconds, divided among the attacks."""
    seconds = max(0.3, len(numbers) / len(ATTACKS))
    done: Counter[str] = Counter()
    async with opened(database.serving) as programme:
        public = await _enrol(database.serving)
        usual, small = (
            Served(database.serving, programme.home, descriptors=descriptors)
            for descriptors in (DESCRIPTORS, FEWEST_DESCRIPTORS)
        )
        _, _, attacker = await asyncio.gather(usual.start(), small.start(), _attacker())
        try:
            for name in ATTACKS:
                with proofs.unit(numbers.start):
                    server = small if name in BY_CONNECTIONS else usual
                    tokens = {"public": public, "member": _token(programme, name)}
                    sent = (name, server.port, seconds, tokens)
                    done += await _attacked(attacker, server, programme, sent)
                tell(len(numbers) // len(ATTACKS))
        finally:
            await asyncio.gather(usual.stop(), small.stop(), attacker.communicate(b""))
        said = usual.log.read_text(errors="replace")  # both servers write to it
    assert '"bug"' not in said
    done["connections_full logged"] = said.count('"connections_full"')
    return done


async def _attacker() -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.soak.attacks"), cwd=ROOT, stdin=PIPE, stdout=PIPE
    )


async def _attacked(
    attacker: Process,
    server: Served,
    programme: Opened,
    sent: tuple[str, int, float, dict[str, str]],
) -> Counter[str]:
    assert attacker.stdin is not None
    assert attacker.stdout is not None
    name, _, seconds, _ = sent
    attacker.stdin.write(json.dumps(sent).encode() + b"\n")
    ended = asyncio.create_task(attacker.stdout.readline())
    headers = {"Authorization": f"Bearer {programme.partner}"}
    async with httpx.AsyncClient(
        base_url=server.address, headers=headers, timeout=ANSWER_SECONDS
    ) as kept:
        honest = Honest(server.address, programme.partner, kept)
        asked = []
        while not ended.done():
            asked.append(asyncio.create_task(honest.ask()))
            await asyncio.sleep(1 / ASKED_PER_SECOND)
        await asyncio.gather(*asked)
    said = ended.result()
    assert said, f"the attack {name} failed"
    slowest = honest.slowest_in_a_hundred()
    bound = P99_SECONDS if seconds >= MEASURED_SECONDS else ANSWER_SECONDS
    assert slowest < bound, f"{name}: one answer in a hundred took {slowest:.2f} s and more"
    done = Counter({f"{name}: {what}": times for what, times in json.loads(said).items()})
    done |= {f"{name}: honest {what}": times for what, times in honest.met.items()}
    done[f"{name}: honest p99 in ms"] = round(slowest * 1000)
    return done


async def _enrol(url: str) -> str:
    """Enrol the honest client's member and one for each attack; a key for public pages."""
    now = datetime.now(UTC)
    async with connected(url, everywhere=False):
        ota = await programmes.get(PROGRAMME)
        for reference in ("honest", *ATTACKS):
            await make.enrol(ota, now=now, reference=reference)
        return await partner_keys.issue_public(ota, now, environment="development")


def _token(programme: Opened, reference: str) -> str:
    return keys.member_token(load(home=programme.home), PROGRAMME, reference, datetime.now(UTC))


PROOF = Proof(
    name="flood",
    what="seconds of attacks beside an honest client",
    count=len(ATTACKS) * SECONDS,
    part=len(ATTACKS) * SECONDS,
    run=run,
    alone=True,
)
