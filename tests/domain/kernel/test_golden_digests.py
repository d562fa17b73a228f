"""Digests that are stored for ever: one that differs here refuses facts that were taken before.

A literal of this file never changes. Where a test fails, the code has to go back to what was
stored; what comes to be sent anew is left out where it is not given.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.approvals import approvals
from domain.backtests import backtests
from domain.backtests.backtests import BacktestSent
from domain.bookings import amendments, bookings, completions, quotes, refunds
from domain.bookings.amendment_rules import AmendmentSent
from domain.bookings.completions import CompletionSent
from domain.bookings.quotes import QuoteSent
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.bookings.reports import BookingSent
from domain.checkout import offsets
from domain.checkout.booking_lines import LineSent
from domain.checkout.offsets import HoldSent
from domain.kernel.callers import Scope
from domain.kernel.canonical import sha256
from domain.kernel.database import update
from domain.kernel.idempotency import Outcome, Request
from domain.kernel.lookups import LookupScope
from domain.members import endings, enrolment, profile, proving, tier_assignments
from domain.members.contacts import ContactKind, VouchSent
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.members.tier_assignments import AssignmentSent
from domain.memberships import closing, merges
from domain.memberships.closing import ClosingSent
from domain.memberships.merges import MergeSent
from domain.partners import key_life, partners
from domain.partners.key_life import KeyNamed, KeySent, Terms
from domain.partners.partners import PartnerSent
from domain.programmes import drafts, programmes
from domain.programmes.drafts import DraftSent
from domain.programmes.programmes import Programme
from domain.programmes.sources import OfDraft, OfVersion
from domain.redemptions import cancellations, coupon_uses, deliveries, fulfilments, redemptions
from domain.redemptions.coupon_uses import ExtensionSent
from domain.redemptions.delivery_details import DeliverySent
from domain.redemptions.fulfilments import FulfilSent
from domain.redemptions.redemptions import RedeemSent
from domain.rewards import editing
from domain.rewards.editing import StockSent
from domain.transfers import adjustments, transfers
from domain.transfers.adjustments import AdjustmentSent
from domain.transfers.transfers import TransferSent
from tests.support import factories as make

AT = datetime(2026, 3, 14, 18, 15, 30, 250_000, tzinfo=timezone(timedelta(hours=8)))
FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
BY_ID = MemberKey.of_id(FIRST)
BY_REFERENCE = MemberKey(LookupScope.REFERENCE, "xiaoli")
BY_EMAIL = MemberKey(LookupScope.EMAIL, "li@example.com")
BY_PHONE = MemberKey(LookupScope.PHONE, "+8613800138000")

FLIGHT = LineSent(
    "flight",
    Decimal("1500.50"),
    travel_from=date(2026, 5, 1),
    travel_to=date(2026, 5, 3),
    attributes={"city": "上海", "hot_route": True},
)
HOTEL = LineSent("hotel", Decimal(800))

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


DOCUMENT = """
programme: pinned
name: {zh-CN: 积分, en: Points}
timezone: Asia/Shanghai
currency: CNY
products: [flight]
facts: {oldest_days: 365}
points: {worth: {points: 100, money: 1}, available: at_payment}
tiers:
  basis: spend
  window: lifetime
  levels: [{code: silver, name: {zh-CN: 白银, en: Silver}, threshold: 0}]
