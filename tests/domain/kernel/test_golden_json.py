"""JSON that is stored for ever and read back, or compared with what is sent again.

A literal of this file never changes; what is added to a form is left out where it is not said.
"""

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

import models
from domain.bookings import completions, refunds
from domain.bookings.completions import CompletionSent
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.checkout import guarantees, promises
from domain.checkout.booking_lines import LineSent
from domain.checkout.promises import Promise, QuoteStatus
from domain.earning import snapshots
from domain.earning.lot_keys import LotKey
from domain.earning.values import Allowance, Award, Evaluation, Line, MemberFacts, Reason
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.programmes.programmes import Programme
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database")

AT = datetime(2026, 3, 14, 18, 15, 30, 250_000, tzinfo=timezone(timedelta(hours=8)))
LEAST = snapshots.make("ENROLLED", MemberFacts("silver"), {}, budget_periods={})
WHOLE = snapshots.make(
    "ENROLLED",
    MemberFacts("gold", True, {"airport": "浦东"}),
    {"photo": Allowance(2, 300, 5000), "share": Allowance()},
    budget_periods={"photo": "2026-03"},
    judged_at=AT,
)
FLIGHT = LineSent("flight", Decimal("1500.5"), date(2026, 5, 1), date(2026, 5, 3))
LINES = [
    Line(1, "flight", 120_050, {"city": "上海", "hot_route": True}, offset_minor=30_000),
    Line(2, "hotel", 80_000),
]
EVALUATION = Evaluation(
    2100,
    (Award("base", 2000), Award("photo", 100)),
    {1: 1300, 2: 800},
    (Reason("rate", {"rule": "base", "points": "2000"}, 2000), Reason("tier", {"by": 1})),
    {LotKey(None, 1, True): 1300, LotKey(None, 2): 800},
)


async def quoted(programme: Programme, snapshot: snapshots.Snapshot) -> UUID:
    """The id of a quote that was written with this snapshot."""
    promise = Promise(
        member_id=await make.enrol(programme),
        id=new_id(),
        status=QuoteStatus.OPEN,
        points=EVALUATION.points,
        booked_at=make.NOW,
        payment_method=None,
        policy_version_id=programme.versions[0].id,
        lines=promises.to_promised(LINES, [FLIGHT, LineSent("hotel", Decimal(800))], EVALUATION),
        awards=tuple(EVALUATION.awards),
        snapshot=snapshot,
        explanation=tuple(EVALUATION.explanation),
        actor="staff:kim",
        expires_at=make.NOW + timedelta(minutes=30),
    )
    quote = guarantees.to_row(promise, programme.id, make.NOW)
    await models.Quote.bulk_create([quote])
    return quote.id


async def test_a_quote_is_stored_as_it_was() -> None:
    programme = await make.establish()
    quote_id = await quoted(programme, WHOLE)
    [stored] = await rows(
        "SELECT lines::text, awards::text, explanation::text, snapshot::text FROM quote "
        "WHERE id = $1",
        quote_id,
    )
    assert stored == {
        "lines": (
            '[{"number": 1, "points": 1300, "pending": 1300, "product": "flight", '
            '"travel_to": "2026-05-03", "attributes": {"city": "上海", "hot_route": true}, '
            '"cash_minor": 120050, "travel_from": "2026-05-01", "amount_minor": 150050}, '
            '{"number": 2, "points": 800, "pending": 0, "product": "hotel", "travel_to": null, '
            '"attributes": {}, "cash_minor": 80000, "travel_from": null, "amount_minor": 80000}]'
        ),
        "awards": '[["base", 2000, null], ["photo", 100, "2026-03"]]',
        "explanation": (
            '[{"code": "rate", "params": {"rule": "base", "points": "2000"}, "points": 2000}, '
            '{"code": "tier", "params": {"by": 1}, "points": null}]'
        ),
        "snapshot": (
            '{"tier": "gold", "status": "ENROLLED", "profile": {"airport": "浦东"}, '
            '"judged_at": "2026-03-14T10:15:30.250000+00:00", "allowances": '
            '{"photo": {"times": 2, "budget": 5000, "points": 300}, '
            '"share": {"times": null, "budget": null, "points": null}}, '
            '"budget_periods": {"photo": "2026-03"}, "in_birthday_month": true}'
        ),
    }


