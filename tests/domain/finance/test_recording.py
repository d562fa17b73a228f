"""The journal: the same however it is made, by whoever makes it, and proved row by row."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.books import books
from domain.finance import closing, recording
from domain.insight.rollups import Batch, DayInProgress
from domain.kernel import dates
from domain.programmes.programmes import Programme
from domain.proof import figure_checks, finance_checks, verification
from domain.proof.evidence import MemberRows
from domain.proof.figure_checks import Sums
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support import figured, tied, travel

pytestmark = pytest.mark.usefixtures("proved")

DAY = timedelta(days=1)
TODAY = make.NOW.date()
LAST = TODAY + 50 * DAY
BANK = "bank"


async def establish(method: str = "proportional") -> Programme:
    """Points that live for a month; a bank pays for some, and some have to be travelled for."""
    worth = {"points": 100, "money": 1}
    programme = await make.funded(
        make.variant(
            make.rule("rate", "base", points=1),
            make.rule("bonus", "gift", points=301, funder=BANK),
            make.rule(
                "bonus", "trip", points=77, available="on_completion", when={"products": ["train"]}
            ),
            points={"worth": worth, "available": "at_payment", "expiry": {"months": 1}},
            finance={"breakage": "0.2", "method": method},
            transfers={},
        ),
        BANK,
    )
    await make.agree(programme, BANK)
    return programme


async def play(programme: Programme) -> list[UUID]:
    """Three members: bookings that are refunded and amended, rewards that come back in their lots
    and in new ones, holds that are captured, released and die, transfers, arrears, corrections.
    """
    ids = [await make.enrol(programme) for _ in range(3)]
    one, two, three = ids
    for number, member_id in enumerate(ids):
        line = make.line_of("hotel", "6000")
        await travel.pay(programme, member_id, f"B-{number}", line, make.line_of("train", "10"))
    await make.give(programme, one, 1001)
    reward = await make.reward(programme, list_points=333, cost_minor=700)
    given = [await make.redeem(programme, one, reward) for _ in range(3)]
    flight = make.line_of("flight", "70")
    held = await travel.hold(programme, three, 2500, flight)
    await travel.pay(programme, three, "P-1", flight, redemption=held)
    await travel.hold(programme, three, 700, flight)
    later = make.NOW + DAY
    await make.cancel(programme, one, given[0], now=later)
    await make.adjust(programme, one, 77, now=later)
    await make.adjust(programme, one, -50, now=later)
    for giver, receiver, points in ((one, two, 500), (two, three, 5001), (three, one, 4321)):
        await make.transfer(programme, giver, receiver, points, now=later)
    await travel.refund(programme, "B-0", "R-1", (1, "500"), now=later)
    await travel.refund(programme, "B-1", "R-2", now=later)
    await travel.refund(programme, "P-1", "R-3", (1, "30"), now=later, supplier_cancelled=True)
    await travel.refund(programme, "P-1", "R-4", now=later, supplier_cancelled=True)
    moved = make.line_of("flight", "7000"), make.line_of("train", "0")
    await travel.amend(programme, "B-2", "A-1", *moved, now=later)
    await travel.complete(programme, "B-0", now=later)
    await make.give(programme, two, 6000, now=later + DAY)
    return ids


async def read(ids: list[UUID]) -> list[MemberRows]:
    found = [await verification.read(UUID(int=one.int - 1), one) for one in ids]
    return [member for some in found for member in some]


async def faults(programme: Programme, members: list[MemberRows]) -> list[str]:
    """What verification says of the programme's journal as it is kept now."""
    through = {programme.id: (await figure_checks.settled_through())[programme.id]}
    known = (await finance_checks.finances(through))[programme.id]
    sums, said = Sums(), []
    values = (await tied.kept(programme))["lot_value"]
    for member in members:
        own = [row for row in values if row["member_id"] == member.member_id]
        member.tables["lot_value"][:] = own
        said += finance_checks.check(member, known, sums)
    return [str(fault) for fault in [*said, *await finance_checks.compare(sums, through)]]


ACCOUNTS = {
    *("travel_revenue", "marketing", "deferred", "points_revenue", "contra", "breakage"),
    *("reward_cost", "payable", "arrears", "settlement", "transfers", f"receivable:{BANK}"),
}


