"""Bookings reported together: each is answered as it would have been alone, in its place."""

from typing import Any

import pytest

from domain.bookings import batches, bookings
from domain.kernel.database import Unavailable
from tests.support import factories as make
from tests.support.callers import TODAY, Client, codes, fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

RESULT = """pointsAwarded replayed booking { reference status netPoints }
    awards { rule points } balance { available } member { reference } grants { type }
    errors { code message path }"""
BATCH = f"""mutation($bookings: [EarnForBookingInput!]!) {{
    earnForBookings(input: {{bookings: $bookings}}) {{
        results {{ {RESULT} }} replayed errors {{ code message path }} }} }}"""
SINGLE = f"""mutation($input: EarnForBookingInput!) {{
    earnForBooking(input: $input) {{ {RESULT} }} }}"""


def booking(member: str, reference: str, amount: str = "100", **sent: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": fresh_key(),
        "member": {"reference": member},
        "reference": reference,
        "lines": [{"product": "hotel", "amount": amount}],
        **sent,
    }


async def batch(client: Client, *bookings: dict[str, Any]) -> Any:
    return (await client.read(BATCH, bookings=list(bookings)))["earnForBookings"]


async def test_each_booking_is_answered_in_its_place() -> None:
    stage = await open_stage()
    elsewhere = await open_stage()
    for reference in ("li", "ma"):
        await make.enrol(stage.programme, now=TODAY, reference=reference)
    await make.enrol(elsewhere.programme, now=TODAY, reference="other")
    partner, other = await stage.partner(), await stage.partner(code="another-engine")
    early, key = booking("li", "B-early"), fresh_key()
    await partner.read(SINGLE, input=early)
    await other.read(SINGLE, input=booking("li", "B-others"))
    sent = [
        booking("li", "B-1", "100"),
        booking("ma", "B-2", "200", idempotencyKey=key),
        booking("li", "B-3", "300"),
        booking("other", "B-4"),
        early,
        booking("ma", "B-2", "200", idempotencyKey=key),
        booking("ma", "B-2", "201", idempotencyKey=key),
        booking("li", "B-1", "100"),
        booking("ma", "B-1", "100"),
        booking("li", "B-others"),
        booking("li", "B-5", lines=[{"product": "moon", "amount": "1"}]),
        booking("li", "B-6", redemptionId="nonsense"),
        booking("li", ""),
        booking("li", "B-7", "0"),
    ]

    payload = await batch(partner, *sent)

    told = [
        (
            result["pointsAwarded"],
            result["replayed"],
            result["booking"] and result["booking"]["reference"],
            [problem["code"] for problem in result["errors"]],
        )
        for result in payload["results"]
    ]
    assert told == [
        (100, False, "B-1", []),
        (200, False, "B-2", []),
        (300, False, "B-3", []),
        (0, False, None, ["NOT_FOUND"]),
        (100, True, "B-early", []),
        (200, True, "B-2", []),
        (0, False, None, ["IDEMPOTENCY_KEY_REUSED"]),
        (100, True, "B-1", []),
        (0, False, None, ["REFERENCE_CONFLICT"]),
        (0, False, None, ["REFERENCE_CONFLICT"]),
        (0, False, None, ["INVALID_INPUT"]),
        (0, False, None, ["NOT_FOUND"]),
        (0, False, None, ["INVALID_INPUT"]),
        (0, False, "B-7", []),
    ]
    assert (payload["replayed"], payload["errors"]) == (False, [])
    balances = {
        result["member"]["reference"]: result["balance"]["available"]
        for result in payload["results"]
        if result["member"]
    }
    assert balances == {"li": 600, "ma": 200}

    before = await stage.everything()
    for one, result in zip(sent, payload["results"], strict=True):
        alone = (await partner.read(SINGLE, input=one))["earnForBooking"]
        assert {**alone, "replayed": None} == {**result, "replayed": None}
    good = [one for one, (_, _, reference, _) in zip(sent, told, strict=True) if reference]
    again = await batch(partner, *good)
    assert again["replayed"] is True
    assert all(result["replayed"] for result in again["results"])
    assert await stage.everything() == before


async def test_a_batch_has_one_to_five_hundred_bookings() -> None:
    stage = await open_stage()
    staff = stage.staff().reading("en")
    lines = [booking("li", f"B-{number}") for number in range(batches.BATCH_MAX + 1)]
    for sent in ([], lines):
        payload = await batch(staff, *sent)
        assert payload == {
            "results": [],
            "replayed": False,
            "errors": [
                {
                    "code": "INVALID_INPUT",
                    "message": f"{len(sent)} bookings were reported at once; report 1 to 500.",
                    "path": ["bookings"],
                }
            ],
        }
    answer = await staff.ask(BATCH, bookings=lines * 2)
    assert codes(answer) == ["TOO_COSTLY"]


@pytest.mark.parametrize("lost", [False, True])
async def test_what_fails_is_said_in_its_place(monkeypatch: pytest.MonkeyPatch, lost: bool) -> None:
    """A bug in one leaves the others as they are; a database that is away ends them all."""
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="li")
    earn = bookings.earn

    async def failing(request: Any, programme: Any, member: Any, sent: Any) -> Any:
        if sent.reference == "B-2":
            raise Unavailable if lost else ArithmeticError("a bug")
        return await earn(request, programme, member, sent)

    monkeypatch.setattr(bookings, "earn", failing)
    sent = [booking("li", f"B-{number}") for number in range(1, 4)]
    answer = await stage.staff().ask(BATCH, bookings=sent)
    if lost:
        assert answer["data"] == {"earnForBookings": None}
        assert codes(answer) == ["UNAVAILABLE"]
    else:
        one, two, three = answer["data"]["earnForBookings"]["results"]
        assert (one["pointsAwarded"], two, three["pointsAwarded"]) == (100, None, 100)
        assert codes(answer) == ["INTERNAL"]
        assert answer["errors"][0]["path"] == ["earnForBookings", "results", 1]

    monkeypatch.undo()
    again = await batch(stage.staff(), *sent)
    assert [result["replayed"] for result in again["results"]] == [True, False, not lost]
