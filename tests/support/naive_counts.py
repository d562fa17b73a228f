"""A policy's counts of a member, computed a second time from the rows of its facts.

It shares no code with the product. A line is a mapping: `booking`, `booked_at`, `guest`, `product`,
`attributes`, `gross` and `cash` as bought, `gross_back` and `cash_back` as refunded, the days of
travel, `completed_at`, and whether it was `dropped`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

Row = Mapping[str, Any]

CHARACTERS = {"day": 10, "month": 7, "year": 4}
"""How many characters of a local day in ISO form name its period."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Facts of a member that counts use: redemptions in force, and each friend's latest version.

    Activities are those within their limit that staff did not reverse.
    """

    lines: Sequence[Row]
    activities: Sequence[Row]
    redeemed: Sequence[Row]
    friends: Sequence[Row]

    def number(self, count: Row, at: datetime, zone: ZoneInfo, *, whole: bool = False) -> int:
        """One count at an instant; with `whole`, also what is later in the same window."""
        return sum(
            number
            for when, number in self._dated(count)
            if in_window(count, when, at, zone, whole=whole)
        )

    def _dated(self, count: Row) -> list[tuple[datetime, int]]:
        of = count["of"]
        if of == "activities":
            return [
                (one["occurred_at"], 1)
                for one in self.activities
                if "types" not in count or one["type"] in count["types"]
            ]
        if of == "redemptions":
            return [
                (one["created_at"], 1)
                for one in self.redeemed
                if "rewards" not in count or one["code"] in count["rewards"]
            ]
        if of == "referrals":
            return [(one["fact_at"], 1) for one in self.friends if one["status"] == "QUALIFIED"]
        return _of_bookings(count, [line for line in self.lines if not line["guest"]])


def in_window(
    count: Row, when: datetime, at: datetime, zone: ZoneInfo, *, whole: bool = False
) -> bool:
    if "days" not in count and "per" not in count:
        return True
    day, today = when.astimezone(zone).date(), at.astimezone(zone).date()
    if when > at and not whole:
        return False
    if "days" in count:
        return today - timedelta(days=count["days"]) < day <= today
    return period(day, count["per"]) == period(today, count["per"])


def period(day: date, per: str) -> str:
    return day.isoformat()[: CHARACTERS[per]]


def _of_bookings(count: Row, lines: Sequence[Row]) -> list[tuple[datetime, int]]:
    """The instant and the amount of what each booking adds."""
    by_booking = defaultdict(list)
    for line in lines:
        by_booking[line["booking"]].append(line)
    found = []
    for own in by_booking.values():
        matching = [line for line in own if _matches(count, line)]
        bought = [line for line in matching if line["gross"] > line["gross_back"]]
        booked_at = own[0]["booked_at"]
        if count["of"] == "bookings" and bought:
            found.append((booked_at, 1))
        if count["of"] == "spend":
            found.append((booked_at, sum(line["cash"] - line["cash_back"] for line in matching)))
        if count["of"] == "nights" and any(line["gross"] > line["gross_back"] for line in own):
            found.append((booked_at, sum(_nights(line) for line in matching if _counts(line))))
        if count["of"] == "completed_bookings" and bought:
            ends = [line["completed_at"] for line in own if _counts(line)]
            if None not in ends:
                found.append((max(ends), 1))
    return found


def _counts(line: Row) -> bool:
    """Whether part of the line is not refunded, or the line never cost anything."""
    free = not line["gross"] and not line["gross_back"] and not line["dropped"]
    return free or bool(line["gross"] > line["gross_back"])


def _nights(line: Row) -> int:
    first: date | None = line["travel_from"]
    last: date | None = line["travel_to"]
    return (last - first).days if first and last else 0


def _matches(count: Row, line: Row) -> bool:
    attributes = orjson.loads(line["attributes"] or "{}") or {}
    if "products" in count and line["product"] not in count["products"]:
        return False
    for key, wanted in count.get("attributes", {}).items():
        found = attributes.get(key)
        if isinstance(wanted, dict):
            if type(found) is not int or not (
                wanted.get("min", found) <= found <= wanted.get("max", found)
            ):
                return False
        elif type(found) is not type(wanted) or found != wanted:
            return False
    return True
