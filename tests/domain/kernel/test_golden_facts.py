"""Facts, and requests that report them: what they are compared by never changes."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import amendments, bookings, completions, quotes, refunds
from domain.bookings.amendment_rules import AmendmentSent
from domain.bookings.completions import CompletionSent
from domain.bookings.quotes import QuoteSent
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.bookings.reports import BookingSent
from domain.checkout import offsets
from domain.checkout.offsets import HoldSent
from domain.kernel.canonical import sha256
from tests.support.pinned import (
    AT,
    BY_ID,
    BY_PHONE,
    BY_REFERENCE,
    FIRST,
    FLIGHT,
    HOTEL,
    SECOND,
    THIRD,
    Call,
    answer_again,
)

BARE_BOOKING = BookingSent("B1", (HOTEL,))

FIRST_BOOKING = BookingSent(
    reference="B1",
    lines=(FLIGHT, HOTEL),
    booked_at=AT,
    currency="CNY",
    payment_method="card",
    redemption=(FIRST, SECOND),
)

WHOLE_BOOKING = replace(FIRST_BOOKING, quote=(FIRST, THIRD))
BARE_REFUND = RefundSent("R1")

WHOLE_REFUND = RefundSent(
    reference="R1",
    lines=(RefundLineSent(1, Decimal("100.00")), RefundLineSent(2, Decimal("0.5"))),
    refunded_at=AT,
    supplier_cancelled=True,
)

BARE_AMENDMENT = AmendmentSent("A1", (HOTEL,))
WHOLE_AMENDMENT = AmendmentSent("A1", (FLIGHT, HOTEL), amended_at=AT)
BARE_ACTIVITY = ActivitySent("review", "T1")
WHOLE_ACTIVITY = ActivitySent("review", "T1", AT, {"stars": 5, "text": "好", "photo": None})

CONTENTS: dict[str, tuple[Any, str]] = {
    "the least of a booking": (
        BARE_BOOKING,
        "529a610fac08c1b8c730e99736f932ab81cb020dca0951cb8eea778c4a673249",
    ),
    "a booking without what came later": (
        FIRST_BOOKING,
        "32b295361671df7591db6871bc72bccf54005244c609ce96a95a7492d8923750",
    ),
    "a booking with a quote": (
        WHOLE_BOOKING,
        "f7f4d1c690b66fb80e5a3a1d06b2a26e8151fbc392e9d017ef3dc981302440b7",
    ),
    "the least of a refund": (
        BARE_REFUND,
        "10c9f1ea5cbdd2c26ac199baaa8fe2cfe46797cc291a9fe4094a1c310cc5ddce",
    ),
    "a refund": (WHOLE_REFUND, "d84ef6b67d1fcb2474853e4ac5bbb4cadb2c8cf10f3f8cb5966f0f903756d211"),
    "the least of an amendment": (
        BARE_AMENDMENT,
        "31d4b09f95ad76781e22d098d31cabd67b95b9b7b5a7a2a879dac5fd86597e77",
    ),
    "an amendment": (
        WHOLE_AMENDMENT,
        "8a6bc2163bf7aee493f3ab1615d0e8ee534b1246a4501a5621803802e5a34dd9",
    ),
    "the least of an activity": (
        BARE_ACTIVITY,
        "3d4402321d4d3c5913e4da07f60d5cf3dc45ce420e485b5e74509b9b0292e571",
    ),
    "an activity": (
        WHOLE_ACTIVITY,
        "3bfc40b0054696e0410805c2cdebc1f833a224ed89315fe543dda675bd465753",
    ),
    "completed lines too many to name": (
        "1,2,3",
        "deb770b8fe099d61e261486e1ef8abf969e2054fabbeeee558db6a0075d455d3",
    ),
    "the key of an imported member": (
        ["enrol", "xiaoli"],
        "b8ee33e4b43daa8ed90109f3fe1e55b9e228e861a4a3b8d7a64030444b612cbc",
    ),
    "the key of an imported booking": (
        ["xiaoli", FIRST_BOOKING],
        "4711a052c6f1571548132fe5918fe8b44bbbc7b891325bcb7045322a84b38578",
    ),
}
"""What a fact that is sent again is compared by, and an imported row's key."""


@pytest.mark.parametrize("name", CONTENTS)
def test_a_fact_is_compared_with_what_was_stored(name: str) -> None:
    content, stored = CONTENTS[name]
    assert sha256(content).hex() == stored


