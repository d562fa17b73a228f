"""The lines of a booking: as a booking system reports them, and as rules read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.earning.values import Line
from domain.kernel import money
from domain.kernel.inputs import check_day, check_object
from domain.kernel.refusals import InvalidInput
from domain.programmes.policy import Policy

LINES_MAX = 100


@dataclass(frozen=True, slots=True)
class LineSent:
    """One line as reported; `amount` in the currency's units."""

    product: str
    amount: Decimal
    travel_from: date | None = None
    travel_to: date | None = None
    attributes: Mapping[str, Any] | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "product": self.product,
            "amount": self.amount,
            "travel_from": self.travel_from,
            "travel_to": self.travel_to,
            "attributes": self.attributes,
        }


def check(policy: Policy, sent: Sequence[LineSent]) -> list[Line]:
    """The lines as rules read them, amounts in minor units. Raises: InvalidInput."""
    if not sent:
        raise InvalidInput("no_lines", allowed=(str(LINES_MAX),), path=("lines",))
    if len(sent) > LINES_MAX:
        raise InvalidInput("too_many_lines", str(len(sent)), (str(LINES_MAX),), path=("lines",))
    return [_check_line(policy, index, line) for index, line in enumerate(sent)]


def nights(policy: Policy, sent: Sequence[LineSent]) -> int:
    """Nights of the products that the policy counts by nights."""
    return sum(
        (line.travel_to - line.travel_from).days
        for line in sent
        if line.product in policy.tiers.night_products and line.travel_from and line.travel_to
    )


def _check_line(policy: Policy, index: int, line: LineSent) -> Line:
    path = ("lines", str(index))
    if line.product not in policy.products:
        products = tuple(policy.products)
        raise InvalidInput("unknown_product", line.product[:64], products, path=(*path, "product"))
    minor = money.to_minor_units(line.amount, policy.currency, path=(*path, "amount"))
    for name, day in (("travelFrom", line.travel_from), ("travelTo", line.travel_to)):
        if day is not None:
            check_day(day, (*path, name))
    if line.travel_from and line.travel_to and line.travel_to < line.travel_from:
        ends, begins = str(line.travel_to), (str(line.travel_from),)
        raise InvalidInput("travel_dates", ends, begins, path=(*path, "travelTo"))
    attributes = check_object(line.attributes or {}, (*path, "attributes"))
    for name, value in attributes.items():
        _check_attribute(policy, name, value, (*path, "attributes", name[:64]))
    return Line(
        index + 1,
        line.product,
        minor,
        attributes,
        travel_from=line.travel_from,
        travel_to=line.travel_to,
    )


def _check_attribute(policy: Policy, name: str, value: object, path: tuple[str, ...]) -> None:
    kind = policy.attributes.get(name)
    if kind is None:
        known = tuple(policy.attributes)
        raise InvalidInput("unknown_attribute", name[:64], known, path=path)
    wanted = {"boolean": bool, "text": str, "number": int}[kind]
    if not isinstance(value, wanted) or (kind == "number" and isinstance(value, bool)):
        raise InvalidInput("attribute_type", name, (kind,), path=path)
