"""What statements say of whose rows they are about, as a database sharded by member needs it.

Those that the tests send are judged where a worker of the tests ends, in `tests/conftest.py`.
"""

import importlib
from uuid import uuid4

import pytest

from domain.kernel.database import rows
from domain.members import members
from tests.conftest import Database
from tests.support.records import has_unread_array
from tests.support.sharded import FANS_OUT, MEMBERS, Collecting, astray, unplaced

PLACED = {
    "a value": "SELECT id FROM lot WHERE member_id = $1 AND remaining > 0",
    "turned round": "SELECT id FROM lot WHERE $1 = member_id",
    "a value of a type": "SELECT id FROM lot WHERE member_id = $1::uuid",
    "several": "SELECT id FROM lot WHERE member_id = ANY($1::uuid[])",
    "one of some": "SELECT id FROM lot WHERE member_id IN ($1, $2)",
    "a row": "SELECT id FROM lot WHERE (member_id, id) IN (($1, $2)) AND member_id = $1",
    "joined": """SELECT 1 FROM lot l JOIN allocation a ON a.member_id = l.member_id
        AND a.lot_id = l.id JOIN ledger_entry e ON e.member_id = a.member_id
        WHERE l.member_id = $1""",
    "joined the other way": """SELECT 1 FROM allocation a JOIN lot l ON l.member_id = $1
        AND a.member_id = l.member_id""",
    "joined, and named": """SELECT 1 FROM lot l, booking b
        WHERE b.member_id = $1 AND l.member_id = $1""",
    "or none": """SELECT 1 FROM lot l LEFT JOIN booking b ON b.member_id = l.member_id
        WHERE l.member_id = ANY($1::uuid[])""",
    "in a sub-query": """SELECT (SELECT max(a.id) FROM award a WHERE a.member_id = $1
        AND a.booking_id = b.id) FROM booking b WHERE b.member_id = $1""",
    "correlated, and named": """SELECT (SELECT max(a.id) FROM award a
        WHERE a.member_id = b.member_id AND a.member_id = ANY($1::uuid[])) FROM booking b
        WHERE b.member_id = ANY($1::uuid[])""",
    "for each": """SELECT page.* FROM account whose CROSS JOIN LATERAL (SELECT * FROM lot l
        WHERE l.member_id = whose.member_id AND l.member_id = ANY($1) LIMIT 3) page
        WHERE whose.member_id = ANY($1)""",
    "a part": "WITH left_in AS (SELECT id FROM lot WHERE member_id = $1) SELECT * FROM left_in",
    "a union": """SELECT id FROM lot WHERE member_id = $1
        UNION ALL SELECT id FROM booking WHERE member_id = $1""",
    "new rows": "INSERT INTO lot (member_id, id) SELECT $1, id FROM unnest($2::uuid[]) AS n (id)",
    "new rows of others": """INSERT INTO lot (member_id, id)
        SELECT member_id, id FROM booking WHERE member_id = $1""",
    "changes": """UPDATE lot SET remaining = new.remaining FROM unnest($2::uuid[], $3::bigint[])
        AS new (id, remaining) WHERE lot.member_id = $1 AND lot.id = new.id""",
    "changes by another": """UPDATE lot SET remaining = 0 FROM booking b
        WHERE b.member_id = lot.member_id AND lot.member_id = $1""",
    "removals": "DELETE FROM quote WHERE member_id = $1 AND id = $2",
    "no member's": "SELECT 1 FROM reward WHERE id = $1",
    "a list of rows": """SELECT 1 FROM unnest($1::uuid[], $2::bigint[]) AS whose (id, sequence)
        JOIN ledger_entry e ON e.member_id = whose.id AND e.sequence <= whose.sequence
        WHERE e.member_id = ANY($1::uuid[])""",
    "no query": "BEGIN",
}

