"""Every mutation under its key: once, replayed, refused for other input, and raced."""

import asyncio
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from api.kit.relay import to_global_id
from domain.kernel.database import rows
from tests.support.callers import Client, fresh_key, mutation_text, payload_of
from tests.support.factories import NOBODY_LISTENS
from tests.support.operations import INPUTS, RESULTS, Things, furnish, furnished

pytestmark = pytest.mark.usefixtures("database")

UNREACHED = "connection refused"

OTHER: dict[str, Callable[[Things], dict[str, Any]]] = {
    "enrolMember": lambda _: {"name": "Somebody"},
    "updateMember": lambda t: {**INPUTS["updateMember"](t), "name": "Somebody"},
    "requestContactCode": lambda t: {**INPUTS["requestContactCode"](t), "kind": "EMAIL"},
    "proveContact": lambda t: {**INPUTS["proveContact"](t), "kind": "PHONE"},
    "earnForBooking": lambda t: {**INPUTS["earnForBooking"](t), "reference": "B-other"},
    "earnForBookings": lambda t: {**INPUTS["earnForBookings"](t), "reference": "B-other"},
    "guaranteeQuote": lambda t: {**INPUTS["guaranteeQuote"](t), "paymentMethod": "card"},
    "completeBooking": lambda t: {**INPUTS["completeBooking"](t), "lines": [1]},
    "refundBooking": lambda t: {**INPUTS["refundBooking"](t), "reference": "R-other"},
    "amendBooking": lambda t: {**INPUTS["amendBooking"](t), "reference": "A-other"},
    "redeemOnBooking": lambda t: {**INPUTS["redeemOnBooking"](t), "points": 200},
    "earnForActivity": lambda t: {**INPUTS["earnForActivity"](t), "reference": "A-other"},
    "redeemReward": lambda t: {**INPUTS["redeemReward"](t), "quantity": 2},
    "cancelRedemption": lambda t: {**INPUTS["cancelRedemption"](t), "reason": "another"},
    "confirmRedemption": lambda t: {"redemption": t.redemption_id},
    "changeDelivery": lambda t: {
        **INPUTS["changeDelivery"](t),
        "delivery": {"recipient": "Li", "phone": "1", "address": "another"},
    },
    "shipRedemption": lambda t: {**INPUTS["shipRedemption"](t), "tracking": "SF-2"},
    "rejectOrder": lambda t: {**INPUTS["rejectOrder"](t), "restock": True},
    "fulfilRedemption": lambda t: {**INPUTS["fulfilRedemption"](t), "tracking": "SF-2"},
    "useCoupon": lambda _: {"code": "another"},
    "extendCoupon": lambda t: {**INPUTS["extendCoupon"](t), "reason": "another"},
    "saveReward": lambda t: {"reward": {**INPUTS["saveReward"](t)["reward"], "points": 600}},
    "adjustStock": lambda t: {**INPUTS["adjustStock"](t), "change": 4},
    "useBenefit": lambda t: {**INPUTS["useBenefit"](t), "benefit": "upgrade"},
    "returnBenefit": lambda t: {**INPUTS["returnBenefit"](t), "reference": "another"},
    "transferPoints": lambda t: {**INPUTS["transferPoints"](t), "note": "another"},
    "adjustPoints": lambda t: {**INPUTS["adjustPoints"](t), "reason": "another"},
    "claimPoints": lambda t: {**INPUTS["claimPoints"](t), "text": "another"},
    "submitFeedback": lambda t: {**INPUTS["submitFeedback"](t), "text": "another"},
    "publishTemplate": lambda t: {**INPUTS["publishTemplate"](t), "body": "another"},
    "stopExperiment": lambda t: {**INPUTS["stopExperiment"](t), "reason": "another"},
    "saveAnnouncement": lambda t: {**INPUTS["saveAnnouncement"](t), "notify": True},
    "reportBounce": lambda t: {**INPUTS["reportBounce"](t), "kind": "SOFT"},
    "liftSuppression": lambda t: {**INPUTS["liftSuppression"](t), "address": "x@example.com"},
    "registerPush": lambda t: {**INPUTS["registerPush"](t), "address": "device-2"},
    "removePush": lambda t: {**INPUTS["removePush"](t), "provider": "WECHAT"},
    "resendNotice": lambda t: {**INPUTS["resendNotice"](t), "channel": "SMS"},
    "readNotices": lambda _: {"notices": None},
    "recordConsent": lambda t: {**INPUTS["recordConsent"](t), "granted": False},
    "answerFeedback": lambda t: {**INPUTS["answerFeedback"](t), "text": "another"},
    "withdrawClaim": lambda _: {"claim": to_global_id("Claim", UUID(int=1), member_id=UUID(int=2))},
    "decideClaim": lambda t: {**INPUTS["decideClaim"](t), "reason": "another"},
    "reverseActivity": lambda t: {**INPUTS["reverseActivity"](t), "reason": "another"},
    "assignTier": lambda t: {**INPUTS["assignTier"](t), "tier": "gold"},
    "suspendMember": lambda t: {**INPUTS["suspendMember"](t), "reason": "another"},
    "reinstateMember": lambda t: {**INPUTS["reinstateMember"](t), "reason": "another"},
    "closeMember": lambda t: {**INPUTS["closeMember"](t), "reason": "another"},
    "mergeMembers": lambda t: {**INPUTS["mergeMembers"](t), "reason": "another"},
    "reviewReferral": lambda t: {**INPUTS["reviewReferral"](t), "reason": "another"},
    "decideReview": lambda t: {**INPUTS["decideReview"](t), "reason": "another"},
    "eraseMember": lambda t: {**INPUTS["eraseMember"](t), "confirm": 1},
    "exportMember": lambda t: {"member": {"reference": t.leaver}},
    "savePartner": lambda t: {**INPUTS["savePartner"](t), "scopes": ["READ"]},
    "savePartnerTerms": lambda t: {**INPUTS["savePartnerTerms"](t), "feePercent": "6"},
    "buyPoints": lambda t: {**INPUTS["buyPoints"](t), "points": 501},
    "closeStatement": lambda t: {**INPUTS["closeStatement"](t), "month": "2126-02"},
    "closePeriod": lambda _: {"month": "2126-02"},
    "settleStatement": lambda t: {**INPUTS["settleStatement"](t), "amount": "0.20"},
    "createKey": lambda t: {**INPUTS["createKey"](t), "label": "another"},
    "rotateKey": lambda t: {**INPUTS["rotateKey"](t), "hours": 1},
    "revokeKey": lambda _: {"key": "another"},
    "revokePartnerKey": lambda _: {"keyId": "another"},
    "rotatePartnerKey": lambda t: {**INPUTS["rotatePartnerKey"](t), "label": None},
    "updatePartnerKey": lambda t: {**INPUTS["updatePartnerKey"](t), "label": None},
    "startBacktest": lambda t: {**INPUTS["startBacktest"](t), "baseline": None},
    "startImport": lambda _: {"kind": "MEMBERS"},
    "startExport": lambda _: {"kind": "LEDGER"},
    "cancelJob": lambda _: {"job": to_global_id("Job", UUID(int=1))},
    "cancelBacktest": lambda _: {"backtest": to_global_id("Backtest", UUID(int=1))},
    "publishPolicy": lambda t: {**INPUTS["publishPolicy"](t), "note": "another"},
    "approveProposal": lambda _: {"proposal": str(to_global_id("Proposal", UUID(int=1)))},
    "rejectProposal": lambda t: {**INPUTS["rejectProposal"](t), "reason": "another"},
    "saveDraft": lambda t: {**INPUTS["saveDraft"](t), "name": "another"},
    "saveWebhook": lambda t: {**INPUTS["saveWebhook"](t), "topics": None},
    "rotateWebhookSecret": lambda _: {"webhook": to_global_id("Webhook", UUID(int=1))},
    "enableWebhook": lambda _: {"webhook": to_global_id("Webhook", UUID(int=1))},
    "disableWebhook": lambda _: {"webhook": to_global_id("Webhook", UUID(int=1))},
    "pingWebhook": lambda _: {"webhook": to_global_id("Webhook", UUID(int=1))},
    "retryDeliveries": lambda _: {"webhook": to_global_id("Webhook", UUID(int=1))},
    "deleteWebhook": lambda _: {"webhook": to_global_id("Webhook", UUID(int=1))},
    "deleteDraft": lambda _: {"draft": str(to_global_id("PolicyDraft", UUID(int=1)))},
    "revokeSessions": lambda _: {"subject": "somebody"},
}
"""The same request with something else in it."""

