"""Referrals from outside: the link, the list, who sees what, and reviews by staff."""

from typing import Any

import pytest

from api.kit.relay import to_global_id
from domain.kernel import cache
from domain.kernel.callers import Scope
from domain.kernel.database import rows, update
from domain.kernel.ids import new_id
from tests.conftest import Database
from tests.support import factories as make
from tests.support import granted, private, referred
from tests.support.callers import REFERRALS, Client, Stage, open_stage
from tests.support.things import furnish

pytestmark = pytest.mark.usefixtures("database")

FRIENDS = """referralLink referrals(first: 10) { totalCount edges { node {
    id status text(locale: "en") joinedOn initial points flags friend { reference } } } }"""
OWN = f"{{ me {{ {FRIENDS} }} }}"
OF_MEMBER = f'{{ member(by: {{reference: "li"}}) {{ {FRIENDS} }} }}'


async def stage_with(qualifies: str = "enrolled", **terms: Any) -> Stage:
    document = make.shipped_document(referrals={**REFERRALS, "qualifies": qualifies, **terms})
    return await open_stage(document)


async def li(stage: Stage, **sent: Any) -> str:
    """The referral code of a member who enrols itself."""
    payload = await stage.member("li").done("enrolMember", "member { referralCode }", **sent)
    return str(payload["member"]["referralCode"])


async def bring(stage: Stage, code: str, reference: str, **sent: Any) -> None:
    """A friend who enrols by the code, and the job that is run then."""
    await stage.staff().done("enrolMember", reference=reference, referralCode=code, **sent)
    await referred.run(stage.programme, stage.now())


