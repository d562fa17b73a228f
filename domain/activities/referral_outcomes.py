"""Outcomes: a job brings changes of the friend's side of a referral to both sides.

For a friend's newest version, first the referrer's transaction writes the outcome, and gives or
reverses the grants; then the friend's transaction copies it, does the same there, and marks the
version applied. Each is complete by itself and none is done twice: after a kill in between, the
next run continues there.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.earning import judging, matching
from domain.grants import grant_evaluation
from domain.grants.referred import Referred
from domain.grants.values import Fact
from domain.kernel import dates
from domain.kernel.database import transact
from domain.members import contacts, endings, statuses
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme, Version
from domain.programmes.referral_terms import ReferralTerms
from domain.redemptions.granted import GIFTS
from domain.referrals import friends, referrers, states
from domain.referrals.friends import Unapplied
from domain.referrals.states import Flag, Referral, ReferralStatus

BATCH = 500


@dataclass(frozen=True, slots=True)
class DueReferral:
    """A referral with a change that has not reached the other side yet."""

    friend_id: UUID
    id: UUID


async def due(programme: Programme, now: datetime) -> AsyncGenerator[DueReferral, None]:
    """Those with something due, the longest due first, read a batch at a time."""
    after: Unapplied | None = None
    while batch := await friends.unapplied(programme.id, now, after, BATCH):
        for referral_id, friend_id in {one.id: one.friend_id for one in batch}.items():
            yield DueReferral(friend_id, referral_id)
        after = batch[-1]


async def apply(programme: Programme, found: DueReferral, now: datetime) -> int:
    """Bring both sides of a referral to the state of the friend's newest version; returns the
    number of outcomes written.

    Raises: ConcurrentRequest.
    """
    await transact(partial(_lapse, programme, found, now))
    before, outcome = await transact(partial(decide, programme, found, now))
    await transact(partial(answer, programme, outcome, now))
    return int(before != outcome)


def _terms(programme: Programme, referral: Referral) -> tuple[Version, ReferralTerms]:
    """The terms on which the friend joined."""
    version = programme.version(referral.policy_version_id)
    terms = version.policy.referrals
    if terms is None:
        raise LookupError(f"version {version.number} has no referrals")
    return version, terms


async def _friend(found: DueReferral) -> Referral:
    referral = await friends.latest(found.friend_id)
    if referral is None or referral.id != found.id:
        raise LookupError(f"referral {found.id} has no friend")
    return referral


async def _lapse(programme: Programme, found: DueReferral, now: datetime) -> None:
    """Record that the friend did nothing in time."""
    friend = await _friend(found)
    version, terms = _terms(programme, friend)
    end = states.ends_at(terms, friend.joined_at, version.policy.zone)
    if friend.status is not ReferralStatus.JOINED or end is None or now < end:
        return
    async with accounts.opened(programme, found.friend_id, now) as account:
        # under the lock: a fact may have been recorded meanwhile
        friend = await _friend(found)
        if friend.status is ReferralStatus.JOINED:
            friends.add(account, friend, ReferralStatus.LAPSED)


async def decide(
    programme: Programme, found: DueReferral, now: datetime
) -> tuple[Referral | None, Referral]:
    """The referrer's transaction: returns the previous outcome, and that of the friend's newest
    version, which is written if it is new.
    """
    referrer_id = (await _friend(found)).other_id
    async with accounts.opened(programme, referrer_id, now) as account:
        friend, before = await _friend(found), await referrers.latest(referrer_id, found.id)
        if before and (friend.status in states.OUTCOMES or friend.version <= (before.answers or 0)):
            return before, before
        status, flags, due_at = friend.status, list[Flag](), None
        if before is None:
            others = await referrers.joined_around(referrer_id, friend.joined_at)
            flags = [Flag.MANY_FRIENDS] if referrers.is_many(friend.joined_at, others) else []
        if status is ReferralStatus.JOINED:
            version, terms = _terms(programme, friend)
            due_at = states.ends_at(terms, friend.joined_at, version.policy.zone)
        elif status is ReferralStatus.REACHED:
            status, flags = await _judge(account, friend, flags)
        outcome = await referrers.add(account, before, friend, status, flags=flags, due_at=due_at)
        await _give_or_take_back(
            account, outcome, "referrer", stands=status is ReferralStatus.QUALIFIED
        )
    return before, outcome


async def answer(programme: Programme, outcome: Referral, now: datetime) -> None:
    """The friend's transaction: copy the outcome, unless the friend's side has changed since."""
    async with accounts.opened(programme, outcome.other_id, now) as account:
        friend = await friends.latest(account.member_id)
        if friend is None or outcome.answers is None:
            return
        if friend.version == outcome.answers:
            if outcome.status in states.OUTCOMES:
                friends.add(account, friend, outcome.status, fact_at=friend.fact_at, applied=True)
            await _give_or_take_back(
                account, outcome, "referee", stands=outcome.status in states.FRIEND_PAID
            )
        await referrers.mark_applied(friend.member_id, friend.id, outcome.answers, account.now)


async def _give_or_take_back(
    account: Account, outcome: Referral, side: Literal["referrer", "referee"], *, stands: bool
) -> None:
    """Give or reverse the grants of the outcome on this side, dated by the friend's fact."""
    if outcome.fact_at is None:
        return
    version, _ = _terms(account.programme, outcome)
    friend_id = outcome.other_id if side == "referrer" else account.member_id
    fact = Fact(outcome.id, outcome.fact_at)
    referral = Referred(side, friend_id, fact, version, stands)
    await grant_evaluation.evaluate(account, fact, GIFTS, referral=referral)


