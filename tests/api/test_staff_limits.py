"""What one person of staff may give alone, by one call and in a day; the rest is proposed."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.database import rows
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import REFERRALS, TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

SELECTION = """pointsAdjusted balance { available } member { reference }
    proposal { id operation sha256 state proposedBy input }"""
HIM = {"reference": "xiaoli"}
STATE = "proposal { state }"


async def open_with_member(**changes: Any) -> Stage:
    stage = await open_stage(make.shipped_document(referrals=REFERRALS, **changes))
    await make.enrol(stage.programme, reference="xiaoli", now=TODAY - timedelta(days=60))
    return stage


async def give(client: Client, points: int, **sent: Any) -> Any:
    told = {"member": HIM, "points": points, "reason": "goodwill", **sent}
    return await client.done("adjustPoints", SELECTION, **told)


async def available(stage: Stage) -> int:
    found = await stage.staff().read(
        "query($by: MemberBy!) { member(by: $by) { balance { available } } }", by=HIM
    )
    return int(found["member"]["balance"]["available"])


async def actors(stage: Stage) -> list[str]:
    member_id = await stage.member_id()
    found = await rows(
        "SELECT actor FROM ledger_entry WHERE member_id = $1 ORDER BY sequence", member_id
    )
    return [entry["actor"] for entry in found]


async def test_more_than_one_call_may_give_is_done_once_by_another() -> None:
    stage = await open_with_member()
    kim, lee = stage.staff(), stage.staff("lee")
    before = await stage.everything()
    done = await give(kim, 10_001, key="much", reason="a lost booking")
    proposal = done["proposal"]
    assert (done["pointsAdjusted"], done["balance"], done["member"]) == (0, None, None)
    assert (proposal["operation"], proposal["state"]) == ("adjustPoints", "OPEN")
    member = (await kim.read("query($by: MemberBy!) { member(by: $by) { id } }", by=HIM))["member"]
    told = {"points": 10_001, "reason": "a lost booking", "expiresOn": None}
    assert proposal["input"] == {"member": {"id": member["id"]}, **told}
    after = await stage.everything()
    assert {name for name in after if after[name] != before[name]} == {
        "proposal",
        "idempotency_key",
    }
    own = {"proposal": proposal["id"]}
    assert (await kim.refused("approveProposal", **own))["code"] == "SAME_PERSON"
    assert await available(stage) == 0
    assert (await lee.done("approveProposal", STATE, **own))["proposal"]["state"] == "DONE"
    assert (await stage.staff("mia").refused("approveProposal", **own))["code"] == "PROPOSAL_STATE"
    assert await available(stage) == 10_001
    assert await actors(stage) == ["staff:kim"]
    again = await give(kim, 10_001, key="much", reason="a lost booking")
    assert (again["replayed"], again["proposal"]["state"]) == (True, "DONE")
    assert await available(stage) == 10_001


async def test_the_sixth_of_a_day_is_proposed() -> None:
    stage = await open_with_member()
    kim = stage.staff()
    for _ in range(5):
        assert (await give(kim, 9000))["pointsAdjusted"] == 9000
    sixth = await give(kim, 9000)
    assert (sixth["pointsAdjusted"], sixth["proposal"]["state"]) == (0, "OPEN")
    # what is taken is given to nobody, and makes no room
    assert (await give(kim, -20_000))["pointsAdjusted"] == -20_000
    assert (await give(kim, 5001))["proposal"] is not None
    assert (await give(kim, 5000))["pointsAdjusted"] == 5000
    assert (await give(kim, 1))["proposal"] is not None
    # nor does another name of the same person
    assert (await give(stage.staff("ops:kim"), 1))["proposal"] is not None
    # another person has a day of its own, in which what it approves does not count
    lee = stage.staff("lee")
    await lee.done("approveProposal", proposal=sixth["proposal"]["id"])
    for _ in range(5):
        assert (await give(lee, 10_000))["pointsAdjusted"] == 10_000
    assert (await give(lee, 1))["proposal"] is not None
    assert await available(stage) == 5 * 9000 - 20_000 + 5000 + 9000 + 50_000
    # the next local day begins at midnight in Shanghai
    await programmes.advance_clock(stage.programme, timedelta(hours=13))
    assert (await give(kim, 1))["proposal"] is not None
    await programmes.advance_clock(stage.programme, timedelta(minutes=31))
    assert (await give(kim, 9000))["pointsAdjusted"] == 9000


async def test_the_policy_says_how_much() -> None:
    staff = {"adjust_limit": 100, "adjust_daily": 150}
    stage = await open_with_member(staff=staff)
    kim = stage.staff()
    assert (await give(kim, 101))["proposal"] is not None
    assert (await give(kim, 100))["pointsAdjusted"] == 100
    assert (await give(kim, 51))["proposal"] is not None
    assert (await give(kim, 50))["pointsAdjusted"] == 50
    nobody = await open_with_member(staff={"adjust_limit": 0})
    assert (await give(nobody.staff(), 1))["proposal"] is not None
    assert await available(nobody) == 0


async def test_several_at_once_do_not_give_more_than_a_day_allows() -> None:
    """To members of their own, so that no account makes one call wait for another."""
    stage = await open_with_member()
    kim, names = stage.staff(), [f"member-{number}" for number in range(8)]
    for name in names:
        await make.enrol(stage.programme, reference=name, now=TODAY - timedelta(days=60))
    done = await asyncio.gather(*(give(kim, 9000, member={"reference": name}) for name in names))
    assert sorted(one["pointsAdjusted"] for one in done) == [0] * 3 + [9000] * 5
    assert sorted(one["proposal"] is None for one in done) == [False] * 3 + [True] * 5


async def test_what_is_refused_counts_for_nothing() -> None:
    stage = await open_with_member(staff={"adjust_daily": 10_000})
    kim, before = stage.staff(), await stage.everything()
    yesterday = (TODAY - timedelta(days=1)).date().isoformat()
    for points in (10_000, 10_001):
        sent: dict[str, Any] = {"points": points, "reason": "goodwill", "expiresOn": yesterday}
        problem = await kim.refused("adjustPoints", member=HIM, **sent)
        assert problem["reason"] == "expiry_in_past"
        sent = {"points": points, "reason": "goodwill"}
        problem = await kim.refused("adjustPoints", member={"reference": "nobody"}, **sent)
        assert problem["code"] == "NOT_FOUND"
    assert await stage.everything() == before
    assert (await give(kim, 10_000))["pointsAdjusted"] == 10_000


async def test_an_adjustment_is_judged_anew_when_it_is_approved() -> None:
    stage = await open_with_member()
    last = (TODAY + timedelta(days=1)).date().isoformat()
    proposal = (await give(stage.staff(), 20_000, expiresOn=last))["proposal"]
    await programmes.advance_clock(stage.programme, timedelta(days=3))
    before = await stage.everything()
    problem = await stage.staff("lee").refused("approveProposal", proposal=proposal["id"])
    assert (problem["reason"], problem["path"]) == ("expiry_in_past", ["proposal"])
    assert await stage.everything() == before
