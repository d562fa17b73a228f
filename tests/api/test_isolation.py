"""What belongs to another programme or another member is not there, and looks like what never was.

Every look-up is made twice, for something strange and for something absent: both answers must
be the same but for the name that was asked for.
"""

from base64 import urlsafe_b64decode
from uuid import UUID

import pytest

from api.kit.relay import to_global_id
from tests.support.callers import fresh_key, open_stage
from tests.support.foreign import BY_ID, FOR_QUERY, MEMBER_QUERY, absent, asked, names_of, refusals
from tests.support.mutations import INPUTS
from tests.support.ownership import unnamed
from tests.support.queries import QUERIES
from tests.support.things import Things, furnish, furnished

pytestmark = pytest.mark.usefixtures("database")


async def two_programmes() -> tuple[Things, Things]:
    return (
        await furnish(await open_stage(), "xiaoli"),
        await furnish(await open_stage(), "xiaoma", "13800138001"),
    )


async def test_another_programme_is_not_there_for_a_partner_and_for_staff() -> None:
    own, other = await two_programmes()
    partner, kim = await own.stage.partner(), own.stage.staff()
    here, there = await own.stage.everything(), await other.stage.everything()

    for client in (partner, kim):
        strange, nothing = names_of(other), absent()
        assert await asked(client, strange, own.reward) == await asked(client, nothing, own.reward)
        assert await refusals(client, strange, own) == await refusals(client, nothing, own)
        for names in (strange, nothing):
            data = await client.read(
                "query($c: String!) { reward(code: $c) { id } }", c=names.reward
            )
            assert data == {"reward": None}
        assert (await client.read(BY_ID, id=other.reward_id))["node"] is None
        rewards = [
            unnamed(
                await client.refused(
                    "redeemReward", member={"reference": own.reference}, reward=names.reward
                ),
                names.reward,
            )
            for names in (strange, nothing)
        ]
        assert rewards[0] == rewards[1]
        assert own.reward in rewards[0]
        referred = [
            unnamed(
                await client.refused("enrolMember", referralCode=names.referral_code),
                names.referral_code,
            )
            for names in (strange, nothing)
        ]
        assert referred[0] == referred[1]
        assert "REFERRAL_INVALID" in referred[0]

    assert await own.stage.everything() == here
    assert await other.stage.everything() == there


async def test_another_member_is_not_there_for_a_member() -> None:
    own = await furnished()
    other = await furnish(own.stage, "xiaoma", "13800138001")
    before = await own.stage.everything()
    member = own.stage.member(own.reference)

    strange, nothing = names_of(other), absent()
    assert await asked(member, strange, own.reward) == await asked(member, nothing, own.reward)
    assert await refusals(member, strange, own) == await refusals(member, nothing, own)
    foreign = await other.stage.member(other.reference).read(BY_ID, id=other.booking_id)
    assert foreign["node"] == {"id": other.booking_id}

    assert await own.stage.everything() == before


async def test_another_programmes_member_is_not_there_for_a_member() -> None:
    own, other = await two_programmes()
    before = await own.stage.everything()
    member = own.stage.member(own.reference)

    strange, nothing = names_of(other), absent()
    assert await asked(member, strange, own.reward) == await asked(member, nothing, own.reward)
    assert await refusals(member, strange, own) == await refusals(member, nothing, own)

    assert await own.stage.everything() == before


async def test_a_member_may_name_itself() -> None:
    own = await furnished()
    member = own.stage.member(own.reference)

    for by in names_of(own).members:
        data = await member.read(FOR_QUERY, by=by, code=own.reward)
        assert data["reward"] == {"code": own.reward, "points": 4000, "affordable": True}
        assert data["quoteEarning"] == {"points": 100, "errors": []}
        done = await member.done("updateMember", "member { reference }", member=by, name="Li")
        assert done["member"] == {"reference": own.reference}


async def test_ids_put_together_from_two_members_name_nothing() -> None:
    """The member in an id is part of the name: a forged pair must not open the row."""
    own = await furnished()
    other = await furnish(own.stage, "xiaoma", "13800138001")
    before = await own.stage.everything()
    clients = [own.stage.member(own.reference), await own.stage.partner()]

    for kind, theirs in {
        "Booking": other.booking_id,
        "LedgerEntry": other.entry_id,
        "Redemption": other.redemption_id,
        "GuaranteedQuote": other.quote_id,
    }.items():
        forged = forge(kind, own.member_id, theirs)
        for client in clients:
            data = await client.read(BY_ID, id=forged)
            assert data == {"node": None, "nodes": [None], "redemption": None}
            if kind == "Redemption":
                problem = await client.refused("cancelRedemption", redemption=forged)
                assert problem["code"] == "NOT_FOUND"
    assert await own.stage.everything() == before


