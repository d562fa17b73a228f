"""Uses of coupons: a code is accepted once, by a partner that may; and changes of their ends."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.accounts import accounts
from domain.kernel import dates
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, Path, check_day, check_text
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger import ledger
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus, many
from domain.redemptions.redemption_state import figures
from domain.redemptions.refusals import RedemptionState
from domain.rewards import coupons
from domain.rewards.coupons import CODE_CHARACTERS_MAX, CouponStatus, Issued

EXPIRED_DAYS_MAX = 90
"""Longest time since its end for a coupon to be extended."""


async def use(request: Request, programme: Programme, code: str) -> Outcome:
    """Accept a coupon once; figures: `member_id`, `redemption_id`.

    Raises: NotFound for a code that was not issued, RedemptionState for one that was used, voided
        or has expired, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(code, CODE_CHARACTERS_MAX, ("code",))

    perform = partial(_use, request, programme, code)
    return await once(request, "useCoupon", {"code": code}, perform)


async def _use(request: Request, programme: Programme, code: str) -> Figures:
    issued, redemption = await find(request.caller, code)
    member_id, redemption_id = issued.member_id, issued.redemption_id
    async with accounts.opened(programme, member_id, request.now) as account:
        issued, redemption = await find(request.caller, code, redemption_id)
        fulfilled = redemption.status is RedemptionStatus.FULFILLED
        actor, journal = request.caller.actor, account.journal
        if not fulfilled or not await coupons.use(journal, issued, actor, account.now):
            raise RedemptionState(issued.state(account.now), ("ISSUED",), path=("code",))
        account.notify(Topic.COUPON_USED, partner_id=issued.partner_id, redemption_id=redemption_id)
    return figures(member_id, redemption_id)


async def find(
    caller: Caller, code: str, redemption_id: UUID | None = None, *, path: Path = ("code",)
) -> tuple[Issued, Redemption]:
    """An issued code, by this redemption if one is named, and its redemption.

    A code that is held, or was until its hold ended, or belongs to another partner's reward, is not
    found; nor does a member find another member's, unless it is transferable. Codes of a merged
    member belong to its successor.

    Raises: NotFound.
    """
    found = await coupons.find_issued(caller.programme_id, code)
    if (
        found is None
        or redemption_id not in (None, found.redemption_id)
        or not await _is_there(caller, found)
    ):
        raise NotFound("coupon", code, path=path)
    key = (found.member_id, found.redemption_id)
    redemption = (await many(caller.programme_id, [key])).get(found.redemption_id)
    if redemption is None or redemption.status in _UNSEEN:
        raise NotFound("coupon", code, path=path)
    return found, redemption


async def _is_there(caller: Caller, issued: Issued) -> bool:
    if caller.kind is CallerKind.MEMBER:
        own = issued.transferable or not caller.is_stranger_to(issued.member_id)
        return own or not caller.is_stranger_to(await ledger.became(issued.member_id))
    return caller.accepts(issued.partner_id)


@dataclass(frozen=True, slots=True)
class ExtensionSent:
    """A coupon, its new last valid local day, and the reason."""

    code: str
    valid_until: date
    reason: str

    def canonical(self) -> dict[str, Any]:
        return {"code": self.code, "valid_until": self.valid_until, "reason": self.reason}


async def extend(request: Request, programme: Programme, sent: ExtensionSent) -> Outcome:
    """Extend a coupon, also one that ended at most EXPIRED_DAYS_MAX days ago; figures: `member_id`,
    `redemption_id`.

    Raises: NotFound, InvalidInput, RedemptionState for one that was used, voided or ended too long
        ago, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(sent.code, CODE_CHARACTERS_MAX, ("code",))
    check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    check_day(sent.valid_until, ("validUntil",))

    perform = partial(_extend, request, programme, sent)
    return await once(request, "extendCoupon", sent, perform)


async def _extend(request: Request, programme: Programme, sent: ExtensionSent) -> Figures:
    issued, _ = await find(request.caller, sent.code)
    member_id, redemption_id = issued.member_id, issued.redemption_id
    async with accounts.opened(programme, member_id, request.now) as account:
        issued, redemption = await find(request.caller, sent.code, redemption_id)
        if redemption.status is not RedemptionStatus.FULFILLED:
            raise RedemptionState(redemption.status, ("FULFILLED",), path=("code",))
        zone = account.version.policy.zone
        ends_at = _later_end(issued, sent.valid_until, account.now, zone)
        reason = sent.reason
        actor, journal = request.caller.actor, account.journal
        if not await coupons.extend(journal, issued, ends_at, actor, reason):
            raise RuntimeError(f"coupon {issued.id} changed outside its account's lock")
        account.notify(
            Topic.COUPON_EXTENDED,
            partner_id=issued.partner_id,
            redemption_id=redemption_id,
            valid_until=sent.valid_until,
        )
    return figures(member_id, redemption_id)


def _later_end(issued: Issued, last: date, now: datetime, zone: ZoneInfo) -> datetime:
    """The end that makes it valid through `last`. Raises: InvalidInput, RedemptionState."""
    state, ends_at, until = issued.state(now), issued.valid_until, dates.end_of_day(last, zone)
    oldest = now - timedelta(days=EXPIRED_DAYS_MAX)
    over = state is CouponStatus.EXPIRED and ends_at is not None and ends_at < oldest
    if over or state not in (CouponStatus.ISSUED, CouponStatus.EXPIRED):
        raise RedemptionState(state, ("ISSUED", "EXPIRED"), path=("code",))
    if ends_at is None:
        raise InvalidInput("coupon_without_end", path=("code",))
    if until <= max(ends_at, now):
        least = dates.add_days(dates.last_valid_date(max(ends_at, now), zone), 1)
        raise InvalidInput("end_not_later", str(last), (str(least),), path=("validUntil",))
    return until


_UNSEEN = (RedemptionStatus.HELD, RedemptionStatus.RELEASED)
