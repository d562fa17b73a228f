"""Holding: points of a transfer that waits for a review, as a hold without a reward."""

from datetime import datetime, timedelta
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.kernel.ids import new_id
from domain.ledger import journal as journals
from domain.ledger.values import Cause


def ends_at(account: Account) -> datetime:
    """The instant when points held from now on return, if nobody decides."""
    return account.now + timedelta(hours=account.version.policy.risk.hours)


def of_transfer(whose: str) -> str:
    """SQL: whether a `redemption` of the members `whose`, as `= $1`, holds points that another
    member gets once its review is approved: it does not count as their redemption.
    """
    return (
        "EXISTS (SELECT FROM review g WHERE g.member_id = redemption.member_id "
        f"AND g.member_id {whose} AND g.id = redemption.review_id AND g.moment = 'transfer')"
    )


def hold(account: Account, review_id: UUID, points: int, actor: str) -> UUID:
    """Hold these points for the review; returns the id of the redemption that holds them.

    Raises: InsufficientPoints.
    """
    redemption_id, policy, until = new_id(), account.version.policy, ends_at(account)
    account.record(
        models.Redemption(
            member_id=account.member_id,
            id=redemption_id,
            programme_id=account.programme.id,
            status="HELD",
            points=points,
            quantity=1,
            worth_minor=int(points * policy.minor_per_point),
            currency=policy.currency,
            codes=[],
            actor=actor,
            policy_version_id=account.version.id,
            created_at=account.now,
            hold_expires_at=until,
            review_id=review_id,
        )
    )
    journals.hold(account.journal, points, until, Cause(actor, redemption_id=redemption_id))
    return redemption_id