async def _judge(
    account: Account, friend: Referral, first: list[Flag]
) -> tuple[ReferralStatus, list[Flag]]:
    """Outcome of a friend whose fact counts, and its flags."""
    if not await friends.was_approved(friend.member_id, friend.id):
        flags = await _flags(account, friend, first)
        if flags:
            return ReferralStatus.FLAGGED, flags
    limited = await _is_over_limit(account, friend) or not await _is_wanted(account, friend)
    return ReferralStatus.LIMITED if limited else ReferralStatus.QUALIFIED, []


async def _flags(account: Account, friend: Referral, first: list[Flag]) -> list[Flag]:
    referrer_id, flags = account.member_id, set(first)
    if Flag.MANY_FRIENDS in await referrers.first_flags(referrer_id, friend.id):
        flags.add(Flag.MANY_FRIENDS)
    if await _shares_mailbox(referrer_id, friend.member_id):
        flags.add(Flag.SAME_EMAIL)
    if (await statuses.of(referrer_id)) is not MemberStatus.ENROLLED:
        flags.add(Flag.REFERRER_SUSPENDED)
    return [flag for flag in Flag if flag in flags]


async def _shares_mailbox(referrer_id: UUID, friend_id: UUID) -> bool:
    """Whether the friend's mailbox is that of the referrer or of another friend of it."""
    if await contacts.share_mailbox(friend_id, [referrer_id]):
        return True
    async for others in referrers.friends_of(referrer_id):
        if await contacts.share_mailbox(friend_id, [one for one in others if one != friend_id]):
            return True
    return False


async def _is_over_limit(account: Account, friend: Referral) -> bool:
    version, terms = _terms(account.programme, friend)
    if terms.limit is None or friend.fact_at is None:
        return False
    per, zone = terms.limit.per, version.policy.zone
    span = None if per == "member" else dates.period_bounds(friend.fact_at, per, zone)
    paid = await referrers.qualified(await endings.family_of(account), span, besides=friend.id)
    return paid >= terms.limit.times


async def _is_wanted(account: Account, friend: Referral) -> bool:
    """Whether the referrer satisfies the terms, on the day of the friend's fact."""
    version, terms = _terms(account.programme, friend)
    if friend.fact_at is None or not terms.when.asks_anything:
        return True
    policy = version.policy
    day = dates.local_date(friend.fact_at, policy.zone)
    facts = await judging.facts_asked(account, policy, terms.when, friend.fact_at)
    return matching.holds(policy, terms, facts, day)
