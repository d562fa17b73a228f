"""Every way in which a person of staff could give many points: beyond a limit it is proposed."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.callers import Role
from domain.kernel.database import rows
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

MANY = 1_000_000_000
HIM = {"reference": "xiaoli"}
PROPOSAL = "proposal { id operation state sha256 proposedBy input }"
STATE = "proposal { state }"


def hotel(amount: int) -> list[dict[str, Any]]:
    """A line that earns a point for each yuan."""
    return [{"product": "hotel", "amount": str(amount)}]


async def opened() -> Stage:
    stage = await open_stage()
    await make.enrol(stage.programme, reference="xiaoli", now=TODAY - timedelta(days=60))
    return stage


async def available(stage: Stage) -> int:
    found = await stage.staff("ada").read(
        'query { member(by: {reference: "xiaoli"}) { balance { available } } }'
    )
    return int(found["member"]["balance"]["available"])


async def ways(stage: Stage, kim: Client) -> dict[str, dict[str, Any]]:
    """What each mutation is sent that gives a thousand million points."""
    await kim.done("earnForBooking", member=HIM, reference="small", lines=hotel(100))
    day = (TODAY - timedelta(days=10)).date().isoformat()
    claim = await stage.member().done(
        "claimPoints", "claim { id }", reference="MISSING", on=day, text="I stayed there."
    )
    activity = {"type": "partner_spend", "reference": "A-1", "attributes": {"amount": MANY}}
    return {
        "adjustPoints": {"member": HIM, "points": MANY, "reason": "goodwill"},
        "earnForBooking": {"member": HIM, "reference": "large", "lines": hotel(MANY)},
        "amendBooking": {"booking": "small", "reference": "A-1", "lines": hotel(MANY + 100)},
        "earnForActivity": {"member": HIM, **activity},
        "decideClaim": {"claim": claim["claim"]["id"], "approve": True, "lines": hotel(MANY)},
    }


async def test_many_points_by_one_person_are_a_proposal_in_each_way() -> None:
    stage = await opened()
    kim, fin = stage.staff("kim", Role.SUPPORT), stage.staff("fin", Role.FINANCE)
    sent = await ways(stage, kim)
    given = 100
    for number, (mutation, said) in enumerate(sent.items()):
        before = await stage.everything()
        made = await kim.done(mutation, PROPOSAL, sent=said, key=mutation)

        proposal = made["proposal"]
        assert (proposal["operation"], proposal["state"]) == (mutation, "OPEN")
        assert proposal["proposedBy"] == "staff:kim"
        after = await stage.everything()
        changed = {name for name in after if after[name] != before[name]}
        assert changed - {"staff_day"} == {"proposal", "idempotency_key"}, mutation
        own = {"proposal": proposal["id"]}
        assert (await kim.refused("approveProposal", **own))["code"] == "SAME_PERSON"
        assert await available(stage) == given

        approved = await fin.do("approveProposal", STATE, **own)
        assert approved["errors"] == [], mutation
        assert approved["proposal"]["state"] == "DONE"
        given += MANY
        assert await available(stage) == given, mutation
        again = await kim.done(mutation, PROPOSAL, sent=said, key=mutation)
        assert (again["replayed"], again["proposal"]["state"]) == (True, "DONE")
        state = (await fin.refused("approveProposal", **own))["code"]
        assert state == "PROPOSAL_STATE", number
    actors = await rows(
        "SELECT DISTINCT actor FROM ledger_entry WHERE member_id = $1", await stage.member_id()
    )
    assert [one["actor"] for one in actors] == ["staff:kim"]


async def test_what_is_given_in_a_day_counts_in_whatever_way() -> None:
    stage = await opened()
    kim = stage.staff("kim", Role.SUPPORT)
    for number in range(2):
        spent = {
            "type": "partner_spend",
            "reference": f"A-{number}",
            "attributes": {"amount": 9000},
        }
        spent |= {"member": HIM}
        made = await kim.done("earnForActivity", f"pointsAwarded {PROPOSAL}", sent=spent)
        assert (made["pointsAwarded"], made["proposal"]) == (9000, None)
    for _ in range(3):
        await kim.done("adjustPoints", member=HIM, points=9000, reason="goodwill")
    sixth = {"member": HIM, "reference": "B-6", "lines": hotel(6000)}
    made = await kim.done("earnForBooking", f"pointsAwarded {PROPOSAL}", sent=sixth)
    assert (made["pointsAwarded"], made["proposal"]["operation"]) == (0, "earnForBooking")
    less = await kim.done("earnForBooking", PROPOSAL, sent={**sixth, "lines": hotel(3000)})
    assert less["proposal"] is None

    answer = await kim.ask(
        """mutation($bookings: [EarnForBookingInput!]!) { earnForBookings(input: {
            bookings: $bookings}) { results { pointsAwarded proposal { operation }
                errors { code } } } }""",
        bookings=[
            {"member": HIM, "reference": f"C-{n}", "lines": hotel(5000), "idempotencyKey": f"C-{n}"}
            for n in range(2)
        ],
    )
    results = answer["data"]["earnForBookings"]["results"]
    assert [one["proposal"] for one in results] == [{"operation": "earnForBooking"}] * 2
    assert await available(stage) == 48_000
    lee = stage.staff("lee", Role.SUPPORT)
    spent = {"member": HIM, "type": "partner_spend", "attributes": {"amount": 9000}}
    at_once = await asyncio.gather(
        *(
            lee.done("earnForActivity", PROPOSAL, sent={**spent, "reference": f"L-{number}"})
            for number in range(8)
        )
    )
    assert sorted(one["proposal"] is None for one in at_once) == [False] * 3 + [True] * 5
    assert await available(stage) == 48_000 + 45_000
    # partners report what they sold, and are not asked
    partner = await stage.partner()
    sold = {"member": HIM, "reference": "P-1", "lines": hotel(MANY)}
    assert (await partner.done("earnForBooking", PROPOSAL, sent=sold))["proposal"] is None


async def test_what_cannot_be_done_any_more_stays_open() -> None:
    stage = await opened()
    kim, lee = stage.staff("kim"), stage.staff("lee")
    sent = {"member": HIM, "reference": "B", "lines": hotel(MANY), "bookedAt": TODAY.isoformat()}
    made = await kim.done("earnForBooking", PROPOSAL, sent=sent)
    own = {"proposal": made["proposal"]["id"]}
    other = await make.enrol(stage.programme, reference="other", now=TODAY)
    await make.book(stage.programme, other, ("hotel", "100"), reference="B", now=TODAY)

    problem = await lee.refused("approveProposal", **own)

    assert (problem["code"], problem["path"]) == ("REFERENCE_CONFLICT", ["proposal"])
    [state] = await rows(
        "SELECT count(*) AS count FROM proposal_decision WHERE programme_id = $1",
        stage.programme.id,
    )
    assert state["count"] == 0
