"""Points held for a booking: a redemption without a reward, which the booking confirms."""

from datetime import datetime
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.kernel.ids import new_id
from domain.kernel.refusals import NotFound
from domain.ledger.journal import Journal
from domain.programmes.programmes import Version
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus, many
from domain.redemptions.redemption_state import set_status
from domain.redemptions.refusals import RedemptionState
from domain.risk.refusals import RedemptionUnderReview


def record(
    account: Account,
    version: Version,
    actor: str,
    *,
    points: int,
    worth_minor: int,
    until: datetime,
    review_id: UUID | None = None,
) -> UUID:
    """Record that points of this worth, in minor units, are held until then; returns the
    redemption's id. With a review, they cannot be spent before it is decided.

    The caller moves the points themselves.
    """
    redemption_id = new_id()
    account.record(
        models.Redemption(
            member_id=account.member_id,
            id=redemption_id,
            programme_id=account.programme.id,
            status=RedemptionStatus.HELD,
            points=points,
            quantity=1,
            worth_minor=worth_minor,
            currency=version.policy.currency,
            codes=[],
            actor=actor,
            policy_version_id=version.id,
            created_at=account.now,
            hold_expires_at=until,
            review_id=review_id,
        )
    )
    return redemption_id


async def find(account: Account, redemption_id: UUID | None) -> Redemption:
    """The member's own redemption without a reward. One that was not approved in time cannot be
    used again.

    Raises: NotFound, RedemptionUnderReview, RedemptionState.
    """
    if redemption_id is not None:
        found = await many(account.programme.id, [(account.member_id, redemption_id)])
        redemption = found.get(redemption_id)
        if redemption is not None and redemption.reward_id is None:
            if redemption.review_id is None:
                return redemption
            if redemption.status is not RedemptionStatus.HELD:
                raise RedemptionState(redemption.status, ("HELD",), path=("redemptionId",))
            raise RedemptionUnderReview(path=("redemptionId",))
    raise NotFound("redemption", str(redemption_id), path=("redemptionId",))


async def pass_review(journal: Journal, redemption: Redemption) -> None:
    """Approve the hold's review: the booking may spend it until the hold ends."""
    await set_status(journal, redemption, redemption.status, review_id=None)


async def confirm(
    journal: Journal, redemption: Redemption, *, points: int, worth_minor: int
) -> None:
    """Record that the booking spent these points, at most those held, at this worth."""
    await set_status(
        journal,
        redemption,
        RedemptionStatus.CONFIRMED,
        points=points,
        worth_minor=worth_minor,
        released_at=None,
    )
