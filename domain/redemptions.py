"""Redemptions: points spent on a reward, what it gave, and how it is undone.

A coupon is fulfilled at once; a service, product or partner reward is confirmed, and
fulfilled when it is delivered. Cancelling gives the points back to the lots they came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from domain import catalogue, ledger, outbox
from domain import journal as journals
from domain.callers import CallerKind
from domain.catalogue import Price, Reward, RewardKind
from domain.database import Row, row, rows, update
from domain.errors import (
    AccountInArrears,
    CodePoolExhausted,
    CodeRevealed,
    InsufficientPoints,
    LimitReached,
    NotFound,
    OutOfStock,
    RedemptionState,
)
from domain.idempotency import Figures, Outcome, Request, once
from domain.ids import new_code, new_id
from domain.inputs import NOTE_CHARACTERS_MAX, check_text, listed
from domain.journal import Cause, Journal
from domain.members import MemberKey, check_enrolled, find_or_refuse
from domain.outbox import Event, Topic
from domain.programmes import Programme, Version
from models import Redemption as RedemptionTable

COUPON_CODE_CHARACTERS = 12


class RedemptionStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    FULFILLED = "FULFILLED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class RedeemSent:
    """What is to be redeemed; `points` for an open value only."""

    reward: str
    quantity: int = 1
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redemption as it is shown."""

    member_id: UUID
    id: UUID
    programme_id: UUID
    reward_id: UUID
    status: RedemptionStatus
    points: int
    quantity: int
    worth_minor: int | None
    currency: str
    codes: list[str]
    created_at: datetime
    fulfilled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Order:
    """A redemption whose price is known and whose stock is taken."""

    id: UUID
    reward: Reward
    price: Price
    quantity: int
    codes: list[str]


async def redeem(
    request: Request, programme: Programme, member: MemberKey, sent: RedeemSent
) -> Outcome:
    """Spend points on a reward; figures: `member_id`, `redemption_id`.

    Price, validity, tier, limit, points and stock are all checked under the account's lock.

    Raises: NotFound, InvalidInput, RewardInactive, TierRequired, LimitReached,
        MemberNotEnrolled, MemberSuspended, AccountInArrears, InsufficientPoints, OutOfStock,
        CodePoolExhausted, IdempotencyKeyReused, ConcurrentRequest.
    """
    catalogue.check_quantity(sent.quantity)

    async def perform() -> Figures:
        member_id = await find_or_refuse(programme.id, member)
        journal, account = await ledger.lock(member_id, request.now)
        version = programme.as_of(journal.now)
        reward = await catalogue.get(programme.id, sent.reward)
        await _check_member(journal, account)
        price = _price(version, reward, account["tier"], journal.now, sent)
        await _check_limit(member_id, reward, sent.quantity)
        available = journal.balances.available
        if price.points > available:
            raise InsufficientPoints(available, price.points, path=("points",))
        redemption_id = new_id()
        codes = await _take(reward, sent.quantity, member_id, redemption_id, journal.now)
        order = Order(redemption_id, reward, price, sent.quantity, codes)
        return await _book(request, version, journal, order)

    return await once(request, "redeemReward", {"member": member, "redeem": sent}, perform)


async def cancel(
    request: Request,
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    reason: str | None = None,
) -> Outcome:
    """Undo a redemption; figures: `member_id`, `redemption_id`, `points_reinstated`.

    A member cancels what is CONFIRMED; partner and staff also what is FULFILLED, which voids
    its codes. Points come back to their own lots with their own expiry; stock comes back.

    Raises: NotFound, InvalidInput, RedemptionState, CodeRevealed, IdempotencyKeyReused,
        ConcurrentRequest.
    """
    if reason is not None:
        check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))

    async def perform() -> Figures:
        journal, _ = await _lock_owner(request, programme, member_id, redemption_id)
        redemption = await _load(programme.id, member_id, redemption_id)
        _check_cancellable(request, redemption)
        actor = request.caller.actor
        points = await _reinstate(journal, redemption, Cause(actor, redemption_id=redemption_id))
        await _give_back(redemption, journal.now)
        await update(
            "UPDATE redemption SET status = 'CANCELLED', cancelled_at = $4, cancelled_by = $5, "
            "cancel_reason = $6 WHERE member_id = $1 AND id = $2 AND status = $3",
            member_id,
            redemption_id,
            redemption.status,
            journal.now,
            actor,
            reason,
        )
        await ledger.write(journal)
        payload = {"redemption_id": str(redemption_id), "points": points}
        event = Event(Topic.REDEMPTION_CANCELLED, member_id, payload)
        await outbox.write(programme.id, journal.now, [event])
        return {
            "member_id": str(member_id),
            "redemption_id": str(redemption_id),
            "points_reinstated": points,
        }

    sent = {"redemption": redemption_id, "reason": reason}
    return await once(request, "cancelRedemption", sent, perform)


