"""Settling: the grants, including rewards, that a fact causes and ends."""

from uuid import UUID

from domain.accounts.accounts import Account
from domain.benefits import benefit_reads
from domain.earning.values import Reason
from domain.grants import settling
from domain.grants.grant_progress import GrantProgress
from domain.grants.referred import Referred
from domain.grants.taking import Ending
from domain.grants.values import Changes, Fact, Gifts, Occasion
from domain.kernel.queries import Query
from domain.ledger.values import Cause
from domain.programmes.programmes import Programme
from domain.redemptions import granted
from domain.redemptions.granted import Returned, Withheld


async def _give(account: Account, activity_id: UUID, code: str) -> bool:
    return not isinstance(await granted.give(account, activity_id, code), Withheld)


async def _take_back(account: Account, activity_id: UUID, cause: Cause) -> bool:
    return await granted.take_back(account, activity_id, cause) is not Returned.KEPT


GIFTS = Gifts(_give, _take_back, benefit_reads.used)


def queries(programme: Programme, member_id: UUID, fact: Fact) -> list[Query]:
    """The first queries of `settle` for a fact."""
    return settling.queries(programme, member_id, fact)


async def settle(account: Account, fact: Fact, before: GrantProgress | None = None) -> list[str]:
    """`grants.settle` with what this programme has to give; the ids of activities that changed."""
    return await settling.settle(account, fact, GIFTS, before)


def changes_nothing(account: Account, fact: Fact, before: GrantProgress | None) -> bool:
    """Whether it is plain before `settle` that nothing comes of the fact."""
    return settling.changes_nothing(account, fact, before)


async def apply(account: Account, changes: Changes, ending: Ending) -> list[str]:
    """Apply these changes, whatever the facts are; returns the ids of activities that changed."""
    return await settling.apply(account, changes, ending, GIFTS)


async def settle_referral(
    account: Account, referral: Referred, before: GrantProgress | None = None
) -> list[str]:
    """The same for a change of a referral on this side, which the caller has recorded.

    On the referrer's side, milestones change, too.
    """
    return await settling.settle(account, referral.fact, GIFTS, before, referral)


async def settle_tier(account: Account, fact: Fact) -> list[str]:
    """The same for changes of the tier only, which no fact of the member caused."""
    return await settling.settle_tier(account, fact, GIFTS)


async def give_on_day(account: Account, occasion: Occasion, used_up: Reason | None = None) -> int:
    """Give a grant of the calendar, unless it was given before; returns its points."""
    return await settling.give_on_day(account, occasion, GIFTS, used_up)
