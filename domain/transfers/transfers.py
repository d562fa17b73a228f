"""Transfers: points that one member gives another, which keep their expiry and their funder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.kernel import private_texts
from domain.kernel.callers import CallerKind
from domain.kernel.commitments import committed
from domain.kernel.database import rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.lookups import LookupScope
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger import journal as journals
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot
from domain.ledger.refusals import AccountInArrears, InsufficientPoints
from domain.ledger.values import SYSTEM, Cause, Entry
from domain.members import statuses
from domain.members.identity import MemberKey, find
from domain.members.identity import find_or_refuse as find_member
from domain.members.refusals import LimitReached, MemberNotEnrolled, MemberSuspended
from domain.members.statuses import check_enrolled
from domain.programmes import points as points_terms
from domain.programmes.programmes import Programme
from domain.risk import holding, screening
from domain.valuation import lot_values


@dataclass(frozen=True, slots=True)
class TransferSent:
    """A transfer as sent; `points` are whole and positive."""

    points: int
    note: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {"points": self.points, "note": self.note}


async def transfer(
    request: Request,
    programme: Programme,
    giver: MemberKey,
    receiver: MemberKey,
    sent: TransferSent,
) -> Outcome:
    """Give available points to another member; figures: `member_id`, `transfer_id`, `points`.

    The receiver gets lots with the giver's own expiry, funder and earning date. A receiver that
    does not exist and one that cannot receive get the same answer, and so does every receiver if
    the giver may not give.

    Raises: NotFound, InvalidInput, MemberNotEnrolled, MemberSuspended, LimitReached,
        AccountInArrears, InsufficientPoints, RiskDenied, IdempotencyKeyReused, ConcurrentRequest.
    """
    if sent.points < 1:
        raise InvalidInput("not_positive", str(sent.points), path=("points",))
    if sent.note is not None:
        check_text(sent.note, NOTE_CHARACTERS_MAX, ("note",))

    perform = partial(_transfer, request, programme, (giver, receiver), sent)
    content = {"from": giver, "to": receiver, "transfer": sent}
    return await screening.recorded(partial(once, request, "transferPoints", content, perform))


async def _transfer(
    request: Request,
    programme: Programme,
    between: tuple[MemberKey, MemberKey],
    sent: TransferSent,
) -> Figures:
    giver, receiver = between
    giver_id = await find_member(programme.id, giver, ("from",))
    try:
        receiver_id = await _find_receiver(request, programme.id, receiver, giver_id)
    except NotFound:
        # a member who may not give must not learn from the refusal which members exist
        async with accounts.opened(programme, giver_id, request.now) as giving:
            await _check_giver(giving, sent.points)
            raise
    looked = await screening.look(request, programme, giver_id, "transfer")
    both = (giver_id, receiver_id)
    about: tuple[UUID, UUID | None]
    async with accounts.opened_together(programme, both, request.now) as opened:
        giving, receiving = opened[giver_id], opened[receiver_id]
        await _check_giver(giving, sent.points)
        # it may have been closed, erased or merged while its account was waited for
        await _check_receiver(receiver_id, receiver)
        verdict = looked.judge(sent.points)
        screening.refuse(looked, verdict, giver_id, sent.points)
        if verdict.decision == "review":
            figures, about = _hold(giving, receiver_id, sent, request.caller.actor)
        else:
            transfer_id = await move(
                giving, receiving, sent.points, request.caller.actor, sent.note
            )
            figures = {
                "member_id": str(giver_id),
                "transfer_id": str(transfer_id),
                "points": sent.points,
            }
            about = (transfer_id, None)
        screening.add_decisions(giving, looked, verdict, about, sent.points)
    await looked.keep(giver_id, sent.points, giving.now)
    return figures


def _hold(
    giving: Account, receiver_id: UUID, sent: TransferSent, actor: str
) -> tuple[Figures, tuple[UUID, UUID]]:
    """Hold the points until staff have reviewed the transfer; returns the hold, with its review."""
    review_id = new_id()
    redemption_id = holding.hold(giving, review_id, sent.points, actor)
    screening.open_review(
        giving,
        "transfer",
        redemption_id,
        sent.points,
        review_id=review_id,
        ends_at=holding.ends_at(giving),
        counterpart_id=receiver_id,
        note=committed(sent.note),
    )
    figures = {
        "member_id": str(giving.member_id),
        "points": 0,
        "transfer_id": None,
        "under_review": True,
    }
    return figures, (redemption_id, review_id)


async def _find_receiver(
    request: Request, programme_id: UUID, key: MemberKey, giver_id: UUID
) -> UUID:
    """Find the receiver; a member cannot learn whether an address belongs to a member."""
    absent = _absent(key)
    address = key.scope in (LookupScope.EMAIL, LookupScope.PHONE)
    if address and request.caller.kind is CallerKind.MEMBER:
        raise absent
    member_id = await find(programme_id, key)
    if member_id is None:
        raise absent
    if member_id == giver_id:
        raise InvalidInput("transfer_to_oneself", path=("to",))
    await _check_receiver(member_id, key)
    return member_id


async def _check_receiver(member_id: UUID, key: MemberKey) -> None:
    """Check that the receiver is enrolled; the existence of others is not revealed."""
    try:
        check_enrolled(await statuses.of(member_id))
    except (MemberNotEnrolled, MemberSuspended):
        raise _absent(key) from None


def _absent(key: MemberKey) -> NotFound:
    return NotFound("member", key.value[:128], path=("to",))


async def _check_giver(giving: Account, points: int) -> None:
    points_terms.check(giving.version.policy)
    terms = giving.version.policy.transfers
    if terms is None:
        raise InvalidInput("transfers_not_offered", path=("from",))
    member = await statuses.membership(giving.member_id)
    check_enrolled(member.status, ("from",))
    allowed_at = member.joined_at + timedelta(days=terms.account_age_days)
    if giving.now < allowed_at:
        raise LimitReached(0, allowed_at, path=("from",))
    owed = giving.journal.balances.owed
    if owed:
        raise AccountInArrears(owed, path=("from",))
    available = giving.journal.balances.available
    if points > available:
        raise InsufficientPoints(available, points, path=("points",))


async def move(
    giving: Account, receiving: Account, points: int, actor: str, note: str | None = None
) -> UUID:
    """Move available points to another account, under both locks; returns the id of the transfer.

    They keep their expiry, their funder and their day of earning.

    Raises: InsufficientPoints.
    """
    transfer_id = new_id()
    cause = Cause(actor, transfer_id=transfer_id)
    given = journals.transfer_out(giving.journal, points, cause)
    lots = _received(giving.journal, receiving.journal, given)
    carried = zip(lots, await lot_values.given(giving.journal, given), strict=True)
    receiving.journal.amounts.update({lot.id: one for lot, one in carried if one is not None})
    journals.transfer_in(receiving.journal, lots, cause)
    for account, direction, other in ((giving, "OUT", receiving), (receiving, "IN", giving)):
        account.record(
            models.Transfer(
                member_id=account.member_id,
                id=transfer_id,
                programme_id=account.programme.id,
                direction=direction,
                counterpart_id=other.member_id,
                points=points,
                note=committed(note),
                created_at=account.now,
            )
        )
        account.notify(
            Topic.POINTS_TRANSFERRED, transfer_id=transfer_id, direction=direction, points=points
        )
    return transfer_id


async def pass_on(account: Account, actor: str) -> int:
    """Move all spendable points of a merged member to the account that has its points; returns how
    many. If that membership has ended, nothing moves: closing the account forfeits them.
    """
    moved, successor = 0, account.successor
    if successor is None or account.ended:
        return 0
    if available := account.journal.balances.available:
        await move(account, successor, available, actor)
        moved = available
    return moved + await pass_on(successor, actor)


async def bring_back(account: Account, points: int) -> None:
    """Move points back to a merged member, from which they will be taken, as far as they are
    spendable in the account that has its points.
    """
    successor = account.successor
    if successor is None or points <= 0:
        return
    await bring_back(successor, points - successor.journal.balances.available)
    if there := min(points, successor.journal.balances.available):
        await move(successor, account, there, SYSTEM.actor)


def _received(giving: Journal, receiving: Journal, given: Entry) -> list[Lot]:
    """A lot for each one drawn, with the same terms, available by the receiver's clock too."""
    drawn = [(giving.lots[touch.lot_id], -touch.points) for touch in given.touches]
    return [
        replace(
            lot,
            id=receiving.new_id(),
            points=points,
            remaining=points,
            available_at=min(lot.available_at or receiving.now, receiving.now),
            booking_id=None,
            line_number=None,
        )
        for lot, points in drawn
    ]


