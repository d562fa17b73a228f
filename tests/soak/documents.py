"""Random histories under random documents: every invariant holds under any valid document.

A unit is a programme of its own, under a document that hypothesis writes and the product
publishes; its members use all operations, and further documents are published on the way. What
bookings earn, and what refunds leave of it, is computed a second time from the document's text
(`tests/support/naive.py`). So are, after each step, the grants given, ended and restored with their
points (`tests/support/naive_grants.py`). Every budget is added up again.
"""

from collections import Counter
from functools import partial
from typing import Any

from domain.kernel.database import rows
from tests.soak import (
    given_back,
    proofs,
    world_bookings,
    world_books,
    world_grants,
    world_members,
    world_purse,
    world_time,
    written,
)
from tests.soak.proofs import Proof, Tell
from tests.soak.world import World, begin
from tests.support import factories as make
from tests.support.servers import Database

LENGTH = 40
"""Steps of one history."""

CHECKED_EVERY = 4
"""Steps between two checks: what is wrong once stays wrong."""

STEPS: dict[Any, int] = {**world_bookings.STEPS, **world_members.STEPS, **world_time.STEPS}
"""A new operation of the product needs a step in one of these modules."""


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    return await proofs.play_each(database, numbers, tell, partial(play, seed))


async def play(seed: int, number: int, *, length: int = LENGTH) -> Counter[str]:
    """One history under one document and those that are published after it."""
    world = await begin(seed, number)
    try:
        await _play(world, length)
    except Exception as error:
        texts = [f"# from {since}\n{written.text(one)}" for since, one in world.documents]
        error.add_note("\n".join((*texts, *world.told)))
        raise
    return world.done


async def _play(world: World, length: int) -> None:
    steps, weights = list(STEPS), list(STEPS.values())
    while len(world.people) < 2:
        await world_members.enrol(world, None)
    await world_grants.observe(world)
    for number in range(1, length + 1):
        told = len(world.told)
        while len(world.told) == told:
            [step] = world.draw.choices(steps, weights)
            await step(world, world.draw.choice(world.people))
        await world_grants.observe(world)
        world.done["steps"] += 1
        if number % CHECKED_EVERY == 0:
            await prove(world)
    await world_time.work(world, world.people[0])
    await prove(world)
    await count_grants(world)


async def prove(world: World) -> None:
    found = await make.faults(*(person.member_id for person in world.people))
    assert found == [], found
    await world_books.prove_budgets(world)
    await world_purse.prove(world)
    ended, with_coupon = await given_back.prove(person.member_id for person in world.people)
    world.done["all given back"] = ended
    world.done["all given back: with a coupon"] = with_coupon


async def count_grants(world: World) -> None:
    """Count the grants of each kind, to show that all kinds occur."""
    kinds = {
        grant["code"]: f"{grant['kind']} of {next(iter(grant['gives']))}"
        for _, document in reversed(world.documents)
        for grant in document.get("grants", ())
    }
    found = await rows(
        "SELECT a.type, r.kind FROM activity a LEFT JOIN activity_reversal r "
        "ON r.member_id = a.member_id AND r.activity_id = a.id "
        "WHERE a.programme_id = $1 AND a.reporter = 'system'",
        world.programme.id,
    )
    for one in found:
        said = f" {one['kind']}" if one["kind"] else ""
        world.done[f"grant: {kinds.get(one['type'], 'older')}{said}"] += 1


PROOF = Proof(
    name="documents",
    what="random histories under random documents, judged a second time",
    count=2_000,
    part=50,
    run=run,
)
