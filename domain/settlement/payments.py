"""Payments: amounts paid for a statement, by the partner or to it, until it is settled."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import audit, money
from domain.kernel.database import row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier
from domain.kernel.refusals import InvalidInput, NotFound, ReferenceConflict, StateConflict
from domain.settlement import statements
from domain.settlement.statements import PartnerStatement, StatementStatus


@dataclass(frozen=True, slots=True)
class PaymentSent:
    """A payment for a statement, under its own reference; `statement` is None for an id that is no
    statement's.
    """

    statement: UUID | None
    amount: Decimal
    reference: str

    def canonical(self) -> dict[str, Any]:
        return {
            "statement": self.statement,
            "amount": self.amount,
            "reference": self.reference,
        }


async def pay(request: Request, named: str, sent: PaymentSent) -> Outcome:
    """Record a payment for the statement that the caller knows by `named`; figures: `statement`. A
    repetition of the same payment under its reference changes nothing.

    Raises: NotFound, InvalidInput, ReferenceConflict, StateConflict for a statement that is
        settled, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(sent.reference, ("reference",))
    return await once(request, "settleStatement", sent, lambda: _pay(request, named, sent))


async def _pay(request: Request, named: str, sent: PaymentSent) -> Figures | Replayed:
    statement = await _locked(request, named, sent)
    figures = {"statement": str(statement.id)}
    minor = money.to_minor_units(sent.amount, statement.currency, path=("amount",))
    if await _is_known(statement, sent, minor):
        return Replayed(figures)
    if statement.status is StatementStatus.SETTLED:
        allowed = (StatementStatus.CLOSED.value,)
        raise StateConflict("statement", statement.status, allowed, path=("statement",))
    if not 0 < minor <= statement.left_minor:
        most = str(money.to_amount(statement.left_minor, statement.currency))
        reason = "amount_too_large" if minor else "amount_zero"
        raise InvalidInput(reason, str(sent.amount), (most,), path=("amount",))
    await rows(
        "INSERT INTO partner_payment (id, programme_id, statement_id, amount_minor, reference, "
        "paid_at, paid_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        audit.adds("partner_payment", new_id()),
        statement.programme_id,
        statement.id,
        minor,
        sent.reference,
        request.now,
        request.caller.actor,
    )
    await update(
        "UPDATE partner_statement SET settled_minor = settled_minor + $2 WHERE id = $1",
        statement.id,
        minor,
    )
    return figures


async def _locked(request: Request, named: str, sent: PaymentSent) -> PartnerStatement:
    """Raises: NotFound."""
    programme_id = request.caller.programme_id
    if sent.statement is not None:
        await statements.find(programme_id, sent.statement, lock=True)
        # only now: a transaction for which the lock waited may have changed it
        found = await statements.find(programme_id, sent.statement)
        if found is not None:
            return found
    raise NotFound("statement", named, path=("statement",))


async def _is_known(statement: PartnerStatement, sent: PaymentSent, minor: int) -> bool:
    """Raises: ReferenceConflict where the reference was used for another amount."""
    known = await row(
        "SELECT amount_minor FROM partner_payment WHERE statement_id = $1 AND reference = $2",
        statement.id,
        sent.reference,
    )
    if known is not None and known["amount_minor"] != minor:
        raise ReferenceConflict(sent.reference, path=("reference",))
    return known is not None
