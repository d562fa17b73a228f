"""All that is kept of a member, given out as one document over HTTP."""

from typing import Any

import pytest
from tortoise import Tortoise

from api.kit.relay import to_global_id
from domain.kernel.callers import Role
from domain.kernel.database import rows
from domain.privacy import exported
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage
from tests.support.imported import bring
from tests.support.things import furnish

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}


async def exported_to(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    document: dict[str, list[dict[str, Any]]] = (
        await stage.member().done("exportMember", "document")
    )["document"]
    return document


def test_of_every_table_it_is_said_what_its_member_is_given() -> None:
    kept = {one._meta.db_table for one in Tortoise.apps["models"].values()} - {"aerich"}
    said = [exported.OF_MEMBERS, exported.ELSEWHERE, exported.WITHIN, exported.NOT_GIVEN]
    named = [table for one in said for table in one]
    assert set(named) == kept, "say in domain/privacy/exported.py what a member is given of it"
    assert len(named) == len(set(named))


async def test_a_member_has_all_that_is_kept_of_it() -> None:
    stage = await open_stage()
    await make.rich_member(stage.programme, 500, now=TODAY, reference="xiaoli", name="李娜")
    member_id = await stage.member_id()
    await make.adjust(stage.programme, member_id, 5, "来电：地址有误", now=TODAY)

    document = await exported_to(stage)

    assert document["member"][0]["name"] == "李娜"
    # which would be null beside the rows of `contact`
    assert {"email", "phone"}.isdisjoint(document["member"][0])
    assert [one["points"] for one in document["ledger_entry"]] == [500, 5]
    [text] = [one for one in document["private_text"] if one["owner_table"] == "ledger_entry"]
    assert text["value"] == "来电：地址有误"
    assert "salt" not in text
    of_members = [kept for table, kept in document.items() if table in exported.OF_MEMBERS]
    assert all(one["member_id"] == str(member_id) for kept in of_members for one in kept)
    other = stage.signed("somebody")
    assert (await other.refused("exportMember", member=HIM))["code"] == "MEMBER_NOT_ENROLLED"


async def test_what_stands_of_a_member_in_tables_of_others_is_given() -> None:
    stage = await open_stage()
    member_id = await make.rich_member(
        stage.programme, 500, now=TODAY, reference="xiaoli", email="li@example.com"
    )
    staff = stage.staff()
    signals = {"device": "phone-1"}
    lounge = await make.reward(
        stage.programme, kind="COUPON", list_points=10, pooled_codes=True, code="lounge"
    )
    await bring(stage, "CODES", b"code\nSECRET-1\nSECRET-2\n", reward=lounge.code)
    redeemed = await stage.member().done(
        "redeemReward", "redemption { codes }", reward=lounge.code, signals=signals
    )
    await bring(stage, "MEMBERS", b"reference,name\nxiaoli,Li\nother,Wang\n")
    adjusting = {"member": HIM, "points": 10, "reason": "her letter of May"}
    await staff.done("adjustPoints", sent=adjusting)
    large = {**adjusting, "points": 10**6, "reason": "a large one"}
    await staff.done("adjustPoints", "proposal { id }", sent=large)

    document = await exported_to(stage)

    [coupon] = document["coupon_code"]
    assert redeemed["redemption"]["codes"] == [coupon["code"]]
    found = {(one["scope"], one["value"]) for one in document["lookup"]}
    assert ("reference", "xiaoli") in found
    # of a contact the look-up has a digest, which says nothing; the contact itself is in clear
    assert "email" in {scope for scope, _ in found}
    assert [one["value"] for one in document["contact"]] == ["li@example.com"]
    assert [one["kind"] for one in document["signal"]] == ["device"]
    assert [one["content"] for one in document["import_row"]] == [
        {"reference": "xiaoli", "name": "Li"}
    ]
    assert "her letter of May" in [one["reason"] for one in document["audit"]]
    [proposal] = document["proposal"]
    assert (proposal["operation"], proposal["input"]["reason"]) == ("adjustPoints", "a large one")
    assert await make.faults(member_id) == []


async def test_who_gives_codes_out_with_all_else_has_seen_them() -> None:
    stage = await open_stage()
    member_id = await make.rich_member(stage.programme, 500, now=TODAY, reference="xiaoli")
    coupon = await make.reward(stage.programme, kind="COUPON", list_points=10)
    await make.redeem(stage.programme, member_id, coupon, now=TODAY)
    held = await make.redeem(stage.programme, member_id, coupon, hold=True, now=TODAY)
    before = await rows("SELECT actor FROM code_reveal WHERE member_id = $1", member_id)
    support = stage.staff("sam", Role.SUPPORT)

    document = (await support.done("exportMember", "document", member=HIM))["document"]

    codes = {one["id"]: one["codes"] for one in document["redemption"]}
    assert sorted(len(one) for one in codes.values()) == [0, 1]
    assert codes[str(held)] == []
    seen = await rows("SELECT actor FROM code_reveal WHERE member_id = $1", member_id)
    assert [one for one in seen if one not in before] == [{"actor": "staff:sam"}]
    assert await make.faults(member_id) == []


async def test_what_is_not_the_members_is_not_given() -> None:
    stage = await open_stage()
    things, staff = await furnish(stage, "somebody", "13800138009"), stage.staff()
    getting, giving = [await stage.member_id(one) for one in ("somebody", things.friend)]
    await make.transfer(stage.programme, giving, getting, 100, note="for you", now=TODAY)
    approved: dict[str, Any] = {"review": things.review_id, "approve": True, "reason": "he may lie"}
    await staff.done("decideReview", **approved)
    members = await rows("SELECT member_id FROM member WHERE programme_id = $1", stage.programme.id)
    for reference in ("somebody", things.friend):
        own = str(await stage.member_id(reference))
        given = await staff.done("exportMember", "document", member={"reference": reference})
        said = str(given["document"])
        assert [str(one["member_id"]) for one in members if str(one["member_id"]) in said] == [own]
        assert "he may lie" not in said
        assert "risk_decision" not in given["document"]
        assert "for you" in said


async def test_a_member_has_what_is_kept_of_those_who_were_merged_into_it() -> None:
    stage = await open_stage()
    kept = {"old": 300, "new": 7, "last": 50}
    for reference, points in kept.items():
        email = f"{reference}@example.com"
        await make.rich_member(
            stage.programme, points, now=TODAY, reference=reference, name=reference, email=email
        )
    old, new, last = [await stage.member_id(reference) for reference in kept]
    signals = {"device": "phone-1"}
    coupon = await make.reward(stage.programme, kind="COUPON", list_points=10)
    await stage.member("old").done("redeemReward", reward=coupon.code, signals=signals)
    adjusting: dict[str, Any] = {"member": {"reference": "old"}, "points": 1, "reason": "a letter"}
    await stage.staff().done("adjustPoints", sent=adjusting)
    await make.merge(stage.programme, old, new, now=stage.now())
    await make.merge(stage.programme, new, last, now=stage.now())
    family = {str(one) for one in (old, new, last)}

    asked = [
        stage.member("last").done("exportMember", "document"),
        stage.member("old").done("exportMember", "document"),
        *(
            stage.staff().done(
                "exportMember", "document", member={"id": str(to_global_id("Member", one))}
            )
            for one in (old, last)
        ),
    ]
    for answer in asked:
        document = (await answer)["document"]
        assert {one["name"] for one in document["member"]} == set(kept)
        assert {one["value"] for one in document["contact"]} == {
            f"{one}@example.com" for one in kept
        }
        assert {one["member_id"] for one in document["ledger_entry"]} == family
        assert [one["member_id"] for one in document["redemption"]] == [str(old)]
        assert [one["kind"] for one in document["signal"]] == ["device"]
        assert "a letter" in [one["reason"] for one in document["audit"]]
        assert len(document["proposal"]) == 2
    looked = await rows(
        "SELECT member_id FROM access WHERE member_id = ANY($1::uuid[]) AND actor = 'staff:kim'",
        [old, new, last],
    )
    assert sorted(str(one["member_id"]) for one in looked) == sorted([*family] * 2)
    seen = await rows("SELECT actor FROM code_reveal WHERE member_id = $1", old)
    assert "staff:kim" in {one["actor"] for one in seen}
    assert await make.faults(old, new, last) == []
