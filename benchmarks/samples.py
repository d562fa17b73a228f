"""Who asks for what: members drawn from the database, their tokens, and requests as bytes."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson

from benchmarks import histories, load, operations
from benchmarks.load import Target
from benchmarks.operations import Operation
from domain.kernel.callers import OWN_SCOPES
from domain.partners import partner_keys, partners
from domain.programmes import programmes
from ops.commands import keys
from ops.postgres.connections import connection
from ops.postgres.database import connected
from ops.settings import load as load_settings

MEMBERS, FREQUENT = 200, 200
"""Who reads, of all members and of those with long ledgers: few enough that each has been seen
before it is measured, as a signed-in member is.
"""

FREQUENT_LEAST = 55
"""Entries of a member whose ledger fills a page of 50."""

SPENDERS = 20_000
REFUNDS = 40_000
CENTS_LEAST, CENTS_MOST = 1_000, 5_000
"""What a booking's first line costs: no tier is reached by a few of them."""

SPENT = """
SELECT m.reference, m.member_id, a.tier, a.available, (
    SELECT coalesce(sum(t.spend_minor), 0) FROM tier_credit t WHERE t.member_id = m.member_id
)::bigint AS spend
FROM member m JOIN account a ON a.member_id = m.member_id
WHERE a.held = 0 AND a.owed = 0 AND a.pending = 0 AND a.sequence < 50
    AND (a.next_due_at IS NULL OR a.next_due_at > $2) ORDER BY md5(m.reference) LIMIT $1
"""
ROOM_MINOR = 1_000_000
"""How far from another tier a spender has to be, either way."""

REFUNDABLE = """
SELECT reference FROM (
    SELECT b.reference, row_number() OVER (PARTITION BY b.member_id ORDER BY b.id DESC) AS place
    FROM booking b
    JOIN lot l ON l.member_id = b.member_id AND l.booking_id = b.id
    WHERE b.member_id = ANY($1::uuid[]) AND l.remaining = l.points AND l.points = b.points
        AND b.points > 0 AND b.cash_minor <= $2 AND l.expires_at > $3 AND NOT EXISTS (
            SELECT FROM refund r WHERE r.member_id = b.member_id AND r.booking_id = b.id)
) AS b WHERE place <= 2 ORDER BY md5(reference) LIMIT $4
"""
REFUND_MINOR_MAX = 100_000
THRESHOLDS = {"silver": 0, "gold": 500_000, "platinum": 2_000_000, "diamond": 5_000_000}