FIRST: dict[str, Any] = {
    "enrolMember": {"member": {"name": "New"}},
    "updateMember": {"member": {"reference": "xiaoli", "name": "Li"}},
    "requestContactCode": {},
    "proveContact": {"contact": {"kind": "EMAIL", "value": "xiaoli@example.com"}},
    "earnForBooking": {
        "pointsAwarded": 100,
        "booking": {"reference": "B-new"},
        "balance": {"available": 6600},
    },
    "earnForBookings": {
        "pointsAwarded": 100,
        "booking": {"reference": "B-batch"},
        "balance": {"available": 6600},
    },
    "guaranteeQuote": {"quote": {"status": "OPEN", "points": 100}},
    "completeBooking": {
        "pointsMatured": 0,
        "parked": False,
        "booking": {"reference": "B-xiaoli"},
        "balance": {"available": 6500},
    },
    "refundBooking": {
        "pointsClawedBack": 100,
        "parked": False,
        "booking": {"reference": "B-xiaoli"},
        "balance": {"available": 6400},
    },
    "amendBooking": {
        "pointsAwarded": 100,
        "booking": {"reference": "B-xiaoli"},
        "balance": {"available": 6600},
    },
    "redeemOnBooking": {
        "redemption": {"status": "HELD", "points": 100},
        "balance": {"available": 6400},
    },
    "earnForActivity": {
        "pointsAwarded": 50,
        "awards": [{"rule": "share", "points": 50}],
        "balance": {"available": 6550},
    },
    "redeemReward": {"redemption": {"points": 4000}, "balance": {"available": 2500}},
    "cancelRedemption": {
        "redemption": {"status": "CANCELLED"},
        "pointsReinstated": 4000,
        "balance": {"available": 10_500},
    },
    "confirmRedemption": {"redemption": {"status": "FULFILLED"}},
    "changeDelivery": {
        "redemption": {"status": "CONFIRMED", "delivery": {"address": "Nanjing Rd 1"}}
    },
    "shipRedemption": {"redemption": {"status": "SHIPPED", "tracking": "SF-1"}},
    "rejectOrder": {
        "redemption": {"status": "CANCELLED", "cancelReason": "broken"},
        "pointsReinstated": 10,
        "balance": {"available": 990},
    },
    "fulfilRedemption": {"redemption": {"status": "FULFILLED", "tracking": "SF-1"}},
    "useCoupon": {"redemption": {"status": "FULFILLED"}},
    "extendCoupon": {"coupon": {"status": "ISSUED", "validThrough": "2126-05-14"}},
    "saveReward": {"reward": {"code": "umbrella", "points": 500, "remaining": 5}},
    "adjustStock": {"reward": {"code": "lounge-xiaoli", "remaining": 996}},
    "useBenefit": {"benefit": {"code": "free_cancellation", "used": 1, "left": 0}},
    "returnBenefit": {"benefit": {"code": "upgrade", "used": 0, "left": None}},
    "transferPoints": {"pointsTransferred": 100, "balance": {"available": 880}},
    "adjustPoints": {"pointsAdjusted": 500, "balance": {"available": 7000}},
    "claimPoints": {"claim": {"reference": "missing", "status": "OPEN"}},
    "submitFeedback": {
        "feedback": {"text": "The room was fine.", "rating": 4, "status": "OPEN", "answer": None}
    },
    "recordConsent": {
        "consents": [
            {"purpose": purpose, "channel": channel, "granted": granted}
            for purpose, channel, granted in (
                ("ACCOUNT", "EMAIL", True),
                ("ACCOUNT", "SMS", False),
                ("ACCOUNT", "PUSH", True),
                ("MARKETING", "EMAIL", True),
                ("MARKETING", "SMS", False),
                ("MARKETING", "PUSH", False),
                ("PROFILING", None, False),
                ("PARTNER_SHARING", None, False),
            )
        ]
    },
    "publishTemplate": {"version": 1},
    "stopExperiment": {"experiment": {"code": "price", "state": "STOPPED"}},
    "saveAnnouncement": {
        "announcement": {
            "code": "summer",
            "title": "Summer",
            "text": "To the sea.",
            "notify": False,
        }
    },
    "reportBounce": {"suppressed": True},
    "liftSuppression": {"suppressed": False},
    "registerPush": {"count": 1},
    "removePush": {"count": 0},
    "resendNotice": {
        "notice": {
            "kind": "feedback_answered",
            "channels": [{"channel": "EMAIL", "reason": None, "status": "WAITING"}],
        }
    },
    "readNotices": {"unread": 0},
    "answerFeedback": {"feedback": {"status": "ANSWERED", "answer": "Thank you."}},
    "withdrawClaim": {"claim": {"status": "WITHDRAWN"}},
    "decideClaim": {
        "claim": {"status": "APPROVED", "pointsAwarded": 100},
        "balance": {"available": 6600},
    },
    "reverseActivity": {
        "activity": {"status": "REVERSED"},
        "pointsClawedBack": 0,
        "balance": {"available": 6500},
    },
    "assignTier": {"member": {"reference": "xiaoli"}, "standing": {"tier": {"code": "platinum"}}},
    "suspendMember": {"member": {"reference": "xiaoli", "status": "SUSPENDED"}},
    "reinstateMember": {"member": {"reference": "asleep-xiaoli", "status": "ENROLLED"}},
    "closeMember": {"member": {"reference": "twin-xiaoli", "status": "CLOSED"}},
    "mergeMembers": {
        "member": None,
        "pointsMoved": 0,
        "proposal": {"state": "OPEN", "proposedBy": "staff:kim"},
    },
    "eraseMember": {},
    "exportMember": {},
    "reviewReferral": {"referral": {"status": "REJECTED"}},
    "decideReview": {"review": {"state": "APPROVED"}},
    "savePartner": {"partner": {"code": "inn", "name": "Inn", "scopes": ["EARN", "READ"]}},
    "savePartnerTerms": {
        "partner": {
            "code": "inn-iloaix",
            "terms": [
                {
                    "fromMonth": month,
                    "basis": "ISSUED",
                    "pricePerPoint": "0.012",
                    "feePercent": fee,
                    "prepaid": False,
                }
                for month, fee in (("2126-03", "5"), ("2126-01", "0"))
            ],
        }
    },
    "buyPoints": {"partner": {"code": "inn-iloaix", "prepaidLeft": None}},
    "closeStatement": {
        "statement": {"month": "2126-01", "status": "SETTLED", "net": {"amount": "0.00"}}
    },
    "closePeriod": {},
    "settleStatement": {
        "statement": {
            "month": "2126-02",
            "status": "SETTLED",
            "net": {"amount": "-1.20"},
            "settled": {"amount": "1.20"},
        }
    },
    "createKey": {
        "key": {
            "label": "kiosk",
            "status": "LIVE",
            "scopes": ["EARN"],
            "partner": {"code": "shop"},
        }
    },
    "rotateKey": {"key": {"label": "till", "status": "LIVE"}},
    "revokeKey": {"key": {"label": "till", "status": "REVOKED"}},
    "revokePartnerKey": {"key": {"label": "till", "status": "REVOKED"}},
    "rotatePartnerKey": {
        "key": {"label": "till", "status": "LIVE"},
        "replaced": {"status": "REPLACED"},
    },
    "updatePartnerKey": {"key": {"label": "second till", "status": "LIVE"}},
    "startBacktest": {"backtest": {"status": "QUEUED", "members": 5}},
    "cancelBacktest": {"backtest": {"status": "CANCELLED", "members": 1}},
    "startImport": {
        "job": {
            "kind": "IMPORT_MEMBERS",
            "status": "QUEUED",
            "total": None,
            "done": 0,
            "refused": 0,
        },
    },
    "startExport": {
        "job": {
            "kind": "EXPORT_LOTS",
            "status": "QUEUED",
            "total": None,
            "done": 0,
            "downloadUrls": [],
        },
    },
    "cancelJob": {
        "job": {
            "kind": "IMPORT_MEMBERS",
            "status": "CANCELLED",
            "total": None,
            "done": 0,
            "refused": 0,
        },
    },
    "publishPolicy": {"version": 2, "proposal": None},
    "approveProposal": {"proposal": {"state": "DONE", "decidedBy": "staff:kim"}},
    "rejectProposal": {"proposal": {"state": "REJECTED", "reason": "too early"}},
    "saveDraft": {
        "draft": {
            "name": "Spring",
            "revision": 2,
            "document": "points: 0500",
            "faults": [
                *[{"code": "missing"}] * 7,
                {"code": "number_form"},
            ],
        }
    },
    "saveWebhook": {
        "webhook": {"url": NOBODY_LISTENS, "topics": ["points.earned"], "status": "ON"}
    },
    "rotateWebhookSecret": {"webhook": {"status": "ON"}},
    "enableWebhook": {"webhook": {"status": "ON"}},
    "disableWebhook": {"webhook": {"status": "OFF"}},
    "pingWebhook": {"attempt": {"status": None, "error": UNREACHED, "answer": None}},
    "retryDeliveries": {"count": 0},
    "deleteWebhook": {"webhook": {"status": "OFF"}},
    "revokeSessions": {},
    "deleteDraft": {"draft": {"name": "Spring", "revision": 1, "document": "programme: 1"}},
}
"""What each mutation answers to the furnished member's 6500 points, and its friend's 980."""

