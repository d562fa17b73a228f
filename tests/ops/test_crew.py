"""Processes that share a task: its parts come back in order, and nobody is left behind."""

import asyncio
import multiprocessing
import os
import time
from contextlib import aclosing

import pytest

from domain.kernel import signing
from ops import crew
from ops.errors import OperationError
from tests.support.processes import eventually


def square(number: int) -> int:
    time.sleep(0.05 * (number % 2))
    return number * number


def vanish(number: int) -> int:
    os._exit(number)


def refuse(number: int) -> int:
    raise ValueError(f"not {number}")


def believed(_: int) -> tuple[tuple[bytes, ...], bool]:
    return signing.publics(), signing.are_public()


async def test_a_process_believes_the_keys_that_its_parent_believes() -> None:
    signing.use(None, [bytes(32)])
    try:
        told = [one async for one in crew.each(believed, [1], 1)]
    finally:
        signing.use(None, ())
    assert told == [((bytes(32),), False)]


async def test_parts_come_back_in_their_order() -> None:
    done = [one async for one in crew.each(square, range(9), 2)]
    assert done == [number * number for number in range(9)]


async def test_a_process_that_ends_by_itself_is_told() -> None:
    with pytest.raises(OperationError, match="a process ended unexpectedly"):
        [one async for one in crew.each(vanish, [1], 2)]


async def test_what_the_work_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="not 3"):
        [one async for one in crew.each(refuse, [3], 1)]


async def test_whoever_stops_leaves_no_process() -> None:
    async with aclosing(crew.each(square, range(10_000), 2)) as working:
        assert await anext(working) == 0
        assert len(multiprocessing.active_children()) == 2
    await asyncio.to_thread(eventually, lambda: not multiprocessing.active_children())
