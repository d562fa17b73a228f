"""Uses of coupons: a code is accepted once, by a partner that may accept it."""

from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import check_text
from domain.kernel.outbox import Topic
from domain.kernel.refusals import NotFound
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus, many
from domain.redemptions.redemption_state import figures
from domain.redemptions.refusals import RedemptionState
from domain.rewards import coupons
from domain.rewards.coupons import CODE_CHARACTERS_MAX, Issued


async def use(request: Request, programme: Programme, code: str) -> Outcome:
    """Accept a coupon once; figures: `member_id`, `redemption_id`.

    Raises: NotFound for a code that nobody was given, RedemptionState for one that was used,
        voided or has expired, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(code, CODE_CHARACTERS_MAX, ("code",))

    perform = partial(_use, request, programme, code)
    return await once(request, "useCoupon", {"code": code}, perform)


async def _use(request: Request, programme: Programme, code: str) -> Figures:
    issued, redemption = await _issued(request, programme, code)
    member_id, redemption_id = issued.member_id, issued.redemption_id
    async with accounts.opened(programme, member_id, request.now) as account:
        issued, redemption = await _issued(request, programme, code, redemption_id)
        fulfilled = redemption.status is RedemptionStatus.FULFILLED
        if not fulfilled or not await coupons.use(issued, request.caller.actor, request.now):
            raise RedemptionState(issued.state(request.now), ("ISSUED",), path=("code",))
        account.notify(Topic.COUPON_USED, partner_id=issued.partner_id, redemption_id=redemption_id)
    return figures(member_id, redemption_id)


async def _issued(
    request: Request, programme: Programme, code: str, redemption_id: UUID | None = None
) -> tuple[Issued, Redemption]:
    """A code that somebody was given, by that redemption where one is named, and by which.

    One that is held or was until its hold ended, or of another partner's reward, is not there.
    """
    found = await coupons.find_issued(programme.id, code)
    if (
        found is None
        or redemption_id not in (None, found.redemption_id)
        or not request.caller.accepts(found.partner_id)
    ):
        raise NotFound("coupon", code, path=("code",))
    key = (found.member_id, found.redemption_id)
    redemption = (await many(programme.id, [key])).get(found.redemption_id)
    if redemption is None or redemption.status in _UNSEEN:
        raise NotFound("coupon", code, path=("code",))
    return found, redemption


_UNSEEN = (RedemptionStatus.HELD, RedemptionStatus.RELEASED)
