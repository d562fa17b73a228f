"""Coupons on bookings: the discount of a use is the sum over its lines, and each code is used
once.
"""

from collections.abc import Iterator
from uuid import UUID

from domain.kernel.database import Row, rows
from domain.proof import amendment_checks
from domain.proof.evidence import Fault, MemberRows


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every fault between one member's bookings and the coupons used on them."""
    uses = {use["booking_id"]: use for use in rows.tables["coupon_use"] if use["use_id"] is None}
    amendments = amendment_checks.in_order(rows)
    for booking in rows.tables["booking"]:
        use = uses.get(booking["id"])
        first = {"coupon_minor": use["discount_minor"] if use else 0}
        yield from rows.differences("booking", booking, first, "what its coupon took off")
        most = first["coupon_minor"]
        for amendment in amendments.get(booking["id"], ()):
            if amendment["coupon_minor"] > most:
                wanted = f"{most} or less, what its coupon took off at first"
                found = amendment["coupon_minor"]
                yield rows.fault("amendment", amendment, "coupon_minor", found, wanted)
    by_id = {use["id"]: use for use in rows.tables["coupon_use"]}
    for back in rows.tables["coupon_use"]:
        if back["use_id"] is not None:
            yield from _given_back(rows, back, by_id)


def _given_back(rows: MemberRows, back: Row, uses: dict[UUID, Row]) -> Iterator[Fault]:
    """A returned coupon is the one of the same booking, returned when the booking lost all that it
    was used for.
    """
    use = uses.get(back["use_id"])
    same = ("booking_id", "coupon_id", "coupon_member_id", "discount_minor")
    expected = {name: use[name] for name in same} if use else {"use_id": "a use of a coupon"}
    yield from rows.differences("coupon_use", back, expected, "as it was used")


_USES = """
SELECT c.id, c.booking_id, count(u.id) AS uses
FROM coupon_code c LEFT JOIN coupon_use u ON u.member_id = c.booking_member_id
    AND u.coupon_id = c.id AND u.booking_id = c.booking_id AND u.use_id IS NULL
    AND NOT EXISTS (SELECT FROM coupon_use x WHERE x.member_id = u.member_id AND x.use_id = u.id)
WHERE c.booking_id IS NOT NULL GROUP BY c.id, c.booking_id HAVING count(u.id) <> 1
UNION ALL
SELECT u.coupon_id, u.booking_id, 0 FROM coupon_use u
WHERE u.use_id IS NULL
    AND NOT EXISTS (SELECT FROM coupon_use x WHERE x.member_id = u.member_id AND x.use_id = u.id)
    AND NOT EXISTS (SELECT FROM coupon_code c WHERE c.id = u.coupon_id AND c.status = 'USED'
        AND c.booking_member_id = u.member_id AND c.booking_id = u.booking_id)
ORDER BY 1, 2
"""
"""One statement, so that it sees every write whole or not at all."""


async def once() -> list[Fault]:
    """Every code that is not used by exactly the one booking that both it and its use name."""
    return [
        Fault(
            "coupon_code",
            found["id"],
            None,
            "its booking",
            str(found["booking_id"]),
            "the one booking that uses it",
        )
        for found in await rows(_USES)
    ]
