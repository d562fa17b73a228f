"""What one transaction posts: balances, lots, instants and the chain of hashes."""

import itertools
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.ids import new_id
from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.journal import Journal
from domain.ledger.lots import DueChange, Lot, Touch
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances, Bucket, Cause, EntryKind

NOW = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEMBER = UUID(int=7)
VERSION = UUID(int=99)
CAUSE = Cause("partner:1")


LOT = Lot(
    id=UUID(int=1),
    points=10,
    remaining=10,
    earned_at=NOW,
    available_at=NOW,
    expires_at=None,
    policy_version_id=VERSION,
    funder="programme",
)


def ids() -> Callable[[], UUID]:
    """The same ids each time."""
    numbers = itertools.count(1)
    return lambda: UUID(int=next(numbers))


def opened(now: datetime = NOW) -> Journal:
    return Journal(member_id=MEMBER, now=now)


def credit(journal: Journal, points: int, expires_at: datetime | None = None) -> Lot:
    lot = Lot(
        id=new_id(),
        points=points,
        remaining=points,
        earned_at=journal.now,
        available_at=journal.now,
        expires_at=expires_at,
        policy_version_id=VERSION,
        funder="programme",
    )
    journals.earn(journal, lot, CAUSE)
    return lot


def test_earning_credits_a_lot_and_the_balance() -> None:
    journal = opened()
    lot = credit(journal, 100)
    assert journal.balances == Balances(available=100)
    assert journal.lots == {lot.id: lot}
    (entry,) = journal.entries
    assert (entry.sequence, entry.kind, entry.source, entry.target, entry.points) == (
        1,
        EntryKind.EARN,
        Bucket.ISSUED,
        Bucket.AVAILABLE,
        100,
    )
    assert (entry.effective_at, entry.recorded_at) == (NOW, NOW)
    assert entry.touches == (Touch(lot.id, 100),)
    assert (entry.after, entry.cause) == (Balances(available=100), CAUSE)
    assert journal.new_lot_ids == {lot.id}
    assert journal.remaining_before == {}


def test_redeeming_takes_from_the_lots_and_keeps_what_they_had() -> None:
    journal = opened()
    late, soon = credit(journal, 100, NOW + 9 * HOUR), credit(journal, 50, NOW + 3 * HOUR)
    entry = journals.redeem(journal, 120, CAUSE)
    assert entry.touches == (Touch(soon.id, -50), Touch(late.id, -70))
    assert (entry.source, entry.target) == (Bucket.AVAILABLE, Bucket.REDEEMED)
    assert journal.balances == Balances(available=30)
    assert journal.lots[late.id].remaining == 30
    assert [e.after.available for e in journal.entries] == [100, 150, 30]


def test_what_lots_had_before_is_kept_for_the_guarded_write() -> None:
    first = opened()
    lot = credit(first, 100)
    journal = replace(
        first, entries=[], new_lot_ids=set(), sequence_before=first.sequence, remaining_before={}
    )
    journals.redeem(journal, 30, CAUSE)
    journals.redeem(journal, 30, CAUSE)
    assert journal.remaining_before == {lot.id: 100}
    assert journal.lots[lot.id].remaining == 40


def test_a_refused_redemption_posts_nothing() -> None:
    journal = opened()
    lot = credit(journal, 100)
    with pytest.raises(InsufficientPoints):
        journals.redeem(journal, 101, CAUSE)
    assert len(journal.entries) == 1
    assert journal.lots == {lot.id: lot}
    assert journal.balances == Balances(available=100)


def test_what_is_due_is_posted_first_each_with_its_own_instant() -> None:
    journal = opened()
    soon, late = credit(journal, 50, NOW + HOUR), credit(journal, 100, NOW + 2 * HOUR)
    journals.advance(journal, NOW + 5 * HOUR)
    expired = journal.entries[2:]
    assert [(e.kind, e.points, e.effective_at, e.recorded_at) for e in expired] == [
        (EntryKind.EXPIRE, 50, NOW + HOUR, NOW + 5 * HOUR),
        (EntryKind.EXPIRE, 100, NOW + 2 * HOUR, NOW + 5 * HOUR),
    ]
    assert [e.touches for e in expired] == [(Touch(soon.id, -50),), (Touch(late.id, -100),)]
    assert {e.cause.actor for e in expired} == {"system"}
    assert journal.balances == Balances()


def test_what_follows_from_time_alone_has_the_same_id_whenever_it_is_computed() -> None:
    journals_ = [opened(), opened()]
    for journal, now in zip(journals_, (NOW + 2 * HOUR, NOW + 9 * HOUR), strict=True):
        journals.earn(journal, replace(LOT, expires_at=NOW + HOUR), CAUSE)
        journals.advance(journal, now)
    first, second = (journal.entries for journal in journals_)
    assert first[0].id != second[0].id
    assert first[1].id == second[1].id == UUID("019cef8b-26c0-7dff-a528-5349b31685b3")


