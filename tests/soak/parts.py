"""Run parts of proofs, one process for each core: each part in a new process, on a new database."""

import asyncio
import importlib
import logging
import multiprocessing
import os
import pkgutil
import time
import traceback
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import structlog

from domain.kernel import secrecy
from tests import soak
from tests.soak.proofs import Proof, UnitFailed
from tests.support.servers import SECRET_KEY, Server, clone


@dataclass(frozen=True, slots=True)
class Part:
    proof: str
    first: int
    count: int
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a part did, when by the monotonic clock, and why it failed, if it did.

    `unit` is the number of the unit that failed, if known.
    """

    part: Part
    began: float
    ended: float
    done: Counter[str]
    failure: str = ""
    unit: int | None = None


def proofs() -> dict[str, Proof]:
    """Every proof of this folder by its name."""
    modules = [
        importlib.import_module(f"{soak.__name__}.{module.name}")
        for module in pkgutil.iter_modules(soak.__path__)
        if not module.name.startswith(("test_", "__"))
    ]
    found = [module.PROOF for module in modules if hasattr(module, "PROOF")]
    return {proof.name: proof for proof in found}


def parts(proof: Proof, seed: int, first: int, count: int) -> list[Part]:
    """The units from `first` on, divided into parts."""
    last = first + count
    return [
        Part(proof.name, start, min(proof.part, last - start), seed)
        for start in range(first, last, proof.part)
    ]


def stages(work: Sequence[Part], alone: Collection[str]) -> list[tuple[Sequence[Part], int]]:
    """What runs at the same time, and how many processes at most: first the parts of the proofs
    that are proved `alone`, one after the other.
    """
    first = [part for part in work if part.proof in alone]
    others = [part for part in work if part.proof not in alone]
    return [(first, 1), (others, os.cpu_count() or 1)]


def run_all(server: Server, work: Sequence[Part], told: Any, at_once: int) -> Iterator[Outcome]:
    """Run the parts in their order; each outcome as soon as it is there.

    `told` is a queue of the `spawn` context: it gets the name of the proof and a number of
    units whenever some are proved.
    """
    pool = ProcessPoolExecutor(
        max_workers=at_once,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(told,),
        max_tasks_per_child=1,
    )
    finished = False
    try:
        for future in as_completed([pool.submit(_perform, server, part) for part in work]):
            yield future.result()
        finished = True
    finally:
        # if this is interrupted, parts that still run end with the server
        pool.shutdown(wait=finished, cancel_futures=True)


_told: Any = None


def _begin(told: Any) -> None:
    global _told  # noqa: PLW0603
    _told = told
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    # all processes need the same key, since they read each other's personal values
    secrecy.keep_under(lambda: [SECRET_KEY])


def _perform(server: Server, part: Part) -> Outcome:
    began = time.monotonic()
    done, failure, number = Counter[str](), "", None
    try:
        done = asyncio.run(_run(server, part))
    except Exception as error:
        failure = "".join(traceback.format_exception(error))
        number = error.number if isinstance(error, UnitFailed) else None
    return Outcome(part, began, time.monotonic(), done, failure, number)


async def _run(server: Server, part: Part) -> Counter[str]:
    proof = proofs()[part.proof]
    numbers = range(part.first, part.first + part.count)
    async with clone(server) as database:
        return await proof.run(
            database, numbers, part.seed, lambda units: _told.put((part.proof, units))
        )