def forge(kind: str, member_id: str, owned_id: str) -> str:
    def uuids(text: str) -> list[UUID]:
        parts = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(":")[1:]
        return [UUID(part) for part in parts]

    return str(to_global_id(kind, uuids(owned_id)[1], member_id=uuids(member_id)[0]))


async def test_an_id_of_one_kind_opens_no_other() -> None:
    own = await furnished()
    partner = await own.stage.partner()
    before = await own.stage.everything()

    for wrong in (own.booking_id, own.entry_id, own.member_id, own.reward_id, "", "é", "bm9uZQ"):
        data = await partner.read("query($id: ID!) { redemption(id: $id) { id } }", id=wrong)
        assert data == {"redemption": None}
        problem = await partner.refused("cancelRedemption", redemption=wrong)
        assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["redemption"])
        if wrong != own.member_id:
            found = await partner.read(MEMBER_QUERY, by={"id": wrong})
            assert found["member"] is None
            problem = await partner.refused("updateMember", member={"id": wrong}, name="Li")
            assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["member"])
    assert await own.stage.everything() == before


async def test_lists_hold_ones_own_only_and_so_do_foreign_cursors() -> None:
    own, other = await two_programmes()
    partner, stranger = await own.stage.partner(), await other.stage.partner()
    query = """query($members: String, $rewards: String) {
        members(after: $members) { totalCount pageInfo { endCursor } edges { node { reference } } }
        rewards(after: $rewards) { totalCount pageInfo { endCursor } edges { node { code } } } }"""

    theirs = await stranger.read(query)
    ours = await partner.read(query)
    beyond = await partner.read(
        query,
        members=theirs["members"]["pageInfo"]["endCursor"],
        rewards=theirs["rewards"]["pageInfo"]["endCursor"],
    )

    mine = {
        "members": [
            *(
                {"reference": one}
                for one in (own.asleep, own.twin, own.leaver, "xiaoli", own.friend)
            ),
        ],
        "rewards": [{"code": own.reward}],
    }
    for name, all_of_them in mine.items():
        assert [edge["node"] for edge in ours[name]["edges"]] == all_of_them
        assert beyond[name]["totalCount"] == len(all_of_them)
        assert all(edge["node"] in all_of_them for edge in beyond[name]["edges"])


async def test_a_cursor_of_another_members_ledger_is_no_cursor_of_ones_own() -> None:
    own = await furnished()
    other = await furnish(own.stage, "xiaoma", "13800138001")
    member = own.stage.member(own.reference)
    query = "query($c: String) { me { ledger(after: $c) { edges { node { sequence } } } } }"

    answer = await member.ask(query, c=other.ledger_cursor)

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_CURSOR"
    assert (await member.read(query, c=own.ledger_cursor))["me"] is not None


async def test_natural_keys_and_request_keys_belong_to_their_programme() -> None:
    """The same references, addresses and keys are free in every programme."""
    own = await furnished()
    other = await furnish(await open_stage())
    before = await own.stage.everything()
    key = fresh_key()

    for things in (own, other):
        for client in (await things.stage.partner(), await things.stage.partner(code="second")):
            done = await client.done(
                "updateMember", key=key, member={"reference": "xiaoli"}, name=f"{things.member_id}"
            )
            assert done["replayed"] is False
    booked = await (await other.stage.partner()).do(
        "earnForBooking",
        "booking { reference }",
        **{**INPUTS["earnForBooking"](other), "reference": "B-1"},
    )
    assert booked["booking"] == {"reference": "B-1"}

    after = await own.stage.everything()
    assert after["booking"] == before["booking"]
    assert after["ledger_entry"] == before["ledger_entry"]


async def test_a_member_of_two_programmes_is_two_members() -> None:
    own = await furnished()
    elsewhere = await open_stage()
    same_subject = elsewhere.member(own.reference)

    assert (await same_subject.read("{ me { id } }"))["me"] is None
    await same_subject.done("enrolMember", email=own.email)
    data = await same_subject.read("{ me { id balance { available } } }")
    assert data["me"]["balance"] == {"available": 0}
    assert data["me"]["id"] != own.member_id


OFFSET_FOR = """query($by: MemberBy!) { quoteOffset(input: {member: $by,
    lines: [{product: "hotel", amount: "100"}]}) { maxPoints errors { code path } } }"""
PREVIEW = """query($booking: String!) { previewRefund(input: {booking: $booking}) {
    pointsClawedBack standingAfter { tier { rank } until } errors { code path } } }"""


