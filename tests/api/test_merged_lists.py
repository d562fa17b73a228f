"""What a merged member did is listed, looked up and undone as that of who it became, over HTTP."""

from typing import Any

import pytest

from api.kit.relay import to_global_id
from domain.kernel.callers import Scope
from domain.ledger.values import Balances
from domain.memberships import merges
from domain.partners import partners
from tests.api.test_deliveries import ADDRESS
from tests.api.test_statements import counted
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.travel import balances

pytestmark = pytest.mark.usefixtures("database")

HOTEL = {"product": "hotel", "amount": "100"}
BACK = "redemption { status } pointsReinstated member { reference } balance { available }"
LISTS = """{ me {
    bookings { totalCount edges { node { reference } } }
    redemptions { totalCount edges { node { id partnerAccount } } }
    feedback { totalCount edges { node { text about { id } } } }
    notices { totalCount } } }"""


async def grown(stage: Stage) -> tuple[Client, dict[str, dict[str, str]]]:
    """An airline, and two members, each of whom has booked, ordered of it and said something of it;
    the ids of these by reference.
    """
    airline = await stage.partner([*Scope], "airline")
    partner_id = await partners.find_id(stage.programme, "airline")
    miles = await make.reward(
        stage.programme, kind="PARTNER", list_points=40, partner_id=partner_id
    )
    made: dict[str, dict[str, str]] = {}
    for who in ("old", "xiaoli"):
        await make.enrol(stage.programme, now=TODAY, reference=who)
        booked = await airline.done(
            "earnForBooking",
            "booking { id }",
            member={"reference": who},
            reference=f"B-{who}",
            lines=[HOTEL],
        )
        member = stage.member(who)
        order = await member.done(
            "redeemReward", "redemption { id }", reward=miles.code, partnerAccount=f"CA-{who}"
        )
        own = {"booking": booked["booking"]["id"], "order": order["redemption"]["id"]}
        await member.done("submitFeedback", text=f"of {who}", about=own["booking"])
        made[who] = own
    return airline, made


def named(found: Any, what: str, name: str) -> list[Any]:
    return [edge["node"][name] for edge in found[what]["edges"]]


async def test_lists_are_of_all_that_a_member_was(statements: list[str]) -> None:
    stage = await open_stage()
    _, made = await grown(stage)
    old, new = [await stage.member_id(who) for who in ("old", "xiaoli")]
    member = stage.member()
    count, alone = await counted(member, statements, LISTS)
    assert [alone["me"][one]["totalCount"] for one in ("bookings", "redemptions")] == [1, 1]
    await make.merge(stage.programme, old, new, now=TODAY)

    more, found = await counted(member, statements, LISTS)
    assert more - count == 2
    me = found["me"]
    assert named(me, "bookings", "reference") == ["B-xiaoli", "B-old"]
    assert named(me, "redemptions", "id") == [made["xiaoli"]["order"], made["old"]["order"]]
    assert named(me, "redemptions", "partnerAccount") == ["CA-xiaoli", "CA-old"]
    assert named(me, "feedback", "text") == ["of xiaoli", "of old"]
    about = [one["id"] for one in named(me, "feedback", "about")]
    assert about == [made["xiaoli"]["booking"], made["old"]["booking"]]
    assert [me[one]["totalCount"] for one in ("bookings", "redemptions", "feedback")] == [2, 2, 2]
    page = """query($after: String) { me { bookings(first: 1, after: $after) {
        edges { node { reference } } pageInfo { hasNextPage endCursor } } } }"""
    one = (await member.read(page))["me"]["bookings"]
    assert (named({"b": one}, "b", "reference"), one["pageInfo"]["hasNextPage"]) == (
        ["B-xiaoli"],
        True,
    )
    two = (await member.read(page, after=one["pageInfo"]["endCursor"]))["me"]["bookings"]
    assert (named({"b": two}, "b", "reference"), two["pageInfo"]["hasNextPage"]) == (
        ["B-old"],
        False,
    )
    seen = await stage.staff().read(
        '{ member(by: {reference: "old"}) { redemptions { totalCount } } }'
    )
    assert seen["member"]["redemptions"]["totalCount"] == 2


