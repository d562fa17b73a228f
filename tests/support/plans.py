"""Plans of statements for a database of any size: which of them read a growing table without index.

A server with sequential scans, sorts, hash joins and merge joins turned off plans a statement by
its indexes, however few rows it has. If it still scans or sorts, it would also have to with a
hundred million rows.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import asyncpg

import models
from tests.support.sharded import MEMBERS

GROWING = MEMBERS | models.LOOKUP_TABLES | models.PART_TABLES - {"feed_head"}

_INDEXES = """
SELECT c.relname AS name, pg_get_indexdef(i.indexrelid, 1, true) AS leads
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relname = ANY($1::text[]) AND i.indpred IS NULL
"""
"""The first columns of the indexes of growing tables; partial indexes, such as those of waiting
rows, are left out, since they may be read whole.
"""

_READS = re.compile(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b")


async def past_indexes(planner: asyncpg.Connection, sent: Iterable[str]) -> list[str]:
    """Each scan or sort without an index in these statements, with the statement."""
    for way in ("seqscan", "sort", "hashjoin", "mergejoin"):
        await planner.execute(f"SET enable_{way} = off")
    await planner.execute("SET plan_cache_mode = force_generic_plan")
    indexes = await planner.fetch(_INDEXES, sorted(GROWING))
    leading = {one["name"]: one["leads"] for one in indexes}
    found = []
    for sql in dict.fromkeys(sent):
        if _reads_up_to_its_page(sql):
            found.append(f"reads up to its page: {sql}")
        if _READS.match(sql):
            found += [f"{fault}: {sql}" for fault in _faults(await _plan(planner, sql), leading)]
    return found


async def indexes_of(planner: asyncpg.Connection, sent: Iterable[str]) -> set[str]:
    """The indexes that these statements use where tables can only be joined by hashing."""
    for way in ("seqscan", "nestloop", "mergejoin"):
        await planner.execute(f"SET enable_{way} = off")
    await planner.execute("SET plan_cache_mode = force_generic_plan")
    plans = [await _plan(planner, sql) for sql in dict.fromkeys(sent)]
    return {node["Index Name"] for plan in plans for node in _nodes(plan) if "Index Name" in node}


def _reads_up_to_its_page(sql: str) -> bool:
    """Whether a page starts at a key that may be null: an index cannot use `$2 IS NULL OR id < $2`
    as a bound, so a generic plan reads all rows before the page.
    """
    return any(
        re.search(rf"IS NULL OR \(*{re.escape(first)}\b(?:(?!AND)[^=])*?[<>] \(*\$", sql)
        for first in re.findall(r"ORDER BY ([\w.]+)", sql)
    )


async def _plan(planner: asyncpg.Connection, sql: str) -> Any:
    await planner.execute(f"PREPARE asked AS {sql}")
    count = max(map(int, re.findall(r"\$(\d+)", sql)), default=0)
    values = f"({', '.join(['NULL'] * count)})" if count else ""
    said = await planner.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked{values}")
    await planner.execute("DEALLOCATE asked")
    return json.loads(said)[0]["Plan"]


def _faults(plan: Any, leading: Mapping[str, str]) -> Iterator[str]:
    """Growing tables and indexes that are read whole, the latter as their first column has no
    condition; and sorts of rows of all members.
    """
    for node in _nodes(plan):
        table, index = node.get("Relation Name"), node.get("Index Name")
        if node["Node Type"] == "Seq Scan" and table in GROWING:
            yield f"reads all of {table}"
        if index in leading and leading[index] not in node.get("Index Cond", ""):
            yield f"reads all of {index}"
        if node["Node Type"] == "Sort" and (tables := sorted(set(_of_all(node)))):
            yield f"sorts {', '.join(tables)}"


def _of_all(sort: Any) -> Iterator[str]:
    """Growing tables below a sort that are not read by `member_id`."""
    for node in _nodes(sort):
        table, terms = node.get("Relation Name"), str(node.get("Index Cond"))
        if table in GROWING and "member_id" not in terms and "Recheck Cond" not in node:
            yield table


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
