"""Figures of a booking, line by line, as it is made, refunded and amended. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.kernel.database import Row
from domain.kernel.spreading import spread_whole

MIXED = "mixed"
"""The product or city of a booking whose lines have several."""

ProductAndCity = tuple[str | None, str | None]
"""Product and city."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a booking's figures, learned at an instant: money in minor units, points."""

    known_at: datetime
    product: str | None
    city: str | None
    bookings: int = 0
    cash: int = 0
    granted: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    """A line after its last change, in full, before refunds."""

    product: str
    city: str | None
    amount: int
    cash: int
    points: int

    @property
    def product_and_city(self) -> ProductAndCity:
        return self.product, self.city


_Lines = dict[int, _Line]


def of_booking(booking: Row, own: Mapping[str, Sequence[Row]]) -> Iterator[Step]:
    """Each step of a booking in the order of recording; `own` are its rows by table.

    It counts once, except while a price that was above zero is refunded in full.
    """
    awards = own["award"]
    lines = {
        line["number"]: _line(line) for line in own["booking_line"] if line["amendment_id"] is None
    }
    made = _granted(one for one in awards if not one["refund_id"] and not one["amendment_id"])
    at = booking["recorded_at"]
    shares = _spread(made, {number: line.points for number, line in lines.items()}, lines)
    for number, line in lines.items():
        yield Step(at, *line.product_and_city, cash=line.cash, granted=shares[number])
    counted = _product_and_city(lines)
    yield Step(at, *counted, bookings=1)
    stands, refunded = True, 0
    for change in sorted((*own["refund"], *own["amendment"]), key=lambda one: one["id"]):
        left, at = _amount(lines) - refunded, change["recorded_at"]
        if "refunded_at" in change:
            parts = [one for one in own["refund_line"] if one["refund_id"] == change["id"]]
            refunded += sum(part["gross_minor"] for part in parts)
            lost = _granted(one for one in awards if one["refund_id"] == change["id"])
            yield from _refunded(at, parts, lines, lost)
        else:
            after = dict(lines) | {
                one["line_number"]: _line(one)
                for one in own["amendment_line"]
                if one["amendment_id"] == change["id"]
            }
            moved = _granted(one for one in awards if one["amendment_id"] == change["id"])
            yield from _amended(at, lines, after, moved)
            lines = after
        now = _amount(lines) - refunded
        if stands and left > 0 and now <= 0:
            stands = False
            yield Step(at, *counted, bookings=-1)
        elif not stands and now > 0:
            stands, counted = True, _product_and_city(lines)
            yield Step(at, *counted, bookings=1)


def _line(row: Row) -> _Line:
    return _Line(row["product"], row["city"], row["amount_minor"], row["cash_minor"], row["points"])


def _granted(awards: Iterator[Row]) -> int:
    return sum(award["points"] for award in awards)


def _amount(lines: _Lines) -> int:
    return sum(line.amount for line in lines.values())


def _product_and_city(lines: _Lines) -> ProductAndCity:
    """The product and city of all lines, `MIXED` where they differ."""
    products, cities = ({line.product_and_city[n] for line in lines.values()} for n in (0, 1))
    return _one(products), _one(cities)


def _one(found: set[str | None]) -> str | None:
    return MIXED if len(found) > 1 else next(iter(found), None)


def _refunded(at: datetime, parts: Sequence[Row], lines: _Lines, lost: int) -> Iterator[Step]:
    """Points that a refund took, split over its lines by their refunded amounts; if none was
    refunded, as when staff rejected the booking, over all lines by their prices.
    """
    if lost and not parts:
        for number, share in _spread(lost, {}, lines).items():
            yield Step(at, *lines[number].product_and_city, granted=share)
    shares = _spread(lost, {}, {part["line_number"]: part["gross_minor"] for part in parts})
    for part in parts:
        line = lines[part["line_number"]]
        yield Step(
            at,
            *line.product_and_city,
            cash=-part["cash_minor"],
            granted=shares[part["line_number"]],
        )


def _amended(at: datetime, before: _Lines, after: _Lines, moved: int) -> Iterator[Step]:
    """New less old points by line; points beyond those of the lines are split by the lines' new
    prices.
    """
    said = {
        number: line.points - (before[number].points if number in before else 0)
        for number, line in after.items()
    }
    shares = _spread(moved, said, after)
    for number, line in after.items():
        old = before.get(number)
        if old is None or old.product_and_city == line.product_and_city:
            cash = line.cash - (old.cash if old else 0)
            yield Step(at, *line.product_and_city, cash=cash, granted=shares[number])
        else:
            yield Step(at, *old.product_and_city, cash=-old.cash, granted=-old.points)
            granted = shares[number] + old.points
            yield Step(at, *line.product_and_city, cash=line.cash, granted=granted)


def _spread(
    total: int, said: Mapping[int, int], lines: Mapping[int, _Line] | Mapping[int, int]
) -> dict[int, int]:
    """Points by line: those of each line, and the rest of the total split by the lines' prices."""
    rest = total - sum(said.values())
    weights = {
        number: line if isinstance(line, int) else line.amount for number, line in lines.items()
    }
    spread = spread_whole(abs(rest), weights)
    sign = 1 if rest > 0 else -1
    return {number: said.get(number, 0) + sign * share for number, share in spread.items()}
