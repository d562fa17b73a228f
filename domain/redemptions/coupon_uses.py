"""Uses of coupons: a code is accepted once, by a partner that may accept it."""

from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.kernel.database import Row, row, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import check_text, code_key
from domain.kernel.outbox import Topic
from domain.kernel.refusals import NotFound
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_state import figures
from domain.redemptions.refusals import RedemptionState
from domain.rewards.coupons import CODE_CHARACTERS_MAX


async def use(request: Request, programme: Programme, code: str) -> Outcome:
    """Accept a coupon once; figures: `member_id`, `redemption_id`.

    Raises: NotFound for a code that nobody was given, RedemptionState for one that was used,
        voided or has expired, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(code, CODE_CHARACTERS_MAX, ("code",))

    perform = partial(_use, request, programme, code)
    return await once(request, "useCoupon", {"code": code}, perform)


async def _use(request: Request, programme: Programme, code: str) -> Figures:
    issued = await _issued(request, programme.id, code)
    member_id, redemption_id = issued["member_id"], issued["redemption_id"]
    async with accounts.opened(programme, member_id, request.now) as account:
        issued = await _issued(request, programme.id, code, redemption_id)
        used = await update(
            "UPDATE coupon_code SET status = 'USED', used_at = $2, used_by = $3 "
            "WHERE id = $1 AND status = 'ISSUED' AND (valid_until IS NULL OR valid_until > $2) "
            "AND EXISTS (SELECT 1 FROM redemption r WHERE r.member_id = $4 AND r.id = $5 "
            "AND r.status = 'FULFILLED')",
            issued["id"],
            request.now,
            request.caller.actor,
            member_id,
            redemption_id,
        )
        if not used:
            raise RedemptionState(_state(issued, request.now), "ISSUED", path=("code",))
        account.notify(Topic.COUPON_USED, redemption_id=str(redemption_id))
    return figures(member_id, redemption_id)


async def _issued(
    request: Request, programme_id: UUID, code: str, redemption_id: UUID | None = None
) -> Row:
    """A code that somebody was given, by that redemption where one is named.

    One that is held or was until its hold ended, or of another partner's reward, is not there.
    """
    found = await row(
        "SELECT c.id, c.status, c.member_id, c.redemption_id, c.valid_until, w.partner_id "
        "FROM coupon_code c JOIN reward w ON w.id = c.reward_id "
        "WHERE c.programme_id = $1 AND c.code_key = ANY($2::text[]) "
        "AND c.redemption_id IS NOT NULL ORDER BY c.code = $3 DESC LIMIT 1",
        programme_id,
        [code_key(code), code],  # of two from before that are alike, one is kept as it is written
        code,
    )
    if (
        found is None
        or redemption_id not in (None, found["redemption_id"])
        or not request.caller.accepts(found["partner_id"])
        or await _is_unseen(found)
    ):
        raise NotFound("coupon", code, path=("code",))
    return found


async def _is_unseen(issued: Row) -> bool:
    redemption = await row(
        "SELECT status FROM redemption WHERE member_id = $1 AND id = $2",
        issued["member_id"],
        issued["redemption_id"],
    )
    return redemption is None or redemption["status"] in ("HELD", "RELEASED")


def _state(issued: Row, now: datetime) -> str:
    over = issued["valid_until"] is not None and issued["valid_until"] <= now
    return "EXPIRED" if over and issued["status"] == "ISSUED" else str(issued["status"])