async def test_a_quote_with_the_least_in_it_is_stored_as_it_was() -> None:
    quote_id = await quoted(await make.establish(), LEAST)
    [stored] = await rows("SELECT awards::text, snapshot::text FROM quote WHERE id = $1", quote_id)
    assert stored == {
        "awards": '[["base", 2000, null], ["photo", 100, null]]',
        "snapshot": (
            '{"tier": "silver", "status": "ENROLLED", "profile": {}, "allowances": {}, '
            '"in_birthday_month": false}'
        ),
    }


def test_what_was_computed_of_the_member_is_stored_and_read_as_it_was() -> None:
    facts = MemberFacts("gold", counts={"stays": 3}, segments={"vip": True, "keen": False})
    stored = snapshots.make("ENROLLED", facts, {}, budget_periods={})
    assert json.dumps(stored) == (
        '{"status": "ENROLLED", "tier": "gold", "in_birthday_month": false, "profile": {}, '
        '"allowances": {}, "counts": {"stays": 3}, "segments": {"vip": true, "keen": false}}'
    )
    assert snapshots.facts(json.loads(json.dumps(stored))) == facts


async def parked(programme: Programme) -> list[tuple[str, str, str]]:
    found = await rows(
        "SELECT kind, reference, sent::text FROM parked_fact WHERE programme_id = $1 "
        "ORDER BY kind, reference",
        programme.id,
    )
    return [(fact["kind"], fact["reference"], fact["sent"]) for fact in found]


async def test_facts_that_wait_for_their_booking_are_stored_as_they_were() -> None:
    programme = await make.establish()
    staff = make.staff(programme)
    parts = (RefundLineSent(1, Decimal("100.00")), RefundLineSent(2, Decimal("0.5")))
    for sent in (RefundSent("R1"), RefundSent("R2", parts, AT, True)):
        refunded = await refunds.refund(make.request(staff), programme, "B1", sent)
        assert refunded.figures == {
            "points_clawed_back": 0,
            "points_owed": 0,
            "points_forgiven": 0,
            "points_reinstated": 0,
            "cash_minor": 0,
            "parked": True,
            "grants": [],
        }
    for completed in (CompletionSent(), CompletionSent((2, 1), AT)):
        outcome = await completions.complete(make.request(staff), programme, "B1", completed)
        assert outcome.figures == {"parked": True, "points_matured": 0, "grants": []}
    assert await parked(programme) == [
        (
            "completion",
            "1,2",
            '{"lines": [2, 1], "completed_at": "2026-03-14T10:15:30.250000+00:00"}',
        ),
        (
            "completion",
            "all",
            '{"lines": null, "undated": true, "completed_at": "2026-03-15T02:30:00+00:00"}',
        ),
        (
            "refund",
            "R1",
            '{"content": {"lines": null, "refunded_at": null, "supplier_cancelled": false}}',
        ),
        (
            "refund",
            "R2",
            (
                '{"content": {"lines": [[1, "1E+2"], [2, "0.5"]], '
                '"refunded_at": "2026-03-14T10:15:30.250000+00:00", "supplier_cancelled": true}}'
            ),
        ),
    ]


async def test_a_completion_of_many_lines_waits_under_their_digest() -> None:
    programme = await make.establish()
    sent = CompletionSent(tuple(range(1, 101)))
    await completions.complete(make.request(make.staff(programme)), programme, "B2", sent)
    [(kind, reference, _)] = await parked(programme)
    assert (kind, reference) == (
        "completion",
        "899fd0b80c3ced50dfa6afc51b5201f1ceb850143008eabe49187ab3544612ca",
    )
