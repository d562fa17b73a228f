"""Rows from which figures are computed: the members with rows of a day, and the rows of some
members.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from domain.insight.figures import Rows
from domain.kernel import dates
from domain.kernel.database import Row, rows
from domain.members import identity
from domain.programmes.programmes import Programme

MEMBERS_MAX = 250
"""Number of members that are read together."""

CITY_CHARACTERS_MAX = 128

CITY = f"left(attributes ->> 'city', {CITY_CHARACTERS_MAX}) AS city"

SELECTS = {
    "member": "SELECT member_id, status, joined_at FROM member",
    "erasure": "SELECT member_id, was FROM erasure",
    "account": "SELECT member_id, tier FROM account",
    "booking": (
        "SELECT member_id, id, booked_at, recorded_at, snapshot ->> 'status' AS member_status, "
        "snapshot ->> 'tier' AS tier FROM booking"
    ),
    "booking_line": (
        "SELECT member_id, booking_id, number, product, amount_minor, cash_minor, points, "
        f"amendment_id, {CITY} FROM booking_line"
    ),
    "refund": "SELECT member_id, id, booking_id, refunded_at, recorded_at FROM refund",
    "refund_line": (
        "SELECT member_id, booking_id, refund_id, line_number, gross_minor, cash_minor "
        "FROM refund_line"
    ),
    "amendment": "SELECT member_id, id, booking_id, recorded_at FROM amendment",
    "amendment_line": (
        "SELECT member_id, booking_id, amendment_id, line_number, product, amount_minor, "
        f"cash_minor, points, {CITY} FROM amendment_line"
    ),
    "activity": "SELECT member_id, id, reporter, occurred_at, recorded_at FROM activity",
    "activity_reversal": "SELECT member_id, id, recorded_at FROM activity_reversal",
    "award": (
        "SELECT member_id, booking_id, activity_id, refund_id, amendment_id, "
        "activity_reversal_id, points FROM award"
    ),
    "ledger_entry": (
        "SELECT member_id, id, kind, points, effective_at, redemption_id FROM ledger_entry"
    ),
    "lot": "SELECT member_id, id, earned_at FROM lot",
    "allocation": "SELECT member_id, entry_id, lot_id, points FROM allocation",
    "redemption": "SELECT member_id, id, reward_id, cost_minor FROM redemption",
    "tier_change": (
        "SELECT member_id, id, from_tier, to_tier, effective_at, recorded_at, policy_version_id "
        "FROM tier_change"
    ),
}
"""The columns of each table that figures use; `verify` reads these and more."""

_RECORDED = {
    "member": "joined_at",
    "ledger_entry": "effective_at",
    **dict.fromkeys(
        (
            *("booking", "refund", "amendment"),
            *("activity", "activity_reversal", "tier_change"),
        ),
        "recorded_at",
    ),
}
"""The column with the instant at which a table's row became known. Members have an index on it; the
other tables a BRIN index, which finds the rows of a day and costs writes next to nothing.
"""

_OF_DAY = " UNION ".join(
    f"SELECT member_id FROM {table} WHERE {column} >= $2 AND {column} < $3"
    + (" AND programme_id = $1" if table == "member" else "")
    for table, column in _RECORDED.items()
)
_ON_DAY = (
    "SELECT m.member_id FROM member m WHERE m.programme_id = $1 "
    f"AND m.member_id IN ({_OF_DAY}) ORDER BY m.member_id"
)


async def on_day(programme: Programme, day: date) -> list[UUID]:
    """The members with facts that became known on a day, by id."""
    zone = programme.versions[0].policy.zone
    bounds: tuple[datetime, datetime] = (
        dates.start_of_day(day, zone),
        dates.end_of_day(day, zone),
    )
    return [one["member_id"] for one in await rows(_ON_DAY, programme.id, *bounds)]


async def all_members(programme: Programme) -> AsyncIterator[list[UUID]]:
    """All members by id, in batches of this size."""
    after = UUID(int=0)
    while found := await identity.next_after(programme.id, after, MEMBERS_MAX):
        yield found
        after = found[-1]


async def everybody_or_touched(
    programme: Programme, day: date, *, everybody: bool
) -> AsyncIterator[list[UUID]]:
    """All members, or those with new facts known on a day, in batches of this size."""
    if everybody:
        async for member_ids in all_members(programme):
            yield member_ids
        return
    touched = await on_day(programme, day)
    for first in range(0, len(touched), MEMBERS_MAX):
        yield touched[first : first + MEMBERS_MAX]


async def of_members(
    member_ids: Sequence[UUID], selects: Mapping[str, str] = SELECTS
) -> dict[UUID, Rows]:
    """Rows of each of these members by table, with the requested columns of each."""
    found: dict[UUID, defaultdict[str, list[Row]]] = {
        member_id: defaultdict(list) for member_id in member_ids
    }
    for table, select in selects.items():
        for row in await rows(f"{select} WHERE member_id = ANY($1::uuid[])", list(member_ids)):
            found[row["member_id"]][table].append(row)
    return dict(found)
