"""History: what is played equals what would have been recorded live, and a second calculation."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import bookings
from domain.bookings.reports import BookingSent
from domain.books import books
from domain.books.refusals import DaySettled
from domain.checkout.booking_lines import LineSent
from domain.history import history
from domain.history.history import TOO_LATE, PastBooking, PlayResult
from domain.history.history_accounts import NOT_OURS
from domain.kernel.database import row, rows
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, ReferenceConflict
from domain.members import identity, members
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue
from domain.tiers import tiers
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading, reference, tiered
from tests.support.reference import Purchase

FIRST = reference.local_midnight("2022-02-20")


def past(number: int, at: datetime, amount: str, **sent: Any) -> PastBooking:
    """A hotel booking; its reference is its number unless said otherwise."""
    line = LineSent(sent.pop("product", "hotel"), Decimal(amount))
    at = at.astimezone(UTC)
    name = sent.pop("reference", f"H{number}")
    return PastBooking(number, at, BookingSent(name, (line,), booked_at=at, **sent))


async def play(
    programme: Programme, name: str, items: Iterable[PastBooking], *, enrol: bool = True
) -> PlayResult:
    return await history.play(programme, name, list(items), make.NOW, enrol=enrol)


@pytest.mark.usefixtures("database")
async def test_history_of_settled_days_is_refused() -> None:
    programme = await make.establish()
    bounds = [make.NOW - timedelta(days=days) for days in (9, 8, 7)]
    items = [past(number, at, "100") for number, at in enumerate(bounds)]
    await books.open_from(programme, (make.NOW - timedelta(days=7)).date(), make.NOW)
    before = await make.everything(programme)
    refused = await play(programme, "all", items[:2])
    assert (refused.recorded, refused.enrolled) == (0, 0)
    assert {rejection.number: type(rejection.reason) for rejection in refused.refused} == {
        0: DaySettled,
        1: DaySettled,
    }
    assert await make.everything(programme) == before
    some = await play(programme, "some", items)
    assert (some.recorded, some.enrolled, len(some.refused)) == (1, 1, 2)


async def find(programme: Programme, name: str) -> UUID:
    found = await identity.find(programme.id, MemberKey(LookupScope.REFERENCE, name))
    assert found is not None
    return found


async def faults(programme: Programme) -> list[str]:
    """What verification says of this programme's members."""
    found = await rows("SELECT member_id FROM member WHERE programme_id = $1", programme.id)
    ids = sorted(member["member_id"] for member in found)
    loaded = await verification.read(UUID(int=ids[0].int - 1), ids[-1])
    catalogue = await verification.read_catalogue(Catalogue({}, {}), loaded)
    return [
        str(fault)
        for member in loaded
        if member.account and member.account["programme_id"] == programme.id
        for fault in invariants.check(member, catalogue)
    ]


def shoppers(count: int, seed: int) -> dict[str, list[PastBooking]]:
    """Generated purchases: many tiers, repeated instants, month ends, zeros and fractions."""
    rng = random.Random(seed)  # noqa: S311 - a repeatable sample, not a secret
    made: dict[str, list[PastBooking]] = {}
    number = 0
    for shopper in range(count):
        items, day = [], FIRST + timedelta(days=rng.randrange(60))
        for _ in range(rng.choice([1, 1, 2, 4, 9, 30])):
            number += 1
            amount = rng.choice(["0", "0.99", f"{rng.randrange(1, 900_000) / 100:.2f}", "4999.99"])
            items.append(past(number, day, amount, reference=f"{seed}-{number}"))
            step = timedelta(days=rng.choice([0, 0, 1, 9, 40, 365]), seconds=rng.choice([0, 1]))
            day = min(day + step, make.NOW)
        rng.shuffle(items)
        made[f"shopper-{shopper}"] = sorted(items, key=lambda item: item.number)
    return made


