"""Claims of members that are erased, closed or merged: they end, or go with the person."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from domain.kernel.database import rows
from domain.programmes import programmes
from ops.postgres.connections import connection
from tests.api.test_claims import HOTEL, LIST, STATE, claimed, opened
from tests.conftest import Database
from tests.domain.test_races import waiting
from tests.support import factories as make
from tests.support.callers import TODAY, Stage

pytestmark = pytest.mark.usefixtures("database")


async def test_erasing_a_member_withdraws_what_it_claims() -> None:
    stage, member = await opened()
    staff, inn = stage.staff(), await stage.partner(code="inn")
    own = (await claimed(member, partner="inn"))["id"]
    done = (await claimed(member, "DONE"))["id"]
    await staff.done("decideClaim", STATE, claim=done, approve=False, reason="not ours")

    await staff.done("eraseMember", member={"reference": "xiaoli"}, confirm=0)

    assert (await inn.read(LIST, status=["OPEN"]))["claims"]["totalCount"] == 0
    decisions: list[dict[str, Any]] = [
        {"approve": True, "lines": HOTEL},
        {"approve": False, "reason": "gone"},
    ]
    for decision in decisions:
        refused = await staff.refused("decideClaim", claim=own, **decision)
        assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["claim"])
    kept = await rows(
        "SELECT member_id, status, decided_by FROM claim WHERE programme_id = $1 "
        "ORDER BY opened_at",
        stage.programme.id,
    )
    assert [(one["status"], one["decided_by"]) for one in kept] == [
        ("WITHDRAWN", "staff:kim"),
        ("DECLINED", "staff:kim"),
    ]
    told = await rows(
        "SELECT payload->>'status' AS status, partner_id IS NOT NULL AS named FROM outbox_event "
        "WHERE programme_id = $1 AND topic = 'claim.decided' ORDER BY recorded_at, id",
        stage.programme.id,
    )
    assert [tuple(one.values()) for one in told] == [("DECLINED", False), ("WITHDRAWN", True)]
    assert await make.faults(kept[0]["member_id"]) == []


async def statuses(stage: Stage, reference: str) -> list[tuple[str, str, str | None]]:
    """The claims of a member as staff see them, the first one first."""
    query = """query($by: MemberBy!) { member(by: $by) {
        claims { edges { node { reference status reason } } } } }"""
    found = await stage.staff().read(query, by={"reference": reference})
    nodes = [edge["node"] for edge in found["member"]["claims"]["edges"]]
    return [(one["reference"], one["status"], one["reason"]) for one in reversed(nodes)]


async def told(stage: Stage) -> list[tuple[Any, ...]]:
    """The events about claims, with whether they name a partner."""
    found = await rows(
        "SELECT topic, payload->>'status' AS status, partner_id IS NOT NULL AS named "
        "FROM outbox_event WHERE programme_id = $1 AND topic LIKE 'claim.%' "
        "ORDER BY recorded_at, id",
        stage.programme.id,
    )
    return [tuple(one.values()) for one in found]


async def test_closing_a_membership_withdraws_what_it_claims() -> None:
    stage, member = await opened()
    staff, inn = stage.staff(), await stage.partner(code="inn")
    own = (await claimed(member, partner="inn"))["id"]
    decided = (await claimed(member, "DONE"))["id"]
    await staff.done("decideClaim", STATE, claim=decided, approve=False, reason="not ours")
    by = {"member": {"reference": "xiaoli"}, "reason": "asked for it", "forfeit": 0}

    await staff.done("closeMember", sent=by)

    assert await statuses(stage, "xiaoli") == [
        ("MISSING", "WITHDRAWN", "closed"),
        ("DONE", "DECLINED", "not ours"),
    ]
    assert (await inn.read(LIST, status=["OPEN"]))["claims"]["totalCount"] == 0
    assert (await told(stage))[-1] == ("claim.decided", "WITHDRAWN", True)
    before = await stage.everything()
    decisions: list[dict[str, Any]] = [
        {"approve": True, "lines": HOTEL},
        {"approve": False, "reason": "gone"},
    ]
    for decision in decisions:
        refused = await staff.refused("decideClaim", claim=own, **decision)
        assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["claim"])
        said = "The claim is withdrawn; this is possible only when it is open."
        assert refused["message"] == said
    assert (await staff.refused("withdrawClaim", claim=own))["code"] == "STATE_CONFLICT"
    assert await stage.everything() == before
    assert await make.faults(await stage.member_id("xiaoli")) == []


async def test_deciding_beside_closing_ends_the_claim_once() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    by = {"member": {"reference": "xiaoli"}, "reason": "asked for it", "forfeit": 0}
    sent: dict[str, Any] = {"claim": own, "approve": True, "lines": HOTEL}
    decided, closed = await asyncio.gather(
        stage.staff("lee").do("decideClaim", STATE, sent=sent),
        stage.staff("kim").do("closeMember", "member { status }", sent=by),
    )
    codes = [problem["code"] for one in (decided, closed) for problem in one["errors"]]
    [(_, status, _)] = await statuses(stage, "xiaoli")
    # whoever has points by then gives them up knowingly
    assert codes == (["INVALID_INPUT"] if status == "APPROVED" else ["STATE_CONFLICT"])
    assert status in ("APPROVED", "WITHDRAWN")
    assert await make.faults(await stage.member_id("xiaoli")) == []


@pytest.mark.parametrize(
    ("mutation", "sent"),
    [
        ("withdrawClaim", {}),
        ("decideClaim", {"approve": False, "reason": "not ours"}),
        ("decideClaim", {"approve": True, "lines": HOTEL}),
    ],
)
async def test_who_ends_a_claim_waits_for_the_account_without_the_claim(
    database: Database, mutation: str, sent: dict[str, Any]
) -> None:
    """Whoever closes a membership has its account when it ends the claims."""
    stage, member = await opened()
    own = (await claimed(member))["id"]
    member_id = await stage.member_id("xiaoli")
    before = await rows("SELECT count(*) AS count FROM booking")
    async with connection(database.serving) as raw:
        async with raw.transaction():
            await raw.execute("SELECT 1 FROM account WHERE member_id = $1 FOR UPDATE", member_id)
            task = asyncio.ensure_future(stage.staff().refused(mutation, claim=own, **sent))
            await waiting(1)
            await raw.execute(
                "SELECT 1 FROM claim WHERE member_id = $1 FOR UPDATE NOWAIT", member_id
            )
            await raw.execute(
                "UPDATE claim SET status = 'WITHDRAWN', decided_at = opened_at, decided_by = $2 "
                "WHERE member_id = $1",
                member_id,
                "staff:kim",
            )
        refused = await task
    said = "The claim is withdrawn; this is possible only when it is open."
    assert (refused["code"], refused["message"]) == ("STATE_CONFLICT", said)
    assert await rows("SELECT count(*) AS count FROM booking") == before


async def audited(stage: Stage, operation: str, reference: str) -> list[tuple[Any, str]]:
    """What the audit says of the claims of this reference at the last such operation, as they were
    and are.
    """
    *_, last = await rows(
        "SELECT before, after FROM audit WHERE programme_id = $1 AND operation = $2 "
        "ORDER BY sequence",
        stage.programme.id,
        operation,
    )
    before, after = orjson.loads(last["before"]), orjson.loads(last["after"])
    claims = await rows(
        "SELECT id FROM claim WHERE programme_id = $1 AND reference = $2 ORDER BY id",
        stage.programme.id,
        reference,
    )
    said = [f"claim:{one['id']}" for one in claims]
    return [(before[one], after[one]["status"]) for one in said]


async def test_who_is_merged_claims_on_as_the_one_that_stays() -> None:
    stage, member = await opened()
    kim, lee, inn = stage.staff("kim"), stage.staff("lee"), await stage.partner(code="inn")
    await make.enrol(stage.programme, now=TODAY, reference="old")
    old = stage.member("old")
    first = (await claimed(old, "MISSING", partner="inn", links=["https://example.com/1"]))["id"]
    await claimed(old, "BOTH")
    await claimed(old, "CAME")
    await claimed(member, "BOTH")
    line = {"member": {"reference": "old"}, "reference": "CAME", "lines": HOTEL}
    await kim.done("earnForBooking", sent=line)
    both = {"from": {"reference": "old"}, "into": {"reference": "xiaoli"}, "reason": "twice"}
    left = await stage.member_id("old")
    proposed = await kim.done("mergeMembers", "proposal { id }", sent=both)
    await programmes.advance_clock(stage.programme, timedelta(days=2))
    staff, others = stage.staff("kim"), len(await told(stage))

    await lee.done("approveProposal", proposal=proposed["proposal"]["id"])

    kept = await rows(
        "SELECT reference, status, reason FROM claim WHERE member_id = $1 ORDER BY opened_at, id",
        left,
    )
    assert [tuple(one.values()) for one in kept] == [
        ("MISSING", "WITHDRAWN", "merged"),
        ("BOTH", "WITHDRAWN", "merged"),
        ("CAME", "ALREADY_CREDITED", "merged"),
    ]
    assert await audited(stage, "approveProposal", "MISSING") == [
        ({"status": "OPEN"}, "WITHDRAWN"),
        ({}, "OPEN"),
    ]
    # it is as old as it was made
    assert sorted(await statuses(stage, "xiaoli")) == [
        ("BOTH", "OPEN", None),
        ("CAME", "ALREADY_CREDITED", "merged"),
        ("MISSING", "OPEN", None),
    ]
    assert sorted((await told(stage))[others:]) == [
        ("claim.decided", "ALREADY_CREDITED", False),
        ("claim.decided", "WITHDRAWN", False),
        ("claim.decided", "WITHDRAWN", True),
        ("claim.opened", None, True),
    ]
    assert (await staff.refused("decideClaim", claim=first, approve=False, reason="no"))[
        "code"
    ] == "STATE_CONFLICT"
    [node] = [edge["node"] for edge in (await inn.read(LIST, status=["OPEN"]))["claims"]["edges"]]
    assert (node["reference"], node["member"]) == ("MISSING", {"reference": "xiaoli"})
    query = "{ claims(status: [OPEN]) { edges { node { id links openedAt } } } }"
    [moved] = [edge["node"] for edge in (await inn.read(query))["claims"]["edges"]]
    assert moved["links"] == ["https://example.com/1"]
    assert moved["openedAt"].startswith("2126-03-15")
    done = await inn.done("decideClaim", STATE, claim=moved["id"], approve=True, lines=HOTEL)
    assert done["claim"] == {"status": "APPROVED", "reason": None, "pointsAwarded": 300}
    own = await stage.member_id("xiaoli")
    assert (await make.state(own, TODAY)).balances.available == 600
    assert await make.faults(left, own) == []


async def test_a_claim_that_was_left_open_with_a_closed_member_is_declined_or_withdrawn() -> None:
    stage, member = await opened()
    staff = stage.staff()
    one, other = [(await claimed(member, reference))["id"] for reference in ("M-1", "M-2")]
    own = await stage.member_id("xiaoli")
    # as servers before left it
    await rows("UPDATE member SET status = 'CLOSED' WHERE member_id = $1", own)
    before = await stage.everything()
    refused = await staff.refused("decideClaim", claim=one, approve=True, lines=HOTEL)
    assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["claim"])
    assert refused["message"].startswith("The member is closed; this is possible only when it is")
    assert await stage.everything() == before
    await staff.done("decideClaim", claim=one, approve=False, reason="has left")
    await staff.done("withdrawClaim", claim=other)
    assert await statuses(stage, "xiaoli") == [
        ("M-1", "DECLINED", "has left"),
        ("M-2", "WITHDRAWN", None),
    ]


async def test_a_booking_that_was_recorded_for_who_was_merged_is_credited_already() -> None:
    stage, member = await opened()
    staff, inn = stage.staff(), await stage.partner(code="inn")
    old = await make.enrol(stage.programme, now=TODAY, reference="old")
    one = (await claimed(member, "R-1", partner="inn"))["id"]
    unnamed = (await claimed(member, "R-3"))["id"]
    both = [(await claimed(who, "R-2"))["id"] for who in (member, stage.member("old"))]
    await staff.done("decideClaim", claim=both[1], approve=True, lines=HOTEL)
    for reference in ("R-1", "R-3"):
        sent = {"member": {"reference": "old"}, "reference": reference, "lines": HOTEL}
        await staff.done("earnForBooking", sent=sent)
    approving: dict[str, Any] = {"approve": True, "lines": HOTEL}
    refused = await staff.refused("decideClaim", claim=one, **approving)
    assert (refused["code"], refused["path"]) == ("REFERENCE_CONFLICT", ["claim"])
    own = await stage.member_id("xiaoli")
    await make.merge(stage.programme, old, own, now=TODAY)

    done = await inn.done("decideClaim", STATE, claim=one, key="once", **approving)

    assert done["claim"] == {
        "status": "ALREADY_CREDITED",
        "reason": None,
        "pointsAwarded": None,
    }
    again = await inn.do("decideClaim", STATE, claim=one, key="once", **approving)
    assert (again["claim"], again["replayed"]) == (done["claim"], True)
    await staff.done("decideClaim", claim=unnamed, **approving)
    assert await audited(stage, "decideClaim", "R-3") == [
        ({"status": "OPEN"}, "WITHDRAWN"),
        ({}, "ALREADY_CREDITED"),
    ]
    # whom it was merged into has approved already what both have claimed
    done = await staff.done("decideClaim", STATE, claim=both[0], **approving)
    assert done["claim"]["status"] == "APPROVED"
    assert sorted(await statuses(stage, "xiaoli")) == [
        ("R-1", "ALREADY_CREDITED", None),
        ("R-2", "APPROVED", None),
        ("R-3", "ALREADY_CREDITED", None),
    ]
    assert (await inn.read(LIST, status=["OPEN"]))["claims"]["totalCount"] == 0
    assert sorted((await told(stage))[-5:]) == [
        ("claim.decided", "ALREADY_CREDITED", False),
        ("claim.decided", "ALREADY_CREDITED", True),
        ("claim.decided", "WITHDRAWN", False),
        ("claim.decided", "WITHDRAWN", False),
        ("claim.decided", "WITHDRAWN", True),
    ]
    assert (await make.state(own, TODAY)).balances.available == 900
    assert await make.faults(old, own) == []


@pytest.mark.parametrize(("approve", "code"), [(False, "REFERENCE_CONFLICT"), (True, None)])
async def test_what_whom_it_was_merged_into_was_declined_is_no_answer_for_a_booking_since(
    approve: bool, code: str | None
) -> None:
    """Nor is another partner's claim told to who may not see it."""
    stage, member = await opened()
    staff, inn = stage.staff(), await stage.partner(code="inn")
    await stage.partner(code="cars")
    old = await make.enrol(stage.programme, now=TODAY, reference="old")
    one = (await claimed(member, "R-1", partner="inn"))["id"]
    other = (await claimed(stage.member("old"), "R-1", partner="cars"))["id"]
    said: dict[str, Any] = {"lines": HOTEL} if approve else {"reason": "no invoice"}
    await staff.done("decideClaim", claim=other, approve=approve, **said)
    if not approve:
        sent = {"member": {"reference": "old"}, "reference": "R-1", "lines": HOTEL}
        await staff.done("earnForBooking", sent=sent)
    own = await stage.member_id("xiaoli")
    await make.merge(stage.programme, old, own, now=TODAY)

    if code is not None:
        refused = await inn.refused("decideClaim", claim=one, approve=True, lines=HOTEL)
        assert (refused["code"], refused["path"]) == (code, ["claim"])
        assert ("R-1", "OPEN", None) in await statuses(stage, "xiaoli")
    else:
        done = await inn.done("decideClaim", STATE, claim=one, approve=True, lines=HOTEL)
        assert done["claim"]["status"] == "WITHDRAWN"
    assert await make.faults(old, own) == []
