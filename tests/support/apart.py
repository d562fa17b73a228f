"""Check that no query joins tables that lie apart on a database that is distributed by member.

A member's tables are joined with each other, and with those that are copied to every machine. A
table that is spread by another column, or stays on the coordinator, is read by a query of its own:
by another statement, or by a part of one that the planner does not merge with the rest. What is
limited of each of several things is asked for each by itself.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from typing import Any

import models
from tests.support.sharded import (
    LEVELS,
    MEMBERS,
    NAMED,
    Node,
    all_of,
    equals,
    is_value,
    kind,
    levels,
    of_level,
    parts,
    tree,
)

ELSEWHERE = models.COUNTER_TABLES | models.LOOKUP_TABLES | models.PART_TABLES | models.JOB_TABLES
"""Tables whose rows do not lie with those of their members, and are not copied to every machine."""


def apart(sql: str) -> list[str]:
    """Tables that lie elsewhere which a statement joins with those of members in one query."""
    if not NAMED.search(sql) or not any(table in sql for table in ELSEWHERE):
        return []  # spares the parser, which is slow
    found: set[str] = set()
    whole = tree(sql)
    merged = _merged(whole)
    for level in levels(whole):
        tables = _joined(level, merged)
        if tables & MEMBERS:
            found |= tables & ELSEWHERE
    return sorted(found)


def _joined(level: Node, merged: Mapping[str, Node]) -> set[str]:
    """The tables of a query; of the queries and parts that it reads from, where these may be merged
    with it; and of sub-queries that name one of these tables.
    """
    found: set[str] = set()
    named: set[str] = set()
    for one in of_level(level):
        if kind(one) == "RangeVar":
            table = one["relname"]
            found |= _read_by(merged[table], merged) if table in merged else {table}
            named.add(table)
        elif kind(one) == "RangeSubselect":
            found |= _read_by(one["subquery"], merged)
        named |= {alias} if (alias := one.get("alias", {}).get("aliasname")) else set()
    for below in _below(level):
        if _outer(below) & named:
            found |= {one["relname"] for one in _every(below) if kind(one) == "RangeVar"}
    return found


def _read_by(query: Node, merged: Mapping[str, Node]) -> set[str]:
    """The tables of a query that another reads from, of all sides of a union."""
    sides = [query[side] for side in ("larg", "rarg") if side in query]
    return set[str]().union(*(_read_by(side, merged) for side in sides)) or _joined(query, merged)


def _merged(whole: Node) -> dict[str, Node]:
    """Parts of a statement by name that the planner may merge with what reads them: plain ones that
    are read once.
    """
    every = list(_every(whole))
    read = Counter(one["relname"] for one in every if kind(one) == "RangeVar")
    return {
        one["ctename"]: one["ctequery"]
        for one in every
        if kind(one) == "CommonTableExpr"
        and kind(one["ctequery"]) == "SelectStmt"
        and one["ctematerialized"] != "CTEMaterializeAlways"
        and read[one["ctename"]] == 1
        and not one.get("cterecursive")
    }


def _below(level: Node) -> Iterator[Node]:
    """The sub-queries that stand in a query itself."""
    for one in of_level(level):
        yield from (below for below in parts(one) if kind(below) in LEVELS)


def _outer(query: Node) -> set[str]:
    """Names of tables that a query takes from around it."""
    own, named = set(), set()
    for one in _every(query):
        if kind(one) == "ColumnRef" and len(one["fields"]) > 1:
            named.add(one["fields"][0]["sval"])
        own |= {alias} if (alias := one.get("alias", {}).get("aliasname")) else set()
        own |= {one["relname"]} if kind(one) == "RangeVar" else set()
    return named - own


def _every(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        yield node
    for part in parts(node):
        yield from _every(part)


def limited(sql: str) -> list[str]:
    """Names of lists, and of tables that are not of members, by which a limited query of many
    members within `LATERAL` differs from row to row: no distributed engine plans that.
    """
    if "LATERAL" not in sql or "LIMIT" not in sql or not NAMED.search(sql):
        return []
    whole = tree(sql)
    made = {one["ctename"] for one in _every(whole) if kind(one) == "CommonTableExpr"}
    return sorted(name for level in levels(whole) for name in _limits(level, made))


def _limits(level: Node, made: Container[str]) -> Iterator[str]:
    others = {
        one["alias"]["aliasname"] if "alias" in one else one["relname"]
        for one in of_level(level)
        if kind(one) == "RangeFunction"
        or (
            kind(one) == "RangeVar" and one["relname"] not in MEMBERS and one["relname"] not in made
        )
    }
    for one in of_level(level):
        if kind(one) == "RangeSubselect" and one.get("lateral"):
            below = one["subquery"]
            if "limitCount" in below and _read_by(below, {}) & MEMBERS and not _of_one(below):
                yield from _outer(below) & others


def _of_one(query: Node) -> bool:
    """Whether a query is about one member: it then runs where this is."""
    return any(
        kind(one) == "ColumnRef"
        and one["fields"][-1].get("sval") == "member_id"
        and is_value(value)
        for condition in all_of(query.get("whereClause"))
        if condition.get("kind") == "AEXPR_OP"
        for one, value in equals(condition)
    )


PROOF = "proves that two places say the same"
KEPT = "asks together, of what is kept of whoever was erased, in a union of its own"
CODES = "reads codes of some members' redemptions, by their ids"

JOINS_APART = {
    "api.balances.read_together": KEPT,
    "domain.bookings.groups._load": KEPT,
    "domain.ledger.opening.lock": KEPT,
    "domain.notices.upcoming._batch": "finds members whose coupons end soon, a batch at a time",
    "domain.privacy.exporting.document": CODES,
    "domain.proof.budget_checks.counters": PROOF,
    "domain.proof.coupon_checks.once": PROOF,
    "domain.proof.delivery_checks.of_members": PROOF,
    "domain.proof.job_checks._without_row": PROOF,
    "domain.proof.job_checks.of_members": PROOF,
    "domain.proof.prepaid_checks.counters": PROOF,
    "domain.proof.stock_checks._different": PROOF,
    "domain.proof.stock_checks.left": PROOF,
    "domain.redemptions.member_coupons.of_members": CODES,
    "domain.rewards.released._put_back": "puts back the sum of what some redemptions took",
    "domain.settlement.reading._coupons": CODES,
    "domain.settlement.reading._coupons_on_bookings": CODES,
}
"""Functions whose statements join what lies apart, with the reason."""


def joined_apart(sent: Mapping[str, str]) -> list[str]:
    """Statements that join tables which lie apart, except those of `JOINS_APART`."""
    return [
        f"{sender} joins members with {', '.join(tables)}: {sql}"
        for sql, sender in sent.items()
        if sender not in JOINS_APART and (tables := apart(sql))
    ]


def limited_within(sent: Mapping[str, str]) -> list[str]:
    """Statements that limit a member's rows for each row of something else."""
    return [
        f"{sender} limits within LATERAL by {', '.join(names)}: {sql}"
        for sql, sender in sent.items()
        if (names := limited(sql))
    ]