@dataclass(slots=True)
class Samples:
    """Tokens and names, and a number for whatever has to be new."""

    partner: str
    members: list[str]
    frequent: list[str]
    bookers: Iterator[str]
    redeemers: Iterator[str]
    refundable: Iterator[str]
    draw: Random = field(default_factory=lambda: Random(1))
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def asked(self, operation: Operation) -> tuple[str, dict[str, Any]]:
        """The token and the variables of the next request.

        Raises: StopIteration when there is nothing left to refund, or to redeem for.
        """
        if not operation.writes:
            tokens = self.frequent if operation.by == "frequent" else self.members
            return self.draw.choice(tokens), operations.reading(operation, self._cents())
        key = f"bench-{next(self.numbers)}"
        match operation.path:
            case "/earnForBooking":
                member = next(self.bookers)
                sent = operations.earning(operation, key, member, self._cents())
            case "/redeemReward":
                sent = operations.redeeming(key, next(self.redeemers))
            case _:
                sent = operations.refunding(key, next(self.refundable))
        return self.partner, sent

    def of_one(self) -> "Samples":
        """The same, but that always the same member reads."""
        return replace(self, members=self.members[:1], frequent=self.frequent[:1])

    def readers(self, operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
        """A request of each member who reads; of a mutation none."""
        if not operation.writes:
            tokens = self.frequent if operation.by == "frequent" else self.members
            for token in tokens:
                yield token, operations.reading(operation, self._cents())

    def _cents(self) -> int:
        return self.draw.randrange(CENTS_LEAST, CENTS_MOST)


Message = Callable[[Operation, str, dict[str, Any]], bytes]
"""A request as it goes to one of the contenders."""


def to_milepost(port: int) -> Message:
    target = Target(port, "/graphql")

    def message(operation: Operation, token: str, variables: dict[str, Any]) -> bytes:
        sent = {"query": operation.document, "variables": variables}
        return load.message(target, token, orjson.dumps(sent))

    return message


def to_limit(port: int) -> Message:
    def message(operation: Operation, token: str, variables: dict[str, Any]) -> bytes:
        return load.message(Target(port, operation.path), token, orjson.dumps(variables))

    return message


def requests(samples: Samples, operation: Operation, message: Message) -> Iterator[bytes]:
    """One after the other, for as long as they are asked for."""
    while True:
        try:
            token, variables = samples.asked(operation)
        except StopIteration:
            return
        yield message(operation, token, variables)


async def set_clock(serving: str) -> None:
    """The programme's clock shows `NOW` from here on."""
    async with connected(serving, pool_max=2, everywhere=False):
        programme = await programmes.get(histories.PROGRAMME)
        await programmes.advance_clock(programme, histories.NOW - datetime.now(UTC))


async def partner_key(serving: str) -> str:
    """The key of a new partner, who books."""
    async with connected(serving, pool_max=2, everywhere=False):
        programme = await programmes.get(histories.PROGRAMME)
        partner_id = await partners.create(
            programme, histories.PARTNER, "Booking engine", histories.NOW
        )
        return await partner_keys.issue(
            programme, partner_id, OWN_SCOPES, histories.NOW, environment="development"
        )


async def take(serving: str, home: Path) -> Samples:
    """Draw from the database, whose clock is set."""
    await set_clock(serving)
    settings, now = load_settings(home=home), datetime.now(UTC)
    partner = await partner_key(serving)

    def token(reference: str) -> str:
        return keys.member_token(settings, histories.PROGRAMME, reference, now)

    async with connection(serving) as reader:
        await reader.execute("SET work_mem = '256MB'")
        spent = await reader.fetch(SPENT, SPENDERS + MEMBERS, histories.NOW.replace(hour=12))
        frequent = await reader.fetch(
            "SELECT m.reference FROM account a JOIN member m ON m.member_id = a.member_id "
            "WHERE a.sequence > $1 ORDER BY md5(m.reference) LIMIT $2",
            FREQUENT_LEAST,
            FREQUENT,
        )
        steady = [member for member in spent if _is_steady(member["tier"], member["spend"])]
        # what is refunded was not spent: those who redeem have no refunds
        spending, refunded = steady[::2], steady[1::2]
        ids = [member["member_id"] for member in refunded]
        soon = histories.NOW.replace(day=17)
        found = await reader.fetch(REFUNDABLE, ids, REFUND_MINOR_MAX, soon, REFUNDS)
    return Samples(
        partner,
        [token(member["reference"]) for member in spent[:MEMBERS]],
        [token(member["reference"]) for member in frequent],
        itertools.cycle([member["reference"] for member in steady]),
        redemptions(spending),
        iter([booking["reference"] for booking in found]),
    )


def redemptions(members: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """References in turns, each as often as its member has points `available` for the coupon."""
    for times in itertools.count(1):
        able = [one for one in members if one["available"] >= times * operations.COUPON_POINTS]
        if not able:
            return
        yield from (one["reference"] for one in able)


def _is_steady(tier: str, spend: int) -> bool:
    """Whether neither a few bookings nor a refund move the tier."""
    above = min((least for least in THRESHOLDS.values() if least > spend), default=None)
    own = THRESHOLDS[tier]
    far = above is None or above - spend > ROOM_MINOR // 4
    return far and spend - own > ROOM_MINOR // 4
