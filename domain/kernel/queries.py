"""Queries as values: several that are known in advance are read by one statement.

Rows read ahead are kept for their snapshot, and for their transaction as long as it writes nothing:
the same query then needs no statement, and any other query is sent as usual.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, cast
from uuid import UUID

from tortoise.connection import connections

from domain.kernel.database import Row, rows, tuples, tuples_of_each

STATEMENTS_MAX = 1000
"""Most statements that are remembered, each for other queries."""

Key = tuple[str, str]
Sizes = tuple[tuple[str, int], ...]
"""Statements, each with its number of values."""


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT of these columns, in this order; `$1` … stand for `values`. It is sent once more
    with each of `others` as `$1`.
    """

    columns: tuple[str, ...]
    sql: str
    values: tuple[Any, ...]
    others: tuple[UUID, ...] = ()

    @property
    def key(self) -> Key:
        return self.sql, repr(self.values)


def query(columns: Iterable[str], sql: str, *values: Any) -> Query:
    return Query(tuple(columns), sql, values)


def of_each(columns: Iterable[str], sql: str, member_ids: Iterable[UUID], *values: Any) -> Query:
    """The query about one member, whose id is `$1`, for each of these members; `$2` … stand for
    `values`.

    It is planned once, as for one member, sent for all together, and runs on each member's shard.
    """
    first, *others = dict.fromkeys(member_ids) or (None,)
    return Query(tuple(columns), sql, (first, *values), tuple(others))


def for_each(wanted: Query, member_ids: Sequence[UUID]) -> Query:
    """As `of_each`, for a query whose `$1` is a list with the one member's id."""
    if len(member_ids) == 1:
        return wanted
    alone = _of_one(wanted)
    return of_each(alone.columns, alone.sql, member_ids, *alone.values[1:])


async def ask(wanted: Query) -> list[Row]:
    """Its rows, in their order, as `database.rows` gives them."""
    if wanted.others:
        return [dict(zip(wanted.columns, one, strict=True)) for one in await positions(wanted)]
    known = _known()
    if known is not None and (found := known.get(wanted.key)) is not None:
        return [dict(zip(wanted.columns, values, strict=True)) for values in found]
    asked = _of_one(wanted)
    return await rows(asked.sql, *asked.values)


async def positions(wanted: Query) -> Sequence[tuple[Any, ...]]:
    """Its rows by position, as `database.tuples` gives them; never what was read ahead."""
    if wanted.others:
        whose = (wanted.values[0], *wanted.others)
        return await tuples_of_each(wanted.sql, [(one, *wanted.values[1:]) for one in whose])
    asked = _of_one(wanted)
    return await tuples(asked.sql, *asked.values)


async def found_of(wanted: Query) -> Sequence[tuple[Any, ...]]:
    """Its rows by position, read ahead or not."""
    known = None if wanted.others else _known()
    found = known.get(wanted.key) if known else None
    return await positions(wanted) if found is None else cast(Sequence[tuple[Any, ...]], found)


async def ask_one(wanted: Query) -> Row | None:
    """The first of its rows."""
    found = await ask(wanted)
    return found[0] if found else None


async def read_ahead(queries: Iterable[Query]) -> None:
    """Read all of these by one statement, for a later `ask` in this transaction or snapshot.

    Outside of both nothing is read, as the rows could have changed before they are used.
    """
    known, wanted = _known(), {one.key: one for one in queries}
    if known is None or not wanted:
        return
    asked = [_of_one(one) for one in wanted.values()]
    values = [value for one in asked for value in one.values]
    sizes = tuple((one.sql, len(one.values)) for one in asked)
    [found] = await rows(_together(sizes), *values)
    known.update(zip(wanted, found.values(), strict=True))


async def read_ahead_each(several: Iterable[Iterable[Query]]) -> None:
    """The same for several lists, such as those of several members: equal queries are sent
    together, by a statement that is prepared once.
    """
    known = _known()
    if known is None:
        return
    alike: dict[Sizes, list[tuple[list[Key], list[Any]]]] = {}
    for queries in several:
        wanted = {one.key: one for one in queries}
        asked = [_of_one(one) for one in wanted.values()]
        sizes = tuple((one.sql, len(one.values)) for one in asked)
        values = [value for one in asked for value in one.values]
        alike.setdefault(sizes, []).append((list(wanted), values))
    for sizes, lists in alike.items():
        if sizes:
            found = await tuples_of_each(_together(sizes), [values for _, values in lists])
            for (keys, _), read in zip(lists, found, strict=True):
                known.update(zip(keys, read, strict=True))


def _of_one(wanted: Query) -> Query:
    """The same query, with a list of one element replaced by the element.

    A generic plan expects ten elements in a list of unknown length; compared with the custom plan
    for one, it looks too expensive and is never kept.
    """
    single = tuple(
        place
        for place, value in enumerate(wanted.values, start=1)
        if isinstance(value, list) and len(value) == 1
    )
    sql, changed = _singled(wanted.sql, single)
    values = (
        value[0] if place in changed else value
        for place, value in enumerate(wanted.values, start=1)
    )
    return Query(wanted.columns, sql, tuple(values)) if changed else wanted


@lru_cache(STATEMENTS_MAX)
def _singled(sql: str, places: tuple[int, ...]) -> tuple[str, frozenset[int]]:
    """The statement with these parameters no longer lists, and those parameters that it uses only
    as lists of ids.
    """
    changed = set()
    for place in places:
        listed = f"= ANY(${place}::uuid[])"
        if sql.count(listed) == len(re.findall(rf"\${place}\b", sql)):
            sql = sql.replace(listed, f"= ${place}::uuid")
            changed.add(place)
    return sql, frozenset(changed)


@lru_cache(STATEMENTS_MAX)
def _together(parts: Sizes) -> str:
    """One statement of several: an array of records of each."""
    arrays, before = [], 0
    for place, (sql, size) in enumerate(parts):
        numbered = re.sub(r"\$(\d+)", partial(_renumbered, before), sql)
        arrays.append(f"ARRAY(SELECT one_row FROM ({numbered}) one_row) AS a{place}")
        before += size
    return f"SELECT {', '.join(arrays)}"


def _renumbered(by: int, parameter: re.Match[str]) -> str:
    return f"${int(parameter[1]) + by}"


def _known() -> dict[Key, Sequence[Sequence[Any]]] | None:
    """Rows that the current transaction or snapshot has read ahead; None outside of both."""
    return getattr(connections.get("default"), "known", None)
