"""Verification of coupons on bookings: each altered value is found, and each code's uses."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import models
from domain.proof import coupon_checks, verification
from domain.proof.evidence import MemberRows
from tests.api.test_coupon_bookings import booked, bought, line, opened
from tests.conftest import Database
from tests.domain.proof.test_verification import with_altered
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database")


async def lived() -> tuple[UUID, list[str]]:
    """A member with a coupon that a booking uses, which was amended, and one that came back."""
    stage, partner = await opened()
    codes = [await bought(stage, 5000) for _ in range(2)]
    await booked(partner, "B-1", codes[0], line("hotel", "1000"))
    lines = [line("hotel", "30")]
    await partner.done("amendBooking", booking="B-1", reference="A-1", lines=lines)
    await booked(partner, "B-2", codes[1], line("hotel", "1000"))
    await partner.done("refundBooking", booking="B-2", reference="R-2")
    return await stage.member_id(), codes


async def read(member_id: UUID) -> MemberRows:
    [found] = await verification.read(UUID(int=member_id.int - 1), member_id)
    return found


def found(rows: MemberRows) -> list[tuple[str, str]]:
    return [(fault.table, fault.what) for fault in coupon_checks.check(rows)]


def planted(rows: MemberRows, table: str, values: dict[str, Any], column: str) -> MemberRows:
    """The same rows, but for a value of the one row that has these values."""
    [place] = [n for n, row in enumerate(rows.tables[table]) if values.items() <= row.items()]
    return with_altered(rows, table, place, column)


async def test_what_a_coupon_took_off_is_what_its_lines_say(database: Database) -> None:
    member_id, _ = await lived()
    rows = await read(member_id)
    assert found(rows) == []
    [back] = [use for use in rows.tables["coupon_use"] if use["use_id"] is not None]
    for reference in ("B-1", "B-2"):
        altered = planted(rows, "booking", {"reference": reference}, "coupon_minor")
        assert found(altered)[0] == ("booking", "coupon_minor"), reference
    for amendment in rows.tables["amendment"]:
        dearer = {**amendment, "coupon_minor": 5001}
        tables = defaultdict(list, {**rows.tables, "amendment": [dearer]})
        assert found(MemberRows(member_id, tables)) == [("amendment", "coupon_minor")]
    for column in ("booking_id", "coupon_id", "coupon_member_id", "discount_minor"):
        altered = planted(rows, "coupon_use", {"id": back["id"]}, column)
        assert found(altered) == [("coupon_use", column)]
    unknown = planted(rows, "coupon_use", {"id": back["id"]}, "use_id")
    assert found(unknown) == [("coupon_use", "use_id")]
    for use in rows.tables["coupon_use"]:
        if use["use_id"] is None:
            altered = planted(rows, "coupon_use", {"id": use["id"]}, "discount_minor")
            assert ("booking", "coupon_minor") in found(altered)


@pytest.mark.parametrize(
    "altered",
    [
        "UPDATE coupon_code SET booking_id = gen_random_uuid() WHERE id = $1",
        "UPDATE coupon_code SET booking_member_id = gen_random_uuid() WHERE id = $1",
        (
            "UPDATE coupon_code SET status = 'ISSUED', used_at = NULL, used_by = NULL, "
            "booking_id = NULL, booking_member_id = NULL WHERE id = $1"
        ),
        "DELETE FROM coupon_use WHERE coupon_id = $1",
        (
            "INSERT INTO coupon_use SELECT (jsonb_populate_record(u, jsonb_build_object("
            "'id', gen_random_uuid(), 'use_id', u.id, 'refund_id', (SELECT r.id FROM refund r "
            "WHERE r.member_id = u.member_id LIMIT 1)))).* FROM coupon_use u "
            "WHERE u.coupon_id = $1"
        ),
    ],
)
async def test_a_code_is_used_up_by_the_one_booking_that_names_it(
    altered: str, owner_connection: asyncpg.Connection
) -> None:
    member_id, [used, returned] = await lived()
    by_code = {
        one.code: one.id for one in await models.CouponCode.filter(code__in=[used, returned])
    }

    async def faults() -> set[UUID]:
        ids = {fault.row_id for fault in await coupon_checks.once()}
        return {one for one in by_code.values() if one in ids}

    assert await faults() == set()
    assert await make.faults(member_id) == []
    transaction = owner_connection.transaction()
    await transaction.start()
    await owner_connection.execute(altered, by_code[used])
    await transaction.commit()
    assert await faults() == {by_code[used]}