def _price(version: Version, reward: Reward, tier: str, now: datetime, sent: RedeemSent) -> Price:
    policy = version.policy
    catalogue.check_offer(policy, reward, tier, now)
    rate = catalogue.redemption_rate(policy, tier, now)
    return catalogue.price(policy, reward, rate, quantity=sent.quantity, points=sent.points)


async def _check_member(journal: Journal, account: Row) -> None:
    member = await row("SELECT status FROM member WHERE member_id = $1", account["member_id"])
    check_enrolled(member["status"] if member else "")
    if journal.balances.owed:
        raise AccountInArrears(journal.balances.owed, path=("member",))


async def _check_limit(member_id: UUID, reward: Reward, quantity: int) -> None:
    if reward.per_member_limit is None:
        return
    taken = await row(
        "SELECT coalesce(sum(quantity), 0)::bigint AS quantity FROM redemption "
        "WHERE member_id = $1 AND reward_id = $2 AND status <> 'CANCELLED'",
        member_id,
        reward.id,
    )
    if (taken["quantity"] if taken else 0) + quantity > reward.per_member_limit:
        raise LimitReached(reward.per_member_limit, path=("quantity",))


async def _take(
    reward: Reward, quantity: int, member_id: UUID, redemption_id: UUID, now: datetime
) -> list[str]:
    """Take stock or pooled codes, and make the codes that a coupon without a pool needs.

    Raises: OutOfStock, CodePoolExhausted.
    """
    if reward.pooled_codes:
        return await _take_codes(reward, quantity, member_id, redemption_id, now)
    if reward.remaining is not None:
        await _take_stock(reward, quantity)
    if reward.kind is RewardKind.COUPON:
        return [new_code(COUPON_CODE_CHARACTERS) for _ in range(quantity)]
    return []


async def _take_stock(reward: Reward, quantity: int) -> None:
    taken = await update(
        "UPDATE reward_stock SET remaining = remaining - $2 "
        "WHERE reward_id = $1 AND remaining >= $2",
        reward.id,
        quantity,
    )
    if taken == 0:
        left = await row("SELECT remaining FROM reward_stock WHERE reward_id = $1", reward.id)
        raise OutOfStock(reward.code, left["remaining"] if left else 0, path=("reward",))


async def _take_codes(
    reward: Reward, quantity: int, member_id: UUID, redemption_id: UUID, now: datetime
) -> list[str]:
    taken = await rows(
        "UPDATE coupon_code SET status = 'ISSUED', member_id = $3, redemption_id = $4, "
        "issued_at = $5 WHERE id IN (SELECT id FROM coupon_code WHERE reward_id = $1 "
        "AND status = 'IMPORTED' ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING code",
        reward.id,
        quantity,
        member_id,
        redemption_id,
        now,
    )
    if len(taken) < quantity:
        raise CodePoolExhausted(reward.code, path=("reward",))
    return [code["code"] for code in taken]


async def _book(request: Request, version: Version, journal: Journal, order: Order) -> Figures:
    member_id, actor = journal.member_id, request.caller.actor
    programme_id, points = request.caller.programme_id, order.price.points
    at_once = order.reward.kind is RewardKind.COUPON
    await RedemptionTable.create(
        member_id=member_id,
        id=order.id,
        programme_id=programme_id,
        reward_id=order.reward.id,
        status=RedemptionStatus.FULFILLED if at_once else RedemptionStatus.CONFIRMED,
        points=points,
        quantity=order.quantity,
        worth_minor=order.price.worth_minor,
        currency=version.policy.currency,
        codes=order.codes,
        actor=actor,
        policy_version_id=version.id,
        created_at=journal.now,
        fulfilled_at=journal.now if at_once else None,
    )
    journals.redeem(journal, points, Cause(actor, redemption_id=order.id))
    await ledger.write(journal)
    payload = {
        "redemption_id": str(order.id),
        "reward": order.reward.code,
        "quantity": order.quantity,
        "points": points,
    }
    event = Event(Topic.REWARD_REDEEMED, member_id, payload)
    await outbox.write(programme_id, journal.now, [event])
    return {"member_id": str(member_id), "redemption_id": str(order.id)}


