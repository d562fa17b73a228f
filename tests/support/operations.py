"""Every operation of the API with arguments that work: what tests cross with callers and faults.

A root field without a row here fails the tests that walk the table.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from graphql import GraphQLSchema, build_schema

import models
from api.kit.relay import to_global_id
from domain.backtests import backtests
from domain.backtests.backtests import BacktestSent
from domain.kernel.callers import Scope
from domain.kernel.ids import new_id
from domain.partners import partner_keys, partners
from domain.programmes.programmes import Programme
from domain.programmes.reader import to_document
from domain.redemptions.delivery_details import DeliverySent
from ops.settings import ROOT
from tests.support import factories as make
from tests.support import referred, tiered, travel, trials
from tests.support.callers import (
    REFERRALS,
    TODAY,
    Client,
    Stage,
    fresh_key,
    mutation_text,
    open_stage,
)


@cache
def published() -> GraphQLSchema:
    """The schema as it is committed."""
    return build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Things:
    """What one programme has, by the names that a client knows: one of everything."""

    stage: Stage
    member_id: str
    reference: str
    email: str
    phone: str
    referral_code: str
    booking: str
    booking_id: str
    entry_id: str
    redemption_id: str
    sent_id: str
    rejected_id: str
    reward: str
    reward_id: str
    ledger_cursor: str
    friend: str
    held_id: str
    coupon: str
    used: str
    activity_id: str
    quote_id: str
    key_id: str
    draft_id: str
    referral_id: str
    backtest_id: str
    job_id: str
    proposal_id: str
    claim_id: str
    feedback_id: str
    notice_id: str
    review_id: str
    webhook_id: str
    statement_id: str
    twin: str
    asleep: str
    leaver: str

    def ids(self) -> list[str]:
        return [
            self.member_id,
            self.booking_id,
            self.entry_id,
            self.redemption_id,
            self.reward_id,
            self.quote_id,
            self.referral_id,
            self.claim_id,
            self.feedback_id,
            self.notice_id,
            self.review_id,
        ]


_NAMES = """query($reference: String!, $reward: String!) {
    member(by: {reference: $reference}) { id referralCode
        bookings(first: 1) { edges { node { id reference } } }
        redemptions(first: 1) { edges { node { id } } }
        ledger(first: 1) { edges { cursor node { id } } } }
    reward(code: $reward) { id } }"""


async def furnish(stage: Stage, reference: str = "xiaoli", phone: str = "13800138000") -> Things:
    """A member with 10 500 points, a booking, a redemption of 4000, its reward on offer, and a
    quote guaranteed for a hotel of CNY 100.

    A friend with 1000 points, who joined by the member's code and is a diamond member, has a coupon
    for 10 and holds another; these are not on offer any more. It has used one upgrade. A twin has
    nothing, and another member is suspended.
    """
    email, number = f"{reference}@example.com", f"+86{phone}"
    programme = stage.programme
    member_id = await make.enrol(
        programme, now=TODAY, reference=reference, email=email, phone=number
    )
    await make.give(programme, member_id, 10_000, now=TODAY)
    await make.book(programme, member_id, ("flight", "500"), reference=f"B-{reference}", now=TODAY)
    lounge = await make.reward(programme, code=f"lounge-{reference}", stock=1000)
    await make.redeem(programme, member_id, lounge, now=TODAY)
    friend, coupon, held_id, used, sent_id, rejected_id = await _befriend(
        stage, member_id, reference[::-1]
    )
    activity_id = await make.act(programme, member_id, "browse", f"V-{reference}", now=TODAY)
    said = await make.say(programme, member_id, now=TODAY)
    noticed = await make.notice(programme, member_id, now=TODAY)
    reviewed = await make.review(programme, member_id, now=TODAY)
    claim_id = await make.claim(programme, member_id, now=TODAY)
    line = make.line_of("hotel", "100")
    quote_id = (await travel.guarantee(programme, member_id, line, now=TODAY))[1]
    found = await stage.staff().read(_NAMES, reference=reference, reward=lounge.code)
    member = found["member"]
    [booking], [redemption], [entry] = (
        member[name]["edges"] for name in ("bookings", "redemptions", "ledger")
    )
    return Things(
        stage=stage,
        member_id=member["id"],
        reference=reference,
        email=email,
        phone=number,
        referral_code=member["referralCode"],
        booking=booking["node"]["reference"],
        booking_id=booking["node"]["id"],
        entry_id=entry["node"]["id"],
        redemption_id=redemption["node"]["id"],
        sent_id=sent_id,
        rejected_id=rejected_id,
        reward=lounge.code,
        reward_id=found["reward"]["id"],
        ledger_cursor=entry["cursor"],
        friend=friend,
        held_id=held_id,
        coupon=coupon,
        used=used,
        activity_id=str(to_global_id("Activity", activity_id, member_id=member_id)),
        quote_id=str(to_global_id("GuaranteedQuote", quote_id, member_id=member_id)),
        key_id=await issue_key(stage),
        draft_id=str(to_global_id("PolicyDraft", await make.draft(stage.programme))),
        referral_id=await _referral_id(stage, member_id),
        backtest_id=await start_backtest(stage),
        job_id=str(to_global_id("Job", await make.start_import(stage.programme, now=TODAY))),
        proposal_id=str(to_global_id("Proposal", await make.propose(programme, now=TODAY))),
        claim_id=str(to_global_id("Claim", claim_id, member_id=member_id)),
        feedback_id=str(to_global_id("Feedback", said, member_id=member_id)),
        statement_id=await _closed(stage, friend),
        leaver=await _leaver(stage, f"leaver-{reference}"),
        notice_id=str(to_global_id("Notice", noticed, member_id=member_id)),
        review_id=str(to_global_id("Review", reviewed, member_id=member_id)),
        webhook_id=str(to_global_id("Webhook", await make.webhook(programme, now=TODAY))),
        twin=await _enrolled(programme, f"twin-{reference}"),
        asleep=await _enrolled(programme, f"asleep-{reference}", suspended=True),
    )


async def _enrolled(programme: Programme, reference: str, *, suspended: bool = False) -> str:
    member_id = await make.enrol(programme, now=TODAY, reference=reference)
    if suspended:
        await make.suspend(programme, member_id, now=TODAY)
    return reference


ADDRESS = DeliverySent("Li Na", "+8613800138000", "Nanjing Road 1, Shanghai")


async def start_backtest(stage: Stage) -> str:
    """The id of a back-test that waits, of the document in force."""
    request = make.request(make.staff(stage.programme), now=TODAY)
    sent = BacktestSent(make.written(stage.programme.versions[-1].policy))
    outcome = await backtests.start(request, stage.programme, sent)
    return str(to_global_id("Backtest", UUID(outcome.figures["backtest_id"])))


async def issue_key(stage: Stage, partner: str = "shop") -> str:
    """The id of a key that a partner has, to report."""
    partner_id = await partners.create(stage.programme, partner, "Shop", TODAY)
    made = await partner_keys.issue(
        stage.programme, partner_id, [Scope.EARN], TODAY, environment="development", label="till"
    )
    return partner_keys.named(made)


async def _referral_id(stage: Stage, member_id: UUID) -> str:
    """The friend as a referral of the member's, which has come to its side."""
    await referred.run(stage.programme, TODAY)
    found = await referred.friends_of(member_id)
    own = found[0].id if found else new_id()
    return str(to_global_id("Referral", own, member_id=member_id))


