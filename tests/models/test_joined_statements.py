"""What statements join, as a database sharded by member needs it.

Those that the tests send are judged where a worker of the tests ends, in `tests/conftest.py`.
"""

import importlib

import pytest

from tests.support.apart import JOINS_APART, apart, joined_apart, limited, limited_within

TOGETHER = {
    "a member's tables": "SELECT 1 FROM lot l JOIN booking b ON b.member_id = l.member_id",
    "a copied one": "SELECT 1 FROM redemption r JOIN reward w ON w.id = r.reward_id",
    "two counters": "SELECT 1 FROM coupon_code c JOIN reward_stock s ON s.reward_id = c.reward_id",
    "a list": "SELECT 1 FROM unnest($1::text[]) AS u (code) JOIN coupon_code c ON c.code = u.code",
    "a query of its own": "SELECT 1 FROM rule_budget WHERE rule IN (SELECT rule FROM quote)",
    "a union": "SELECT id FROM quote UNION ALL SELECT id FROM rule_budget",
    "a part kept apart": """WITH kept AS MATERIALIZED (SELECT rule, points FROM quote)
        SELECT 1 FROM rule_budget b JOIN kept ON kept.rule = b.rule""",
    "a part that writes": """WITH gone AS (DELETE FROM quote RETURNING rule)
        SELECT 1 FROM rule_budget b JOIN gone ON gone.rule = b.rule""",
    "a part that is read twice": """WITH kept AS (SELECT rule FROM quote)
        SELECT 1 FROM rule_budget b JOIN kept ON kept.rule = b.rule
        WHERE (SELECT count(*) FROM kept) > 0""",
    "parts of their own": """WITH first AS (UPDATE rule_budget SET used = 1),
        second AS (UPDATE lot SET remaining = 0) SELECT 1""",
    "new rows": "INSERT INTO rule_budget (rule) SELECT rule FROM quote",
    "a name of another": "SELECT 1 FROM redemption WHERE status = 'coupon_code'",
}

APART = {
    "joined": (
        "SELECT 1 FROM redemption r JOIN coupon_code c ON c.redemption_id = r.id",
        ["coupon_code"],
    ),
    "in a list": ("SELECT 1 FROM contact c, erased_contact e WHERE 1 = 1", ["erased_contact"]),
    "by another key": (
        "SELECT 1 FROM member m LEFT JOIN lookup l ON l.member_id = m.member_id",
        ["lookup"],
    ),
    "with rows of jobs, and parts": (
        "SELECT 1 FROM booking b, import_row i, feed_entry f",
        ["feed_entry", "import_row"],
    ),
    "correlated": (
        "SELECT (SELECT sum(q.points) FROM quote q WHERE q.rule = b.rule) FROM rule_budget b",
        ["rule_budget"],
    ),
    "correlated the other way": (
        (
            "SELECT 1 FROM redemption r WHERE r.member_id = $1 AND NOT EXISTS "
            "(SELECT FROM coupon_code c WHERE c.redemption_id = r.id)"
        ),
        ["coupon_code"],
    ),
    "correlated below a union": (
        (
            "SELECT 1 FROM rule_budget b CROSS JOIN LATERAL (SELECT q.id FROM quote q "
            "WHERE q.rule = b.rule UNION ALL SELECT NULL) own"
        ),
        ["rule_budget"],
    ),
    "correlated by a list": (
        (
            "SELECT 1 FROM rule_budget b, unnest($1::text[]) AS asked (rule) "
            "WHERE EXISTS (SELECT FROM quote q WHERE q.rule = asked.rule)"
        ),
        ["rule_budget"],
    ),
    "a part that is merged": (
        (
            "WITH kept AS (SELECT rule FROM quote) "
            "SELECT 1 FROM rule_budget b JOIN kept ON kept.rule = b.rule"
        ),
        ["rule_budget"],
    ),
    "a query to read from": (
        (
            "SELECT 1 FROM (SELECT id FROM redemption WHERE member_id = $1) r "
            "JOIN coupon_code c ON c.redemption_id = r.id"
        ),
        ["coupon_code"],
    ),
    "a union to read from": (
        (
            "SELECT 1 FROM rule_budget JOIN (SELECT rule FROM award UNION ALL "
            "SELECT rule FROM quote) taken USING (rule)"
        ),
        ["rule_budget"],
    ),
    "a part that is merged with new rows": (
        (
            "WITH kept AS (SELECT rule FROM quote) INSERT INTO lot (id) "
            "SELECT 1 FROM rule_budget b JOIN kept ON kept.rule = b.rule"
        ),
        ["rule_budget"],
    ),
    "within a part": (
        "WITH found AS MATERIALIZED (SELECT 1 FROM quote, rule_budget) SELECT 1 FROM found",
        ["rule_budget"],
    ),
    "changes": (
        "UPDATE rule_budget SET used = 1 FROM quote q WHERE q.rule = rule_budget.rule",
        ["rule_budget"],
    ),
    "removals": (
        "DELETE FROM lot USING reward_stock s WHERE s.reward_id = lot.id",
        ["reward_stock"],
    ),
}


