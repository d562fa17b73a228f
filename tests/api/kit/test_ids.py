"""Opaque ids and cursors: what goes in comes out, and nothing else gets in."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kit.relay import NodeId, from_cursor, from_global_id, to_cursor, to_global_id
from api.kit.request_errors import RequestError


@given(own=st.uuids(), member=st.none() | st.uuids())
def test_an_id_names_its_type_and_its_member(own: UUID, member: UUID | None) -> None:
    assert from_global_id(to_global_id("Booking", own, member_id=member)) == NodeId(
        "Booking", own, member
    )


@given(st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_any_other_text_names_nothing(text: str) -> None:
    assert from_global_id(text) is None


@given(
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
)
def test_a_cursor_gives_its_key_back(
    number: int, text: str, own: UUID, instant: datetime, amount: Decimal
) -> None:
    cursor = to_cursor("list", number, text, own, instant, amount, None)

    assert from_cursor(cursor, ["list"], int, str, UUID, datetime, Decimal, int) == (
        number,
        text,
        own,
        instant,
        amount,
        None,
    )


@pytest.mark.parametrize(
    ("cursor", "types"),
    [
        (to_cursor("other", 1), (int,)),
        (to_cursor("list", 1, 2), (int,)),
        (to_cursor("list"), (int,)),
        (to_cursor("list", "1"), (int,)),
        (to_cursor("list", 1), (str,)),
        (to_cursor("list", "x"), (UUID,)),
        (to_cursor("list", "a\0b"), (str,)),
        (to_cursor("list", "2025-03-15T10:30:00"), (datetime,)),
        (to_cursor("list", "NaN"), (Decimal,)),
        (urlsafe_b64encode(b'[2,"list",1]').decode(), (int,)),
        (urlsafe_b64encode(b'[1,"list",18446744073709551615]').decode(), (int,)),
        (urlsafe_b64encode(b'[1,"list",true]').decode(), (int,)),
        (urlsafe_b64encode(b'{"a":1,"b":2,"c":3}').decode(), (int,)),
        (urlsafe_b64encode(b"7").decode(), (int,)),
    ],
)
def test_a_cursor_of_something_else_is_refused(cursor: str, types: tuple[type, ...]) -> None:
    with pytest.raises(RequestError, match="not a cursor of this list"):
        from_cursor(cursor, ["list"], *types)


@given(st.text())
def test_any_text_is_a_cursor_or_refused_as_one(text: str) -> None:
    with pytest.raises(RequestError):
        from_cursor(text, ["list"], int)
