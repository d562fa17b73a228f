"""Every operation, whole and by a real token, crossed with everybody who may call."""

from collections.abc import Mapping

import pytest

from api.edge.limits import Limits
from api.schema import build_schema
from domain.kernel.callers import Scope
from tests.support.callers import Client, Stage, codes
from tests.support.mutations import INPUTS
from tests.support.operations import call
from tests.support.queries import QUERIES
from tests.support.things import furnished

pytestmark = pytest.mark.usefixtures("database")

ROOTS = [*QUERIES, *INPUTS]

PUBLIC = {"viewer", "programme", "tiers", "rewards", "reward", "quoteEarning", "quoteOffset"}
MEMBER = PUBLIC | {
    "me",
    "announcements",
    "booking",
    "redemption",
    "node",
    "nodes",
    "enrolMember",
    "updateMember",
    "earnForActivity",
    "redeemReward",
    "redeemOnBooking",
    "cancelRedemption",
    "confirmRedemption",
    "transferPoints",
    "claimPoints",
    "withdrawClaim",
    "submitFeedback",
    "recordConsent",
    "eraseMember",
    "exportMember",
    "readNotices",
    "registerPush",
    "requestContactCode",
    "proveContact",
    "explain",
    "receipt",
    "removePush",
    "changeDelivery",
}
ANY_PARTNER = {
    *("viewer", "programme", "tiers", "rewards", "reward", "me"),
    *("events", "eventTypes"),
}
PARTNER = {
    Scope.MEMBERS: {
        "member",
        "enrolMember",
        "updateMember",
        "proveContact",
        "recordConsent",
        "reportBounce",
    },
    Scope.EARN: {
        *("booking", "quoteEarning", "previewRefund", "overdueLines"),
        *("earnForBooking", "earnForBookings", "completeBooking"),
        *("refundBooking", "amendBooking"),
        *("earnForActivity", "guaranteeQuote", "claims", "decideClaim"),
    },
    Scope.REDEEM: {
        *("redemption", "quoteOffset", "redeemReward", "redeemOnBooking"),
        *("cancelRedemption", "confirmRedemption", "transferPoints"),
    },
    Scope.FULFIL: {
        *("redemption", "fulfilRedemption", "useCoupon", "useBenefit", "returnBenefit"),
        *("ordersToFulfil", "shipRedemption", "rejectOrder"),
    },
    Scope.READ: {
        *("member", "booking", "redemption", "node", "nodes"),
        *("quoteEarning", "quoteOffset", "previewRefund", "overdueLines", "partner"),
    },
    Scope.MEMBERS_READ: {"member", "members"},
    Scope.CODES: set(),
    Scope.MANAGE: {
        *("webhooks", "saveWebhook", "rotateWebhookSecret", "enableWebhook"),
        *("disableWebhook", "deleteWebhook", "pingWebhook"),
        *("deliveries", "retryDeliveries"),
        *("partner", "createKey", "rotateKey", "revokeKey"),
    },
    Scope.ALL_PARTNERS: set(),
}
"""What each caller may use, by root field; staff may use everything."""


async def everybody(stage: Stage) -> Mapping[str, tuple[Client, set[str], str]]:
    """By name: the caller, what it may use, and how it is refused the rest."""
    return {
        "no token": (Client(), set(), "UNAUTHENTICATED"),
        "a forged token": (Client("a.b.c"), set(), "UNAUTHENTICATED"),
        "public": (await stage.public(), PUBLIC, "FORBIDDEN"),
        "member": (stage.member(), MEMBER, "FORBIDDEN"),
        "not enrolled": (stage.member("nobody-yet"), MEMBER, "FORBIDDEN"),
        "partner of no scope": (await stage.partner([], "p-none"), ANY_PARTNER, "FORBIDDEN"),
        **{
            f"partner of {scope}": (
                await stage.partner([scope], f"p-{scope.replace(':', '-')}"),
                ANY_PARTNER | PARTNER[scope],
                "FORBIDDEN",
            )
            for scope in Scope
        },
        "partner of all scopes": (
            await stage.partner(),
            ANY_PARTNER.union(*PARTNER.values()),
            "FORBIDDEN",
        ),
        "staff": (stage.staff(), set(ROOTS), ""),
    }