"""

HOME = DeliverySent("Li Na", "1", "Nanjing Road 1", "ring")
VISIT = DeliverySent("Li Na", "1", from_at=AT, until_at=AT, place="Lobby")
CUP = {
    "code": "cup",
    "worth": Decimal("5.50"),
    "valid_from": date(2027, 1, 31),
    "name": {"en": "Cup"},
}

Call = Callable[[Request, Programme], Awaitable[Outcome]]


async def _rotated(request: Request, programme: Programme, terms: Terms) -> Outcome:
    operation, named = "rotatePartnerKey", KeyNamed(programme, "0011")
    return (await key_life.rotate_once(request, operation, named, terms, AT))[0]


async def _made(request: Request, programme: Programme, sent: KeySent) -> Outcome:
    return (await key_life.create(request, programme, sent, "test", AT))[0]


REQUESTS: dict[str, tuple[Call, str]] = {
    "enrolMember: least": (
        lambda request, programme: enrolment.enrol(request, programme, EnrolSent()),
        "680cb44af97d35650c4502e347791064031fa719a03014b876a94b36f40677d7",
    ),
    "enrolMember: all": (
        lambda request, programme: enrolment.enrol(
            request,
            programme,
            EnrolSent(
                reference="xiaoli",
                name="李",
                email="li@example.com",
                phone="+8613800138000",
                birthday=date(1990, 2, 28),
                locale="en",
                referral_code="FRIEND",
                profile={"airport": "PVG", "seats": 2},
                guest=True,
            ),
        ),
        "5410b50c7479e6d272a56447431cc2bbb3cb6d2353aee178457b75cb0a5e2016",
    ),
    "updateMember: least": (
        lambda request, programme: profile.change(request, programme, BY_ID, {}),
        "c3efb3d9644db95401094164fef047162793a996c2e013c82189a07fc605f668",
    ),
    "updateMember: all": (
        lambda request, programme: profile.change(
            request,
            programme,
            BY_EMAIL,
            {
                "name": "李",
                "email": None,
                "phone": "+8613800138000",
                "birthday": date(1990, 2, 28),
                "locale": "en",
                "profile": {"airport": "PVG", "seats": 2},
            },
        ),
        "0bf72dee94e6e29a0edb876023afc44e7bd59a457be6c164fb980f581f4b04f8",
    ),
    "updateMember: vouching": (
        lambda request, programme: profile.change(
            request, programme, BY_ID, {"email": "li@example.com"}, proved=(ContactKind.EMAIL,)
        ),
        "56d0b44b2358b3e3db2d093b06328315d147cd3424367088b5396a486a648893",
    ),
    "proveContact: least": (
        lambda request, programme: proving.prove(
            request, programme, BY_REFERENCE, VouchSent(ContactKind.EMAIL)
        ),
        "6f5d3bbe922e28bc04ca244e6df87ae817f047b4939657100af02992f60c9e57",
    ),
    "proveContact: all": (
        lambda request, programme: proving.prove(
            request, programme, BY_ID, VouchSent(ContactKind.PHONE, "+86 13800138000")
        ),
        "a3ca5b92fee04204d0c1c1c21e33e5483f5375067b4141eeb8c4c63ea9764e17",
    ),
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
    "redeemReward: least": (
        lambda request, programme: redemptions.redeem(
            request, programme, BY_ID, RedeemSent("lounge")
        ),
        "95402017bec5db09ce9e10caff806f6dd6ce0d3c8debed2d242879bccd98d9bf",
    ),
    "redeemReward: all": (
        lambda request, programme: redemptions.redeem(
            request, programme, BY_REFERENCE, RedeemSent("miles", 2, 9000, True, "MU-1")
        ),
        "547fa0946bfa43116bc070ccb572a940888fc2ea719032aeb7273c77128fd747",
    ),
    "confirmRedemption": (
        lambda request, programme: redemptions.confirm(request, programme, FIRST, SECOND),
        "f576bf824afd0b23239b624bf4c90e9511260f56e4025b03cc04c67a782cf607",
    ),
    "cancelRedemption: least": (
        lambda request, programme: cancellations.cancel(request, programme, FIRST, SECOND),
        "e83272313a4260206d7e92e397cefd3dd7fce630796ce19310ba0bc5f94f1503",
    ),
    "cancelRedemption: all": (
        lambda request, programme: cancellations.cancel(request, programme, FIRST, SECOND, "ill"),
        "86bd4472017de5c44edee9dc25b047f6367112e108812a902cdf287439ae9bad",
    ),
    "fulfilRedemption: least": (
        lambda request, programme: fulfilments.fulfil(
            request, programme, FIRST, SECOND, FulfilSent()
        ),
        "4cdb474e59591fa21ae85154ad943bcfb70a17cdfb5969cc8bf554e1882eeddf",
    ),
    "fulfilRedemption: all": (
        lambda request, programme: fulfilments.fulfil(
            request, programme, FIRST, SECOND, FulfilSent("SF-1", "O-1")
        ),
        "ce837e860d42cb3d223267ccfd29660e017670e7bfc97e23c9f0b6453188813b",
    ),
    "redeemReward: delivery": (
        lambda request, programme: redemptions.redeem(
            request, programme, BY_ID, RedeemSent("box", delivery=HOME)
        ),
        "1c3aa5edd40c1f2eac34026119d70c75f52741e6c02cff66dd43e9b49d2650a8",
    ),
    "changeDelivery": (
        lambda request, programme: deliveries.change(request, programme, (FIRST, SECOND), VISIT),
        "c9c60f3aaed3468532ed64675e9166347075f8dff168587aa411a19539fe573f",
    ),
    "shipRedemption": (
        lambda request, programme: deliveries.ship(request, programme, (FIRST, SECOND), "SF-1"),
        "11c0667d8c48fb3f31a4d320ac651cc7345827bd2980ab32acd27570ec741969",
    ),
    "rejectOrder": (
        lambda request, programme: deliveries.reject(
            request, programme, (FIRST, SECOND), "broken", restock=True
        ),
        "d2cdbf2ed2afbb614062bfbbf01466e681ef1df24b333c6cdd2681e60f6b29a2",
    ),
    "extendCoupon": (
        lambda request, programme: coupon_uses.extend(
            request, programme, ExtensionSent("C-1", date(2027, 1, 31), "goodwill")
        ),
        "3aaa70b2d8f1c707839acfb587c796b72d704ba160dd83a795ffb92672b543cd",
    ),
    "saveReward": (
        lambda request, programme: editing.save(request, programme, CUP),
        "dd03fe1169172c7b99c826bc1564f9821c8efe0136e0eafb086697132419244a",
    ),
    "adjustStock": (
        lambda request, programme: editing.adjust_stock(
            request, programme, StockSent("cup", -3, "broken")
        ),
        "34331a6285bb2f5299cd28d09c1a0b38a860118497fd1afd92e987bff0f52932",
    ),
    "useCoupon": (
        lambda request, programme: coupon_uses.use(request, programme, "C-1"),
        "4931bacf13f8f34fcf02abb25bd2dda9c9970141268d1703f64de90fd2b64ac8",
    ),
    "transferPoints: least": (
        lambda request, programme: transfers.transfer(
            request, programme, BY_ID, BY_REFERENCE, TransferSent(100)
        ),
        "a66d1272a5787c9a16a8af2a04262e0e5cdaa39847ffb161208dd65eac1f6e45",
    ),
    "transferPoints: all": (
        lambda request, programme: transfers.transfer(
            request, programme, BY_REFERENCE, BY_EMAIL, TransferSent(100, "a gift")
        ),
        "0e9ba771f1996b37db376b47e512634cccc3b9dfb06a7597570af3ceb22a0881",
    ),
    "adjustPoints: least": (
        lambda request, programme: adjustments.adjust(
            request, programme, BY_ID, AdjustmentSent(-5, "slip")
        ),
        "4c7b2f67601c8fac84a6c4eadec027ece98a1b7fe04b297979a7aed65fff3b46",
    ),
    "adjustPoints: all": (
        lambda request, programme: adjustments.adjust(
            request, programme, BY_REFERENCE, AdjustmentSent(5, "slip", date(2027, 1, 31))
        ),
        "b2e3a07e769d2df7e24a4f042d600001d38c9668024ca715090a4f92475b2b4c",
    ),
    "assignTier: least": (
        lambda request, programme: tier_assignments.assign(
            request, programme, BY_ID, AssignmentSent(None, "over")
        ),
        "f72292339b4caf96de353e2fc52f509cc9d2e513eda156771dbc33c6416b73f8",
    ),
    "assignTier: all": (
        lambda request, programme: tier_assignments.assign(
            request, programme, BY_REFERENCE, AssignmentSent("gold", "match", AT)
        ),
        "add7547917028ab0719ac378d48ecd75b8c2d0bbaa6974d4fe9f889d5f8a0440",
    ),
    "suspendMember: all": (
        lambda request, programme: endings.suspend(request, programme, BY_REFERENCE, "stolen"),
        "ff468008cc67fda43cb0e80a359cc60d1580273a3d4cc84bfed56dcdf33daf2e",
    ),
    "reinstateMember: all": (
        lambda request, programme: endings.reinstate(request, programme, BY_ID, "found"),
        "b09f752e880a653e7965c6f3971dcf7818ab4ca945a5d1c1a837b9701f35dded",
    ),
    "closeMember: all": (
        lambda request, programme: closing.close(
            request, programme, BY_ID, ClosingSent("asked for it", 5)
        ),
        "28917d6c89d525425f06cd95c45695f3619e24cb997197cc2f670e910bf5c294",
    ),
    "mergeMembers: all": (
        lambda request, programme: merges.merge(
            request, programme, MergeSent(BY_ID, BY_REFERENCE, "twice")
        ),
        "711c795700d4e197740732e15cfb7aa8adb63d41763b06330691abd9b0bf1c21",
    ),
    "publishPolicy: least": (
        lambda request, _: programmes.publish(request, DOCUMENT),
        "3f5cbfd6af0b46c96dc2627ecc799fde30f0d1b6c6889c08a9c5cb0dff76a902",
    ),
    "publishPolicy: all": (
        lambda request, _: programmes.publish(
            request, DOCUMENT, effective_from=AT, note="a season"
        ),
        "27c6e66a30bcea3cce58591af92693cb389f121d287d6607374cffa50b68f084",
    ),
    "publishPolicy: version": (
        lambda request, _: programmes.publish(request, OfVersion(1)),
        "c16a93f25e5f0c6bd41378d83ccd9ef3f453b0e389a1498fb1476cd49267fc53",
    ),
    "publishPolicy: draft": (
        lambda request, _: programmes.publish(request, OfDraft(FIRST, "x")),
        "6aba5ffe1667a7e10a2997cd97257ffa6286a2d6ccffe80384c7ea7945a4aa23",
    ),
    "approveProposal": (
        lambda request, programme: approvals.approve(request, programme, FIRST, "x"),
        "b55167c9d9dca711f7be6ac8eb52583788186787ab95829110ef5357b257d154",
    ),
    "rejectProposal": (
        lambda request, _: approvals.reject(request, FIRST, "x", "too early"),
        "225b6c16bcf6aadd73ba68e8c6476587e26868bf6fdf93c68b56250c296a0664",
    ),
    "saveDraft: least": (
        lambda request, _: drafts.save(request, DraftSent("a", name="Spring")),
        "eecec81d4f8382b6c8260ae725646b7b689fe609fb9dea1a84c862ff1c99fb8c",
    ),
    "saveDraft: all": (
        lambda request, _: drafts.save(request, DraftSent("a", FIRST, 2, "Spring", "x")),
        "e8221897b3373e12ada71c66834928825b6a56811264c361e3f396f7c7bfe48f",
    ),
    "deleteDraft": (
        lambda request, _: drafts.delete(request, FIRST, "x"),
        "eda69feb6f9d476289e5b382b7553fc990e44b693007ebf74cebd06d0e0a204b",
    ),
    "startBacktest: least": (
        lambda request, programme: backtests.start(request, programme, BacktestSent(DOCUMENT)),
        "13d2b730fc722e1bd97f1f3c7f09a26cb22227003e31838a5b314d979c84d5d9",
    ),
    "startBacktest: all": (
        lambda request, programme: backtests.start(
            request, programme, BacktestSent(OfVersion(1), OfVersion(1), AT, AT, AT)
        ),
        "c1f779118757128d316df33df2cac409ee7d6fa6ee39343d805b35693a38d7dd",
    ),
    "cancelBacktest": (
        lambda request, programme: backtests.cancel(request, programme, UUID(int=1)),
        "530010a2e1c26017da6e0aea1f7bdaa0c90ecd7daf0cfd950d4232649a77ec96",
    ),
    "revokePartnerKey": (
        lambda request, programme: key_life.revoke_once(
            request, "revokePartnerKey", KeyNamed(programme, "mp_test_0011_x"), AT
        ),
        "860561cce8df8442c2dd32226aeb0a59cebfbba466f7e6a506a3f9b3664baeda",
    ),
    "rotatePartnerKey: least": (
        lambda request, programme: _rotated(request, programme, Terms()),
        "4ec2046ab6887ce76a2b0abe56f6a9927d37527c0c2b463700c7c149c0c74248",
    ),
    "rotatePartnerKey: all": (
        lambda request, programme: _rotated(request, programme, Terms("till", AT, True, True)),
        "a4ae385d4f4076ed8f3a68e1e20fb8b69407c56a09f8d60c164995c7b2ba115b",
    ),
    "updatePartnerKey": (
        lambda request, programme: key_life.change_once(
            request, KeyNamed(programme, "0011"), Terms(None, AT, True, True), AT
        ),
        "61067b6c634655ef29ad55ac8d9ac8944eb780dff079f6cdb6e74d2f5643b741",
    ),
    "createKey": (
        lambda request, programme: _made(
            request, programme, KeySent("shop", "till", (Scope.EARN, Scope.READ), AT)
        ),
        "ba06c36599083a9530356cc1a1fe2f1b529a973085ba48cebe8d44797569db24",
    ),
    "savePartner": (
        lambda request, _: partners.save(
            request, PartnerSent("shop", "Shop", (Scope.EARN, Scope.READ))
        ),
        "9fab3fca4e242104d23252d74c114c810fa8371d58bc481ba9c4402a8c187dca",
    ),
}
"""Each mutation as it may be sent, and the digest that its key stands for."""


async def stored_request(programme: Programme, digest: str) -> Request:
    """A request under a key that was used before, for what has this digest."""
    caller = replace(make.staff(programme), programme="pinned")
    request = make.request(caller)
    await update(
        "INSERT INTO idempotency_key "
        "(programme_id, caller, key, operation, input_sha256, created_at, result) "
        "VALUES ($1, 'staff:kim', $2, 'before', $3, $4, '{\"answered\": \"before\"}')",
        programme.id,
        request.key,
        bytes.fromhex(digest),
        request.now.astimezone(UTC),
    )
    return request


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_is_known_by_what_was_stored(name: str) -> None:
    call, stored = REQUESTS[name]
    programme = await make.establish()
    request = await stored_request(programme, stored)
    assert await call(request, programme) == Outcome({"answered": "before"}, replayed=True)
