"""Payloads over HTTP say what is read afterwards, whether or not they were made from memory."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api import afterwards
from api.balances import know_member
from api.kit.context import Info
from api.kit.relay import from_global_id
from domain.kernel import cache
from domain.kernel.callers import Scope
from domain.members.members import MemberAfter
from tests.api.test_payloads import done, fields
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, fresh_key, open_stage
from tests.support.mutations import INPUTS
from tests.support.things import furnish, furnished

pytestmark = pytest.mark.usefixtures("database")

SUMS = "balance { available pending held owed worth { amount } }"
BALANCE = SUMS.replace("}", "} nextExpiry { points on }", 1)
ACCOUNT = f"""id reference locale joinedAt status referralCode
        standing {{ tier {{ code name }} since until progress {{ basis current required
            measures {{ basis current required }} next {{ code }} text(locale: EN) }} }}
        {SUMS}"""
MEMBER = f"{ACCOUNT} {BALANCE} expirySchedule {{ points on }}"
SHOWN = {
    "member": f"{MEMBER} name email phone birthday profile",
    "booking": """id reference status bookedAt total { amount currency } paidInPoints { amount }
        refunded { amount } pointsAwarded netPoints pointsPending""",
    "redemption": """id status points quantity worth { amount } worthEach { amount } createdAt
        holdExpiresAt fulfilledAt releasedAt cancelledAt cancelReason tracking reference
        partnerUnits partnerAccount codes""",
}
AWARDS = "awards { rule points netPoints text }"
BOOKED = f"{SHOWN['booking']} {AWARDS}"
"""What is shown of each kind of thing: all that a write knows of it behind its commit."""


async def read(client: Client, what: str, shown: str, own_id: str) -> Any:
    kind = what.capitalize()
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {shown} }} }} }}"
    return (await client.read(query, id=own_id))["node"]


async def check(client: Client, payload: dict[str, Any], shown: dict[str, str]) -> None:
    """Each thing that is shown is as it is read by its id."""
    for what, selected in shown.items():
        again = await read(client, what, selected, payload[what]["id"])
        assert payload[what] == again, what


def in_words(shown: dict[str, str]) -> str:
    return " ".join(f"{what} {{ {selected} }}" for what, selected in shown.items())


BOOKING = {"member": ACCOUNT, "booking": BOOKED}
BOOKING_OF_LOTS = {"member": MEMBER, "booking": BOOKED}
REFUND = {"member": MEMBER, "booking": SHOWN["booking"]}
REDEMPTION = {"member": MEMBER, "redemption": SHOWN["redemption"]}
FROM_MEMORY = {
    "earnForBooking": BOOKING,
    "earnForBookings": BOOKING,
    "refundBooking": REFUND,
    "redeemReward": REDEMPTION,
}
"""The mutations that answer from memory, with what they know of each thing: what is personal is
read, and a booking that is not paid in points reads no lots, so that it knows of no expiry.
"""

NULL = {("mergeMembers", "member")}
"""What no payload here shows: two are merged only once a second person approves."""


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, statements: list[str]) -> list[UUID]:
    """The members of payloads that are answered from memory; with each, what was sent up to then
    leaves `statements`.
    """
    members: list[UUID] = []

    def spied(info: Info, after: MemberAfter) -> None:
        members.append(after.member.member_id)
        statements.clear()
        know_member(info, after)

    monkeypatch.setattr(afterwards, "know_member", spied)
    return members


async def test_every_payload_says_what_is_read_afterwards(known: list[UUID]) -> None:
    things = await furnished()
    other = await furnish(things.stage, "lihua", phone="13900139000")
    staff, compared, from_memory = things.stage.staff(), set(), set()
    for mutation in INPUTS:
        by_another = {
            *("rejectProposal", "fulfilRedemption", "rotatePartnerKey", "updatePartnerKey"),
            *("decideClaim", "mergeMembers"),
        }
        selected = FROM_MEMORY.get(mutation, {**SHOWN, "booking": BOOKED})
        shown = {name: one for name, one in selected.items() if name in fields(mutation)}
        asked, with_balance = in_words(shown), "balance" in fields(mutation)
        if with_balance:
            asked += BALANCE if "nextExpiry" in shown["member"] else SUMS
        these = other if mutation in by_another else things
        known.clear()
        payload = await done(staff, these, mutation, asked)
        from_memory |= {mutation} if known else set()
        there = {what: one for what, one in shown.items() if (mutation, what) not in NULL}
        assert {what for what in shown if payload[what] is None} == shown.keys() - there.keys()
        await check(staff, payload, there)
        compared |= {(mutation, what) for what in there}
        if with_balance:
            assert payload["balance"] == payload["member"]["balance"]
    assert from_memory == FROM_MEMORY.keys()
    assert compared >= {(name, what) for name, shown in FROM_MEMORY.items() for what in shown}


async def opened(document: dict[str, Any] | None = None) -> tuple[Stage, Client]:
    stage = await open_stage(document)
    long_ago = TODAY - timedelta(days=30)
    await make.rich_member(stage.programme, 100_000, now=long_ago, reference="xiaoli")
    return stage, stage.staff()


SENT: dict[str, Any] = {
    "earnForBooking": {
        "member": {"reference": "xiaoli"},
        "reference": "B-1",
        "lines": [
            {"product": "hotel", "amount": "7000", "travelFrom": "2126-04-01"},
            {"product": "flight", "amount": "2100.5"},
        ],
        "paymentMethod": "partner_card",
        "bookedAt": "2126-03-01T08:00:00.123456+08:00",
    },
    "redeemReward": {"member": {"reference": "xiaoli"}, "quantity": 2},
    "refundBooking": {
        "booking": "B-1",
        "reference": "R-1",
        "lines": [{"line": 1, "amount": "999.99"}],
    },
}
"""The writes whose payloads are made from memory, in turn."""


async def test_what_a_write_knows_is_not_read_again(
    database: Database, statements: list[str]
) -> None:
    """Beside BEGIN and COMMIT: key, member, look-up or code, lock, what is asked, all that is
    written, key; a refund names no member, and a partner is not in the audit.
    """
    stage, _ = await opened()
    partner = await stage.partner(tuple(Scope))
    gift = await make.reward(stage.programme, kind="COUPON", list_points=100, worth_minor=500)
    SENT["redeemReward"]["reward"] = gift.code
    # what these announced is not heard any more
    async with cache.listening(database.serving):
        await check_statements(partner, statements)


async def check_statements(partner: Client, statements: list[str]) -> None:
    await partner.read("{ programme { code } }")
    for mutation, sent in SENT.items():
        what = "redemption" if mutation == "redeemReward" else "booking"
        selected = BOOKED if mutation == "earnForBooking" else SHOWN[what]
        # what is personal is read, and that it is shown is written down
        # a booking reads no lots, so that it knows of no expiry
        member, balance = (ACCOUNT, SUMS) if what == "booking" else (MEMBER, BALANCE)
        shown = {"member": member, what: selected}
        asked = " ".join(f"{name} {{ __typename {one} }}" for name, one in shown.items())
        statements.clear()
        payload = await partner.done(mutation, f"{asked} {balance} grants {{ id }}", **sent)
        assert len(statements) == (6 if mutation == "refundBooking" else 7), statements
        for one in shown:
            del payload[one]["__typename"]
        await check(partner, payload, shown)


HIM = {"reference": "xiaoli"}
TWO_LINES = [{"product": "hotel", "amount": "1000"}, {"product": "flight", "amount": "500"}]


async def test_all_kinds_of_what_a_write_knows_are_not_read_again(
    database: Database, statements: list[str], known: list[UUID]
) -> None:
    waits = make.rule("bonus", "waits", points=200, available="on_completion")
    stage, _ = await opened(make.variant(make.rule("rate", "base", points=1), waits))
    partner, programme = await stage.partner(tuple(Scope)), stage.programme
    coupon = await make.reward(programme, kind="COUPON", list_points=100, worth_minor=5000)
    miles = await make.reward(programme, kind="PARTNER", list_points=10)
    box = await make.reward(programme, kind="PRODUCT", list_points=10, requires="ADDRESS", stock=5)
    address = {"recipient": "Li Na", "phone": "+8613800138000", "address": "Nanjing Road 1"}

    async def write(mutation: str, selected: dict[str, str], **sent: Any) -> Any:
        known.clear()
        payload = await partner.done(mutation, in_words(selected) + " grants { id }", **sent)
        assert (len(known), statements) == (1, []), (sent, statements)
        await check(partner, payload, selected)
        return payload

    async def redeem(**sent: Any) -> Any:
        return (await write("redeemReward", REDEMPTION, member=HIM, **sent))["redemption"]

    async def book(selected: dict[str, str], **sent: Any) -> Any:
        sent = {"member": HIM, "lines": TWO_LINES, **sent}
        return (await write("earnForBooking", selected, **sent))["booking"]

    async def refund(booking: str, reference: str, **sent: Any) -> Any:
        sent = {"booking": booking, "reference": reference, **sent}
        return (await write("refundBooking", REFUND, **sent))["booking"]

    async with cache.listening(database.serving):
        await partner.read("{ programme { code } }")
        assert (await redeem(reward=coupon.code, hold=True))["status"] == "HELD"
        [code] = (await redeem(reward=coupon.code))["codes"]
        assert (await redeem(reward=box.code, delivery=address))["status"] == "CONFIRMED"
        assert (await redeem(reward=miles.code, partnerAccount="CA-1"))["partnerUnits"] == 1000
        held = await partner.done(
            "redeemOnBooking", "redemption { id }", member=HIM, points=2000, lines=TWO_LINES
        )
        paid = held["redemption"]["id"]
        sent: dict[str, Any] = {"member": HIM, "lines": TWO_LINES}
        promised = (await partner.done("guaranteeQuote", "quote { id }", **sent))["quote"]["id"]

        assert (await book(BOOKING, reference="plain"))["pointsPending"] > 0
        found = await book(BOOKING_OF_LOTS, reference="paid", redemptionId=paid)
        assert found["paidInPoints"]["amount"] != "0.00"
        assert (await book(BOOKING, reference="used", couponCode=code))["pointsAwarded"] > 0
        assert (await book(BOOKING, reference="promised", quoteId=promised))["pointsAwarded"] > 0

        await partner.done("completeBooking", booking="plain", lines=[2])
        lines = [{"line": 1, "amount": "100"}]
        assert (await refund("plain", "some", lines=lines))["netPoints"] > 0
        for reference in ("plain", "paid", "used", "promised"):
            assert (await refund(reference, f"all of {reference}"))["netPoints"] == 0


async def test_bookings_reported_together_are_not_read_again(
    database: Database, statements: list[str], known: list[UUID]
) -> None:
    """Two of one member, whose state is that after the last, and one of another."""
    stage, _ = await opened()
    await make.enrol(stage.programme, now=TODAY - timedelta(days=30), reference="lihua")
    partner, names = await stage.partner(tuple(Scope)), ("xiaoli", "lihua", "xiaoli")
    bookings = [
        {
            "idempotencyKey": fresh_key(),
            "member": {"reference": name},
            "reference": f"B-{number}",
            "lines": [{"product": "hotel", "amount": str(1000 * number)}],
        }
        for number, name in enumerate(names, 1)
    ]
    query = f"""mutation($bookings: [EarnForBookingInput!]!) {{
        earnForBookings(input: {{bookings: $bookings}}) {{
            results {{ {in_words(BOOKING)} errors {{ code }} }} errors {{ code }} }} }}"""
    async with cache.listening(database.serving):
        await partner.read("{ programme { code } }")
        answered = (await partner.read(query, bookings=bookings))["earnForBookings"]
    assert (len(known), statements) == (3, []), statements
    results = answered["results"]
    assert [one["errors"] for one in (answered, *results)] == [[]] * 4
    for result in results:
        await check(partner, result, BOOKING)
    first, other, last = (result["member"] for result in results)
    assert first == last != other


async def test_what_a_write_does_not_know_is_read_with_all_the_rest() -> None:
    stage, _ = await opened()
    # what staff report of some days ago is first proposed to another
    partner, sent = await stage.partner(tuple(Scope)), SENT["earnForBooking"]
    shown = {"member": SHOWN["member"] + " ledger { totalCount }", "booking": BOOKED}
    lines = " lines { number netPoints }"
    asked = f"""member {{ ...M ledger {{ totalCount }} }} booking {{ ... on Booking {{ {BOOKED} }}
        {lines} }}"""
    query = f"""mutation($input: EarnForBookingInput!) {{ earnForBooking(input: $input) {{
        {asked} }} }} fragment M on Member {{ {SHOWN["member"]} }}"""
    payload = (await partner.read(query, input={"idempotencyKey": "k", **sent}))["earnForBooking"]
    shown["booking"] += lines
    await check(partner, payload, shown)


async def test_codes_that_are_answered_are_revealed_once() -> None:
    stage, staff = await opened()
    gift = await make.reward(stage.programme, kind="COUPON", list_points=100)
    sent: dict[str, Any] = {"member": {"reference": "xiaoli"}, "reward": gift.code}
    for hold in (False, True):
        payload = await staff.done("redeemReward", "redemption { id codes }", hold=hold, **sent)
        found = payload["redemption"]
        reveals = await read(staff, "redemption", "reveals { actor }", found["id"])
        named = from_global_id(found["id"])
        assert named is not None
        assert isinstance(named.id, UUID)
        assert len(reveals["reveals"]) == (1 if found["codes"] else 0)


async def test_a_grant_is_in_the_payload_that_brought_it(database: Database) -> None:
    stage = await open_stage(make.whole_document("ota"))
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    await make.reward(stage.programme, code="gold_coupon", kind="COUPON", list_points=500)
    shown = {"member": SHOWN["member"], "booking": BOOKED}
    asked = " ".join(f"{name} {{ {one} }}" for name, one in shown.items())
    partner = await stage.partner(tuple(Scope))
    payload = await partner.done(
        "earnForBooking", f"{asked} grants {{ type points }}", **SENT["earnForBooking"]
    )
    assert payload.pop("grants") == [{"type": "gold_welcome", "points": 0}]
    await check(partner, payload, shown)
