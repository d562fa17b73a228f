"""Reversals by staff: an activity, or a grant, that was not earned after all.

Such a reversal is permanent: no later fact restores it. Grants that depended on the activity are
judged again, as after a refund.
"""

from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.grants import activity_list, given, grant_evaluation
from domain.grants.taking import Ending
from domain.grants.values import Changes, Fact, GrantRecord
from domain.kernel.commitments import committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger.clawbacks import Clawback
from domain.programmes.programmes import Programme
from domain.redemptions.granted import GIFTS


async def reverse(
    request: Request, programme: Programme, key: tuple[UUID, UUID], reason: str
) -> Outcome:
    """Take back the points and grants of an activity, named by (member id, id).

    Figures: `member_id`, `activity_id`, `points_clawed_back`, `points_owed`, `points_forgiven`,
    `grants` (ids).

    Raises: NotFound, InvalidInput where it was reversed before, or its reward or perk was used,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))
    perform = partial(_reverse, request, programme, key, reason)
    sent = {"activity": key, "reason": reason}
    return await once(request, "reverseActivity", sent, perform)


async def _reverse(
    request: Request, programme: Programme, key: tuple[UUID, UUID], reason: str
) -> Figures:
    member_id, activity_id = key
    if activity_id not in await activity_list.many(programme.id, [key]):
        raise NotFound("activity", str(activity_id), path=("activity",))
    async with accounts.opened(programme, member_id, request.now) as account:
        ending = Ending(request.caller.actor, committed(reason))
        taken, grants = await take_back(account, activity_id, ending)
    return {
        "member_id": str(member_id),
        "activity_id": str(activity_id),
        "points_clawed_back": taken.clawed_back,
        "points_owed": taken.owed,
        "points_forgiven": taken.forgiven,
        "grants": grants,
    }


async def take_back(
    account: Account, activity_id: UUID, ending: Ending
) -> tuple[Clawback, list[str]]:
    """The same for an account that is open; returns the points taken, and the grants changed by it.

    Raises: InvalidInput.
    """
    fact = Fact(activity_id, account.now)
    before = await grant_evaluation.look(account, fact)
    taken = await _take(account, activity_id, ending)
    return taken, await grant_evaluation.evaluate(account, fact, GIFTS, before)


async def _take(account: Account, activity_id: UUID, ending: Ending) -> Clawback:
    """Raises: InvalidInput."""
    found: GrantRecord | None = await given.one(account.member_id, activity_id)
    if found is None or found.reversed:
        raise InvalidInput("already_reversed", path=("activity",))
    changes = Changes(ended=[found])
    await grant_evaluation.apply(account, changes, ending, GIFTS)
    if found.id not in changes.taken:
        raise InvalidInput("already_used", path=("activity",))
    return changes.taken[found.id]