async def test_what_a_member_was_is_looked_up_and_undone_by_who_it_became() -> None:
    stage = await open_stage()
    airline, made = await grown(stage)
    old, new = [await stage.member_id(who) for who in ("old", "xiaoli")]
    last = await make.enrol(stage.programme, now=TODAY, reference="last")
    await make.enrol(stage.programme, now=TODAY, reference="stranger")
    await make.merge(stage.programme, old, new, now=TODAY)
    await make.merge(stage.programme, new, last, now=TODAY)
    look = """query($booking: ID!, $order: ID!) { booking(reference: "B-old") { reference }
        node(id: $booking) { id } redemption(id: $order) { status } }"""
    own = await stage.member("old").read(look, **made["old"])
    assert own == {
        "booking": {"reference": "B-old"},
        "node": {"id": made["old"]["booking"]},
        "redemption": {"status": "CONFIRMED"},
    }
    strange = stage.member("stranger")
    assert set((await strange.read(look, **made["old"])).values()) == {None}
    order = {"redemption": made["old"]["order"]}
    assert (await strange.refused("cancelRedemption", **order))["code"] == "NOT_FOUND"

    back = await stage.member("old").done("cancelRedemption", BACK, key="once", **order)
    assert back == {
        "redemption": {"status": "CANCELLED"},
        "pointsReinstated": 40,
        "member": {"reference": "last"},
        "balance": {"available": 160},
        "replayed": False,
    }
    again = await stage.member("old").done("cancelRedemption", BACK, key="once", **order)
    assert again == {**back, "replayed": True}
    rejected = await airline.done(
        "rejectOrder", BACK, redemption=made["xiaoli"]["order"], reason="no such account"
    )
    assert (rejected["pointsReinstated"], rejected["balance"]) == (40, {"available": 200})
    assert [await balances(one, TODAY) for one in (old, new)] == [Balances()] * 2
    assert [one async for one in merges.due(stage.programme)] == []
    assert await make.faults(old, new, last) == []


async def test_delivery_is_changed_by_who_the_member_became() -> None:
    stage = await open_stage()
    old, new = [
        await make.rich_member(stage.programme, 10, now=TODAY, reference=who)
        for who in ("old", "xiaoli")
    ]
    mug = await make.reward(
        stage.programme, kind="PRODUCT", requires="ADDRESS", list_points=1, stock=9
    )
    order = await stage.member("old").done(
        "redeemReward", "redemption { id }", reward=mug.code, delivery=ADDRESS
    )
    await make.merge(stage.programme, old, new, now=TODAY)
    changed = await stage.member().done(
        "changeDelivery",
        "redemption { delivery { address } }",
        redemption=order["redemption"]["id"],
        delivery={**ADDRESS, "address": "2 Nanjing Road"},
    )
    assert changed["redemption"] == {"delivery": {"address": "2 Nanjing Road"}}


async def test_notices_of_who_was_merged_are_read_by_who_it_became() -> None:
    stage = await open_stage()
    old, new = [
        await make.enrol(stage.programme, now=TODAY, reference=who) for who in ("old", "xiaoli")
    ]
    told = [await make.notice(stage.programme, one, now=TODAY) for one in (old, old, new)]
    await make.merge(stage.programme, old, new, now=TODAY)
    listed = "{ me { unreadNotices notices { totalCount edges { node { id } } } } }"
    me = (await stage.member().read(listed))["me"]
    ids = [edge["node"]["id"] for edge in me["notices"]["edges"]]
    assert (me["unreadNotices"], me["notices"]["totalCount"], len(ids)) == (3, 3, len(told))
    first = str(to_global_id("Notice", told[0], member_id=old))
    assert first in ids
    assert (await stage.member().done("readNotices", "unread", notices=[first]))["unread"] == 2
    assert (await stage.member().done("readNotices", "unread"))["unread"] == 0


async def test_what_a_merged_member_had_can_be_spoken_of() -> None:
    """Its booking and its order, by the member that it became, and by staff for that; by nobody
    else, and no more often in a day.
    """
    stage = await open_stage()
    _, made = await grown(stage)
    old, new = [await stage.member_id(who) for who in ("old", "xiaoli")]
    await make.enrol(stage.programme, now=TODAY, reference="other")
    await make.merge(stage.programme, old, new, now=TODAY)
    member, staff = stage.member(), stage.staff()
    said = "feedback { text about { id } }"
    own = made["old"]
    done = await member.done("submitFeedback", said, key="f", text="late", about=own["booking"])
    assert done["feedback"] == {"text": "late", "about": {"id": own["booking"]}}
    again = await member.done("submitFeedback", said, key="f", text="late", about=own["booking"])
    assert (again["replayed"], again["feedback"]) == (True, done["feedback"])
    whose = {"reference": "xiaoli"}
    by_phone = await staff.done(
        "submitFeedback", said, member=whose, about=own["order"], text="on the phone"
    )
    assert by_phone["feedback"] == {"text": "on the phone", "about": {"id": own["order"]}}
    other = stage.member("other")
    problem = await other.refused("submitFeedback", text="mine", about=own["booking"])
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["about"])
    told = await make.payloads("feedback.received", programme_id=stage.programme.id)
    assert len(told) == 4
    me = (await member.read(LISTS))["me"]
    assert named(me, "feedback", "text")[:2] == ["on the phone", "late"]
    # two of each were said before: together as much as by one member
    for number in range(6):
        await member.done("submitFeedback", text=f"{number}", about=own["order"])
    problem = await member.refused("submitFeedback", text="more")
    assert problem["code"] == "LIMIT_REACHED"
    assert await make.faults(old, new) == []