async def test_days_one_after_the_other_are_what_all_of_them_are_at_once() -> None:
    programme = await establish()
    await figured.settle(programme, TODAY - DAY, TODAY - DAY)
    ids = await play(programme)
    await figured.settle(programme, TODAY - DAY, LAST)
    assert await faults(programme, await read(ids)) == []
    kept = await tied.kept(programme)
    assert await tied.prove(programme) == 8
    assert {line["account"] for line in kept["journal_day"]} == ACCOUNTS
    balances: Counter[str] = Counter()
    for line in kept["journal_day"]:
        balances[line["account"]] += line["credit"] - line["debit"]
    assert balances["deferred"] == balances["contra"] == balances["arrears"] == 0
    assert await tied.rebuilt(programme) == kept
    # another programme with the same past, whose books are opened at its end
    other = await establish()
    await play(other)
    await figured.settle(other, LAST, LAST)
    again = await tied.kept(other)
    for table, own in kept.items():
        assert [values(row) for row in again[table]] == [values(row) for row in own]


def values(row: dict[str, Any]) -> dict[str, Any]:
    """Without what names the programme, a member or a lot."""
    return {name: value for name, value in row.items() if not name.endswith("_id")}


async def test_lots_from_before_there_were_values_get_theirs_when_a_day_is_settled(
    database: Database,
) -> None:
    programme = await establish("remote")
    ids = await play(programme)
    await figured.settle(programme, TODAY + 2 * DAY, TODAY + 2 * DAY)
    kept = await tied.kept(programme)
    assert await tied.prove(programme) == 3
    async with connection(database.owner) as owner:
        for table in ("lot_value", "journal_day", "liability_day"):
            for row in kept[table]:
                await figured.remove(owner, table, row)
    members = await read(ids)
    assert f"lot_value {kept['lot_value'][0]['lot_id']}" in " ".join(
        await faults(programme, members)
    )
    # what came since is valued as far as it is known, and the rest with the next day
    await make.transfer(programme, ids[2], ids[1], 99, now=make.NOW + 3 * DAY)
    assert (await tied.kept(programme))["lot_value"] == []
    await figured.settle(programme, TODAY + 3 * DAY, TODAY + 3 * DAY)
    assert await tied.prove(programme) == 4
    again = await tied.kept(programme)
    assert [row for row in again["lot_value"] if row in kept["lot_value"]] == kept["lot_value"]
    before = [row for row in again["journal_day"] if row["day"] < TODAY + 3 * DAY]
    assert before == kept["journal_day"]
    assert await faults(programme, await read(ids)) == []


async def test_settling_twice_at_once_settles_once() -> None:
    programme = await establish()
    await books.open_from(programme, TODAY, make.NOW)
    ids = await play(programme)
    ends = dates.end_of_day(TODAY, programme.versions[0].policy.zone)
    both = [figured.settle_next(programme, ends, [recording.record_day]) for _ in range(2)]
    await asyncio.gather(*both)
    kept = await tied.kept(programme)
    assert await faults(programme, await read(ids)) == []
    # whoever comes late finds the day settled, and leaves it
    await recording.record_day(programme, TODAY)
    assert await tied.kept(programme) == kept
    # nothing is replaced by what was computed before a month was closed
    await figured.settle(programme, TODAY, TODAY + 20 * DAY)
    kept = await tied.kept(programme)
    again = recording.rebuild(programme)
    assert await anext(again) == Batch(3)
    await closing.close(make.request(make.staff(programme)), programme, "2026-03")
    with pytest.raises(DayInProgress):
        await anext(again)
    assert await tied.rebuilt(programme) == kept
    assert await faults(programme, await read(ids)) == []


async def test_nothing_is_replaced_where_all_settled_days_are_closed() -> None:
    programme = await establish()
    ids, last = await play(programme), dates.month_end(TODAY)
    await figured.settle(programme, TODAY, last)
    await closing.close(make.request(make.staff(programme)), programme, "2026-03")
    kept = await tied.kept(programme)
    assert {row["day"] for row in kept["liability_day"]} == {last}
    assert await tied.rebuilt(programme) == kept
    # what follows is computed again, beside what is closed
    await figured.settle(programme, last + DAY, last + 2 * DAY)
    kept = await tied.kept(programme)
    assert await tied.rebuilt(programme) == kept
    assert await faults(programme, await read(ids)) == []


