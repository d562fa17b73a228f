"""Budgets: what a rule may grant to all members together, to the point and in any order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import quotes
from domain.bookings.quotes import QuoteSent
from domain.checkout.booking_lines import LineSent
from domain.history import history
from domain.history.history import PastBooking
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.members import members
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.programmes.reader import validate
from domain.programmes.refusals import PolicyInvalid
from domain.proof import budget_checks, verification
from domain.proof.verification import Part
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("proved")


def launch(points: int, **budget: Any) -> dict[str, Any]:
    """A point for every yuan, and 500 for a flight, within this budget."""
    within = {"points": points, **budget}
    bonus = {"points": 500, "when": {"products": ["flight"]}, "budget": within}
    return make.variant(make.rule("rate", "base", points=1), make.rule("bonus", "launch", **bonus))


def base_within(points: int) -> dict[str, Any]:
    """A point for every yuan, and no more than these."""
    return make.variant(make.rule("rate", "base", points=1, budget={"points": points}))


async def counters(programme: Programme) -> list[tuple[str, str, int, int]]:
    """Rule, period, used and total of each counter."""
    found = await rows(
        "SELECT rule, period, used, total FROM rule_budget WHERE programme_id = $1 "
        "ORDER BY rule, period",
        programme.id,
    )
    return [tuple(counter.values()) for counter in found]


async def reasons(member_id: UUID) -> list[tuple[str, int | None, int | None]]:
    """Code, points and lost points of each reason of the member's last booking."""
    stored = await rows(
        "SELECT r.reason ->> 'code' AS code, (r.reason ->> 'points')::bigint AS points, "
        "(r.reason -> 'params' ->> 'lost')::bigint AS lost FROM booking b "
        "CROSS JOIN LATERAL jsonb_array_elements(b.explanation) AS r (reason) "
        "WHERE b.member_id = $1 ORDER BY b.recorded_at DESC, b.id DESC",
        member_id,
    )
    return [(one["code"], one["points"], one["lost"]) for one in stored]


async def test_a_budget_clips_to_what_is_left_for_everybody(database: Database) -> None:
    programme = await make.establish(launch(1200))
    ids = [await make.enrol(programme) for _ in range(4)]
    assert [await make.book(programme, one, ("flight", "100")) for one in ids] == [
        600,
        600,
        300,
        100,
    ]
    assert await reasons(ids[2]) == [
        ("rate", 100, None),
        ("budget", None, 300),
        ("bonus", 200, None),
    ]
    assert await reasons(ids[3]) == [("rate", 100, None), ("budget", None, 500)]
    assert await counters(programme) == [("launch", "always", 1200, 1200)]


async def test_a_clipped_base_is_spread_over_its_lines(database: Database) -> None:
    """1000 of 1500 points, 2 to 1: 667 and 333; the tier's share is not the rule's."""
    programme = await make.establish(base_within(1000))
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("hotel", "1000"), ("hotel", "500")) == 1000
    lines = await rows(
        "SELECT points FROM booking_line WHERE member_id = $1 ORDER BY number", member_id
    )
    assert [line["points"] for line in lines] == [667, 333]


async def test_a_month_is_the_booking_day_s_in_the_programme_s_zone(database: Database) -> None:
    """16:30 UTC on 31 March is April in Shanghai; what comes late counts in its own month."""
    monthly = {"points": 1000, "per": "month"}
    rule = make.rule("rate", "base", points=1, budget=monthly)
    programme = await make.establish(make.variant(rule))
    member_id = await make.enrol(programme)
    midnight = datetime(2026, 3, 31, 16, tzinfo=UTC)
    later = midnight + DAY
    for booked_at, amount, earned in (
        (midnight - timedelta(seconds=1), "700", 700),
        (midnight, "800", 800),
        (midnight - DAY, "400", 300),
        (midnight, "400", 200),
    ):
        points = await make.book(
            programme, member_id, ("hotel", amount), booked_at=booked_at, now=later
        )
        assert points == earned
    assert await counters(programme) == [
        ("base", "2026-03", 1000, 1000),
        ("base", "2026-04", 1000, 1000),
    ]