async def test_equals_an_independent_calculation(database: Database) -> None:
    programme = await make.establish()
    histories = shoppers(40, seed=7)
    leap_day = reference.local_midnight("2024-02-29")
    histories["leap"] = [past(0, leap_day, "120"), past(1, leap_day - timedelta(1), "60")]
    gone = reference.local_midnight("2025-03-01")
    purchases = [
        Purchase(name, item.booked_at, item.sent.lines[0].amount)
        for name, items in histories.items()
        for item in items
    ]
    for name, items in histories.items():
        played = await play(programme, name, items)
        assert (played.recorded, played.refused, played.enrolled) == (len(items), (), 1)

    compared = 0
    instants = [FIRST + timedelta(days=days) for days in (30, 364, 365, 366, 500, 900, 1400)]
    for as_of in (*instants, gone - timedelta(microseconds=1), gone, make.NOW):
        for name, expected in reference.results(purchases, as_of).items():
            member_id = await find(programme, name)
            assert await standing(member_id, as_of) == (expected.tier, expected.balance)
            assert await earned(member_id, as_of) == expected.earned
            compared += 1
    assert compared > 200
    assert {result.tier for result in reference.results(purchases, make.NOW).values()} == {
        level[0] for level in reference.LEVELS
    }
    assert await faults(programme) == []


async def standing(member_id: UUID, as_of: datetime) -> tuple[str, int]:
    account = await row("SELECT * FROM account WHERE member_id = $1", member_id)
    assert account is not None
    tier = await tiers.at(tiers.to_holding(account), as_of)
    return tier, (await reading.balances_at(member_id, as_of)).available


async def earned(member_id: UUID, as_of: datetime) -> int:
    found = await row(
        "SELECT coalesce(sum(points), 0)::bigint AS points FROM ledger_entry "
        "WHERE member_id = $1 AND kind = 'EARN' AND effective_at <= $2",
        member_id,
        as_of,
    )
    return int(found["points"]) if found else 0


async def snapshot(member_id: UUID) -> list[Any]:
    """What a history consists of, without ids and hashes."""
    return [await rows(query, member_id) for query in HISTORY.strip().split(";")]


HISTORY = """
SELECT sequence, kind, points, effective_at, recorded_at, available_after
    FROM ledger_entry WHERE member_id = $1 ORDER BY sequence;
SELECT points, remaining, earned_at, available_at, expires_at
    FROM lot WHERE member_id = $1 ORDER BY earned_at, points;
SELECT reference, booked_at, recorded_at, cash_minor, points, snapshot, explanation, content_hash
    FROM booking WHERE member_id = $1 ORDER BY reference;
SELECT rule, points, occurred_at
    FROM award WHERE member_id = $1 ORDER BY occurred_at, rule, points;
SELECT occurred_at, recorded_at, spend_minor, bookings, nights, points
    FROM tier_credit WHERE member_id = $1 ORDER BY occurred_at, spend_minor;
SELECT from_tier, to_tier, effective_at, recorded_at, judged_at, reason, earned_tier, until, inputs
    FROM tier_change WHERE member_id = $1 ORDER BY recorded_at, id;
SELECT pending, available, sequence, next_due_at, tier, tier_since, last_recorded_at,
    tier_earned, tier_until, tier_grace_until, tier_review_due_at, tier_recorded_at
    FROM account WHERE member_id = $1
"""


def limited() -> dict[str, Any]:
    """The shipped rules and a bonus of 30 points a booking, of which 70 a month."""
    monthly = make.rule("bonus", "monthly", points=30, limit={"points": 70, "per": "month"})
    return make.variant(*make.shipped_rules(), monthly)


def quarterly() -> dict[str, Any]:
    """The shipped levels by the spend of three months, one step down after a grace."""
    document = make.shipped_document()
    document["tiers"] |= {"window": {"months": 3}, "downgrade": {"grace_days": 20}}
    return document


