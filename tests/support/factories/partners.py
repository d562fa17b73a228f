"""Partners of a programme, their terms, and the statements of their months."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.books import books
from domain.finance import recording
from domain.insight import rollups
from domain.kernel import dates
from domain.kernel.callers import Caller
from domain.partners import partners
from domain.partners.terms import TermsBasis
from domain.programmes.programmes import Programme
from domain.settlement import agreeing, closing
from domain.settlement.agreeing import TermsSent
from tests.support.factories.calls import NOW, partner, request, staff


async def agree(programme: Programme, code: str, *, now: datetime = NOW, **terms: Any) -> None:
    """Agree terms with an existing partner, by default 0.012 a point issued from March 2026."""
    agreed = {"from_month": "2026-03", "basis": TermsBasis.ISSUED, "price_per_point": "0.012"}
    sent = {**agreed, **terms}
    sent["price_per_point"] = Decimal(sent["price_per_point"])
    sent["fee_percent"] = Decimal(sent.get("fee_percent", 0))
    await agreeing.agree(
        request(staff(programme), now=now), programme, TermsSent(partner=code, **sent)
    )


async def settle_through(programme: Programme, day: date) -> None:
    """Open the books, if needed, and settle them through this day, without waiting for writers."""
    zone = programme.versions[0].policy.zone
    await books.open_from(programme, day, dates.start_of_day(day, zone))
    await books.settle_until(programme.id, dates.end_of_day(day, zone))
    await rollups.record_day(programme, day)
    await recording.record_day(programme, day)
    await books.settle_through(programme.id, day)


async def statement(
    programme: Programme, code: str, month: str, *, now: datetime = NOW, key: str | None = None
) -> UUID:
    """Close a partner's month; the id of its statement."""
    outcome = await closing.close(
        request(staff(programme), key=key, now=now), programme, code, month
    )
    return UUID(outcome.figures["statement"])


async def partner_of(programme: Programme, name: str) -> Caller:
    """A caller for a new partner in the database, which can own rewards."""
    partner_id = await partners.create(programme, name, name.title(), NOW)
    return replace(partner(programme, str(partner_id)), partner_id=partner_id)
