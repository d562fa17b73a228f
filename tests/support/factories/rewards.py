"""Rewards and their stock, redemptions with their later steps, and benefits."""

import functools
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.benefits import benefits
from domain.benefits.benefits import UseSent
from domain.kernel import audit
from domain.kernel.callers import SYSTEM, Caller
from domain.kernel.idempotency import Outcome
from domain.kernel.ids import new_id
from domain.members.identity import MemberKey
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.redemptions import (
    cancellations,
    coupon_uses,
    fulfilments,
    redemption_reads,
    redemptions,
)
from domain.redemptions.fulfilments import FulfilSent
from domain.redemptions.redemption_reads import Redemption
from domain.redemptions.redemptions import RedeemSent
from domain.rewards import catalogue, coupons
from domain.rewards import stock as stocks
from domain.rewards.stock import By
from tests.support.factories.calls import NOW, fresh, partner, request, staff


async def reward(
    programme: Programme, *, stock: int | None = None, **columns: Any
) -> models.Reward:
    """A reward on offer, by default a lounge visit for 4000 points; of kind PARTNER, 1000 miles."""
    if columns.get("kind") == "PARTNER":
        columns = {"partner_units": 1000, "unit_names": {"zh-CN": "里程", "en": "miles"}, **columns}
    made = models.Reward(
        **{
            "id": new_id(),
            "programme_id": programme.id,
            "code": f"reward_{fresh()}",
            "kind": "SERVICE",
            "names": {"zh-CN": "贵宾厅", "en": "Lounge"},
            "descriptions": {},
            "list_points": 4000,
            "open_value": False,
            "pooled_codes": False,
            "active": True,
            "created_at": NOW,
            **columns,
        }
    )

    async def work() -> None:
        audit.adds("reward", made.id)
        await made.save(force_create=True)
        await stocks.place(made.id, stock, By(SYSTEM, NOW))

    await audit.act(programme.id, NOW, "placeRewards", work)
    return made


async def set_stock(reward: models.Reward, stock: int | None) -> None:
    """Set the stock of a reward, as a file of rewards would."""
    work = functools.partial(stocks.place, reward.id, stock, By(SYSTEM, NOW))
    await audit.act(reward.programme_id, NOW, "placeRewards", work)


async def redeem(
    programme: Programme,
    member_id: UUID,
    wanted: models.Reward,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
    **sent: Any,
) -> UUID:
    """Redeem a reward, one of kind PARTNER to an account at its partner; the redemption's id."""
    if wanted.kind == "PARTNER":
        sent = {"partner_account": "CA-8001", **sent}
    outcome = await redemptions.redeem(
        request(caller or partner(programme), key=key, now=now),
        programme,
        MemberKey.of_id(member_id),
        RedeemSent(wanted.code, **sent),
    )
    return UUID(outcome.figures["redemption_id"])


async def cancel(
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> Outcome:
    return await cancellations.cancel(
        request(caller or partner(programme), key=key, now=now), programme, member_id, redemption_id
    )


async def use(
    programme: Programme, code: str, *, caller: Caller | None = None, now: datetime = NOW
) -> Outcome:
    """Use a coupon."""
    return await coupon_uses.use(request(caller or partner(programme), now=now), programme, code)


async def confirm(
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> Outcome:
    sender = request(caller or partner(programme), key=key, now=now)
    return await redemptions.confirm(sender, programme, member_id, redemption_id)


async def fulfil(
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    tracking: str | None = None,
    reference: str | None = None,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> Outcome:
    sender = request(caller or staff(programme), key=key, now=now)
    sent = FulfilSent(tracking, reference)
    return await fulfilments.fulfil(sender, programme, member_id, redemption_id, sent)


async def use_benefit(
    programme: Programme,
    member_id: UUID,
    benefit: str,
    reference: str | None = None,
    *,
    caller: Caller | None = None,
    now: datetime = NOW,
    used_at: datetime | None = None,
) -> Outcome:
    sent = UseSent(benefit, reference or f"U{fresh()}", used_at)
    sender = request(caller or partner(programme), now=now)
    return await benefits.use(sender, programme, MemberKey.of_id(member_id), sent)


async def return_benefit(
    programme: Programme,
    member_id: UUID,
    benefit: str,
    reference: str,
    *,
    caller: Caller | None = None,
    now: datetime = NOW,
) -> Outcome:
    sender = request(caller or partner(programme), now=now)
    key = MemberKey.of_id(member_id)
    return await benefits.give_back(sender, programme, key, benefit, reference)


async def redemption(programme: Programme, member_id: UUID, redemption_id: UUID) -> Redemption:
    """The redemption as clients read it."""
    found = await redemption_reads.many(programme.id, [(member_id, redemption_id)])
    return found[redemption_id]


async def pool(wanted: models.Reward, *codes: str, valid_until: datetime | None = None) -> None:
    """Import codes for a reward whose coupons come from a pool."""
    programme = await programmes.get(await programmes.code_of(wanted.programme_id))
    pooled = await catalogue.get(programme.id, wanted.code, NOW)
    report = await coupons.import_pool(
        programme, pooled, [(code, valid_until) for code in codes], NOW
    )
    assert [one for one in report if one.problem] == []


async def stock(wanted: models.Reward) -> int | None:
    """How many of the reward are left; None where they are not counted."""
    found = await models.RewardStock.get_or_none(reward_id=wanted.id)
    return found.remaining if found else None