DOCUMENTS = {"limited": limited, "quarterly": quarterly, "calendar": tiered.calendar}


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_equals_what_live_reports_at_those_instants_made(
    database: Database, document: str
) -> None:
    birthday, reasons = date(1990, 5, 5), set()
    steady = [past(n, FIRST + timedelta(days=40 * n), "2600") for n in range(20)]
    steady.append(past(20, make.NOW - timedelta(days=1), "10"))
    for items in (*shoppers(4, seed=11).values(), steady):
        snapshots = []
        for live in (False, True):
            programme = await make.establish(DOCUMENTS[document]())
            joined = min(item.booked_at for item in items)
            member_id = await make.enrol(programme, reference="same", birthday=birthday, now=joined)
            if live:
                await report(programme, items)
            else:
                await play(programme, "same", items, enrol=False)
            snapshots.append(await snapshot(member_id))
            reasons |= {change["reason"] for change in await tiered.recorded(member_id)}
            assert await make.faults(member_id) == []
        assert snapshots[0] == snapshots[1]
    lost = set() if document == "limited" else {"renewed", "period_end"}
    assert reasons == {"qualified"} | lost


async def report(programme: Programme, items: Sequence[PastBooking]) -> None:
    for item in sorted(items, key=lambda item: (item.booked_at, item.number)):
        request = make.request(make.partner(programme), now=item.booked_at)
        key = MemberKey(LookupScope.REFERENCE, "same")
        await tiered.sweep_on_time(programme, item.booked_at)
        await bookings.earn(request, programme, key, item.sent)


async def test_a_limit_counts_what_was_played_before(database: Database) -> None:
    programme = await make.establish(limited())
    items = [past(n, FIRST + timedelta(hours=n), "1") for n in range(1, 6)]
    played = await play(programme, "limited", items[:2])
    again = await play(programme, "limited", items)
    # 30 + 30 of 70 a month, then 10, then none; and one point of each booking
    assert (played.points, again.points, again.known) == (62, 13, 2)


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_playing_in_parts_ends_the_same(database: Database, document: str) -> None:
    items = shoppers(6, seed=3)["shopper-5"] + [past(900, FIRST + timedelta(days=800), "77")]
    items = sorted(items, key=lambda item: (item.booked_at, item.number))
    snapshots = []
    for cuts in ((len(items),), (1, 2, len(items)), range(1, len(items) + 1)):
        programme = await make.establish(DOCUMENTS[document]())
        for cut in cuts:
            await play(programme, "parts", items[:cut])
        last = await play(programme, "parts", items)
        assert (last.recorded, last.known, last.refused) == (0, len(items), ())
        snapshots.append(await snapshot(await find(programme, "parts")))
        assert await faults(programme) == []
    assert snapshots[0] == snapshots[1] == snapshots[2]


async def test_a_member_joins_at_its_first_booking_and_nobody_is_told(database: Database) -> None:
    programme = await make.establish()
    await play(programme, "quiet", [past(2, FIRST + timedelta(1), "9"), past(1, FIRST, "9000")])
    member_id = await find(programme, "quiet")
    member = (await members.many([member_id]))[member_id]
    assert (member.joined_at, member.tier, member.balances.available) == (FIRST, "gold", 9010)
    assert await rows("SELECT id FROM outbox_event WHERE member_id = $1", member_id) == []


@pytest.mark.parametrize("how", ["a live booking", "an activity's points"])
async def test_a_member_with_other_entries_is_left_alone(database: Database, how: str) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, reference="known")
    if how == "a live booking":
        await make.book(programme, member_id, ("hotel", "10"))
    else:
        await make.give(programme, member_id, 40)
    before = await make.everything(programme)
    played = await play(programme, "known", [past(1, FIRST, "10"), past(2, FIRST, "20")])
    assert [refusal.reason for refusal in played.refused] == [NOT_OURS, NOT_OURS]
    assert played.recorded == 0
    assert await make.everything(programme) == before


