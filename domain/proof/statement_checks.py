"""Statements of partners against the ledger: figures and digest of each are computed again, and its
payments add up. No partner pays for points when they are issued in one month, and when they are
redeemed in another.
"""

from collections.abc import Iterator
from uuid import UUID

from domain.kernel import money
from domain.kernel.database import rows
from domain.partners import partners
from domain.programmes import programmes
from domain.proof.evidence import Fault
from domain.settlement import charges, files, statements
from domain.settlement.files import MonthRead
from domain.settlement.reading import Month
from domain.settlement.statements import PartnerStatement

STATEMENTS_MAX = 100
"""Statements read at a time."""


async def statements_read_again() -> list[Fault]:
    """Every statement that differs from the ledger, or whose payments do not add up."""
    faults: list[Fault] = []
    after = UUID(int=0)
    while found := await statements.every(after, STATEMENTS_MAX):
        paid = await _paid([statement.id for statement in found])
        for statement in found:
            faults += _differences(statement, await _read(statement), paid.get(statement.id, 0))
        after = found[-1].id
    return faults


_CHANGED = """
SELECT id, from_month, now, before FROM (
    SELECT id, from_month, now,
        lag(now) OVER (PARTITION BY partner_id ORDER BY from_month) AS before
    FROM (
        SELECT DISTINCT ON (partner_id, from_month) id, partner_id, from_month,
            CASE WHEN prepaid THEN 'ISSUED' ELSE basis END AS now
        FROM partner_terms ORDER BY partner_id, from_month, version DESC
    ) AS held
) AS following WHERE now <> before ORDER BY id
"""


async def points_paid_once() -> list[Fault]:
    """All terms that charge points at another of their changes than in earlier months."""
    return [
        Fault("partner_terms", one["id"], None, "points paid when", one["now"], one["before"])
        for one in await rows(_CHANGED)
    ]


async def _read(statement: PartnerStatement) -> MonthRead:
    programme = await programmes.get(await programmes.code_of(statement.programme_id))
    partner = await partners.get(statement.partner_id)
    code = partner.code if partner else ""
    month = Month(programme, statement.partner_id, code, statement.month)
    return await files.read(month, statement.closed_at)


def _differences(statement: PartnerStatement, read: MonthRead, paid: int) -> Iterator[Fault]:
    made = charges.charge(read.volumes, statement.terms, money.digits_of(statement.currency))
    for what, found, expected in (
        ("points and deliveries", statement.volumes, read.volumes),
        ("amounts", statement.charge, made),
        ("sha256", statement.sha256.hex(), read.sha256.hex()),
        ("settled_minor", statement.settled_minor, paid),
    ):
        if found != expected:
            yield Fault("partner_statement", statement.id, None, what, str(found), f"{expected}")


async def _paid(statement_ids: list[UUID]) -> dict[UUID, int]:
    found = await rows(
        "SELECT statement_id, sum(amount_minor)::bigint AS paid FROM partner_payment "
        "WHERE statement_id = ANY($1::uuid[]) GROUP BY statement_id",
        statement_ids,
    )
    return {one["statement_id"]: one["paid"] for one in found}