async def _befriend(
    stage: Stage, referrer: UUID, friend: str
) -> tuple[str, str, str, str, str, str]:
    """The friend's reference, the code of a coupon, the id of a redemption that is held, the
    reference of a benefit's use, and the ids of two orders; it joined by the member's code.
    """
    programme = stage.programme
    member_id = await make.rich_member(
        programme,
        1030,
        now=TODAY - timedelta(days=60),
        reference=friend,
        referral_code=await referred.code_of(referrer),
    )
    await _deliver(stage, friend, member_id)
    own = make.member_caller(programme, friend, member_id)
    await make.change(programme, member_id, caller=own, now=TODAY, phone="+8613900000001")
    gift = await make.reward(programme, kind="COUPON", list_points=10, valid_days=30)
    given = await make.redeem(programme, member_id, gift, now=TODAY)
    held = await make.redeem(programme, member_id, gift, hold=True, now=TODAY)
    box = await make.reward(programme, kind="PRODUCT", list_points=10, requires="ADDRESS")
    orders = [
        await make.redeem(programme, member_id, box, now=TODAY, delivery=ADDRESS) for _ in range(2)
    ]
    await models.Reward.filter(id__in=[gift.id, box.id]).update(active=False)
    [code] = (await make.redemption(programme, member_id, given)).codes
    await tiered.assign(programme, member_id, "diamond", now=TODAY)
    used = f"U-{friend}"
    await make.use_benefit(programme, member_id, "upgrade", used, now=TODAY)
    held_id, *ids = (
        str(to_global_id("Redemption", one, member_id=member_id)) for one in (held, *orders)
    )
    return friend, code, held_id, used, ids[0], ids[1]