async def test_nothing_is_written_before_what_already_happened(database: Database) -> None:
    programme = await make.establish()
    await play(programme, "late", [past(2, FIRST + timedelta(days=2), "10")])
    played = await play(
        programme,
        "late",
        [
            past(1, FIRST, "10"),
            past(2, FIRST + timedelta(days=2), "10"),
            past(3, FIRST + timedelta(days=2), "10"),
        ],
    )
    assert (played.known, played.recorded) == (1, 1)
    assert [(r.number, r.reason) for r in played.refused] == [(1, TOO_LATE)]
    # its reference is free again
    other = await play(programme, "other", [past(1, FIRST, "10")])
    assert other.recorded == 1


async def test_refusals_leave_the_other_bookings_alone(database: Database) -> None:
    programme = await make.establish()
    await play(programme, "first", [past(1, FIRST, "10", reference="taken")])
    played = await play(
        programme,
        "second",
        [
            past(1, FIRST, "10", reference="taken"),
            past(2, FIRST, "10", product="yacht"),
            past(3, FIRST, "-1"),
            past(4, FIRST, "0.001"),
            past(5, FIRST, "10", payment_method="shells"),
            past(6, make.NOW + timedelta(seconds=1), "10"),
            past(7, FIRST, "10", reference=""),
            past(8, FIRST, "10"),
            past(9, FIRST, "10", reference="H8"),
            past(10, FIRST, "11", reference="H8"),
        ],
    )
    assert (played.recorded, played.known, played.points) == (1, 1, 10)
    reasons = {refusal.number: refusal.reason for refusal in played.refused}
    assert reasons.keys() == {1, 2, 3, 4, 5, 6, 7, 10}
    for number, taken in ((1, "taken"), (10, "H8")):
        conflict = reasons[number]
        assert isinstance(conflict, ReferenceConflict)
        assert (conflict.path, conflict.reference) == (("reference",), taken)
    unknown = reasons[2]
    assert isinstance(unknown, InvalidInput)
    assert unknown.path == ("lines", "0", "product")
    assert (unknown.reason, unknown.value) == ("unknown_product", "yacht")


async def test_a_repeated_row_goes_the_way_of_the_first(database: Database) -> None:
    programme = await make.establish()
    twice = [past(1, FIRST, "10", reference="X"), past(2, FIRST, "10", reference="X")]
    refused = await play(programme, "nobody", twice, enrol=False)
    assert {refusal.number for refusal in refused.refused} == {1, 2}
    played = await play(programme, "somebody", twice)
    assert (played.recorded, played.known, played.refused) == (1, 1, ())


async def test_a_member_does_not_join_by_refused_bookings(database: Database) -> None:
    programme = await make.establish()
    await play(programme, "first", [past(1, FIRST, "10")])
    before = await make.everything(programme)
    played = await play(programme, "second", [past(1, FIRST, "10"), past(2, FIRST, "-1")])
    assert (played.enrolled, {r.number for r in played.refused}) == (0, {1, 2})
    assert await make.everything(programme) == before


async def test_members_that_cannot_be_played(database: Database) -> None:
    programme = await make.establish()
    before = await make.everything(programme)
    missing = await play(programme, "nobody", [past(1, FIRST, "10")], enrol=False)
    assert [str(r.reason) for r in missing.refused] == ["NOT_FOUND what='member' value='nobody'"]
    nameless = await play(programme, "  ", [past(1, FIRST, "10")])
    assert [str(r.reason) for r in nameless.refused] == ["INVALID_INPUT reason='too_short'"]
    assert await make.everything(programme) == before

    await make.enrol(programme, reference="visitor", guest=True)
    guest = await play(programme, "visitor", [past(1, FIRST, "10")])
    assert (guest.recorded, guest.points) == (1, 0)


async def test_each_booking_is_judged_by_the_version_of_its_own_instant(
    database: Database,
) -> None:
    document = make.shipped_document()
    programme = await make.establish(document)
    published = make.NOW - timedelta(days=800)
    later = published + timedelta(days=10)
    doubled = {**document, "earning": [{**document["earning"][0], "points": 2}]}
    programme = await make.publish(programme, doubled, now=published, effective_from=later)
    items = [past(1, later - timedelta(seconds=1), "10"), past(2, later, "10")]
    assert (await play(programme, "versions", items)).points == 30


