"""Reminding members of coming events: each time by an event, under the account's lock, if it still
applies then.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings import booking_state
from domain.bookings.booking_state import LineState
from domain.kernel import dates
from domain.kernel.callers import partner_of
from domain.kernel.database import transact
from domain.kernel.outbox import Topic
from domain.members import statuses
from domain.notices import occasions, upcoming
from domain.notices.kinds import Kind
from domain.notices.upcoming import Occasion
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.rewards import coupon_ends
from domain.tiers import qualification, tiers
from domain.tiers.values import Sum


async def remind(programme: Programme, occasion: Occasion, now: datetime) -> int:
    """Remind a member, in a transaction; returns the number of events written.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_remind, programme, occasion, now))


async def _remind(programme: Programme, occasion: Occasion, now: datetime) -> int:
    async with accounts.opened(programme, occasion.member_id, now) as account:
        return await _REMIND[occasion.kind](account, occasion)


async def _of_balance(account: Account, _: Occasion) -> int:
    found = upcoming.month(account.now, account.version.policy.zone)
    available = account.journal.balances.available
    # a member who joins in a month is notified from the next one on
    if found is None or available <= 0:
        return 0
    if (await statuses.membership(account.member_id)).joined_at >= found[1]:
        return 0
    topic, named = Topic.BALANCE_REMINDER, found[0]
    return await occasions.write(
        account, Kind.BALANCE, named, topic, available=available, month=named
    )


async def _of_tier(account: Account, _: Occasion) -> int:
    policy, holding = account.version.policy, account.holding
    until = holding.kept_until
    if until is None:
        return 0
    last = dates.last_valid_date(until, policy.zone)
    if not upcoming.days(account.now, policy.notices.tier_days, policy.zone).holds(last):
        return 0
    tier = policy.tier_code(holding.tier)
    # the review then judges what will have counted by then
    sums = await tiers.sums(account.member_id, policy, until, closed=True)
    lacking = missing(policy, tier, sums)
    if not lacking:
        return 0
    key = upcoming.key_of(account.member_id, until)
    said = {"tier": tier, "until": until, "missing": {name: str(lacking[name]) for name in lacking}}
    return await occasions.write(account, Kind.TIER_EXPIRING, key, Topic.TIER_EXPIRING, **said)


def missing(policy: Policy, tier: str, sums: Sequence[Sum]) -> dict[str, Decimal]:
    """The amounts missing to keep a tier, by measure, each of which alone would be enough, in the
    window with the least missing; empty where nothing is missing.
    """
    level = policy.tiers.levels[policy.rank(tier)]
    wanted = policy.tiers.thresholds(level)
    lacking = [
        {
            str(basis): least - qualification.amount(policy, basis, one.qualifying)
            for basis, least in wanted.items()
        }
        for one in sums
    ]
    if any(least <= 0 for one in lacking for least in one.values()):
        return {}
    return min(lacking, key=lambda one: sum(one.values()), default={})


async def _of_coupon(account: Account, occasion: Occasion) -> int:
    policy, done = account.version.policy, 0
    due = upcoming.days(account.now, policy.notices.coupon_days, policy.zone)
    for one in await coupon_ends.ending(account.member_id, occasion.about):
        last = dates.last_valid_date(one.ends_at, policy.zone)
        if due.holds(last):
            key = upcoming.key_of(occasion.about, one.ends_at)
            done += await occasions.write(
                account,
                Kind.COUPON_EXPIRING,
                key,
                Topic.COUPON_EXPIRING,
                partner_id=one.partner_id,
                redemption_id=occasion.about,
                reward=one.reward,
                valid_until=last,
            )
    return done


async def _of_trip(account: Account, occasion: Occasion) -> int:
    policy, done = account.version.policy, 0
    due = upcoming.days(account.now, policy.notices.trip_days, policy.zone)
    state = await booking_state.load(account.programme, account.member_id, occasion.about)
    first = {
        line.travel_from: line.number
        for line in sorted(state.lines, key=lambda line: -line.number)
        if line.travel_from is not None and due.holds(line.travel_from) and _takes_place(line)
    }
    for on, line in sorted(first.items()):
        done += await occasions.write(
            account,
            Kind.TRIP_SOON,
            f"{occasion.about}:{on}",
            Topic.BOOKING_DEPARTING,
            partner_id=partner_of(state.reporter),
            booking_id=occasion.about,
            reference=state.reference,
            line=line,
            on=on,
        )
    return done


def _takes_place(line: LineState) -> bool:
    """Whether it was neither refunded nor dropped, and is not over."""
    kept = line.left_minor > 0 or (line.amount_minor == 0 and not line.dropped)
    return kept and line.completed_at is None


_REMIND: Mapping[Kind, Callable[[Account, Occasion], Awaitable[int]]] = {
    Kind.BALANCE: _of_balance,
    Kind.TIER_EXPIRING: _of_tier,
    Kind.COUPON_EXPIRING: _of_coupon,
    Kind.TRIP_SOON: _of_trip,
}
