"""Answers of mutations under a key: to the first request, a changed one, and another caller's."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from api.kit.relay import to_global_id
from tests.support.factories import NOBODY_LISTENS
from tests.support.mutations import INPUTS
from tests.support.things import Things

UNREACHED = "connection refused"
"""The error that is recorded for an endpoint at which nobody listens."""

OTHER: dict[str, Callable[[Things], dict[str, Any]]] = {
    "enrolMember": lambda _: {"name": "Somebody"},
    "updateMember": lambda t: {**INPUTS["updateMember"](t), "name": "Somebody"},
    "requestContactCode": lambda t: {**INPUTS["requestContactCode"](t), "kind": "EMAIL"},
    "proveContact": lambda t: {**INPUTS["proveContact"](t), "kind": "EMAIL"},
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
"""The same request of each mutation with one value changed."""

FIRST: dict[str, Any] = {
    "enrolMember": {"member": {"name": "New"}},
    "updateMember": {"member": {"reference": "xiaoli", "name": "Li"}},
    "requestContactCode": {},
    "proveContact": {"contact": {"kind": "PHONE", "value": "+8613900000001"}},
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
"""The first answer of each mutation, where the member has 6500 points and its friend 980."""


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
"""Code of the problem by which the same request of another caller, under its key, is refused."""


OPERATIONS = {"earnForBookings": "earnForBooking"}
"""The operation that is stored with keys of requests in a list: the mutation of one of them."""
