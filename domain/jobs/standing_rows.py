"""Rows of standings: the tier that a member had elsewhere, assigned in the import's name through a
day, and its spending there on a day, which counts toward tiers. The tier that the member earns
itself is kept meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.jobs import checking, columns
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Checked, Kind, KnownRow, Numbered, Result, Work, WrittenRow
from domain.kernel import dates, money
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Instant, InvalidInput, Refusal
from domain.members import identity, tier_assignments
from domain.members.identity import MemberKey
from domain.members.tier_assignments import AssignmentSent
from domain.tiers import spending
from domain.tiers.spending import Spent

COLUMNS = Columns(
    ("member",),
    ("tier", "through", "spend", "spent_on"),
    called={"until": "through"},
    naming=("member",),
)
Counted = dict[tuple[UUID, UUID], int]


@dataclass(frozen=True, slots=True)
class StandingRow:
    """Content of a row: at least one of both."""

    key: MemberKey
    assigned: AssignmentSent | None
    spent: Spent | None


def read(work: Work, row: Row) -> StandingRow:
    """Raises: InvalidInput."""
    COLUMNS.check(row)
    assigned, spent = _assigned(work, row), _spent(work, row)
    if assigned is None and spent is None:
        raise InvalidInput("standing_of_row", path=("tier",))
    key = MemberKey(LookupScope.REFERENCE, columns.text(row, "member"))
    return StandingRow(key, assigned, spent)


def _assigned(work: Work, row: Row) -> AssignmentSent | None:
    """Raises: InvalidInput."""
    policy = work.programme.as_of(work.judged_at).policy
    tier, last = columns.maybe_text(row, "tier"), columns.bounded_day(row, "through")
    if tier is None:
        if last is not None:
            raise InvalidInput("standing_of_row", path=("tier",))
        return None
    until = None if last is None else dates.end_of_day(last, policy.zone)
    sent = AssignmentSent(tier, work.name, until)
    tier_assignments.check(policy, sent, work.judged_at)
    return sent


def _spent(work: Work, row: Row) -> Spent | None:
    """Raises: InvalidInput."""
    said, day = columns.maybe_text(row, "spend"), columns.bounded_day(row, "spent_on")
    if said is None or day is None:
        if said is not None or day is not None:
            missing = "spend" if said is None else "spent_on"
            raise InvalidInput("standing_of_row", path=(missing,))
        return None
    policy = work.programme.as_of(work.judged_at).policy
    amount = columns.amount(row, "spend")
    minor = money.to_minor_units(amount, policy.currency, path=("spend",))
    if minor == 0:
        most = str(money.to_amount(money.AMOUNT_MINOR_MAX, policy.currency))
        raise InvalidInput("amount_zero", said, (most,), path=("spend",))
    began_at = dates.start_of_day(day, policy.zone)
    if began_at > work.judged_at:
        told = Instant.of(work.judged_at)
        raise InvalidInput("in_future", str(day), (told,), path=("spent_on",))
    return Spent(day, began_at, minor)


async def check(work: Work, rows: Numbered) -> Checked:
    """Check each row alone, and whether its member exists and has no other spending on its day."""
    found, refused = checking.each(rows, partial(read, work))
    keys = {number: one.key for number, one in found.items()}
    known = await identity.find_many(work.programme.id, keys.values())
    unfit = await checking.unfit(known.values())
    counted = await _counted(found.values(), known)
    for number, one in found.items():
        if one.key in known and (refusal := _otherwise(known[one.key], one, counted)):
            refused[number] = refusal
    return Checked(refused | checking.by_number(keys, known, unfit))


async def _counted(found: Iterable[StandingRow], known: Mapping[MemberKey, UUID]) -> Counted:
    """Spending that counts already on the days of these rows."""
    wanted = [
        (known[one.key], one.spent) for one in found if one.spent is not None and one.key in known
    ]
    return dict(await spending.counted(wanted))


def _otherwise(member_id: UUID, one: StandingRow, counted: Counted) -> Refusal | None:
    """The refusal of a row whose spending of a day differs from what counts."""
    if one.spent is None:
        return None
    before = counted.get((member_id, one.spent.id_of(member_id)))
    if before in (None, one.spent.minor):
        return None
    return InvalidInput("spent_otherwise", str(one.spent.day), path=("spend",))


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Write each row. Members whose accounts are locked by others are left out."""
    found = {number: read(work, row) for number, row in rows.items()}
    known = await identity.find_many(work.programme.id, {one.key for one in found.values()})
    opened = await accounts.open_free(work.programme, set(known.values()), work.now)
    results = await _write(work, found, known, opened)
    await accounts.close_all(opened.values(), notify=False)
    return results


async def write_alone(work: Work, row: Row) -> Result:
    """Raises: NotFound, InvalidInput, MemberNotEnrolled, MemberSuspended."""
    one = read(work, row)
    own = await identity.find_or_refuse(work.programme.id, one.key)
    async with accounts.opened(work.programme, own, work.now) as account:
        result = (await _write(work, {1: one}, {one.key: own}, {own: account}))[1]
        if isinstance(result, Refusal):
            raise result
        return result


async def _write(
    work: Work,
    found: Mapping[int, StandingRow],
    known: Mapping[MemberKey, UUID],
    opened: Mapping[UUID, Account],
) -> dict[int, Result]:
    refused, counted = await checking.unfit(opened), await _counted(found.values(), known)
    results = dict[int, Result]()
    for number, one in found.items():
        account = opened.get(known[one.key]) if one.key in known else None
        if account is not None:
            own = account.member_id
            refusal = refused.get(own) or _otherwise(own, one, counted)
            results[number] = refusal or await _write_one(work, account, one, counted)
    return results


async def _write_one(work: Work, account: Account, one: StandingRow, counted: Counted) -> Result:
    own, holding, new = account.member_id, account.holding, False
    sent, spent = one.assigned, one.spent
    if sent is not None and (holding.assigned, holding.assigned_until) != (sent.tier, sent.until):
        account.count((), await tier_assignments.decide(account, sent, work.name))
        new = True
    if spent is not None and (place := (own, spent.id_of(own))) not in counted:
        account.count([spent.credit(own, work.job.id, account.now)])
        await accounts.review_tier(account)
        counted[place] = spent.minor
        new = True
    return WrittenRow(own) if new else KnownRow(own)


KIND = Kind(COLUMNS, check, write, write_alone)
