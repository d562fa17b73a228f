"""The inbox: notices in the reader's language, for the member and staff, and what was read."""

import asyncio
from typing import Any

import pytest

from api.kit.relay import to_global_id
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from tests.api.test_referrals import bring, li, seen
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.sending import Worker

pytestmark = pytest.mark.usefixtures("database")

PAGE = """query($first: Int, $after: String) { me { unreadNotices
    notices(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
        edges { node { id kind title body chinese: title(locale: "zh-CN") at readAt } } } } }"""
OF_MEMBER = """query($by: MemberBy!) { member(by: $by) { unreadNotices
    notices { totalCount edges { node { id kind } } } } }"""
LEDGER = """{ me { ledger { edges { node { kind description(locale: "en")
    chinese: description(locale: "zh-CN") } } } } }"""
XIAOLI = {"reference": "xiaoli"}


async def opened() -> tuple[Stage, Client]:
    """The member `xiaoli`, who has joined, booked and bought a reward."""
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="xiaoli", locale="en")
    await make.give(stage.programme, member_id, 5000, now=TODAY)
    reward = await make.reward(stage.programme, list_points=4000)
    await make.redeem(stage.programme, member_id, reward, now=TODAY)
    await Worker(stage.programme).work(stage.now())
    return stage, stage.member("xiaoli")


async def inbox(client: Client, **page: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.read(PAGE, **page))["me"]
    return found


def nodes(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in found["notices"]["edges"]]


async def test_a_member_reads_what_it_was_told() -> None:
    _, member = await opened()
    found = await inbox(member)
    told = {one["kind"]: one for one in nodes(found)}
    assert list(told) == ["reward_ready", "points_earned", "welcome"]
    assert found["unreadNotices"] == found["notices"]["totalCount"] == 3
    ready = told["reward_ready"]
    assert ready["title"].startswith("Your reward is ready: ")
    assert ready["body"].endswith(" is yours, for 4,000 points.")
    assert ready["chinese"].startswith("您的奖励已就绪：")
    assert (ready["at"][:10], ready["readAt"]) == ("2126-03-15", None)

    done = await member.done("readNotices", "unread", notices=[ready["id"]])
    assert done["unread"] == 2
    done = await member.done("readNotices", "unread")
    assert done["unread"] == 0
    after = {one["kind"]: one for one in nodes(await inbox(member))}
    assert all(one["readAt"] for one in after.values())
    again = await member.done("readNotices", "unread", notices=[ready["id"]])
    assert again["unread"] == 0
    assert {one["kind"]: one for one in nodes(await inbox(member))} == after
    first = await inbox(member, first=1)
    assert first["notices"]["pageInfo"]["hasNextPage"]
    rest = await inbox(member, first=2, after=first["notices"]["pageInfo"]["endCursor"])
    assert [one["kind"] for one in [*nodes(first), *nodes(rest)]] == list(told)
    looked = "query($id: ID!) { node(id: $id) { ... on Notice { kind } } }"
    assert (await member.read(looked, id=ready["id"]))["node"] == {"kind": "reward_ready"}


async def test_staff_see_the_inbox_and_partners_and_others_do_not() -> None:
    stage, member = await opened()
    staff, partner = stage.staff(), await stage.partner()
    seen = (await staff.read(OF_MEMBER, by=XIAOLI))["member"]
    assert (seen["unreadNotices"], seen["notices"]["totalCount"]) == (3, 3)
    hidden = (await partner.read(OF_MEMBER, by=XIAOLI))["member"]
    assert hidden == {"unreadNotices": 0, "notices": {"totalCount": 0, "edges": []}}
    [own, *_] = nodes(await inbox(member))
    other_id = await make.enrol(stage.programme, now=TODAY, reference="other")
    theirs = await make.notice(stage.programme, other_id, now=TODAY)
    there = str(to_global_id("Notice", theirs, member_id=other_id))
    before = await stage.everything()
    for wrong in (there, str(to_global_id("Notice", new_id(), member_id=other_id)), "x", "🏨"):
        refused = await member.refused("readNotices", notices=[own["id"], wrong])
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["notices", "1"])
        refused = await staff.refused("readNotices", notices=[own["id"], wrong])
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["notices", "1"])
    no_ids: list[str] = []
    for nothing in (None, no_ids):
        refused = await staff.refused("readNotices", notices=nothing)
        assert (refused["reason"], refused["path"]) == ("notices_required", ["notices"])
    assert await stage.everything() == before
    looked = "query($id: ID!) { node(id: $id) { id } }"
    assert (await member.read(looked, id=there))["node"] is None
    assert (await staff.done("readNotices", "unread", notices=[there]))["unread"] == 0
    stranger = await stage.member("nobody").refused("readNotices")
    assert (stranger["code"], stranger["path"]) == ("MEMBER_NOT_ENROLLED", ["notices"])


