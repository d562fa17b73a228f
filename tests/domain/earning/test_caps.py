"""Caps: what one member may gain in a day, month or year, by everything together."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from domain.activities import activities, calendar_rules
from domain.activities.contents import ActivitySent
from domain.bookings import quotes
from domain.bookings.quotes import QuoteSent
from domain.bookings.reports import BookingSent
from domain.history import history
from domain.history.history import PastBooking
from domain.kernel.database import rows
from domain.members import members
from domain.members.identity import MemberKey
from domain.programmes import reader
from domain.programmes.programmes import Programme
from domain.programmes.refusals import PolicyInvalid
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

BASE = make.rule("rate", "base", points=1)
DEAR = make.rule("bonus", "dear", points=500, when={"min_amount": 2000})
MONTH = [{"points": 3000, "per": "month"}]
DAY = timedelta(days=1)
_numbers = count()


async def open_programme(
    *rules: dict[str, Any], caps: list[dict[str, Any]] = MONTH, **changes: Any
) -> Programme:
    return await make.establish(make.variant(*(rules or (BASE, DEAR)), caps=caps, **changes))


async def spend(
    programme: Programme, member_id: UUID, points: int, *, at: datetime | None = None
) -> int:
    """What spending at a partner pays, one point each, at an instant."""
    sent = ActivitySent("partner_spend", f"S{next(_numbers)}", at, {"amount": points})
    whole = make.request(make.partner(programme))
    outcome = await activities.earn(whole, programme, MemberKey.of_id(member_id), sent)
    paid: int = outcome.figures["points_awarded"]
    return paid


async def pay(
    programme: Programme, member_id: UUID, reference: str, amount: str, **sent: Any
) -> int:
    outcome = await travel.pay(
        programme, member_id, reference, make.line_of("flight", amount), **sent
    )
    earned: int = outcome.figures["points_awarded"]
    return earned


async def explained(member_id: UUID) -> list[tuple[str, int | None, int | None]]:
    """Code, points and what was lost of each reason of the member's last booking."""
    found = await rows(
        "SELECT r.reason ->> 'code' AS code, (r.reason ->> 'points')::int AS points, "
        "(r.reason -> 'params' ->> 'lost')::int AS lost FROM (SELECT explanation FROM booking "
        "WHERE member_id = $1 ORDER BY id DESC LIMIT 1) b, "
        "jsonb_array_elements(b.explanation) AS r (reason)",
        member_id,
    )
    return [tuple(reason.values()) for reason in found]


async def test_awards_are_granted_in_their_order_until_the_cap_is_reached(
    database: Database,
) -> None:
    """Cap 3000 a month, 2600 had: of a flight of 2400 the base pays 400 and the bonus nothing;
    refunds of 500 take nothing, of 2100 in all 100.
    """
    programme = await open_programme()
    member_id = await make.enrol(programme)
    assert await spend(programme, member_id, 2600) == 2600
    assert await pay(programme, member_id, "B", "2400") == 400
    assert await explained(member_id) == [
        ("rate", 400, None),
        ("cap", None, 2000),
        ("cap", None, 500),
    ]
    for number, (amount, taken) in enumerate({"500": 0, "1600": 100}.items()):
        outcome = await travel.refund(programme, "B", f"R{number}", (1, amount))
        assert outcome.figures["points_clawed_back"] == taken
    assert await make.available(member_id) == 2900
    # what refunds gave back can be gained by what comes next
    assert await spend(programme, member_id, 250) == 100
    assert await make.faults(member_id) == []


async def test_the_cap_that_leaves_least_counts_on_the_local_date_of_each_fact(
    database: Database,
) -> None:
    caps = [
        {"points": 100, "per": "day"},
        {"points": 250, "per": "month"},
        {"points": 400, "per": "year"},
    ]
    programme = await open_programme(BASE, caps=caps)
    member_id = await make.enrol(programme, now=make.NOW - 400 * DAY)
    midnight = datetime(2026, 3, 14, 16, tzinfo=UTC)
    assert await spend(programme, member_id, 70, at=midnight - DAY) == 70
    assert await spend(programme, member_id, 90, at=midnight - timedelta(seconds=1)) == 30
    assert await pay(programme, member_id, "of the 15th", "130", booked_at=midnight) == 100
    assert await spend(programme, member_id, 5, at=midnight) == 0
    assert await spend(programme, member_id, 90, at=midnight - 5 * DAY) == 50
    # a fact of another month, reported late, is of that month, and of the year
    assert await spend(programme, member_id, 120, at=midnight - 31 * DAY) == 100
    assert await spend(programme, member_id, 120, at=midnight - 32 * DAY) == 50
    assert await spend(programme, member_id, 120, at=midnight - 80 * DAY) == 100
    assert await make.faults(member_id) == []


async def test_what_open_quotes_reserve_counts_until_they_are_over(database: Database) -> None:
    programme = await open_programme()
    member_id = await make.enrol(programme)
    flight = make.line_of("flight", "2400")
    first = await travel.guarantee(programme, member_id, flight)
    await travel.guarantee(programme, member_id, flight)
    member = (await members.many([member_id]))[member_id]
    assert await spend(programme, member_id, 9) == 0
    assert await make.faults(member_id) == []
    late = make.NOW + timedelta(hours=1)
    whole = QuoteSent((flight,))
    kept = await travel.pay(programme, member_id, "B", flight, quote=first)
    assert kept.figures["points_awarded"] == 2900
    for whom, points in ((member, 100), (None, 2900)):
        shown = await quotes.earning(programme, whom, whole, late)
        assert shown.evaluation.points == points
    assert await pay(programme, member_id, "later", "2400", now=late) == 100
    assert await make.faults(member_id) == []


