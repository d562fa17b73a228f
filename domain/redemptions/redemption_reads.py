"""Reading of redemptions: rows of only the columns that a client sees."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

import models
from domain.kernel import private_texts
from domain.kernel.callers import Caller
from domain.kernel.database import rows
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.queries import ask, of_each
from domain.members.members import MemberAfter
from domain.risk import holding


class RedemptionStatus(StrEnum):
    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    SHIPPED = "SHIPPED"
    FULFILLED = "FULFILLED"
    RELEASED = "RELEASED"
    CANCELLED = "CANCELLED"


NOT_YET_GIVEN = frozenset({RedemptionStatus.HELD, RedemptionStatus.RELEASED})
"""Statuses before codes are issued."""


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redemption as last written; codes only once they are issued.

    `partner_units` is the total credited to the account at the partner, `partner_id` the partner
    that delivers the reward, if any, `reference` the deliverer's reference, `actor` who made it.
    With a `review_id`, it waits for a review by staff. A redemption that the programme gave names
    the `activity_id` of its grant, and took 0 points. `stock_taken` says whether it was taken from
    a stock; None without a reward, and where that was not recorded.
    """

    member_id: UUID
    id: UUID
    programme_id: UUID
    reward_id: UUID | None
    status: RedemptionStatus
    points: int
    quantity: int
    worth_minor: int | None
    currency: str
    codes: list[str]
    activity_id: UUID | None
    created_at: datetime
    hold_expires_at: datetime | None
    released_at: datetime | None
    shipped_at: datetime | None
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    tracking: str | None
    reference: str | None
    partner_account: str | None
    partner_units: int | None
    partner_id: UUID | None
    actor: str
    review_id: UUID | None = None
    stock_taken: bool | None = None

    @property
    def timed_out(self) -> bool:
        """Whether its hold expired, rather than being released before."""
        died_at, released_at = self.hold_expires_at, self.released_at
        return died_at is not None and released_at is not None and released_at >= died_at

    def is_there_for(self, caller: Caller) -> bool:
        """Whether the caller made it, has to deliver it, or may accept it as a coupon that the
        member redeemed or was given; a member has all of its own.
        """
        if caller.is_stranger_to(self.member_id):
            return False
        members = caller.takes(self.actor) or self.activity_id is not None
        coupon = bool(self.codes) and members and caller.accepts(self.partner_id)
        return coupon or caller.owns(self.actor) or caller.delivers(self.partner_id)

    @property
    def worth_each_minor(self) -> int | None:
        """What one of its rewards, as one of its codes, is worth: all are worth the same."""
        return None if self.worth_minor is None else self.worth_minor // self.quantity

    def as_of(self, now: datetime) -> "Redemption":
        """The redemption as of `now`: a hold expires whether or not anything was written."""
        died_at = self.hold_expires_at
        if self.status is not RedemptionStatus.HELD or died_at is None or now < died_at:
            return self
        return replace(self, status=RedemptionStatus.RELEASED, released_at=died_at)


@dataclass(frozen=True, slots=True)
class RedemptionAfter:
    """A redemption that was just made, and its member, as the write has left them; whether it is
    recorded with it that who made it has `seen` its codes.
    """

    member: MemberAfter
    redemption: Redemption
    seen: bool


def of_new(made: models.Redemption, partner_id: UUID | None) -> Redemption:
    """A redemption as it was written, with who delivers its reward."""
    columns = (column.name for column in fields(Redemption) if column.name != "partner_id")
    written = {name: getattr(made, name) for name in columns}
    codes = _shown_codes(made.codes, RedemptionStatus(made.status))
    private = {name: private_texts.shown(written[name]) for name in _PRIVATE}
    return Redemption(**{**written, **private, "codes": codes}, partner_id=partner_id)


_SELECTED = (
    "member_id",
    "id",
    "programme_id",
    "reward_id",
    "status",
    "points",
    "quantity",
    "worth_minor",
    "currency",
    "codes",
    "activity_id",
    "created_at",
    "hold_expires_at",
    "released_at",
    "shipped_at",
    "fulfilled_at",
    "cancelled_at",
    "cancel_reason",
    "tracking",
    "reference",
    "partner_account",
    "partner_units",
    "actor",
    "review_id",
    "stock_taken",
    "partner_id",
)
_PRIVATE = frozenset({"cancel_reason", "tracking", "partner_account"})


def _select(whose: str | None) -> str:
    """Columns in the order of `_SELECTED`; `whose` says whose redemptions are read, as `= $1`."""
    columns = ", ".join(
        f"{private_texts.selected(f'redemption.{name}', whose)} AS {name}"
        if name in _PRIVATE
        else name
        for name in _SELECTED[:-1]
    )
    return (
        f"SELECT {columns}, "
        "(SELECT w.partner_id FROM reward w WHERE w.id = redemption.reward_id) AS partner_id "
        "FROM redemption"
    )


_OF_MANY = "= ANY($1::uuid[])"

