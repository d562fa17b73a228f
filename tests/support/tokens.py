"""A model of a member's points, point by point, without any of the product's code.

Every point is a token: when it expires, when it was earned, and the credit that it belongs to.
Spending sorts the tokens and takes the first ones. It is slow and obviously right.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

NEVER = datetime.max.replace(tzinfo=UTC)

Token = tuple[datetime, datetime, int]

Terms = tuple[str, bool]
"""The rule whose own terms a booking's points have, empty for the usual terms; and whether they
waited for the completion of a line.
"""


@dataclass(slots=True)
class Waiting:
    """Pending points of a line; `matures_at` is None if only a completion matures them.

    `rule` is the one whose own terms they have, empty for the usual terms.
    """

    booking: str
    line: int
    points: int
    credit: int
    came: datetime
    matures_at: datetime | None
    gone_then: datetime
    rule: str = ""


@dataclass(slots=True)
class Held:
    """Tokens put aside, in the order taken, and when the hold expires."""

    until: datetime
    tokens: list[Token]


@dataclass(slots=True)
class Tokens:
    """One account: tokens that can be spent, wait, are held or were spent, and the points owed.

    `origin` has the booking of a credit, `terms` its terms; `expired` counts the expired tokens of
    each booking.
    """

    tokens: list[Token] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    held: dict[UUID, Held] = field(default_factory=dict)
    spent: dict[UUID, list[Token]] = field(default_factory=dict)
    origin: dict[int, str] = field(default_factory=dict)
    terms: dict[int, Terms] = field(default_factory=dict)
    expired: Counter[str] = field(default_factory=Counter)
    owed: int = 0
    credits: int = 0

    def balances(self) -> tuple[int, int, int, int]:
        """Pending, available, held, owed."""
        pending = sum(one.points for one in self.waiting)
        held = sum(len(hold.tokens) for hold in self.held.values())
        return pending, len(self.tokens), held, self.owed

    def copy(self) -> "Tokens":
        """Another account in the same state."""
        return replace(
            self,
            tokens=list(self.tokens),
            waiting=[replace(one) for one in self.waiting],
            held={made: replace(hold) for made, hold in self.held.items()},
            spent=dict(self.spent),
            expired=self.expired.copy(),
        )

    def next_due(self) -> datetime | None:
        instants = [
            *(one.matures_at for one in self.waiting if one.matures_at),
            *(hold.until for hold in self.held.values()),
            *(gone for gone, _, _ in self.tokens if gone < NEVER),
        ]
        return min(instants, default=None)

    def advance(self, now: datetime) -> None:
        """At each instant up to `now`, let lines mature, then holds expire, then points expire."""
        while (at := self.next_due()) is not None and at <= now:
            for one in sorted(self.waiting, key=lambda one: one.credit):
                if one.matures_at == at:
                    self.mature(one, one.gone_then, at)
            for made, hold in list(self.held.items()):
                if hold.until == at:
                    del self.held[made]
                    self.return_(hold.tokens)
            self.expire(at)

    def expire(self, now: datetime) -> int:
        dead = [token for token in self.tokens if token[0] <= now]
        self.tokens = [token for token in self.tokens if token[0] > now]
        self.expired.update(self.origin[credit] for *_, credit in dead if credit in self.origin)
        return len(dead)

    def earn(
        self,
        points: int,
        came: datetime,
        gone: datetime,
        at: datetime,
        *,
        of: str = "",
        rule: str = "",
    ) -> None:
        """Add a credit, perhaps `of` a booking and on the terms of a rule; it first pays what is
        owed.
        """
        if points:
            self.credits += 1
            if of:
                self.origin[self.credits] = of
                self.terms[self.credits] = rule, False
            self.back([(gone, came, self.credits)] * points, at)

    def wait(self, one: Waiting) -> None:
        self.credits += 1
        one.credit = self.credits
        self.origin[one.credit] = one.booking
        self.terms[one.credit] = one.rule, True
        self.waiting.append(one)

    def mature(self, one: Waiting, gone: datetime, at: datetime) -> int:
        self.waiting.remove(one)
        self.back([(gone, one.came, one.credit)] * one.points, at)
        return one.points

    def back(self, tokens: list[Token], at: datetime) -> None:
        """Make these spendable from `at`; the first ones not expired then pay what is owed."""
        alive = sorted(token for token in tokens if token[0] > at)
        paid = min(self.owed, len(alive))
        self.owed -= paid
        self.tokens += alive[paid:] + [token for token in tokens if token[0] <= at]

    def return_(self, tokens: list[Token]) -> None:
        """Return these tokens; the first ones pay what is owed, even if they have expired."""
        first = sorted(tokens)
        paid = min(self.owed, len(first))
        self.owed -= paid
        self.tokens += first[paid:]

    def take(self, points: int) -> list[Token]:
        self.tokens.sort()
        taken, self.tokens = self.tokens[:points], self.tokens[points:]
        return taken

    def take_of(self, booking: str, points: int, terms: Terms | None = None) -> int:
        """Take a booking's own tokens, of these terms if given; how many were taken."""
        own = sorted(
            token
            for token in self.tokens
            if self.origin.get(token[2]) == booking and terms in (None, self.terms[token[2]])
        )[:points]
        for token in own:
            self.tokens.remove(token)
        return len(own)

    def take_waiting(
        self, booking: str, points: int, losses: Mapping[int, int], rule: str | None = None
    ) -> int:
        """The same for pending points: first from each line what it lost, then line by line."""
        own = sorted(
            (one for one in self.waiting if one.booking == booking and rule in (None, one.rule)),
            key=lambda one: (one.line, one.credit),
        )
        left, wanted = dict(losses), points
        for one in own:
            taken = max(0, min(wanted, left.get(one.line, 0), one.points))
            left[one.line] = left.get(one.line, 0) - taken
            one.points, wanted = one.points - taken, wanted - taken
        for one in own:
            taken = min(wanted, one.points)
            one.points, wanted = one.points - taken, wanted - taken
        self.waiting = [one for one in self.waiting if one.points]
        return points - wanted

    def capture(self, made: UUID, points: int, now: datetime) -> None:
        """Spend the first tokens of a hold and return the rest, which may expire at once."""
        tokens = self.held.pop(made).tokens
        self.spent[made] = tokens[:points]
        self.return_(tokens[points:])
        self.expire(now)

    def release(self, made: UUID, now: datetime) -> None:
        self.return_(self.held.pop(made).tokens)
        self.expire(now)

    def reinstate(self, made: UUID, points: int, now: datetime) -> int:
        """Return the tokens spent last; how many of them expire at once."""
        self.return_(self.unspend(made, points))
        return self.expire(now)

    def reinstate_anew(self, made: UUID, points: int, now: datetime, at_least: datetime) -> None:
        """Return the tokens spent last in new credits, valid until `at_least` or longer."""
        back: list[Token] = []
        for (gone, came, _), same in groupby(reversed(self.unspend(made, points))):
            self.credits += 1
            back += [(max(gone, at_least), came, self.credits) for _ in same]
        self.back(back, now)

    def unspend(self, made: UUID, points: int) -> list[Token]:
        spent = self.spent[made]
        self.spent[made] = spent[: len(spent) - points]
        return spent[len(spent) - points :]

    def receive(self, tokens: list[Token], at: datetime) -> None:
        """Add tokens that another account gave as new credits, which keep their instants."""
        back: list[Token] = []
        for (gone, came, _), same in groupby(sorted(tokens)):
            self.credits += 1
            back += [(gone, came, self.credits) for _ in same]
        self.back(back, at)

    def by_terms(self) -> Counter[tuple[datetime, datetime]]:
        """How many can be spent, by when they expire and when they were earned."""
        return Counter((gone, came) for gone, came, _ in self.tokens)