async def test_only_what_is_asked_for_is_read(statements: list[str]) -> None:
    """Members of whom nothing became known are left alone, also before anybody has points, and
    cohorts until a month ends; then they are summed up before the books are locked.
    """
    programme = await establish()
    member_id = await make.enrol(programme)
    await figured.settle(programme, TODAY, TODAY)

    async def settle(day: date) -> list[str]:
        statements.clear()
        await figured.settle(programme, day, day)
        return list(statements)

    def among(sent: list[str], words: str) -> list[int]:
        return [place for place, sql in enumerate(sent) if words in sql]

    lots = "FROM lot_value WHERE member_id"
    assert among(await settle(TODAY + DAY), lots) == []
    await make.give(programme, member_id, 100, now=make.NOW + 2 * DAY)
    sent = await settle(TODAY + 2 * DAY)
    assert (len(among(sent, lots)), among(sent, "GROUP BY account, funder, cohort")) == (1, [])
    last = dates.month_end(TODAY)
    await figured.settle(programme, TODAY + 3 * DAY, last - DAY)
    sent = await settle(last)
    assert among(sent, lots) == []
    [summed] = among(sent, "GROUP BY account, funder, cohort")
    assert among(sent, "FROM books WHERE programme_id = $1 FOR NO KEY UPDATE")[-1] > summed
    assert await tied.prove(programme) > 0


async def test_a_journal_is_not_computed_again_while_a_day_is_being_settled() -> None:
    programme = await establish()
    await play(programme)
    await figured.settle(programme, TODAY, TODAY + 20 * DAY)
    kept = await tied.kept(programme)
    zone = programme.versions[0].policy.zone
    await books.settle_until(programme.id, dates.end_of_day(TODAY + 21 * DAY, zone))
    with pytest.raises(DayInProgress):
        await tied.rebuilt(programme)
    assert await tied.kept(programme) == kept
    await figured.settle(programme, TODAY + 21 * DAY, TODAY + 21 * DAY)
    kept = await tied.kept(programme)
    assert await tied.rebuilt(programme) == kept


async def test_any_value_that_was_altered_is_found(database: Database) -> None:
    programme = await establish()
    ids = await play(programme)
    await figured.settle(programme, TODAY, TODAY + 20 * DAY)
    members = await read(ids)
    assert await faults(programme, members) == []
    planted = Counter[str]()
    async with connection(database.owner) as owner:
        for table, kept in (await tied.kept(programme)).items():
            names = [
                name for name in kept[0] if name not in ("programme_id", "member_id", "lot_id")
            ]
            for number, row in enumerate(kept):
                for name in names if number == 0 else [names[number % len(names)]]:
                    other = {**row, name: altered(name, row, kept)}
                    await figured.remove(owner, table, row)
                    if name == names[0]:
                        assert await faults(programme, members) != [], f"{table} lost {row}"
                    await figured.add(owner, table, other)
                    assert await faults(programme, members) != [], f"{table} {name} of {row}"
                    await figured.remove(owner, table, other)
                    await figured.add(owner, table, row)
                    planted[name] += 1
    assert await faults(programme, members) == []
    assert set(planted) == {
        *("day", "account", "funder", "cohort", "debit", "credit", "points"),
        *("expiry_month", "amount", "source_lot_id"),
    }
    assert planted.total() > 60


def altered(name: str, row: dict[str, Any], kept: list[dict[str, Any]]) -> Any:
    """Another value of a column, within what its constraints let stand."""
    if name in ("account", "funder"):
        return "prepaid:nobody"
    if name in ("cohort", "expiry_month"):
        return "1999-01"
    if name == "source_lot_id":
        own = [one["lot_id"] for one in kept if one["member_id"] == row["member_id"]]
        return None if row[name] else next(one for one in own if one != row["lot_id"])
    value = row[name]
    return value - 400 * DAY if name == "day" else value + 1