@pytest.mark.parametrize(
    ("per", "named"), [("day", "2026-03-15"), ("month", "2026-03"), ("year", "2026")]
)
async def test_each_kind_of_period_has_its_name(database: Database, per: str, named: str) -> None:
    programme = await make.establish(launch(600, per=per))
    await make.book(programme, await make.enrol(programme), ("flight", "1"))
    assert await counters(programme) == [("launch", named, 500, 600)]


async def test_a_refund_gives_the_share_back_and_awards_nobody_anew(database: Database) -> None:
    programme = await make.establish(launch(700))
    first, second, third = [await make.enrol(programme) for _ in range(3)]
    await travel.pay(programme, first, "B1", make.line_of("flight", "100"))
    await travel.pay(programme, second, "B2", make.line_of("flight", "100"))
    assert await make.available(second) == 300
    await travel.refund(programme, "B1", "R")
    assert await make.available(second) == 300
    assert await counters(programme) == [("launch", "always", 200, 700)]
    assert await make.book(programme, third, ("flight", "1")) == 501
    assert await counters(programme) == [("launch", "always", 700, 700)]


async def test_a_refund_is_judged_by_what_the_budget_left_then(database: Database) -> None:
    """300 of 1000 were left: half of the booking would still have earned them."""
    programme = await make.establish(base_within(300))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    half = await travel.refund(programme, "B", "R1", (1, "500"))
    assert half.figures["points_clawed_back"] == 0
    assert await counters(programme) == [("base", "always", 300, 300)]
    more = await travel.refund(programme, "B", "R2", (1, "300"))
    assert more.figures["points_clawed_back"] == 100
    assert await counters(programme) == [("base", "always", 200, 300)]
    rest = await travel.refund(programme, "B", "R3")
    assert rest.figures["points_clawed_back"] == 200
    assert await counters(programme) == [("base", "always", 0, 300)]


async def test_an_amendment_takes_what_is_left_and_gives_back(database: Database) -> None:
    programme = await make.establish(base_within(1000))
    one, other = await make.enrol(programme), await make.enrol(programme)
    await travel.pay(programme, one, "B1", make.line_of("hotel", "400"))
    await travel.pay(programme, other, "B2", make.line_of("hotel", "300"))
    dearer = await travel.amend(programme, "B1", "A1", make.line_of("hotel", "900"))
    assert dearer.figures["points_awarded"] == 300
    assert await counters(programme) == [("base", "always", 1000, 1000)]
    cheaper = await travel.amend(programme, "B2", "A1", make.line_of("hotel", "100"))
    assert cheaper.figures["points_clawed_back"] == 200
    assert await counters(programme) == [("base", "always", 800, 1000)]
    again = await travel.amend(programme, "B1", "A2", make.line_of("hotel", "800"))
    assert again.figures["points_awarded"] == 100
    assert await counters(programme) == [("base", "always", 900, 1000)]
    await travel.refund(programme, "B1", "R")
    await travel.refund(programme, "B2", "R")
    assert await counters(programme) == [("base", "always", 0, 1000)]


async def test_an_amendment_after_a_refund_takes_only_what_it_adds(database: Database) -> None:
    programme = await make.establish(base_within(1000))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "800"))
    await travel.refund(programme, "B", "R", (1, "300"))
    made = await travel.amend(programme, "B", "A", make.line_of("hotel", "1500"))
    assert made.figures["points_awarded"] == 500
    assert await counters(programme) == [("base", "always", 1000, 1000)]
    await travel.refund(programme, "B", "R2")
    assert await counters(programme) == [("base", "always", 0, 1000)]