async def _leaver(stage: Stage, reference: str) -> str:
    """The reference of a member that nothing else is about."""
    await make.enrol(stage.programme, now=TODAY, reference=reference)
    return reference


async def _deliver(stage: Stage, friend: str, member_id: UUID) -> None:
    """A night of a partner's, for which it is paid 1.20, 20 days ago."""
    programme, code, then = stage.programme, f"inn-{friend}", TODAY - timedelta(days=20)
    inn = (await make.partner_of(programme, code)).partner_id
    await make.agree(programme, code, now=TODAY, from_month="2126-01")
    night = await make.reward(programme, list_points=10, partner_id=inn, cost_minor=120)
    given = await make.redeem(programme, member_id, night, now=then)
    await make.fulfil(programme, member_id, given, now=then)
    await models.Reward.filter(id=night.id).update(active=False)


async def _closed(stage: Stage, friend: str) -> str:
    """The id of the partner's statement of that month."""
    await make.settle_through(stage.programme, date(2126, 2, 28))
    made = await make.statement(stage.programme, f"inn-{friend}", "2126-02", now=TODAY)
    return str(to_global_id("PartnerStatement", made))


async def furnished() -> Things:
    return await furnish(await open_stage(with_experiment()))


def with_experiment() -> dict[str, Any]:
    """The document of `open_stage` with an experiment that nobody meets: on no reward's price."""
    tried = trials.of(
        "price", {"prices.nothing": 5}, **{"from": "2126-03-01", "until": "2126-03-31"}
    )
    return make.shipped_document(referrals=REFERRALS, experiments=[tried])


