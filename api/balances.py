"""A member's points: the balance now or at an instant, and the expiries."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.fields import MaybeLater, field
from api.kit.lookahead import MAY_WAIT
from api.kit.scalars import Money, Points, money
from api.wording.messages import language_of
from api.wording.words import current_policy, version_at
from domain.kernel import database, queries
from domain.kernel.callers import Caller
from domain.kernel.queries import Query
from domain.ledger import states
from domain.ledger.lots import Lot
from domain.ledger.states import Expiring, Live, State
from domain.ledger.values import Balances
from domain.members import members
from domain.members.members import MemberAfter
from domain.tiers import tier_windows
from domain.tiers.tier_windows import Window


@strawberry.type(description="Points with the last date on which they can be spent.")
class ExpiringPoints:
    points: Points = strawberry.field(description="Number of points.")
    on: date = strawberry.field(
        description="Last date on which they can be spent, inclusive, in the programme's time "
        "zone; 9999-12-31 for points that never expire."
    )


def to_expiring(expiring: Expiring) -> ExpiringPoints:
    return ExpiringPoints(points=Points(expiring.points), on=expiring.on)


@strawberry.type(description="Balance of a member in points; each number is zero or more.")
class Balance:
    available: Points = strawberry.field(description="Points that can be spent now.")
    pending: Points = strawberry.field(description="Points earned but not yet spendable.")
    held: Points = strawberry.field(
        description="Points reserved for redemptions that are not confirmed yet."
    )
    owed: Points = strawberry.field(
        description="Arrears in points, which later credits settle first."
    )
    worth: Money = strawberry.field(
        description="Value of the available points, rounded down to the currency's minor unit."
    )
    member_id: strawberry.Private[UUID]
    instant: strawberry.Private[datetime]
    lots: strawberry.Private[Sequence[Lot] | None]
    expiring: strawberry.Private[Sequence[tuple[datetime, int]] | None] = None

    @field(
        "Available points that expire next; null when none of them expires.",
        graphql_type=ExpiringPoints | None,
        metadata=MAY_WAIT,
    )
    def next_expiry(self, info: Info) -> MaybeLater[ExpiringPoints | None]:
        if self.expiring is None:
            return self._next_expiry(info)
        found = states.next_expiring(self.expiring, current_policy(info).zone)
        return to_expiring(found) if found else None

    async def _next_expiry(self, info: Info) -> ExpiringPoints | None:
        lots = self.lots
        if lots is None:
            member = await load_row(info, self.member_id)
            lots = (await load_state(info, member)).lots if member else ()
        schedule = states.expiry_schedule(
            [lot for lot in lots if lot.expires_at], self.instant, current_policy(info).zone
        )
        return to_expiring(schedule[0]) if schedule else None


async def load_row(info: Info, member_id: UUID) -> members.Member | None:
    row = await info.context.loaders.load(_members, (member_id, shown_window(info)))
    if row is not None:
        _learn_of(info, row)
    return row


async def read_together(
    info: Info,
    member_id: UUID,
    asked: Sequence[Query],
    is_due: Callable[[members.Member], bool],
) -> members.Member | None:
    """`load_row` of a member, together with the other reads `asked`, by one query.

    If the member `is_due`, more is read after that, all of it of one instant.
    """
    window = shown_window(info)
    await queries.read_ahead([members.query_of([member_id], window), *asked])
    member = (await members.many([member_id], window)).get(member_id)
    own = member is not None and member.programme_id == info.context.caller.programme_id
    if member is None or not own or is_due(member):
        database.return_to_snapshot()
    else:
        know_row(info, member)
    return await load_row(info, member_id)


def know_row(info: Info, row: members.Member) -> None:
    """Have `load_row` find a member that was read already, in the window that is shown."""
    info.context.loaders.know(_members, (row.member_id, row.window), row)
    _learn_of(info, row)


def _learn_of(info: Info, row: members.Member) -> None:
    context = info.context
    if row.member_id == context.caller.member_id:
        context.member_language = language_of(row.locale)


def shown_window(info: Info) -> Window:
    """The window that progress toward the next tier is shown for."""
    return tier_windows.windows(current_policy(info), info.context.now)[0]


async def learn_language(info: Info) -> None:
    """Looks up the calling member's own language, where the request names none."""
    context = info.context
    if context.caller.member_id and not (context.asked_language or context.member_language):
        await load_row(info, context.caller.member_id)