MUTATIONS = sorted(INPUTS)

OPERATIONS = {"earnForBookings": "earnForBooking"}
"""What keys remember that were sent in a list: the mutation of one of these requests."""


def without_names(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload but for ids, made-up references, hashes and instants."""
    payload.pop("sentAt", None)
    payload.pop("revokedAt", None)
    payload.pop("sha256", None)
    named = (("redemption", "id"), ("quote", "id"), ("key", "keyId"), ("activity", "id"))
    for name, id_name in named:
        if payload.get(name):
            payload[name].pop(id_name)
    if payload.get("member", {}) and payload["member"]["reference"].startswith("M"):
        payload["member"].pop("reference")
    return payload


FIGURES = {
    "adjustPoints": '{"points": 500, "member_id": "…"}',
    "amendBooking": (
        '{"grants": [], "member_id": "…", "booking_id": "…", "points_owed": 0, '
        '"points_awarded": 100, '
        '"points_forgiven": 0, "cash_change_minor": 10000, "points_reinstated": 0, '
        '"points_clawed_back": 0}'
    ),
    "assignTier": '{"tier": "platinum", "member_id": "…"}',
    "suspendMember": '{"member_id": "…"}',
    "reinstateMember": '{"member_id": "…"}',
    "closeMember": '{"member_id": "…"}',
    "mergeMembers": '{"from_id": "…", "into_id": "…", "proposal_id": "…"}',
    "eraseMember": '{"erased_at": "…", "member_id": "…"}',
    "exportMember": '{"member_id": "…"}',
    "reviewReferral": '{"member_id": "…", "referral_id": "…"}',
    "decideReview": '{"grants": [], "member_id": "…", "review_id": "…"}',
    "cancelRedemption": (
        '{"grants": [], "member_id": "…", "redemption_id": "…", "points_reinstated": 4000}'
    ),
    "completeBooking": (
        '{"grants": [], "parked": false, "member_id": "…", "booking_id": "…", "points_matured": 0}'
    ),
    "confirmRedemption": '{"grants": [], "member_id": "…", "redemption_id": "…"}',
    "earnForActivity": '{"grants": [], "member_id": "…", "activity_id": "…", "points_awarded": 50}',
    "earnForBooking": '{"grants": [], "member_id": "…", "booking_id": "…", "points_awarded": 100}',
    "earnForBookings": '{"grants": [], "member_id": "…", "booking_id": "…", "points_awarded": 100}',
    "enrolMember": '{"member_id": "…"}',
    "claimPoints": '{"claim_id": "…", "member_id": "…"}',
    "submitFeedback": '{"member_id": "…", "feedback_id": "…"}',
    "recordConsent": '{"member_id": "…"}',
    "publishTemplate": '{"version": 1}',
    "stopExperiment": '{"experiment": "price"}',
    "saveAnnouncement": '{"code": "summer"}',
    "reportBounce": '{"suppressed": true}',
    "liftSuppression": '{"suppressed": false}',
    "registerPush": '{"count": 1, "member_id": "…"}',
    "removePush": '{"count": 0, "member_id": "…"}',
    "resendNotice": '{"member_id": "…", "notice_id": "…"}',
    "readNotices": '{"unread": 0}',
    "answerFeedback": '{"member_id": "…", "feedback_id": "…"}',
    "withdrawClaim": '{"claim_id": "…", "member_id": "…"}',
    "decideClaim": '{"grants": [], "claim_id": "…", "member_id": "…", "points_awarded": 100}',
    "reverseActivity": (
        '{"grants": [], "member_id": "…", "activity_id": "…", "points_owed": 0, '
        '"points_forgiven": 0, "points_clawed_back": 0}'
    ),
    "changeDelivery": '{"member_id": "…", "redemption_id": "…"}',
    "shipRedemption": '{"member_id": "…", "redemption_id": "…"}',
    "rejectOrder": (
        '{"grants": [], "member_id": "…", "redemption_id": "…", "points_reinstated": 10}'
    ),
    "fulfilRedemption": '{"member_id": "…", "redemption_id": "…"}',
    "extendCoupon": '{"member_id": "…", "redemption_id": "…"}',
    "saveReward": '{"reward": "umbrella"}',
    "adjustStock": '{"reward": "lounge-xiaoli", "remaining": 996}',
    "guaranteeQuote": '{"quote_id": "…", "member_id": "…"}',
    "requestContactCode": '{"at": "…"}',
    "proveContact": '{"member_id": "…"}',
    "startBacktest": '{"backtest_id": "…"}',
    "cancelBacktest": '{"backtest_id": "…"}',
    "startImport": '{"job_id": "…"}',
    "cancelJob": '{"job_id": "…"}',
    "startExport": '{"job_id": "…"}',
    "publishPolicy": '{"version": 2}',
    "approveProposal": '{"proposal_id": "…"}',
    "rejectProposal": '{"proposal_id": "…"}',
    "saveDraft": '{"draft": "…"}',
    "revokeSessions": '{"revoked_at": "…"}',
    "deleteDraft": (
        '{"id": "…", "name": "Spring", "document": "programme: 1", "revision": 1, '
        '"saved_at": "…", "saved_by": "staff:kim"}'
    ),
    "savePartner": '{"partner": "…"}',
    "buyPoints": '{"partner": "…"}',
    "closeStatement": '{"statement": "…"}',
    "closePeriod": '{"sha256": "…"}',
    "settleStatement": '{"statement": "…"}',
    "savePartnerTerms": '{"partner": "…"}',
    "createKey": '{"key": "…"}',
    "rotateKey": '{"key": "…", "replaced": "…"}',
    "revokeKey": '{"key": "…"}',
    "revokePartnerKey": '{"key": "…"}',
    "rotatePartnerKey": '{"key": "…", "replaced": "…"}',
    "updatePartnerKey": '{"key": "…"}',
    "redeemOnBooking": '{"member_id": "…", "redemption_id": "…"}',
    "redeemReward": '{"grants": [], "member_id": "…", "redemption_id": "…"}',
    "refundBooking": (
        '{"grants": [], "parked": false, "member_id": "…", "booking_id": "…", "cash_minor": 10000, '
        '"points_owed": 0, "points_forgiven": 0, "points_reinstated": 0, '
        '"points_clawed_back": 100}'
    ),
    "transferPoints": '{"points": 100, "member_id": "…", "transfer_id": "…"}',
    "saveWebhook": '{"webhook": "…"}',
    "rotateWebhookSecret": '{"webhook": "…"}',
    "enableWebhook": '{"webhook": "…"}',
    "disableWebhook": '{"webhook": "…"}',
    "deleteWebhook": '{"webhook": "…"}',
    "retryDeliveries": '{"count": 0}',
    "pingWebhook": (
        '{"event": "…", "attempt": {"at": "…", "error": "'
        + UNREACHED
        + '", "answer": null, "status": null, "accepted": false, "milliseconds": "…"}, '
        '"webhook": "…"}'
    ),
    "updateMember": '{"member_id": "…"}',
    "useCoupon": '{"member_id": "…", "redemption_id": "…"}',
    "useBenefit": '{"use_id": "…", "member_id": "…"}',
    "returnBenefit": '{"use_id": "…", "member_id": "…"}',
}
"""What is kept with each key and answered from for as long as the key stands, ids aside."""


BY_ANOTHER = {
    "eraseMember": "NOT_FOUND",
    "cancelRedemption": "REDEMPTION_STATE",
    "confirmRedemption": "REDEMPTION_STATE",
    "shipRedemption": "REDEMPTION_STATE",
    "rejectOrder": "REDEMPTION_STATE",
    "fulfilRedemption": "REDEMPTION_STATE",
    "useCoupon": "REDEMPTION_STATE",
    "redeemReward": "INSUFFICIENT_POINTS",
    "extendCoupon": "INVALID_INPUT",
    "useBenefit": "LIMIT_REACHED",
    "claimPoints": "REFERENCE_CONFLICT",
    "answerFeedback": "STATE_CONFLICT",
    "withdrawClaim": "STATE_CONFLICT",
    "decideClaim": "STATE_CONFLICT",
    "reverseActivity": "INVALID_INPUT",
    "rotateKey": "PARTNER_KEY_STATE",
    "rotatePartnerKey": "PARTNER_KEY_STATE",
    "saveDraft": "REFERENCE_CONFLICT",
    "deleteDraft": "NOT_FOUND",
    "deleteWebhook": "NOT_FOUND",
    "reviewReferral": "INVALID_INPUT",
    "decideReview": "STATE_CONFLICT",
    "stopExperiment": "INVALID_INPUT",
    "approveProposal": "PROPOSAL_STATE",
    "rejectProposal": "PROPOSAL_STATE",
    **dict.fromkeys(("suspendMember", "reinstateMember", "closeMember"), "STATE_CONFLICT"),
}
"""Why what is done cannot be done again by somebody else under the same key, if it cannot."""


def test_every_mutation_is_tried() -> None:
    assert INPUTS.keys() == OTHER.keys() == FIRST.keys() == RESULTS.keys() == FIGURES.keys()


async def figures(key: str) -> str:
    """What is kept with a key, without ids, hashes and times."""
    [kept] = await rows("SELECT result::text FROM idempotency_key WHERE key = $1", key)
    result = re.sub('"([a-z_]*at)": "[^"]*"', r'"\1": "…"', kept["result"])
    result = re.sub('"milliseconds": [0-9]+', '"milliseconds": "…"', result)
    uuid, name, sha256 = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[0-9a-f]{16}", "[0-9a-f]{64}"
    return re.sub(f"{uuid}|{sha256}|{name}", "…", result)


async def audited(things: Things) -> list[tuple[str, str]]:
    """Who did what of all that kim and lee did, as the audit has it."""
    found = await rows(
        "SELECT actor, operation FROM audit WHERE programme_id = $1 AND request_id IS NOT NULL "
        "ORDER BY sequence",
        things.stage.programme.id,
    )
    return [(row["actor"], row["operation"]) for row in found]


async def everything(things: Things) -> dict[str, Any]:
    """All rows, but for who was shown a member: each answer that shows one is told by itself."""
    found = await things.stage.everything()
    return {table: rows for table, rows in found.items() if table != "access"}


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_key_stands_for_one_request_of_whoever_made_it(mutation: str) -> None:
    """Of twenty at once one is done, and its figures are kept. One person with two tokens is one,
    and is answered from them; any other request is refused; two persons of staff with one key are
    two requests.
    """
    things = await furnished()
    client, key, sent = things.stage.staff("kim"), fresh_key(), INPUTS[mutation](things)
    unused = await everything(things)

    payloads = await asyncio.gather(
        *(client.done(mutation, RESULTS[mutation], key=key, sent=sent) for _ in range(20))
    )
    assert await figures(key) == FIGURES[mutation]
    assert await audited(things) == [("staff:kim", OPERATIONS.get(mutation, mutation))]
    before = await everything(things)
    again = await things.stage.staff("kim").done(mutation, RESULTS[mutation], key=key, sent=sent)

    assert sorted(payload.pop("replayed") for payload in payloads) == [False] + [True] * 19
    assert again.pop("replayed") is True
    assert all(payload == again for payload in payloads)
    assert without_names(again) == FIRST[mutation]
    grown = {table: len(before[table]) - len(unused[table]) for table in before}
    del grown["tier_total"]  # a kept sum of facts, which about one write in 64 makes
    assert {table: more for table, more in grown.items() if more} == {
        "idempotency_key": 1,
        **({"seal": SEALS[mutation]} if mutation in SEALS else {}),
        **GROWTH[mutation],
    }

    problem = await client.refused(mutation, key=key, sent=OTHER[mutation](things))
    another = "updateMember" if mutation != "updateMember" else "enrolMember"
    elsewhere = await client.refused(another, key=key, sent=INPUTS[another](things))

    for refused in (problem, elsewhere):
        assert refused == {
            "__typename": "IdempotencyKeyReused",
            "code": "IDEMPOTENCY_KEY_REUSED",
            "message": "This idempotency key was already used for another request "
            f"({OPERATIONS.get(mutation, mutation)}); make a new key.",
            "path": ["idempotencyKey"],
            "operation": OPERATIONS.get(mutation, mutation),
        }
    assert await everything(things) == before
    assert len(await audited(things)) == 1

    other = await things.stage.staff("lee").do(mutation, key=key, sent=sent)

    codes = [problem["code"] for problem in other["errors"]]
    assert codes == ([BY_ANOTHER[mutation]] if mutation in BY_ANOTHER else [])
    # a booking's reference is one in the programme, whoever reports it, and a use is returned once
    of_the_programme = (
        *("earnForBooking", "earnForBookings"),
        *("refundBooking", "amendBooking", "returnBenefit"),
        *("buyPoints", "closeStatement", "settleStatement", "closePeriod"),
    )
    assert other["replayed"] is (mutation in of_the_programme)


SEALS = {
    **dict.fromkeys(
        (
            "proveContact",
            "adjustPoints",
            "amendBooking",
            "answerFeedback",
            "assignTier",
            "cancelRedemption",
            "claimPoints",
            "closeMember",
            "completeBooking",
            "confirmRedemption",
            "decideReview",
            "earnForActivity",
            "earnForBooking",
            "earnForBookings",
            "enrolMember",
            "eraseMember",
            "fulfilRedemption",
            "guaranteeQuote",
            "recordConsent",
            "redeemOnBooking",
            "redeemReward",
            "refundBooking",
            "reinstateMember",
            "rejectOrder",
            "returnBenefit",
            "reverseActivity",
            "shipRedemption",
            "submitFeedback",
            "suspendMember",
            "useBenefit",
            "useCoupon",
            "withdrawClaim",
        ),
        1,
    ),
    **dict.fromkeys(("decideClaim", "extendCoupon", "reviewReferral", "transferPoints"), 2),
}
"""How many seals each leaves: one for each account, and transaction, that it writes of."""

GROWTH: dict[str, dict[str, int]] = {
    "enrolMember": {"member": 1, "account": 1, "lookup": 2, "outbox_event": 1},
    "updateMember": {"outbox_event": 1},
    "requestContactCode": {"contact_code": 1, "outbox_event": 1},
    "proveContact": {},
    "earnForBooking": {
        "staff_day": 1,
        "booking": 1,
        "booking_line": 1,
        "award": 1,
        "tier_credit": 1,
        "lookup": 1,
        "lot": 1,
        "lot_value": 1,
        "ledger_entry": 1,
        "allocation": 1,
        "outbox_event": 2,
    },
    "earnForBookings": {
        "staff_day": 1,
        "booking": 1,
        "booking_line": 1,
        "award": 1,
        "tier_credit": 1,
        "lookup": 1,
        "lot": 1,
        "lot_value": 1,
        "ledger_entry": 1,
        "allocation": 1,
        "outbox_event": 2,
    },
    "guaranteeQuote": {"quote": 1},
    "completeBooking": {"completion": 1, "tier_credit": 1, "outbox_event": 1},
    "refundBooking": {
        "refund": 1,
        "refund_line": 1,
        "award": 1,
        "tier_credit": 1,
        "ledger_entry": 1,
        "allocation": 1,
        "outbox_event": 2,
    },
    "amendBooking": {
        "staff_day": 1,
        "amendment": 1,
        "amendment_line": 1,
        "award": 1,
        "tier_credit": 1,
        "lot": 1,
        "lot_value": 1,
        "ledger_entry": 1,
        "allocation": 1,
        "outbox_event": 2,
    },
    "redeemOnBooking": {"redemption": 1, "ledger_entry": 1, "allocation": 1, "outbox_event": 1},
    "earnForActivity": {
        "staff_day": 1,
        "activity": 1,
        "award": 1,
        "tier_credit": 1,
        "lookup": 1,
        "lot": 1,
        "lot_value": 1,
        "ledger_entry": 1,
        "allocation": 1,
        "outbox_event": 1,
    },
    "redeemReward": {"redemption": 1, "ledger_entry": 1, "allocation": 1, "outbox_event": 1},
    "cancelRedemption": {"ledger_entry": 1, "allocation": 1, "outbox_event": 1},
    "confirmRedemption": {"ledger_entry": 1, "outbox_event": 1, "code_reveal": 1},
    "changeDelivery": {},
    "shipRedemption": {"private_text": 1, "outbox_event": 1},
    "rejectOrder": {
        "lot": 1,
        "lot_value": 1,
        "private_text": 2,
        "ledger_entry": 1,
        "allocation": 1,
        "outbox_event": 1,
        "delivery_detail": -1,
    },
    "fulfilRedemption": {"private_text": 1, "outbox_event": 1},
    "useCoupon": {"outbox_event": 1},
    "extendCoupon": {"outbox_event": 1, "code_reveal": 1},
    "saveReward": {"reward": 1, "reward_stock": 1, "outbox_event": 1},
    "adjustStock": {"stock_change": 1},
    "useBenefit": {"benefit_use": 1, "lookup": 1, "outbox_event": 1},
    "returnBenefit": {},
    "transferPoints": {
        "transfer": 2,
        "lot": 1,
        "lot_value": 1,
        "ledger_entry": 2,
        "allocation": 2,
        "outbox_event": 2,
    },
    "adjustPoints": {
        "lot": 1,
        "lot_value": 1,
        "ledger_entry": 1,
        "allocation": 1,
        "private_text": 1,
        "outbox_event": 1,
        "staff_day": 1,
    },
    "claimPoints": {"claim": 1, "outbox_event": 1},
    "submitFeedback": {"feedback": 1, "outbox_event": 1},
    "recordConsent": {"consent": 1, "outbox_event": 1},
    "publishTemplate": {"notice_template": 1},
    "stopExperiment": {"experiment_stop": 1},
    "saveAnnouncement": {"announcement": 1},
    "reportBounce": {"suppression": 1},
    "liftSuppression": {},
    "registerPush": {"push_address": 1},
    "removePush": {},
    "resendNotice": {"delivery": 1, "delivery_lane": 1, "delivery_target": 1},
    "readNotices": {},
    "answerFeedback": {"outbox_event": 1},
    "withdrawClaim": {"outbox_event": 1},
    "decideClaim": {
        "staff_day": 1,
        "booking": 1,
        "booking_line": 1,
        "award": 1,
        "tier_credit": 1,
        "lookup": 1,
        "lot": 1,
        "lot_value": 1,
        "ledger_entry": 1,
        "allocation": 1,
        "outbox_event": 3,
    },
    "reverseActivity": {"activity_reversal": 1, "private_text": 1},
    "assignTier": {"tier_change": 1, "private_text": 1, "outbox_event": 1},
    "suspendMember": {"member_change": 1, "private_text": 1, "outbox_event": 1},
    "reinstateMember": {"member_change": 1, "private_text": 1, "outbox_event": 1},
    "closeMember": {"member_change": 1, "private_text": 1, "outbox_event": 1},
    "eraseMember": {"erasure": 1, "lookup": -2, "outbox_event": 1, "revocation": 1},
    "exportMember": {},
    "mergeMembers": {"proposal": 1},
    "reviewReferral": {"referral": 2, "private_text": 1, "outbox_event": 2},
    "decideReview": {"private_text": 1, "outbox_event": 1},
    "startBacktest": {"backtest": 1},
    "cancelBacktest": {},
    "startImport": {"job": 1},
    "cancelJob": {"outbox_event": 1},
    "startExport": {"job": 1},
    "publishPolicy": {"policy_version": 1, "outbox_event": 1},
    "approveProposal": {"policy_version": 1, "proposal_decision": 1, "outbox_event": 1},
    "rejectProposal": {"proposal_decision": 1},
    "saveDraft": {},
    "saveWebhook": {"webhook": 1, "delivery_target": 1},
    "rotateWebhookSecret": {},
    "enableWebhook": {},
    "disableWebhook": {"outbox_event": 1},
    "pingWebhook": {},
    "retryDeliveries": {},
    "deleteWebhook": {"outbox_event": 1},
    "deleteDraft": {"policy_draft": -1},
    "revokeSessions": {"revocation": 1},
    "savePartner": {},
    "buyPoints": {"partner_points": 1, "partner_purchase": 1},
    "closeStatement": {"partner_statement": 1, "outbox_event": 1},
    "closePeriod": {"closed_period": 1},
    "settleStatement": {"partner_payment": 1},
    "savePartnerTerms": {"partner_terms": 1},
    "createKey": {},
    "rotateKey": {},
    "revokeKey": {},
    "revokePartnerKey": {},
    "rotatePartnerKey": {},
    "updatePartnerKey": {},
}
"""The rows that each mutation adds, once."""


async def test_a_partner_with_a_new_key_is_the_same_partner() -> None:
    things = await furnished()
    key, sent = fresh_key(), INPUTS["redeemReward"](things)
    first = await things.stage.partner()
    await first.done("redeemReward", key=key, **sent)

    rotated = await things.stage.partner()
    other = await things.stage.partner(code="another-engine")

    assert rotated.token != first.token
    assert (await rotated.done("redeemReward", key=key, **sent))["replayed"] is True
    assert (await other.refused("redeemReward", key=key, **sent))["code"] == "INSUFFICIENT_POINTS"


async def test_a_member_and_a_person_of_staff_of_one_name_share_no_keys() -> None:
    things = await furnished()
    key = fresh_key()
    member, staff = things.stage.member("xiaoli"), things.stage.staff("xiaoli")

    await member.done("updateMember", key=key, name="Li")
    by_staff = await staff.done("updateMember", key=key, member={"reference": "xiaoli"}, name="Li")

    assert by_staff["replayed"] is False


async def test_a_refused_request_leaves_its_key_free() -> None:
    things = await furnished()
    member, key = things.stage.member(), fresh_key()

    refused = await member.refused("redeemReward", key=key, reward=things.reward, quantity=2)
    assert refused["code"] == "INSUFFICIENT_POINTS"
    done = await member.done("redeemReward", key=key, reward=things.reward)

    assert done["replayed"] is False


async def test_figures_are_as_they_were_and_entities_as_they_are() -> None:
    things = await furnished()
    partner, key, sent = await things.stage.partner(), fresh_key(), INPUTS["redeemReward"](things)
    selection = "redemption { id status points } balance { available }"
    first = await partner.done("redeemReward", selection, key=key, **sent)
    cancel_key = fresh_key()
    undo = {"redemption": first["redemption"]["id"]}
    await partner.done("cancelRedemption", key=cancel_key, **undo)
    await partner.done("redeemReward", reward=things.reward, member={"reference": "xiaoli"})

    again = await partner.done("redeemReward", selection, key=key, **sent)
    undone = await partner.done(
        "cancelRedemption", "pointsReinstated balance { available }", key=cancel_key, **undo
    )

    assert again["redemption"] == {**first["redemption"], "status": "CANCELLED"}
    assert (again["balance"], again["replayed"]) == ({"available": 2500}, True)
    assert undone == {
        "pointsReinstated": 4000,
        "balance": {"available": 2500},
        "replayed": True,
    }


async def test_equal_input_may_be_written_differently() -> None:
    """Amounts, instants and the order of keys are compared by what they mean."""
    things = await furnished()
    partner, key = await things.stage.partner(), fresh_key()
    line: dict[str, Any] = {"product": "hotel", "amount": "100", "attributes": {"city": "Sanya"}}
    sent: dict[str, Any] = {
        "member": {"reference": "xiaoli"},
        "reference": "B-2",
        "lines": [line],
    }
    await partner.done("earnForBooking", key=key, bookedAt="2126-03-15T10:00:00+08:00", **sent)

    line["amount"] = "100.00"
    again = await partner.done(
        "earnForBooking", key=key, bookedAt="2126-03-15T02:00:00Z", currency=None, **sent
    )
    other = await partner.refused(
        "earnForBooking", key=key, bookedAt="2126-03-15T02:00:01Z", **sent
    )

    assert again["replayed"] is True
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_natural_key_under_a_new_key_is_raced_to_one_effect() -> None:
    things = await furnished()
    partner, sent = await things.stage.partner(), INPUTS["earnForBooking"](things)
    before = await things.stage.everything()

    payloads = await asyncio.gather(
        *(partner.done("earnForBooking", "pointsAwarded", **sent) for _ in range(20))
    )

    assert sorted(payload["replayed"] for payload in payloads) == [False] + [True] * 19
    assert {payload["pointsAwarded"] for payload in payloads} == {100}
    after = await things.stage.everything()
    assert len(after["ledger_entry"]) == len(before["ledger_entry"]) + 1


async def test_another_member_under_the_same_reference_conflicts() -> None:
    things = await furnished()
    other = await furnish(things.stage, "xiaoma", "13800138001")
    partner, sent = await things.stage.partner(), INPUTS["earnForBooking"](things)
    await partner.done("earnForBooking", **sent)
    before = await things.stage.everything()

    taken = {**sent, "member": {"reference": other.reference}}
    problem = await partner.refused("earnForBooking", **taken)

    assert problem == {
        "__typename": "ReferenceConflict",
        "code": "REFERENCE_CONFLICT",
        "message": "Reference 'B-new' was already reported with other content.",
        "path": ["reference"],
        "reference": "B-new",
    }
    assert await things.stage.everything() == before


NO_KEYS = {
    "": "too_short",
    " ": "too_short",
    "x" * 129: "too_long",
    "a\nb": "control_characters",
    "\x7f": "control_characters",
}
"""Texts that are no keys, and why."""


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_key_has_1_to_128_plain_characters(mutation: str) -> None:
    things = await shared_things()
    before = await things.stage.everything()

    for key, reason in NO_KEYS.items():
        answer = await _sent(things.stage.staff(), mutation, key, things)
        [problem] = answer["errors"]
        assert (problem["code"], problem["reason"]) == ("INVALID_INPUT", reason)
        assert problem["path"] == ["idempotencyKey"]

    assert await things.stage.everything() == before


async def test_a_key_of_128_characters_of_any_script() -> None:
    things = await furnished()
    member = things.stage.member()

    for key in ("键" * 128, "🏨" * 128, "'; DROP TABLE member; --", "0"):
        for replayed in (False, True):
            done = await member.done("updateMember", key=key, name="Li")
            assert done["replayed"] is replayed


_shared: list[Things] = []


async def shared_things() -> Things:
    """One programme for tests that must leave it as it is."""
    if not _shared:
        _shared.append(await furnished())
    return _shared[0]


async def _sent(client: Client, mutation: str, key: str, things: Things) -> Any:
    sent = {**INPUTS[mutation](things), "idempotencyKey": key}
    answer = await client.ask(mutation_text(mutation), input=sent)
    assert "errors" not in answer, answer
    return payload_of(answer, mutation)
