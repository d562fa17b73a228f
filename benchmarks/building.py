"""The database of a benchmark, built once and kept as a template."""

import asyncio
from contextlib import AbstractContextManager
from typing import Protocol

from benchmarks import cloning, histories, place
from benchmarks.place import Place
from domain.partners import partners
from domain.proof import first_seals
from ops.postgres.connections import connection
from ops.postgres.database import connected
from ops.progress import Advance

PLAYED_MAX = 200
SEED = 1
PLAYED_POOL = 8


class Bar(Protocol):
    def __call__(self, description: str, total: int) -> AbstractContextManager[Advance]: ...


async def template(where: Place, members: int, bar: Bar) -> str:
    """The name of a database with so many members, built if it is not there."""
    name = place.template_name(members)
    if await place.exists(where, name):
        return name
    making = "bench_making"
    await place.create(where, making)
    played = min(PLAYED_MAX, members)
    copies = -(-members // played)
    async with connected(where.serving(making), pool_max=PLAYED_POOL, everywhere=False):
        programme = await histories.establish()
        partner_id = await partners.create(
            programme, histories.PARTNER, "Booking engine", histories.NOW
        )
        reporter = histories.caller(programme, partner_id)
        with bar(f"playing {played} members", played) as advance:
            await histories.play(programme, reporter, played, SEED, advance)
    async with connection(where.administrator(making)) as owner:
        with bar(f"cloning them to {members}", len(await cloning.tables(owner))) as advance:
            await cloning.clone(owner, copies, advance)
    async with connected(where.serving(making), everywhere=False):
        with bar("sealing them", members) as advance:
            async for sealed in first_seals.seal(programme.id, histories.NOW):
                advance(sealed)
    async with connection(where.administrator(making)) as owner:
        await owner.execute("VACUUM ANALYZE")
        await owner.execute("CHECKPOINT")
    await asyncio.sleep(0.1)  # a database is renamed when nobody is connected any more
    await place.keep_as(where, making, name)
    return name
