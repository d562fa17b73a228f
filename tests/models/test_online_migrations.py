"""What the SQL of a migration may say, since requests are served while it runs."""

from dataclasses import replace

import pytest

from ops.postgres import migrations
from ops.postgres.migrations import Migration
from tests.models import online

WITHIN = "SET LOCAL lock_timeout = '3s';"
ALONE = "SET lock_timeout = '10min';"
BATCH = "SELECT member_id, id FROM lot WHERE funder = '' LIMIT 1000"


def inside(sql: str) -> Migration:
    return Migration("1_x.py", f"{WITHIN}{sql}", in_transaction=True, models_state="")


def outside(sql: str) -> Migration:
    return Migration("1_x.py", f"{ALONE}{sql}", in_transaction=False, models_state="")


async def test_every_migration_after_the_first_goes_online() -> None:
    first, *later = await migrations.read()
    assert first.number == 0
    assert online.faults(later) == []


GOOD = {
    "a new table": inside(
        'CREATE TABLE "note" ("id" UUID NOT NULL); COMMENT ON TABLE note IS \'a; b\';'
        "ALTER TABLE note ADD CONSTRAINT note_id CHECK (id <> 'x'), ALTER id SET NOT NULL;"
        "CREATE INDEX note_id ON note (id);"
    ),
    "a column that may be null": inside("ALTER TABLE lot ADD COLUMN colour VARCHAR(64)"),
    "a column with a constant": inside(
        "ALTER TABLE lot ADD version SMALLINT NOT NULL DEFAULT 1, ADD name TEXT DEFAULT 'a, b'"
    ),
    "a column with its constant first": inside(
        'ALTER TABLE "lot" ADD COLUMN "version" INT DEFAULT 1 NOT NULL'
    ),
    "a default that goes": inside("ALTER TABLE lot ALTER COLUMN version DROP DEFAULT"),
    "a constraint for later": inside(
        "ALTER TABLE lot ADD CONSTRAINT lot_x CHECK (points IN (1, 2)) NOT VALID,"
        "DROP CONSTRAINT lot_y"
    ),
    "a constraint of what is there": outside("ALTER TABLE lot VALIDATE CONSTRAINT lot_x;"),
    "an index": outside(
        "DROP INDEX CONCURRENTLY IF EXISTS lot_x;\n-- anew\n"
        "CREATE UNIQUE INDEX CONCURRENTLY lot_x ON lot (member_id, points);"
    ),
    "a key by an index": inside("ALTER TABLE lot ADD CONSTRAINT lot_x UNIQUE USING INDEX lot_x"),
    "a backfill": outside(
        f"UPDATE lot SET funder = 'programme' WHERE (member_id, id) IN ({BATCH})"
    ),
    "a table that goes": inside("DROP TABLE note;"),
}


@pytest.mark.parametrize("migration", GOOD.values(), ids=GOOD)
def test_what_goes_online(migration: Migration) -> None:
    assert online.faults([migration]) == []


