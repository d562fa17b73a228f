"""The migrated database against what the models declare and the committed list of constraints.

After a wanted change of constraints, `python -m tests.models.constraints` writes the list
anew from a freshly migrated database; the difference belongs into the review.
"""

import pytest

from ops.errors import DatabaseError
from ops.postgres.connections import connection, role
from ops.upgrade import migrate
from ops.worker import queue
from ops.worker.queue import QUEUE_SCHEMA
from tests.conftest import Database
from tests.models.constraints import COMMITTED, constraints, render
from tests.models.declared import MODELS, TABLES, TOOLS, declared_columns, migrated_columns
from tests.support import factories as make


async def test_migrating_an_empty_database_gives_what_the_models_declare(
    fresh_database: Database,
) -> None:
    async with connection(fresh_database.owner) as owner:
        migrated = await migrated_columns(owner)
    declared = {str(model.describe()["table"]): declared_columns(model) for model in MODELS}
    assert {name: migrated[name] for name in migrated if name not in TOOLS} == declared


async def test_the_constraints_are_those_of_the_committed_list(fresh_database: Database) -> None:
    async with connection(fresh_database.owner) as owner:
        found = await constraints(owner)
    assert render(found) == COMMITTED.read_text(encoding="utf-8")
    assert found == sorted(found)


def test_a_refused_call_is_compared_in_every_table_that_it_could_change() -> None:
    # a test makes keys for its callers whenever it needs them
    # and no call is upkeep of the whole database
    fixed = {"programme", "partner", "partner_key", "upkeep"}
    fixed |= {"audit", "audit_head", "audit_reason"}  # which has a row of each of these keys
    assert set(make.COMPARED) == TABLES - fixed


async def test_the_queue_lies_apart_as_the_installed_library_declares_it(
    database: Database,
) -> None:
    async with connection(database.owner) as owner, queue.opened(database.serving) as asked:
        schemas = await owner.fetch(
            "SELECT DISTINCT schemaname::text FROM pg_tables WHERE tablename LIKE 'pgqueuer%'"
        )
        assert [row[0] for row in schemas] == [QUEUE_SCHEMA]
        assert (await asked.plan_upgrade()).statements == ()
        assert await queue.converge(owner) == []


async def test_a_queue_of_an_older_library_is_refused_and_brought_up_to_date(
    fresh_database: Database,
) -> None:
    async with connection(fresh_database.owner) as owner:
        await owner.execute("ALTER TABLE pgqueuer.pgqueuer DROP COLUMN slot")
        with pytest.raises(DatabaseError, match="run `python -m ops migrate`"):
            async with queue.opened(fresh_database.serving):
                pass
    assert await migrate(fresh_database.owner, role(fresh_database.serving)) == [
        f"pgqueuer-{queue.VERSION}"
    ]
    async with queue.opened(fresh_database.serving) as asked:
        assert await queue.put(asked, "sweep")
