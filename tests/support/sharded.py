"""Check that statements would run on a database that is distributed by member.

The rows of a member's tables lie on the shard of its `member_id`. A statement that names it for
each of these tables, in each of its sub-queries, runs on the shards that it is about; any other
asks all shards, or cannot run at all. Statements of the product are collected while tests run
(`Collecting`), and judged at their end (`unplaced`).
"""

import fcntl
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

import orjson
from pglast.parser import parse_sql_json
from tortoise.models import Model

import models
from ops.postgres import pool

Node = dict[str, Any]
"""A node of the tree that PostgreSQL's own parser makes of a statement; `@` has its kind, where
that matters.
"""

ROOT = Path(models.__file__).parent.parent
PRODUCT = tuple(f"{ROOT / room}/" for room in ("api", "domain", "ops"))
CARRIERS = tuple(
    f"{ROOT}/{file}"
    for file in (
        "domain/kernel/database.py",
        "domain/kernel/queries.py",
        "ops/postgres/pool.py",
        "tests/conftest.py",
    )
)
"""Modules that send statements on behalf of others."""


def tables_of_members() -> frozenset[str]:
    """Tables that are distributed by `member_id`."""
    every = {
        table._meta.db_table
        for _, table in inspect.getmembers(models, inspect.isclass)
        if issubclass(table, Model)
    }
    others = models.CATALOGUE_TABLES | models.LOOKUP_TABLES | models.PART_TABLES
    return frozenset(every - others - models.JOB_TABLES)


MEMBERS = tables_of_members()

NAMED = re.compile(rf"\b(?:{'|'.join(sorted(MEMBERS))})\b")

LEVELS = ("SelectStmt", "UpdateStmt", "DeleteStmt")
_BELOW = (*LEVELS, "WithClause")
_SIDES = {"JOIN_INNER": ("larg", "rarg"), "JOIN_LEFT": ("rarg",), "JOIN_RIGHT": ("larg",)}
"""By kind of join, the sides whose rows its condition restricts."""


class Collecting(pool.Connection):
    """A connection that records each statement of the product that it sends, with its sender."""

    sent: ClassVar[dict[str, str]] = {}

    async def _execute(self, query: str, *values: Any, **options: Any) -> Any:
        # the pool's proxies call asyncpg's public methods, not those of a subclass
        self.keep(query)
        return await super()._execute(query, *values, **options)

    async def _executemany(self, query: str, *values: Any, **options: Any) -> Any:
        self.keep(query)
        return await super()._executemany(query, *values, **options)

    @classmethod
    def keep(cls, query: str) -> None:
        if query not in cls.sent and (sender := _sender()):
            cls.sent[query] = sender


@contextmanager
def unjudged(home: Path) -> Iterator[Mapping[str, str]]:
    """The statements of this worker, and of processes that have ended, which no worker of this run
    has judged yet; the block has to judge them. `home` is the folder of the run.
    """
    with (home / "judged.jsonl").open("a+") as judged:
        fcntl.flock(judged, fcntl.LOCK_EX)
        judged.seek(0)
        known = {tuple(orjson.loads(line)) for line in judged}
        every: dict[str, str] = {}
        for path in home.glob("sent-*.json"):
            every |= orjson.loads(path.read_bytes())
        every |= Collecting.sent
        new = {sql: sender for sql, sender in every.items() if (sql, sender) not in known}
        yield new
        judged.writelines(orjson.dumps(one).decode() + "\n" for one in new.items())


def _sender() -> str | None:
    """The function of the product that sends the present statement; None if a test does."""
    frame: FrameType | None = sys._getframe(1)
    while frame:
        file = frame.f_code.co_filename
        if file.startswith(f"{ROOT}/tests/") and file not in (__file__, *CARRIERS):
            return None
        if file.startswith(PRODUCT) and file not in CARRIERS:
            module = file.removeprefix(f"{ROOT}/").removesuffix(".py").replace("/", ".")
            return f"{module}.{frame.f_code.co_qualname.split('.<locals>')[0]}"
        frame = frame.f_back
    return None


