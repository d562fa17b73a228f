"""Cases of ownership about rewards, redemptions and benefits."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import models
from tests.support import factories as make
from tests.support import tiered
from tests.support.callers import TODAY
from tests.support.owned.cases import (
    LINE,
    Asked,
    Case,
    Place,
    ids_of,
    input_of,
    new_reference,
    node_of,
    numbers,
    of_member,
)


async def redemption(place: Place, *, hold: bool = False, **columns: Any) -> UUID:
    """A redemption of a reward of the place's partner."""
    wanted = await make.reward(
        place.programme, list_points=10, partner_id=place.maker.partner_id, **columns
    )
    return await make.redeem(
        place.programme, place.member_id, wanted, hold=hold, caller=place.maker, now=TODAY
    )


async def _reward_for(place: Place, own: Place) -> Asked:
    code = (await make.reward(own.programme, list_points=10)).code
    variables = {"code": code, "by": {"reference": place.reference}}
    return Asked(variables, place.reference, "no-such-one")


def _of_redemption(**columns: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        there, absent = ids_of("Redemption", place, await redemption(place, **columns))
        return input_of(there, absent, redemption=there)

    return ask


def _of_order(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        made = await redemption(place, kind="PRODUCT")
        order = await make.redemption(place.programme, place.member_id, made)
        await models.Reward.filter(id=order.reward_id).update(requires="ADDRESS")
        there, absent = ids_of("Redemption", place, made)
        return input_of(there, absent, redemption=there, **sent)

    return ask


async def _coupon(place: Place, _: Place) -> Asked:
    made = await redemption(place, kind="COUPON")
    [code] = (await make.redemption(place.programme, place.member_id, made)).codes
    return input_of(code, "ZZZZZZZZZZZZ", code=code)


async def _lasting(place: Place, _: Place) -> Asked:
    made = await redemption(place, kind="COUPON", valid_days=30)
    [code] = (await make.redemption(place.programme, place.member_id, made)).codes
    until = (TODAY + timedelta(days=60)).date().isoformat()
    return input_of(code, "ZZZZZZZZZZZZ", code=code, validUntil=until, reason="goodwill")


async def _stock(place: Place, _: Place) -> Asked:
    counted = await make.reward(place.programme, stock=5)
    return input_of(counted.code, "no-such-one", reward=counted.code, change=1, reason="found")


async def _use(place: Place, own: Place) -> Asked:
    await _diamond(place)
    member = {"reference": place.reference}
    return input_of(
        place.reference, member=member, benefit="upgrade", reference=new_reference(place, own)
    )


async def _returned(place: Place, _: Place) -> Asked:
    await _diamond(place)
    reference = f"U-{next(numbers)}-own"
    await make.use_benefit(
        place.programme, place.member_id, "upgrade", reference, caller=place.maker, now=TODAY
    )
    member = {"reference": place.reference}
    return input_of(reference, member=member, benefit="upgrade", reference=reference)


async def _diamond(place: Place) -> None:
    """Give the place's member the tier diamond, which has upgrades without limit."""
    await tiered.assign(place.programme, place.member_id, "diamond", now=TODAY)


async def _redeem(place: Place, own: Place) -> Asked:
    wanted = await make.reward(own.programme, list_points=10)
    member = {"reference": place.reference}
    return input_of(place.reference, member=member, reward=wanted.code)


async def _service(place: Place) -> UUID:
    return await redemption(place)


CASES: Mapping[str, Case] = {
    "reward for a member": Case("reward", _reward_for),
    "node of a redemption": Case("node", node_of("Redemption", _service)),
    "redemption": Case("redemption", node_of("Redemption", _service)),
    "redeemReward": Case("redeemReward", _redeem),
    "redeemOnBooking": Case("redeemOnBooking", of_member(points=100, lines=[LINE])),
    "confirmRedemption": Case("confirmRedemption", _of_redemption(hold=True)),
    "cancelRedemption": Case("cancelRedemption", _of_redemption()),
    "changeDelivery": Case(
        "changeDelivery", _of_order(delivery={"recipient": "a", "phone": "1", "address": "b"})
    ),
    "shipRedemption": Case("shipRedemption", _of_redemption()),
    "rejectOrder": Case("rejectOrder", _of_order(reason="broken")),
    "fulfilRedemption": Case("fulfilRedemption", _of_redemption()),
    "useCoupon": Case("useCoupon", _coupon),
    "extendCoupon": Case("extendCoupon", _lasting),
    "adjustStock": Case("adjustStock", _stock),
    "useBenefit": Case("useBenefit", _use),
    "returnBenefit": Case("returnBenefit", _returned),
}
