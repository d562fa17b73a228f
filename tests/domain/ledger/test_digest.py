"""What is hashed of an entry is the text that every format has had from its beginning."""

import json
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.digest import HASH_VERSIONS, content
from domain.ledger.lots import Lot, Touch
from domain.ledger.values import Balances, Bucket, Cause, Entry, EntryKind

ID = UUID("018f3f2e-0000-7000-8000-000000000001")
POINTS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(POINTS, TEXTS, TEXTS, INSTANTS, st.sampled_from(sorted(HASH_VERSIONS)))
def test_whatever_is_hashed_reads_as_json_without_spaces(
    points: int, actor: str, rule: str, at: datetime, version: int
) -> None:
    entry = Entry(
        ID,
        1,
        EntryKind.EARN,
        Bucket.ISSUED,
        Bucket.AVAILABLE,
        points,
        at,
        at,
        Balances(available=points),
        Cause(actor, booking_id=ID, reason=rule, holds_until=at),
        (Touch(ID, points),),
        b"",
        version,
    )
    lot = Lot(ID, points, points, at, at, None, ID, actor, matures_at=at, rule=rule)

    text = content(ID, entry, [lot])

    written = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
    assert text == written.encode()
    assert [actor, rule] in json.loads(text)
