"""Rows of coupon codes for the pool of one reward. The content of an accepted row is not kept: a
reader of it could use the code.
"""

from datetime import datetime
from functools import partial

from domain.jobs import checking, columns
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Checked, Kind, KnownRow, Numbered, Result, Work, WrittenRow
from domain.kernel import dates
from domain.kernel.inputs import check_day, check_identifier
from domain.kernel.refusals import Instant, InvalidInput
from domain.rewards import catalogue, coupons

COLUMNS = Columns(("code",), ("valid_until",))


def read(work: Work, row: Row) -> tuple[str, datetime | None]:
    """The code and the exclusive end of its validity. Raises: InvalidInput."""
    COLUMNS.check(row)
    code = check_identifier(columns.text(row, "code"), ("code",), coupons.CODE_CHARACTERS_MAX)
    until = _until(work, row)
    if until is not None and until <= work.judged_at:
        allowed = (Instant.of(work.judged_at),)
        raise InvalidInput("end_in_past", Instant.of(until), allowed, path=("valid_until",))
    return code, until


def _until(work: Work, row: Row) -> datetime | None:
    """The end of validity: a date is the last valid day, an instant the first one that is not
    valid.
    """
    said = columns.maybe_text(row, "valid_until")
    if said is None or len(said) <= len("2026-12-31"):
        day = columns.maybe_day(row, "valid_until")
        zone = work.programme.as_of(work.judged_at).policy.zone
        return None if day is None else dates.end_of_day(check_day(day, ("valid_until",)), zone)
    return columns.instant(row, "valid_until", work.programme.as_of(work.judged_at).policy.zone)


async def check(work: Work, rows: Numbered) -> Checked:
    return Checked(checking.each(rows, partial(read, work))[1])


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Add to the pool those codes that the programme does not have.

    Raises: NotFound, InvalidInput.
    """
    reward = await catalogue.get(work.programme.id, work.job.reward or "", work.now)
    codes = [read(work, row) for row in rows.values()]
    report = await coupons.add(work.programme, reward, codes, work.judged_at)
    return {
        number: KnownRow() if one.problem else WrittenRow()
        for number, one in zip(rows, report, strict=True)
    }


async def write_alone(work: Work, row: Row) -> Result:
    """Raises: NotFound, InvalidInput."""
    return (await write(work, {1: row}))[1]


KIND = Kind(COLUMNS, check, write, write_alone, secret=True)