# Reads.


async def receiver_of(giver_id: UUID, transfer_id: UUID) -> UUID:
    """The member to whom this member gave points by this transfer."""
    given = await rows(
        "SELECT counterpart_id FROM transfer "
        "WHERE member_id = $1 AND id = $2 AND direction = 'OUT'",
        giver_id,
        transfer_id,
    )
    receiver_id: UUID = given[0]["counterpart_id"]
    return receiver_id


async def notes(ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, str | None]:
    """Note by the giver of each transfer, by (member id, id); one query for all."""
    found = await rows(
        f"SELECT t.id, {_NOTE} AS note FROM transfer t "
        "WHERE t.member_id = ANY($1::uuid[]) AND t.id = ANY($2::uuid[])",
        [member_id for member_id, _ in ids],
        [transfer_id for _, transfer_id in ids],
    )
    return {transfer["id"]: private_texts.shown(transfer["note"]) for transfer in found}


_NOTE = private_texts.selected("t.note", "= ANY($1::uuid[])")


async def forget_notes(member_id: UUID) -> None:
    """Erase the notes of transfers of this member, on the other side, too."""
    given = await rows(
        "SELECT id, counterpart_id FROM transfer WHERE member_id = $1 AND note IS NOT NULL",
        member_id,
    )
    await private_texts.forget_of(
        {one["counterpart_id"] for one in given}, [one["id"] for one in given]
    )