def unplaced(sql: str) -> list[str]:
    """Tables of members that a statement reads or changes without naming the members."""
    if not sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
        return []
    if not NAMED.search(sql):  # spares the parser, which is slow
        return []
    found: set[str] = set()
    for level in levels(tree(sql)):
        tables = _tables(level)
        placed = _placed(level, list(tables))
        found |= {table for alias, table in tables.items() if alias not in placed}
    return sorted(found)


_KIND_BY_PLACE = {
    "relation": "RangeVar",
    "typeName": "TypeName",
    "withClause": "WithClause",
    "larg": "SelectStmt",
    "rarg": "SelectStmt",
}
"""The kind of a node that the parser does not name, since only one kind is possible there."""

_LEAVES = frozenset(("ColumnRef", "ParamRef", "A_Const", "TypeName", "RangeVar"))
_COMPOSED = (dict, list)


def tree(sql: str) -> Node:
    """A statement as the parser reads it."""
    # as text, since pglast needs six times as long to make objects
    [statement] = orjson.loads(parse_sql_json(sql))["stmts"]
    read: Node = _read(statement["stmt"], "")
    return read


def _read(found: Any, place: str) -> Any:
    if isinstance(found, list):
        return [_read(one, place) for one in found]
    if not isinstance(found, dict):
        return found
    kind = _KIND_BY_PLACE.get(place)
    for name in found if len(found) == 1 else ():
        if name[0].isupper():
            kind, found = name, found[name]
    if kind == "List":
        return _read(found.get("items", []), place)
    return {"@": kind, **{name: _read(value, name) for name, value in found.items()}}


def levels(node: Any) -> Iterator[Node]:
    """Each query of a statement, including sub-queries and common table expressions."""
    if kind(node) in LEVELS:
        yield node
    for value in parts(node):
        yield from levels(value)


def of_level(node: Any) -> Iterator[Node]:
    """A node and those below it, without nested queries."""
    left = [node]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
        left += [part for part in parts(one) if kind(part) not in _BELOW]


def kind(node: Any) -> str | None:
    return node.get("@") if isinstance(node, dict) else None


def parts(node: Any) -> Iterable[Any]:
    """The child nodes of a node, or of a list of nodes."""
    if isinstance(node, dict):
        if node["@"] in _LEAVES:
            return ()
        node = node.values()
    elif not isinstance(node, list):
        return ()
    return [one for one in node if isinstance(one, _COMPOSED)]


def _tables(node: Any) -> dict[str, str]:
    """Tables of members that a query, or a part of it, reads or changes, by their aliases in it.
    A table to insert into is not among them, since each row has its member.
    """
    return {
        one.get("alias", {}).get("aliasname", one["relname"]): one["relname"]
        for one in of_level(node)
        if one.get("@") == "RangeVar" and one["relname"] in MEMBERS
    }


def _conditions(level: Node, every: set[str]) -> Iterator[tuple[Node, set[str]]]:
    """Conditions that must hold for every row of a query, with the tables that they restrict: the
    condition of an outer join does not restrict the side whose rows are all kept.
    """
    yield from ((one, every) for one in all_of(level.get("whereClause")))
    for join in of_level(level):
        if join.get("@") == "JoinExpr" and (kept := _SIDES.get(join["jointype"])):
            of = {alias for side in kept for alias in _tables(join[side])}
            yield from ((one, of) for one in all_of(join.get("quals")))


def all_of(condition: Node | None) -> Iterator[Node]:
    """The parts of a condition that are joined by AND."""
    if condition and condition["@"] == "BoolExpr" and condition["boolop"] == "AND_EXPR":
        for one in condition["args"]:
            yield from all_of(one)
    elif condition:
        yield condition


def _placed(level: Node, names: list[str]) -> set[str]:
    """Names of tables whose `member_id` equals a value, or the `member_id` of such a table."""
    placed: set[str] = set()
    equal: list[tuple[str, str]] = []
    for condition, of in _conditions(level, set(names)):
        for one, other in equals(condition):
            owner, partner = _owner(one, names), _owner(other, names)
            if owner in of and is_value(other):
                placed.add(owner)
            elif owner in of and partner:
                equal.append((partner, owner))
    for _ in equal:
        placed |= {owner for partner, owner in equal if partner in placed}
    return placed