_TERMS = (
    "AND ($2::text[] IS NULL OR CASE WHEN status = 'HELD' "
    "AND hold_expires_at <= $3 THEN 'RELEASED' ELSE status END = ANY($2::text[])) "
    "AND ($4::text IS NULL OR actor = $4 OR EXISTS (SELECT FROM reward w "
    "WHERE w.id = redemption.reward_id AND (w.partner_id = $5 OR (w.partner_id IS NULL "
    "AND (actor LIKE 'member:%' OR activity_id IS NOT NULL) "
    "AND codes <> '[]' AND status NOT IN ('HELD', 'RELEASED')))))"
)


def listed(whose: str) -> str:
    """SQL: those of the members that are `whose`, as `= $1`, on terms that are
    `RedemptionFilter.terms`, from the second parameter on. What is held to be given away is none.
    """
    return f"WHERE member_id {whose} AND NOT {holding.of_transfer(whose)} {_TERMS}"


@dataclass(frozen=True, slots=True)
class RedemptionFilter:
    """Which redemptions of a member, as they are at `now`.

    With `actor`, only those that it made, that the partner `partner_id` has to deliver, or that
    it may accept as a member's coupons: as `is_there_for`.
    """

    now: datetime
    statuses: tuple[RedemptionStatus, ...] | None = None
    actor: str | None = None
    partner_id: UUID | None = None

    @property
    def terms(self) -> tuple[list[str] | None, datetime, str | None, UUID | None]:
        statuses = self.statuses
        texts = None if statuses is None else [str(status) for status in statuses]
        return texts, self.now, self.actor, self.partner_id


def there_for(
    caller: Caller, statuses: Sequence[RedemptionStatus] | None, now: datetime
) -> RedemptionFilter:
    """Redemptions in these states that the caller may see."""
    wanted = None if statuses is None else tuple(statuses)
    return RedemptionFilter(now, wanted, caller.confined_to, caller.partner_id)


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Redemption]:
    """Redemptions by id, named by (member id, id); one statement for all of them."""
    found = await rows(
        f"{_select(_OF_MANY)} WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND programme_id = $3",
        [member_id for member_id, _ in ids],
        [redemption_id for _, redemption_id in ids],
        programme_id,
    )
    return {redemption["id"]: _redemption(redemption) for redemption in found}


async def pages(
    member_ids: Sequence[UUID],
    wanted: RedemptionFilter,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> dict[UUID, list[Redemption]]:
    """The same page of each member's redemptions, one statement for all of them."""
    page = of_each(
        _SELECTED,
        f"{_select('= $1')} {listed('= $1')} "
        f"AND {beyond('created_at, id', 6, *AT_ID, descending=True)} "
        "ORDER BY created_at DESC, id DESC LIMIT $8",
        member_ids,
        *wanted.terms,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    by_member: dict[UUID, list[Redemption]] = {member_id: [] for member_id in member_ids}
    for redemption in await ask(page):
        by_member[redemption["member_id"]].append(_redemption(redemption).as_of(wanted.now))
    return by_member


async def counts(member_ids: Sequence[UUID], wanted: RedemptionFilter) -> dict[UUID, int]:
    """Number of redemptions of each member; one statement for all of them."""
    found = await rows(
        "SELECT member_id, count(*) AS count FROM redemption "
        f"{listed(_OF_MANY)} GROUP BY member_id",
        list(member_ids),
        *wanted.terms,
    )
    of_member = {member["member_id"]: member["count"] for member in found}
    return {member_id: of_member.get(member_id, 0) for member_id in member_ids}


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Who delivers: a partner what names it; all of the programme where there is none."""

    programme_id: UUID
    partner_id: UUID | None


_TO_DELIVER = (
    "WHERE programme_id = $1 AND status IN ('CONFIRMED', 'SHIPPED') AND reward_id IS NOT NULL "
    "AND ($2::uuid IS NULL OR reward_id IN (SELECT id FROM reward WHERE partner_id = $2))"
)


async def page_to_deliver(
    deliverer: Deliverer, *, limit: int, after: tuple[datetime, UUID] | None
) -> list[Redemption]:
    """Orders to be delivered, oldest first."""
    found = await rows(
        f"{_select(None)} {_TO_DELIVER} "
        f"AND {beyond('created_at, id', 3, *AT_ID, descending=False)} "
        "ORDER BY created_at, id LIMIT $5",
        deliverer.programme_id,
        deliverer.partner_id,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [_redemption(order) for order in found]


async def count_to_deliver(deliverer: Deliverer) -> int:
    found = await rows(
        f"SELECT count(*) AS count FROM redemption {_TO_DELIVER}",
        deliverer.programme_id,
        deliverer.partner_id,
    )
    return int(found[0]["count"])


def _redemption(found: dict[str, Any]) -> Redemption:
    codes, status = orjson.loads(found.pop("codes")), RedemptionStatus(found.pop("status"))
    found |= {name: private_texts.shown(found[name]) for name in _PRIVATE}
    return Redemption(**found, codes=_shown_codes(codes, status), status=status)


def _shown_codes(codes: list[str], status: RedemptionStatus) -> list[str]:
    """The codes, once they are issued."""
    return [] if status in NOT_YET_GIVEN else codes