REQUESTS: dict[str, tuple[Call, str]] = {
    "earnForBooking: least": (
        lambda request, programme: bookings.earn(request, programme, BY_ID, BARE_BOOKING),
        "4b2a47945817d0d77d5d05750d9a6cfb782c7458118311d087ad421ab53c5c3e",
    ),
    "earnForBooking: without a quote": (
        lambda request, programme: bookings.earn(request, programme, BY_PHONE, FIRST_BOOKING),
        "7dba09af57a99442432a9aa786f764098faac3f5599d04109f96cdaccc97e72f",
    ),
    "earnForBooking: all": (
        lambda request, programme: bookings.earn(request, programme, BY_REFERENCE, WHOLE_BOOKING),
        "77da0f48fc9b48bb837fa613f73b5304d256222f8326e50036b86aaa61a63ae9",
    ),
    "guaranteeQuote: least": (
        lambda request, programme: quotes.guarantee(request, programme, BY_ID, QuoteSent((HOTEL,))),
        "9acef616d3686338469059181589f68cd5b1a2cdb2b2d0d10ecd8966945b9f7d",
    ),
    "guaranteeQuote: all": (
        lambda request, programme: quotes.guarantee(
            request, programme, BY_REFERENCE, QuoteSent((FLIGHT, HOTEL), AT, "card", 500)
        ),
        "385ff93ff325d83e312af149f8face61a44e9867c2bf04defa947823e33eb9c2",
    ),
    "completeBooking: least": (
        lambda request, programme: completions.complete(request, programme, "B1", CompletionSent()),
        "0b6a47f17444620d4a9586ebab8a77ad3017daa83405efc82599176bc8087f04",
    ),
    "completeBooking: all": (
        lambda request, programme: completions.complete(
            request, programme, "B1", CompletionSent((2, 1), AT)
        ),
        "b290e0813b312496df4cc67aee83572ef07f0e5e8e733a622c33dcd14ce85c09",
    ),
    "refundBooking: least": (
        lambda request, programme: refunds.refund(request, programme, "B1", BARE_REFUND),
        "96ac115f4a1e508594802d9efb87bd2a6e02a6efb3bf7d989f90a31d09969e02",
    ),
    "refundBooking: all": (
        lambda request, programme: refunds.refund(request, programme, "B1", WHOLE_REFUND),
        "b96548bf2cd776b9f9abe3193cfb6eb36d8b1ea70db65c82649d91b0e4b2157f",
    ),
    "amendBooking: least": (
        lambda request, programme: amendments.amend(request, programme, "B1", BARE_AMENDMENT),
        "84d453ed1dae6e129e55b08fe7c9106e76483f5d2ee0a63c520d337efa91f2a9",
    ),
    "amendBooking: all": (
        lambda request, programme: amendments.amend(request, programme, "B1", WHOLE_AMENDMENT),
        "f8456de23064375df9afc5daa9f252da379671f01c3c1e17e1692f1c45edf278",
    ),
    "redeemOnBooking: least": (
        lambda request, programme: offsets.hold(request, programme, BY_ID, HoldSent(500, (HOTEL,))),
        "613f83ebcd56007dff0420479d2e2aca454319de05f337cbbbb585b4aedfe7dc",
    ),
    "redeemOnBooking: all": (
        lambda request, programme: offsets.hold(
            request, programme, BY_REFERENCE, HoldSent(500, (FLIGHT, HOTEL), AT)
        ),
        "4e744d1c8631efc6e69805384da66186533f823cbd0236899d4637f8003cb658",
    ),
    "earnForActivity: least": (
        lambda request, programme: activities.earn(request, programme, BY_ID, BARE_ACTIVITY),
        "29dd88ef84140cf9316f8590e47a8d34e9599a9a6df834e468900d74a5f3e23b",
    ),
    "earnForActivity: all": (
        lambda request, programme: activities.earn(
            request, programme, BY_REFERENCE, WHOLE_ACTIVITY
        ),
        "579893a3047343aaea01d2e8af142294ca60ddc0d9472650bdffa93dccb66dc1",
    ),
}
"""Each mutation as it may be sent, and the digest that its key stands for."""


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_is_known_by_what_was_stored(name: str) -> None:
    await answer_again(*REQUESTS[name])