def equals(condition: Node) -> list[tuple[Any, Any]]:
    """The two sides of `=` in both orders, and those of `= ANY` and `IN`."""
    if condition["@"] != "A_Expr" or condition["name"][0]["sval"] != "=":
        return []
    sides = condition["lexpr"], condition["rexpr"]
    if condition["kind"] == "AEXPR_OP":
        return [sides, sides[::-1]]
    return [sides] if condition["kind"] in ("AEXPR_OP_ANY", "AEXPR_IN") else []


def _owner(node: Any, names: list[str]) -> str | None:
    """The table whose `member_id` a node is; a bare column belongs to the only table."""
    if not isinstance(node, dict) or node["@"] != "ColumnRef":
        return None
    *table, column = (field.get("sval") for field in node["fields"])
    if column != "member_id":
        return None
    return table[0] if table else names[0] if len(names) == 1 else None


def is_value(node: Any) -> bool:
    """Whether a node is a parameter or constant, perhaps with a cast, or a list of these."""
    if isinstance(node, list):
        return all(is_value(one) for one in node)
    if node["@"] == "TypeCast":
        return is_value(node["arg"])
    return node["@"] in ("ParamRef", "A_Const")


SWEEP = "finds whose time has come, a batch at a time"
COUNTED = "is told to operators"
MEASURED = "says of each programme since when something waits"
PROOF = "reads members by ranges of ids"
SENT = "shows what an endpoint was sent, of whichever members"
CLEARED = "removes what nobody asks for any more, a batch at a time"