QUERIES: Mapping[str, tuple[str, Callable[[Things], dict[str, Any]]]] = {
    "viewer": ("{ viewer { kind member { reference } } }", lambda _: {}),
    "programme": ("{ programme { code } }", lambda _: {}),
    "me": ("{ me { reference } }", lambda _: {}),
    "member": (
        "query($by: MemberBy!) { member(by: $by) { reference } }",
        lambda t: {"by": {"reference": t.reference}},
    ),
    "members": ("{ members { edges { node { reference } } } }", lambda _: {}),
    "booking": (
        "query($reference: String!) { booking(reference: $reference) { reference } }",
        lambda t: {"reference": t.booking},
    ),
    "redemption": (
        "query($id: ID!) { redemption(id: $id) { points } }",
        lambda t: {"id": t.redemption_id},
    ),
    "tiers": ("{ tiers { code } }", lambda _: {}),
    "rewards": ("{ rewards { edges { node { code affordable } } } }", lambda _: {}),
    "reward": (
        "query($code: String!) { reward(code: $code) { code affordable } }",
        lambda t: {"code": t.reward},
    ),
    "quoteEarning": (
        "query($input: QuoteEarningInput!) { quoteEarning(input: $input) { points } }",
        lambda _: {"input": {"lines": [{"product": "hotel", "amount": "100"}]}},
    ),
    "quoteOffset": (
        "query($input: QuoteOffsetInput!) { quoteOffset(input: $input) { maxPoints } }",
        lambda _: {"input": {"lines": [{"product": "hotel", "amount": "100"}]}},
    ),
    "previewRefund": (
        """query($input: PreviewRefundInput!) { previewRefund(input: $input) {
            pointsClawedBack errors { code } } }""",
        lambda t: {"input": {"booking": t.booking}},
    ),
    "overdueLines": ("{ overdueLines { edges { node { line points } } } }", lambda _: {}),
    "previewNotice": (
        """query($member: MemberBy) { previewNotice(kind: "welcome", channel: EMAIL, locale: "en",
            member: $member) { subject body errors { code } } }""",
        lambda t: {"member": {"reference": t.reference}},
    ),
    "announcements": ("{ announcements { code title text from until } }", lambda _: {}),
    "feedback": (
        "{ feedback(status: [OPEN]) { edges { node { text rating status about { id } } } } }",
        lambda _: {},
    ),
    "claims": (
        "{ claims(status: [OPEN]) { edges { node { reference status partner { code } } } } }",
        lambda _: {},
    ),
    "reviews": ("{ reviews { edges { node { on state facts { id } } } } }", lambda _: {}),
    "riskRules": ("{ riskRules { code fired precision { value } } }", lambda _: {}),
    "events": ("{ events { edges { node { type member { reference } data } } } }", lambda _: {}),
    "eventTypes": ("{ eventTypes { type schema } }", lambda _: {}),
    "ordersToFulfil": (
        "{ ordersToFulfil { edges { node { status delivery { address } } } } }",
        lambda _: {},
    ),
    "webhooks": ("{ webhooks { url topics status partner { code } } }", lambda _: {}),
    "deliveries": (
        """query($webhook: ID!) { deliveries(webhook: $webhook, status: [DEAD]) {
            edges { node { status event { type } attempts { status } nextAttemptAt } } } }""",
        lambda t: {"webhook": t.webhook_id},
    ),
    "partner": (
        """query($code: String!) { partner(code: $code) { code name scopes keys { id label }
            rates { rule } terms { fromMonth } statement(month: "2126-02") { sha256 }
            statements { edges { node { month net { amount } } } } } }""",
        lambda t: {"code": f"inn-{t.friend}"},
    ),
    "partnerKeys": ("{ partnerKeys { edges { node { prefix label } } } }", lambda _: {}),
    "lintPolicy": (
        "query($source: PolicySource!) { lintPolicy(source: $source) { findings { code path } } }",
        lambda t: {"source": INPUTS["publishPolicy"](t)},
    ),
    "diffPolicy": (
        """query($from: PolicySource!, $to: PolicySource!) {
            diffPolicy(from: $from, to: $to) { path before after } }""",
        lambda _: {"from": {"version": 1}, "to": {"version": 1}},
    ),
    "backtest": (
        "query($id: ID!) { backtest(id: $id) { status members hash figures { key } } }",
        lambda t: {"id": t.backtest_id},
    ),
    "backtests": ("{ backtests { edges { node { status progress } } } }", lambda _: {}),
    "explain": (
        "query($entry: ID!) { explain(entry: $entry) { reproduced steps { code text } } }",
        lambda t: {"entry": t.entry_id},
    ),
    "kpis": (
        """query($period: PeriodInput!) { kpis(period: $period) {
            settledThrough total { bookings } notes repurchase { days } months { month }
            tiers { members } } }""",
        lambda _: {"period": {"from": "2126-01-01", "through": "2126-12-31"}},
    ),
    "cohorts": (
        "query($period: PeriodInput!) { cohorts(period: $period) { month members } }",
        lambda _: {"period": {"from": "2126-01-01", "through": "2126-12-31"}},
    ),
    "preferences": (
        "query($period: PeriodInput!) { preferences(period: $period) { of key members } }",
        lambda _: {"period": {"from": "2126-01-01", "through": "2126-12-31"}},
    ),
    "liability": (
        """{ liability { asOf points owed amount { amount } rows { expiryMonth funder points
            amount { amount } worth { amount } } } }""",
        lambda _: {},
    ),
    "programmePnl": (
        "query($period: PeriodInput!) { programmePnl(period: $period) { result { amount } } }",
        lambda _: {"period": {"from": "2126-01-01", "through": "2126-12-31"}},
    ),
    "breakageHistory": (
        "{ breakageHistory { month funder points redeemed expired left suggested { value } } }",
        lambda _: {},
    ),
    "journal": (
        """query($period: PeriodInput!) { journal(period: $period, first: 2) { totalCount
            edges { cursor node { day account funder cohort points debit { amount } } } } }""",
        lambda _: {"period": {"from": "2126-01-01", "through": "2126-12-31"}},
    ),
    "experiment": (
        "query($code: String!) { experiment(code: $code) { state variants { code members } } }",
        lambda _: {"code": "price"},
    ),
    "receipt": ("query($id: ID!) { receipt(entry: $id) }", lambda t: {"id": t.entry_id}),
    "job": (
        "query($id: ID!) { job(id: $id) { kind status total done refused refusedUrl } }",
        lambda t: {"id": t.job_id},
    ),
    "proposals": ("{ proposals { edges { node { operation state input } } } }", lambda _: {}),
    "audit": (
        "{ audit { edges { node { sequence actor operation subject after hash } } } }",
        lambda _: {},
    ),
    "node": (
        "query($id: ID!) { node(id: $id) { id } }",
        lambda t: {"id": t.booking_id},
    ),
    "nodes": (
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        lambda t: {"ids": t.ids()},
    ),
}
"""A document for every query, and its variables."""


