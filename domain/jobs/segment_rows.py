"""Rows of members for a list that a policy has as a segment; members that are not named are removed
from it if the job says so.
"""

from functools import partial

from domain.jobs import checking, columns, results
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Checked, Kind, KnownRow, Numbered, Result, Work, WrittenRow
from domain.kernel.lookups import LookupScope
from domain.members import identity, segment_lists
from domain.members.identity import MemberKey

COLUMNS = Columns(("member",), naming=("member",))


def _key(row: Row) -> MemberKey:
    """Raises: InvalidInput."""
    COLUMNS.check(row)
    return MemberKey(LookupScope.REFERENCE, columns.text(row, "member"))


async def check(work: Work, rows: Numbered) -> Checked:
    keys, refused = checking.each(rows, _key)
    known = await identity.find_many(work.programme.id, keys.values())
    return Checked(refused | checking.absent(keys, known))


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Put members on the list; erased members are left out."""
    keys = {number: _key(row) for number, row in rows.items()}
    known = await identity.find_many(work.programme.id, keys.values())
    segment, by = work.job.segment or "", work.job.created_by
    members = set(known.values())
    added = await segment_lists.put_on(work.programme.id, segment, members, work.now, by)
    found: dict[int, Result] = {}
    for number, key in keys.items():
        if (own := known.get(key)) is not None:
            found[number] = WrittenRow(own) if own in added else KnownRow(own)
            added.discard(own)
    return found


async def write_alone(work: Work, row: Row) -> Result:
    """Raises: NotFound, InvalidInput."""
    await identity.find_or_refuse(work.programme.id, _key(row))
    return (await write(work, {1: row}))[1]


async def finish(work: Work) -> None:
    """Remove everybody else from the list, if the rows replace it."""
    if work.job.replaces:
        named = partial(results.named, work.job)
        segment, by = work.job.segment or "", work.job.created_by
        await segment_lists.keep_whom(work.programme, segment, named, work.now, by=by)


KIND = Kind(COLUMNS, check, write, write_alone, finish=finish)