async def test_a_refund_takes_nothing_out_of_a_budget(database: Database) -> None:
    """4.50 earns 4, and 2 for its hotel. When 0.10 of the flight is refunded the hotel's rule is
    rounded to 1, when 0.60 are to 2 again: others have had that point meanwhile.
    """
    double = make.rule("multiplier", "double", factor=2, _class="campaign", budget={"points": 2})
    double["when"] = {"products": ["hotel"]}
    programme = await make.establish(make.variant(make.rule("rate", "base", points=1), double))
    one, other = await make.enrol(programme), await make.enrol(programme)
    flight, hotel = make.line_of("flight", "3.00"), make.line_of("hotel", "1.50")
    await travel.pay(programme, one, "B1", flight, hotel)
    first = await travel.refund(programme, "B1", "R1", (1, "0.10"))
    assert first.figures["points_clawed_back"] == 1
    assert await counters(programme) == [("double", "always", 1, 2)]
    await travel.pay(programme, other, "B2", make.line_of("hotel", "1.00"))
    second = await travel.refund(programme, "B1", "R2", (1, "0.50"))
    assert second.figures["points_clawed_back"] == 0
    assert [one for one in await budget_checks.counters() if one.row_id == programme.id] == []
    assert await counters(programme) == [("double", "always", 2, 2)]
    await travel.refund(programme, "B1", "R3")
    assert await counters(programme) == [("double", "always", 1, 2)]


@pytest.mark.parametrize("cheap", ["base", "double"])
async def test_an_amendment_takes_of_each_budget_what_it_grants(
    database: Database, cheap: str
) -> None:
    """20.00 of which 1.97 were refunded become 40.00: 38 of each rule, had one of them more than
    30 to give. What it has not is not made up for by the other.
    """
    base, double = make.rule("rate", "base", points=1), make.rule("rate_add", "double", add=1)
    for rule in (base, double):
        rule["budget"] = {"points": 30 if rule["code"] == cheap else 1000}
    programme = await make.establish(make.variant(base, double))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "20.00"))
    await travel.refund(programme, "B", "R1", (1, "1.97"))
    await travel.amend(programme, "B", "A", make.line_of("hotel", "40.00"))
    assert [one for one in await budget_checks.counters() if one.row_id == programme.id] == []
    assert [used for _, _, used, _ in await counters(programme)] == (
        [30, 38] if cheap == "base" else [38, 30]
    )
    await travel.refund(programme, "B", "R2", (1, "0.03"))
    assert await make.available(member_id) == 68


async def test_an_activity_is_paid_out_of_its_budget(database: Database) -> None:
    document = make.shipped_document()
    for activity in document["activities"]:
        if activity["code"] == "review":
            activity["budget"] = {"points": 250, "per": "month"}
    programme = await make.establish(document)
    member_id = await make.enrol(programme)
    earned = []
    for number in range(4):
        sent = ActivitySent("review", str(number))
        outcome = await activities.earn(
            make.request(make.partner(programme)), programme, MemberKey.of_id(member_id), sent
        )
        earned.append(outcome.figures["points_awarded"])
    assert earned == [100, 100, 50, 0]
    stored = await rows(
        "SELECT within_limit, explanation -> 1 ->> 'code' AS code, "
        "explanation -> 1 -> 'params' ->> 'lost' AS lost FROM activity WHERE member_id = $1 "
        "ORDER BY reference",
        member_id,
    )
    assert [tuple(one.values()) for one in stored] == [
        (True, None, None),
        (True, None, None),
        (True, "budget", "50"),
        (True, "budget", "100"),
    ]
    assert await counters(programme) == [("review", "2026-03", 250, 250)]


async def test_a_limit_and_a_budget_say_each_what_they_took(database: Database) -> None:
    """1000 wanted, 600 by the limit, 450 by the budget."""
    rule = make.rule(
        "rate", "base", points=1, limit={"points": 600, "per": "member"}, budget={"points": 450}
    )
    programme = await make.establish(make.variant(rule))
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("hotel", "1000")) == 450
    assert await reasons(member_id) == [
        ("rate", 450, None),
        ("capped", None, 400),
        ("budget", None, 150),
    ]


async def test_a_booking_is_held_to_the_budget_of_its_own_version(database: Database) -> None:
    """Lowered to 300, nothing is left of it; who booked before still has the 1000."""
    programme = await make.establish(base_within(1000))
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("hotel", "600")) == 600
    programme = await make.publish(programme, base_within(300), now=make.NOW + DAY)
    late = make.NOW + 2 * DAY
    assert await make.book(programme, member_id, ("hotel", "600"), now=late) == 0
    before = {"booked_at": make.NOW, "now": late}
    assert await make.book(programme, member_id, ("hotel", "600"), **before) == 400
    assert await counters(programme) == [("base", "always", 1000, 1000)]
    programme = await make.publish(programme, base_within(1500), now=late)
    assert await make.book(programme, member_id, ("hotel", "600"), now=late) == 500
    assert await counters(programme) == [("base", "always", 1500, 1500)]


