"""Mutations of many kinds as clients send them, and the balances that follow from their answers.

A `Book` adds up answered mutations without reading the product's own sums.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

Payload = dict[str, Any]

SELECTIONS: Mapping[str, str] = {
    "enrolMember": "member { reference }",
    "earnForBooking": "pointsAwarded booking { reference }",
    "completeBooking": "pointsMatured booking { reference }",
    "refundBooking": "pointsClawedBack pointsOwed pointsForgiven pointsReinstated",
    "earnForActivity": "pointsAwarded",
    "redeemReward": "redemption { id points }",
    "redeemOnBooking": "redemption { id points }",
    "confirmRedemption": "redemption { id }",
    "cancelRedemption": "redemption { id } pointsReinstated",
    "transferPoints": "pointsTransferred",
    "adjustPoints": "pointsAdjusted",
}
"""Selections of payloads: only figures that are the same whenever a request is repeated."""


@dataclass(eq=False, slots=True)
class Operation:
    """One mutation under its key, and its payload; None until it is answered."""

    name: str
    sent: dict[str, Any]
    payload: Payload | None = None

    @property
    def query(self) -> str:
        kind = f"{self.name[0].upper()}{self.name[1:]}Input"
        return (
            f"mutation($input: {kind}!) {{ {self.name}(input: $input) "
            f"{{ {SELECTIONS[self.name]} replayed errors {{ code message }} }} }}"
        )

    @property
    def done(self) -> bool:
        """Whether it was answered, and not refused."""
        return self.payload is not None and not self.payload["errors"]

    @property
    def met_others(self) -> bool:
        """Whether it was refused because others had what it needed, and is to be sent again."""
        errors = (self.payload or {}).get("errors", ())
        return "CONCURRENT_REQUEST" in [error["code"] for error in errors]

    @property
    def figures(self) -> Payload:
        answered = self.payload or {}
        return {name: answered[name] for name in answered if name not in ("replayed", "errors")}


@dataclass(slots=True)
class Redemption:
    member: str
    points: int
    held: bool
    lines: list[dict[str, str]] | None = None
    cancelled: bool = False


@dataclass(slots=True)
class Book:
    """The sums of a unit's answered mutations; points owed count as negative."""

    members: list[str] = field(default_factory=list)
    bookings: dict[str, str] = field(default_factory=dict)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    points: Counter[str] = field(default_factory=Counter)

    def add(self, operation: Operation) -> None:
        """Add one operation that was done; the order of operations does not matter."""
        _BOOKED[operation.name](self, operation.sent, operation.figures)

    def expected(self, member: str) -> tuple[int, int, int, int]:
        """Points, held points, bookings and redemptions of a member."""
        own = [one for one in self.redemptions.values() if one.member == member]
        spent = sum(one.points for one in own if not one.cancelled)
        held = sum(one.points for one in own if one.held and not one.cancelled)
        bookings = list(self.bookings.values()).count(member)
        return self.points[member] - spent, held, bookings, len(own)


def _enrolled(book: Book, _: Payload, figures: Payload) -> None:
    book.members.append(figures["member"]["reference"])


def _booked(book: Book, sent: Payload, figures: Payload) -> None:
    member = sent["member"]["reference"]
    book.bookings[sent["reference"]] = member
    book.points[member] += figures["pointsAwarded"]
    if "redemptionId" in sent:
        book.redemptions[sent["redemptionId"]].held = False


def _refunded(book: Book, sent: Payload, figures: Payload) -> None:
    change = figures["pointsReinstated"] - figures["pointsClawedBack"]
    book.points[book.bookings[sent["booking"]]] += change


def _acted(book: Book, sent: Payload, figures: Payload) -> None:
    book.points[sent["member"]["reference"]] += figures["pointsAwarded"]


def _redeemed(book: Book, sent: Payload, figures: Payload) -> None:
    made, member = figures["redemption"], sent["member"]["reference"]
    held = sent.get("hold", True)
    book.redemptions[made["id"]] = Redemption(member, made["points"], held, sent.get("lines"))


def _confirmed(book: Book, sent: Payload, _: Payload) -> None:
    book.redemptions[sent["redemption"]].held = False


def _cancelled(book: Book, sent: Payload, _: Payload) -> None:
    book.redemptions[sent["redemption"]].cancelled = True


def _transferred(book: Book, sent: Payload, figures: Payload) -> None:
    book.points[sent["from"]["reference"]] -= figures["pointsTransferred"]
    book.points[sent["to"]["reference"]] += figures["pointsTransferred"]


def _adjusted(book: Book, sent: Payload, figures: Payload) -> None:
    book.points[sent["member"]["reference"]] += figures["pointsAdjusted"]


