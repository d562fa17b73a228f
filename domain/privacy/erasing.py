"""Erasure: a member ends, and everything that identifies it is removed, also from before a merge.

Facts, ledger, tiers, redemptions and consents stay unchanged, under an id that identifies nobody.
Texts that rows commit to are removed, and the commitments stay, so that every hash and every figure
stays valid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.claims import claims
from domain.claims import closing as closing_of_claims
from domain.delivery import recording
from domain.feedback import feedback
from domain.jobs import erasing as erasing_of_jobs
from domain.kernel import audit, cache, idempotency, ids, private_texts, revocations
from domain.kernel.callers import CallerKind
from domain.kernel.database import row, rows, transact
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.ids import new_id
from domain.kernel.refusals import ConcurrentRequest
from domain.kernel.revocations import TokenKind
from domain.ledger import ledger
from domain.ledger.values import Cause
from domain.members import endings, forgotten, statuses
from domain.members.forgotten import Person
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.statuses import MemberStatus
from domain.notices import contact_codes, devices
from domain.programmes.programmes import Programme
from domain.proposals import proposals
from domain.redemptions import delivery_details
from domain.rewards import coupons
from domain.risk import closing, signals
from domain.transfers import transfers

RESTORING = "system:restore"
"""The actor that erases again members that a restore brought back."""

REASON = "erased"
"""The reason of the entries by which a member's points end."""


LATE = timedelta(hours=1)
"""A time longer than any erasure takes."""


@dataclass(frozen=True, slots=True)
class By:
    """The actor of an erasure, and its instant."""

    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """A member who was erased, and the code of its programme."""

    member_id: UUID
    programme: str


async def erase(request: Request, programme: Programme, member: MemberKey, confirm: int) -> Outcome:
    """Erase a member without held points and arrears, with all merged into it, even if the request
    names one of these; figures:

    `member_id`, `erased_at`. `confirm` are the points that they give up: all pending and available
    ones. A member erased before returns the answer of then.

    Raises: NotFound, InvalidInput where other points would be lost, HoldsOpen, AccountInArrears,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    perform = partial(_erase, request, programme, member, confirm)
    outcome = await once(request, "eraseMember", {"member": member, "confirm": confirm}, perform)
    cache.forget()
    return outcome


async def _erase(
    request: Request, programme: Programme, member: MemberKey, confirm: int
) -> Figures | Replayed:
    member_id = await find_or_refuse(programme.id, member)
    by = By(request.caller.actor, request.now)
    erased, at = await _erase_now(programme, member_id, by, confirm)
    figures = {"member_id": str(member_id), "erased_at": at.isoformat()}
    if erased:
        return figures
    if request.caller.kind is CallerKind.MEMBER:
        # another request has erased it and its keys meanwhile: this key would contain its reference
        await idempotency.release(request.caller, [request.key])
    return Replayed(figures)


async def again(programme: Programme, member_id: UUID, now: datetime) -> None:
    """Erase again a member that was erased before, in a database restored from before that,
    whatever its state. Points held or owed stay until they end, and `finish` takes points that
    return.

    Raises: ConcurrentRequest.
    """
    await transact(partial(_erase_now, programme, member_id, By(RESTORING, now), None))


async def _erase_now(
    programme: Programme, member_id: UUID, by: By, confirm: int | None
) -> tuple[bool, datetime]:
    """Returns whether it was erased just now, and when it was erased; without `confirm` it loses
    all its points.
    """
    family = await endings.family(await ledger.became(member_id))
    if (known := await _erased_before(member_id, family)) is not None:
        return False, known
    persons = [await forgotten.person(one) for one in family]
    # before the accounts: look-ups of a member are locked first
    await forgotten.let_go(programme.id, family)
    async with accounts.opened_together(programme, family, by.now) as opened:
        if (known := await _erased_before(member_id, family)) is not None:
            for account in opened.values():
                account.abandon()
            return False, known
        before = await _erased(family)
        ending = [opened[one] for one in family if one not in before]
        await _end_all(ending, by.actor, confirm)
        await _check_unchanged(member_id, persons)
        for person in persons:
            if person.member_id not in before:
                await forgotten.forget(opened[person.member_id].journal, person)
            await closing_of_claims.withdraw_all(opened[person.member_id], by.actor)
            await _forget_what_it_did(opened[person.member_id])
        await _forget_what_names_it(opened[member_id], persons, by.actor)
        # a token contains a reference, which another member may have from here on
        named = [one.reference for one in persons if one.member_id not in before]
        now = programme.real(by.now)
        await revocations.end(programme.id, named, TokenKind.MEMBER, now, by.actor)
    for account in ending:
        # not before the end of expired holds is written
        if account.successor is None and not _is_open(account):
            await ledger.end(account.member_id, account.now)
    return True, opened[member_id].now


def _is_open(account: Account) -> bool:
    """Whether something is still held or owed."""
    return bool(account.journal.holds or account.journal.balances.owed)


async def _check_unchanged(member_id: UUID, persons: Sequence[Person]) -> None:
    """Check that their identities have not changed since before their accounts were locked. Raises:
    ConcurrentRequest.
    """
    family = await endings.family(await ledger.became(member_id))
    if [await forgotten.person(one) for one in family] != persons:
        raise ConcurrentRequest(path=("member",))


async def _erased_before(member_id: UUID, family: Sequence[UUID]) -> datetime | None:
    """The instant when the member was erased, if all of its family were."""
    erased = await _erased(family)
    return erased[member_id] if len(erased) == len(family) else None


async def _erased(member_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Those of these members who were erased, and the instants."""
    found = await rows(
        "SELECT member_id, erased_at FROM erasure WHERE member_id = ANY($1::uuid[])",
        list(member_ids),
    )
    return {one["member_id"]: one["erased_at"] for one in found}


