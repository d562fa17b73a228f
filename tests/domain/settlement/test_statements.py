"""Statements: what a month of a partner comes to, read from the ledger and never otherwise."""

import asyncio
import csv
import hashlib
from collections import Counter
from collections.abc import Awaitable
from datetime import date, timedelta
from decimal import Decimal

import asyncpg
import pytest

from domain.kernel.refusals import InvalidInput, NotFound, ReferenceConflict, StateConflict
from domain.partners import terms
from domain.programmes.programmes import Programme
from domain.proof import statement_checks
from domain.settlement import closing, files, payments, statements
from domain.settlement.charges import Charge, Volumes
from domain.settlement.payments import PaymentSent
from domain.settlement.reading import Month
from domain.settlement.statements import PartnerStatement, StatementStatus
from tests.support import factories as make
from tests.support import settled, travel
from tests.support.settled import APRIL, BANK, LATER, MARCH, Traded

pytestmark = pytest.mark.usefixtures("proved")

MARCH_ENDS, APRIL_ENDS = date(2026, 3, 31), date(2026, 4, 30)
MAY = LATER + timedelta(days=30)


async def text_of(traded: Traded, month: str) -> str:
    asked = Month(traded.programme, traded.bank, BANK, terms.to_month(month, ()))
    return "".join([piece async for piece in files.pieces(asked, MAY)])


async def closed(traded: Traded, month: str) -> PartnerStatement:
    made = await make.statement(traded.programme, BANK, month, now=MAY)
    found = await statements.find(traded.programme.id, made)
    assert found is not None
    return found


async def test_a_month_is_what_was_recorded_in_it() -> None:
    traded = await settled.trade()
    await make.settle_through(traded.programme, APRIL_ENDS)

    march, april = await closed(traded, MARCH), await closed(traded, APRIL)

    assert march.volumes == Volumes(12_437, 1000, 1802, 0, 169_00)
    assert march.charge == Charge(137_24, 6_86, 169_00)
    assert (march.charge.net_minor, march.status) == (-24_90, StatementStatus.CLOSED)
    # the late refund and the delivery that was cancelled stand here, at this month's price
    assert april.volumes == Volumes(0, 500, -500, 0, -71_00)
    assert april.charge == Charge(-6_00, -30, -71_00)
    assert april.charge.net_minor == 64_70
    for found, month in ((march, MARCH), (april, APRIL)):
        text = await text_of(traded, month)
        assert hashlib.sha256(text.encode()).digest() == found.sha256
    rows = list(csv.DictReader((await text_of(traded, MARCH)).splitlines()))
    assert Counter(row["figure"] for row in rows) == {
        "issued": 2,
        "reversed": 1,
        "redeemed": 6,
        "delivered": 3,
    }
    assert sum(Decimal(row["amount"]) for row in rows if row["amount"]) == Decimal("169.00")
    assert {row["member"] for row in rows} == {str(traded.member_id)}
    told = await make.events("partner.statement_closed", programme_id=traded.programme.id)
    assert [payload["net"]["amount"] for _, payload in told] == ["-24.90", "64.70"]


async def test_points_that_expire_cost_nothing() -> None:
    traded = await settled.trade()
    programme, then = traded.programme, make.NOW.replace(year=2027) + timedelta(days=2)
    await make.adjust(programme, traded.member_id, 1, now=then)
    await make.settle_through(programme, date(2027, 3, 31))
    found = await closed(traded, "2027-03")
    assert found.volumes == Volumes(expired=12_437 - 1000 - 1802)
    assert found.charge == Charge(0, 0, 0)
    assert found.status is StatementStatus.SETTLED