async def seen(client: Client, query: str = OF_MEMBER) -> list[dict[str, Any]]:
    """The friends that the caller is shown, the last who joined first."""
    found = next(iter((await client.read(query)).values()))["referrals"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


async def test_a_member_sees_its_link_and_its_friends_by_their_initial() -> None:
    stage = await stage_with("first_booking", within_days=30)
    code = await li(stage)
    for reference, name in (("wang", "王芳"), ("zhao", None)):
        await bring(stage, code, reference, name=name)
    me = stage.member("li")
    assert (await me.read(OWN))["me"]["referralLink"] == f"https://example.com/?c={code}"
    mine = await seen(me, OWN)
    assert [friend["initial"] for friend in mine] == [None, "王"]
    for friend in mine:
        assert (friend["status"], friend["points"]) == ("JOINED", 0)
        assert (friend["flags"], friend["friend"]) == ([], None)
        assert friend["text"] == "The friend has joined but has yet to do what is asked."
        assert friend["joinedOn"] == "2126-03-15"
    partner = await stage.partner([Scope.READ], "reads")
    assert [friend["initial"] for friend in await seen(partner)] == [None, None]
    partner = await stage.partner([Scope.READ, Scope.MEMBERS_READ], "sees")
    assert [friend["initial"] for friend in await seen(partner)] == [None, "王"]
    assert [friend["friend"] for friend in await seen(partner)] == [None, None]
    friends = [friend["friend"]["reference"] for friend in await seen(stage.staff())]
    assert friends == ["zhao", "wang"]
    node = "query($id: ID!) { node(id: $id) { ... on Referral { status friend { id } } } }"
    for client, shown in ((me, True), (stage.member("wang"), False), (stage.staff(), True)):
        found = (await client.read(node, id=mine[0]["id"]))["node"]
        assert (found is not None) is shown
    assert (await seen(stage.member("wang"), OWN)) == []


async def test_there_is_no_link_without_terms_or_for_a_guest() -> None:
    without = await open_stage(make.shipped_document())
    await li(without)
    assert (await without.member("li").read("{ me { referralLink } }"))["me"] == {
        "referralLink": None
    }
    stage = await stage_with()
    await stage.staff().done("enrolMember", reference="li", guest=True)
    assert (await stage.member("li").read("{ me { referralLink } }"))["me"] == {
        "referralLink": None
    }


async def test_staff_approve_what_was_flagged_and_reject_any() -> None:
    stage = await stage_with()
    staff, code = stage.staff(), await li(stage, email="li@example.com")
    await bring(stage, code, "twin", email="Li+2@example.com")
    [friend] = await seen(staff)
    assert (friend["status"], friend["flags"]) == ("FLAGGED", ["same_email"])
    [mine] = await seen(stage.member("li"), OWN)
    assert (mine["status"], mine["flags"]) == ("FLAGGED", [])
    named = {"referral": friend["id"], "reason": "two sisters"}
    done = await staff.done("reviewReferral", "referral { status }", **named, approve=True)
    assert done["referral"] == {"status": "QUALIFIED"}
    again = await staff.refused("reviewReferral", **named, approve=True)
    assert (again["reason"], again["value"]) == ("not_flagged", "QUALIFIED")
    done = await staff.done("reviewReferral", "referral { status }", **named, approve=False)
    assert done["referral"] == {"status": "REJECTED"}
    for approve, reason in ((True, "not_flagged"), (False, "rejected_before")):
        problem = await staff.refused("reviewReferral", **named, approve=approve)
        assert (problem["reason"], problem["path"]) == (reason, ["approve"])
    found = await rows(
        "SELECT member_id, side, actor, reason FROM referral WHERE programme_id = $1 "
        "AND status = 'REJECTED' ORDER BY side",
        stage.programme.id,
    )
    assert [(one["side"], one["actor"]) for one in found] == [
        ("REFEREE", "staff:kim"),
        ("REFERRER", "staff:kim"),
    ]
    # the referrer's side says what the friend's does, whose text it is
    assert await private.text(found[0]["member_id"], found[0]["reason"]) == "two sisters"
    assert found[1]["reason"] == found[0]["reason"]
    assert await referred.unapplied(stage.programme) == 0


async def test_what_was_approved_stays_so_when_another_fact_counts() -> None:
    stage = await stage_with("first_booking")
    staff, code = stage.staff(), await li(stage)
    await bring(stage, code, "friend")
    await update("UPDATE member SET status = 'SUSPENDED' WHERE referral_code = $1", code)
    line = {"product": "hotel", "amount": "100"}

    async def book(reference: str) -> str:
        member = {"reference": "friend"}
        await staff.done("earnForBooking", member=member, reference=reference, lines=[line])
        await referred.run(stage.programme, stage.now())
        [friend] = await seen(staff)
        return str(friend["status"])

    assert await book("A") == "FLAGGED"
    [friend] = await seen(staff)
    named = {"referral": friend["id"], "reason": "known", "approve": True}
    await staff.done("reviewReferral", **named)
    await staff.done("refundBooking", booking="A", reference="1")
    await referred.run(stage.programme, stage.now())
    assert [friend["status"] for friend in await seen(staff)] == ["LOST"]
    assert await book("B") == "QUALIFIED"


async def test_a_review_of_nothing_is_refused() -> None:
    stage = await open_stage()
    things, other = await furnish(stage), await furnish(await open_stage())
    absent = str(to_global_id("Referral", new_id(), member_id=new_id()))
    for wrong in (absent, other.referral_id, things.member_id, things.booking_id, "x", ""):
        before = await stage.everything()
        named: dict[str, Any] = {"referral": wrong, "approve": False, "reason": "x"}
        problem = await stage.staff().refused("reviewReferral", **named)
        assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["referral"])
        assert await stage.everything() == before


async def test_friends_of_many_members_are_read_together(
    database: Database, statements: list[str]
) -> None:
    stage = await stage_with("first_booking")
    for number in range(3):
        referrer = await make.enrol(stage.programme, reference=f"li-{number}")
        for _ in range(3):
            await referred.bring(stage.programme, referrer)
    await referred.run(stage.programme, stage.now())
    query = f"{{ members(first: 20) {{ edges {{ node {{ {FRIENDS} }} }} }} }}"
    staff = stage.staff()
    async with cache.listening(database.serving):
        await staff.read(query.replace("first: 10", "first: 1"))
        counts = []
        for size in ("first: 1", "first: 3"):
            statements.clear()
            found = await staff.read(query.replace("first: 10", size))
            counts.append(len(statements))
    shown = [edge["node"]["referrals"] for edge in found["members"]["edges"]]
    assert sorted(len(one["edges"]) for one in shown) == [0] * 9 + [3] * 3
    assert counts[0] == counts[1] <= 8, statements


