"""`make soak`: every proof in full, and a table of what was done."""

import asyncio
import multiprocessing
import secrets
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tests.soak import parts
from tests.soak.parts import Outcome, Part
from tests.soak.proofs import Proof
from tests.support.servers import close_home, open_home, shared

PROGRESS_SECONDS = 15

Stages = Sequence[tuple[Sequence[Part], int]]
"""Parts that run at the same time, and in how many processes at most, one stage after another."""

console = Console(width=None if sys.stdout.isatty() else 120)


@dataclass(slots=True)
class Told:
    """How far each proof is, as its workers report."""

    wanted: dict[str, int]
    proved: Counter[str] = field(default_factory=Counter)

    def listen(self, queue: Any) -> None:
        """Read reports until one is `None`, and print the progress from time to time."""
        began = printed = time.monotonic()
        while (word := queue.get()) is not None:
            name, units = word
            self.proved[name] += units
            now = time.monotonic()
            if now - printed >= PROGRESS_SECONDS:
                printed = now
                # hypothesis draws more than were asked for, since it breaks some off
                far = [
                    f"{name} {min(self.proved[name], most)}/{most}"
                    for name, most in self.wanted.items()
                ]
                console.print(f"{now - began:5.0f} s  {'  '.join(far)}", highlight=False)


def soak(
    only: Annotated[list[str] | None, typer.Option(help="Name of a proof; repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(help="A new one each time if not given.")] = None,
    scale: Annotated[float, typer.Option(min=0, help="Of every count: 0.01 is a hundredth.")] = 1,
    first: Annotated[int, typer.Option(min=0, help="Number of the first unit.")] = 0,
    count: Annotated[int | None, typer.Option(min=1, help="Units, instead of the scale.")] = None,
) -> None:
    """Prove by numbers that the ledger holds; exit 1 if it does not."""
    known = parts.proofs()
    strange = [name for name in only or () if name not in known]
    if strange:
        raise typer.BadParameter(f"no proof {strange[0]!r}; there are {', '.join(sorted(known))}")
    chosen = [known[name] for name in only or sorted(known)]
    drawn = secrets.randbelow(2**32) if seed is None else seed
    console.print(f"seed {drawn}", highlight=False)
    counts = {proof.name: count or max(1, round(proof.count * scale)) for proof in chosen}
    work = [
        part for proof in chosen for part in parts.parts(proof, drawn, first, counts[proof.name])
    ]
    # the largest first, so that none of them runs alone at the end on one core
    work.sort(key=lambda part: -part.count / known[part.proof].count)
    alone = {proof.name for proof in chosen if proof.alone}
    outcomes = _watched(parts.stages(work, alone), Told(counts))
    for failed in (outcome for outcome in outcomes if outcome.failure):
        _print_failure(failed)
    console.print(_table(chosen, counts, drawn, outcomes), _kinds(chosen, outcomes))
    sys.exit(any(outcome.failure for outcome in outcomes))


def _watched(stages: Stages, told: Told) -> list[Outcome]:
    queue = multiprocessing.get_context("spawn").SimpleQueue()
    listener = threading.Thread(target=told.listen, args=(queue,), daemon=True)
    listener.start()
    try:
        return asyncio.run(_run(stages, queue))
    finally:
        queue.put(None)
        listener.join()


async def _run(stages: Stages, queue: Any) -> list[Outcome]:
    home = open_home()
    try:
        async with shared(home) as server:
            return [
                outcome
                for work, at_once in stages
                for outcome in parts.run_all(server, work, queue, at_once)
            ]
    finally:
        await asyncio.to_thread(close_home, home)


def _print_failure(outcome: Outcome) -> None:
    part = outcome.part
    first, count = (part.first, part.count) if outcome.unit is None else (outcome.unit, 1)
    console.print(outcome.failure, markup=False, highlight=False)
    console.print(
        f'again: make soak ARGS="--only {part.proof} --seed {part.seed} --first {first} '
        f'--count {count}"',
        markup=False,
        highlight=False,
    )


def _table(
    chosen: Sequence[Proof], counts: dict[str, int], seed: int, outcomes: Sequence[Outcome]
) -> Table:
    table = Table("proof", "what", "how many", "seed", "seconds", "result")
    for proof in chosen:
        own = [outcome for outcome in outcomes if outcome.part.proof == proof.name]
        seconds = max(one.ended for one in own) - min(one.began for one in own)
        failed = sum(bool(one.failure) for one in own)
        result = f"[red]{failed} of {len(own)} parts failed" if failed else "[green]holds"
        how_many = f"{counts[proof.name]:,}"
        table.add_row(proof.name, proof.what, how_many, str(seed), f"{seconds:.0f}", result)
    return table


def _kinds(chosen: Sequence[Proof], outcomes: Sequence[Outcome]) -> Table:
    table = Table("proof", "what it did", "times")
    for proof in chosen:
        done: Counter[str] = sum(
            (one.done for one in outcomes if one.part.proof == proof.name), Counter()
        )
        for kind, times in sorted(done.items()):
            table.add_row(proof.name, kind, f"{times:,}")
    return table


def _leave(number: int, _: FrameType | None) -> None:
    # raises SystemExit, so that the server is stopped on the way out
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    typer.run(soak)