async def test_a_date_beyond_the_calendar_ends_no_import(database: Database) -> None:
    programme = await make.establish()
    at = make.NOW - timedelta(days=3)
    far = LineSent("hotel", Decimal(100), travel_to=date(9999, 12, 31))
    first = datetime(1, 1, 1, tzinfo=UTC)
    items = [
        past(1, at, "100"),
        PastBooking(2, at, BookingSent("H2", (far,), booked_at=at)),
        past(3, first, "100"),
        past(4, at, "100"),
    ]
    played = await play(programme, "far", items)
    assert played.recorded == 2
    reasons = {rejection.number: rejection.reason for rejection in played.refused}
    assert {number: getattr(reason, "path", None) for number, reason in reasons.items()} == {
        2: ("lines", "0", "travelTo"),
        3: ("bookedAt",),
    }


async def test_a_line_that_matured_on_the_way_is_recorded(database: Database) -> None:
    """Overdue before the next booking is played, in the same transaction that records it."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 24, "through": "month"},
    }
    completion = {"overdue_days": 30, "then": "mature"}
    programme = await make.establish(make.shipped_document(points=points, completion=completion))
    items = [past(1, make.NOW - timedelta(days=90), "100"), past(2, make.NOW, "50")]
    played = await play(programme, "matured", items)
    assert (played.recorded, played.refused) == (2, ())
    member_id = await find(programme, "matured")
    state = await make.state(member_id, make.NOW)
    assert (state.balances.available, state.balances.pending) == (100, 50)
    assert await faults(programme) == []


async def test_a_history_counts_what_was_booked_before(database: Database) -> None:
    """Of what this play has played, of what was there, and of the window around each instant."""
    third = make.rule("bonus", "third", points=100, when={"counts": {"stays": {"min": 2}}})
    counted = {"of": "bookings", "products": ["hotel"], "days": 30}
    base = make.rule("rate", "base", points=1, per=1)
    programme = await make.establish(make.variant(base, third, counts={"stays": counted}))
    at = [FIRST + timedelta(days=days) for days in (1, 2, 3, 60, 61)]
    first = [past(number, day, "10") for number, day in enumerate(at[:2])]
    assert (await play(programme, "m", first)).points == 20
    rest = [past(number, day, "10") for number, day in enumerate(at[2:], start=2)]
    assert (await play(programme, "m", rest)).points == 30 + 100
    flights = [past(10 + n, at[4] + timedelta(hours=1 + n), "10", product="flight") for n in (0, 1)]
    assert (await play(programme, "m", flights)).points == 20 + 200
    assert await faults(programme) == []


@pytest.mark.parametrize(("window", "asked"), [({}, 1), ({"days": 30}, 3)])
async def test_a_count_of_all_time_is_asked_once_for_many_bookings(
    database: Database, statements: list[str], window: dict[str, int], asked: int
) -> None:
    """What was there before all of them is the same for each; a window lies around its instant."""
    third = make.rule("bonus", "third", points=100, when={"counts": {"stays": {"min": 2}}})
    counted = {"of": "bookings", "products": ["hotel"], **window}
    base = make.rule("rate", "base", points=1, per=1)
    programme = await make.establish(make.variant(base, third, counts={"stays": counted}))
    at = [FIRST + timedelta(days=days) for days in (1, 2, 3)]
    assert (await play(programme, "m", [past(0, at[0], "10")])).points == 10
    statements.clear()
    rest = [past(1 + n, at[1] + timedelta(hours=n), "10") for n in range(3)]
    assert (await play(programme, "m", rest)).points == 30 + 200
    assert len([sql for sql in statements if sql.lstrip().startswith("WITH line AS")]) == asked
    assert await faults(programme) == []