UNPLACED = {
    "anybody's": ("SELECT id FROM lot WHERE id = $1", ["lot"]),
    "either": ("SELECT id FROM lot WHERE member_id = $1 OR id = $2", ["lot"]),
    "not these": ("SELECT id FROM lot WHERE member_id <> $1", ["lot"]),
    "not all of these": ("SELECT id FROM lot WHERE member_id <> ALL($1)", ["lot"]),
    "distinct": ("SELECT id FROM lot WHERE member_id IS DISTINCT FROM $1", ["lot"]),
    "after": ("SELECT id FROM lot WHERE member_id > $1", ["lot"]),
    "computed": ("SELECT id FROM lot WHERE member_id = coalesce($1, member_id)", ["lot"]),
    "found": (
        "SELECT id FROM lot WHERE member_id = (SELECT m.member_id FROM member m)",
        ["lot", "member"],
    ),
    "rows": (
        "SELECT id FROM lot WHERE (member_id, id) IN (SELECT * FROM unnest($1, $2))",
        ["lot"],
    ),
    "joined": (
        "SELECT 1 FROM lot l JOIN booking b ON b.member_id = l.member_id",
        ["booking", "lot"],
    ),
    "joined by another key": (
        "SELECT 1 FROM lot l JOIN booking b ON b.id = l.booking_id WHERE l.member_id = $1",
        ["booking"],
    ),
    "kept without one": (
        (
            "SELECT 1 FROM lot l LEFT JOIN booking b ON b.member_id = l.member_id "
            "AND l.member_id = $1 AND b.member_id = $1"
        ),
        ["lot"],
    ),
    "kept on both sides": (
        "SELECT 1 FROM lot l FULL JOIN booking b ON b.member_id = $1 AND l.member_id = $1",
        ["booking", "lot"],
    ),
    "correlated": (
        (
            "SELECT (SELECT max(a.id) FROM award a WHERE a.member_id = b.member_id) "
            "FROM booking b WHERE b.member_id = $1"
        ),
        ["award"],
    ),
    "correlated in a condition": (
        (
            "SELECT 1 FROM booking b WHERE b.member_id = $1 AND NOT EXISTS "
            "(SELECT FROM award a WHERE a.member_id = b.member_id)"
        ),
        ["award"],
    ),
    "for each of a list": (
        (
            "SELECT 1 FROM unnest($1::uuid[]) AS whose (id) CROSS JOIN LATERAL "
            "(SELECT * FROM lot WHERE member_id = whose.id) own"
        ),
        ["lot"],
    ),
    "of a list of the same name": (
        (
            "SELECT 1 FROM unnest($1::uuid[]) AS whose (member_id) "
            "JOIN lot l ON l.member_id = whose.member_id"
        ),
        ["lot"],
    ),
    "a part": ("WITH own AS (SELECT id FROM lot) SELECT * FROM own", ["lot"]),
    "what a part does not say": (
        (
            "WITH own AS (SELECT * FROM lot WHERE member_id = $1) SELECT 1 FROM own "
            "JOIN booking b ON b.member_id = own.member_id"
        ),
        ["booking"],
    ),
    "half of a union": (
        "SELECT id FROM lot WHERE member_id = $1 UNION ALL SELECT id FROM booking",
        ["booking"],
    ),
    "new rows of others": ("INSERT INTO lot (id) SELECT id FROM booking", ["booking"]),
    "changes": (
        "UPDATE lot SET remaining = 0 FROM unnest($1::uuid[]) AS n (id) WHERE lot.id = n.id",
        ["lot"],
    ),
    "changes by another": (
        (
            "UPDATE lot SET remaining = 0 FROM booking b WHERE b.id = lot.booking_id "
            "AND lot.member_id = $1"
        ),
        ["booking"],
    ),
    "changes in a part": (
        "WITH w0 AS (UPDATE lot SET remaining = 0 WHERE id = $1 RETURNING 1) SELECT 1 FROM w0",
        ["lot"],
    ),
    "removals": ("DELETE FROM quote WHERE id = $1", ["quote"]),
    "a bare name of two": (
        "SELECT 1 FROM lot, booking WHERE member_id = $1",
        ["booking", "lot"],
    ),
}


@pytest.mark.parametrize("sql", PLACED.values(), ids=PLACED)
def test_a_statement_that_says_whose_rows_it_is_about(sql: str) -> None:
    assert unplaced(sql) == []


@pytest.mark.parametrize(("sql", "tables"), UNPLACED.values(), ids=UNPLACED)
def test_a_statement_that_does_not(sql: str, tables: list[str]) -> None:
    assert unplaced(sql) == tables


def test_tables_of_members_are_those_that_name_one() -> None:
    assert {"member", "account", "ledger_entry", "lot", "booking", "outbox_event"} <= MEMBERS
    assert MEMBERS.isdisjoint({"reward", "rule_budget", "lookup", "idempotency_key"})


async def test_statements_are_kept_with_who_sends_them(database: Database) -> None:
    assert await members.initials([uuid4()]) is not None
    [sql] = [
        sql for sql, who in Collecting.sent.items() if who == "domain.members.members.initials"
    ]
    assert "FROM member WHERE member_id = ANY($1::uuid[])" in sql


async def test_what_a_test_sends_is_its_own_matter(database: Database) -> None:
    await rows("SELECT count(*) AS of_a_test FROM member")
    assert not any("of_a_test" in sql for sql in Collecting.sent)


def test_only_who_is_named_asks_all_members() -> None:
    everybody = "SELECT count(*) FROM lot"
    assert astray({everybody: "domain.accounts.sweeps._due"}) == []
    [fault] = astray({everybody: "domain.ledger.opening.lock"})
    assert fault == f"domain.ledger.opening.lock does not say whose lot: {everybody}"


@pytest.mark.parametrize("sender", FANS_OUT)
def test_who_is_named_is_there(sender: str) -> None:
    module, _, function = sender.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize(
    ("sql", "unread"),
    [
        ("SELECT ARRAY(SELECT r FROM (SELECT array_agg(segment) FROM segment_member) r)", [True]),
        ("SELECT ARRAY(SELECT ROW(r.*) FROM (SELECT array_agg(DISTINCT a::text)) r)", [False]),
        ("SELECT array_agg(segment) FROM segment_member", []),
    ],
)
def test_an_array_that_a_new_connection_cannot_read_is_found(sql: str, unread: list[bool]) -> None:
    assert list(has_unread_array(sql)) == unread
