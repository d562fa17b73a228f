"""Digests of rows, hashes of seals and their MACs: pinned, for they are stored for ever."""

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from domain.kernel import sealing
from domain.kernel.sealing import Head, Keys, Sealed, SealedRow, row_digest, row_text

MEMBER = UUID("018f3f2e-0000-7000-8000-000000000001")
BOOKING = UUID("018f3f2e-0000-7000-8000-000000000002")
COMPLETION = UUID("018f3f2e-0000-7000-8000-000000000003")
AT = datetime(2026, 11, 26, tzinfo=UTC)
COLUMNS = {
    "member_id": MEMBER,
    "id": COMPLETION,
    "booking_id": BOOKING,
    "line_number": 1,
    "completed_at": AT,
    "recorded_at": AT,
    "reporter": "staff:ann",
}
DIGEST = "282cee8fe80256bf68242209da1e31b5ea26175966874236fb20a354cb21de9d"
HASH = "1eb3da0d1cb2a7111f12f816f83582c665c81556712d853e1a2e0abe1a6c62d4"


def test_the_digest_of_a_row_and_the_hash_of_its_seal_stay_as_they_are() -> None:
    assert row_text("completion", COLUMNS).decode() == (
        '["completion",{"booking_id":"018f3f2e-0000-7000-8000-000000000002",'
        '"completed_at":1795651200000000,"id":"018f3f2e-0000-7000-8000-000000000003",'
        '"line_number":1,"member_id":"018f3f2e-0000-7000-8000-000000000001",'
        '"recorded_at":1795651200000000,"reporter":"staff:ann"}]'
    )
    digest = row_digest("completion", COLUMNS)
    assert digest.hex() == DIGEST
    assert row_digest("completion", {**COLUMNS, "came_later": None}) == digest
    rows = sealing.packed([SealedRow(3, COMPLETION.bytes, digest)])
    sealed = Sealed(AT, 0, sealing.FIRST_HASH, rows)
    assert sealing.seal_hash(MEMBER, Head(), sealed).hex() == HASH


def test_columns_of_every_kind_are_canonical() -> None:
    text = row_text(
        "kinds",
        {
            "text": "积分 “ü”",
            "date": date(2026, 3, 1),
            "bytes": b"\x00\xff",
            "fraction": Decimal("1.50"),
            "hundred": Decimal("1E+2"),
            "flag": True,
            "before": datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            "json": {"b": [1, None], "a": {"d": "x", "c": "2026-03-01T00:00:00"}},
            "list": [2, 1],
        },
    )
    assert text.decode() == (
        '["kinds",{"before":-1,"bytes":"00ff","date":"2026-03-01","flag":true,"fraction":"1.5",'
        '"hundred":"100","json":{"a":{"c":"2026-03-01T00:00:00","d":"x"},"b":[1,null]},'
        '"list":[2,1],"text":"积分 “ü”"}]'
    )
    # a number is the same however the database writes it
    sent, kept = (
        {"n": json.loads(text)}
        for text in (
            "[1e16, -0.0, 1e19, 1.50, 1e-7]",
            ("[10000000000000000, 0.0, 10000000000000000000, 1.5, 0.0000001]"),
        )
    )
    assert (
        row_text("kinds", {"json": sent})
        == row_text("kinds", {"json": kept})
        == (
            b'["kinds",{"json":{"n":[10000000000000000,0,"10000000000000000000","1.5","0.0000001"]}}]'
        )
    )
    # and whether a row has it as a value or as the text of its column
    for column in ('{"n": [1e16, -0.0, 1e19, 1.50, 1e-7]}', '[2, {"b": 1, "a": 0}]', '"积分"', "7"):
        said = {"json": sealing.stored(column)}
        assert row_text("kinds", said) == row_text("kinds", {"json": json.loads(column)})
    with pytest.raises(TypeError):
        row_text("kinds", {"what": object()})


def test_rows_are_sorted_packed_and_read_again() -> None:
    first, second = (SealedRow(number, bytes(16), bytes([number]) * 32) for number in (1, 2))
    packed = sealing.packed([second, first])
    assert len(packed) == 98
    assert packed == sealing.packed([first, second])
    assert sealing.unpacked(packed) == [first, second]
    with pytest.raises(ValueError, match="97 bytes are no whole number of rows of 49"):
        sealing.unpacked(packed[:-1])
    assert sealing.row_id(MEMBER) == MEMBER.bytes
    assert sealing.row_id("REF-1") == hashlib.sha256(b"REF-1").digest()[:16]


def test_a_mac_needs_the_key_that_it_names() -> None:
    keys = Keys({"2027": b"n" * 32, "2026": b"o" * 32})
    digest = bytes.fromhex(HASH)
    assert keys.current == "2027"
    assert keys.mac("2026", digest) == hmac.new(b"o" * 32, digest, "sha256").digest()
    assert keys.mac("2027", digest) != keys.mac("2026", digest)
    with pytest.raises(KeyError):
        keys.mac("2025", digest)
