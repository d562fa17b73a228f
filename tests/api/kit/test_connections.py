"""Cursors of every list, as clients were given them: they go on where they pointed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from api import (
    bookings,
    catalogue,
    deliveries,
    events,
    ledger,
    member_queries,
    members,
    overdue,
    partner_keys,
    redemptions,
)
from api.catalogue import RewardOrder
from api.kit.connections import Listing
from api.kit.relay import to_cursor
from api.kit.request_errors import RequestError
from domain.kernel.ids import new_id

KEY = (
    datetime(2025, 3, 15, 2, 30, 0, 123456, tzinfo=UTC),
    UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
)
GIVEN: list[tuple[Listing[Any, Any], tuple[Any, ...], str]] = [
    (ledger.LISTING, (42,), "WzEsImxlZGdlciIsNDJd"),
    (
        bookings.LISTING,
        KEY,
        (
            "WzEsImJvb2tpbmdzIiwiMjAyNS0wMy0xNVQwMjozMDowMC4xMjM0NTYrMDA6MDAiLCIwMTg5MGE1ZC1hYzk2"
            "LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciXQ"
        ),
    ),
    (
        redemptions.LISTING,
        KEY,
        (
            "WzEsInJlZGVtcHRpb25zIiwiMjAyNS0wMy0xNVQwMjozMDowMC4xMjM0NTYrMDA6MDAiLCIwMTg5MGE1ZC1h"
            "Yzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciXQ"
        ),
    ),
    (
        deliveries.ORDERS,
        KEY,
        (
            "WzEsIm9yZGVycyIsIjIwMjUtMDMtMTVUMDI6MzA6MDAuMTIzNDU2KzAwOjAwIiwiMDE4OTBhNWQtYWM5Ni03NzRi"
            "LWJjY2UtYjMwMjA5OWE4MDU3Il0"
        ),
    ),
    (
        members.REFERRALS,
        KEY,
        (
            "WzEsInJlZmVycmFscyIsIjIwMjUtMDMtMTVUMDI6MzA6MDAuMTIzNDU2KzAwOjAwIiwiMDE4OTBhNWQt"
            "YWM5Ni03NzRiLWJjY2UtYjMwMjA5OWE4MDU3Il0"
        ),
    ),
    (
        member_queries.LISTING,
        KEY,
        (
            "WzEsIm1lbWJlcnMiLCIyMDI1LTAzLTE1VDAyOjMwOjAwLjEyMzQ1NiswMDowMCIsIjAxODkwYTVkLWFjOTYt"
            "Nzc0Yi1iY2NlLWIzMDIwOTlhODA1NyJd"
        ),
    ),
    (
        overdue.LISTING,
        KEY,
        (
            "WzEsIm92ZXJkdWUiLCIyMDI1LTAzLTE1VDAyOjMwOjAwLjEyMzQ1NiswMDowMCIsIjAxODkwYTVkLWFjOTYt"
            "Nzc0Yi1iY2NlLWIzMDIwOTlhODA1NyJd"
        ),
    ),
    (
        partner_keys.LISTING,
        (KEY[0], "70af1e2e1275ba39"),
        (
            "WzEsInBhcnRuZXIga2V5cyIsIjIwMjUtMDMtMTVUMDI6MzA6MDAuMTIzNDU2KzAwOjAwIiwiNzBhZjFlMmUxMj"
            "c1YmEzOSJd"
        ),
    ),
    (
        events.LISTING,
        (KEY[1], *range(16)),
        (
            "WzEsImV2ZW50cyIsIjAxODkwYTVkLWFjOTYtNzc0Yi1iY2NlLWIzMDIwOTlhODA1NyIsMCwxLDIsMyw0LDUsNiw3"
            "LDgsOSwxMCwxMSwxMiwxMywxNCwxNV0"
        ),
    ),
    (
        catalogue.LISTINGS[RewardOrder.POINTS_ASC],
        (500, "lounge"),
        "WzEsInJld2FyZHMtcG9pbnRzX2FzYyIsNTAwLCJsb3VuZ2UiXQ",
    ),
    (
        catalogue.LISTINGS[RewardOrder.POINTS_DESC],
        (500, "lounge"),
        "WzEsInJld2FyZHMtcG9pbnRzX2Rlc2MiLDUwMCwibG91bmdlIl0",
    ),
]
"""A list, the sort key of a row in it, and the cursor that this row once got."""


@pytest.mark.parametrize(("listing", "key", "cursor"), GIVEN)
def test_a_cursor_once_given_is_read_and_given_again(
    listing: Listing[Any, Any], key: tuple[Any, ...], cursor: str
) -> None:
    assert listing.start(cursor) == key
    assert to_cursor(listing.name, *key) == cursor


@pytest.mark.parametrize(("listing", "key", "_"), GIVEN[:4])
def test_a_members_list_takes_no_cursor_of_another_member(
    listing: Listing[Any, Any], key: tuple[Any, ...], _: str
) -> None:
    mine = new_id()
    given = to_cursor(f"{listing.name} {mine}", *key)
    assert listing.start(given, mine) == key
    for owner in (new_id(), None):
        with pytest.raises(RequestError, match="not a cursor of this list"):
            listing.start(given, owner)


@pytest.mark.parametrize(("listing", "key", "cursor"), GIVEN[:3])
def test_a_cursor_from_before_it_named_its_member_is_read(
    listing: Listing[Any, Any], key: tuple[Any, ...], cursor: str
) -> None:
    assert listing.start(cursor, new_id()) == key


def test_a_list_takes_no_cursor_of_another() -> None:
    for listing, _, _ in GIVEN:
        for other, _, cursor in GIVEN:
            if other is not listing:
                with pytest.raises(RequestError, match="not a cursor of this list"):
                    listing.start(cursor)