def test_lots_that_expire_together_expire_in_one_entry() -> None:
    journal = opened()
    one, two = credit(journal, 50, NOW + HOUR), credit(journal, 70, NOW + HOUR)
    journals.advance(journal, NOW + HOUR)
    assert journal.entries[2].points == 120
    assert journal.entries[2].touches == (Touch(one.id, -50), Touch(two.id, -70))


hours = st.integers(0, 6)
accounts = st.tuples(
    st.lists(st.tuples(st.integers(1, 9), st.none() | hours, hours), max_size=6),
    st.lists(st.tuples(st.integers(1, 12), hours), max_size=3),
    st.integers(0, 9),
)
"""Lots by points, maturing and life; holds by points and end; and what is owed."""


def made(account: tuple[list[Any], list[Any], int]) -> Journal:
    """The same account each time; its new entries have the same ids."""
    journal, (credited, held, owed) = opened(), account
    journal.new_id = ids()
    for points, matures, life in credited:
        lot = replace(LOT, id=journal.new_id(), points=points)
        at = None if matures is None else NOW + matures * HOUR
        ends = NOW + (life + (matures or 0)) * HOUR
        if at is None:
            journals.earn(journal, replace(lot, expires_at=ends), CAUSE)
        else:
            pending = replace(lot, available_at=None, matures_at=at, matured_expires_at=ends)
            journals.earn_pending(journal, pending, CAUSE)
    for points, ends in held:
        if lot_rules.spendable_points(journal.lots.values(), NOW) >= points:
            cause = replace(CAUSE, redemption_id=journal.new_id())
            journals.hold(journal, points, NOW + ends * HOUR, cause)
    if owed:
        journals.owe(journal, owed, CAUSE)
    return journal


def earliest(journal: Journal) -> DueChange | None:
    """The first of all that is due, looked for among all: the rule, without regard to time."""
    lots = [lot for lot in journal.lots.values() if lot.remaining]
    maturing = [lot for lot in lots if lot.pending and lot.matures_at]
    dying = journal.holds.values()
    instants = {lot.expires_at for lot in lots if lot.expires_at}
    found = [
        *(
            ((lot.matures_at, 0, lot.id), DueChange(lot.matures_at, matured=lot))
            for lot in maturing
            if lot.matures_at
        ),
        *(
            (
                (hold.expires_at, 1, hold.redemption_id),
                DueChange(hold.expires_at, lot_rules.restore(hold.touches, hold.points), hold),
            )
            for hold in dying
        ),
        *(
            (
                (at, 2, UUID(int=0)),
                DueChange(
                    at,
                    tuple(
                        Touch(lot.id, -lot.remaining)
                        for lot in sorted(lots, key=lot_rules.spend_order)
                        if lot.expires_at == at
                    ),
                ),
            )
            for at in instants
        ),
    ]
    due = [one for one in found if one[1].at <= journal.now]
    return min(due, key=lambda one: one[0])[1] if due else None


@given(accounts)
def test_what_is_due_is_posted_in_the_order_that_a_search_among_all_gives(
    account: tuple[list[Any], list[Any], int],
) -> None:
    searched, advanced = made(account), made(account)
    later = NOW + 20 * HOUR
    journals.advance(advanced, later)
    searched.now, searched.computing = later, True
    while due := earliest(searched):
        journals._post_due(searched, due)
    assert advanced.entries == searched.entries  # with their hashes
    assert advanced == replace(searched, new_id=advanced.new_id, computing=False)


@given(accounts, st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=6))
def test_who_knows_when_the_next_is_due_posts_what_who_always_looks_does(
    account: tuple[list[Any], list[Any], int], steps: list[tuple[int, int]]
) -> None:
    """Points come, are held and spent between the looks; with 0 they last for ever."""
    knowing, looking = made(account), made(account)
    for turn, (lasts, hours) in enumerate(steps):
        for journal in (knowing, looking):
            expires_at = journal.now + lasts * HOUR if lasts else None
            journals.earn(
                journal, replace(LOT, id=UUID(int=1000 + turn), expires_at=expires_at), CAUSE
            )
            held = replace(CAUSE, redemption_id=UUID(int=2000 + turn))
            if journal.balances.available >= 3 and not journal.balances.owed:
                journals.hold(journal, 3, journal.now + HOUR, held)
        looking.quiet_until = None
        for journal in (knowing, looking):
            journals.advance(journal, journal.now + hours * HOUR)
        assert knowing.entries == looking.entries


def calls_to_advance(lots: int) -> int:
    """How many calls it takes to post that so many lots expired on as many days."""
    journal = opened()
    for day in range(lots):
        credit(journal, 10, NOW + timedelta(days=day + 1))
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        journals.advance(journal, NOW + timedelta(days=lots))
    finally:
        sys.setprofile(None)
    assert len(journal.entries) == 2 * lots
    return calls


def test_twice_as_much_that_is_due_takes_twice_the_work() -> None:
    assert calls_to_advance(400) < 2.2 * calls_to_advance(200)


