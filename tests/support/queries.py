"""Every query with valid variables."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.mutations import INPUTS
from tests.support.things import Things

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
