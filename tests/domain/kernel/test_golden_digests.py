"""Digests that are stored for ever: one that differs here refuses facts that were taken before.

A literal of this file never changes. Where a test fails, the code has to go back to what was
stored; what comes to be sent anew is left out where it is not given."""

from datetime import date
from decimal import Decimal

import pytest

from domain.members import endings, enrolment, profile, proving, tier_assignments
from domain.members.contacts import ContactKind, VouchSent
from domain.members.enrolment import EnrolSent
from domain.members.tier_assignments import AssignmentSent
from domain.memberships import closing, merges
from domain.memberships.closing import ClosingSent
from domain.memberships.merges import MergeSent
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
from tests.support.pinned import (
    AT,
    BY_EMAIL,
    BY_ID,
    BY_REFERENCE,
    FIRST,
    SECOND,
    Call,
    answer_again,
)

HOME = DeliverySent("Li Na", "1", "Nanjing Road 1", "ring")
VISIT = DeliverySent("Li Na", "1", from_at=AT, until_at=AT, place="Lobby")

CUP = {
    "code": "cup",
    "worth": Decimal("5.50"),
    "valid_from": date(2027, 1, 31),
    "name": {"en": "Cup"},
}

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
}
"""Each mutation as it may be sent, and the digest that its key stands for."""


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_is_known_by_what_was_stored(name: str) -> None:
    await answer_again(*REQUESTS[name])
