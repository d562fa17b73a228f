"""Transfers between members and corrections by staff over HTTP."""

import json
from datetime import timedelta
from typing import Any

import pytest

import models
from domain.programmes import programmes
from domain.programmes.reader import to_document
from tests.support import factories as make
from tests.support.callers import EXPIRES_ON, TODAY, Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

ANSWER = "pointsTransferred balance { available }"
JOINED = TODAY - timedelta(days=31)


async def opened() -> tuple[Stage, Client, Client]:
    """A programme, a member who may give 1000 points, and one who joined today."""
    stage = await open_stage()
    giver = await make.enrol(stage.programme, now=JOINED, reference="xiaoli")
    await make.give(stage.programme, giver, 1000, now=TODAY)
    await make.enrol(stage.programme, now=TODAY, reference="wang", email="wang@example.com")
    return stage, stage.member(), stage.member("wang")


async def ledger(client: Client, language: str) -> list[dict[str, Any]]:
    data = await client.reading(language).read(
        """{ me { ledger { edges { node { kind from to points availableAfter expiresOn
            description } } } } }"""
    )
    return [edge["node"] for edge in data["me"]["ledger"]["edges"]]


async def test_a_member_gives_points_to_another() -> None:
    _, giver, receiver = await opened()
    code = (await receiver.read("{ me { referralCode } }"))["me"]["referralCode"]
    first = await giver.done(
        "transferPoints", ANSWER, to={"reference": "wang"}, points=300, note="生日快乐"
    )
    second = await giver.done("transferPoints", ANSWER, to={"referralCode": code}, points=100)

    assert first == {
        "pointsTransferred": 300,
        "balance": {"available": 700},
        "replayed": False,
    }
    assert second["balance"] == {"available": 600}
    assert (await ledger(giver, "en"))[0] == {
        "kind": "TRANSFER_OUT",
        "from": "AVAILABLE",
        "to": "TRANSFERRED",
        "points": -100,
        "availableAfter": 600,
        "expiresOn": None,
        "description": "Given to another member",
    }
    assert (await ledger(receiver, "zh-CN"))[0] == {
        "kind": "TRANSFER_IN",
        "from": "TRANSFERRED",
        "to": "AVAILABLE",
        "points": 100,
        "availableAfter": 400,
        "expiresOn": EXPIRES_ON,
        "description": "收到其他会员转赠",
    }
    data = await receiver.read("{ me { expirySchedule { points on } } }")
    assert data["me"]["expirySchedule"] == [{"points": 400, "on": EXPIRES_ON}]


async def test_a_note_is_shown_to_giver_receiver_and_staff() -> None:
    stage, giver, receiver = await opened()
    await giver.done("transferPoints", to={"reference": "wang"}, points=300, note="生日快乐")
    noted = "ledger { edges { node { kind note } } }"
    for client, kind in ((giver, "TRANSFER_OUT"), (receiver, "TRANSFER_IN")):
        entries = (await client.read(f"{{ me {{ {noted} }} }}"))["me"]["ledger"]["edges"]
        assert entries[0]["node"] == {"kind": kind, "note": "生日快乐"}
        assert [one["node"]["note"] for one in entries[1:]] == [None] * (len(entries) - 1)
    query = f'{{ member(by: {{reference: "wang"}}) {{ {noted} }} }}'
    for client, note in ((stage.staff(), "生日快乐"), (await stage.partner(), None)):
        [entry] = (await client.read(query))["member"]["ledger"]["edges"]
        assert entry["node"] == {"kind": "TRANSFER_IN", "note": note}


async def test_why_a_version_was_published_is_shown_to_staff() -> None:
    stage, member, _ = await opened()
    document = json.dumps(to_document(stage.programme.versions[0].policy))
    await stage.staff().done("publishPolicy", document=document, note="Cheaper in spring")
    query = "{ programme { versions { edges { node { number note publishedBy } } } } }"
    versions = (await stage.staff().read(query))["programme"]["versions"]
    second, first = [edge["node"] for edge in versions["edges"]]
    assert (second["number"], second["note"]) == (2, "Cheaper in spring")
    assert (first["number"], first["note"]) == (1, "")
    assert second["publishedBy"].startswith("staff:")
    assert (await member.read(query))["programme"] == {"versions": {"edges": []}}


async def test_partner_and_staff_give_for_a_member() -> None:
    stage, _, receiver = await opened()
    for client in (await stage.partner(), stage.staff()):
        sent: dict[str, Any] = {"from": {"reference": "xiaoli"}, "points": 100}
        to = {"email": "wang@example.com"}
        done = await client.done("transferPoints", ANSWER, to=to, **sent)
        assert done["pointsTransferred"] == 100
        nobody = await client.refused("transferPoints", to={"reference": "wang"}, points=1)
        assert (nobody["reason"], nobody["path"]) == ("member_required", ["from"])
    assert (await receiver.read("{ me { balance { available } } }"))["me"] == {
        "balance": {"available": 200}
    }


