"""Rows of balances: each becomes a lot, credited to the member by an adjustment named after the
import. Only members without other entries get one, so that nothing is written before existing
history.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.jobs import checking, columns
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Checked, Kind, Numbered, Result, Work, WrittenRow
from domain.kernel import dates
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Instant, InvalidInput, Refusal
from domain.ledger import entries
from domain.ledger import journal as journals
from domain.ledger.lots import Lot
from domain.ledger.values import Cause
from domain.members import identity
from domain.members.identity import MemberKey
from domain.partners import partners
from domain.programmes.rules import PROGRAMME_FUNDER

POINTS_MAX = 1_000_000_000
"""Most points in one row: a typing error must not make a balance that is too large to display."""

FUNDERS_SHOWN_MAX = 500
"""Most existing funders that a refusal names."""

COLUMNS = Columns(("member", "points", "expires_on"), ("earned_on", "funder"), naming=("member",))


@dataclass(frozen=True, slots=True)
class Balance:
    """The credit of a row; instants are UTC, `expires_at` is exclusive and None for never."""

    reference: str
    points: int
    earned_at: datetime
    expires_at: datetime | None
    funder: str

    @property
    def key(self) -> MemberKey:
        return MemberKey(LookupScope.REFERENCE, self.reference)


def read(work: Work, row: Row) -> Balance:
    """Raises: InvalidInput."""
    COLUMNS.check(row)
    points = columns.whole(row, "points")
    if points < 1:
        raise InvalidInput("not_positive", str(points), path=("points",))
    if points > POINTS_MAX:
        raise InvalidInput("amount_too_large", str(points), (str(POINTS_MAX),), path=("points",))
    return Balance(
        columns.text(row, "member"),
        points,
        _earned_at(work, columns.bounded_day(row, "earned_on")),
        _expires_at(work, columns.maybe_day(row, "expires_on")),
        columns.maybe_text(row, "funder") or PROGRAMME_FUNDER,
    )


def _earned_at(work: Work, day: date | None) -> datetime:
    """The beginning of the day on which it was earned. Raises: InvalidInput."""
    if day is None:
        return work.judged_at
    earned_at = dates.start_of_day(day, work.programme.as_of(work.judged_at).policy.zone)
    if earned_at > work.judged_at:
        told = Instant.of(work.judged_at)
        raise InvalidInput("in_future", str(day), (told,), path=("earned_on",))
    return earned_at


def _expires_at(work: Work, last: date | None) -> datetime | None:
    """The end of the last valid day, None for 9999-12-31. Raises: InvalidInput."""
    if last in (None, dates.FOREVER):
        return None
    expires_at = dates.end_of_day(last, work.programme.as_of(work.judged_at).policy.zone)
    if expires_at <= work.judged_at:
        raise InvalidInput("expiry_in_past", str(last), path=("expires_on",))
    return expires_at


async def check(work: Work, rows: Numbered) -> Checked:
    """Check each row alone, and whether its member and its funder exist."""
    found, refused = checking.each(rows, partial(read, work))
    funders = (PROGRAMME_FUNDER, *sorted(await partners.ids(work.programme.id)))
    for number, one in found.items():
        if one.funder not in funders:
            allowed = funders[:FUNDERS_SHOWN_MAX]
            refused[number] = InvalidInput("unknown_funder", one.funder, allowed, path=("funder",))
    keys = {number: one.key for number, one in found.items()}
    known = await identity.find_many(work.programme.id, keys.values())
    refused |= checking.by_number(keys, known, await _refused(work, set(known.values())))
    points = sum(one.points for number, one in found.items() if number not in refused)
    return Checked(refused, points)


async def _refused(work: Work, member_ids: set[UUID]) -> dict[UUID, Refusal]:
    """Those of these members to whom this import can credit nothing, and why."""
    refused, ids = await checking.unfit(member_ids), sorted(member_ids)
    for own in await entries.of_others(ids, work.name):
        refused.setdefault(own, InvalidInput("entries_of_others", path=("member",)))
    return refused


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Credit each row. Members whose accounts are locked by others are left out."""
    found = {number: read(work, row) for number, row in rows.items()}
    known = await identity.find_many(work.programme.id, {one.key for one in found.values()})
    opened = await accounts.open_free(work.programme, set(known.values()), work.now)
    refused = await _refused(work, set(opened))
    results: dict[int, Result] = {}
    for number, one in found.items():
        account = opened.get(known[one.key]) if one.key in known else None
        if account is not None:
            refusal = refused.get(account.member_id)
            results[number] = refusal or _credit(work, account, one)
    await accounts.close_all(opened.values(), notify=False)
    return results


async def write_alone(work: Work, row: Row) -> Result:
    """Raises: NotFound, InvalidInput, MemberNotEnrolled, MemberSuspended."""
    one = read(work, row)
    own = await identity.find_or_refuse(work.programme.id, one.key)
    async with accounts.opened(work.programme, own, work.now) as account:
        if refusal := (await _refused(work, {own})).get(own):
            raise refusal
        return _credit(work, account, one)


def _credit(work: Work, account: Account, one: Balance) -> WrittenRow:
    journal = account.journal
    lot = Lot(
        id=journal.new_id(),
        points=one.points,
        remaining=one.points,
        earned_at=min(one.earned_at, journal.now),
        available_at=journal.now,
        expires_at=one.expires_at,
        policy_version_id=account.version.id,
        funder=one.funder,
    )
    journals.adjust_up(journal, lot, Cause(work.name, reason=work.name))
    return WrittenRow(account.member_id, lot.id)


KIND = Kind(COLUMNS, check, write, write_alone)
