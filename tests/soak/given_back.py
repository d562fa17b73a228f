"""Check that bookings of which nothing is left returned all that was paid, and no more."""

from collections.abc import Iterable
from uuid import UUID

from domain.kernel.database import rows

_ENDED = """
SELECT b.id, b.reference,
    b.cash_minor + coalesce((SELECT sum(a.cash_change_minor) FROM amendment a
        WHERE a.member_id = b.member_id AND a.booking_id = b.id), 0)::bigint AS cash,
    coalesce((SELECT sum(r.cash_minor) FROM refund r
        WHERE r.member_id = b.member_id AND r.booking_id = b.id), 0)::bigint AS cash_back,
    coalesce((SELECT p.points FROM redemption p WHERE p.id = b.redemption_id), 0) AS points,
    (coalesce((SELECT sum(r.points_reinstated) FROM refund r
        WHERE r.member_id = b.member_id AND r.booking_id = b.id), 0)
     + coalesce((SELECT sum(a.points_reinstated) FROM amendment a
        WHERE a.member_id = b.member_id AND a.booking_id = b.id), 0))::bigint AS points_back,
    b.coupon_minor > 0 AS with_coupon,
    EXISTS (SELECT FROM coupon_code c WHERE c.booking_id = b.id) AS coupon_used
FROM booking b WHERE b.member_id = ANY($1::uuid[]) AND b.total_minor > 0
    AND (SELECT sum(coalesce(v.amount_minor, l.amount_minor)) FROM booking_line l
        LEFT JOIN LATERAL (SELECT v.amount_minor FROM amendment_line v
            WHERE v.member_id = l.member_id AND v.booking_id = l.booking_id
            AND v.line_number = l.number ORDER BY v.version DESC LIMIT 1) v ON true
        WHERE l.member_id = b.member_id AND l.booking_id = b.id)
    = coalesce((SELECT sum(r.gross_minor) FROM refund_line r
        WHERE r.member_id = b.member_id AND r.booking_id = b.id), 0)
ORDER BY b.id
"""


async def prove(members: Iterable[UUID]) -> tuple[int, int]:
    """Assert that each returned exactly its cash, points and coupon; how many, and with coupons."""
    ended = await rows(_ENDED, list(members))
    for one in ended:
        assert one["cash_back"] == one["cash"], f"cash: {one}"
        assert one["points_back"] == one["points"], f"points: {one}"
        assert not one["coupon_used"], f"coupon: {one}"
    return len(ended), sum(one["with_coupon"] for one in ended)
