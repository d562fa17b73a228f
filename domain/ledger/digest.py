"""The hash chain: the content of each entry's hash, by the version of its format."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import sealing
from domain.ledger.lots import Lot
from domain.ledger.values import Cause, Entry


def digest(previous: bytes, member_id: UUID, entry: Entry, credited: Iterable[Lot]) -> bytes:
    """SHA-256 over the previous hash and the whole content of the entry, in the entry's own format.

    Allocations and the terms of the lots that the entry created are part of it, so that
    neither can be altered unseen. Nothing personal is in it.

    Raises: ValueError for a format that is not known.
    """
    return hashlib.sha256(previous + content(member_id, entry, credited)).digest()


def content(member_id: UUID, entry: Entry, credited: Iterable[Lot]) -> bytes:
    """Whole content of the entry, as the text that is hashed after the previous hash.

    Raises: ValueError for a format that is not known.
    """
    content_of = _CONTENTS.get(entry.hash_version)
    if content_of is None:
        raise ValueError(f"no hash was ever made in format {entry.hash_version}")
    return orjson.dumps(content_of(member_id, entry, credited))


def _content_v1(member_id: UUID, entry: Entry, credited: Iterable[Lot]) -> list[Any]:
    """Fields that causes and lots gained later are part of it only where they have a value, so that
    older chains still verify.
    """
    cause = entry.cause
    return [
        str(member_id),
        str(entry.id),
        entry.sequence,
        entry.kind,
        entry.source,
        entry.target,
        entry.points,
        _microseconds(entry.effective_at),
        _microseconds(entry.recorded_at),
        [entry.after.pending, entry.after.available, entry.after.held, entry.after.owed],
        [_text(cause.booking_id), _text(cause.activity_id), _text(cause.redemption_id)],
        [cause.actor, cause.reason],
        sorted([str(touch.lot_id), touch.points] for touch in entry.touches),
        sorted(_lot_terms(lot) for lot in credited),
        *_later_causes(cause),
    ]


def _content_v2(member_id: UUID, entry: Entry, credited: Iterable[Lot]) -> list[Any]:
    """The same, with the format's version: a reason typed by a person is a commitment here; in
    version 1 it was the text itself.
    """
    return [2, *_content_v1(member_id, entry, credited)]


_CONTENTS: Mapping[int, Callable[[UUID, Entry, Iterable[Lot]], list[Any]]] = {
    1: _content_v1,
    2: _content_v2,
}

WITH_TEXTS = 1
"""The format in which reasons were hashed as the text that a person typed."""

HASH_VERSIONS = frozenset(_CONTENTS)
"""The formats in which hashes can be computed again."""


def _later_causes(cause: Cause) -> list[list[str | int]]:
    later = [
        ("transfer_id", _text(cause.transfer_id)),
        ("refund_id", _text(cause.refund_id)),
        ("amendment_id", _text(cause.amendment_id)),
        ("activity_reversal_id", _text(cause.activity_reversal_id)),
        ("holds_until", _microseconds(cause.holds_until)),
    ]
    return [[name, value] for name, value in later if value is not None]


def _lot_terms(lot: Lot) -> list[Any]:
    later = [
        ("booking_id", _text(lot.booking_id)),
        ("line_number", lot.line_number),
        ("matures_at", _microseconds(lot.matures_at)),
        ("matured_expires_at", _microseconds(lot.matured_expires_at)),
        ("rule", lot.rule),
    ]
    return [
        str(lot.id),
        lot.points,
        _microseconds(lot.earned_at),
        _microseconds(lot.available_at),
        _microseconds(lot.expires_at),
        str(lot.policy_version_id),
        lot.funder,
        *([name, value] for name, value in later if value is not None),
    ]


def _microseconds(instant: datetime | None) -> int | None:
    return None if instant is None else sealing.microseconds(instant)


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