def know_member(info: Info, after: MemberAfter) -> None:
    """Make `load_row` and `load_state` return the state of this member after a write."""
    member, loaders = after.member, info.context.loaders
    if member.programme_id == info.context.caller.programme_id:
        loaders.know(_members, (member.member_id, member.window), member)
        if after.live is not None:
            loaders.know(_live, (member.member_id, member.balances.held > 0), after.live)


async def load_balance(info: Info, member_id: UUID) -> Balance | None:
    row = await load_row(info, member_id)
    return await balance_now(info, row) if row else None


def is_due(member: members.Member, now: datetime) -> bool:
    """Whether the passage of time has made changes that the account's row does not have."""
    return member.next_due_at is not None and now >= member.next_due_at


async def balance_now(info: Info, member: members.Member) -> Balance:
    """The balance from the account's row only, unless something has become due since it was
    written.
    """
    now = info.context.now
    if (cached := balance_cached(info, member)) is not None:
        return cached
    state = await load_state(info, member)
    return _balance(info, member.member_id, state.balances, now, state.lots)


async def balance_until(info: Info, member: members.Member) -> tuple[Balance, datetime | None]:
    """The balance now, and the next instant at which the passage of time changes it."""
    if (cached := balance_cached(info, member)) is not None:
        return cached, member.next_due_at
    state = await load_state(info, member)
    now = info.context.now
    shown = _balance(info, member.member_id, state.balances, now, state.lots)
    return shown, state.next_due_at


def balance_cached(
    info: Info,
    member: members.Member,
    expiring: Sequence[tuple[datetime, int]] | None = None,
) -> Balance | None:
    """The balance from the account's row, with expiries if those were read; None if something is
    due.
    """
    now = info.context.now
    if is_due(member, now):
        return None
    shown = _balance(info, member.member_id, member.balances, now, None)
    shown.expiring = expiring
    return shown


async def balance_at(info: Info, member_id: UUID, instant: datetime) -> Balance:
    state = await info.context.loaders.of_member(states.states_at, member_id, instant)
    return _balance(info, member_id, state.balances, instant, state.lots)


async def load_state(info: Info, member: members.Member) -> State:
    """Balances and lots with everything due applied."""
    live = await info.context.loaders.load(_live, (member.member_id, member.balances.held > 0))
    return states.state_now(member.member_id, member.balances, live, info.context.now)


def _balance(
    info: Info,
    member_id: UUID,
    balances: Balances,
    instant: datetime,
    lots: Sequence[Lot] | None,
) -> Balance:
    policy = version_at(info.context.programme, instant).policy
    worth = balances.available * policy.minor_per_point
    return Balance(
        available=Points(balances.available),
        pending=Points(balances.pending),
        held=Points(balances.held),
        owed=Points(balances.owed),
        worth=money(worth.numerator // worth.denominator, policy.currency),
        member_id=member_id,
        instant=instant,
        lots=lots,
    )


async def _live(_: Caller, keys: list[tuple[UUID, bool]]) -> list[Live]:
    """Keys are (member id, whether it holds points)."""
    held = any(holding for _, holding in keys)
    found = await states.live_state([member_id for member_id, _ in keys], held=held)
    return [found[member_id] for member_id, _ in keys]


async def _members(caller: Caller, keys: list[tuple[UUID, Window]]) -> list[members.Member | None]:
    """Keys are (member id, window), the window one for all of an operation."""
    found: dict[tuple[UUID, Window], members.Member] = {}
    for window in {window for _, window in keys}:
        ids = [member_id for member_id, asked in keys if asked == window]
        for member_id, member in (await members.many(ids, window)).items():
            if member.programme_id == caller.programme_id:
                found[member_id, window] = member
    return [found.get(key) for key in keys]
