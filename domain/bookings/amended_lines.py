"""Lines of bookings as the last amendment left them, for statements that read lines."""

AMENDED_COLUMNS = (
    "product",
    "attributes",
    "amount_minor",
    "cash_minor",
    "travel_from",
    "travel_to",
    "points",
)
AMENDED = ", ".join(
    f"CASE WHEN now.product IS NULL THEN l.{name} ELSE now.{name} END AS {name}"
    for name in AMENDED_COLUMNS
)
"""A line's columns as they are since its last amendment."""


def as_amended(whose: str = "") -> str:
    """Joins what the last amendment made of each `booking_line l`, as `now`: nulls where there
    was none. `whose` says which members' lines are read, as `= $1`; without it, anybody's.
    """
    return (
        "LEFT JOIN LATERAL (SELECT v.product, v.attributes, v.amount_minor, v.cash_minor, "
        "v.travel_from, v.travel_to, v.points FROM amendment_line v "
        f"WHERE v.member_id = l.member_id {whose and f'AND v.member_id {whose}'} "
        "AND v.booking_id = l.booking_id AND v.line_number = l.number "
        "ORDER BY v.version DESC LIMIT 1) now ON true"
    )
