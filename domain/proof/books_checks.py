"""Books against the rows of their days: days are settled and closed as far as rows exist, and
nothing is recorded before the following day.
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.kernel.database import Row, rows
from domain.proof.evidence import Fault, shown
from domain.proof.policy_checks import readable

_LAST = {
    "root": "max(day)",
    "figure_day": "max(known_day)",
    "journal_day": "max(day)",
    "liability_day": "max(day)",
    "closed_period": "(max(month) + interval '1 month')::date - 1",
    "partner_statement": "(max(month) + interval '1 month')::date - 1",
}
"""The last day with rows in a table that has only rows of settled days."""

_COLUMNS = ", ".join(
    f"(SELECT {last} FROM {table} WHERE programme_id = b.programme_id) AS {table}"
    for table, last in _LAST.items()
)
_BOOKS = f"""
SELECT b.*, (SELECT min(day) FROM root WHERE programme_id = b.programme_id) AS first_root,
    {_COLUMNS}
FROM books b ORDER BY b.programme_id
"""
"""One statement, so that it sees the settling of a day completely or not at all."""


async def days() -> list[Fault]:
    """Faults where books differ from the rows of their days."""
    faults: list[Fault] = []
    for found in await rows(_BOOKS):
        programme = await readable(found["programme_id"])
        if programme is not None:
            faults += _check(found, programme.versions[0].policy.zone)
    return faults


def _check(found: Row, zone: ZoneInfo) -> Iterator[Fault]:
    through = found["settled_through"]
    following = found["opened_on"] if through is None else dates.add_days(through, 1)
    begins, ends = dates.start_of_day(following, zone), dates.end_of_day(following, zone)
    if found["settled_until"] not in (begins, ends):
        wanted = f"{begins} or {ends}, where {following} begins or ends"
        yield _fault(found, "settled_until", wanted)
    if found["closed_through"] != found["closed_period"]:
        wanted = f"{shown(found['closed_period'])}, as months were closed"
        yield _fault(found, "closed_through", wanted)
    yield from _written(found, following if found["settled_until"] >= ends else through)


def _written(found: Row, last: date | None) -> Iterator[Fault]:
    """Faults where rows belong to days after the last allowed one, or the roots end before the last
    settled day.
    """
    for table in _LAST:
        day = found[table]
        if day is not None and (last is None or day > last):
            wanted = f"{day} or later, of which {table} has rows"
            yield _fault(found, "settled_through", wanted)
    root, through = found["root"], found["settled_through"]
    if root is not None and through is not None and root < through:
        yield _fault(found, "settled_through", f"{root}, the day of the last root")
    if root is not None and found["first_root"] < found["opened_on"]:
        yield _fault(found, "opened_on", f"{found['first_root']} or earlier, as its roots")


def _fault(found: Row, what: str, wanted: str) -> Fault:
    own: UUID = found["programme_id"]
    return Fault("books", own, None, what, shown(found[what]), wanted)
