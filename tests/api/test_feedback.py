"""Feedback: submitted by members about what is theirs, answered and closed by staff."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.feedback.submitting import DAILY_MAX
from domain.kernel.database import rows
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

SAID = "feedback { id rating text status at answer answeredAt about { id } }"
STATE = "feedback { status answer }"
LIST = """query($status: [FeedbackStatus!], $first: Int, $after: String) {
    feedback(status: $status, first: $first, after: $after) { totalCount
        pageInfo { hasNextPage endCursor } edges { node { text status } } } }"""
OWN = "{ me { feedback { totalCount edges { node { text status answer } } } } }"


async def opened() -> tuple[Stage, Client]:
    """The member `xiaoli` with a booking, an entry and a redemption."""
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    await make.book(stage.programme, member_id, ("hotel", "900"), reference="B", now=TODAY)
    reward = await make.reward(stage.programme, list_points=100)
    await make.redeem(stage.programme, member_id, reward, now=TODAY)
    return stage, stage.member("xiaoli")


async def say(member: Client, text: str = "Late breakfast.", **sent: Any) -> Any:
    return (await member.done("submitFeedback", SAID, text=text, **sent))["feedback"]


async def ids(member: Client) -> dict[str, str]:
    found = (
        await member.read(
            """{ me { bookings { edges { node { id } } } ledger(first: 1) { edges { node { id } } }
            redemptions { edges { node { id } } } } }"""
        )
    )["me"]
    return {name: found[name]["edges"][0]["node"]["id"] for name in found}


async def test_what_a_member_says_is_answered_and_closed() -> None:
    stage, member = await opened()
    booking = (await ids(member))["bookings"]
    said = await say(member, rating=2, about=booking)
    own, at = said.pop("id"), said.pop("at")
    assert at.startswith("2126-03-15T02:30:")
    assert said == {
        "rating": 2,
        "text": "Late breakfast.",
        "status": "OPEN",
        "answer": None,
        "answeredAt": None,
        "about": {"id": booking},
    }
    staff = stage.staff()
    done = await staff.done("answerFeedback", STATE, feedback=own, text="Sorry for that.")
    assert done["feedback"] == {"status": "ANSWERED", "answer": "Sorry for that."}
    before = await stage.everything()
    again = await staff.refused("answerFeedback", feedback=own, text="Once more.")
    assert (again["code"], again["path"]) == ("STATE_CONFLICT", ["feedback"])
    assert again["message"] == "The feedback is answered; this is possible only when it is open."
    assert await stage.everything() == before
    done = await staff.done("answerFeedback", STATE, feedback=own, close=True)
    assert done["feedback"] == {"status": "CLOSED", "answer": "Sorry for that."}
    closed = await staff.refused("answerFeedback", feedback=own, close=True)
    assert closed["message"] == (
        "The feedback is closed; this is possible only when it is open or answered."
    )
    told = await rows(
        "SELECT topic FROM outbox_event WHERE programme_id = $1 AND topic LIKE 'feedback.%' "
        "ORDER BY recorded_at, id",
        stage.programme.id,
    )
    assert [one["topic"] for one in told] == ["feedback.received", "feedback.answered"]


async def test_an_answer_closes_it_after_fourteen_days() -> None:
    stage, member = await opened()
    own = (await say(member))["id"]
    await stage.staff().done("answerFeedback", feedback=own, text="Thank you.")
    for days, status in ((13, "ANSWERED"), (1, "CLOSED")):
        await programmes.advance_clock(stage.programme, timedelta(days=days))
        [edge] = (await member.read(OWN))["me"]["feedback"]["edges"]
        assert edge["node"]["status"] == status
        for asked in ("ANSWERED", "CLOSED"):
            found = (await stage.staff().read(LIST, status=[asked]))["feedback"]
            assert found["totalCount"] == (asked == status)
    late = await stage.staff().refused("answerFeedback", feedback=own, close=True)
    assert late["code"] == "STATE_CONFLICT"


async def test_it_is_about_what_is_the_members_own() -> None:
    stage, member = await opened()
    for about in (await ids(member)).values():
        assert (await say(member, about=about))["about"] == {"id": about}
    other = await make.enrol(stage.programme, now=TODAY, reference="other")
    await make.book(stage.programme, other, ("hotel", "1"), reference="O", now=TODAY)
    theirs = (await stage.member("other").read("{ me { id bookings { edges { node { id } } } } }"))[
        "me"
    ]
    before = await stage.everything()
    for wrong in (theirs["bookings"]["edges"][0]["node"]["id"], theirs["id"], "nonsense"):
        refused = await member.refused("submitFeedback", text="x", about=wrong)
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["about"])
        refused = await stage.staff().refused(
            "submitFeedback", member={"reference": "xiaoli"}, text="x", about=wrong
        )
        assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["about"])
    assert await stage.everything() == before


async def test_what_is_due_and_not_recorded_yet_can_be_spoken_of() -> None:
    stage, member = await opened()
    await programmes.advance_clock(stage.programme, timedelta(days=800))
    entry = (await ids(member))["ledger"]
    assert (await say(member, about=entry))["about"] == {"id": entry}
    [kind] = await rows(
        "SELECT e.kind FROM feedback f JOIN ledger_entry e ON e.member_id = f.member_id "
        "AND e.id = f.entry_id WHERE f.programme_id = $1",
        stage.programme.id,
    )
    assert kind["kind"] == "EXPIRE"


async def test_staff_list_all_and_partners_see_none() -> None:
    stage, member = await opened()
    for number in range(3):
        await say(member, f"word {number}")
    first = (await stage.staff().read(LIST, first=2))["feedback"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    after = first["pageInfo"]["endCursor"]
    rest = (await stage.staff().read(LIST, first=2, after=after))["feedback"]
    texts = [edge["node"]["text"] for page in (first, rest) for edge in page["edges"]]
    assert texts == ["word 0", "word 1", "word 2"]
    seen = """query($by: MemberBy!) { member(by: $by) {
        feedback { totalCount edges { node { text } } } } }"""
    by = {"reference": "xiaoli"}
    partner = await stage.partner()
    assert (await partner.read(seen, by=by))["member"]["feedback"] == {
        "totalCount": 0,
        "edges": [],
    }
    own = (await member.read(OWN))["me"]["feedback"]
    assert [edge["node"]["text"] for edge in own["edges"]] == ["word 2", "word 1", "word 0"]
    assert (await stage.staff().read(seen, by=by))["member"]["feedback"]["totalCount"] == 3


async def test_a_member_says_ten_things_a_day_also_at_once() -> None:
    stage, member = await opened()
    done = await asyncio.gather(*(member.do("submitFeedback", text="x") for _ in range(12)))
    problems = [problem for one in done for problem in one["errors"]]
    assert [problem["code"] for problem in problems] == ["LIMIT_REACHED"] * 2
    refused = await member.refused("submitFeedback", text="x")
    assert (refused["limit"], refused["resetsAt"]) == (10, "2126-03-15T16:00:00Z")
    await programmes.advance_clock(stage.programme, timedelta(days=1))
    await say(member)


async def test_two_who_answer_at_once_answer_once() -> None:
    stage, member = await opened()
    own = (await say(member))["id"]
    done = await asyncio.gather(
        *(stage.staff(name).do("answerFeedback", STATE, feedback=own, text=name) for name in "ab")
    )
    codes = [problem["code"] for one in done for problem in one["errors"]]
    assert codes == ["STATE_CONFLICT"]


async def test_an_account_that_a_faster_clock_has_written_has_its_own_day() -> None:
    """What is said and answered after that is of no instant before it."""
    stage, member = await opened()
    for number in range(DAILY_MAX):
        await say(member, f"Today {number}")
    refused = await member.refused("submitFeedback", text="One more")
    assert refused["code"] == "LIMIT_REACHED"
    tomorrow = TODAY + timedelta(days=1)
    await make.give(stage.programme, await stage.member_id(), 1, now=tomorrow)
    said = await say(member, "Tomorrow")
    assert said["at"].startswith("2126-03-16")
    staff = stage.staff()
    done = await staff.done("answerFeedback", SAID, feedback=said["id"], text="Sorry.", close=True)
    assert (done["feedback"]["status"], done["feedback"]["answeredAt"]) == ("CLOSED", said["at"])
    assert await make.faults(await stage.member_id()) == []
