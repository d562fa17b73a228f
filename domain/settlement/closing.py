"""Closing: a settled month of a partner becomes a statement, permanently."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from domain.books import books
from domain.kernel import dates, money, outbox
from domain.kernel.database import Beforehand, rows, transact
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.ids import new_id
from domain.kernel.outbox import Event, Topic
from domain.kernel.refusals import StateConflict
from domain.partners import partners, terms
from domain.partners.terms import Terms
from domain.programmes.programmes import Programme
from domain.settlement import charges, files, statements
from domain.settlement.charges import Charge
from domain.settlement.files import MonthRead
from domain.settlement.reading import Month

BY_ITSELF = "system:settlement"
"""Actor of the automatic closing of a month."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A month to be closed, when, and who closes it."""

    month: Month
    now: datetime
    by: str


async def close(request: Request, programme: Programme, partner: str, month: str) -> Outcome:
    """Close a month of a partner; figures: `statement`. A closed month returns the same answer.

    Raises: InvalidInput, NotFound, StateConflict where a day of the month is not settled or no
        terms hold in it, IdempotencyKeyReused, ConcurrentRequest.
    """
    first = terms.to_month(month, ("month",))

    read: list[MonthRead] = []

    async def work() -> Figures | Replayed:
        owner = await partners.find_id(programme, partner, ("partner",))
        asked = Month(programme, owner, partner, first)
        return await _close(Closing(asked, request.now, request.caller.actor), read)

    return await once(request, "closeStatement", [partner, month], work)


async def close_due(month: Month, now: datetime) -> None:
    """Close a month automatically. Raises: ConcurrentRequest."""
    await transact(partial(_close, Closing(month, now, BY_ITSELF), []))


async def due(programme: Programme, now: datetime) -> list[Month]:
    """The oldest open month of each partner whose days are all settled."""
    through = await _settled_through(programme)
    if through is None:
        return []
    last = _last_month(through)
    found = []
    for code, owner in sorted((await partners.ids(programme.id)).items()):
        begins = await terms.first_month(owner)
        closed = await statements.last_closed(owner)
        if begins is None:
            continue
        oldest = begins if closed is None else max(begins, dates.add_months(closed, 1))
        if oldest <= last:
            found.append(Month(programme, owner, code, oldest))
    return found


async def _close(closing: Closing, read: list[MonthRead]) -> Figures | Replayed:
    """Close the month, in a transaction; `read` reads its rows before one, as this takes long and,
    the month being settled, always has the same result.
    """
    month = closing.month
    await partners.lock(month.partner_id)
    closed = await statements.of_month(month.partner_id, month.first)
    if closed is not None:
        return Replayed({"statement": str(closed.id)})
    await _check_settled(month.programme, month.first)
    agreed = await terms.in_force(month.partner_id, month.first)
    if agreed is None:
        raise StateConflict("terms", "NONE", ("SAVED",), path=("month",))
    if not read:
        raise Beforehand(partial(_read, closing, read))
    [found] = read
    currency = month.programme.as_of(closing.now).policy.currency
    made = charges.charge(found.volumes, agreed, money.digits_of(currency))
    statement_id = await _insert(closing, found, agreed, made, currency)
    await _tell(closing, statement_id, money.to_json(made.net_minor, currency))
    return {"statement": str(statement_id)}


async def _read(closing: Closing, into: list[MonthRead]) -> None:
    into.append(await files.read(closing.month, closing.now))


async def _check_settled(programme: Programme, first: date) -> None:
    """Raises: StateConflict."""
    through = await _settled_through(programme)
    if through is None and await books.get(programme.id) is None:
        raise StateConflict("books", "CLOSED", ("OPEN",), path=("month",))
    if through is None or through < dates.month_end(first):
        raise StateConflict("month", "OPEN", ("SETTLED",), path=("month",))


async def _settled_through(programme: Programme) -> date | None:
    found = await books.get(programme.id)
    return found.settled_through if found else None


def _last_month(through: date) -> date:
    """The last month of which all days are settled, by its first day."""
    first = through.replace(day=1)
    return first if through == dates.month_end(first) else dates.add_months(first, -1)


async def _insert(
    closing: Closing, found: MonthRead, agreed: Terms, made: Charge, currency: str
) -> UUID:
    month, volumes, statement_id = closing.month, found.volumes, new_id()
    await rows(
        "INSERT INTO partner_statement (id, programme_id, partner_id, month, basis, "
        "price_per_point, fee_percent, prepaid, issued, reversed, redeemed, expired, currency, "
        "charge_minor, fee_minor, delivered_minor, net_minor, settled_minor, sha256, closed_at, "
        "closed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
        "$16, $17, 0, $18, $19, $20)",
        statement_id,
        month.programme.id,
        month.partner_id,
        month.first,
        agreed.basis,
        agreed.price_per_point,
        agreed.fee_percent,
        agreed.prepaid,
        volumes.issued,
        volumes.reversed,
        volumes.redeemed,
        volumes.expired,
        currency,
        made.charge_minor,
        made.fee_minor,
        made.delivered_minor,
        made.net_minor,
        found.sha256,
        closing.now,
        closing.by,
    )
    return statement_id


async def _tell(closing: Closing, statement_id: UUID, net: dict[str, str]) -> None:
    month = closing.month
    said = {
        "partner": month.code,
        "statement": statement_id,
        "month": terms.month_text(month.first),
        "net": net,
    }
    event = Event(Topic.PARTNER_STATEMENT_CLOSED, month.programme.id, said, month.partner_id)
    await outbox.announce(month.programme.id, closing.now, [event])
