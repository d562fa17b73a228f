"""A member's points kept a second time, point by point, with nothing of the product's code.

Every point is a token: when it is gone, when it came, and which credit of the member's it is
of. Spending sorts them and takes the first ones. It is slow and obviously right.
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
"""The rule whose own terms points of a booking have, empty for the usual ones; and whether they
waited for the completion of a line.
"""


@dataclass(slots=True)
class Waiting:
    """Pending points of a line; `matures_at` none where only a completion matures them.

    `rule` is the one whose own terms they have, empty where those are the usual ones.
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
    """Tokens put aside, in the order taken, and when the hold dies."""

    until: datetime
    tokens: list[Token]


@dataclass(slots=True)
class Tokens:
    """What can be spent, waits, is put aside, was spent on what, and is owed.

    `origin` says of which booking a credit is, `terms` on which of its terms; `expired` how many
    tokens of each booking are gone.
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
        """At each instant up to now lines mature, then holds die, then points are gone."""
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
        """A new credit, `of` a booking perhaps and on the terms of a rule of it; it pays what is
        owed first.
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
        """These can be spent from `at`; of those alive the first ones pay what is owed."""
        alive = sorted(token for token in tokens if token[0] > at)
        paid = min(self.owed, len(alive))
        self.owed -= paid
        self.tokens += alive[paid:] + [token for token in tokens if token[0] <= at]

    def return_(self, tokens: list[Token]) -> None:
        """These come back; the first ones pay what is owed, also past their end."""
        first = sorted(tokens)
        paid = min(self.owed, len(first))
        self.owed -= paid
        self.tokens += first[paid:]

    def take(self, points: int) -> list[Token]:
        self.tokens.sort()
        taken, self.tokens = self.tokens[:points], self.tokens[points:]
        return taken

    def take_of(self, booking: str, points: int, terms: Terms | None = None) -> int:
        """Take a booking's own tokens, only those on these terms; how many there were."""
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
        """The same of what waits: from each line first what it lost, then line by line."""
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
        """Spend the first tokens of a hold; the rest is back, and gone if it is past its end."""
        tokens = self.held.pop(made).tokens
        self.spent[made] = tokens[:points]
        self.return_(tokens[points:])
        self.expire(now)

    def release(self, made: UUID, now: datetime) -> None:
        self.return_(self.held.pop(made).tokens)
        self.expire(now)

    def reinstate(self, made: UUID, points: int, now: datetime) -> int:
        """The last tokens spent are back; how many of them are gone at once."""
        self.return_(self.unspend(made, points))
        return self.expire(now)

    def reinstate_anew(self, made: UUID, points: int, now: datetime, at_least: datetime) -> None:
        """The last tokens spent are back in credits of their own, which last longer."""
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
        """Credits of one's own, on the terms of those that they were given out of."""
        back: list[Token] = []
        for (gone, came, _), same in groupby(sorted(tokens)):
            self.credits += 1
            back += [(gone, came, self.credits) for _ in same]
        self.back(back, at)

    def by_terms(self) -> Counter[tuple[datetime, datetime]]:
        """How many can be spent, by when they are gone and when they came."""
        return Counter((gone, came) for gone, came, _ in self.tokens)
