"""History: what is played equals what would have been recorded live, and a second calculation."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import bookings
from domain.history.history import PastBooking
from domain.kernel.database import row, rows
from domain.kernel.lookups import LookupScope
from domain.members import members
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.tiers import tiers
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading, reference, tiered
from tests.support.played import FIRST, faults, find, past, play, shoppers
from tests.support.reference import Purchase


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
