"""Redemptions: points spent on a reward, what it gave, and how it is undone.

With a hold: HELD → CONFIRMED, or RELEASED. Without one a coupon is FULFILLED at once, a
service, product or partner reward CONFIRMED, and FULFILLED when it is delivered. Cancelling
gives the points back to the lots they came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from domain import catalogue, coupons, holds, ledger, outbox, tier_reviews
from domain import journal as journals
from domain.callers import CallerKind
from domain.catalogue import Price, Reward, RewardKind
from domain.database import Row, row, rows, transact, update
from domain.errors import (
    AccountInArrears,
    CodePoolExhausted,
    CodeRevealed,
    HoldExpired,
    InsufficientPoints,
    LimitReached,
    NotFound,
    OutOfStock,
    RedemptionState,
)
from domain.idempotency import Figures, Outcome, Request, once
from domain.ids import new_id
from domain.inputs import NOTE_CHARACTERS_MAX, check_text, listed
from domain.journal import Cause, Journal
from domain.members import MemberKey, check_enrolled, find_or_refuse
from domain.outbox import Event, Topic
from domain.programmes import Programme, Version
from models import Redemption as RedemptionTable

TRACKING_CHARACTERS_MAX = 200


class RedemptionStatus(StrEnum):
    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    FULFILLED = "FULFILLED"
    RELEASED = "RELEASED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class RedeemSent:
    """What is to be redeemed; `points` for an open value only."""

    reward: str
    quantity: int = 1
    points: int | None = None
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redemption as it was last written; codes only once they were given."""

    member_id: UUID
    id: UUID
    programme_id: UUID
    reward_id: UUID | None
    status: RedemptionStatus
    points: int
    quantity: int
    worth_minor: int | None
    currency: str
    codes: list[str]
    created_at: datetime
    hold_expires_at: datetime | None
    released_at: datetime | None
    fulfilled_at: datetime | None
    tracking: str | None

    @property
    def timed_out(self) -> bool:
        """Whether its hold died, rather than being given up before."""
        died_at, released_at = self.hold_expires_at, self.released_at
        return died_at is not None and released_at is not None and released_at >= died_at

    def as_of(self, now: datetime) -> "Redemption":
        """As it is at `now`: a hold dies whether or not anything was written."""
        died_at = self.hold_expires_at
        if self.status is not RedemptionStatus.HELD or died_at is None or now < died_at:
            return self
        return replace(self, status=RedemptionStatus.RELEASED, released_at=died_at)


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
    """Spend points on a reward, or hold them for it; figures: `member_id`, `redemption_id`.

    Price, validity, tier, limit, points and stock are all checked under the account's lock.
    Where nothing is left, what dead holds still keep is given back first.

    Raises: NotFound, InvalidInput, RewardInactive, TierRequired, LimitReached,
        MemberNotEnrolled, MemberSuspended, AccountInArrears, InsufficientPoints, OutOfStock,
        CodePoolExhausted, IdempotencyKeyReused, ConcurrentRequest.
    """
    catalogue.check_quantity(sent.quantity)

    async def perform() -> Figures:
        return await _redeem(request, programme, member, sent)

    try:
        return await once(request, "redeemReward", {"member": member, "redeem": sent}, perform)
    except (OutOfStock, CodePoolExhausted):
        if not await _release_dead(programme, sent.reward, request.now):
            raise
    return await once(request, "redeemReward", {"member": member, "redeem": sent}, perform)


