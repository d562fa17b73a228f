"""A member's coupons, from all of its redemptions that the caller may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.kernel.queries import ask, of_each
from domain.redemptions import redemption_reads
from domain.redemptions.redemption_reads import RedemptionFilter
from domain.rewards import coupons
from domain.rewards.coupons import Coupon

LISTED_MAX = 200
"""Most coupons listed of one member."""


@dataclass(frozen=True, slots=True)
class MemberCoupon:
    """A coupon that a member was given by a redemption, and what it is worth in minor units.

    `place` is its position in lists: lower ones come first.
    """

    redemption: tuple[UUID, UUID]
    reward_id: UUID
    worth_minor: int | None
    currency: str
    place: list[Decimal]
    coupon: Coupon


_COLUMNS = (
    *("member_id", "redemption_id", "reward_id", "worth_minor", "currency", "place"),
    *("code", "status", "issued_at", "valid_until", "used_at"),
    *("booking_member_id", "booking_id"),
)


def together(given: Sequence[Sequence[MemberCoupon]]) -> list[MemberCoupon]:
    """The coupons of several members in the order of one's."""
    every = (one for each in given for one in each)
    return sorted(every, key=lambda one: one.place)[:LISTED_MAX]


_USABLE = f"c.status = 'ISSUED' AND ({coupons.END} IS NULL OR {coupons.END} > $3)"
_PLACE = f"""ARRAY[
    CASE WHEN {_USABLE} THEN 0 ELSE 1 END,
    CASE WHEN {_USABLE} THEN coalesce(extract(epoch FROM {coupons.END}), 'Infinity') ELSE 0 END,
    -extract(epoch FROM c.issued_at)]"""
"""Usable coupons first, by their end, earliest first; then the others, newest first."""


async def of_members(
    member_ids: Sequence[UUID], wanted: RedemptionFilter
) -> dict[UUID, list[MemberCoupon]]:
    """Usable coupons first, by their end, earliest first; then the others, newest first.

    At most LISTED_MAX of each member, one statement for all of them.
    """
    found = of_each(
        _COLUMNS,
        "SELECT r.member_id, r.id AS redemption_id, r.reward_id, "
        f"r.worth_minor / r.quantity AS worth_minor, r.currency, {_PLACE} AS place, "
        f"c.code, c.status, c.issued_at, {coupons.END} AS valid_until, c.used_at, "
        "c.booking_member_id, c.booking_id "
        f"FROM (SELECT * FROM redemption {redemption_reads.listed('= $1')} AND codes <> '[]') r "
        "JOIN coupon_code c ON c.redemption_id = r.id "
        "ORDER BY place, c.id LIMIT $6",
        member_ids,
        *wanted.terms,
        LISTED_MAX,
    )
    by_member: dict[UUID, list[MemberCoupon]] = {member_id: [] for member_id in member_ids}
    for row in await ask(found):
        member_id, redemption_id = row.pop("member_id"), row.pop("redemption_id")
        said = {name: row.pop(name) for name in _COLUMNS[2:6]}
        given = MemberCoupon((member_id, redemption_id), **said, coupon=Coupon(**row))
        by_member[member_id].append(given)
    return by_member
