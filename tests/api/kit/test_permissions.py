"""Every root field crossed with every kind of caller and every scope."""

from dataclasses import replace

import pytest

from api.edge.limits import Limits
from api.kit.permissions import ALLOWED
from api.schema import build_schema
from domain.kernel.callers import Caller, CallerKind, Role, Scope
from domain.programmes.programmes import Programme
from tests.support.factories import member_caller, staff
from tests.support.sample import ask, calling, codes, edge_app

EVERYBODY = {"viewer", "programme", "tiers", "rewards", "reward"}
PARTNERS = {"me", "events", "eventTypes"}
MEMBERS = {
    *("eraseMember", "exportMember"),
    *("me", "booking", "redemption", "node", "nodes", "quoteEarning", "quoteOffset"),
    *("explain", "receipt"),
    *("enrolMember", "updateMember", "earnForActivity", "redeemReward", "cancelRedemption"),
    *(
        "confirmRedemption",
        "transferPoints",
        "redeemOnBooking",
        "claimPoints",
        "explain",
        "withdrawClaim",
        "submitFeedback",
        "recordConsent",
        "readNotices",
        "registerPush",
        "requestContactCode",
        "proveContact",
        "removePush",
        "announcements",
        "changeDelivery",
    ),
    *("balanceChanged", "ledgerAppended", "redemptionChanged", "noticeReceived"),
}
BY_SCOPE = {
    "members": {
        "member",
        "enrolMember",
        "updateMember",
        "proveContact",
        "recordConsent",
        "reportBounce",
    },
    "earn": {
        *("booking", "quoteEarning", "previewRefund", "overdueLines"),
        *("earnForBooking", "earnForBookings", "completeBooking"),
        *("refundBooking", "amendBooking"),
        *("earnForActivity", "guaranteeQuote", "claims", "decideClaim"),
    },
    "redeem": {
        *("redemption", "quoteOffset", "redeemReward", "redeemOnBooking"),
        *("cancelRedemption", "confirmRedemption", "transferPoints"),
    },
    "fulfil": {
        *("redemption", "fulfilRedemption", "useCoupon", "useBenefit", "returnBenefit"),
        *("ordersToFulfil", "shipRedemption", "rejectOrder"),
    },
    "read": {
        *("member", "booking", "redemption", "node", "nodes"),
        *("quoteEarning", "quoteOffset", "previewRefund", "overdueLines", "partner"),
        *("balanceChanged", "ledgerAppended", "redemptionChanged"),
    },
    "members:read": {"member", "members"},
    "codes": set(),
    "manage": {
        *("deliveries", "retryDeliveries"),
        *("webhooks", "saveWebhook", "rotateWebhookSecret", "enableWebhook"),
        *("disableWebhook", "deleteWebhook", "pingWebhook"),
        *("partner", "createKey", "rotateKey", "revokeKey"),
    },
    "all_partners": set(),
}
"""What the design says of each caller, said again; `me` is null for partners."""

SHOWN = {
    *("member", "members", "booking", "redemption", "node", "nodes", "overdueLines", "me"),
    *("quoteEarning", "quoteOffset", "previewRefund", "announcements", "partner"),
    *("lintPolicy", "diffPolicy", "backtest", "backtests", "kpis", "cohorts", "preferences"),
    *("explain", "riskRules"),
    "explain",
    "experiment",
    *("balanceChanged", "ledgerAppended", "redemptionChanged"),
    "receipt",
}
SETTLING = {
    *("buyPoints", "closeStatement", "settleStatement"),
    *("liability", "programmePnl", "breakageHistory", "journal", "closePeriod"),
}
DECIDING = {"proposals", "approveProposal", "rejectProposal"}
MANAGING = {
    *("publishPolicy", "saveDraft", "deleteDraft", "startBacktest", "cancelBacktest"),
    *("saveReward", "adjustStock", "savePartner", "savePartnerTerms", "assignTier"),
    *("publishTemplate", "saveAnnouncement", "reviewReferral", "startImport"),
    *("suspendMember", "reinstateMember", "closeMember", "mergeMembers"),
    *("reviews", "decideReview"),
    "stopExperiment",
}
ADMINISTERING = {
    "eraseMember",
    *("partnerKeys", "revokePartnerKey", "rotatePartnerKey", "updatePartnerKey"),
    *("createKey", "rotateKey", "revokeKey", "audit", "revokeSessions"),
}
"""What the design says of staff, said again: what is in none of these is support's."""

ROOTS = sorted(ALLOWED)


