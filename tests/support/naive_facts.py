"""A member's facts as rows, as they were after each fact: the input of a second computation.

Ids are in the order in which rows were made, so the rows with ids through one of them are those
that were written by then. It shares no code with the product.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from tests.support.naive_asking import Sold
from tests.support.naive_counts import Counted

Row = Mapping[str, Any]
Tables = Mapping[str, list[Row]]

FACT_OF = {
    "booking": "id",
    "booking_line": "fact_id",
    "amendment": "id",
    "amendment_line": "amendment_id",
    "refund": "id",
    "refund_line": "refund_id",
    "completion": "fact_id",
    "activity": "id",
    "activity_reversal": "id",
    "redemption": "id",
    "tier_change": "id",
}
"""The column that names the fact with which a row was written."""

STANDING = ("CONFIRMED", "SHIPPED", "FULFILLED")
RISES = ("qualified", "policy")
REFUNDED = "refund"


@dataclass(frozen=True, slots=True)
class Deed:
    """A fact as steps of missions match it, with its lines after refunds."""

    fact: str
    id: UUID
    at: datetime
    recorded_at: datetime
    type: str | None = None
    lines: tuple[Sold, ...] = ()
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One fact that is to be judged: `start` is the first id that was written with it.

    For a referral, `own` has its side, its friend, whether it is paid for, and its terms' number.
    """

    start: UUID
    id: UUID
    at: datetime
    own: tuple[str, UUID, bool, int] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one member, by table; `tier` is its account's, `friends` has each referral's state."""

    tables: Tables
    friends: Mapping[UUID, Row] = field(default_factory=dict)
    tier: str = ""

    def table(self, name: str) -> list[Row]:
        return self.tables.get(name, [])

    def through(self, key: UUID, before: "Facts") -> "Facts":
        """What was known once rows through this id were written, with all that were `before`."""
        tables = {}
        for name, found in self.tables.items():
            column = FACT_OF[name]
            old = {row["id"] for row in before.table(name)}
            tables[name] = [row for row in found if row["id"] in old or row[column] <= key]
        return Facts(tables, self.friends, self.tier)

    def besides(self, fact: UUID) -> "Facts":
        """All that was known except the fact that is being judged."""
        calls = {row["fact_id"] for row in self.table("completion") if row["id"] == fact}
        tables = {
            name: [
                row
                for row in found
                if fact not in (row["id"], row.get("booking_id"))
                and row.get("fact_id") not in calls
            ]
            for name, found in self.tables.items()
            if name != "tier_change"
        }
        friends = {key: one for key, one in self.friends.items() if key != fact}
        return Facts(tables, friends, self.tier)

    def lines(self) -> list[Row]:
        """Every line of every booking, after amendments and refunds."""
        bookings = {one["id"]: one for one in self.table("booking")}
        ends = {(one["booking_id"], one["line_number"]): one for one in self.table("completion")}
        return [
            self._line(line, bookings[line["booking_id"]], ends)
            for line in self.table("booking_line")
        ]

    def _line(self, line: Row, booking: Row, ends: Mapping[Any, Row]) -> Row:
        place = line["booking_id"], line["number"]
        versions = [one for one in self.table("amendment_line") if _place(one) == place]
        versions.sort(key=lambda one: one["version"])
        now = versions[-1] if versions else line
        back = [one for one in self.table("refund_line") if _place(one) == place]
        most = max(one["amount_minor"] for one in (line, *versions))
        end = ends.get(place)
        return {
            "booking": booking["id"],
            "number": line["number"],
            "booked_at": booking["booked_at"],
            "recorded_at": booking["recorded_at"],
            "method": booking["payment_method"],
            "guest": booking["guest"],
            "product": now["product"],
            "attributes": now["attributes"],
            "gross": now["amount_minor"],
            "cash": now["cash_minor"],
            "travel_from": now["travel_from"],
            "travel_to": now["travel_to"],
            "gross_back": sum(one["gross_minor"] for one in back),
            "cash_back": sum(one["cash_minor"] for one in back),
            "completed_at": end and end["completed_at"],
            "completion": end and end["id"],
            "completion_recorded_at": end and end["recorded_at"],
            "call": end and (end["completed_at"], end["recorded_at"]),
            "dropped": now["amount_minor"] == 0 < most,
        }

    def activities(self) -> list[Row]:
        """Reported activities within their limit, without those that staff reversed."""
        gone = {one["activity_id"] for one in self.table("activity_reversal")}
        return [
            one
            for one in self.table("activity")
            if one["within_limit"] and one["reporter"] != "system" and one["id"] not in gone
        ]

    def redeemed(self) -> list[Row]:
        """Redemptions in force that the member spent points on."""
        return [
            one
            for one in self.table("redemption")
            if one["status"] in STANDING and one["activity_id"] is None
        ]

    def counted(self) -> Counted:
        friends = list(self.friends.values())
        return Counted(self.lines(), self.activities(), self.redeemed(), friends)

    def deeds(self) -> Iterator[Deed]:
        by_booking: dict[UUID, list[Row]] = {}
        for line in self.lines():
            if not line["guest"] and line["gross"] > line["gross_back"]:
                by_booking.setdefault(line["booking"], []).append(line)
        for own in by_booking.values():
            own.sort(key=lambda line: line["number"])
            first, calls = own[0], dict[Any, list[Row]]()
            named = _named(first, "booking", "booked_at", "recorded_at")
            yield Deed("booking", *named, None, *_sold(own))
            for line in own:
                if line["call"]:
                    calls.setdefault(line["call"], []).append(line)
            for done in calls.values():
                named = _named(done[0], "completion", "completed_at", "completion_recorded_at")
                yield Deed("completion", *named, None, *_sold(done))
        for one in self.activities():
            yield Deed("activity", *_named(one, "id", "occurred_at", "recorded_at"), one["type"])
        for one in self.redeemed():
            yield Deed("redemption", *_named(one, "id", "created_at", "created_at"), one["code"])

    def tier_at(self, instant: datetime, *, unmoved: "Facts | None" = None) -> str:
        """The tier at an instant: the last recorded of those that are effective by then.

        A fact does not see the change that it caused itself: of changes since `unmoved`, only
        those before the first one that a fact caused count.
        """
        changes = [one for one in self.table("tier_change") if one["from_tier"] != one["to_tier"]]
        tier: str = changes[0]["from_tier"] if changes else self.tier
        old = {one["id"] for one in (unmoved or self).table("tier_change")}
        for one in changes:
            if one["id"] not in old and one["reason"] in (*RISES, REFUNDED):
                break
            if one["effective_at"] <= instant:
                tier = one["to_tier"]
        return tier

    def tier_of(self, deed: Deed) -> str:
        """The tier at a deed, whenever this is asked: of changes recorded after it, neither those
        that facts caused nor those effective after its recording count.
        """
        changes = [one for one in self.table("tier_change") if one["from_tier"] != one["to_tier"]]
        tier: str = changes[0]["from_tier"] if changes else self.tier
        for one in changes:
            brought = one["reason"] in (*RISES, REFUNDED)
            later = brought or one["effective_at"] > deed.recorded_at
            if one["effective_at"] <= deed.at and not (one["id"] > deed.id and later):
                tier = one["to_tier"]
        return tier


def _place(row: Row) -> tuple[UUID, int]:
    return row["booking_id"], row["line_number"]


def _named(line: Row, fact: str, at: str, recorded_at: str) -> tuple[UUID, datetime, datetime]:
    return line[fact], line[at], line[recorded_at]


def _sold(lines: list[Row]) -> tuple[tuple[Sold, ...], str | None]:
    sold = tuple(
        Sold(
            line["product"],
            line["cash"] - line["cash_back"],
            orjson.loads(line["attributes"] or "{}") or {},
            line["travel_from"],
            line["travel_to"],
        )
        for line in lines
    )
    return sold, lines[0]["method"]


def events(before: Facts, after: Facts, now: datetime) -> list[Event]:
    """The facts that were written between the two, in the order of their ids."""
    found = [
        Event(one["id"], one["id"], one[at])
        for name, at in (
            ("booking", "booked_at"),
            ("refund", "refunded_at"),
            ("amendment", "amended_at"),
            ("activity", "occurred_at"),
        )
        for one in _new(before, after, name)
        if one.get("reporter") != "system"
    ]
    calls: dict[UUID, Event] = {}
    for one in sorted(_new(before, after, "completion"), key=lambda one: one["id"]):
        calls.setdefault(one["fact_id"], Event(one["id"], one["id"], one["completed_at"]))
    found += calls.values()
    found += [
        Event(one["id"], one["activity_id"], one["recorded_at"])
        for one in _new(before, after, "activity_reversal")
        if one["reason"] is not None
    ]
    found += _of_redemptions(before, after, now)
    return sorted(found, key=lambda event: event.start)


def _of_redemptions(before: Facts, after: Facts, now: datetime) -> Iterator[Event]:
    """Redemptions made or confirmed for a reward, or cancelled, unless they pay a new booking."""
    paying = {one["redemption_id"] for one in _new(before, after, "booking")}
    old = {one["id"]: one["status"] for one in before.table("redemption")}
    for one in after.table("redemption"):
        was, now_is = old.get(one["id"]), one["status"]
        given = one["actor"] == "system" and was is None
        if was == now_is or given or one["id"] in paying:
            continue
        ended = now_is == "CANCELLED" and was is not None
        spent = was in (None, "HELD") and now_is in (*STANDING, "HELD")
        if ended or (spent and one["reward_id"] is not None):
            yield Event(one["id"] if was is None else _last(after), one["id"], now)


def _last(after: Facts) -> UUID:
    """The highest id of all: a change of an old row counts as written after every row."""
    last: UUID = max(row["id"] for found in after.tables.values() for row in found)
    return last


def _new(before: Facts, after: Facts, name: str) -> list[Row]:
    old = {one["id"] for one in before.table(name)}
    return [one for one in after.table(name) if one["id"] not in old]
