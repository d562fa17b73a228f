"""Closing reviews: staff decide one, and those of a membership that ends lapse with it."""

from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.kernel import audit, private_texts, sealed_rows
from domain.kernel.database import rows

LAPSED = "LAPSED"


async def close(account: Account, review_id: UUID, state: str, actor: str, reason: str) -> None:
    """Close an open review of this account. The review as read in this transaction is valid under
    the lock.

    `reason` is a commitment if a person typed it.
    """
    changed = await rows(
        "UPDATE review SET state = $3, decided_at = greatest($4, opened_at), decided_by = $5, "
        "reason = $6 WHERE member_id = $1 AND id = $2 AND state = 'OPEN' "
        f"RETURNING {sealed_rows.columns('review')}",
        account.member_id,
        review_id,
        state,
        account.now,
        actor,
        reason,
    )
    if len(changed) != 1:
        raise RuntimeError(f"review {review_id} changed outside its account's lock")
    account.journal.changed += sealed_rows.of_all("review", changed)
    audit.changed(f"review:{review_id}", {"state": "OPEN"}, {"state": state})
    await private_texts.keep(account.member_id, models.Review, review_id, {"reason": reason})


async def lapse(account: Account, actor: str, reason: str) -> None:
    """Close all open reviews of a member whose membership ends, or whose enrolment is rejected:
    nothing is left to approve.
    """
    found = await rows(
        "SELECT id FROM review WHERE member_id = $1 AND state = 'OPEN' ORDER BY id",
        account.member_id,
    )
    for one in found:
        await close(account, one["id"], LAPSED, actor, reason)
