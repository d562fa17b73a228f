"""Members who were merged, erased as one."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api.kit.relay import to_global_id
from domain.kernel import secrecy
from domain.kernel.database import rows
from domain.ledger.values import Balances
from domain.privacy import erasing
from tests.domain.bookings.test_completions import slow_document
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.travel import balances

pytestmark = pytest.mark.usefixtures("database")

OLD, NEW = {"reference": "old"}, {"reference": "new"}
FLIGHT, HOTEL = ({"product": name, "amount": "300"} for name in ("flight", "hotel"))


async def merged_pair() -> tuple[Stage, Client, UUID, UUID]:
    """Two members of whom one was merged into the other, whose points matured before and after: 300
    are pending with the one, 300 available with the other.
    """
    stage = await open_stage(slow_document())
    partner = await stage.partner()
    old, new = [
        await make.enrol(
            stage.programme, now=TODAY, reference=one, name=f"Li {one}", email=f"{one}@example.com"
        )
        for one in ("old", "new")
    ]
    await partner.done("earnForBooking", member=OLD, reference="B", lines=[FLIGHT, HOTEL])
    await partner.done("completeBooking", booking="B", lines=[1])
    await make.merge(stage.programme, old, new, now=TODAY)
    assert await balances(old, TODAY) == Balances(pending=300)
    assert await balances(new, TODAY) == Balances(available=300)
    return stage, partner, old, new


def node(member_id: UUID) -> dict[str, str]:
    """How a member is named by its id."""
    return {"id": str(to_global_id("Member", member_id))}


async def left_of(*member_ids: UUID) -> list[Any]:
    """What still finds one of these members, says who it was, or was typed of it."""
    ids = list(member_ids)
    named = await rows(
        "SELECT scope, value FROM lookup WHERE member_id = ANY($1::uuid[]) "
        "AND scope IN ('reference', 'email', 'phone', 'referral_code')",
        ids,
    )
    said = await rows(
        "SELECT name, email FROM member WHERE member_id = ANY($1::uuid[]) "
        "AND (status <> 'ERASED' OR name IS NOT NULL OR email IS NOT NULL "
        "OR reference <> 'erased-' || member_id)",
        ids,
    )
    typed = await rows(
        "SELECT value FROM private_text WHERE member_id = ANY($1::uuid[]) AND value IS NOT NULL",
        ids,
    )
    return named + said + [secrecy.shown(one["value"]) for one in typed]


@pytest.mark.parametrize("named", ["old", "new"])
async def test_whoever_was_merged_is_erased_with_whom_it_became(named: str) -> None:
    stage, partner, old, new = await merged_pair()
    staff = stage.staff().reading("en")
    by = node({"old": old, "new": new}[named])
    assert await left_of(old, new) != []
    before = await stage.everything()
    problem = await staff.refused("eraseMember", member=by, confirm=300)
    assert (problem["code"], problem["path"], problem["message"]) == (
        "INVALID_INPUT",
        ["confirm"],
        "The member would lose 600 points, not 300.",
    )
    assert await stage.everything() == before

    erased = await staff.done("eraseMember", "erasedAt", member=by, confirm=600)

    assert await left_of(old, new) == []
    made = await rows(
        "SELECT member_id, was, points FROM erasure WHERE member_id = ANY($1::uuid[])", [old, new]
    )
    assert {tuple(one.values()) for one in made} == {(old, "MERGED", 300), (new, "ENROLLED", 300)}
    noted = [one for one in await erasing.everybody() if one.programme == stage.programme.code]
    assert {one.member_id for one in noted} == {old, new}
    [account] = await rows("SELECT merged_into FROM account WHERE member_id = $1", old)
    assert account == {"merged_into": new}
    assert [await balances(one, TODAY) for one in (old, new)] == [Balances()] * 2
    for one in (old, new):
        again = await staff.do("eraseMember", "erasedAt", member=node(one), confirm=0)
        assert again == {"erasedAt": erased["erasedAt"], "errors": [], "replayed": True}
    # what comes later is of nobody, too
    lost = await partner.done("refundBooking", "pointsClawedBack", booking="B", reference="R")
    assert lost["pointsClawedBack"] == 0
    assert await make.faults(old, new) == []
    # and both may come again
    for reference in ("old", "new"):
        sent = {"reference": reference, "email": f"{reference}@example.com"}
        assert await make.enrol(stage.programme, now=TODAY, **sent) not in (old, new)


async def test_a_chain_of_merges_is_erased_as_a_whole() -> None:
    stage, _, old, new = await merged_pair()
    last = await make.rich_member(stage.programme, 7, now=TODAY, reference="last")
    await make.merge(stage.programme, new, last, now=TODAY)
    assert await balances(last, TODAY) == Balances(available=307)
    await stage.staff().done("eraseMember", member=NEW, confirm=607)
    assert await left_of(old, new, last) == []
    assert len(await rows("SELECT FROM erasure WHERE programme_id = $1", stage.programme.id)) == 3
    assert await make.faults(old, new, last) == []


@pytest.mark.parametrize("named", [0, 1])
async def test_a_restored_merge_is_erased_again_as_a_whole(named: int) -> None:
    stage, _, old, new = await merged_pair()
    both = [erasing.Erased(one, stage.programme.code) for one in (old, new)]
    assert await erasing.missing(both) == both
    await erasing.again(stage.programme, (old, new)[named], TODAY + timedelta(days=1))
    assert await erasing.missing(both) == []
    assert await left_of(old, new) == []
    assert await make.faults(old, new) == []


async def test_of_a_merge_and_an_erasure_at_once_neither_leaves_anybody_behind() -> None:
    stage = await open_stage()
    kim, lee = stage.staff("kim"), stage.staff("lee")
    for turn in range(8):
        old, new = [
            await make.rich_member(
                stage.programme, 10, now=TODAY, reference=f"{one}-{turn}", email=f"{one}{turn}@a.cn"
            )
            for one in ("old", "new")
        ]
        erased = (old, new)[turn % 2]
        asked: dict[str, Any] = {name: node(one) for name, one in (("from", old), ("into", new))}
        proposed = await kim.done("mergeMembers", "proposal { id }", **asked, reason="twice")
        merging, erasing_ = await asyncio.gather(
            lee.do("approveProposal", proposal=proposed["proposal"]["id"]),
            kim.do("eraseMember", member=node(erased), confirm=10),
        )
        refused = {error["code"] for one in (merging, erasing_) for error in one["errors"]}
        assert refused != set()
        assert refused <= {
            "STATE_CONFLICT",
            "CONCURRENT_REQUEST",
            "INVALID_INPUT",
            "PROPOSAL_STATE",
        }
        statuses = await rows(
            "SELECT member_id FROM member WHERE member_id = ANY($1::uuid[]) AND status = 'ERASED'",
            [old, new],
        )
        gone = [one["member_id"] for one in statuses]
        assert gone in ([], [erased])
        assert await left_of(*gone) == []
        assert await make.faults(old, new) == []
