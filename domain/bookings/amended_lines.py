"""Lines of bookings as the last amendment left them, and the price reductions by amendments."""

from collections.abc import Iterable

from domain.kernel.database import Row
from domain.kernel.values import value

AMENDED_COLUMNS = (
    "product",
    "attributes",
    "amount_minor",
    "cash_minor",
    "coupon_minor",
    "travel_from",
    "travel_to",
    "points",
)
AMENDED = ", ".join(
    f"CASE WHEN now.product IS NULL THEN l.{name} ELSE now.{name} END AS {name}"
    for name in AMENDED_COLUMNS
)
"""A line's columns after its last amendment."""


def as_amended(whose: str = "") -> str:
    """SQL that joins the state of each `booking_line l` after its last amendment, as `now`: nulls
    where there was none. `whose` is a condition on the members, such as `= $1`; without it, lines
    of all members are read.
    """
    return (
        "LEFT JOIN LATERAL (SELECT v.product, v.attributes, v.amount_minor, v.cash_minor, "
        "v.coupon_minor, v.travel_from, v.travel_to, v.points FROM amendment_line v "
        f"WHERE v.member_id = l.member_id {whose and f'AND v.member_id {whose}'} "
        "AND v.booking_id = l.booking_id AND v.line_number = l.number "
        "ORDER BY v.version DESC LIMIT 1) now ON true"
    )


@value(frozen=True, slots=True)
class PriceReduction:
    """Reduction of a line's price by amendments since one last raised it, after its coupon, in cash
    and in points that paid.
    """

    net_minor: int = 0
    cash_minor: int = 0
    points: int = 0


def lowered(net_minor: int, cash_minor: int, changes: Iterable[Row]) -> PriceReduction:
    """Reduction of a line with this first price, after its coupon, since it was last raised."""
    off = PriceReduction()
    for change in changes:
        net = change["amount_minor"] - change["coupon_minor"]
        if net > net_minor:
            off = PriceReduction()
        else:
            off = PriceReduction(
                off.net_minor + net_minor - net,
                off.cash_minor + cash_minor - change["cash_minor"],
                off.points + change["points_returned"],
            )
        net_minor, cash_minor = net, change["cash_minor"]
    return off