def test_no_more_is_posted_than_the_bound_and_the_rest_follows_as_it_would_have() -> None:
    at_once, in_parts = (opened() for _ in range(2))
    for journal in (at_once, in_parts):
        journal.new_id = ids()
        for hour in (3, 1, 4, 1, 5):
            journals.earn(
                journal, replace(LOT, id=journal.new_id(), expires_at=NOW + hour * HOUR), CAUSE
            )
    journals.advance(at_once, NOW + 9 * HOUR)
    posted = []
    for most in (6, 8, 20):
        journals.advance(in_parts, NOW + 9 * HOUR, most)
        posted.append((len(in_parts.entries), in_parts.behind))
        in_parts.behind = False
    assert posted == [(6, True), (8, True), (9, False)]
    assert in_parts.entries == at_once.entries


def test_nothing_is_due_a_moment_before() -> None:
    journal = opened()
    credit(journal, 50, NOW + HOUR)
    journals.advance(journal, NOW + HOUR - timedelta(microseconds=1))
    assert len(journal.entries) == 1
    journals.advance(journal, NOW + HOUR)
    assert len(journal.entries) == 2


def test_recorded_instants_never_run_backwards() -> None:
    journal = opened()
    credit(journal, 50)
    journals.advance(journal, NOW - HOUR)
    assert journal.now == NOW
    assert journals.redeem(journal, 1, CAUSE).recorded_at == NOW


def test_effective_instants_never_run_backwards() -> None:
    """A lot whose expiry lies before what the member did last expires as of then."""
    journal = opened()
    credit(journal, 50, NOW + HOUR)
    journal.last_effective_at = NOW + 3 * HOUR
    journals.advance(journal, NOW + 5 * HOUR)
    assert journal.entries[-1].effective_at == NOW + 3 * HOUR


def test_points_that_come_back_after_their_expiry_expire_at_once_in_two_rows() -> None:
    journal = opened()
    soon, late = credit(journal, 50, NOW + HOUR), credit(journal, 100, NOW + 9 * HOUR)
    spent = journals.redeem(journal, 120, CAUSE)
    journals.advance(journal, NOW + 2 * HOUR)
    assert len(journal.entries) == 3  # nothing was left to expire
    journals.reinstate(journal, spent.touches, 120, CAUSE)
    back, gone = journal.entries[3:]
    assert (back.kind, back.points, back.touches, back.after.available) == (
        EntryKind.REINSTATE,
        120,
        (Touch(late.id, 70), Touch(soon.id, 50)),
        150,
    )
    assert (gone.kind, gone.points, gone.touches, gone.after.available) == (
        EntryKind.EXPIRE,
        50,
        (Touch(soon.id, -50),),
        100,
    )
    assert back.effective_at == gone.effective_at == NOW + 2 * HOUR
    assert journal.balances == Balances(available=100)
    assert journal.lots[late.id] == late


def test_points_that_come_back_in_time_are_as_they_were() -> None:
    journal = opened()
    soon, late = credit(journal, 50, NOW + HOUR), credit(journal, 100)
    spent = journals.redeem(journal, 120, CAUSE)
    journals.reinstate(journal, spent.touches, 120, CAUSE)
    assert len(journal.entries) == 4
    assert journal.lots == {soon.id: soon, late.id: late}


@pytest.mark.parametrize("points", [0, -1])
def test_an_entry_moves_a_positive_number(points: int) -> None:
    journal = opened()
    lot = credit(journal, 10)
    with pytest.raises(ValueError, match="positive number"):
        journals.earn(journal, replace(lot, id=new_id(), points=points), CAUSE)
    assert len(journal.entries) == 1


def test_a_lot_never_holds_more_than_it_was() -> None:
    journal = opened()
    lot = credit(journal, 10)
    taken = (Touch(lot.id, -5),)
    with pytest.raises(ValueError, match="cannot hold"):
        journals.reinstate(journal, taken, 5, CAUSE)


@pytest.mark.parametrize(
    ("source", "target", "after"),
    [
        (Bucket.ISSUED, Bucket.PENDING, Balances(110, 100, 100, 100)),
        (Bucket.PENDING, Bucket.AVAILABLE, Balances(90, 110, 100, 100)),
        (Bucket.AVAILABLE, Bucket.HELD, Balances(100, 90, 110, 100)),
        (Bucket.HELD, Bucket.AVAILABLE, Balances(100, 110, 90, 100)),
        (Bucket.HELD, Bucket.REDEEMED, Balances(100, 100, 90, 100)),
        (Bucket.AVAILABLE, Bucket.OWED, Balances(100, 90, 100, 90)),
        (Bucket.OWED, Bucket.CLAWED_BACK, Balances(100, 100, 100, 110)),
        (Bucket.AVAILABLE, Bucket.EXPIRED, Balances(100, 90, 100, 100)),
        (Bucket.TRANSFERRED, Bucket.AVAILABLE, Balances(100, 110, 100, 100)),
        (Bucket.ADJUSTED, Bucket.AVAILABLE, Balances(100, 110, 100, 100)),
    ],
)
def test_points_move_between_buckets(source: Bucket, target: Bucket, after: Balances) -> None:
    assert Balances(100, 100, 100, 100).moved(10, source, target) == after


# The chain of hashes. What is written here is the format for ever: stored chains depend on it.
