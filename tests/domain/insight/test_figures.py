"""Figures of one member, worked out from its rows alone."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.insight import figures, ratios
from domain.insight.figures import Rows
from domain.insight.kpis import Grain, Period
from domain.programmes import reader
from domain.programmes.programmes import Programme, Version
from tests.support import factories as make
from tests.support import figured

FIRST = datetime(2026, 3, 1, 4, tzinfo=UTC)
"""Noon of 1 March in Shanghai."""


def at(day: int) -> datetime:
    return FIRST + timedelta(days=day)


def own(number: int) -> UUID:
    return UUID(int=number + 1)


@cache
def programme() -> Programme:
    policy = reader.validate(make.shipped_document())
    version = Version(own(10**6), 1, FIRST - timedelta(days=900), policy)
    return Programme(own(10**6), "ota", timedelta(0), (version,))


def line_of(number: int, amount: int, product: str = "hotel", **more: Any) -> dict[str, Any]:
    priced = {"amount_minor": amount, "cash_minor": amount, "points": amount}
    return {
        "number": number,
        "product": product,
        "city": None,
        "amendment_id": None,
        **priced,
        **more,
    }


class Past:
    """A member's rows, as they are recorded one after the other."""

    def __init__(self) -> None:
        self.numbers = 0
        self.tables: dict[str, list[dict[str, Any]]] = {
            "member": [{"status": "ENROLLED", "joined_at": at(0)}],
            "account": [{"tier": "silver"}],
        }

    def add(self, table: str, **row: Any) -> UUID:
        self.numbers += 1
        made = {"id": own(self.numbers), **row}
        self.tables.setdefault(table, []).append(made)
        return own(self.numbers)

    def award(self, points: int, **causes: UUID) -> None:
        names = dict.fromkeys(figured.CAUSES)
        self.add("award", points=points, **{**names, **causes})

    def book(self, day: int, known: int, *lines: dict[str, Any]) -> UUID:
        member = {"member_status": "ENROLLED", "tier": "silver"}
        booking = self.add("booking", booked_at=at(day), recorded_at=at(known), **member)
        for line in lines:
            self.add("booking_line", booking_id=booking, **line)
        self.award(sum(line["points"] for line in lines), booking_id=booking)
        return booking

    def refund(self, booking: UUID, known: int, *parts: tuple[int, int], lost: int) -> None:
        refund = self.add(
            "refund", booking_id=booking, refunded_at=at(known), recorded_at=at(known)
        )
        for number, gross in parts:
            priced = {"gross_minor": gross, "cash_minor": gross}
            names = {"booking_id": booking, "refund_id": refund}
            self.add("refund_line", line_number=number, **names, **priced)
        self.award(-lost, booking_id=booking, refund_id=refund)

    def amend(self, booking: UUID, known: int, moved: int, *lines: dict[str, Any]) -> None:
        amendment = self.add("amendment", booking_id=booking, recorded_at=at(known))
        there = {
            one["number"] for one in self.tables["booking_line"] if one["booking_id"] == booking
        }
        for line in lines:
            number = line["number"]
            names = {"booking_id": booking, "amendment_id": amendment}
            if number not in there:
                self.add("booking_line", **{**line, **names})
            self.add("amendment_line", line_number=number, **{**line, **names})
        self.award(moved, booking_id=booking, amendment_id=amendment)

    def become(self, tier: str, day: int, known: int) -> None:
        before = self.tables["account"][0]["tier"]
        self.tables["account"][0]["tier"] = tier
        version = programme().versions[0].id
        self.add(
            "tier_change",
            from_tier=before,
            to_tier=tier,
            policy_version_id=version,
            effective_at=at(day),
            recorded_at=at(known),
        )

    def enter(self, kind: str, points: int, day: int) -> None:
        self.add("ledger_entry", kind=kind, points=points, effective_at=at(day), redemption_id=None)


def sums(tables: Rows, measure: str) -> dict[tuple[int, int, str, str], int]:
    """By day known, day, product and tier, as numbers of days from the first."""
    made = figures.of_member(tables, programme(), date.max)
    first = date(2026, 3, 1)
    return {
        ((of.known_day - first).days, (of.day - first).days, of.product, of.tier): value
        for of, value in made.sums.items()
        if of.measure == measure
    }


@pytest.mark.parametrize(
    ("first", "grain", "begins"),
    [
        ((9999, 12, 30), Grain.DAY, [(9999, 12, 30), (9999, 12, 31)]),
        ((9999, 11, 30), Grain.MONTH, [(9999, 11, 30), (9999, 12, 1)]),
        ((9998, 11, 30), Grain.YEAR, [(9998, 11, 30), (9999, 1, 1)]),
    ],
)
def test_a_period_may_go_to_the_end_of_the_calendar(
    first: tuple[int, int, int], grain: Grain, begins: list[tuple[int, int, int]]
) -> None:
    found = Period(date(*first), date.max).begins(grain)
    assert found == [date(*day) for day in begins]


