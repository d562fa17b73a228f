"""What somebody altered so that it cannot be read is a fault like others: it is named, and whatever
else is wrong is, too.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from domain.proof import verification
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.support import servers
from tests.support.servers import Server


@pytest.fixture(scope="module")
async def kinds(every_kind_server: Server) -> AsyncIterator[Server]:
    """A template of databases with rows of every kind, without all that holds them."""
    async with servers.clone(every_kind_server) as made:
        async with connection(made.owner) as owner:
            for table, name in await owner.fetch(CONSTRAINTS):
                await owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
        yield replace(every_kind_server, template=urlsplit(made.owner).path.strip("/"))


CONSTRAINTS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u')
"""

ONE = "WHERE ctid = (SELECT min(ctid) FROM {})"

ALTERED = {
    "an amendment's awards": (
        """UPDATE amendment SET awarded = awarded || '[1]'""",
        "amendment_checks.check is ended by TypeError",
    ),
    "a contact of nobody": (
        f"UPDATE contact SET member_id = gen_random_uuid() {ONE.format('contact')}",
        "contact_checks.check is ended by ValueError",
    ),
    "no lots": ("DELETE FROM lot", "verification._figures is ended by KeyError"),
    "an allocation to no lot": (
        "UPDATE allocation SET lot_id = gen_random_uuid()",
        "verification._figures is ended by KeyError",
    ),
    "a quote's awards": (
        """UPDATE quote SET awards = awards || '[1]'""",
        "quote_checks.check is ended by TypeError",
    ),
    "a quote's lines": (
        """UPDATE quote SET lines = lines || '[1]'""",
        "quote_checks.check is ended by TypeError",
    ),
    "a seal's rows": (
        r"""UPDATE seal SET rows = rows || '\x01'""",
        "seal_checks.check is ended by ValueError",
    ),
    "books of no programme": (
        "UPDATE books SET programme_id = gen_random_uuid()",
        "its programme is unreadable, should be one with policies",
    ),
    "a policy that is none": (
        """UPDATE policy_version SET id = gen_random_uuid(), document = '{"a": 1}'""",
        "its programme is unreadable, should be one with policies",
    ),
    "a policy of another kind": (
        "UPDATE policy_version SET id = gen_random_uuid(), document = '1'",
        "its programme is unreadable, should be one with policies",
    ),
}


@pytest.mark.parametrize("name", ALTERED)
async def test_what_cannot_be_read_is_named_and_hides_nothing(kinds: Server, name: str) -> None:
    sql, said = ALTERED[name]
    async with servers.clone(kinds) as own:
        async with connection(own.owner) as owner:
            assert int((await owner.execute(sql)).split()[1])
            await owner.execute("UPDATE pool_stock SET remaining = remaining + 1")
            member_id = await owner.fetchval(
                "UPDATE account SET sequence = sequence + 1 WHERE member_id = "
                "(SELECT max(member_id::text)::uuid FROM account) RETURNING member_id"
            )
        async with connected(own.serving, everywhere=False):
            found = [fault async for batch in verification.batches() for fault in batch.faults]
    assert any(said in str(fault) for fault in found), [str(fault) for fault in found]
    assert any(fault.table == "pool_stock" for fault in found)
    assert ("account", member_id, "sequence") in {(f.table, f.row_id, f.what) for f in found}


async def test_what_is_written_of_days_without_books_is_named(kinds: Server) -> None:
    async with servers.clone(kinds) as own:
        async with connection(own.owner) as owner:
            held = {
                (table, one["programme_id"])
                for table in ("figure_day", "journal_day", "liability_day", "closed_period", "root")
                for one in await owner.fetch(f"SELECT programme_id FROM {table}")
            }
            await owner.execute("DELETE FROM books")
        async with connected(own.serving, everywhere=False):
            found = [fault async for batch in verification.batches() for fault in batch.faults]
    assert len({table for table, _ in held}) == 5
    assert held == {(one.table, one.row_id) for one in found if one.what == "its books"}
