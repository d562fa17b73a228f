"""Rows of the journal and of the liability, as stored."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from domain.finance import breakage
from domain.finance.accounts import Account, JournalKey, Moved
from domain.finance.breakage import CohortKey, Cohorts
from domain.finance.days import Level, Levels, Lines
from domain.kernel.database import Row, row, rows, update

ROWS_MAX = 5000
"""Most rows that one statement writes."""


async def is_there(programme_id: UUID) -> bool:
    """Whether any day has a journal."""
    sql = "SELECT 1 AS one FROM journal_day WHERE programme_id = $1 LIMIT 1"
    return await row(sql, programme_id) is not None


async def first_day(programme_id: UUID) -> date | None:
    """The first day that has a journal."""
    sql = "SELECT min(day) AS day FROM journal_day WHERE programme_id = $1"
    found = await row(sql, programme_id)
    return found["day"] if found else None


async def cohorts(programme_id: UUID, before: date) -> Cohorts:
    """The cohorts at the beginning of a day, by the amounts moved until then."""
    found = await rows(
        "SELECT account, funder, cohort, sum(debit)::bigint AS debit, sum(credit)::bigint AS "
        "credit, sum(points)::bigint AS points FROM journal_day WHERE programme_id = $1 "
        "AND day < $2 GROUP BY account, funder, cohort",
        programme_id,
        before,
    )
    made: Cohorts = {}
    for one in found:
        key = CohortKey(one["cohort"], one["funder"])
        breakage.count(made, one["account"], key, _moved(one))
    return made


async def levels(programme_id: UUID, day: date) -> Levels:
    """Deferred amounts at the end of a day, if they are stored for it."""
    found = await rows(
        "SELECT expiry_month, funder, points, amount FROM liability_day "
        "WHERE programme_id = $1 AND day = $2 ORDER BY expiry_month, funder",
        programme_id,
        day,
    )
    return {
        (one["expiry_month"], one["funder"]): Level(one["points"], one["amount"]) for one in found
    }


async def balance(programme_id: UUID, account: str, last: date) -> int:
    """Credits less debits of an account through a day."""
    found = await row(
        "SELECT coalesce(sum(credit - debit), 0)::bigint AS balance FROM journal_day "
        "WHERE programme_id = $1 AND account = $2 AND day <= $3",
        programme_id,
        account,
        last,
    )
    return int(found["balance"]) if found else 0


async def owed(programme_id: UUID, last: date) -> int:
    """Points that members owed at the end of a day."""
    # the account is a literal, as in the partial index of these rows
    found = await row(
        "SELECT -coalesce(sum(points), 0)::bigint AS points FROM journal_day "
        f"WHERE programme_id = $1 AND account = '{Account.ARREARS.value}' AND day <= $2",
        programme_id,
        last,
    )
    return int(found["points"]) if found else 0


async def by_account(programme_id: UUID, span: tuple[date, date]) -> dict[str, Moved]:
    """Amounts moved in each account from one day through another."""
    found = await rows(
        "SELECT account, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit, "
        "sum(points)::bigint AS points FROM journal_day WHERE programme_id = $1 "
        "AND day BETWEEN $2 AND $3 GROUP BY account",
        programme_id,
        *span,
    )
    return {one["account"]: _moved(one) for one in found}


async def all_levels(programme_id: UUID, last: date) -> dict[tuple[date, str, str], Level]:
    """All stored rows of the liability through a day, by day, month of expiry and funder."""
    found = await rows(
        "SELECT day, expiry_month, funder, points, amount FROM liability_day "
        "WHERE programme_id = $1 AND day <= $2",
        programme_id,
        last,
    )
    return {
        (one["day"], one["expiry_month"], one["funder"]): Level(one["points"], one["amount"])
        for one in found
    }


async def lines(programme_id: UUID, span: tuple[date, date]) -> list[tuple[JournalKey, Moved]]:
    """Rows of the journal from one day through another, in order."""
    found = await rows(
        "SELECT day, account, funder, cohort, debit, credit, points FROM journal_day "
        "WHERE programme_id = $1 AND day BETWEEN $2 AND $3",
        programme_id,
        *span,
    )
    # not ordered by a collation, which may differ on another server
    return sorted((to_line(one) for one in found), key=lambda line: line[0])


def to_line(one: Row) -> tuple[JournalKey, Moved]:
    return JournalKey(one["day"], one["account"], one["funder"], one["cohort"]), _moved(one)


def _moved(one: Row) -> Moved:
    return Moved(one["debit"], one["credit"], one["points"])


async def replace_journal(programme_id: UUID, span: tuple[date, date], made: Lines) -> None:
    """Replace the rows from one day through another."""
    await update(
        "DELETE FROM journal_day WHERE programme_id = $1 AND day BETWEEN $2 AND $3",
        programme_id,
        *span,
    )
    await _insert(
        programme_id,
        "INSERT INTO journal_day (programme_id, day, account, funder, cohort, debit, credit, "
        "points) SELECT $1, j.* FROM unnest($2::date[], $3::text[], $4::text[], $5::text[], "
        "$6::bigint[], $7::bigint[], $8::bigint[]) j",
        [(*of, moved.debit, moved.credit, moved.points) for of, moved in sorted(made.items())],
    )


async def replace_liability(programme_id: UUID, since: date, made: Mapping[date, Levels]) -> None:
    """Replace the rows from a day on, and of the day before it, unless that ended a month."""
    await update(
        "DELETE FROM liability_day WHERE programme_id = $1 AND day >= $2::date - 1 "
        "AND (day >= $2 OR date_trunc('month', day + 1)::date <> day + 1)",
        programme_id,
        since,
    )
    await _insert(
        programme_id,
        "INSERT INTO liability_day (programme_id, day, expiry_month, funder, points, amount) "
        "SELECT $1, l.* FROM unnest($2::date[], $3::text[], $4::text[], $5::bigint[], "
        "$6::bigint[]) l",
        [
            (day, *of, level.points, level.amount)
            for day, own in sorted(made.items())
            for of, level in sorted(own.items())
        ],
    )


async def _insert(programme_id: UUID, sql: str, found: Sequence[tuple[Any, ...]]) -> None:
    for first in range(0, len(found), ROWS_MAX):
        await rows(
            sql, programme_id, *map(list, zip(*found[first : first + ROWS_MAX], strict=True))
        )