async def test_points_are_not_held_for_those_who_are_not_there() -> None:
    own, other = await two_programmes()
    before = await own.stage.everything()
    lines = [{"product": "hotel", "amount": "100"}]
    clients = [own.stage.member(own.reference), await own.stage.partner(), own.stage.staff()]

    for client in clients:
        for names in (names_of(other), absent()):
            for by in names.members:
                quoted = await client.read(OFFSET_FOR, by=by)
                assert quoted["quoteOffset"] == {
                    "maxPoints": 0,
                    "errors": [{"code": "NOT_FOUND", "path": ["member"]}],
                }
                problem = await client.refused(
                    "redeemOnBooking", member=by, points=100, lines=lines
                )
                assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["member"])

    assert await own.stage.everything() == before


async def test_another_programmes_booking_is_one_that_has_not_come() -> None:
    """What is reported of it waits in the own programme, as for any reference not seen yet."""
    own, other = await two_programmes()
    there = await other.stage.everything()
    partner = await own.stage.partner()

    for booking in (other.booking, "B-nowhere"):
        previewed = (await partner.read(PREVIEW, booking=booking))["previewRefund"]
        assert previewed == {
            "pointsClawedBack": 0,
            "standingAfter": {"tier": {"rank": 0}, "until": None},
            "errors": [{"code": "NOT_FOUND", "path": ["booking"]}],
        }
        for mutation, sent in (
            ("completeBooking", {"booking": booking}),
            ("refundBooking", {"booking": booking, "reference": "R"}),
        ):
            done = await partner.done(mutation, "parked booking { id }", **sent)
            assert (done["parked"], done["booking"]) == (True, None)
        amended = {**INPUTS["amendBooking"](other), "booking": booking}
        problem = await partner.refused("amendBooking", **amended)
        assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["booking"])

    assert await other.stage.everything() == there


async def test_staff_publish_to_their_own_programme_only() -> None:
    own, other = await two_programmes()
    here, there = await own.stage.everything(), await other.stage.everything()

    problem = await own.stage.staff().refused("publishPolicy", **INPUTS["publishPolicy"](other))

    assert problem["code"] == "INVALID_INPUT"
    assert problem["reason"] == "fixed"
    assert problem["path"] == ["document", "programme"]
    assert await own.stage.everything() == here
    assert await other.stage.everything() == there


def test_every_operation_is_looked_at_here() -> None:
    """A new operation must say what it does with the names of others."""
    about_nobody = {"viewer", "programme", "me", "tiers", "eventTypes"}
    assert set(QUERIES) - about_nobody == {
        *("member", "members", "booking", "redemption", "rewards", "reward"),
        *("quoteEarning", "quoteOffset", "previewRefund", "overdueLines", "node", "nodes"),
        *("partner", "partnerKeys", "lintPolicy", "diffPolicy", "backtest", "backtests"),
        "job",
        *("proposals", "feedback", "claims", "events", "webhooks", "previewNotice"),
        "announcements",
        *("deliveries", "kpis", "cohorts", "preferences", "explain", "experiment"),
        *("liability", "programmePnl", "breakageHistory", "journal"),
        *("claims", "ordersToFulfil", "reviews", "riskRules", "audit", "receipt"),
    }
    assert set(INPUTS) == {
        *("enrolMember", "updateMember", "earnForBooking", "earnForBookings", "earnForActivity"),
        *("requestContactCode", "proveContact"),
        *("completeBooking", "refundBooking", "amendBooking", "redeemOnBooking"),
        "guaranteeQuote",
        *("redeemReward", "cancelRedemption", "publishPolicy"),
        *("confirmRedemption", "fulfilRedemption", "useCoupon", "useBenefit", "returnBenefit"),
        *("transferPoints", "adjustPoints", "assignTier", "reviewReferral", "reverseActivity"),
        *("suspendMember", "reinstateMember", "closeMember", "mergeMembers"),
        *("eraseMember", "exportMember", "decideReview"),
        *("startImport", "cancelJob", "startExport"),
        *("startBacktest", "cancelBacktest", "claimPoints", "withdrawClaim", "decideClaim"),
        *(
            "submitFeedback",
            "answerFeedback",
            "recordConsent",
            "readNotices",
            "resendNotice",
            "registerPush",
            "removePush",
            "reportBounce",
            "liftSuppression",
            "publishTemplate",
            "stopExperiment",
            "saveAnnouncement",
        ),
        *("revokePartnerKey", "rotatePartnerKey", "updatePartnerKey"),
        *(
            "savePartner",
            "savePartnerTerms",
            "buyPoints",
            "closeStatement",
            "closePeriod",
            "settleStatement",
            "createKey",
            "rotateKey",
            "revokeKey",
        ),
        "revokeSessions",
        *("saveDraft", "deleteDraft", "approveProposal", "rejectProposal"),
        *("extendCoupon", "saveReward", "adjustStock"),
        *("saveWebhook", "rotateWebhookSecret", "enableWebhook", "disableWebhook"),
        *("pingWebhook", "deleteWebhook", "retryDeliveries"),
        *("changeDelivery", "shipRedemption", "rejectOrder"),
    }
