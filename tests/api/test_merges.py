"""Two memberships that become one, over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from api.kit.relay import to_global_id
from domain.kernel.database import rows
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import StateConflict
from domain.ledger.values import Balances
from domain.members.identity import MemberKey, find
from domain.memberships import merges
from tests.conftest import Database
from tests.domain.bookings.test_completions import slow_document
from tests.domain.test_races import in_turn
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.travel import balances

pytestmark = pytest.mark.usefixtures("database")

OLD, NEW = {"reference": "old"}, {"reference": "xiaoli"}
PROPOSED = "member { reference } pointsMoved proposal { id state input }"
HOTEL = {"product": "hotel", "amount": "100"}


async def open_shop(document: dict[str, Any] | None = None) -> tuple[Stage, Client, Client]:
    """Two members, each with an address that is proved."""
    stage = await open_stage(document)
    for reference in ("old", "xiaoli"):
        await make.enrol(
            stage.programme, now=TODAY, reference=reference, email=f"{reference}@example.com"
        )
    return stage, await stage.partner(), stage.staff().reading("en")


async def merged(stage: Stage, from_: str = "old", into: str = "xiaoli") -> Any:
    """Propose it as one person, approve it as another, and ask again what came of it."""
    asked = {"from": {"reference": from_}, "into": {"reference": into}, "reason": "twice"}
    kim, key = stage.staff("kim"), f"{from_} {into}"
    proposed = await kim.do("mergeMembers", PROPOSED, key=key, sent=asked)
    assert (proposed["member"], proposed["pointsMoved"]) == (None, 0)
    approved = await stage.staff("lee").done(
        "approveProposal", "proposal { state }", proposal=proposed["proposal"]["id"]
    )
    assert approved["proposal"] == {"state": "DONE"}
    again = await kim.do("mergeMembers", PROPOSED, key=key, sent=asked)
    assert again["replayed"]
    return again


async def test_a_membership_is_merged_with_a_hold_that_died_unrecorded() -> None:
    stage = await open_stage()
    before = TODAY - timedelta(days=9)
    old = await make.rich_member(stage.programme, 500, now=before, reference="old")
    new = await make.enrol(stage.programme, now=before, reference="xiaoli")
    reward = await make.reward(stage.programme, list_points=100, stock=9)
    await make.redeem(stage.programme, old, reward, hold=True, now=before)
    assert (await merged(stage))["pointsMoved"] == 500
    assert (await make.faults(old), await make.faults(new)) == ([], [])


async def test_points_move_on_their_own_terms() -> None:
    stage, partner, staff = await open_shop()
    old, new = await stage.member_id("old"), await stage.member_id()
    for member, points, last in (
        (OLD, 100, "2126-06-30"),
        (OLD, 50, "2126-03-31"),
        (NEW, 70, "9999-12-31"),
    ):
        sent: dict[str, Any] = {"points": points, "expiresOn": last, "reason": "as it was"}
        await staff.done("adjustPoints", member=member, **sent)
    asked: dict[str, Any] = {"from": OLD, "into": NEW, "reason": "twice"}
    before = await stage.everything()
    proposed = await staff.done("mergeMembers", PROPOSED, **asked)
    proposal = proposed["proposal"]
    assert proposal["input"]["reason"] == "twice"
    assert set(proposal["input"]) == {"from", "into", "reason"}
    grown = {t: len(r) - len(before[t]) for t, r in (await stage.everything()).items()}
    assert {table for table, more in grown.items() if more} == {"proposal", "idempotency_key"}
    own = await staff.refused("approveProposal", proposal=proposal["id"])
    assert own["code"] == "SAME_PERSON"

    assert (await merged(stage))["pointsMoved"] == 150
    shown = await staff.read(
        """query($old: ID!) { node(id: $old) { ... on Member { status reference
            balance { available } } }
            member(by: {reference: "old"}) { reference status balance { available }
                expirySchedule { points on }
                ledger(first: 1) { edges { node { kind points } } } } }""",
        old=proposal["input"]["from"]["id"],
    )
    assert shown["node"] == {"status": "MERGED", "reference": "old", "balance": {"available": 0}}
    assert shown["member"] == {
        "reference": "xiaoli",
        "status": "ENROLLED",
        "balance": {"available": 220},
        "expirySchedule": [
            {"points": 50, "on": "2126-03-31"},
            {"points": 100, "on": "2126-06-30"},
            {"points": 70, "on": "9999-12-31"},
        ],
        "ledger": {"edges": [{"node": {"kind": "TRANSFER_IN", "points": 150}}]},
    }
    lots = await rows("SELECT points FROM lot WHERE member_id = $1 AND remaining > 0", new)
    assert sorted(lot["points"] for lot in lots) == [50, 70, 100]
    found = await staff.read('{ member(by: {email: "old@example.com"}) { reference } }')
    assert found["member"] == {"reference": "xiaoli"}
    me = await stage.member("old").read("{ me { reference } }")
    assert me["me"] == {"reference": "xiaoli"}
    booked = await partner.done(
        "earnForBooking", "pointsAwarded", member=OLD, reference="B", lines=[HOTEL]
    )
    assert booked["pointsAwarded"] == 100
    assert await balances(new, TODAY) == Balances(available=320)
    changes = await rows(
        "SELECT member_id, from_status, to_status, points, counterpart_id, actor "
        "FROM member_change WHERE member_id = ANY($1::uuid[])",
        [old, new],
    )
    assert {tuple(change.values()) for change in changes} == {
        (old, "ENROLLED", "MERGED", 150, new, "staff:kim"),
        (new, "ENROLLED", "ENROLLED", 150, old, "staff:kim"),
    }
    assert await make.faults(old, new) == []


async def test_what_matures_later_follows_and_refunds_are_paid_by_both() -> None:
    stage, partner, _ = await open_shop(slow_document())
    old, new = await stage.member_id("old"), await stage.member_id()
    flight = {"product": "flight", "amount": "300"}
    sent: dict[str, Any] = {"member": OLD, "reference": "B", "lines": [flight, HOTEL]}
    booked = await partner.done("earnForBooking", "pointsAwarded", key="b", **sent)
    await partner.done("completeBooking", booking="B", lines=[1])
    await make.give(stage.programme, new, 20, now=TODAY)
    tier = await rows("SELECT sum(spend_minor) AS spent FROM tier_credit WHERE member_id = $1", old)
    assert (await merged(stage))["pointsMoved"] == 300
    assert await balances(old, TODAY) == Balances(pending=100)
    # the same booking, sent again by another key, is known
    again = await partner.done("earnForBooking", "pointsAwarded", **sent)
    assert again == {**booked, "replayed": True}

    await partner.done("completeBooking", booking="B", lines=[2])
    assert [one async for one in merges.due(stage.programme)] == [old]
    assert await merges.follow(stage.programme, old, stage.now()) == 100
    assert [one async for one in merges.due(stage.programme)] == []
    assert (await balances(old, TODAY), await balances(new, TODAY)) == (
        Balances(),
        Balances(available=420),
    )
    copied = await rows(
        "SELECT sum(spend_minor) AS spent, sum(completed_bookings) AS completed FROM tier_credit "
        "WHERE member_id = $1 AND source_member_id = $2",
        new,
        old,
    )
    assert (copied[0]["spent"], copied[0]["completed"]) == (tier[0]["spent"], 1)
    # 400 are due: 350 of them were spent, so that 70 are taken and the rest is forgiven
    reward = await make.reward(stage.programme, list_points=350, stock=9)
    await make.redeem(stage.programme, new, reward, now=TODAY)
    lost = await partner.done(
        "refundBooking", "pointsClawedBack pointsOwed pointsForgiven", booking="B", reference="R"
    )
    del lost["replayed"]
    assert lost == {"pointsClawedBack": 70, "pointsOwed": 0, "pointsForgiven": 330}
    assert (await balances(old, TODAY), await balances(new, TODAY)) == (Balances(), Balances())
    left = await rows("SELECT sum(spend_minor) AS spent FROM tier_credit WHERE member_id = $1", new)
    assert left[0]["spent"] == 0
    assert await make.faults(old, new) == []


async def test_tiers_rise_by_what_both_have_paid() -> None:
    stage, partner, _ = await open_shop()
    for member, reference in ((OLD, "B1"), (NEW, "B2")):
        lines = [{"product": "hotel", "amount": "3000"}]
        await partner.done("earnForBooking", member=member, reference=reference, lines=lines)
    tiers = "{ me { standing { tier { code } } } }"
    before = (await stage.member().read(tiers))["me"]["standing"]["tier"]["code"]
    await merged(stage)
    after = (await stage.member().read(tiers))["me"]["standing"]["tier"]["code"]
    assert (before, after) == ("silver", "gold")
    assert await make.faults(await stage.member_id()) == []


async def test_a_chain_of_merges_ends_with_the_last() -> None:
    stage, partner, staff = await open_shop()
    await make.enrol(stage.programme, now=TODAY, reference="oldest")
    lines, him = [{"product": "hotel", "amount": "200"}], {"reference": "oldest"}
    await partner.done("earnForBooking", member=him, reference="B", lines=lines)
    oldest, old = await stage.member_id("oldest"), await stage.member_id("old")
    await merged(stage, "oldest", "old")
    await merged(stage)
    new = await stage.member_id()
    assert {await stage.member_id(name) for name in ("oldest", "old")} == {new}
    lost = await partner.done(
        "refundBooking", "pointsClawedBack pointsForgiven", booking="B", reference="R"
    )
    assert (lost["pointsClawedBack"], lost["pointsForgiven"]) == (200, 0)
    assert [await balances(one, TODAY) for one in (oldest, old, new)] == [Balances()] * 3
    spent = await rows("SELECT sum(spend_minor) AS s FROM tier_credit WHERE member_id = $1", new)
    assert spent[0]["s"] == 0
    assert await make.faults(oldest, old, new) == []
    for from_, into, path in ((old, new, "from"), (new, oldest, "into")):
        keys = [{"id": str(to_global_id("Member", one))} for one in (from_, into)]
        asked: dict[str, Any] = {"from": keys[0], "into": keys[1], "reason": "twice"}
        refused = await staff.refused("mergeMembers", **asked)
        assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", [path])


async def test_nothing_is_merged_while_points_are_held() -> None:
    stage, _, staff = await open_shop()
    other = await open_stage()
    await make.enrol(other.programme, now=TODAY, reference="elsewhere")
    reward = await make.reward(stage.programme, list_points=10, stock=9)
    for reference in ("old", "xiaoli"):
        member_id = await stage.member_id(reference)
        await make.give(stage.programme, member_id, 10, now=TODAY)
        held = await make.redeem(stage.programme, member_id, reward, hold=True, now=TODAY)
        sent: dict[str, Any] = {"from": OLD, "into": NEW, "reason": "twice"}
        refused = await staff.refused("mergeMembers", **sent)
        place = "from" if reference == "old" else "into"
        assert (refused["code"], refused["path"]) == ("HOLDS_OPEN", [place])
        await make.cancel(stage.programme, member_id, held, now=TODAY)
    wrong: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"from": {"reference": "elsewhere"}, "into": NEW}, "NOT_FOUND", ["from"]),
        ({"from": OLD, "into": {"reference": "elsewhere"}}, "NOT_FOUND", ["into"]),
        ({"from": OLD, "into": OLD}, "INVALID_INPUT", ["into"]),
    ]
    for keys, code, path in wrong:
        refused = await staff.refused("mergeMembers", **keys, reason="twice")
        assert (refused["code"], refused["path"]) == (code, path)
    # what holds is judged again when it is approved
    proposed = await staff.done("mergeMembers", PROPOSED, **sent)
    await make.suspend(stage.programme, await stage.member_id("old"), now=TODAY)
    before, lee = await stage.everything(), stage.staff("lee")
    refused = await lee.refused("approveProposal", proposal=proposed["proposal"]["id"])
    assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["proposal"])
    assert await stage.everything() == before


async def test_of_two_merges_at_once_in_both_directions_one_is_done() -> None:
    stage, partner, _ = await open_shop()
    old, new = await stage.member_id("old"), await stage.member_id()
    for member_id in (old, new):
        await make.give(stage.programme, member_id, 100, now=TODAY)
    done = await asyncio.gather(
        make.merge(stage.programme, old, new, now=TODAY),
        make.merge(stage.programme, new, old, now=TODAY),
        partner.do("earnForBooking", "pointsAwarded", member=OLD, reference="B", lines=[HOTEL]),
        return_exceptions=True,
    )
    assert [type(one) for one in done[:2] if one is not None] == [StateConflict]
    assert isinstance(done[2], dict)
    [gone] = await rows(
        "SELECT member_id, merged_into FROM account WHERE merged_into IS NOT NULL "
        "AND member_id = ANY($1::uuid[])",
        [old, new],
    )
    left = [await balances(gone[name], TODAY) for name in ("merged_into", "member_id")]
    earned = done[2]["pointsAwarded"]
    assert sum(one.available for one in left) == 200 + earned
    assert await make.faults(old, new) == []


async def test_of_a_chain_of_merges_at_once_nothing_finds_who_is_gone(database: Database) -> None:
    programme = await make.establish()
    first, second, third = [
        await make.enrol(programme, reference=name) for name in ("first", "second", "third")
    ]
    done = await in_turn(
        database,
        second,
        make.merge(programme, first, second),
        make.merge(programme, second, third),
    )
    assert done == [None, None]
    for reference in ("first", "second", "third"):
        assert await find(programme.id, MemberKey(LookupScope.REFERENCE, reference)) == third
    assert await make.faults(first, second, third) == []


async def test_an_altered_merge_is_found(owner_connection: asyncpg.Connection) -> None:
    stage, partner, _ = await open_shop()
    await partner.done("earnForBooking", member=OLD, reference="B", lines=[HOTEL])
    old, new = await stage.member_id("old"), await stage.member_id()
    await merged(stage)
    assert await make.faults(old, new) == []
    for altered in (
        "UPDATE tier_credit SET spend_minor = spend_minor + 1 WHERE source_member_id = $1",
        "DELETE FROM tier_credit WHERE source_member_id = $1",
        "UPDATE account SET merged_into = NULL WHERE member_id = $1",
        "UPDATE member_change SET points = points + 1 WHERE member_id = $1",
    ):
        transaction = owner_connection.transaction()
        await transaction.start()
        await owner_connection.execute(altered, old)
        await transaction.commit()
        assert await make.faults(old, new) != [], altered


async def test_what_finds_another_than_it_should_is_found(
    owner_connection: asyncpg.Connection,
) -> None:
    stage, _, _ = await open_shop()
    await make.enrol(stage.programme, now=TODAY, reference="last")
    friend = await make.enrol(stage.programme, now=TODAY, reference="friend")
    everybody = [await stage.member_id(one) for one in ("old", "xiaoli", "last")] + [friend]
    await merged(stage)
    await merged(stage, "xiaoli", "last")
    assert await make.faults(*everybody) == []
    last = everybody[2]
    of = "WHERE programme_id = $1 AND scope = $2 AND value = $3"
    for scope in ("reference", "referral_code"):
        kept = await owner_connection.fetch(
            "SELECT * FROM lookup WHERE scope = $1 AND member_id = $2", scope, last
        )
        assert len(kept) == 3
        for one in kept:
            place = stage.programme.id, scope, one["value"]
            await owner_connection.execute(
                f"UPDATE lookup SET member_id = $4, row_id = $4 {of}", *place, friend
            )
            found = await make.faults(*everybody)
            assert any(f"{friend}: what its {scope} finds is {friend}" in said for said in found)
            assert any(f"{last}: what its {scope} finds is nobody" in said for said in found)
            await owner_connection.execute(f"DELETE FROM lookup {of}", *place)
            [missing] = await make.faults(*everybody)
            assert f"{last}: what its {scope} finds is nobody" in missing
            insert = "INSERT INTO lookup (programme_id, scope, value, member_id, row_id)"
            names = one["member_id"], one["row_id"]
            await owner_connection.execute(f"{insert} VALUES ($1, $2, $3, $4, $5)", *place, *names)
        another = stage.programme.id, scope, "another"
        await owner_connection.execute(f"{insert} VALUES ($1, $2, $3, $4, $4)", *another, friend)
        [many] = await make.faults(*everybody)
        assert f"{friend}: what its {scope} finds is {friend}" in many
        await owner_connection.execute(f"DELETE FROM lookup {of}", *another)
    assert await make.faults(*everybody) == []


async def test_coupons_follow_to_who_the_member_became() -> None:
    """Also those that cannot be passed on: it is the same person."""
    stage, partner, _ = await open_shop()
    codes = {}
    for who in ("old", "xiaoli"):
        member_id = await stage.member_id(who)
        await make.give(stage.programme, member_id, 10, now=TODAY)
        reward = await make.reward(
            stage.programme, kind="COUPON", list_points=1, worth_minor=5000, transferable=False
        )
        bought = await stage.member(who).done(
            "redeemReward", "redemption { codes }", reward=reward.code
        )
        [codes[who]] = bought["redemption"]["codes"]
    booking: dict[str, Any] = {"member": NEW, "lines": [HOTEL], "couponCode": codes["old"]}
    before = await partner.refused("earnForBooking", **booking, reference="B")
    assert before["code"] == "NOT_FOUND"

    await merged(stage)
    listed = "{ me { coupons { code status } } }"
    found = (await stage.member().read(listed))["me"]["coupons"]
    assert {one["code"]: one["status"] for one in found} == dict.fromkeys(codes.values(), "ISSUED")
    quote = "query($input: QuoteEarningInput!) { quoteEarning(input: $input) { errors { code } } }"
    asked = {"lines": [HOTEL], "couponCode": codes["old"]}
    assert (await stage.member().read(quote, input=asked))["quoteEarning"]["errors"] == []
    await partner.done("earnForBooking", **booking, reference="B")
    found = (await stage.member().read(listed))["me"]["coupons"]
    assert [(one["code"], one["status"]) for one in found] == [
        (codes["xiaoli"], "ISSUED"),
        (codes["old"], "USED"),
    ]
    await partner.done("refundBooking", booking="B", reference="R")
    assert (await stage.member().read(listed))["me"]["coupons"][-1]["status"] == "ISSUED"
    everybody = await rows(
        "SELECT member_id FROM member WHERE programme_id = $1", stage.programme.id
    )
    for one in everybody:
        assert await make.faults(one["member_id"]) == []
