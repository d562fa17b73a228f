"""The chain of hashes: each entry is sealed with the one before it, and no part changes unseen."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.kernel.ids import new_id
from domain.ledger import digest
from domain.ledger import journal as journals
from domain.ledger.lots import Touch
from domain.ledger.values import Balances, Bucket, Cause, Entry, EntryKind
from tests.domain.ledger.test_journal import CAUSE, HOUR, MEMBER, NOW, VERSION, credit, opened


def microseconds(instant: datetime) -> int:
    return round((instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 10**6


def sealed(
    previous: bytes, entry: Entry, touches: list[list[object]], lots: object, *later: list[object]
) -> bytes:
    """The hash of an entry at NOW, from the description of the format."""
    text = json.dumps(
        [
            2,
            "00000000-0000-0000-0000-000000000007",
            str(entry.id),
            entry.sequence,
            str(entry.kind),
            str(entry.source),
            str(entry.target),
            entry.points,
            microseconds(entry.effective_at),
            microseconds(entry.recorded_at),
            [0, entry.after.available, 0, 0],
            [None, None, None],
            ["partner:1", None],
            touches,
            lots,
            *later,
        ],
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(previous + text.encode()).digest()


def test_each_entry_is_chained_to_the_one_before() -> None:
    journal = opened()
    lot = credit(journal, 100, NOW + HOUR)
    journals.redeem(journal, 40, CAUSE)
    earned, spent = journal.entries
    terms = [
        str(lot.id),
        100,
        microseconds(NOW),
        microseconds(NOW),
        microseconds(NOW + HOUR),
        str(VERSION),
        "programme",
    ]
    assert earned.hash == sealed(bytes(32), earned, [[str(lot.id), 100]], [terms])
    assert spent.hash == sealed(earned.hash, spent, [[str(lot.id), -40]], [])
    assert journal.last_hash == spent.hash


def test_what_causes_came_to_say_later_is_hashed_where_it_is_said() -> None:
    journal = opened()
    lot = credit(journal, 100)
    transfer_id, until = UUID(int=5), NOW + HOUR
    given = journals.transfer_out(journal, 40, Cause("partner:1", transfer_id=transfer_id))
    before = journal.last_hash
    said: list[list[object]] = [["transfer_id", "00000000-0000-0000-0000-000000000005"]]
    touches: list[list[object]] = [[str(lot.id), -40]]
    assert given.hash == sealed(journal.entries[0].hash, given, touches, [], *said)

    whole = replace(given, cause=replace(given.cause, holds_until=until))
    said.append(["holds_until", microseconds(until)])
    assert digest.digest(before, MEMBER, whole, []) == sealed(before, whole, touches, [], *said)


def test_no_part_of_an_entry_can_change_unseen() -> None:
    journal = opened()
    lot = credit(journal, 100, NOW + HOUR)
    (entry,) = journal.entries
    fact = new_id()
    altered = [
        replace(entry, id=new_id()),
        replace(entry, sequence=2),
        replace(entry, kind=EntryKind.REINSTATE),
        replace(entry, source=Bucket.ADJUSTED),
        replace(entry, target=Bucket.PENDING),
        replace(entry, points=101),
        replace(entry, effective_at=NOW + timedelta(microseconds=1)),
        replace(entry, recorded_at=NOW + timedelta(microseconds=1)),
        replace(entry, after=Balances(available=101)),
        replace(entry, after=Balances(pending=100)),
        replace(entry, cause=Cause("partner:2")),
        replace(entry, cause=Cause("partner:1", reason="")),
        replace(entry, cause=Cause("partner:1", booking_id=fact)),
        replace(entry, cause=Cause("partner:1", activity_id=fact)),
        replace(entry, cause=Cause("partner:1", redemption_id=fact)),
        replace(entry, cause=Cause("partner:1", transfer_id=fact)),
        replace(entry, cause=Cause("partner:1", holds_until=NOW)),
        replace(entry, cause=Cause("partner:1", transfer_id=fact, holds_until=NOW)),
        replace(entry, touches=(Touch(lot.id, 99), Touch(new_id(), 1))),
        replace(entry, touches=()),
    ]
    lots = [
        replace(lot, id=new_id()),
        replace(lot, points=99),
        replace(lot, earned_at=NOW - HOUR),
        replace(lot, available_at=None),
        replace(lot, expires_at=None),
        replace(lot, policy_version_id=new_id()),
        replace(lot, funder="partner"),
    ]
    first = bytes(32)
    digests = [digest.digest(first, MEMBER, changed, [lot]) for changed in altered]
    digests += [digest.digest(first, MEMBER, entry, [changed]) for changed in lots]
    digests += [
        digest.digest(b"x" * 32, MEMBER, entry, [lot]),
        digest.digest(first, new_id(), entry, [lot]),
        digest.digest(first, MEMBER, entry, []),
        digest.digest(first, MEMBER, entry, [lot]),
    ]
    assert digests[-1] == entry.hash
    assert len(set(digests)) == len(digests)


def test_what_a_lot_has_left_is_no_part_of_the_hash() -> None:
    journal = opened()
    lot = credit(journal, 100)
    (entry,) = journal.entries
    spent = replace(lot, remaining=3)
    assert digest.digest(bytes(32), MEMBER, entry, [spent]) == entry.hash
