"""The database of benchmarks: copies of played members hold as the originals do."""

from urllib.parse import urlsplit

from benchmarks import cloning, histories
from domain.kernel.database import rows
from domain.partners import partners
from domain.proof import first_seals, verification
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.conftest import Database, Server

PLAYED, COPIES = 3, 4


async def test_copies_have_their_own_ids_references_and_hashes_and_no_fault(
    server: Server, fresh_database: Database
) -> None:
    name = urlsplit(fresh_database.serving).path
    administrator = urlsplit(server.administrator)._replace(path=name).geturl()
    steps: list[int] = []
    async with connected(fresh_database.serving, pool_max=5, everywhere=False):
        programme = await histories.establish()
        engine = await partners.create(programme, histories.PARTNER, "Engine", histories.NOW)
        reporter = histories.caller(programme, engine)
        await histories.play(programme, reporter, PLAYED, 1, steps.append)
        played = await entries()
        async with connection(administrator) as owner:
            await cloning.clone(owner, COPIES, steps.append)
        sealed = [one async for one in first_seals.seal(programme.id, histories.NOW)]
        assert sum(sealed) == PLAYED * COPIES

        assert await verification.count() == PLAYED * COPIES
        async for batch in verification.batches():
            assert batch.faults == ()
        found = await entries()

    assert found["entries"] == found["ids"] == found["hashes"] == played["entries"] * COPIES
    assert found["bookings"] == found["references"] == played["bookings"] * COPIES
    assert found["granted"] == played["granted"] * COPIES


async def entries() -> dict[str, int]:
    [found] = await rows(
        "SELECT (SELECT count(*) FROM ledger_entry) AS entries, "
        "(SELECT count(DISTINCT id) FROM ledger_entry) AS ids, "
        "(SELECT count(DISTINCT hash) FROM ledger_entry) AS hashes, "
        "(SELECT count(*) FROM booking) AS bookings, "
        "(SELECT count(DISTINCT reference) FROM booking) AS references, "
        "(SELECT count(*) FROM activity WHERE reporter = 'system' "
        "AND reference LIKE '%' || member_id) AS granted"
    )
    return found
