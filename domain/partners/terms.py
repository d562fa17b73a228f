"""Terms: prices that a partner pays for the points that its rules grant, from the first day of a
month.

A month has one price: that of the latest terms from that month or an earlier one; of several for
one month the last saved. It applies to everything recorded in the month, also to reversals of older
points. Whether points are paid when they are issued or when they are redeemed does not change
between months: outstanding points would be paid twice, or never.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel import audit
from domain.kernel.database import Row, row, rows
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.kernel.inputs import REFERENCE_CHARACTERS_MAX, Path, check_day
from domain.kernel.refusals import InvalidInput

PRICE_MAX = Decimal(1_000_000)
PRICE_DECIMALS_MAX = 8
FEE_PERCENT_MAX = Decimal(100)
FEE_DECIMALS_MAX = 4
PREPAID_AHEAD = timedelta(hours=1)
"""Time before a month by which it must be known whether its points are prepaid, so that every write
of the month knows it.
"""
SHOWN_MAX = 120
"""Months with terms of their own that are shown for a partner."""

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
_COLUMNS = "from_month, basis, price_per_point, fee_percent, prepaid"


class TermsBasis(StrEnum):
    """The points for which a partner pays."""

    ISSUED = "ISSUED"
    REDEEMED = "REDEEMED"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a partner from the month on that begins with this day, in the programme's
    currency.
    """

    from_month: date
    basis: TermsBasis
    price_per_point: Decimal
    fee_percent: Decimal
    prepaid: bool

    @property
    def paid_when(self) -> TermsBasis:
        """The change of a point at which it is paid; prepaid ones when they are issued."""
        return TermsBasis.ISSUED if self.prepaid else self.basis


def to_month(text: str, path: Path) -> date:
    """`2026-12` → its first day. Raises: InvalidInput."""
    if not _MONTH.fullmatch(text) or text.startswith("0000"):
        raise InvalidInput("month", text[:REFERENCE_CHARACTERS_MAX], ("2026-12",), path=path)
    return check_day(date.fromisoformat(f"{text}-01"), path)


def month_text(month: date) -> str:
    """The month that begins with this day, as `2026-12`."""
    return month.isoformat()[:7]


async def insert(request: Request, owner: UUID, agreed: Terms) -> None:
    """Insert terms that hold from their month on; in a transaction that has locked the partner."""
    await rows(
        "INSERT INTO partner_terms (id, partner_id, from_month, version, programme_id, basis, "
        "price_per_point, fee_percent, prepaid, saved_at, saved_by) "
        "SELECT $10, $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7, $8, $9 "
        "FROM partner_terms WHERE partner_id = $1 AND from_month = $2",
        owner,
        agreed.from_month,
        request.caller.programme_id,
        agreed.basis,
        agreed.price_per_point,
        agreed.fee_percent,
        agreed.prepaid,
        request.now,
        request.caller.actor,
        audit.adds("partner_terms", new_id()),
    )


async def first_month(partner_id: UUID) -> date | None:
    """The month of the partner's first terms."""
    found = await row(
        "SELECT min(from_month) AS month FROM partner_terms WHERE partner_id = $1", partner_id
    )
    return found["month"] if found else None


async def in_force(partner_id: UUID, month: date) -> Terms | None:
    """The terms in the month that begins with this day; None before the first terms."""
    found = await row(
        f"SELECT {_COLUMNS} FROM partner_terms WHERE partner_id = $1 AND from_month <= $2 "
        "ORDER BY from_month DESC, version DESC LIMIT 1",
        partner_id,
        month,
    )
    return _to_terms(found) if found else None


async def beside(partner_id: UUID, month: date) -> list[Terms]:
    """The terms right before a month, and the first terms of a later one."""
    found = await rows(
        f"(SELECT {_COLUMNS} FROM partner_terms WHERE partner_id = $1 AND from_month < $2 "
        "ORDER BY from_month DESC, version DESC LIMIT 1) UNION ALL "
        f"(SELECT {_COLUMNS} FROM partner_terms WHERE partner_id = $1 AND from_month > $2 "
        "ORDER BY from_month, version DESC LIMIT 1)",
        partner_id,
        month,
    )
    return [_to_terms(one) for one in found]


@dataclass(frozen=True, slots=True)
class InForce:
    """Price that a partner, by its id, pays for a point, and whether its points are prepaid."""

    partner_id: UUID
    price_per_point: Decimal
    prepaid: bool


async def of_codes(programme_id: UUID, codes: Collection[str], month: date) -> dict[str, InForce]:
    """By code, the terms of each of these partners in the month that begins with this day; partners
    without terms are left out.
    """
    found = await rows(
        "SELECT DISTINCT ON (p.id) p.code, p.id, t.price_per_point, t.prepaid FROM partner p "
        "JOIN partner_terms t ON t.partner_id = p.id "
        "WHERE p.programme_id = $1 AND p.code = ANY($2::text[]) AND t.from_month <= $3 "
        "ORDER BY p.id, t.from_month DESC, t.version DESC",
        programme_id,
        sorted(codes),
        month,
    )
    return {
        one["code"]: InForce(one["id"], one["price_per_point"], one["prepaid"]) for one in found
    }


@dataclass(frozen=True, slots=True)
class Saved:
    """Terms of the partner of a code, as they were saved."""

    partner: str
    from_month: date
    version: int
    price_per_point: Decimal
    prepaid: bool


async def saved(programme_id: UUID) -> list[Saved]:
    """All terms that partners of a programme ever had."""
    found = await rows(
        "SELECT p.code AS partner, t.from_month, t.version, t.price_per_point, t.prepaid "
        "FROM partner_terms t JOIN partner p ON p.id = t.partner_id WHERE p.programme_id = $1 "
        "ORDER BY p.code, t.from_month, t.version",
        programme_id,
    )
    return [Saved(**one) for one in found]


async def of_partner(partner_id: UUID) -> list[Terms]:
    """The terms of each month that has its own, the latest month first."""
    found = await rows(
        f"SELECT DISTINCT ON (from_month) {_COLUMNS} FROM partner_terms WHERE partner_id = $1 "
        "ORDER BY from_month DESC, version DESC LIMIT $2",
        partner_id,
        SHOWN_MAX,
    )
    return [_to_terms(one) for one in found]


def _to_terms(found: Row) -> Terms:
    return Terms(
        found["from_month"],
        TermsBasis(found["basis"]),
        _shortest(found["price_per_point"]),
        _shortest(found["fee_percent"]),
        found["prepaid"],
    )


def _shortest(number: Decimal) -> Decimal:
    """The number without unneeded decimals: 0.01200000 → 0.012."""
    return Decimal(f"{number.normalize():f}")