FIGURED = "adds up what was kept of each member"
FANS_OUT = {
    "domain.accounts.sweeps._due": SWEEP,
    "domain.accounts.sweeps.count_due": COUNTED,
    "domain.accounts.sweeps.longest_due": MEASURED,
    "domain.accounts.tier_sweeps._due": SWEEP,
    "domain.ledger.ledger.left_behind": SWEEP,
    "domain.accounts.tier_sweeps._without_period": SWEEP,
    "domain.accounts.tier_sweeps.count_due": COUNTED,
    "domain.activities.calendar_rules._batch": SWEEP,
    "domain.activities.tier_raises._batch": SWEEP,
    "domain.activities.waiting.candidates": SWEEP,
    "domain.backtests.backtests._make_room": CLEARED,
    "domain.backtests.backtests._start": "says how many members a back-test is about",
    "domain.backtests.claims._next": "takes claims of all members in the order of their facts",
    "domain.backtests.claims.forget": CLEARED,
    "domain.backtests.reading_others._referrers": "reads what stands with those who referred",
    "domain.bookings.overdue.count": "staff review lines of all members",
    "domain.bookings.overdue.members": SWEEP,
    "domain.bookings.overdue.page": "staff review lines of all members",
    "domain.claims.claims.count": "staff decide claims of all members",
    "domain.claims.claims.page": "staff decide claims of all members",
    "domain.claims.claims.waiting": MEASURED,
    "domain.delivery.deliveries.count": SENT,
    "domain.delivery.deliveries.page": SENT,
    "domain.delivery.lanes.due": SWEEP,
    "domain.delivery.lanes.forget": CLEARED,
    "domain.delivery.numbering._read": "takes what waits of a part of all members, in its order",
    "domain.delivery.numbering._take_over": SWEEP,
    "domain.delivery.numbering.oldest_waiting": MEASURED,
    "domain.delivery.numbering.waiting": SWEEP,
    "domain.delivery.waking._ended": "finds what an endpoint never got",
    "domain.earning.reservations.count_dead": COUNTED,
    "domain.earning.reservations.dead": "finds whose dead quotes keep a budget that all share",
    "domain.earning.reservations.forget": CLEARED,
    "domain.earning.reservations._left_of_budgets": (
        "adds up what dead quotes keep of a budget that all share"
    ),
    "domain.earning.reservations.left_of_purses": "adds up what dead quotes keep of a purse",
    "domain.reviews.measuring.of_rules": "staff see how good a rule was of all members",
    "domain.reviews.releasing.members": SWEEP,
    "domain.reviews.reviews.count": "staff review what members did of all of them",
    "domain.reviews.reviews.page": "staff review what members did of all of them",
    "domain.feedback.feedback.count": "staff answer feedback of all members",
    "domain.feedback.feedback.page": "staff answer feedback of all members",
    "domain.privacy.erasing.everybody": "is written down for who restores the database",
    "domain.privacy.keeping.outlived": SWEEP,
    "domain.proof.prepaid_checks._granted": "a partner's points are granted to all members",
    "domain.proof.prepaid_checks.counters": "adds up what quotes reserve of what partners bought",
    "domain.insight.cohorts.cohorts": FIGURED,
    "domain.insight.preferences.preferences": "counts members of a programme by what they like",
    "domain.finance.reading.has_entries": "asks whether anybody has ever had points",
    "domain.experiments.costs.of": "adds up what all members of an experiment cost",
    "domain.insight.effects._counts": "counts the members of an experiment",
    "domain.insight.effects._figures": "measures the members of an experiment",
    "domain.insight.returning._active": FIGURED,
    "domain.insight.returning.repurchase": FIGURED,
    "domain.insight.reading.on_day": "a day's figures are those of all whom it touched",
    "domain.members.looks.of_request": "lists the members that a part of an export is about",
    "domain.kernel.rewriting._is_any_left": SWEEP,
    "domain.kernel.rewriting.rewritable": SWEEP,
    "domain.members.identity.next_after": "goes over all members, a batch at a time",
    "domain.members.clear_contacts.left": SWEEP,
    "domain.members.looks.forget_old": SWEEP,
    "domain.members.contact_keys.rewritable": SWEEP,
    "domain.members.proving._take": "takes proved contacts from everybody who said them",
    "domain.members.members.count": "staff look for members",
    "domain.members.members.page": "staff look for members",
    "domain.members.segment_lists._listed": "reads a list of members, a batch at a time",
    "domain.members.segment_lists.size": COUNTED,
    "domain.members.consents.agreeing": SWEEP,
    "domain.notices.upcoming._batch": SWEEP,
    "domain.notices.reminders._candidates": SWEEP,
    "domain.proof.stock_checks.left": "adds up what all members took of each stock",
    "domain.proof.stock_checks._different": "adds up what all members took of each stock",
    "domain.proof.budget_checks.counters": "adds up what all members drew of each budget",
    "domain.proof.delivery_checks.of_members": PROOF,
    "domain.proof.job_checks._spent": PROOF,
    "domain.proof.job_checks._without_row": PROOF,
    "domain.proof.job_checks.of_members": PROOF,
    "domain.proof.first_seals._unsealed": SWEEP,
    "domain.proof.root_checks._day": PROOF,
    "domain.proof.roots.leaves_of": "makes the leaves of a day of all members",
    "domain.proof.verification._end": PROOF,
    "domain.proof.verification.count": COUNTED,
    "domain.proof.verification.parts": PROOF,
    "domain.proof.verification.read": PROOF,
    "domain.redemptions.delivery_details.outlived": SWEEP,
    "domain.redemptions.redemption_reads.count_to_deliver": "lists orders of all members",
    "domain.redemptions.redemption_reads.page_to_deliver": "lists orders of all members",
    "domain.referrals.friends.unapplied": SWEEP,
    "domain.proof.coupon_checks.once": "proves that each code is used on one booking at most",
    "domain.rewards.released.dead_of_reward": "finds whose dead holds keep a stock that all share",
    "ops.commands.stories._known": "finds whose stories the demo has told",
}
"""Functions that ask all members on purpose, with the reason."""


def astray(sent: Mapping[str, str]) -> list[str]:
    """Statements that do not name whose rows they use, except those of `FANS_OUT`."""
    return [
        f"{sender} does not say whose {', '.join(tables)}: {sql}"
        for sql, sender in sent.items()
        if sender not in FANS_OUT and (tables := unplaced(sql))
    ]
