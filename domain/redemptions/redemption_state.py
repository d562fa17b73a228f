"""A redemption under its account's lock: found, locked, and moved from one state to the next."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.kernel import private_texts
from domain.kernel.idempotency import Figures, Request
from domain.kernel.refusals import NotFound
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus, many
from domain.redemptions.refusals import RedemptionState
from domain.rewards import catalogue
from domain.rewards.catalogue import Reward


async def find(
    request: Request, programme: Programme, member_id: UUID, redemption_id: UUID
) -> tuple[Redemption, Reward | None]:
    """The redemption as it is now, and its reward; a redemption on a booking has none.

    Another programme's is not there, nor to a member another member's, nor to a partner one that
    it neither made nor has to deliver or to accept.

    Raises: NotFound.
    """
    found = await many(programme.id, [(member_id, redemption_id)])
    if redemption_id not in found or not found[redemption_id].is_there_for(request.caller):
        raise NotFound("redemption", str(redemption_id), path=("redemption",))
    redemption = found[redemption_id].as_of(request.now)
    if redemption.reward_id is None:
        return redemption, None
    rewards = await catalogue.many(programme.id, [redemption.reward_id], request.now)
    return redemption, rewards[redemption.reward_id]


async def reread(account: Account, redemption: Redemption) -> Redemption:
    """The redemption as it is now that its owner's account is locked."""
    found = await many(redemption.programme_id, [(redemption.member_id, redemption.id)])
    return found[redemption.id].as_of(account.now)


def check_state(redemption: Redemption, allowed: Sequence[RedemptionStatus]) -> None:
    """Raises: RedemptionState."""
    if redemption.status not in allowed:
        raise RedemptionState(redemption.status, tuple(allowed), path=("redemption",))


async def set_status(redemption: Redemption, status: RedemptionStatus, **columns: Any) -> None:
    """Guarded by the state that was read under the lock."""
    changed = await models.Redemption.filter(
        member_id=redemption.member_id, id=redemption.id, status=redemption.status
    ).update(status=status, **columns)
    if changed != 1:
        raise RuntimeError(f"redemption {redemption.id} changed outside its account's lock")
    await private_texts.keep(redemption.member_id, models.Redemption, redemption.id, columns)


def figures(member_id: UUID, redemption_id: UUID) -> Figures:
    """What names a redemption in an answer that is kept."""
    return {"member_id": str(member_id), "redemption_id": str(redemption_id)}
