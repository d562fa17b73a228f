"""Rows of standings: the tier that a member had elsewhere, assigned by the import's name through a
day. What the member earns goes on underneath.
"""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.jobs import checking, columns
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Checked, Kind, Known, Numbered, Result, Work, Written
from domain.kernel import dates
from domain.kernel.inputs import check_day
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Refusal
from domain.members import identity, tier_assignments
from domain.members.identity import MemberKey
from domain.members.tier_assignments import AssignmentSent

COLUMNS = Columns(("member", "tier"), ("through",))


def read(work: Work, row: Row) -> tuple[MemberKey, AssignmentSent]:
    """Raises: InvalidInput."""
    COLUMNS.check(row)
    policy = work.programme.as_of(work.judged_at).policy
    last = columns.maybe_day(row, "through")
    until = None if last is None else dates.end_of_day(check_day(last, ("through",)), policy.zone)
    sent = AssignmentSent(columns.text(row, "tier"), work.name, until)
    tier_assignments.check(policy, sent, work.judged_at)
    return MemberKey(LookupScope.REFERENCE, columns.text(row, "member")), sent


async def check(work: Work, rows: Numbered) -> Checked:
    found, refused = checking.each(rows, partial(read, work))
    keys = {number: key for number, (key, _) in found.items()}
    known = await identity.find_many(work.programme.id, keys.values())
    unfit = await checking.unfit(known.values())
    return Checked(refused | checking.by_number(keys, known, unfit))


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Assign what each says. Left out are members whose accounts somebody has locked."""
    found = {number: read(work, row) for number, row in rows.items()}
    known = await identity.find_many(work.programme.id, [key for key, _ in found.values()])
    opened = await accounts.open_free(work.programme, set(known.values()), work.now)
    wanted = {number: (known.get(key), sent) for number, (key, sent) in found.items()}
    results = await _assign(work, wanted, opened)
    await accounts.close_all(opened.values(), notify=False)
    return results


async def _assign(
    work: Work,
    wanted: Mapping[int, tuple[UUID | None, AssignmentSent]],
    opened: Mapping[UUID, Account],
) -> dict[int, Result]:
    refused, results = await checking.unfit(opened), dict[int, Result]()
    for number, (own, sent) in wanted.items():
        account = opened.get(own) if own is not None else None
        if account is not None:
            refusal = refused.get(account.member_id)
            results[number] = refusal or await _assign_one(work, account, sent)
    return results


async def _assign_one(work: Work, account: Account, sent: AssignmentSent) -> Result:
    holding = account.holding
    if (holding.assigned, holding.assigned_until) == (sent.tier, sent.until):
        return Known(account.member_id)
    account.count((), await tier_assignments.decide(account, sent, work.name))
    return Written(account.member_id)


async def write_alone(work: Work, row: Row) -> Result:
    """Raises: NotFound, InvalidInput, MemberNotEnrolled, MemberSuspended."""
    key, sent = read(work, row)
    own = await identity.find_or_refuse(work.programme.id, key)
    async with accounts.opened(work.programme, own, work.now) as account:
        result = (await _assign(work, {1: (own, sent)}, {own: account}))[1]
        if isinstance(result, Refusal):
            raise result
        return result


KIND = Kind(COLUMNS, check, write, write_alone)