_BOOKED: Mapping[str, Callable[[Book, Payload, Payload], None]] = {
    "enrolMember": _enrolled,
    "earnForBooking": _booked,
    "completeBooking": lambda *_: None,
    "refundBooking": _refunded,
    "earnForActivity": _acted,
    "redeemReward": _redeemed,
    "redeemOnBooking": _redeemed,
    "confirmRedemption": _confirmed,
    "cancelRedemption": _cancelled,
    "transferPoints": _transferred,
    "adjustPoints": _adjusted,
}


@dataclass(slots=True)
class Client:
    """Draws mutations about what the book knows, so that most can be done."""

    name: str
    book: Book
    chance: Random
    drawn: int = 0

    def draw(self) -> Operation:
        self.drawn += 1
        name = self.chance.choice(list(SELECTIONS))
        sent = _INPUTS[name](self)
        while sent is None:
            name = self.chance.choice(list(SELECTIONS))
            sent = _INPUTS[name](self)
        return Operation(name, {"idempotencyKey": self._name("key"), **sent})

    def _activity(self) -> Payload:
        kind = self.chance.choice(["partner_spend", "review", "share"])
        sent = {"member": self._member(), "type": kind, "reference": self._name("A")}
        if kind == "partner_spend":
            sent["attributes"] = {"amount": self.chance.randint(1, 3000)}
        return sent

    def _booking(self) -> Payload:
        """A booking; about half of them are paid in part with an open hold, if there is one."""
        sent = {"reference": self._name("B")}
        waiting = [
            (key, one) for key, one in self.book.redemptions.items() if one.lines and one.held
        ]
        if waiting and self.chance.random() < 0.5:
            key, offset = self.chance.choice(waiting)
            return {
                "member": {"reference": offset.member},
                "lines": offset.lines,
                "redemptionId": key,
                **sent,
            }
        return {"member": self._member(), "lines": self._lines(), **sent}

    def _lines(self) -> list[dict[str, str]]:
        return [
            {
                "product": self.chance.choice(["flight", "hotel", "train"]),
                "amount": f"{self.chance.randint(10, 2500)}.{self.chance.randint(0, 99):02}",
            }
            for _ in range(self.chance.randint(1, 3))
        ]

    def _part(self) -> Payload:
        """All that is left, or a small part of the first line."""
        if self.chance.random() < 0.5:
            return {}
        return {"lines": [{"line": 1, "amount": str(self.chance.randint(1, 9))}]}

    def _completion(self) -> Payload | None:
        known = list(self.book.bookings)
        return {"booking": self.chance.choice(known)} if known else None

    def _refund(self) -> Payload | None:
        completed = self._completion()
        return completed and {**completed, "reference": self._name("R"), **self._part()}

    def _of_redemption(self) -> Payload | None:
        known = list(self.book.redemptions)
        return {"redemption": self.chance.choice(known)} if known else None

    def _offset(self) -> Payload:
        points = 100 * self.chance.randint(1, 5)
        return {"member": self._member(), "points": points, "lines": self._lines()}

    def _transfer(self) -> Payload:
        points = self.chance.randint(1, 300)
        return {"from": self._member(), "to": self._member(), "points": points}

    def _correction(self) -> Payload:
        points = self.chance.choice([-40, 70, 500])
        return {"member": self._member(), "points": points, "reason": "goodwill"}

    def _newcomer(self) -> Payload:
        return {"reference": self._name("M")}

    def _reward(self) -> Payload:
        code = self.chance.choice(["coupon_10", "seat_choice", "coupon_open", "lounge"])
        sent = {"member": self._member(), "reward": code, "hold": self.chance.random() < 0.5}
        if code == "coupon_open":
            sent["points"] = 100 * self.chance.randint(1, 4)
        return sent

    def _member(self) -> Payload:
        return {"reference": self.chance.choice(self.book.members)}

    def _name(self, kind: str) -> str:
        return f"{kind}-{self.name}-{self.drawn}"


_INPUTS: Mapping[str, Callable[[Client], Payload | None]] = {
    "enrolMember": Client._newcomer,
    "earnForBooking": Client._booking,
    "completeBooking": Client._completion,
    "refundBooking": Client._refund,
    "earnForActivity": Client._activity,
    "redeemReward": Client._reward,
    "redeemOnBooking": Client._offset,
    "confirmRedemption": Client._of_redemption,
    "cancelRedemption": Client._of_redemption,
    "transferPoints": Client._transfer,
    "adjustPoints": Client._correction,
}
"""The input of each mutation; None while there is nothing that it could be about."""
