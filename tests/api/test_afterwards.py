"""Payloads over HTTP say what is read afterwards, whether or not they were made from memory."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api.kit.relay import from_global_id
from domain.kernel import cache
from domain.kernel.callers import Scope
from tests.api.test_payloads import done, fields
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage
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
        if payload[what] is not None:
            again = await read(client, what, selected, payload[what]["id"])
            assert payload[what] == again, what


async def test_every_payload_says_what_is_read_afterwards() -> None:
    things = await furnished()
    other = await furnish(things.stage, "lihua", phone="13900139000")
    staff, compared = things.stage.staff(), set()
    for mutation in INPUTS:
        by_another = {
            *("rejectProposal", "fulfilRedemption", "rotatePartnerKey", "updatePartnerKey"),
            *("decideClaim", "mergeMembers"),
        }
        shown = {name: SHOWN[name] for name in SHOWN if name in fields(mutation)}
        if "booking" in shown:
            shown["booking"] = BOOKED
        asked = " ".join(f"{name} {{ {selected} }}" for name, selected in shown.items())
        if "balance" in fields(mutation):
            asked += BALANCE
        these = other if mutation in by_another else things
        payload = await done(staff, these, mutation, asked)
        await check(staff, payload, shown)
        if payload.get("balance"):
            assert payload["balance"] == payload["member"]["balance"]
        compared |= {mutation} if shown else set()
    assert compared >= {"earnForBooking", "refundBooking", "redeemReward", "cancelRedemption"}


async def opened() -> tuple[Stage, Client]:
    stage = await open_stage()
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


async def test_what_a_write_does_not_know_is_read_with_all_the_rest() -> None:
    _, staff = await opened()
    sent = SENT["earnForBooking"]
    shown = {"member": SHOWN["member"] + "ledger { totalCount }", "booking": BOOKED}
    lines = "lines { number netPoints }"
    asked = f"""member {{ ...M ledger {{ totalCount }} }} booking {{ ... on Booking {{ {BOOKED} }}
        {lines} }}"""
    query = f"""mutation($input: EarnForBookingInput!) {{ earnForBooking(input: $input) {{
        {asked} }} }} fragment M on Member {{ {SHOWN["member"]} }}"""
    payload = (await staff.read(query, input={"idempotencyKey": "k", **sent}))["earnForBooking"]
    shown["booking"] += lines
    await check(staff, payload, shown)


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
