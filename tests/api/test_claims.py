"""Claims of missing bookings: made by members, decided by staff or by the partner that is named."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.claims import claims
from domain.kernel.callers import OWN_SCOPES
from domain.kernel.database import rows
from domain.partners import partners
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

CLAIM = "claim { id reference on text links status reason pointsAwarded partner { code } }"
STATE = "claim { status reason pointsAwarded }"
LIST = """query($status: [ClaimStatus!], $first: Int, $after: String) {
    claims(status: $status, first: $first, after: $after) { totalCount
        pageInfo { hasNextPage endCursor }
        edges { node { reference status member { reference } partner { code } } } } }"""
OWN = """{ me { claims { totalCount edges { node { id reference status } } }
    bookings { edges { node { reference bookedAt } } } balance { available } } }"""
HOTEL = [{"product": "hotel", "amount": "300"}]


def day(days_ago: int) -> str:
    """The programme is in China, where it is 10:30 in the morning."""
    return (TODAY - timedelta(days=days_ago)).date().isoformat()


async def opened(**changes: Any) -> tuple[Stage, Client]:
    """A programme with the partners `inn` and `cars`, and its member `xiaoli`."""
    stage = await open_stage(make.shipped_document(**changes) if changes else None)
    for code in ("inn", "cars"):
        await partners.create(stage.programme, code, code.title(), TODAY)
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    return stage, stage.member("xiaoli")


async def claimed(member: Client, reference: str = "MISSING", **sent: Any) -> Any:
    said = {"reference": reference, "on": day(10), "text": "I stayed there.", **sent}
    return (await member.done("claimPoints", CLAIM, **said))["claim"]


async def test_a_claim_that_is_approved_records_the_booking_of_its_day() -> None:
    stage, member = await opened()
    links = ["https://example.com/invoice.pdf"]
    made = await claimed(member, links=links, partner="inn")
    own = made.pop("id")
    assert made == {
        "reference": "MISSING",
        "on": "2126-03-05",
        "text": "I stayed there.",
        "links": links,
        "status": "OPEN",
        "reason": None,
        "pointsAwarded": None,
        "partner": {"code": "inn"},
    }
    inn = await stage.partner(code="inn")
    decided = await inn.done(
        "decideClaim", f"{STATE} balance {{ available }}", claim=own, approve=True, lines=HOTEL
    )
    approved = {"status": "APPROVED", "reason": None, "pointsAwarded": 300}
    assert decided == {"claim": approved, "balance": {"available": 300}, "replayed": False}
    found = (await member.read(OWN))["me"]
    assert found["claims"]["edges"] == [
        {"node": {"id": own, "reference": "MISSING", "status": "APPROVED"}}
    ]
    assert found["bookings"]["edges"] == [
        {"node": {"reference": "MISSING", "bookedAt": "2126-03-04T16:00:00Z"}}
    ]
    assert found["balance"] == {"available": 300}
    [reporter] = await rows(
        "SELECT reporter FROM booking WHERE reference = 'MISSING' AND programme_id = $1",
        stage.programme.id,
    )
    assert reporter["reporter"].startswith("partner:")
    told = await rows(
        "SELECT topic, payload->>'status' AS status, payload->>'points' AS points "
        "FROM outbox_event WHERE programme_id = $1 AND topic LIKE 'claim.%' "
        "ORDER BY recorded_at, id",
        stage.programme.id,
    )
    assert [tuple(one.values()) for one in told] == [
        ("claim.opened", None, None),
        ("claim.decided", "APPROVED", "300"),
    ]


async def test_a_claim_is_declined_for_a_reason_and_not_made_again() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    staff = stage.staff()
    done = await staff.done("decideClaim", STATE, claim=own, approve=False, reason="not ours")
    assert done["claim"] == {"status": "DECLINED", "reason": "not ours", "pointsAwarded": None}
    before = await stage.everything()
    decisions: list[dict[str, Any]] = [
        {"approve": True, "lines": HOTEL},
        {"approve": False, "reason": "again"},
    ]
    for sent in decisions:
        refused = await staff.refused("decideClaim", claim=own, **sent)
        assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["claim"])
        assert refused["message"] == "The claim is declined; this is possible only when it is open."
    again = await member.refused("claimPoints", reference="MISSING", on=day(10), text="Please.")
    assert (again["code"], again["path"]) == ("REFERENCE_CONFLICT", ["reference"])
    assert await stage.everything() == before


async def test_a_claim_that_was_withdrawn_can_be_made_again() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    done = await member.done("withdrawClaim", STATE, claim=own)
    assert done["claim"]["status"] == "WITHDRAWN"
    refused = await member.refused("withdrawClaim", claim=own)
    assert refused["code"] == "STATE_CONFLICT"
    assert (await claimed(member))["id"] != own
    await make.enrol(stage.programme, now=TODAY, reference="other")
    stranger = await stage.member("other").refused("withdrawClaim", claim=own)
    assert (stranger["code"], stranger["path"]) == ("NOT_FOUND", ["claim"])


@pytest.mark.parametrize(
    ("days_ago", "reason", "allowed"),
    [
        (6, "claimed_early", "2126-03-16"),
        (7, None, None),
        (120, None, None),
        (121, "claimed_late", "2126-03-14"),
        (-1, "claimed_early", "2126-03-23"),
    ],
)
async def test_a_claim_is_made_from_7_through_120_days_after_the_day(
    days_ago: int, reason: str | None, allowed: str | None
) -> None:
    stage, member = await opened()
    sent = {"reference": "MISSING", "on": day(days_ago), "text": "Missing."}
    if reason is None:
        await member.done("claimPoints", **sent)
    else:
        refused = await member.refused("claimPoints", **sent)
        assert (refused["reason"], refused["allowed"]) == (reason, [allowed])
        assert refused["path"] == ["on"]
    assert await claims.count(claims.Listing(stage.programme.id, None)) == (reason is None)


async def test_a_programme_without_claims_takes_none() -> None:
    _, member = await opened(claims=None)
    refused = await member.refused("claimPoints", reference="A", on=day(10), text="Missing.")
    assert (refused["reason"], refused["path"]) == ("claims_not_offered", ["reference"])


async def test_a_booking_too_old_to_be_recorded_cannot_be_claimed() -> None:
    _, member = await opened(facts={"oldest_days": 30}, claims={"from_days": 0})
    refused = await member.refused("claimPoints", reference="A", on=day(31), text="Missing.")
    assert (refused["code"], refused["path"]) == ("EVENT_TOO_OLD", ["on"])


async def test_how_old_a_booking_may_be_is_judged_by_the_day_of_the_claim() -> None:
    stage, member = await opened(facts={"oldest_days": 30})
    own = (await claimed(member, on=day(29)))["id"]
    later = stage.staff()
    await programmes.advance_clock(stage.programme, timedelta(days=20))
    done = await later.done("decideClaim", STATE, claim=own, approve=True, lines=HOTEL)
    assert done["claim"]["pointsAwarded"] == 300
    refused = await later.refused(
        "earnForBooking",
        member={"reference": "xiaoli"},
        reference="another",
        bookedAt=f"{day(29)}T04:00:00Z",
        lines=HOTEL,
    )
    assert refused["code"] == "EVENT_TOO_OLD"


async def test_what_was_recorded_meanwhile_is_not_given_again() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    partner = await stage.partner()
    await partner.book("MISSING", {"product": "hotel", "amount": "200"})
    staff = stage.staff()
    done = await staff.done("decideClaim", STATE, claim=own, approve=True, lines=HOTEL)
    assert done["claim"] == {"status": "ALREADY_CREDITED", "reason": None, "pointsAwarded": None}
    assert (await member.read(OWN))["me"]["balance"] == {"available": 200}


async def test_what_is_another_members_stays_open() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    other = await make.enrol(stage.programme, now=TODAY)
    await make.book(stage.programme, other, ("hotel", "10"), reference="MISSING", now=TODAY)
    before = await stage.everything()
    refused = await stage.staff().refused("decideClaim", claim=own, approve=True, lines=HOTEL)
    assert (refused["code"], refused["path"]) == ("REFERENCE_CONFLICT", ["claim"])
    assert await stage.everything() == before


async def test_faults_of_the_lines_leave_the_claim_open() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    before = await stage.everything()
    for lines, path in (
        ([{"product": "boat", "amount": "1"}], ["lines", "0", "product"]),
        ([{"product": "hotel", "amount": "-1"}], ["lines", "0", "amount"]),
    ):
        refused = await stage.staff().refused("decideClaim", claim=own, approve=True, lines=lines)
        assert refused["path"] == path
    assert await stage.everything() == before


async def test_a_refund_that_came_before_is_applied_when_the_claim_is_approved() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    staff = stage.staff()
    await staff.done(
        "refundBooking", booking="MISSING", reference="R", lines=[{"line": 1, "amount": "100"}]
    )
    done = await staff.done("decideClaim", STATE, claim=own, approve=True, lines=HOTEL)
    assert done["claim"]["pointsAwarded"] == 300
    assert (await member.read(OWN))["me"]["balance"] == {"available": 200}


async def test_the_list_is_of_those_that_the_caller_may_decide() -> None:
    stage, member = await opened()
    for number, partner in enumerate((None, "inn", "cars", "inn")):
        await claimed(member, f"M-{number}", partner=partner)
    inn = await stage.partner(OWN_SCOPES, "inn")
    first = (await inn.read(LIST, first=1))["claims"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    rest = (await inn.read(LIST, first=1, after=first["pageInfo"]["endCursor"]))["claims"]
    nodes = [edge["node"] for page in (first, rest) for edge in page["edges"]]
    assert [node["reference"] for node in nodes] == ["M-1", "M-3"]
    assert nodes[0]["member"] == {"reference": "xiaoli"}
    every = (await stage.staff().read(LIST))["claims"]
    assert [edge["node"]["reference"] for edge in every["edges"]] == ["M-0", "M-1", "M-2", "M-3"]
    none = (await stage.staff().read(LIST, status=["DECLINED"]))["claims"]
    assert (none["totalCount"], none["edges"]) == (0, [])
    cars = await stage.partner(code="cars")
    own = (await claimed(member, "M-5", partner="inn"))["id"]
    refused = await cars.refused("decideClaim", claim=own, approve=False, reason="no")
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["claim"])
    assert (await cars.read("query($id: ID!) { node(id: $id) { id } }", id=own))["node"] is None


async def test_a_member_has_ten_open_claims_and_makes_twenty_a_day() -> None:
    _, member = await opened()
    made = [(await claimed(member, f"M-{number}"))["id"] for number in range(10)]
    refused = await member.refused("claimPoints", reference="one more", on=day(9), text="x")
    assert (refused["code"], refused["limit"], refused["resetsAt"]) == ("LIMIT_REACHED", 10, None)
    for own in made:
        await member.done("withdrawClaim", claim=own)
    for number in range(10, 20):
        own = (await claimed(member, f"M-{number}"))["id"]
        await member.done("withdrawClaim", claim=own)
    refused = await member.refused("claimPoints", reference="one more", on=day(9), text="x")
    assert (refused["limit"], refused["resetsAt"]) == (20, "2126-03-15T16:00:00Z")


async def test_guests_and_unknown_partners_are_refused() -> None:
    stage, member = await opened()
    await make.enrol(stage.programme, now=TODAY, reference="guest", guest=True)
    sent = {"reference": "A", "on": day(10), "text": "Missing."}
    guest = await stage.staff().refused("claimPoints", member={"reference": "guest"}, **sent)
    assert (guest["code"], guest["path"]) == ("MEMBER_NOT_ENROLLED", ["member"])
    unknown = await member.refused("claimPoints", partner="bank", **sent)
    assert (unknown["code"], unknown["path"]) == ("NOT_FOUND", ["partner"])


async def test_two_who_approve_at_once_record_the_booking_once() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    sent: dict[str, Any] = {"claim": own, "approve": True, "lines": HOTEL}
    done = await asyncio.gather(
        *(stage.staff(name).do("decideClaim", STATE, **sent) for name in ("kim", "lee"))
    )
    codes = sorted(problem["code"] for one in done for problem in one["errors"])
    assert codes == ["STATE_CONFLICT"]
    assert (await member.read(OWN))["me"]["balance"] == {"available": 300}


async def test_approving_beside_the_booking_itself_gives_its_points_once() -> None:
    stage, member = await opened()
    own = (await claimed(member))["id"]
    staff, partner = stage.staff(), await stage.partner()
    booking: dict[str, Any] = {
        "member": {"reference": "xiaoli"},
        "reference": "MISSING",
        "lines": HOTEL,
    }
    decided, booked = await asyncio.gather(
        staff.do("decideClaim", STATE, claim=own, approve=True, lines=HOTEL),
        partner.do("earnForBooking", "pointsAwarded", **booking),
    )
    assert decided["errors"] == []
    assert decided["claim"]["status"] in ("APPROVED", "ALREADY_CREDITED")
    conflict = [problem["code"] for problem in booked["errors"]]
    assert conflict == (["REFERENCE_CONFLICT"] if decided["claim"]["pointsAwarded"] else [])
    assert (await member.read(OWN))["me"]["balance"] == {"available": 300}


async def test_claiming_beside_claiming_makes_one() -> None:
    stage, member = await opened()
    sent: dict[str, Any] = {"reference": "MISSING", "on": day(10), "text": "Missing."}
    made = await asyncio.gather(
        *(member.done("claimPoints", "claim { id status }", **sent) for _ in range(3))
    )
    assert sorted(one["replayed"] for one in made) == [False, True, True]
    [own] = {one["claim"]["id"] for one in made}
    assert await claims.count(claims.Listing(stage.programme.id, None)) == 1
    # other content is another claim, and the same is answered as it stands, whatever became of it
    links = ["https://example.com/1"]
    for other in ({"on": day(11)}, {"text": "Lost."}, {"links": links}, {"partner": "inn"}):
        refused = await member.refused("claimPoints", **{**sent, **other})
        assert (refused["code"], refused["path"]) == ("REFERENCE_CONFLICT", ["reference"])
    await stage.staff().done("decideClaim", claim=own, approve=False, reason="not ours")
    await stage.staff().done("suspendMember", member={"reference": "xiaoli"}, reason="x")
    again = await member.done("claimPoints", "claim { id status }", **sent)
    assert again == {"claim": {"id": own, "status": "DECLINED"}, "replayed": True}