INPUTS: Mapping[str, Callable[[Things], dict[str, Any]]] = {
    "enrolMember": lambda _: {"name": "New"},
    "updateMember": lambda t: {"member": {"reference": t.reference}, "name": "Li"},
    "requestContactCode": lambda t: {"member": {"reference": t.friend}, "kind": "PHONE"},
    "proveContact": lambda t: {"member": {"reference": t.friend}, "kind": "PHONE"},
    "earnForBooking": lambda t: {
        "member": {"reference": t.reference},
        "reference": "B-new",
        "lines": [{"product": "hotel", "amount": "100"}],
    },
    "earnForBookings": lambda t: {
        "member": {"reference": t.reference},
        "reference": "B-batch",
        "lines": [{"product": "hotel", "amount": "100"}],
    },
    "guaranteeQuote": lambda t: {
        "member": {"reference": t.reference},
        "lines": [{"product": "hotel", "amount": "100"}],
    },
    "completeBooking": lambda t: {"booking": t.booking},
    "refundBooking": lambda t: {
        "booking": t.booking,
        "reference": "R-new",
        "lines": [{"line": 1, "amount": "100"}],
    },
    "amendBooking": lambda t: {
        "booking": t.booking,
        "reference": "A-new",
        "lines": [{"product": "hotel", "amount": "600"}],
    },
    "redeemOnBooking": lambda t: {
        "member": {"reference": t.reference},
        "points": 100,
        "lines": [{"product": "hotel", "amount": "100"}],
    },
    "earnForActivity": lambda t: {
        "member": {"reference": t.reference},
        "type": "share",
        "reference": "A-new",
    },
    "redeemReward": lambda t: {"member": {"reference": t.reference}, "reward": t.reward},
    "cancelRedemption": lambda t: {"redemption": t.redemption_id},
    "confirmRedemption": lambda t: {"redemption": t.held_id},
    "changeDelivery": lambda t: {
        "redemption": t.sent_id,
        "delivery": {"recipient": "Li Na", "phone": "+8613800138000", "address": "Nanjing Rd 1"},
    },
    "shipRedemption": lambda t: {"redemption": t.sent_id, "tracking": "SF-1"},
    "rejectOrder": lambda t: {"redemption": t.rejected_id, "reason": "broken"},
    "fulfilRedemption": lambda t: {"redemption": t.redemption_id, "tracking": "SF-1"},
    "extendCoupon": lambda t: {
        "code": t.coupon,
        "validUntil": (TODAY + timedelta(days=60)).date().isoformat(),
        "reason": "goodwill",
    },
    "useCoupon": lambda t: {"code": t.coupon},
    "saveReward": lambda _: {
        "reward": {
            "code": "umbrella",
            "kind": "PRODUCT",
            "name": {"zh-CN": "伞", "en": "Umbrella"},
            "description": {"zh-CN": "伞", "en": "An umbrella"},
            "points": 500,
            "stock": 5,
        }
    },
    "adjustStock": lambda t: {"reward": t.reward, "change": -3, "reason": "broken"},
    "useBenefit": lambda t: {
        "member": {"reference": t.friend},
        "benefit": "free_cancellation",
        "reference": "U-new",
    },
    "returnBenefit": lambda t: {
        "member": {"reference": t.friend},
        "benefit": "upgrade",
        "reference": t.used,
    },
    "transferPoints": lambda t: {
        "from": {"reference": t.friend},
        "to": {"reference": t.reference},
        "points": 100,
    },
    "adjustPoints": lambda t: {
        "member": {"reference": t.reference},
        "points": 500,
        "reason": "goodwill",
    },
    "claimPoints": lambda t: {
        "member": {"reference": t.reference},
        "reference": "missing",
        "on": (TODAY - timedelta(days=10)).date().isoformat(),
        "text": "I stayed there.",
    },
    "submitFeedback": lambda t: {
        "member": {"reference": t.reference},
        "about": t.booking_id,
        "rating": 4,
        "text": "The room was fine.",
    },
    "publishTemplate": lambda _: {
        "kind": "welcome",
        "channel": "EMAIL",
        "locale": "en",
        "subject": "Hello from {{ programme }}",
        "body": "<p>{{ programme }} is glad.</p>",
    },
    "stopExperiment": lambda _: {"experiment": "price", "reason": "It costs too much."},
    "saveAnnouncement": lambda _: {
        "code": "summer",
        "title": {"zh-CN": "夏日", "en": "Summer"},
        "text": {"zh-CN": "去海边。", "en": "To the sea."},
        "from": TODAY.isoformat(),
    },
    "reportBounce": lambda t: {"channel": "EMAIL", "address": t.email, "kind": "HARD"},
    "liftSuppression": lambda t: {"channel": "EMAIL", "address": t.email},
    "registerPush": lambda t: {
        "member": {"reference": t.reference},
        "provider": "HTTP",
        "address": "device-1",
    },
    "removePush": lambda t: {
        "member": {"reference": t.reference},
        "provider": "HTTP",
        "address": "device-0",
    },
    "resendNotice": lambda t: {"notice": t.notice_id, "channel": "EMAIL"},
    "readNotices": lambda t: {"notices": [t.notice_id]},
    "recordConsent": lambda t: {
        "member": {"reference": t.reference},
        "purpose": "MARKETING",
        "channel": "EMAIL",
        "granted": True,
        "textVersion": "2126-03",
    },
    "answerFeedback": lambda t: {"feedback": t.feedback_id, "text": "Thank you."},
    "withdrawClaim": lambda t: {"claim": t.claim_id},
    "decideClaim": lambda t: {
        "claim": t.claim_id,
        "approve": True,
        "lines": [{"product": "hotel", "amount": "100"}],
    },
    "reverseActivity": lambda t: {"activity": t.activity_id, "reason": "copied"},
    "assignTier": lambda t: {
        "member": {"reference": t.reference},
        "tier": "platinum",
        "reason": "status match",
    },
    "suspendMember": lambda t: {"member": {"reference": t.reference}, "reason": "looks stolen"},
    "reinstateMember": lambda t: {"member": {"reference": t.asleep}, "reason": "it was not"},
    "closeMember": lambda t: {
        "member": {"reference": t.twin},
        "forfeit": 0,
        "reason": "asked for it",
    },
    "mergeMembers": lambda t: {
        "from": {"reference": t.twin},
        "into": {"reference": t.reference},
        "reason": "enrolled twice",
    },
    "eraseMember": lambda t: {"member": {"reference": t.leaver}, "confirm": 0},
    "exportMember": lambda t: {"member": {"reference": t.reference}},
    "savePartner": lambda _: {"code": "inn", "name": "Inn", "scopes": ["READ", "EARN"]},
    "savePartnerTerms": lambda t: {
        "partner": f"inn-{t.friend}",
        "fromMonth": "2126-03",
        "basis": "ISSUED",
        "pricePerPoint": "0.012",
        "feePercent": "5",
    },
    "buyPoints": lambda t: {"partner": f"inn-{t.friend}", "points": 500, "reference": "PO-1"},
    "closeStatement": lambda t: {"partner": f"inn-{t.friend}", "month": "2126-01"},
    "closePeriod": lambda _: {"month": "2126-01"},
    "settleStatement": lambda t: {
        "statement": t.statement_id,
        "amount": "1.20",
        "reference": "P-1",
    },
    "createKey": lambda _: {"partner": "shop", "label": "kiosk", "scopes": ["EARN"]},
    "rotateKey": lambda t: {"key": t.key_id, "hours": 0},
    "revokeKey": lambda t: {"key": t.key_id},
    "revokePartnerKey": lambda t: {"keyId": t.key_id},
    "rotatePartnerKey": lambda t: {"keyId": t.key_id},
    "updatePartnerKey": lambda t: {"keyId": t.key_id, "label": "second till"},
    "decideReview": lambda t: {
        "review": t.review_id,
        "approve": True,
        "reason": "looked at it",
    },
    "reviewReferral": lambda t: {
        "referral": t.referral_id,
        "approve": False,
        "reason": "the same person",
    },
    "startBacktest": lambda t: {
        "candidate": INPUTS["publishPolicy"](t),
        "baseline": {"version": 1},
    },
    "cancelBacktest": lambda t: {"backtest": t.backtest_id},
    "startImport": lambda _: {"kind": "MEMBERS", "controlRows": 1000},
    "cancelJob": lambda t: {"job": t.job_id},
    "startExport": lambda _: {"kind": "LOTS"},
    "saveWebhook": lambda _: {"url": make.NOBODY_LISTENS, "topics": ["points.earned"]},
    "rotateWebhookSecret": lambda t: {"webhook": t.webhook_id},
    "enableWebhook": lambda t: {"webhook": t.webhook_id},
    "retryDeliveries": lambda t: {"webhook": t.webhook_id},
    "disableWebhook": lambda t: {"webhook": t.webhook_id},
    "pingWebhook": lambda t: {"webhook": t.webhook_id},
    "deleteWebhook": lambda t: {"webhook": t.webhook_id},
    # before another version is published
    "approveProposal": lambda t: {"proposal": t.proposal_id},
    "publishPolicy": lambda t: {
        "document": json.dumps(to_document(t.stage.programme.versions[0].policy))
    },
    "rejectProposal": lambda t: {"proposal": t.proposal_id, "reason": "too early"},
    "saveDraft": lambda t: {"draft": t.draft_id, "revision": 1, "document": "points: 0500"},
    "deleteDraft": lambda t: {"draft": t.draft_id},
    "revokeSessions": lambda _: {"subject": "nobody", "reason": "left"},
}
"""An input for every mutation that it is done with, but for the key."""