async def _lock_owner(
    request: Request, programme: Programme, member_id: UUID, redemption_id: UUID
) -> tuple[Journal, Row]:
    """Another programme's or, to a member, another member's redemption is not there."""
    caller = request.caller
    strange = caller.kind is CallerKind.MEMBER and caller.member_id != member_id
    found = (
        None
        if strange
        else await row(
            "SELECT id FROM redemption WHERE member_id = $1 AND id = $2 AND programme_id = $3",
            member_id,
            redemption_id,
            programme.id,
        )
    )
    if found is None:
        raise NotFound("redemption", str(redemption_id), path=("redemption",))
    return await ledger.lock(member_id, request.now)


def _check_cancellable(request: Request, redemption: Redemption) -> None:
    allowed = [RedemptionStatus.CONFIRMED]
    if request.caller.kind is not CallerKind.MEMBER:
        allowed.append(RedemptionStatus.FULFILLED)
    elif redemption.status is RedemptionStatus.FULFILLED and redemption.codes:
        raise CodeRevealed(path=("redemption",))
    if redemption.status not in allowed:
        raise RedemptionState(redemption.status, listed(allowed), path=("redemption",))


async def _reinstate(journal: Journal, redemption: Redemption, cause: Cause) -> int:
    spent = await row(
        "SELECT id FROM ledger_entry "
        "WHERE member_id = $1 AND redemption_id = $2 AND kind = 'REDEEM'",
        redemption.member_id,
        redemption.id,
    )
    if spent is None:
        raise RuntimeError(f"redemption {redemption.id} has no REDEEM entry")
    taken = await ledger.load_touched(journal, spent["id"])
    journals.reinstate(journal, taken, redemption.points, cause)
    return redemption.points


async def _give_back(redemption: Redemption, now: datetime) -> None:
    """Stock comes back; a code that was shown never does, it is voided."""
    await update(
        "UPDATE coupon_code SET status = 'VOID', voided_at = $2 "
        "WHERE redemption_id = $1 AND status = 'ISSUED'",
        redemption.id,
        now,
    )
    await update(
        "UPDATE reward_stock SET remaining = remaining + $2 WHERE reward_id = $1",
        redemption.reward_id,
        redemption.quantity,
    )


# Reads.

_SELECT = (
    "SELECT member_id, id, programme_id, reward_id, status, points, quantity, worth_minor, "
    "currency, codes, created_at, fulfilled_at FROM redemption"
)


async def _load(programme_id: UUID, member_id: UUID, redemption_id: UUID) -> Redemption:
    found = await many(programme_id, [(member_id, redemption_id)])
    if not found:
        raise NotFound("redemption", str(redemption_id), path=("redemption",))
    return found[redemption_id]


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Redemption]:
    """Redemptions by id, named by (member id, id); one statement for all of them."""
    found = await rows(
        f"{_SELECT} WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND programme_id = $3",
        [member_id for member_id, _ in ids],
        [redemption_id for _, redemption_id in ids],
        programme_id,
    )
    return {redemption["id"]: _redemption(redemption) for redemption in found}


async def page(
    member_id: UUID,
    statuses: Sequence[RedemptionStatus] | None,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[Redemption]:
    """At most `limit` of the member's redemptions, newest first, behind `after`."""
    found = await rows(
        f"{_SELECT} WHERE member_id = $1 AND ($2::text[] IS NULL OR status = ANY($2::text[])) "
        "AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid)) "
        "ORDER BY created_at DESC, id DESC LIMIT $5",
        member_id,
        _texts(statuses),
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [_redemption(redemption) for redemption in found]


async def count(member_id: UUID, statuses: Sequence[RedemptionStatus] | None) -> int:
    found = await row(
        "SELECT count(*) AS count FROM redemption "
        "WHERE member_id = $1 AND ($2::text[] IS NULL OR status = ANY($2::text[]))",
        member_id,
        _texts(statuses),
    )
    return int(found["count"]) if found else 0


def _texts(statuses: Sequence[RedemptionStatus] | None) -> list[str] | None:
    return None if statuses is None else [str(status) for status in statuses]


def _redemption(found: dict[str, Any]) -> Redemption:
    codes = orjson.loads(found.pop("codes"))
    status = RedemptionStatus(found.pop("status"))
    return Redemption(**found, codes=codes, status=status)