async def test_who_cannot_receive_answers_like_who_does_not_exist() -> None:
    stage, giver, _ = await opened()
    await make.enrol(stage.programme, now=TODAY, reference="guest", guest=True)
    before = await stage.everything()
    answers = []
    for name in ("guest", "nobody"):
        problem = await giver.refused("transferPoints", to={"reference": name}, points=1)
        answers.append(str(problem).replace(name, "…"))
    for name in ("wang@example.com", "nobody@example.com"):
        problem = await giver.refused("transferPoints", to={"email": name}, points=1)
        answers.append(str(problem).replace(name, "…"))
    assert len(set(answers)) == 1
    assert "NOT_FOUND" in answers[0]
    assert await stage.everything() == before


async def test_a_member_gives_its_own_points_only() -> None:
    stage, _, other = await opened()
    before = await stage.everything()
    sent: dict[str, Any] = {"from": {"reference": "xiaoli"}, "to": {"reference": "wang"}}
    problem = await other.refused("transferPoints", **sent, points=1)
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["from"])
    assert await stage.everything() == before


async def test_a_new_account_is_told_when_it_may_give() -> None:
    stage, _, newcomer = await opened()
    before = await stage.everything()
    problem = await newcomer.reading("en").refused(
        "transferPoints", to={"reference": "xiaoli"}, points=1
    )
    assert problem == {
        "__typename": "LimitReached",
        "code": "LIMIT_REACHED",
        "message": "This is possible from 14 April 2126.",
        "path": ["from"],
        "limit": 0,
        "resetsAt": "2126-04-14T02:30:00Z",
    }
    chinese = await newcomer.reading("zh-CN").refused(
        "transferPoints", to={"reference": "xiaoli"}, points=1
    )
    assert chinese["message"] == "自2126年4月14日起可以进行此操作。"
    assert await stage.everything() == before
    wang = await models.Member.get(programme_id=stage.programme.id, reference="wang")
    await make.give(stage.programme, wang.member_id, 1, now=TODAY)
    await programmes.advance_clock(stage.programme, timedelta(days=30))
    await newcomer.done("transferPoints", to={"reference": "xiaoli"}, points=1)


async def test_another_members_cursor_is_none_of_this_list() -> None:
    _, member, friend = await opened()
    await member.done("transferPoints", to={"reference": "wang"}, points=1)
    query = "query($c: String) { me { ledger(first: 1, after: $c) { pageInfo { endCursor } } } }"
    cursor = (await member.read(query))["me"]["ledger"]["pageInfo"]["endCursor"]
    assert (await member.read(query, c=cursor))["me"]["ledger"]["pageInfo"]["endCursor"]
    assert codes(await friend.ask(query, c=cursor)) == ["BAD_CURSOR"]


async def test_staff_correct_up_and_down() -> None:
    stage, member, _ = await opened()
    staff = stage.staff()
    him = {"reference": "xiaoli"}
    answer = "pointsAdjusted balance { available nextExpiry { points on } }"
    up = await staff.done(
        "adjustPoints", answer, member=him, points=50, reason="Goodwill", expiresOn="2126-03-31"
    )
    assert up == {
        "pointsAdjusted": 50,
        "balance": {"available": 1050, "nextExpiry": {"points": 50, "on": "2126-03-31"}},
        "replayed": False,
    }
    for_ever = await staff.done(
        "adjustPoints", answer, member=him, points=5, reason="Goodwill", expiresOn="9999-12-31"
    )
    assert for_ever["balance"]["available"] == 1055
    down = await staff.done("adjustPoints", answer, member=him, points=-60, reason="Twice")
    assert down == {
        "pointsAdjusted": -60,
        "balance": {"available": 995, "nextExpiry": {"points": 990, "on": EXPIRES_ON}},
        "replayed": False,
    }
    shown = [(e["kind"], e["points"], e["expiresOn"]) for e in await ledger(member, "en")]
    assert shown == [
        ("ADJUST", -60, None),
        ("ADJUST", 5, None),
        ("ADJUST", 50, "2126-03-31"),
        ("EARN", 1000, EXPIRES_ON),
    ]
    schedule = (await member.read("{ me { expirySchedule { points on } } }"))["me"]
    assert schedule["expirySchedule"] == [
        {"points": 990, "on": EXPIRES_ON},
        {"points": 5, "on": "9999-12-31"},
    ]


async def test_nobody_but_staff_corrects() -> None:
    stage, member, _ = await opened()
    before = await stage.everything()
    sent = {"member": {"reference": "xiaoli"}, "points": 1, "reason": "x", "idempotencyKey": "k"}
    query = "mutation($i: AdjustPointsInput!) { adjustPoints(input: $i) { replayed } }"
    for client in (member, await stage.partner(), await stage.public()):
        assert codes(await client.ask(query, i=sent)) == ["FORBIDDEN"]
    assert await stage.everything() == before