RESULTS: Mapping[str, str] = {
    "enrolMember": "member { reference name }",
    "updateMember": "member { reference name }",
    "requestContactCode": "sentAt",
    "proveContact": "contact { kind value }",
    "earnForBooking": "pointsAwarded booking { reference } balance { available }",
    "earnForBookings": "pointsAwarded booking { reference } balance { available }",
    "guaranteeQuote": "quote { id status points }",
    "completeBooking": "pointsMatured parked booking { reference } balance { available }",
    "refundBooking": "pointsClawedBack parked booking { reference } balance { available }",
    "amendBooking": "pointsAwarded booking { reference } balance { available }",
    "redeemOnBooking": "redemption { id status points } balance { available }",
    "earnForActivity": "pointsAwarded awards { rule points } balance { available }",
    "redeemReward": "redemption { id points } balance { available }",
    "cancelRedemption": "redemption { id status } pointsReinstated balance { available }",
    "confirmRedemption": "redemption { id status }",
    "changeDelivery": "redemption { id status delivery { address } }",
    "shipRedemption": "redemption { id status tracking }",
    "rejectOrder": "redemption { id status cancelReason } pointsReinstated balance { available }",
    "fulfilRedemption": "redemption { id status tracking }",
    "useCoupon": "redemption { id status }",
    "extendCoupon": "coupon { status validThrough }",
    "saveReward": "reward { code points remaining }",
    "adjustStock": "reward { code remaining }",
    "useBenefit": "benefit { code used left }",
    "returnBenefit": "benefit { code used left }",
    "transferPoints": "pointsTransferred balance { available }",
    "adjustPoints": "pointsAdjusted balance { available }",
    "claimPoints": "claim { reference status }",
    "submitFeedback": "feedback { text rating status answer }",
    "publishTemplate": "version",
    "stopExperiment": "experiment { code state }",
    "saveAnnouncement": "announcement { code title text notify }",
    "reportBounce": "suppressed",
    "liftSuppression": "suppressed",
    "registerPush": "count",
    "removePush": "count",
    "resendNotice": "notice { kind channels { channel reason status } }",
    "readNotices": "unread",
    "recordConsent": "consents { purpose channel granted }",
    "answerFeedback": "feedback { status answer }",
    "withdrawClaim": "claim { status }",
    "decideClaim": "claim { status pointsAwarded } balance { available }",
    "reverseActivity": "activity { id status } pointsClawedBack balance { available }",
    "assignTier": "member { reference } standing { tier { code } }",
    "suspendMember": "member { reference status }",
    "reinstateMember": "member { reference status }",
    "closeMember": "member { reference status }",
    "mergeMembers": "member { reference } pointsMoved proposal { state proposedBy }",
    "eraseMember": "replayed",
    "exportMember": "replayed",
    "savePartner": "partner { code name scopes }",
    "savePartnerTerms": (
        "partner { code terms { fromMonth basis pricePerPoint feePercent prepaid } }"
    ),
    "buyPoints": "partner { code prepaidLeft }",
    "closeStatement": "statement { month status net { amount } }",
    "closePeriod": "sha256",
    "settleStatement": "statement { month status net { amount } settled { amount } }",
    "createKey": "key { keyId label status scopes partner { code } }",
    "rotateKey": "key { keyId label status }",
    "revokeKey": "key { keyId label status }",
    "revokePartnerKey": "key { keyId label status }",
    "rotatePartnerKey": "key { keyId label status } replaced { status }",
    "updatePartnerKey": "key { keyId label status }",
    "decideReview": "review { state }",
    "reviewReferral": "referral { status }",
    "startBacktest": "backtest { status members }",
    "cancelBacktest": "backtest { status members }",
    "startImport": "job { kind status total done refused }",
    "cancelJob": "job { kind status total done refused }",
    "startExport": "job { kind status total done downloadUrls }",
    "publishPolicy": "version proposal { id }",
    "approveProposal": "proposal { state decidedBy }",
    "rejectProposal": "proposal { state reason }",
    "saveWebhook": "webhook { url topics status }",
    "rotateWebhookSecret": "webhook { status }",
    "enableWebhook": "webhook { status }",
    "disableWebhook": "webhook { status }",
    "pingWebhook": "attempt { status error answer }",
    "retryDeliveries": "count",
    "deleteWebhook": "webhook { status }",
    "saveDraft": "draft { name revision document faults { code } }",
    "deleteDraft": "draft { name revision document }",
    "revokeSessions": "revokedAt",
}
"""What to ask each mutation for."""


async def call(client: Client, root: str, things: Things) -> Any:
    """The whole answer of one root field with arguments that work."""
    if root in QUERIES:
        document, variables = QUERIES[root]
        return await client.ask(document, **variables(things))
    sent = {"idempotencyKey": fresh_key(), **INPUTS[root](things)}
    return await client.ask(mutation_text(root), input=sent)
