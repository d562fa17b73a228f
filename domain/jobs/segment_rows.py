"""Rows of members for a list that a policy has as a segment; what is not named is taken off it
where the job says so.
"""

from functools import partial
from uuid import UUID

from domain.jobs import checking, columns, results
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Checked, Kind, Known, Numbered, Result, Work, Written
from domain.kernel.database import transact
from domain.kernel.lookups import LookupScope
from domain.members import identity, segment_lists
from domain.members.identity import MemberKey

COLUMNS = Columns(("member",))


def _key(row: Row) -> MemberKey:
    """Raises: InvalidInput."""
    COLUMNS.check(row)
    return MemberKey(LookupScope.REFERENCE, columns.text(row, "member"))


async def check(work: Work, rows: Numbered) -> Checked:
    keys, refused = checking.each(rows, _key)
    known = await identity.find_many(work.programme.id, keys.values())
    return Checked(refused | checking.absent(keys, known))


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Put members on the list; left out are those that are there no more."""
    keys = {number: _key(row) for number, row in rows.items()}
    known = await identity.find_many(work.programme.id, keys.values())
    segment, by = work.job.segment or "", work.job.created_by
    members = set(known.values())
    added = await segment_lists.put_on(work.programme.id, segment, members, work.now, by)
    found: dict[int, Result] = {}
    for number, key in keys.items():
        if (own := known.get(key)) is not None:
            found[number] = Written(own) if own in added else Known(own)
            added.discard(own)
    return found


async def write_alone(work: Work, row: Row) -> Result:
    """Raises: NotFound, InvalidInput."""
    await identity.find_or_refuse(work.programme.id, _key(row))
    return (await write(work, {1: row}))[1]


async def finish(work: Work) -> None:
    """Take everybody else off the list, where the rows are to replace it."""
    if not work.job.replaces:
        return
    programme_id, segment, after = work.programme.id, work.job.segment or "", UUID(int=0)
    while listed := await segment_lists.listed(programme_id, segment, after):
        after = listed[-1]
        kept = await results.named(work.job, listed)
        gone = [own for own in listed if own not in kept]
        by = work.job.created_by
        await transact(partial(segment_lists.remove, programme_id, segment, gone, work.now, by))


KIND = Kind(COLUMNS, check, write, write_alone, finish=finish)