def test_a_booking_counts_while_something_of_it_is_left() -> None:
    past = Past()
    booking = past.book(0, 1, line_of(1, 300), line_of(2, 100, "train"))
    past.refund(booking, 3, (1, 100), (2, 100), lost=101)
    past.refund(booking, 4, (1, 200), lost=299)
    past.amend(booking, 6, 350, line_of(1, 400, "flight"), line_of(2, 350, "train"))
    assert sums(past.tables, "bookings") == {
        (1, 0, "mixed", "silver"): 1,
        (4, 0, "mixed", "silver"): -1,
        (6, 0, "mixed", "silver"): 1,
    }
    assert sums(past.tables, "cash") == {
        (1, 0, "hotel", "silver"): 300,
        (1, 0, "train", "silver"): 100,
        (3, 0, "hotel", "silver"): -100,
        (3, 0, "train", "silver"): -100,
        (4, 0, "hotel", "silver"): -200,
        (6, 0, "hotel", "silver"): -300,
        (6, 0, "flight", "silver"): 400,
        (6, 0, "train", "silver"): 250,
    }
    granted = sums(past.tables, "granted")
    # 101 points over equal parts: the lower number has the odd one
    assert granted[3, 0, "hotel", "silver"] == -51
    assert sum(granted.values()) == 350
    made = figures.of_member(past.tables, programme(), date(2026, 3, 5))
    assert made.span == figures.MemberSpan(date(2026, 3, 1))
    assert figures.of_member(past.tables, programme(), date.max).span.first_booking == date(
        2026, 3, 1
    )


def test_an_entry_has_the_tier_that_was_known_on_its_day() -> None:
    past = Past()
    past.become("gold", 2, 2)
    past.become("silver", 4, 6)
    for day in (1, 3, 5, 7):
        past.enter("EARN", 10**day, day)
    assert sums(past.tables, "earned") == {
        (1, 1, "-", "silver"): 10,
        (3, 3, "-", "gold"): 10**3,
        (5, 5, "-", "gold"): 10**5,
        (7, 7, "-", "silver"): 10**7,
    }
    assert sums(past.tables, "upgraded") == {(2, 2, "-", "silver"): 1}
    assert sums(past.tables, "fell") == {(6, 4, "-", "gold"): 1}
    members = Counter[str]()
    for (_, _, _, tier), value in sums(past.tables, "members").items():
        members[tier] += value
    assert members == {"silver": 1, "gold": 0}


AMOUNTS = st.integers(0, 9)
DAYS = st.integers(0, 9)


@st.composite
def pasts(draw: st.DrawFn) -> Rows:
    """Bookings with refunds and amendments, rises and falls, and entries, late or in time."""
    past = Past()
    for day in sorted(draw(st.lists(DAYS, max_size=3))):
        known = day + draw(st.integers(0, 3))
        booking = past.book(day, known, *drawn_lines(draw))
        for _ in range(draw(st.integers(0, 3))):
            known += draw(st.integers(0, 4))
            if draw(st.booleans()):
                past.refund(booking, known, (1, draw(AMOUNTS)), lost=draw(AMOUNTS))
            else:
                past.amend(booking, known, draw(AMOUNTS) - 4, *drawn_lines(draw))
    known = 0
    for tier in draw(st.lists(st.sampled_from(["silver", "gold", "platinum"]), max_size=3)):
        known += draw(st.integers(0, 4))
        past.become(tier, max(0, known - draw(st.integers(0, 3))), known)
    for kind in draw(st.lists(st.sampled_from(["EARN", "CLAW_BACK", "REDEEM", "EXPIRE"]))):
        past.enter(kind, draw(st.integers(1, 9)), draw(DAYS))
    return past.tables


def drawn_lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    products = st.sampled_from(["hotel", "train"])
    return [line_of(n, draw(AMOUNTS), draw(products)) for n in range(1, 3)]


@settings(max_examples=60, deadline=None)
@given(pasts())
def test_days_recorded_in_their_order_are_those_computed_from_scratch(tables: Rows) -> None:
    figured.prove_days(tables, programme())


@given(st.integers(-(10**9), 10**9), st.integers(-300, 300))
def test_a_ratio_is_divided_once_and_rounded_half_even(numerator: int, denominator: int) -> None:
    value = ratios.of(numerator, denominator).value
    if denominator == 0:
        assert value is None
        return
    assert value is not None
    off = 2 * abs(value * 10**6 * denominator - numerator * 10**6)
    assert off <= abs(denominator)
    assert off < abs(denominator) or int(value * 10**6) % 2 == 0
