"""Rows of activities, reported at the present instant, several members at once."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.jobs import checking, columns
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Checked, Kind, KnownRow, Numbered, Result, Work, WrittenRow
from domain.kernel import idempotency
from domain.kernel.database import is_outage
from domain.kernel.inputs import check_identifier
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, Refusal
from domain.members import identity
from domain.members.identity import MemberKey

LANES = 4
"""Members that are processed at once, each on its own connection."""

ATTRIBUTES = "attributes."
COLUMNS = Columns(
    ("member", "type", "reference"), ("occurred_at",), (ATTRIBUTES,), naming=("member",)
)

Asked = tuple[int, MemberKey, ActivitySent]


def read(work: Work, row: Row) -> tuple[MemberKey, ActivitySent]:
    """Raises: InvalidInput."""
    COLUMNS.check(row)
    zone = work.programme.as_of(work.judged_at).policy.zone
    sent = ActivitySent(
        check_identifier(columns.text(row, "type"), ("type",), activities.TYPE_CHARACTERS_MAX),
        check_identifier(columns.text(row, "reference"), ("reference",)),
        columns.instant(row, "occurred_at", zone) if "occurred_at" in row else work.judged_at,
        dict(columns.beginning_with(row, ATTRIBUTES)) or None,
    )
    return MemberKey(LookupScope.REFERENCE, columns.text(row, "member")), sent


async def check(work: Work, rows: Numbered) -> Checked:
    """Check each row alone and by the policy's types, and whether its member exists."""

    def of(row: Row) -> MemberKey:
        member, sent = read(work, row)
        activities.check(work.request, work.programme, sent)
        return member

    members, refused = checking.each(rows, of)
    known = await identity.find_many(work.programme.id, members.values())
    return Checked(refused | checking.absent(members, known))


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Raises: the exceptions of a database that is not reachable."""
    asked = [(number, *read(work, row)) for number, row in rows.items()]
    keys = [f"{work.name}:{number}" for number in rows]
    before = await idempotency.kept_of(work.request.caller, keys)
    lanes: list[list[Asked]] = [[] for _ in range(LANES)]
    for one in asked:
        # a member's rows keep their order
        lanes[hash(one[1]) % LANES].append(one)
    found = await asyncio.gather(*(_report(work, lane, before) for lane in lanes))
    return {number: result for lane in found for number, result in lane.items()}


async def _report(work: Work, lane: Iterable[Asked], before: set[str]) -> dict[int, Result]:
    return {
        number: await _report_one(work, (number, member, sent), before)
        for number, member, sent in lane
    }


async def _report_one(work: Work, asked: Asked, before: set[str]) -> Result:
    number, member, sent = asked
    request = replace(work.request, key=f"{work.name}:{number}")
    try:
        outcome = await activities.earn(request, work.programme, member, sent)
    except Refusal as refusal:
        return refusal
    except Exception as error:
        if is_outage(error):
            raise
        return InvalidInput("row_failed")
    known = outcome.replayed and request.key not in before
    return KnownRow(outcome.member_id) if known else WrittenRow(outcome.member_id)


KIND = Kind(COLUMNS, check, write)
