"""Documents in which points may pay shares of a booking."""

from typing import Any

from tests.support import factories as make

SEASONS = [
    {"code": "peak", "name": make.WORDS, "spans": [{"from": "2026-07-01", "through": "2026-08-31"}]}
]


def sharing(*shares: dict[str, Any], step: int = 1, minimum: int = 1, worth: int = 1) -> Any:
    """A document in which points may pay these shares; `worth` points are CNY 1."""
    return make.shipped_document(
        points={"worth": {"points": worth, "money": 1}, "available": "at_payment"},
        offset={"step": step, "minimum": minimum, "shares": list(shares)},
        seasons=SEASONS,
        redemption_rates=[],
    )