async def confirm(
    request: Request, programme: Programme, member_id: UUID, redemption_id: UUID
) -> Outcome:
    """Spend what a reward's hold reserved; figures: `member_id`, `redemption_id`.

    Raises: NotFound, HoldExpired, RedemptionState, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def perform() -> Figures:
        journal, redemption, reward = await _lock(request, programme, member_id, redemption_id)
        if reward is None:
            raise RedemptionState(redemption.status, "earnForBooking", path=("redemption",))
        if redemption.timed_out:
            raise HoldExpired(redemption.hold_expires_at or journal.now, path=("redemption",))
        _check_state(redemption, [RedemptionStatus.HELD])
        cause = Cause(request.caller.actor, redemption_id=redemption_id)
        journals.capture(journal, redemption_id, redemption.points, cause)
        at_once = reward.kind is RewardKind.COUPON
        await _set_status(
            redemption,
            RedemptionStatus.FULFILLED if at_once else RedemptionStatus.CONFIRMED,
            fulfilled_at=journal.now if at_once else None,
        )
        await ledger.write(journal)
        event = _redeemed(redemption, reward)
        await outbox.write(programme.id, journal.now, [event])
        return _figures(member_id, redemption_id)

    return await once(request, "confirmRedemption", {"redemption": redemption_id}, perform)


async def fulfil(
    request: Request,
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    tracking: str | None = None,
) -> Outcome:
    """Record that a confirmed reward was delivered; figures: `member_id`, `redemption_id`.

    To a partner another partner's reward is not there.

    Raises: NotFound, InvalidInput, RedemptionState, IdempotencyKeyReused, ConcurrentRequest.
    """
    if tracking is not None:
        check_text(tracking, TRACKING_CHARACTERS_MAX, ("tracking",))

    async def perform() -> Figures:
        journal, redemption, reward = await _lock(request, programme, member_id, redemption_id)
        caller = request.caller
        if reward is None:
            raise RedemptionState(redemption.status, "earnForBooking", path=("redemption",))
        strange = reward.partner_id not in (None, caller.partner_id)
        if caller.kind is CallerKind.PARTNER and strange:
            raise NotFound("redemption", str(redemption_id), path=("redemption",))
        _check_state(redemption, [RedemptionStatus.CONFIRMED])
        await _set_status(
            redemption,
            RedemptionStatus.FULFILLED,
            fulfilled_at=journal.now,
            tracking=tracking,
        )
        await ledger.write(journal)
        payload = {"redemption_id": str(redemption_id), "reward": reward.code}
        event = Event(Topic.REDEMPTION_FULFILLED, member_id, payload)
        await outbox.write(programme.id, journal.now, [event])
        return _figures(member_id, redemption_id)

    sent = {"redemption": redemption_id, "tracking": tracking}
    return await once(request, "fulfilRedemption", sent, perform)


async def cancel(
    request: Request,
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    reason: str | None = None,
) -> Outcome:
    """Undo a redemption; figures: `member_id`, `redemption_id`, `points_reinstated`.

    A member cancels what is HELD or CONFIRMED; partner and staff also what is FULFILLED, which
    voids its codes. Points come back to their own lots with their own expiry; stock comes back.

    Raises: NotFound, InvalidInput, RedemptionState, CodeRevealed, IdempotencyKeyReused,
        ConcurrentRequest.
    """
    if reason is not None:
        check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))

    async def perform() -> Figures:
        journal, redemption, _ = await _lock(request, programme, member_id, redemption_id)
        await _check_cancellable(request, redemption)
        if redemption.reward_id is None and redemption.status is RedemptionStatus.CONFIRMED:
            raise RedemptionState(redemption.status, "refundBooking", path=("redemption",))
        cause = Cause(request.caller.actor, redemption_id=redemption_id, reason=reason)
        if redemption_id in journal.holds:
            journals.release(journal, redemption_id, cause)
            journal.released.append(redemption_id)
        else:
            await _undo(journal, redemption, cause)
        await ledger.write(journal)
        payload = {"redemption_id": str(redemption_id), "points": redemption.points}
        event = Event(Topic.REDEMPTION_CANCELLED, member_id, payload)
        await outbox.write(programme.id, journal.now, [event])
        return {
            **_figures(member_id, redemption_id),
            "points_reinstated": redemption.points,
        }

    sent = {"redemption": redemption_id, "reason": reason}
    return await once(request, "cancelRedemption", sent, perform)


async def _redeem(
    request: Request, programme: Programme, member: MemberKey, sent: RedeemSent
) -> Figures:
    member_id = await find_or_refuse(programme.id, member)
    journal, account = await ledger.lock(member_id, request.now)
    version = programme.as_of(journal.now)
    reward = await catalogue.get(programme.id, sent.reward, journal.now)
    await check_spender(journal, account)
    holding = await tier_reviews.settle(programme, account, journal.now)
    price = _price(version, reward, holding.tier, journal.now, sent)
    await _check_limit(journal, reward, sent.quantity)
    available = journal.balances.available
    if price.points > available:
        raise InsufficientPoints(available, price.points, path=("points",))
    redemption_id = new_id()
    await holds.lock_stock([journal], reward.id)
    codes = await _take(reward, sent.quantity, member_id, redemption_id, journal.now)
    order = Order(redemption_id, reward, price, sent.quantity, codes)
    return await _book(request, version, journal, order, hold=sent.hold)


async def _release_dead(programme: Programme, code: str, now: datetime) -> bool:
    """Write what dead holds of this reward left behind, a transaction for each member."""
    reward = await catalogue.get(programme.id, code, now)
    dead = await holds.dead_of_reward(reward.id, now)
    for member_id in dead:
        await transact(partial(ledger.post_due, member_id, now))
    return bool(dead)


def _price(version: Version, reward: Reward, tier: str, now: datetime, sent: RedeemSent) -> Price:
    policy = version.policy
    catalogue.check_offer(policy, reward, tier, now)
    rate = catalogue.redemption_rate(policy, tier, now)
    return catalogue.price(policy, reward, rate, quantity=sent.quantity, points=sent.points)


async def check_spender(journal: Journal, account: Row) -> None:
    """Only an enrolled member without arrears spends points.

    Raises: MemberNotEnrolled, MemberSuspended, AccountInArrears.
    """
    member = await row("SELECT status FROM member WHERE member_id = $1", account["member_id"])
    check_enrolled(member["status"] if member else "")
    if journal.balances.owed:
        raise AccountInArrears(journal.balances.owed, path=("member",))


async def _check_limit(journal: Journal, reward: Reward, quantity: int) -> None:
    """What was given back does not count, nor what died and is released by this write."""
    if reward.per_member_limit is None:
        return
    taken = await row(
        "SELECT coalesce(sum(quantity), 0)::bigint AS quantity FROM redemption "
        "WHERE member_id = $1 AND reward_id = $2 AND status NOT IN ('CANCELLED', 'RELEASED') "
        "AND id <> ALL($3::uuid[])",
        journal.member_id,
        reward.id,
        journal.released,
    )
    if (taken["quantity"] if taken else 0) + quantity > reward.per_member_limit:
        raise LimitReached(reward.per_member_limit, path=("quantity",))


async def _take(
    reward: Reward, quantity: int, member_id: UUID, redemption_id: UUID, now: datetime
) -> list[str]:
    """Take stock, and the codes of a coupon.

    Raises: OutOfStock, CodePoolExhausted.
    """
    if reward.remaining is not None and not reward.pooled_codes:
        await _take_stock(reward, quantity)
    if reward.kind is RewardKind.COUPON:
        return await coupons.take(reward, quantity, member_id, redemption_id, now)
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


async def _book(
    request: Request, version: Version, journal: Journal, order: Order, *, hold: bool
) -> Figures:
    member_id, actor, points = journal.member_id, request.caller.actor, order.price.points
    until = journal.now + timedelta(minutes=version.policy.holds.minutes)
    at_once = not hold and order.reward.kind is RewardKind.COUPON
    done = RedemptionStatus.FULFILLED if at_once else RedemptionStatus.CONFIRMED
    redemption = await RedemptionTable.create(
        member_id=member_id,
        id=order.id,
        programme_id=request.caller.programme_id,
        reward_id=order.reward.id,
        status=RedemptionStatus.HELD if hold else done,
        points=points,
        quantity=order.quantity,
        worth_minor=order.price.worth_minor,
        currency=version.policy.currency,
        codes=order.codes,
        actor=actor,
        policy_version_id=version.id,
        created_at=journal.now,
        hold_expires_at=until if hold else None,
        fulfilled_at=journal.now if at_once else None,
    )
    cause = Cause(actor, redemption_id=order.id)
    if hold:
        journals.hold(journal, points, until, cause)
    else:
        journals.redeem(journal, points, cause)
    await ledger.write(journal)
    told = [_redeemed(redemption, order.reward, held=hold)]
    told += await coupons.low_water_event(order.reward, order.quantity, member_id, journal.now)
    await outbox.write(request.caller.programme_id, journal.now, told)
    return _figures(member_id, order.id)


def _redeemed(
    redemption: Redemption | RedemptionTable, reward: Reward, *, held: bool = False
) -> Event:
    payload = {
        "redemption_id": str(redemption.id),
        "reward": reward.code,
        "quantity": redemption.quantity,
        "points": redemption.points,
    }
    topic = Topic.REWARD_HELD if held else Topic.REWARD_REDEEMED
    return Event(topic, redemption.member_id, payload)


def _figures(member_id: UUID, redemption_id: UUID) -> Figures:
    return {"member_id": str(member_id), "redemption_id": str(redemption_id)}


async def _lock(
    request: Request, programme: Programme, member_id: UUID, redemption_id: UUID
) -> tuple[Journal, Redemption, Reward | None]:
    """The owner's account under its lock, the redemption as it is by then, and its reward.

    A redemption on a booking has no reward.

    Another programme's or, to a member, another member's redemption is not there.
    """
    caller, key = request.caller, (member_id, redemption_id)
    strange = caller.kind is CallerKind.MEMBER and caller.member_id != member_id
    if strange or not await many(programme.id, [key]):
        raise NotFound("redemption", str(redemption_id), path=("redemption",))
    journal, _ = await ledger.lock(member_id, request.now)
    redemption = (await many(programme.id, [key]))[redemption_id].as_of(journal.now)
    if redemption.reward_id is None:
        return journal, redemption, None
    rewards = await catalogue.many(programme.id, [redemption.reward_id], journal.now)
    return journal, redemption, rewards[redemption.reward_id]


def _check_state(redemption: Redemption, allowed: Sequence[RedemptionStatus]) -> None:
    if redemption.status not in allowed:
        raise RedemptionState(redemption.status, listed(allowed), path=("redemption",))


async def _check_cancellable(request: Request, redemption: Redemption) -> None:
    allowed = [RedemptionStatus.HELD, RedemptionStatus.CONFIRMED]
    if request.caller.kind is not CallerKind.MEMBER:
        allowed.append(RedemptionStatus.FULFILLED)
    elif redemption.status is RedemptionStatus.FULFILLED and redemption.codes:
        raise CodeRevealed(path=("redemption",))
    _check_state(redemption, allowed)
    used = await row(
        "SELECT status FROM coupon_code WHERE redemption_id = $1 AND status = 'USED'",
        redemption.id,
    )
    if used is not None:
        raise RedemptionState("USED", listed(allowed), path=("redemption",))


async def _undo(journal: Journal, redemption: Redemption, cause: Cause) -> None:
    """Points, stock and state of a redemption that was spent; codes that were shown are void."""
    taken = await ledger.load_drawn(journal, redemption.id)
    journals.reinstate(journal, taken, redemption.points, cause)
    if redemption.reward_id is not None:
        await holds.lock_stock([journal], redemption.reward_id)
    await update(
        "UPDATE coupon_code SET status = 'VOID', voided_at = $2 "
        "WHERE redemption_id = $1 AND status = 'ISSUED'",
        redemption.id,
        journal.now,
    )
    await update(
        "UPDATE reward_stock SET remaining = remaining + $2 WHERE reward_id = $1",
        redemption.reward_id,
        redemption.quantity,
    )
    await _set_status(
        redemption,
        RedemptionStatus.CANCELLED,
        cancelled_at=journal.now,
        cancelled_by=cause.actor,
        cancel_reason=cause.reason,
    )


async def _set_status(redemption: Redemption, status: RedemptionStatus, **columns: Any) -> None:
    """Guarded by the state that was read under the lock."""
    changed = await RedemptionTable.filter(
        member_id=redemption.member_id, id=redemption.id, status=redemption.status
    ).update(status=status, **columns)
    if changed != 1:
        raise RuntimeError(f"redemption {redemption.id} changed outside its account's lock")


# Reads.

_SELECT = (
    "SELECT member_id, id, programme_id, reward_id, status, points, quantity, worth_minor, "
    "currency, codes, created_at, hold_expires_at, released_at, fulfilled_at, tracking "
    "FROM redemption"
)

_FILTER = (
    "WHERE member_id = whose.id AND ($2::text[] IS NULL OR CASE WHEN status = 'HELD' "
    "AND hold_expires_at <= $3 THEN 'RELEASED' ELSE status END = ANY($2::text[]))"
)


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
    now: datetime,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[Redemption]:
    """At most `limit` of the member's redemptions as of `now`, newest first, behind `after`."""
    return (await pages([member_id], statuses, now, limit, after))[member_id]


