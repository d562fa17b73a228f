"""Suspension, reinstatement and end of memberships by staff, with a reason and an actor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import models
from domain.accounts import accounts, forfeits
from domain.accounts.accounts import Account
from domain.kernel import audit, sealed_rows
from domain.kernel.commitments import Committed
from domain.kernel.database import row, rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, Path, check_text
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput, StateConflict
from domain.ledger.refusals import AccountInArrears, HoldsOpen
from domain.ledger.values import Cause
from domain.members import statuses
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.members import Member
from domain.members.statuses import GONE, MemberStatus
from domain.programmes.programmes import Programme
from domain.risk import reviewed

STANDING = tuple(status for status in MemberStatus if status not in GONE)
"""The statuses of a membership that has not ended."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Reason and actor of a change of a membership, and the points that it loses or gains by it;
    `other` is the member that it is merged with.
    """

    reason: str
    actor: str
    points: int = 0
    other: UUID | None = None


async def suspend(
    request: Request, programme: Programme, member: MemberKey, reason: str
) -> Outcome:
    """Stop a member from earning and spending; figures: `member_id`.

    Its facts are recorded and earn nothing; its points expire and mature as before.

    Raises: NotFound, InvalidInput, StateConflict, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))

    async def perform() -> Figures:
        member_id = await find_or_refuse(programme.id, member)
        async with accounts.opened(programme, member_id, request.now) as account:
            allowed = [one for one in STANDING if one is not MemberStatus.SUSPENDED]
            before = await checked(account, *allowed)
            ending = Ending(Committed.to(reason), request.caller.actor)
            await change(account, before, MemberStatus.SUSPENDED, ending)
        return {"member_id": str(member_id)}

    return await once(request, "suspendMember", {"member": member, "reason": reason}, perform)


async def reinstate(
    request: Request, programme: Programme, member: MemberKey, reason: str
) -> Outcome:
    """Restore a suspended member's earlier status; figures: `member_id`. Once the review of its
    enrolment has ended in any way, that is ENROLLED.

    Raises: NotFound, InvalidInput, StateConflict, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))

    async def perform() -> Figures:
        member_id = await find_or_refuse(programme.id, member)
        async with accounts.opened(programme, member_id, request.now) as account:
            await checked(account, MemberStatus.SUSPENDED)
            after = await _before_suspension(member_id)
            ending = Ending(Committed.to(reason), request.caller.actor)
            await change(account, MemberStatus.SUSPENDED, after, ending)
        return {"member_id": str(member_id)}

    return await once(request, "reinstateMember", {"member": member, "reason": reason}, perform)


async def _before_suspension(member_id: UUID) -> MemberStatus:
    found = await row(
        "SELECT from_status FROM member_change WHERE member_id = $1 ORDER BY number DESC LIMIT 1",
        member_id,
    )
    before = MemberStatus(found["from_status"]) if found else MemberStatus.ENROLLED
    if before is MemberStatus.UNDER_REVIEW and not await reviewed.is_enrolment_reviewed(member_id):
        return MemberStatus.ENROLLED
    return before


async def checked(
    account: Account, *allowed: MemberStatus, path: tuple[str, ...] = ("member",)
) -> MemberStatus:
    """The member's status, locked until the transaction ends. Raises: StateConflict."""
    status = await statuses.lock(account.member_id)
    if status not in allowed:
        raise StateConflict("member", str(status), allowed, path=path)
    return status


def check_settled(account: Account, path: tuple[str, ...]) -> None:
    """Check that no points are held or owed. Raises: HoldsOpen, AccountInArrears."""
    balances = account.journal.balances
    if account.journal.holds:
        raise HoldsOpen(balances.held, path=path)
    if balances.owed:
        raise AccountInArrears(balances.owed, path=path)


def check_forfeit(losing: Sequence[Account], points: int, path: Path = ("forfeit",)) -> None:
    """Check the sum of these accounts' pending and available points. Raises: InvalidInput."""
    balances = [one.journal.balances for one in losing]
    lost = sum(one.pending + one.available for one in balances)
    if points != lost:
        raise InvalidInput("forfeit_differs", str(points), (str(lost),), path=path)


def forfeit(account: Account, cause: Cause) -> int:
    """Take all pending and available points of the member; returns how many."""
    balances = account.journal.balances
    account.events += forfeits.forfeit(account.journal, cause)
    return balances.pending + balances.available


async def change(
    account: Account, before: MemberStatus, after: MemberStatus, ending: Ending
) -> None:
    """Change the status of the account's member, and record why.

    The caller ends the account of an ended membership by `ledger.end` after this is written.
    """
    found = await row(
        "SELECT coalesce(max(number), 0) AS number FROM member_change WHERE member_id = $1",
        account.member_id,
    )
    account.record(
        models.MemberChange(
            member_id=account.member_id,
            id=new_id(),
            number=(found["number"] if found else 0) + 1,
            from_status=before.value,
            to_status=after.value,
            points=ending.points,
            counterpart_id=ending.other,
            reason=ending.reason,
            actor=ending.actor,
            recorded_at=account.now,
        )
    )
    if after is before:
        return
    changed = await rows(
        "UPDATE member SET status = $2 WHERE member_id = $1 "
        f"RETURNING {sealed_rows.columns('member')}",
        account.member_id,
        after.value,
    )
    account.journal.changed += sealed_rows.of_all("member", changed)
    tell(account, before, after, ending.points)


def tell(account: Account, before: MemberStatus, after: MemberStatus, points: int) -> None:
    """Write the event of a changed status, and note it in the audit with the points lost."""
    account.notify(Topic.MEMBER_STATUS_CHANGED, from_=before.value, to=after.value)
    lost = {"points": -points} if points else {}
    audit.changed(
        f"member:{account.member_id}", {"status": before.value}, {"status": after.value, **lost}
    )


async def merged_points(from_id: UUID, into_id: UUID) -> int | None:
    """The points that moved when a member was merged into another; None where it was not."""
    found = await row(
        "SELECT points FROM member_change WHERE member_id = $1 AND counterpart_id = $2 "
        "AND to_status = 'MERGED'",
        from_id,
        into_id,
    )
    return found["points"] if found else None


async def family(member_id: UUID) -> list[UUID]:
    """A member and all members merged into it, directly or through others, by id."""
    return (await families([member_id]))[member_id]


async def family_of(one: Account | Member) -> list[UUID]:
    """The same for a member, as locked or as read; no query where nobody was merged into it."""
    return await family(one.member_id) if one.has_merged else [one.member_id]


async def families(member_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The same for each of these; one query for all, and one more for each further level of
    merges.
    """
    known = {member_id: {member_id} for member_id in member_ids}
    last = {member_id: {member_id} for member_id in known}
    while last:
        found = await rows(
            "SELECT member_id, counterpart_id FROM member_change WHERE member_id = ANY($1::uuid[]) "
            "AND counterpart_id IS NOT NULL AND to_status <> 'MERGED'",
            list({one for those in last.values() for one in those}),
        )
        last = {
            member_id: {one["counterpart_id"] for one in found if one["member_id"] in those}
            - known[member_id]
            for member_id, those in last.items()
        }
        last = {member_id: those for member_id, those in last.items() if those}
        for member_id, those in last.items():
            known[member_id] |= those
    return {member_id: sorted(those) for member_id, those in known.items()}