BAD = {
    "an index that locks": (
        inside("CREATE INDEX lot_x ON lot (points)"),
        "builds an index not CONCURRENTLY",
    ),
    "an index in a transaction": (
        inside("CREATE INDEX CONCURRENTLY lot_x ON lot (points)"),
        "CONCURRENTLY inside a transaction",
    ),
    "an index that a broken-off run left": (
        outside("CREATE INDEX CONCURRENTLY lot_x ON lot (points)"),
        "does not first drop",
    ),
    "an index that is kept whatever it is": (
        outside("CREATE INDEX CONCURRENTLY IF NOT EXISTS lot_x ON lot (points)"),
        "not known to be safe",
    ),
    "an index dropped": (inside("DROP INDEX lot_x"), "drops an index not CONCURRENTLY"),
    "a check of every row": (
        inside("ALTER TABLE lot ADD CONSTRAINT lot_x CHECK (points > 0)"),
        "not NOT VALID",
    ),
    "a reference of every row": (
        inside(
            "ALTER TABLE lot DROP CONSTRAINT a, ADD CONSTRAINT lot_x FOREIGN KEY (a, b) "
            "REFERENCES t (a, b) ON DELETE RESTRICT"
        ),
        "not NOT VALID",
    ),
    "a key of every row": (
        inside("ALTER TABLE lot ADD CONSTRAINT lot_x UNIQUE (member_id, points)"),
        "not NOT VALID",
    ),
    "a constraint validated at once": (
        inside(
            "ALTER TABLE lot ADD CONSTRAINT lot_x CHECK (points > 0) NOT VALID;"
            "ALTER TABLE lot VALIDATE CONSTRAINT lot_x"
        ),
        "validates a constraint inside a transaction",
    ),
    "a type": (
        inside("ALTER TABLE lot ALTER COLUMN points TYPE NUMERIC"),
        "not known to be quick",
    ),
    "a default that is computed": (
        inside("ALTER TABLE lot ADD COLUMN x UUID DEFAULT gen_random_uuid()"),
        "adds a column other than",
    ),
    "a time that is computed": (
        inside("ALTER TABLE lot ADD COLUMN x TIMESTAMPTZ NOT NULL DEFAULT now()"),
        "adds a column other than",
    ),
    "a column that every row lacks": (
        inside("ALTER TABLE lot ADD COLUMN x INT NOT NULL"),
        "adds a column other than",
    ),
    "a column that counts": (inside("ALTER TABLE lot ADD x BIGSERIAL"), "adds a column other"),
    "a column that is generated": (
        inside("ALTER TABLE lot ADD x BIGINT GENERATED ALWAYS AS (points * 2) STORED"),
        "adds a column other than",
    ),
    "a column that refers": (
        inside("ALTER TABLE lot ADD x UUID REFERENCES reward (id)"),
        "adds a column other than",
    ),
    "no NULL": (inside("ALTER TABLE lot ALTER COLUMN funder SET NOT NULL"), "forbids NULL without"),
    "a name": (inside("ALTER TABLE lot RENAME COLUMN funder TO payer"), "not known to be quick"),
    "a table outside": (outside("CREATE TABLE note (id UUID)"), "outside a transaction"),
    "a column outside": (
        outside("ALTER TABLE lot ADD COLUMN x INT"),
        "could not do so a second time",
    ),
    "all rows": (outside("UPDATE lot SET funder = 'x LIMIT 5'"), "more than 10000 rows"),
    "all rows of another": (outside("DELETE FROM lot"), "more than 10000 rows"),
    "too many rows": (
        outside("DELETE FROM lot WHERE id IN (SELECT id FROM lot LIMIT 20000)"),
        "more than 10000 rows",
    ),
    "rows in a transaction": (
        inside("INSERT INTO note SELECT id FROM lot LIMIT 10"),
        "inside a transaction",
    ),
    "a rewrite": (outside("CLUSTER lot USING lot_pkey"), "not known to be safe"),
    "a table of another": (inside("CREATE TABLE note AS SELECT 1"), "not known to be safe"),
    "a block": (inside("DO $$ BEGIN UPDATE lot SET funder = ''; END $$"), "not known to be safe"),
    "a lock": (inside("LOCK TABLE lot"), "not known to be safe"),
}


@pytest.mark.parametrize(("migration", "why"), BAD.values(), ids=BAD)
def test_what_does_not_go_online(migration: Migration, why: str) -> None:
    [fault] = online.faults([migration])
    assert fault.startswith("1_x.py: ")
    assert why in fault


@pytest.mark.parametrize(
    ("begin", "in_transaction", "why"),
    [
        ("", True, "no SET LOCAL lock_timeout"),
        ("SET lock_timeout = '3s';", True, "no SET LOCAL lock_timeout"),
        ("SET LOCAL lock_timeout = '3s';", False, "no SET lock_timeout"),
        ("SET LOCAL lock_timeout = '0s';", True, "more than 10 seconds"),
        ("SET LOCAL lock_timeout = '11s';", True, "more than 10 seconds"),
        ("SET LOCAL lock_timeout = '1min';", True, "more than 10 seconds"),
        ("SET lock_timeout = '0s';", False, "more than 10 seconds"),
    ],
)
def test_no_migration_waits_for_long(begin: str, in_transaction: bool, why: str) -> None:
    migration = Migration("1_x.py", f"{begin}DROP TABLE note", in_transaction, models_state="")
    assert why in online.faults([migration])[0]
    assert online.faults([replace(migration, sql=begin)]) != []


def test_null_is_forbidden_in_three_steps() -> None:
    claim = "ALTER TABLE lot ADD CONSTRAINT has CHECK (funder IS NOT NULL) NOT VALID"
    steps = [
        inside(claim),
        outside("ALTER TABLE lot VALIDATE CONSTRAINT has"),
        inside("ALTER TABLE lot ALTER funder SET NOT NULL, DROP CONSTRAINT has"),
    ]
    assert online.faults(steps) == []
    assert len(online.faults(steps[::2])) == 1
    other = inside(claim.replace("funder", "points"))
    assert len(online.faults([other, *steps[1:]])) == 1