async def test_a_coupon_on_a_booking_is_delivered_and_given_back() -> None:
    traded = await settled.trade()
    programme, other = traded.programme, await make.enrol(traded.programme)
    wanted = await make.reward(
        programme,
        kind="COUPON",
        cost_minor=9_00,
        list_points=1,
        worth_minor=10_00,
        partner_id=traded.bank,
    )
    bought = await make.redeem(programme, traded.member_id, wanted, now=LATER)
    [code] = (await make.redemption(programme, traded.member_id, bought)).codes
    line, bank = make.line_of("hotel", "50"), await make.partner_of(programme, BANK)
    await travel.pay(programme, other, "C", line, coupon=code, caller=bank, now=LATER)
    then = LATER + timedelta(days=1)
    await travel.refund(programme, "C", "RC", supplier_cancelled=True, caller=bank, now=then)
    await make.settle_through(programme, APRIL_ENDS)
    found = await closed(traded, APRIL)
    # with it a night was cancelled and a coupon used apart from bookings
    assert found.volumes.delivered_minor == -80_00 + 9_00
    lines = [row for row in (await text_of(traded, APRIL)).splitlines() if str(bought) in row]
    assert sorted(row.rpartition(",")[2] for row in lines if row.startswith("delivered")) == [
        "-9.00",
        "9.00",
    ]
    # used once more, apart from a booking
    await make.use(programme, code, caller=bank, now=MAY)
    assert (await closed(traded, APRIL)).sha256 == found.sha256
    assert hashlib.sha256((await text_of(traded, APRIL)).encode()).digest() == found.sha256


async def test_another_partners_month_has_nothing_of_it() -> None:
    traded = await settled.trade()
    await make.partner_of(traded.programme, "inn")
    await make.agree(traded.programme, "inn")
    await make.settle_through(traded.programme, MARCH_ENDS)
    made = await make.statement(traded.programme, "inn", MARCH, now=MAY)
    found = await statements.find(traded.programme.id, made)
    assert found is not None
    assert found.volumes == Volumes()
    assert found.sha256 == hashlib.sha256(files.HEADING.encode()).digest()


async def test_a_month_is_closed_once_it_is_settled() -> None:
    traded = await settled.trade()
    programme = traded.programme

    async def refused(partner: str = BANK, month: str = MARCH) -> tuple[object, ...]:
        before = await make.everything(programme)
        with pytest.raises(StateConflict) as error:
            await make.statement(programme, partner, month, now=MAY)
        assert await make.everything(programme) == before
        return error.value.what, error.value.status, error.value.allowed

    assert await refused() == ("books", "CLOSED", ("OPEN",))
    await make.settle_through(programme, date(2026, 3, 30))
    assert await refused() == ("month", "OPEN", ("SETTLED",))
    await make.settle_through(programme, MARCH_ENDS)
    assert await refused(month="2026-02") == ("terms", "NONE", ("SAVED",))
    assert await refused(month=APRIL) == ("month", "OPEN", ("SETTLED",))
    with pytest.raises(NotFound):
        await make.statement(programme, "nobody", MARCH)

    made = await asyncio.gather(
        *(make.statement(programme, BANK, MARCH, now=MAY) for _ in range(5))
    )
    assert len(set(made)) == 1
    told = await make.events("partner.statement_closed", programme_id=programme.id)
    assert len(told) == 1
    # its price stays, and that of the months before
    for month in ("2026-01", MARCH):
        with pytest.raises(StateConflict):
            await make.agree(programme, BANK, from_month=month)
    await make.agree(programme, BANK, from_month=APRIL)


async def test_the_worker_closes_each_month_in_its_order() -> None:
    traded = await settled.trade()
    programme = traded.programme
    await make.partner_of(programme, "without-terms")
    assert await closing.due(programme, MAY) == []
    await make.settle_through(programme, date(2026, 5, 15))
    closed_months = []
    while due := await closing.due(programme, MAY):
        [month] = due
        closed_months.append(terms.month_text(month.first))
        await closing.close_due(month, MAY)
        await closing.close_due(month, MAY)
    assert closed_months == [MARCH, APRIL]
    assert await statements.count(traded.bank) == 2


