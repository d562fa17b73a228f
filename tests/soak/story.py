"""A second account of two members, to which random steps apply, compared with the product."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest

import models
from domain.kernel.callers import Caller, Scope
from domain.kernel.database import rows
from domain.kernel.idempotency import KEPT_DAYS, Figures, Outcome, Request
from domain.kernel.refusals import Refusal
from domain.ledger import states
from domain.members import members
from domain.programmes.programmes import Programme
from tests.soak.gifts import Gift, Promise
from tests.soak.trips import LEVELS, Line, Standing, Terms, Trip
from tests.support import afterwards
from tests.support import factories as make
from tests.support.tokens import NEVER, Tokens

Call = Callable[[Request], Awaitable[Outcome]]

REVIEW_POINTS, REVIEWS_A_DAY = 25, 2


@dataclass(slots=True)
class Taken:
    """A redemption: of a reward, or a hold for a later booking of these lines."""

    id: UUID
    reward: models.Reward | None
    status: str
    points: int
    until: datetime | None = None
    lines: list[Line] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    used: bool = False

    def counts(self, now: datetime) -> bool:
        """Whether it keeps stock, and counts toward a limit."""
        dead = self.status == "HELD" and self.until is not None and self.until <= now
        return self.status in ("HELD", "CONFIRMED", "SHIPPED", "FULFILLED") and not dead


@dataclass(slots=True)
class Player:
    """One member in the second account; `seen` has earlier balances by their instants."""

    number: int
    member_id: UUID
    reference: str
    account: Tokens = field(default_factory=Tokens)
    standing: Standing = field(default_factory=Standing)
    taken: list[Taken] = field(default_factory=list)
    reviews: Counter[Any] = field(default_factory=Counter)
    gifts: dict[str, Gift] = field(default_factory=dict)
    seen: dict[datetime, tuple[int, int, int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """A call that succeeded; if `natural`, its reference identifies it without its key, too.

    `key` is empty for a parked fact, which is never repeated under its key.
    """

    call: Call
    caller: Caller
    key: str
    at: datetime
    figures: Figures
    natural: bool


@dataclass(frozen=True, slots=True)
class Early:
    """A fact reported before its booking; `parts` by line in minor units, None for all."""

    kind: str
    parts: dict[int, int] | None
    supplier_cancelled: bool
    call: Call
    came_at: datetime


@dataclass(slots=True)
class Story:
    """A history under one policy; `promises` has what its grants give, and from when; `used` has
    the coupons of bookings by reference.
    """

    programme: Programme
    document: dict[str, Any]
    terms: Terms
    promises: list[tuple[datetime, Promise]]
    rewards: list[models.Reward]
    players: list[Player]
    draw: Random
    now: datetime = make.NOW
    trips: dict[str, Trip] = field(default_factory=dict)
    early: dict[str, list[Early]] = field(default_factory=dict)
    used: dict[str, Taken] = field(default_factory=dict)
    pool: list[str] = field(default_factory=list)
    past: list[Past] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    numbers: int = 0
    budget_used: int = 0

    def promised(self, instant: datetime) -> Promise:
        """What grants of the version in force at this instant give."""
        return [promise for since, promise in self.promises if since <= instant][-1]

    def return_coupon(self, trip: Trip) -> None:
        """Make the coupon of a booking of which nothing is left usable again."""
        coupon = self.used.pop(trip.reference, None)
        if coupon is not None:
            coupon.used, trip.discount = False, 0
            self.done["coupon came back"] += 1

    def note(self, kind: str) -> None:
        """Record that this happened now."""
        self.done[kind] += 1
        self.told.append(f"{self.now:%m-%d %H:%M:%S.%f} {kind}")

    def name(self, of: str) -> str:
        """A unique reference or key."""
        self.numbers += 1
        return f"{of}{self.numbers}"

    def partner(self) -> Caller:
        """A partner with the scope of all partners, so that it may undo what members did."""
        own = make.partner(self.programme)
        return replace(own, scopes=own.scopes | {Scope.ALL_PARTNERS})

    def staff(self) -> Caller:
        return make.staff(self.programme)

    def amount(self, minor: int) -> Decimal:
        return Decimal(minor).scaleb(-2)

    async def succeed(
        self, kind: str, call: Call, caller: Caller | None = None, *, natural: bool = False
    ) -> Figures:
        """Make a call that must succeed, and keep it to be repeated; assert that the state that it
        returns is the one that is read afterwards.
        """
        caller, key = caller or self.partner(), self.name("K")
        outcome = await call(Request(caller, key, self.now))
        assert not outcome.replayed, f"{kind} was not new"
        if await afterwards.check(self.programme, outcome):
            self.done["afterwards the same"] += 1
        self.past.append(Past(call, caller, key, self.now, outcome.figures, natural))
        self.note(kind)
        return outcome.figures

    async def refuse(
        self,
        kind: str,
        error: type[Refusal],
        call: Call,
        caller: Caller | None = None,
        *,
        key: str | None = None,
        **facts: Any,
    ) -> None:
        """Assert that the call is refused for this reason, and that no account changes."""
        before = await self.rows()
        with pytest.raises(error) as refusal:
            await call(Request(caller or self.partner(), key or self.name("K"), self.now))
        found = {name: refusal.value.facts[name] for name in facts}
        assert found == facts, f"{kind} was refused with {refusal.value.facts}, not {facts}"
        assert await self.rows() == before, f"a refused {kind} changed an account"
        self.note(f"{kind} refused: {error.code}")

    async def again(self, past: Past, *, same_key: bool) -> None:
        """Assert that an earlier call is answered as at first, and that no account changes."""
        before = await self.rows()
        key = past.key if same_key else self.name("K")
        outcome = await past.call(Request(past.caller, key, self.now))
        assert outcome.replayed
        if same_key:
            assert outcome.figures == past.figures
        assert await self.rows() == before, "a replay changed an account"
        self.note("replay by its key" if same_key else "replay by its reference")

    def fresh(self, past: Past) -> bool:
        """Whether its key is still kept."""
        return bool(past.key) and self.now - past.at < timedelta(days=KEPT_DAYS)

    async def rows(self) -> list[str]:
        """The stored account rows, each with the head of its hash chain."""
        found = await rows(
            "SELECT account::text AS text FROM account WHERE member_id = ANY($1::uuid[]) "
            "ORDER BY member_id",
            [player.member_id for player in self.players],
        )
        return [account["text"] for account in found]

    def kept(self, reward: models.Reward) -> int:
        """How many of the reward all members together keep."""
        everybody = (taken for player in self.players for taken in player.taken)
        return sum(taken.reward is reward and taken.counts(self.now) for taken in everybody)

    def voided(self, reward: models.Reward) -> int:
        """How many codes of the reward were shown and cancelled; these are not used again."""
        everybody = (taken for player in self.players for taken in player.taken)
        return sum(taken.reward is reward and taken.status == "CANCELLED" for taken in everybody)

    async def check(self) -> None:
        """Assert that both accounts agree: balances, tier, and every lot to the point."""
        ids = [player.member_id for player in self.players]
        found, live = await members.many(ids), await states.live_state(ids)
        for player in self.players:
            account, member_id = player.account, player.member_id
            account.advance(self.now)
            member = found[member_id]
            state = states.state_now(member_id, member.balances, live[member_id], self.now)
            seen = state.balances
            balances = (seen.pending, seen.available, seen.held, seen.owed)
            assert balances == account.balances(), f"{balances}, not {account.balances()}"
            assert member.tier == LEVELS[player.standing.rank][0]
            in_lots: Counter[tuple[datetime, datetime]] = Counter()
            for lot in state.lots:
                if not lot.pending:
                    in_lots[lot.expires_at or NEVER, lot.earned_at] += lot.remaining
            assert in_lots == account.by_terms()
            waiting = Counter({one.credit: one.points for one in account.waiting})
            assert sorted(lot.remaining for lot in state.lots if lot.pending) == sorted(
                waiting.values()
            )
            player.seen[self.now] = balances

    def look_away(self) -> None:
        """Forget balances seen at this instant, as they may have changed since at the same one."""
        for player in self.players:
            player.seen.pop(self.now, None)


Step = Callable[[Story, Player], Awaitable[None]]
