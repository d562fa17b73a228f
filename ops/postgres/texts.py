"""Moving typed texts from before separate storage out of permanent rows.

Each run of `migrate` moves existing ones, also those that servers of a previous release wrote
since, which `verify` names. A starting server does so if it migrates. A worker encrypts the texts.
"""

import asyncpg

ROWS_MAX = 10_000

_TYPED = {
    # reasons of entries are also given by the system, and since format 2 only by it
    ("ledger_entry", "reason"): "t.hash_version = 1 AND t.reason <> t.actor",
    ("activity_reversal", "reason"): "true",
    ("referral", "reason"): "true",
    ("tier_change", "note"): "true",
    ("transfer", "note"): "true",
    ("redemption", "partner_account"): "true",
    ("redemption", "tracking"): "true",
    ("redemption", "cancel_reason"): "true",
}
"""By table and column, which of its texts people typed."""

_COMMITTED = (
    "'sha256:' || rtrim(translate(encode(sha256(f.salt || convert_to(f.said, 'UTF8')), 'base64'), "
    "'+/', '-_'), '=')"
)


def _moves(table: str, column: str, typed: str) -> str:
    """A statement that moves some: a row of one that has several versions is named by both."""
    version = ", t.version" if table == "referral" else ""
    same = " AND t.version = m.version" if version else ""
    return f"""
WITH f AS MATERIALIZED (
    SELECT t.member_id, t.id{version}, t.{column} AS said,
        decode(replace(gen_random_uuid()::text, '-', ''), 'hex') AS salt
    FROM {table} t WHERE t.{column} IS NOT NULL AND t.{column} NOT LIKE 'sha256:%'
        AND {typed} LIMIT {ROWS_MAX} FOR UPDATE
), m AS MATERIALIZED (SELECT f.*, {_COMMITTED} AS commitment FROM f), kept AS (
    INSERT INTO private_text (member_id, id, owner_table, owner_id, field, commitment, salt, value)
    SELECT member_id, gen_random_uuid(), '{table}', id, '{column}', commitment, salt, said FROM m
)
UPDATE {table} t SET {column} = m.commitment FROM m
WHERE t.member_id = m.member_id AND t.id = m.id{same}"""


async def keep_apart(owner: asyncpg.Connection) -> list[str]:
    """Names the columns that had such texts."""
    if not await owner.fetchval("SELECT to_regclass('private_text') IS NOT NULL"):
        return []
    moved = []
    for (table, column), typed in _TYPED.items():
        sql = _moves(table, column, typed)
        while int((await owner.execute(sql)).rpartition(" ")[2]):
            moved.append(f"texts of {table}.{column}")
    while int((await owner.execute(_ATTRIBUTES)).rpartition(" ")[2]):
        moved.append("texts of activity.attributes")
    return sorted(set(moved))


_ATTRIBUTES = f"""
WITH d AS MATERIALIZED (
    SELECT v.id AS version_id, a ->> 'code' AS type, array_remove(
        array(SELECT jsonb_object_keys(coalesce(a -> 'attributes', '{{}}')))
        || array[a -> 'points' ->> 'attribute', '*'], NULL) AS names
    FROM policy_version v, jsonb_array_elements(v.document -> 'activities') a
), f AS MATERIALIZED (
    SELECT t.member_id, t.id, (t.attributes - d.names)::text AS said,
        decode(replace(gen_random_uuid()::text, '-', ''), 'hex') AS salt
    FROM activity t JOIN d ON d.version_id = t.policy_version_id AND d.type = t.type
    WHERE t.attributes <> '{{}}' AND t.attributes - d.names <> '{{}}' LIMIT {ROWS_MAX}
), m AS MATERIALIZED (SELECT f.*, {_COMMITTED} AS commitment FROM f), kept AS (
    INSERT INTO private_text (member_id, id, owner_table, owner_id, field, commitment, salt, value)
    SELECT member_id, gen_random_uuid(), 'activity', id, 'attributes', commitment, salt, said FROM m
)
UPDATE activity t SET attributes =
    (t.attributes - array(SELECT jsonb_object_keys(m.said::jsonb)))
    || jsonb_build_object('*', m.commitment)
FROM m WHERE t.member_id = m.member_id AND t.id = m.id"""
"""Moves attributes of activities that the policy does not declare, of some at once."""
