"""A redemption under its account's lock: found, locked, and moved from one state to the next."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.kernel import audit, private_texts, sealed_rows
from domain.kernel.database import rows
from domain.kernel.idempotency import Figures, Request
from domain.kernel.refusals import NotFound
from domain.ledger.journal import Journal
from domain.ledger.values import SYSTEM
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus, many
from domain.redemptions.refusals import RedemptionState
from domain.rewards import catalogue
from domain.rewards.catalogue import Reward
from domain.transfers import transfers


async def find(
    request: Request, programme: Programme, member_id: UUID, redemption_id: UUID
) -> tuple[Redemption, Reward | None]:
    """The redemption as it is now, and its reward; a redemption on a booking has none.

    Not found are redemptions of another programme, for a member those of another member, and for a
    partner those that it neither made nor may deliver or accept.

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


async def set_status(
    journal: Journal, redemption: Redemption, status: RedemptionStatus, **columns: Any
) -> None:
    """Guarded by the state that was read under the lock."""
    await change(journal, redemption, redemption.status, status=status, **columns)


async def change(
    journal: Journal, redemption: Redemption, before: RedemptionStatus, **columns: Any
) -> None:
    """Change a redemption that has this status under its account's lock."""
    set_to = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=4))
    changed = await rows(
        f"UPDATE redemption SET {set_to} WHERE member_id = $1 AND id = $2 AND status = $3 "
        f"AND cancelled_at IS NULL RETURNING {sealed_rows.columns('redemption')}",
        redemption.member_id,
        redemption.id,
        before,
        *columns.values(),
    )
    if len(changed) != 1:
        raise RuntimeError(f"redemption {redemption.id} changed outside its account's lock")
    journal.changed += sealed_rows.of_all("redemption", changed)
    if "status" in columns:
        was, now = {"status": before.value}, {"status": str(columns["status"])}
        audit.changed(f"redemption:{redemption.id}", was, now)
    await private_texts.keep(redemption.member_id, models.Redemption, redemption.id, columns)


async def pass_on(account: Account) -> Figures:
    """Move points that came back to a merged member to the account that has its points; returns
    `holder_id`, if that is another member.
    """
    await transfers.pass_on(account, SYSTEM.actor)
    holder = account.holder
    return {} if holder is account else {"holder_id": str(holder.member_id)}


def figures(member_id: UUID, redemption_id: UUID) -> Figures:
    """Figures that name a redemption in a stored answer."""
    return {"member_id": str(member_id), "redemption_id": str(redemption_id)}