async def test_staff_see_where_a_notice_went_and_why_not() -> None:
    stage, member = await opened()
    asked = """query($by: MemberBy!) { member(by: $by) { notices { edges { node { kind channels {
        channel reason status address attempts { status error } } } } } } }"""
    found = nodes((await stage.staff().read(asked, by=XIAOLI))["member"])
    [ready] = [one["channels"] for one in found if one["kind"] == "reward_ready"]
    assert ready == [
        {
            "channel": "EMAIL",
            "reason": "NOT_CONFIGURED",
            "status": None,
            "address": None,
            "attempts": [],
        }
    ]
    # once the member has an address, staff who serve are shown it, and it is known who looked
    him: dict[str, Any] = {"member": {"reference": "xiaoli"}}
    await stage.staff().done("updateMember", "replayed", email="li@example.com", **him)
    found = nodes((await stage.staff("lee").read(asked, by=XIAOLI))["member"])
    [ready] = [one["channels"] for one in found if one["kind"] == "reward_ready"]
    assert [one["address"] for one in ready] == ["li@example.com"]
    looked = await rows(
        "SELECT a.actor, a.fields FROM access a JOIN member m ON m.member_id = a.member_id "
        "WHERE m.programme_id = $1",
        stage.programme.id,
    )
    assert looked == [{"actor": "staff:lee", "fields": "contacts"}]
    own = await member.read("{ me { notices { edges { node { channels { channel } } } } } }")
    assert all(one["channels"] == [] for one in nodes(own["me"]))


async def test_a_page_of_an_inbox_takes_as_many_statements_as_one_notice(
    statements: list[str],
) -> None:
    stage, _ = await opened()
    asked = """query($by: MemberBy!, $first: Int) { member(by: $by) { unreadNotices
        notices(first: $first) { edges { node { title body
            channels { channel reason status address attempts { at } } } } } } }"""
    taken = []
    for first in (1, 3):
        statements.clear()
        found = (await stage.staff().read(asked, by=XIAOLI, first=first))["member"]
        assert len(nodes(found)) == first
        taken.append(len(statements))
    # both begin with the one notice that names a reward and goes out by mail; whether the session
    # was ended, servers remember
    assert taken == [13, 13]


async def test_reading_twice_at_once_is_reading_once() -> None:
    _, member = await opened()
    done = await asyncio.gather(*(member.done("readNotices", "unread") for _ in range(4)))
    assert [one["unread"] for one in done] == [0] * 4


async def test_what_grants_give_is_told_once_and_described_by_their_names() -> None:
    stage = await open_stage(make.whole_document("agency"))
    code = await li(stage)
    for number in range(3):
        await bring(stage, code, f"friend-{number}")
    await Worker(stage.programme).work(stage.now())
    member = stage.member("li")
    told = [one["kind"] for one in nodes(await inbox(member))]
    assert sorted(told) == ["points_earned", "welcome"]

    [*_, first] = await seen(stage.staff())
    named: dict[str, Any] = {"referral": first["id"], "reason": "the same person"}
    await stage.staff().done("reviewReferral", **named, approve=False)
    described = [one["node"] for one in (await member.read(LEDGER))["me"]["ledger"]["edges"]]
    assert [(one["kind"], one["description"], one["chinese"]) for one in described] == [
        ("CLAW_BACK", "Taken back: Three friends", "已收回：推荐三位好友"),
        ("EARN", "Three friends", "推荐三位好友"),
    ]