BALANCE = '{ member(by: {reference: "li"}) { balance { available owed } } }'


async def granting(*grants: dict[str, Any], qualifies: str = "enrolled", **terms: Any) -> Stage:
    referrals = {**REFERRALS, "qualifies": qualifies, **terms}
    return await open_stage(make.shipped_document(grants=list(grants), referrals=referrals))


async def available(stage: Stage, reference: str = "li") -> int:
    found = await stage.staff().read(BALANCE.replace("li", reference))
    balance = found["member"]["balance"]
    assert balance["owed"] == 0
    return int(balance["available"])


async def test_example_8_a_third_friend_rejected_and_a_fourth() -> None:
    stage = await open_stage(make.whole_document("agency"))
    staff, code = stage.staff(), await li(stage)
    expected = [0, 0, 500]
    for number, points in enumerate(expected):
        await bring(stage, code, f"friend-{number}")
        assert await available(stage) == points
    member_id = await granted.member_of(stage, "li")
    cup = await make.reward(stage.programme, list_points=300)
    await make.redeem(stage.programme, member_id, cup, now=stage.now())
    [*_, first] = await seen(staff)
    named = {"referral": first["id"], "reason": "the same person", "approve": False}
    await staff.done("reviewReferral", **named)
    assert await available(stage) == 0
    [reversal] = await rows(
        "SELECT kind, points, points_clawed_back, points_forgiven FROM activity_reversal "
        "WHERE member_id = $1",
        member_id,
    )
    assert reversal == {
        "kind": "REVERSED",
        "points": 500,
        "points_clawed_back": 200,
        "points_forgiven": 300,
    }
    for number in (3, 4, 5):
        await bring(stage, code, f"friend-{number}", email=f"f-{number}@example.com")
        assert await available(stage) == 200
    assert await granted.faults(member_id) == []


async def test_both_sides_are_paid_and_pay_back_as_the_referral_goes() -> None:
    for_referrer = granted.grant("thanks", "referral", side="referrer", gives={"points": 300})
    for_friend = granted.grant("hello", "referral", side="referee", gives={"points": 100})
    limit = {"times": 1, "per": "year"}
    stage = await granting(for_referrer, for_friend, qualifies="first_booking", limit=limit)
    staff, code = stage.staff(), await li(stage)
    for reference in ("wang", "zhao"):
        await bring(stage, code, reference)
        await staff.done(
            "earnForBooking",
            member={"reference": reference},
            reference=f"B-{reference}",
            lines=[{"product": "hotel", "amount": "200"}],
        )
        await referred.run(stage.programme, stage.now())
    assert [await available(stage, one) for one in ("li", "wang", "zhao")] == [300, 300, 300]
    shown = await seen(stage.member("li"), OWN)
    assert [(one["status"], one["points"]) for one in shown] == [("LIMITED", 0), ("QUALIFIED", 300)]
    await staff.done("refundBooking", booking="B-wang", reference="R")
    await referred.run(stage.programme, stage.now())
    assert [await available(stage, one) for one in ("li", "wang", "zhao")] == [0, 0, 300]
    [_, lost] = await seen(stage.member("li"), OWN)
    assert (lost["status"], lost["points"]) == ("LOST", 0)
    for reference in ("li", "wang", "zhao"):
        assert await granted.faults(await granted.member_of(stage, reference)) == []
    await staff.done(
        "earnForBooking",
        member={"reference": "wang"},
        reference="again",
        lines=[{"product": "hotel", "amount": "50"}],
    )
    await referred.run(stage.programme, stage.now())
    assert [await available(stage, one) for one in ("li", "wang")] == [300, 150]
    assert await granted.faults(await granted.member_of(stage, "li")) == []