async def test_clipping_goes_limit_group_cap_budget_and_never_back(database: Database) -> None:
    programme = await open_programme(
        make.rule("bonus", "poor", points=500, exclusive="spring", budget={"points": 60}),
        make.rule("bonus", "second", points=300, exclusive="spring"),
        make.rule("bonus", "limited", points=90, limit={"points": 70, "per": "month"}),
        make.rule("bonus", "rest", points=400),
        caps=[{"points": 700, "per": "month"}],
    )
    member_id = await make.enrol(programme)
    # 500 by the group, 70 by the limit, 130 left by the cap; then the budget has 60 of the 500
    assert await pay(programme, member_id, "B", "10") == 60 + 70 + 130
    found = await rows("SELECT rule, points FROM award WHERE member_id = $1", member_id)
    assert {award["rule"]: award["points"] for award in found} == {
        "poor": 60,
        "limited": 70,
        "rest": 130,
    }
    # what the budget took off was not gained
    assert await spend(programme, member_id, 900) == 440
    assert await make.faults(member_id) == []


async def test_an_amendment_judges_anew_what_caps_leave(database: Database) -> None:
    programme = await open_programme(BASE)
    member_id = await make.enrol(programme)
    assert await pay(programme, member_id, "one", "2000") == 2000
    assert await pay(programme, member_id, "two", "2000") == 1000
    await travel.refund(programme, "one", "R", (1, "1500"))
    outcome = await travel.amend(programme, "two", "A1", make.line_of("flight", "2300"))
    assert outcome.figures["points_awarded"] == 1300
    outcome = await travel.amend(programme, "two", "A2", make.line_of("flight", "9000"))
    assert outcome.figures["points_awarded"] == 200
    assert await make.available(member_id) == 3000
    # refunds go by what was left at the last amendment
    outcome = await travel.refund(programme, "two", "R2", (1, "6500"))
    assert outcome.figures["points_clawed_back"] == 0
    assert await spend(programme, member_id, 1) == 0
    assert await make.faults(member_id) == []


async def test_a_birthday_counts_and_is_capped(database: Database) -> None:
    paid = {"code": "born", "name": make.WORDS, "points": 100, "on": "birthday"}
    spending = next(
        one for one in make.shipped_document()["activities"] if one["code"] == "partner_spend"
    )
    programme = await open_programme(
        BASE, caps=[{"points": 150, "per": "day"}], activities=[paid, spending]
    )
    for first, born in ((0, 100), (80, 70), (150, 0)):
        member_id = await make.enrol(programme, birthday=date(1990, 3, 15), now=make.NOW - 10 * DAY)
        if first:
            assert await spend(programme, member_id, first) == first
        due = [
            one
            async for one in calendar_rules.candidates(programme, make.NOW)
            if one.member_id == member_id
        ]
        assert [await calendar_rules.pay(programme, one, make.NOW) for one in due] == [born]
        assert await spend(programme, member_id, 999) == 150 - first - born
        assert await make.faults(member_id) == []


async def test_two_at_once_gain_no_more_than_the_cap(database: Database) -> None:
    programme = await open_programme()
    member_id = await make.enrol(programme)
    calls = [pay(programme, member_id, f"B{number}", "1900") for number in range(3)]
    calls += [spend(programme, member_id, 1900 + number) for number in range(3)]
    assert (await make.outcomes(*calls)) == {"int": 6}
    assert await make.available(member_id) == 3000
    assert await make.faults(member_id) == []


async def test_a_past_that_is_played_keeps_to_the_caps_of_its_day(database: Database) -> None:
    programme = await open_programme(BASE)
    flight = (make.line_of("flight", "2000"),)
    past = [
        PastBooking(number, at, BookingSent(f"H{programme.code}{number}", flight, booked_at=at))
        for number, at in enumerate((make.NOW - 90 * DAY, make.NOW - 89 * DAY, make.NOW - 9 * DAY))
    ]
    played = await history.play(programme, "moved", past, make.NOW, enrol=True)
    assert (played.recorded, played.refused) == (3, ())
    [member] = await rows(
        "SELECT member_id FROM booking WHERE reference = $1", f"H{programme.code}0"
    )
    assert await make.available(member["member_id"]) == 3000 + 2000
    assert await spend(programme, member["member_id"], 2000) == 1000
    assert await make.faults(member["member_id"]) == []


async def test_more_than_a_cap_allows_is_found(database: Database) -> None:
    programme = await open_programme()
    member_id = await make.enrol(programme)
    await pay(programme, member_id, "B", "2900")
    [found] = await verification.read(UUID(int=member_id.int - 1), member_id)
    known = await verification.read_catalogue(Catalogue({}, {}), [found])
    planted = MemberRows(member_id, deepcopy(found.tables))
    for award in planted.tables["award"]:
        award["points"] += 1000
    told = "points gained in 2026-03 is 5000, should be 3000 or less, the cap of a month"
    assert any(told in str(fault) for fault in invariants.check(planted, known))


@pytest.mark.parametrize(
    ("caps", "place", "code"),
    [
        (
            [{"points": 1, "per": "day"}, {"points": 2, "per": "day"}],
            ("caps", 1, "per"),
            "repeated",
        ),
        ([{"points": 0, "per": "day"}], ("caps", 0, "points"), "least"),
        ([{"points": 1, "per": "week"}], ("caps", 0, "per"), "choice"),
    ],
)
def test_a_cap_that_says_nothing_is_refused(
    caps: list[dict[str, Any]], place: tuple[str | int, ...], code: str
) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        reader.validate(make.variant(BASE, caps=caps))
    assert [(fault.at, fault.code) for fault in refused.value.faults] == [(place, code)]
