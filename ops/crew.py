"""A crew: processes that each do parts of one task, all of which end when it is stopped."""

import asyncio
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from domain.kernel import sealing, signing
from domain.kernel.sealing import Keys
from domain.kernel.signing import DEVELOPMENT_SIGNER, Signer
from ops.errors import OperationError

AHEAD = 2
"""Parts that are given out for each process, so that none waits for the next one."""

Part = TypeVar("Part")
Done = TypeVar("Done")


async def each(
    work: Callable[[Part], Done], parts: Iterable[Part], processes: int
) -> AsyncGenerator[Done, None]:
    """The results of `work` for each part, in order; function and results must be picklable.

    Raises: OperationError where a process ended unexpectedly, and the exceptions of `work`.
    """
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(sealing.keys(), signing.signer(), signing.publics()),
    )
    loop, given = asyncio.get_running_loop(), deque[asyncio.Future[Done]]()
    try:
        for part in parts:
            given.append(loop.run_in_executor(pool, work, part))
            if len(given) >= AHEAD * processes:
                yield await given.popleft()
        while given:
            yield await given.popleft()
        await asyncio.to_thread(pool.shutdown)
    except BrokenProcessPool:
        raise OperationError("a process ended unexpectedly: run this again") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.terminate()


def _begin(keys: Keys, signer: Signer, publics: tuple[bytes, ...]) -> None:
    """Use the keys of the parent process for seals and signatures; end silently when interrupted,
    or when the parent has ended.
    """
    sealing.use(keys)
    signing.use(None if signer == DEVELOPMENT_SIGNER else signer, publics)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