def test_the_table_names_every_root_field_and_no_other() -> None:
    schema = build_schema(Limits(), production=False)._schema
    roots = {
        f"{root.name}.{name}"
        for root in (schema.query_type, schema.mutation_type, schema.subscription_type)
        if root is not None
        for name in root.fields
    }

    assert roots == ALLOWED.keys()


def callers(programme: Programme) -> list[tuple[Caller, set[str]]]:
    fields = {name.partition(".")[2] for name in ALLOWED}
    partners = [
        (
            Caller(CallerKind.PARTNER, programme.id, programme.code, "p", frozenset({scope})),
            EVERYBODY | PARTNERS | BY_SCOPE[scope],
        )
        for scope in map(str, Scope)
    ]
    return [
        (
            Caller(CallerKind.PUBLIC, programme.id, programme.code, "k"),
            EVERYBODY | {"quoteEarning", "quoteOffset"},
        ),
        (member_caller(programme, "traveller-1"), EVERYBODY | MEMBERS),
        (Caller(CallerKind.PARTNER, programme.id, programme.code, "p"), EVERYBODY | PARTNERS),
        *partners,
        (staff(programme), fields),
    ]


def test_what_each_role_may(programme: Programme) -> None:
    fields = {name.partition(".")[2] for name in ALLOWED}
    alone = {Role.MANAGER: MANAGING, Role.FINANCE: SETTLING, Role.ADMIN: ADMINISTERING}
    viewed, above = EVERYBODY | SHOWN, set().union(*alone.values())
    support = fields - above
    expected = {
        None: viewed,
        Role.VIEWER: viewed,
        Role.SUPPORT: support,
        Role.MANAGER: support | MANAGING,
        Role.FINANCE: viewed | SETTLING | DECIDING,
        Role.ADMIN: fields,
    }
    for role, may in expected.items():
        person = replace(staff(programme), roles=frozenset({role} if role else ()))
        found = {name.partition(".")[2] for name, rule in ALLOWED.items() if rule.allows(person)}
        assert found == may, role


def test_no_field_is_left_without_a_role() -> None:
    """Somebody has to be able to do it: a line names one of the sets of roles."""
    assert [name for name, rule in ALLOWED.items() if not rule.staff] == []


def test_what_each_caller_may(programme: Programme) -> None:
    """Each of these is asked over HTTP by `tests/api/test_callers.py`."""
    for caller, may in callers(programme):
        found = {name.partition(".")[2] for name, rule in ALLOWED.items() if rule.allows(caller)}
        assert found == may, (caller.kind, caller.scopes)


async def test_every_field_is_refused_before_anything_else_is_said_of_it(
    programme: Programme,
) -> None:
    """A field without its arguments is refused as FORBIDDEN or, if permitted, as invalid."""
    for caller, may in callers(programme):
        if caller.scopes:  # asked for once, by a partner that has none
            continue
        async with calling(edge_app(caller, Limits(member_rate_burst=1000))) as client:
            for root in ROOTS:
                kind, _, name = root.partition(".")
                answer = await ask(client, f"{kind.lower()} {{ {name} {{ nothing }} }}")
                refused = codes(answer)[0] == "FORBIDDEN"
                assert refused is (name not in may), (caller.kind, name)


async def test_one_forbidden_field_stops_the_whole_operation(programme: Programme) -> None:
    query = """mutation { redeemReward(input: {reward: "lounge", idempotencyKey: "k"}) { replayed }
        ... F } fragment F on Mutation { publishPolicy @skip(if: true) { replayed } }"""
    async with calling(edge_app(member_caller(programme, "traveller-1"))) as client:
        response = await client.post("/graphql", json={"query": query.replace("... F", "...F")})

    assert response.status_code == 403
    assert codes(response.json()) == ["FORBIDDEN"]
    assert response.json()["errors"][0]["extensions"]["field"] == "publishPolicy"
    assert "data" not in response.json()


async def test_a_stranger_may_use_none(programme: Programme) -> None:
    async with calling(edge_app(None)) as client:
        for root in ROOTS:
            kind, _, name = root.partition(".")
            answer = await ask(client, f"{kind.lower()} {{ {name} {{ nothing }} }}")
            assert codes(answer) in (["UNAUTHENTICATED"], ["RATE_LIMITED"]), name


def test_a_root_field_without_a_permission_keeps_the_schema_from_being_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without = {name: rule for name, rule in ALLOWED.items() if name != "Query.me"}
    monkeypatch.setattr("api.schema.ALLOWED", without)

    with pytest.raises(LookupError, match=r"Query\.me"):
        build_schema(Limits(), production=False)
