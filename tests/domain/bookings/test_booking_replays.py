"""Bookings seen again: answered as first, or refused as another."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.kernel.refusals import (
    InvalidInput,
    ReferenceConflict,
)
from tests.conftest import Database
from tests.support import factories as make
from tests.support.booked import earn

DAY = timedelta(days=1)


# The same booking again.


async def test_a_booking_seen_again_is_answered_as_it_was_first(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(5000)),), booked_at=make.NOW)
    first = await earn(programme, member_id, sent)
    before = await make.everything(programme)

    # the member is gold by now, the amount is written differently, the zone is another
    shanghai = timezone(timedelta(hours=8))
    again = BookingSent(
        "B-1",
        (LineSent("hotel", Decimal("5000.00")),),
        booked_at=make.NOW.astimezone(shanghai),
    )
    second = await earn(programme, member_id, again, now=make.NOW + DAY)
    assert (second.figures, second.replayed, first.replayed) == (first.figures, True, False)
    after = await make.everything(programme)
    # the new request key is kept, nothing else is
    keys = after.pop("idempotency_key")
    assert len(keys) == len(before.pop("idempotency_key")) + 1
    assert after == before


async def test_a_booking_seen_again_long_after_is_answered_as_it_was_first(
    database: Database,
) -> None:
    """Natural keys never expire, though the fact has become too old to be reported."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(100)),), booked_at=make.NOW)
    first = await earn(programme, member_id, sent)
    second = await earn(programme, member_id, sent, now=make.NOW + 400 * DAY)
    assert (second.figures, second.replayed) == (first.figures, True)


async def test_a_booking_of_a_product_sold_no_more_is_answered_as_it_was_first(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("train", Decimal(100)),))
    first = await earn(programme, member_id, sent)
    base = make.rule("rate", "base", points=1)
    products = make.variant(base, products=["flight", "hotel"])
    programme = await make.publish(programme, products, now=make.NOW + DAY)
    second = await earn(programme, member_id, sent, now=make.NOW + 2 * DAY)
    assert (second.figures, second.replayed) == (first.figures, True)
    async with make.refused(
        programme, InvalidInput, "lines", "0", "product", allowed=("flight", "hotel")
    ):
        await earn(programme, member_id, replace(sent, reference="B-2"), now=make.NOW + 2 * DAY)


@pytest.mark.parametrize(
    "changed",
    [
        {"lines": (LineSent("hotel", Decimal(101)),)},
        {"lines": (LineSent("flight", Decimal(100)),)},
        {"lines": (LineSent("hotel", Decimal(100)), LineSent("hotel", Decimal(0)))},
        {"booked_at": make.NOW},
        {"payment_method": "card"},
        {"currency": "CNY"},
    ],
    ids=range(6),
)
async def test_a_reference_with_other_content_is_refused(
    database: Database, changed: Mapping[str, Any]
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(100)),))
    await earn(programme, member_id, sent)
    async with make.refused(programme, ReferenceConflict, "reference", reference="B-1"):
        await earn(programme, member_id, replace(sent, **changed))


async def test_a_reference_of_another_member_is_refused(database: Database) -> None:
    programme = await make.establish()
    one, other = await make.enrol(programme), await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(100)),))
    await earn(programme, one, sent)
    async with make.refused(programme, ReferenceConflict, "reference", reference="B-1"):
        await earn(programme, other, sent)


async def test_another_programme_may_use_the_same_reference(database: Database) -> None:
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(100)),))
    for programme in (await make.establish(), await make.establish()):
        member_id = await make.enrol(programme)
        assert not (await earn(programme, member_id, sent)).replayed