def test_the_matrix_has_a_row_for_every_root_field() -> None:
    schema = build_schema(Limits(), production=False)._schema
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    assert set(QUERIES) == set(schema.query_type.fields)
    assert set(INPUTS) == set(schema.mutation_type.fields)
    assert set(PARTNER) == set(Scope)
    assert MEMBER.union(*PARTNER.values(), ANY_PARTNER, PUBLIC) == set(ROOTS) - {
        *(
            "publishPolicy",
            "adjustPoints",
            "assignTier",
            "suspendMember",
            "reinstateMember",
            "closeMember",
            "mergeMembers",
            "partnerKeys",
            "reviewReferral",
            "reviews",
            "riskRules",
            "decideReview",
            "reverseActivity",
            "extendCoupon",
            "saveReward",
            "adjustStock",
        ),
        *("lintPolicy", "backtest", "backtests", "startBacktest", "cancelBacktest"),
        *("job", "startImport", "cancelJob", "startExport"),
        *("revokePartnerKey", "rotatePartnerKey", "updatePartnerKey", "savePartner"),
        *("savePartnerTerms", "buyPoints", "closeStatement", "settleStatement"),
        *("saveDraft", "deleteDraft", "diffPolicy", "audit", "revokeSessions"),
        *(
            "proposals",
            "kpis",
            "cohorts",
            "preferences",
            *("liability", "programmePnl", "breakageHistory", "journal", "closePeriod"),
            "experiment",
            "stopExperiment",
            "approveProposal",
            "rejectProposal",
            "feedback",
            "answerFeedback",
            "liftSuppression",
            "publishTemplate",
            "saveAnnouncement",
            "resendNotice",
            "previewNotice",
        ),
    }


async def test_whoever_may_not_is_refused_and_changes_nothing() -> None:
    things = await furnished()
    callers = await everybody(things.stage)
    before = await things.stage.everything()

    for name, (client, allowed, refusal) in callers.items():
        for root in ROOTS:
            if root not in allowed:
                answer = await call(client, root, things)
                assert codes(answer) == [refusal], (name, root)
                assert "data" not in answer, (name, root)

    assert await things.stage.everything() == before


async def test_whoever_may_is_answered() -> None:
    things = await furnished()

    for name, (client, allowed, _) in (await everybody(things.stage)).items():
        for root in sorted(allowed):
            answer = await call(client, root, things)
            assert codes(answer) == [], (name, root)
            assert root in answer["data"], (name, root)


async def test_a_member_before_it_is_enrolled() -> None:
    things = await furnished()
    newcomer = things.stage.member("nobody-yet")
    before = await things.stage.everything()

    data = await newcomer.read("{ me { id } viewer { kind member { id } } tiers { code } }")
    assert data["me"] is None
    assert data["viewer"] == {"kind": "MEMBER", "member": None}
    for mutation, sent in {
        "updateMember": {"name": "Li"},
        "earnForActivity": {"type": "share", "reference": "s-1"},
        "redeemReward": {"reward": things.reward},
    }.items():
        problem = await newcomer.refused(mutation, **sent)
        assert (problem["code"], problem["path"]) == ("MEMBER_NOT_ENROLLED", ["member"]), mutation
    assert await things.stage.everything() == before


async def test_everybody_but_a_member_must_name_one() -> None:
    things = await furnished()
    before = await things.stage.everything()

    for client in (await things.stage.partner(), things.stage.staff()):
        for mutation, sent in {
            "updateMember": {"name": "Li"},
            "earnForActivity": {"type": "share", "reference": "s-1"},
            "redeemReward": {"reward": things.reward},
        }.items():
            problem = await client.refused(mutation, **sent)
            assert problem["reason"] == "member_required", mutation
            assert problem["path"] == ["member"]
    assert await things.stage.everything() == before


async def test_activities_are_reported_by_whom_the_policy_lets() -> None:
    things = await furnished()
    before = await things.stage.everything()

    member = things.stage.member().reading("en")

    for activity in ("verification", "profile_completed", "review", "survey"):
        problem = await member.refused("earnForActivity", type=activity, reference="x")
        assert problem["code"] == "REPORTER_NOT_ALLOWED"
        assert problem["path"] == ["type"]
        assert problem["message"] == (
            f"'{activity}' may be reported by a partner or staff, not by the member."
        )

    assert await things.stage.everything() == before


async def test_a_member_enrols_nobody_else() -> None:
    things = await furnished()
    before = await things.stage.everything()
    newcomer = things.stage.member("nobody-yet")

    for sent in ({"reference": "somebody-else"}, {"guest": True}):
        problem = await newcomer.refused("enrolMember", **sent)
        assert (problem["code"], problem["reason"]) == ("INVALID_INPUT", "not_oneself")

    assert await things.stage.everything() == before


async def test_a_public_page_quotes_and_prices_for_nobody() -> None:
    """A key that everybody can read must not tell who is a member, nor what one can afford."""
    things = await furnished()
    page = await things.stage.public()
    members = [
        {"reference": things.reference},
        {"email": things.email},
        {"phone": things.phone},
        {"id": things.member_id},
        {"referralCode": things.referral_code},
    ]

    for by in [*members, {"reference": "absent"}]:
        listed = await page.ask("query($by: MemberBy) { rewards(for: $by) { totalCount } }", by=by)
        assert codes(listed) == ["BAD_USER_INPUT"]
        data = await page.read(
            """query($by: MemberBy, $code: String!) { reward(code: $code, for: $by) { code }
                quoteEarning(input: {member: $by, lines: [{product: "hotel", amount: "100"}]}) {
                    points errors { code path } } }""",
            by=by,
            code=things.reward,
        )
        assert data == {
            "reward": None,
            "quoteEarning": {"points": 0, "errors": [{"code": "NOT_FOUND", "path": ["member"]}]},
        }
