"""The hot operations: what clients ask most, as documents, and what each may cost.

Both contenders are asked the same. `make test` asserts the statements that these documents take
(`tests/api/test_hot_statements.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PRODUCTS = ("flight", "hotel", "train", "car", "ticket")


@dataclass(frozen=True, slots=True)
class Goal:
    """`statements` at most, and the limit's CPU time by Milepost's: what it must be, and the goal.

    Statements of reads are counted without BEGIN and COMMIT, those of writes with them.
    """

    statements: int
    must: float
    goal: float


@dataclass(frozen=True, slots=True)
class Operation:
    """One document. `path` is where the limit answers it; `by` is who asks."""

    name: str
    title: str
    document: str
    path: str
    by: str
    goal: Goal
    lines: int = 1

    @property
    def writes(self) -> bool:
        return self.document.lstrip().startswith("mutation")

    @property
    def key(self) -> str:
        """The field of `data` that the answer stands in."""
        return self.path.strip("/")


DASHBOARD = """query {
  me {
    name
    standing { tier { code name } progress { current required next { code } text } }
    balance { available pending held owed worth { amount currency } }
    ledger(first: 20) {
      edges {
        node { kind points availableAfter expiresOn description explanation { points text } }
      }
    }
  }
}"""

PLAIN_DASHBOARD = """query {
  me {
    name
    standing { tier { code } progress { current required next { code } } }
    balance { available pending held owed worth { amount currency } }
    ledger(first: 20) { edges { node { kind points availableAfter expiresOn } } }
  }
}"""

LEDGER = """query($first: Int!, $after: String) {
  me {
    ledger(first: $first, after: $after) {
      pageInfo { hasNextPage endCursor }
      edges {
        cursor
        node { id sequence kind from to points availableAfter effectiveAt recorded expiresOn }
      }
    }
  }
}"""

CATALOGUE = """query($first: Int!) {
  rewards(first: $first) {
    pageInfo { hasNextPage endCursor }
    edges { node { code kind name points worth { amount currency } remaining affordable } }
  }
}"""

QUOTE = """query($input: QuoteEarningInput!) {
  quoteEarning(input: $input) {
    points
    lines { line product points }
    explanation { code points text }
    expiresOn
    errors { code message }
  }
}"""

EARN = """mutation($input: EarnForBookingInput!) {
  earnForBooking(input: $input) {
    pointsAwarded
    booking { reference status netPoints }
    awards { rule points }
    balance { available pending held owed }
    replayed
    errors { code message }
  }
}"""

REDEEM = """mutation($input: RedeemRewardInput!) {
  redeemReward(input: $input) {
    redemption { status points codes }
    balance { available pending held owed }
    replayed
    errors { code message }
  }
}"""

REFUND = """mutation($input: RefundBookingInput!) {
  refundBooking(input: $input) {
    pointsClawedBack
    pointsOwed
    cashRefund { amount currency }
    balance { available pending held owed }
    replayed
    errors { code message }
  }
}"""

READ = Goal(2, 0.3, 0.5)
WRITE = Goal(9, 0.4, 0.6)

OPERATIONS: Sequence[Operation] = (
    Operation("dashboard", "dashboard", DASHBOARD, "/dashboard", "member", READ),
    Operation(
        "dashboard-plain",
        "dashboard without worded texts",
        PLAIN_DASHBOARD,
        "/dashboard-plain",
        "member",
        READ,
    ),
    Operation("ledger", "ledger page of 50", LEDGER, "/ledger", "frequent", Goal(1, 0.3, 0.5)),
    Operation("catalogue", "catalogue page of 20", CATALOGUE, "/rewards", "member", READ),
    Operation(
        "quote", "quoteEarning, one line", QUOTE, "/quoteEarning", "member", Goal(1, 0.25, 0.4)
    ),
    Operation(
        "quote-5",
        "quoteEarning, five lines",
        QUOTE,
        "/quoteEarning",
        "member",
        Goal(1, 0.25, 0.4),
        5,
    ),
    Operation("earn", "earnForBooking, one line", EARN, "/earnForBooking", "partner", WRITE),
    Operation("earn-5", "earnForBooking, five lines", EARN, "/earnForBooking", "partner", WRITE, 5),
    Operation("redeem", "redeemReward, coupon", REDEEM, "/redeemReward", "partner", WRITE),
    Operation("refund", "refundBooking", REFUND, "/refundBooking", "partner", Goal(11, 0.3, 0.5)),
)

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}

COUPON, COUPON_POINTS = "coupon_10", 1000
"""The reward that is redeemed: CNY 10 for so many points, its code made at once."""

LEDGER_PAGE, CATALOGUE_PAGE = 50, 20


def lines(count: int, cents: int) -> list[dict[str, Any]]:
    """So many lines of different products, a little dearer one after the other."""
    return [
        {"product": PRODUCTS[number % len(PRODUCTS)], "amount": _amount(cents + 100 * number)}
        for number in range(count)
    ]


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def reading(operation: Operation, cents: int) -> dict[str, Any]:
    """Variables of a query."""
    match operation.path:
        case "/ledger":
            return {"first": LEDGER_PAGE}
        case "/rewards":
            return {"first": CATALOGUE_PAGE}
        case "/quoteEarning":
            return {"input": {"lines": lines(operation.lines, cents)}}
        case _:
            return {}


def earning(operation: Operation, key: str, member: str, cents: int) -> dict[str, Any]:
    """Variables of a booking under a reference of its own."""
    return {
        "input": {
            "idempotencyKey": key,
            "member": {"reference": member},
            "reference": f"booking-{key}",
            "lines": lines(operation.lines, cents),
        }
    }


def redeeming(key: str, member: str) -> dict[str, Any]:
    return {"input": {"idempotencyKey": key, "member": {"reference": member}, "reward": COUPON}}


def refunding(key: str, booking: str) -> dict[str, Any]:
    """Variables of the refund of all of a booking."""
    return {"input": {"idempotencyKey": key, "booking": booking, "reference": f"refund-{key}"}}
