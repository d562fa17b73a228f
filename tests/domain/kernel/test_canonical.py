"""One text for one meaning: equal requests have equal digests, others do not."""

import importlib
import pkgutil
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import domain
from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.kernel.callers import CallerKind
from domain.kernel.canonical import sha256

SHANGHAI = timezone(timedelta(hours=8))
BOOKING = BookingSent(
    reference="B1",
    lines=(LineSent("flight", Decimal(1500), attributes={"city": "上海", "hot_route": True}),),
    booked_at=datetime(2026, 3, 15, 2, 30, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal(1500), Decimal("1500.00")),
        (Decimal(1500), Decimal("1.5E+3")),
        (Decimal(0), Decimal("0.000")),
        (
            datetime(2026, 3, 15, 2, 30, tzinfo=UTC),
            datetime(2026, 3, 15, 10, 30, tzinfo=SHANGHAI),
        ),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, 2], (1, 2)),
        (CallerKind.MEMBER, "member"),
        (UUID(int=1), str(UUID(int=1))),
    ],
)
def test_one_meaning_has_one_digest(one: Any, other: Any) -> None:
    assert sha256(one) == sha256(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal(1500), Decimal("1500.01")),
        (Decimal("0.1"), Decimal("0.10000000000000000000000000000001")),
        (datetime(2026, 3, 15, 2, 30, tzinfo=UTC), datetime(2026, 3, 15, 10, 30, tzinfo=UTC)),
        ([1, 2], [2, 1]),
        (None, ""),
        (None, "null"),
        (None, {}),
        (True, "true"),
        ({"a": None}, {}),
        (date(2026, 3, 15), date(2026, 3, 16)),
        ("\u00e9", "e\u0301"),
    ],
)
def test_another_meaning_has_another_digest(one: Any, other: Any) -> None:
    assert sha256(one) != sha256(other)


def test_a_booking_is_compared_in_all_its_parts() -> None:
    line = BOOKING.lines[0]
    same = replace(
        BOOKING,
        lines=(replace(line, amount=Decimal("1500.00")),),
        booked_at=datetime(2026, 3, 15, 10, 30, tzinfo=SHANGHAI),
    )
    assert sha256(same) == sha256(BOOKING)
    others = [
        replace(BOOKING, reference="B2"),
        replace(BOOKING, booked_at=None),
        replace(BOOKING, currency="CNY"),
        replace(BOOKING, payment_method="card"),
        replace(BOOKING, lines=(line, line)),
        replace(BOOKING, lines=(replace(line, product="hotel"),)),
        replace(BOOKING, lines=(replace(line, amount=Decimal(1501)),)),
        replace(BOOKING, lines=(replace(line, travel_from=date(2026, 5, 1)),)),
        replace(BOOKING, lines=(replace(line, travel_to=date(2026, 5, 1)),)),
        replace(BOOKING, lines=(replace(line, attributes=None),)),
        replace(BOOKING, lines=(replace(line, attributes={}),)),
    ]
    assert len({sha256(other) for other in [BOOKING, *others]}) == len(others) + 1


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(values)
def test_a_digest_is_of_the_value_alone(value: Any) -> None:
    @dataclass(frozen=True)
    class Held:
        held: Any

        def canonical(self) -> dict[str, Any]:
            return {"value": self.held}

    assert sha256(Held(value)) == sha256({"value": value})
    assert len(sha256(value)) == 32


def inputs() -> list[type[Any]]:
    """Every frozen input of the domain that says what it is compared by."""
    modules = pkgutil.walk_packages(domain.__path__, "domain.")
    found = {
        kind.__name__: kind
        for module in modules
        for kind in vars(importlib.import_module(module.name)).values()
        if isinstance(kind, type) and is_dataclass(kind) and hasattr(kind, "canonical")
    }
    return [found[name] for name in sorted(found)]


@pytest.mark.parametrize("kind", inputs())
def test_an_input_is_compared_by_every_field(kind: type[Any]) -> None:
    """But for what nobody sends, and `==` leaves out as well."""
    given = [f"the value of {field.name}" for field in fields(kind) if field.compare]
    assert sorted(kind(*given).canonical().values()) == sorted(given)


def test_the_inputs_are_found() -> None:
    assert {LineSent, BookingSent} < set(inputs())


def test_what_does_not_say_what_it_is_compared_by_is_not_compared() -> None:
    @dataclass(frozen=True)
    class Silent:
        value: int

    with pytest.raises(TypeError, match="Silent does not say what it is compared by"):
        sha256(["silent", Silent(1)])


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 20))
def test_trailing_zeros_mean_nothing(amount: Decimal, zeros: int) -> None:
    sign, digits, exponent = amount.as_tuple()
    assert isinstance(exponent, int)
    longer = Decimal((sign, digits + (0,) * zeros, exponent - zeros))
    assert sha256(longer) == sha256(amount)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-720, 720))
def test_an_instant_is_the_same_in_every_offset(instant: datetime, minutes: int) -> None:
    assume(datetime.min.replace(tzinfo=UTC) + timedelta(days=1) < instant)
    assume(instant < datetime.max.replace(tzinfo=UTC) - timedelta(days=1))
    elsewhere = instant.astimezone(timezone(timedelta(minutes=minutes)))
    assert sha256(elsewhere) == sha256(instant)