async def outcome(call: Awaitable[object]) -> str:
    try:
        await call
    except (InvalidInput, NotFound, ReferenceConflict, StateConflict) as error:
        return getattr(error, "reason", error.code)
    return "paid"


async def test_payments_settle_a_statement_and_no_more() -> None:
    traded = await settled.trade()
    programme = traded.programme
    await make.settle_through(programme, MARCH_ENDS)
    found = await closed(traded, MARCH)

    async def pay(amount: str, reference: str, of: Programme = programme) -> str:
        sent = PaymentSent(found.id, Decimal(amount), reference)
        return await outcome(payments.pay(make.request(make.staff(of), now=MAY), "it", sent))

    assert await pay("10", "P-1") == "paid"
    assert await pay("10.00", "P-1") == "paid"
    assert await pay("11", "P-1") == "REFERENCE_CONFLICT"
    assert await pay("0", "P-2") == "amount_zero"
    assert await pay("-1", "P-2") == "negative_amount"
    assert await pay("0.001", "P-2") == "too_many_decimals"
    assert await pay("14.91", "P-2") == "amount_too_large"
    assert await pay("1", "P-2", await make.establish()) == "NOT_FOUND"
    # two at once: one is too much
    whole, part = await asyncio.gather(pay("14.90", "P-3"), pay("14.89", "P-4"))
    assert {(whole, part)} <= {("paid", "STATE_CONFLICT"), ("amount_too_large", "paid")}
    if whole != "paid":
        assert await pay("0.01", "P-5") == "paid"
    assert await pay("1", "P-6") == "STATE_CONFLICT"
    now = await statements.find(programme.id, found.id)
    assert now is not None
    assert (now.settled_minor, now.status) == (24_90, StatementStatus.SETTLED)


async def test_a_statement_that_is_not_what_the_ledger_gives_is_found(
    owner_connection: asyncpg.Connection,
) -> None:
    traded = await settled.trade()
    await make.settle_through(traded.programme, MARCH_ENDS)
    found = await closed(traded, MARCH)

    async def change(what: str) -> list[str]:
        statement = f"UPDATE partner_statement SET {what} WHERE id = $1"
        await owner_connection.execute(statement, found.id)
        read = await statement_checks.statements_read_again()
        return [fault.what for fault in read if fault.row_id == found.id]

    assert await change("issued = issued") == []
    assert await change("issued = issued + 1") == ["points and deliveries"]
    assert await change("issued = issued - 1, settled_minor = 1") == ["settled_minor"]
    more = "settled_minor = 0, fee_minor = fee_minor + 1, net_minor = net_minor + 1"
    assert await change(more) == ["amounts"]
    less = "sha256 = decode(repeat('00', 32), 'hex'), fee_minor = fee_minor - 1"
    assert await change(f"{less}, net_minor = net_minor - 1") == ["sha256"]
    # what the other tests of this database are not to find
    assert await change(f"sha256 = decode('{found.sha256.hex()}', 'hex')") == []


async def test_terms_by_which_points_are_paid_twice_are_found(
    owner_connection: asyncpg.Connection,
) -> None:
    programme = await make.funded(make.shipped_document(), BANK)
    await make.agree(programme, BANK)
    await make.agree(programme, BANK, from_month=APRIL, price_per_point="1")
    await make.agree(programme, BANK, from_month="2026-07", price_per_point="2", prepaid=True)
    own = await owner_connection.fetchval(
        "SELECT id FROM partner_terms WHERE programme_id = $1 AND from_month = '2026-04-01'",
        programme.id,
    )

    async def change(basis: str) -> list[tuple[str, str]]:
        await owner_connection.execute(
            "UPDATE partner_terms SET basis = $2 WHERE id = $1", own, basis
        )
        read = await statement_checks.points_paid_once()
        return sorted((fault.found, fault.expected) for fault in read)

    assert await change("REDEEMED") == [("ISSUED", "REDEEMED"), ("REDEEMED", "ISSUED")]
    assert await change("ISSUED") == []
