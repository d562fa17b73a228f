"""Rewards kept by people of staff, one at a time: what is offered, and how many there are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

import models
from domain.kernel import audit
from domain.kernel.database import row
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import InvalidInput
from domain.programmes.nodes import POINTS_MAX
from domain.programmes.programmes import Programme
from domain.programmes.refusals import PolicyFault, PolicyInvalid
from domain.rewards import catalogue, offers, placing
from domain.rewards.catalogue import Reward
from domain.rewards.placing import How
from domain.rewards.refusals import OutOfStock
from domain.rewards.stock import By


@dataclass(frozen=True, slots=True)
class StockSent:
    """Change of a reward's stock, negative for fewer units, and the reason."""

    reward: str
    change: int
    reason: str

    def canonical(self) -> dict[str, Any]:
        return {"reward": self.reward, "change": self.change, "reason": self.reason}


async def save(request: Request, programme: Programme, offer: Mapping[str, Any]) -> Outcome:
    """Offer one reward as a file of rewards would: new, or in place of what its code offers;
    figures: `reward` (code). `offer` has the fields of the file that were given.

    Raises: PolicyInvalid with every fault, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def perform() -> Figures:
        try:
            read = offers.validate({"programme": programme.code, "rewards": [dict(offer)]})
            by = By(request.caller.actor, request.now)
            await placing.write(programme, read, by, How())
        except PolicyInvalid as refusal:
            raise _of_input(refusal) from None
        return {"reward": read.rewards[0].code}

    return await once(request, "saveReward", dict(offer), perform)


def _of_input(refusal: PolicyInvalid) -> PolicyInvalid:
    """The same faults at the fields of the input, as clients know them."""
    faults = [
        replace(one, at=tuple(to_camel(part) if isinstance(part, str) else part for part in at))
        for one in refusal.faults
        for at in [_in_offer(one)]
    ]
    first = faults[0].at[:1]
    return PolicyInvalid(tuple(faults), path=("reward", *map(str, first)))


def _in_offer(fault: PolicyFault) -> tuple[str | int, ...]:
    """Without where the one reward stands in the file that it was made."""
    return fault.at[2:]


async def adjust_stock(request: Request, programme: Programme, sent: StockSent) -> Outcome:
    """Change how many there are of a reward that is counted; figures: `reward`, `remaining`.

    Raises: NotFound, InvalidInput, OutOfStock where fewer are left, IdempotencyKeyReused,
        ConcurrentRequest.
    """
    check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    if sent.change == 0:
        raise InvalidInput("zero_change", path=("change",))

    async def perform() -> Figures:
        reward = await catalogue.get(programme.id, sent.reward, request.now)
        if reward.pooled_codes:
            raise InvalidInput("stock_of_pool", reward.code, path=("reward",))
        remaining = await _change(reward, sent.change)
        await models.StockChange.create(
            id=audit.adds("stock_change", new_id()),
            reward_id=reward.id,
            change=sent.change,
            remaining=remaining,
            reason=sent.reason,
            actor=request.caller.actor,
            changed_at=request.now,
        )
        return {"reward": reward.code, "remaining": remaining}

    return await once(request, "adjustStock", sent, perform)


async def _change(reward: Reward, change: int) -> int:
    """Stock after the change. Raises: InvalidInput, OutOfStock."""
    changed = await row(
        "UPDATE reward_stock SET remaining = remaining + $2 WHERE reward_id = $1 "
        "AND remaining + $2 BETWEEN 0 AND $3 RETURNING remaining",
        reward.id,
        change,
        POINTS_MAX,
    )
    if changed is not None:
        return int(changed["remaining"])
    left = await _left(reward.id)
    if left is None:
        raise InvalidInput("not_counted", reward.code, path=("reward",))
    if left + change < 0:
        raise OutOfStock(reward.code, left, path=("change",))
    raise InvalidInput("amount_too_large", str(change), (str(POINTS_MAX - left),), path=("change",))


async def _left(reward_id: UUID) -> int | None:
    found = await row("SELECT remaining FROM reward_stock WHERE reward_id = $1", reward_id)
    return found["remaining"] if found else None
