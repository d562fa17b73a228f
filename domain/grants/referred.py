"""Grants of referrals: those of the referrer, and those of the friend.

They are given when the referral is qualified, and stand as long as it does. Their terms are those
at the friend's enrolment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from domain.grants.grant_progress import rule_of
from domain.grants.values import Changes, Fact, GrantRecord, Occasion
from domain.programmes.grants import ReferralGrant
from domain.programmes.programmes import Programme, Version


@dataclass(frozen=True, slots=True)
class Referred:
    """A referral as one of its sides has it, and whether it is rewarded by the terms of `version`.

    `fact` is the friend's, under the referral's id.
    """

    side: Literal["referrer", "referee"]
    friend_id: UUID
    fact: Fact
    version: Version
    stands: bool


def judge(programme: Programme, referral: Referred, known: Sequence[GrantRecord]) -> Changes:
    """The grants that this side of the referral causes, ends and restores."""
    friend, fact = str(referral.friend_id), referral.fact
    own = [
        (one, rule)
        for one in known
        if one.occurrence == friend
        and isinstance(rule := rule_of(programme, one), ReferralGrant)
        and rule.side == referral.side
    ]
    if not referral.stands:
        return Changes(ended=[one for one, rule in own if one.stands and rule.take_back])
    given = {one.rule for one, _ in own}
    come = [
        Occasion(grant, referral.version, friend, fact.occurred_at, fact.id)
        for grant in referral.version.policy.grants
        if isinstance(grant, ReferralGrant)
        and grant.side == referral.side
        and grant.code not in given
    ]
    return Changes(come, again=[one for one, _ in own if one.reversed and not one.final])