async def test_a_quote_shows_what_the_budget_leaves_and_takes_nothing(database: Database) -> None:
    programme = await make.establish(launch(700))
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("flight", "100"))
    before = await make.everything(programme)
    member = (await members.many([member_id]))[member_id]
    sent = QuoteSent((LineSent("flight", Decimal(100)),))
    for whom in (member, None):
        quote = await quotes.earning(programme, whom, sent, make.NOW)
        assert quote.evaluation.points == 300
        assert [one.code for one in quote.evaluation.explanation] == ["rate", "budget", "bonus"]
    assert await make.everything(programme) == before


async def test_history_neither_takes_nor_gives_back(database: Database) -> None:
    """What was granted elsewhere came out of other budgets."""
    programme = await make.establish(base_within(100))
    sent = make.booking(("hotel", "1000"), reference="OLD", booked_at=make.NOW - 9 * DAY)
    past = [PastBooking(1, make.NOW - 9 * DAY, sent)]
    played = await history.play(programme, "li", past, make.NOW, enrol=True)
    assert (played.recorded, played.points) == (1, 1000)
    staff = make.staff(programme)
    await travel.amend(programme, "OLD", "A", make.line_of("hotel", "1200"), caller=staff)
    await travel.refund(programme, "OLD", "R", (1, "500"), caller=staff)
    assert await counters(programme) == []


async def test_a_guest_s_booking_and_one_that_earns_nothing_take_nothing(
    database: Database,
) -> None:
    programme = await make.establish(base_within(100))
    guest = await make.enrol(programme, guest=True)
    assert await make.book(programme, guest, ("hotel", "10")) == 0
    assert await make.book(programme, await make.enrol(programme), ("hotel", "0")) == 0
    assert await counters(programme) == []


def test_a_budget_is_of_points_and_known_periods() -> None:
    for budget in ({"points": 0}, {"times": 3}, {"points": 1, "per": "member"}, {}):
        with pytest.raises(PolicyInvalid) as refused:
            validate(make.variant(make.rule("bonus", "extra", points=1, budget=budget)))
        assert {fault.path.rpartition(".")[0] for fault in refused.value.faults} <= {
            "earning.0.budget",
            "earning.0",
        }


async def test_verification_proves_every_counter(database: Database, owner_connection: Any) -> None:
    since, programme = new_id(), await make.establish(base_within(1000))
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "70"))
    one, other = "UPDATE rule_budget SET used = used + 5", "UPDATE rule_budget SET used = used - 5"
    await owner_connection.execute(f"{one} WHERE programme_id = $1", programme.id)
    [fault] = [one for one in await budget_checks.counters() if one.row_id == programme.id]
    assert str(fault) == (
        f"rule_budget {programme.id}: used of 'base' in 'always' is 75, "
        "should be 70, the sum of what was granted and is reserved"
    )
    last = Part(since)  # what other tests made is theirs to look at
    found = [one async for batch in verification.batches(last) for one in batch.faults]
    assert fault in found
    await owner_connection.execute(f"{other} WHERE programme_id = $1", programme.id)
    [award] = await rows("SELECT id FROM award WHERE member_id = $1", member_id)
    for period in ("'2026'", "NULL"):
        await owner_connection.execute(
            f"UPDATE award SET budget_period = {period} WHERE member_id = $1", member_id
        )
        shown = period.strip("'") if period != "NULL" else "null"
        altered, unlike = await make.faults(member_id)
        award_named = f"award {award['id']} of member {member_id}"
        assert altered == f"{award_named}: budget_period is {shown}, should be always"
        assert unlike.startswith(f"{award_named}: its digest is ")
    await owner_connection.execute(
        "UPDATE award SET budget_period = 'always' WHERE member_id = $1", member_id
    )
