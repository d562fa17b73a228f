"""Lines of bookings as the last amendment left them, for statements that read lines."""

AS_AMENDED = """
LEFT JOIN LATERAL (SELECT v.product, v.attributes, v.amount_minor, v.cash_minor, v.travel_from,
        v.travel_to, v.points
    FROM amendment_line v WHERE v.member_id = l.member_id AND v.booking_id = l.booking_id
    AND v.line_number = l.number ORDER BY v.version DESC LIMIT 1) now ON true
"""
"""Joins what the last amendment made of each `booking_line l`, as `now`: nulls where there
was none.
"""

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