LATEST = "(SELECT 1 FROM booking b WHERE b.{} ORDER BY b.id LIMIT 1) l"

LIMITED = {
    "a copied table": (
        f"SELECT 1 FROM webhook w CROSS JOIN LATERAL {LATEST.format('status = w.url')}",
        ["w"],
    ),
    "one without another name": (
        f"SELECT 1 FROM webhook CROSS JOIN LATERAL {LATEST.format('status = webhook.url')}",
        ["webhook"],
    ),
    "a list": (
        f"SELECT 1 FROM unnest($1::uuid[]) AS u (id), LATERAL {LATEST.format('member_id = u.id')}",
        ["u"],
    ),
    "a list of members": (
        (
            "SELECT 1 FROM unnest($1::uuid[]) AS u (id), LATERAL (SELECT 1 FROM booking b "
            "WHERE b.member_id = ANY($2) AND b.id = u.id LIMIT 1) l"
        ),
        ["u"],
    ),
    "a list of one member's things": (
        (
            "SELECT 1 FROM unnest($2::uuid[]) AS u (id), LATERAL (SELECT 1 FROM booking b "
            "WHERE b.member_id = $1 AND b.id = u.id LIMIT 1) l"
        ),
        [],
    ),
    "a member's table": (
        f"SELECT 1 FROM account a CROSS JOIN LATERAL {LATEST.format('member_id = a.member_id')}",
        [],
    ),
    "a part": (
        (
            "WITH a AS (SELECT * FROM account) "
            f"SELECT 1 FROM a CROSS JOIN LATERAL {LATEST.format('member_id = a.member_id')}"
        ),
        [],
    ),
    "nothing": (f"SELECT 1 FROM webhook w CROSS JOIN LATERAL {LATEST.format('id = $1')}", []),
    "a table that is not of members": (
        (
            "SELECT 1 FROM webhook w CROSS JOIN LATERAL (SELECT 1 FROM reward r "
            "WHERE r.id = w.id LIMIT 1) l, lot"
        ),
        [],
    ),
    "no limit": (
        (
            "SELECT 1 FROM webhook w CROSS JOIN LATERAL (SELECT count(*) FROM booking b "
            "WHERE b.status = w.url) l LIMIT 1"
        ),
        [],
    ),
}


@pytest.mark.parametrize(("sql", "names"), LIMITED.values(), ids=LIMITED)
def test_what_a_limit_within_lateral_depends_on(sql: str, names: list[str]) -> None:
    assert limited(sql) == names


def test_nobody_limits_within_lateral_by_what_is_not_of_members() -> None:
    sql, _ = LIMITED["a list"]
    assert limited_within({sql: "domain.accounts.sweeps.longest_due"}) == [
        f"domain.accounts.sweeps.longest_due limits within LATERAL by u: {sql}"
    ]


@pytest.mark.parametrize("sql", TOGETHER.values(), ids=TOGETHER)
def test_a_statement_that_joins_what_lies_together(sql: str) -> None:
    assert apart(sql) == []


@pytest.mark.parametrize(("sql", "tables"), APART.values(), ids=APART)
def test_a_statement_that_joins_what_lies_apart(sql: str, tables: list[str]) -> None:
    assert apart(sql) == tables


def test_only_who_is_named_joins_what_lies_apart() -> None:
    sql = APART["joined"][0]
    assert joined_apart(dict.fromkeys([sql], next(iter(JOINS_APART)))) == []
    [fault] = joined_apart({sql: "domain.rewards.coupons.use"})
    assert fault == f"domain.rewards.coupons.use joins members with coupon_code: {sql}"


@pytest.mark.parametrize("sender", JOINS_APART)
def test_who_is_named_is_there(sender: str) -> None:
    module, _, function = sender.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))