async def everybody(since: Erased | None = None) -> list[Erased]:
    """Members erased in this database, of all programmes, in the order of erasure; from `LATE`
    before the given one, if it exists: its transaction may have ended before earlier ones.
    """
    first = None
    if since is not None:
        known = await row("SELECT id FROM erasure WHERE member_id = $1", since.member_id)
        first = ids.earlier(known["id"], LATE) if known else None
    found = await rows(
        "SELECT e.member_id, p.code FROM erasure e JOIN programme p ON p.id = e.programme_id "
        "WHERE $1::uuid IS NULL OR e.id >= $1 ORDER BY e.id",
        first,
    )
    return [Erased(one["member_id"], one["code"]) for one in found]


async def unfinished() -> list[Erased]:
    """Members who held or owed points when they were erased again, and whose account is still
    open.
    """
    erased = await everybody()
    still = await ledger.still_open([one.member_id for one in erased])
    return [one for one in erased if one.member_id in still]


async def finish(programme: Programme, member_id: UUID, now: datetime) -> bool:
    """Take the points that returned to an erased member, and close the account; returns False while
    it holds or owes points.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_finish, programme, member_id, now))


async def _finish(programme: Programme, member_id: UUID, now: datetime) -> bool:
    async with accounts.opened(programme, member_id, now) as account:
        if not _is_open(account):
            endings.forfeit(account, Cause(RESTORING, reason=REASON))
    if _is_open(account):
        return False
    await ledger.end(member_id, account.now)
    return True


async def missing(known: Sequence[Erased]) -> list[Erased]:
    """Those of these who exist, and are not erased."""
    found = await rows(
        "SELECT member_id FROM member WHERE member_id = ANY($1::uuid[]) AND status <> 'ERASED'",
        [one.member_id for one in known],
    )
    there = {one["member_id"] for one in found}
    return [one for one in known if one.member_id in there]


async def _end_all(ending: Sequence[Account], actor: str, confirm: int | None) -> None:
    """End the points of these members: pending ones are clawed back, available ones taken. Without
    `confirm` all are.

    Raises: InvalidInput, HoldsOpen, AccountInArrears, ConcurrentRequest.
    """
    if confirm is not None:
        for account in ending:
            endings.check_settled(account, ("member",))
        endings.check_forfeit(ending, confirm, ("confirm",))
    for account in ending:
        status = await statuses.lock(account.member_id)
        if status is None:
            raise ConcurrentRequest(path=("member",))
        await closing.lapse(account, actor, private_texts.ERASED)
        _end(account, status, actor)


def _end(account: Account, status: MemberStatus, actor: str) -> None:
    lost = endings.forfeit(account, Cause(actor, reason=REASON))
    endings.tell(account, status, MemberStatus.ERASED, lost)
    account.record(
        models.Erasure(
            member_id=account.member_id,
            id=new_id(),
            programme_id=account.programme.id,
            was=status.value,
            points=lost,
            erased_at=account.now,
            erased_by=actor,
        )
    )


async def _forget_what_it_did(account: Account) -> None:
    member_id = account.member_id
    await private_texts.forget(member_id)
    await transfers.forget_notes(member_id)
    await delivery_details.erase(member_id)
    await coupons.erase(member_id)
    account.journal.changed += await claims.erase(member_id)
    await feedback.erase(member_id)
    await devices.erase(member_id)
    await contact_codes.erase(member_id)
    await recording.erase(member_id)
    await signals.forget(member_id)


async def _forget_what_names_it(account: Account, persons: Sequence[Person], actor: str) -> None:
    """Remove rows of no member that contain something about these."""
    programme_id, members = account.programme.id, [one.member_id for one in persons]
    proposed = await proposals.erase(programme_id, members, actor, account.now)
    await audit.erase_reasons(programme_id, members, proposed)
    await erasing_of_jobs.erase(programme_id, persons, account.now)
    for person in persons:
        await idempotency.erase(programme_id, f"{CallerKind.MEMBER}:{person.reference}")
