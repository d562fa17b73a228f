"""Stored statements: figures of closed months, and the amounts settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel.callers import Caller, CallerKind, Scope
from domain.kernel.database import Row, row, rows
from domain.kernel.pages import beyond
from domain.partners.terms import Terms, TermsBasis
from domain.settlement.charges import Charge, Volumes

COLUMNS = (
    "s.id, s.programme_id, s.partner_id, s.month, s.basis, s.price_per_point, s.fee_percent, "
    "s.prepaid, s.issued, s.reversed, s.redeemed, s.expired, s.currency, s.charge_minor, "
    "s.fee_minor, s.delivered_minor, s.net_minor, s.settled_minor, s.sha256, s.closed_at"
)


class StatementStatus(StrEnum):
    CLOSED = "CLOSED"
    SETTLED = "SETTLED"


@dataclass(frozen=True, slots=True)
class PartnerStatement:
    """A partner's closed month; `sha256` is that of its rows as CSV, `settled_minor` the amount
    paid of its net.
    """

    id: UUID
    programme_id: UUID
    partner_id: UUID
    month: date
    terms: Terms
    volumes: Volumes
    charge: Charge
    currency: str
    settled_minor: int
    sha256: bytes
    closed_at: datetime

    @property
    def place(self) -> int:
        """Number of its month since year 0."""
        return self.month.year * 12 + self.month.month

    @property
    def status(self) -> StatementStatus:
        left = self.left_minor
        return StatementStatus.CLOSED if left else StatementStatus.SETTLED

    @property
    def left_minor(self) -> int:
        """Amount still to be paid, by either side."""
        return abs(self.charge.net_minor) - self.settled_minor


def is_there_for(caller: Caller, partner_id: UUID) -> bool:
    """Whether the caller may see a partner's payments: staff see all, a partner its own with a key
    that may `read` or `manage`.
    """
    own = caller.partner_id == partner_id and (caller.may(Scope.READ) or caller.may(Scope.MANAGE))
    return caller.kind is CallerKind.STAFF or own


async def find(
    programme_id: UUID, statement_id: UUID, *, lock: bool = False
) -> PartnerStatement | None:
    found = await row(
        f"SELECT {COLUMNS} FROM partner_statement s WHERE s.programme_id = $1 AND s.id = $2"
        + (" FOR UPDATE" if lock else ""),
        programme_id,
        statement_id,
    )
    return _to_statement(found) if found else None


async def of_month(partner_id: UUID, month: date) -> PartnerStatement | None:
    found = await row(
        f"SELECT {COLUMNS} FROM partner_statement s WHERE s.partner_id = $1 AND s.month = $2",
        partner_id,
        month,
    )
    return _to_statement(found) if found else None


_MONTH = "extract(year FROM s.month) * 12 + extract(month FROM s.month)"


async def page(
    partner_id: UUID, *, limit: int, after: Sequence[Any] | None = None
) -> list[PartnerStatement]:
    """Statements of a partner, the latest month first."""
    found = await rows(
        f"SELECT {COLUMNS} FROM partner_statement s WHERE s.partner_id = $1 "
        f"AND {beyond(_MONTH, 2, 'bigint', descending=True)} ORDER BY s.month DESC LIMIT $3",
        partner_id,
        after[0] if after else None,
        limit,
    )
    return [_to_statement(one) for one in found]


async def count(partner_id: UUID) -> int:
    found = await row(
        "SELECT count(*) AS number FROM partner_statement WHERE partner_id = $1", partner_id
    )
    return int(found["number"]) if found else 0


async def last_closed(partner_id: UUID) -> date | None:
    """The last month that is closed."""
    found = await row(
        "SELECT max(month) AS month FROM partner_statement WHERE partner_id = $1", partner_id
    )
    return found["month"] if found else None


async def every(after: UUID, limit: int) -> list[PartnerStatement]:
    """Statements of all programmes, by their ids."""
    found = await rows(
        f"SELECT {COLUMNS} FROM partner_statement s WHERE s.id > $1 ORDER BY s.id LIMIT $2",
        after,
        limit,
    )
    return [_to_statement(one) for one in found]


def _to_statement(found: Row) -> PartnerStatement:
    terms = Terms(
        found["month"],
        TermsBasis(found["basis"]),
        Decimal(found["price_per_point"]),
        Decimal(found["fee_percent"]),
        found["prepaid"],
    )
    volumes = Volumes(
        found["issued"],
        found["reversed"],
        found["redeemed"],
        found["expired"],
        found["delivered_minor"],
    )
    return PartnerStatement(
        found["id"],
        found["programme_id"],
        found["partner_id"],
        found["month"],
        terms,
        volumes,
        Charge(found["charge_minor"], found["fee_minor"], found["delivered_minor"]),
        found["currency"],
        found["settled_minor"],
        bytes(found["sha256"]),
        found["closed_at"],
    )