async def pages(
    member_ids: Sequence[UUID],
    statuses: Sequence[RedemptionStatus] | None,
    now: datetime,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> dict[UUID, list[Redemption]]:
    """The same page of each member's redemptions, one statement for all of them."""
    found = await rows(
        f"SELECT page.* FROM unnest($1::uuid[]) AS whose (id) CROSS JOIN LATERAL ("
        f"{_SELECT} {_FILTER} "
        "AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5::uuid)) "
        "ORDER BY created_at DESC, id DESC LIMIT $6) AS page "
        "ORDER BY page.created_at DESC, page.id DESC",
        list(member_ids),
        _texts(statuses),
        now,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    by_member: dict[UUID, list[Redemption]] = {member_id: [] for member_id in member_ids}
    for redemption in found:
        by_member[redemption["member_id"]].append(_redemption(redemption).as_of(now))
    return by_member


async def count(member_id: UUID, statuses: Sequence[RedemptionStatus] | None, now: datetime) -> int:
    return (await counts([member_id], statuses, now))[member_id]


async def counts(
    member_ids: Sequence[UUID], statuses: Sequence[RedemptionStatus] | None, now: datetime
) -> dict[UUID, int]:
    """How many redemptions each member has, one statement for all of them."""
    found = await rows(
        f"SELECT whose.id, (SELECT count(*) FROM redemption {_FILTER}) AS count "
        "FROM unnest($1::uuid[]) AS whose (id)",
        list(member_ids),
        _texts(statuses),
        now,
    )
    return {member["id"]: member["count"] for member in found}


def _texts(statuses: Sequence[RedemptionStatus] | None) -> list[str] | None:
    return None if statuses is None else [str(status) for status in statuses]


def _redemption(found: dict[str, Any]) -> Redemption:
    codes, status = orjson.loads(found.pop("codes")), RedemptionStatus(found.pop("status"))
    if status in (RedemptionStatus.HELD, RedemptionStatus.RELEASED):
        codes = []
    return Redemption(**found, codes=codes, status=status)
