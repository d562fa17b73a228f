"""The roll-up: the same however it is made, by whoever makes it, and proved row by row."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.books import books
from domain.insight import rollups
from domain.kernel import dates
from domain.programmes.programmes import Programme
from domain.proof import figure_checks, verification
from domain.proof.evidence import MemberRows
from domain.proof.figure_checks import Sums
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support import figured, travel

pytestmark = pytest.mark.usefixtures("proved")

DAY = timedelta(days=1)
TODAY = make.NOW.date()


async def play(programme: Programme) -> list[UUID]:
    """Two members and a guest over three days, with a late refund and an amendment, and a rise."""
    ids = [await make.enrol(programme) for _ in range(2)]
    ids.append(await make.enrol(programme, guest=True))
    for number, member_id in enumerate(ids):
        line = make.line_of("hotel", "6000", city="Dali")
        await travel.pay(programme, member_id, f"B-{number}", line, make.line_of("train", "10"))
    await make.act(programme, ids[0], "browse", "V-1")
    reward = await make.reward(programme, list_points=100, cost_minor=700)
    given = [await make.redeem(programme, ids[0], reward) for _ in range(2)]
    await make.cancel(programme, ids[0], given[0], now=make.NOW + DAY)
    await travel.refund(programme, "B-0", "R-1", (1, "500"), now=make.NOW + DAY)
    flight = make.line_of("flight", "7000", city="Lijiang")
    await travel.amend(
        programme, "B-1", "A-1", flight, make.line_of("train", "0"), now=make.NOW + DAY
    )
    await travel.refund(programme, "B-2", "R-2", now=make.NOW + 2 * DAY)
    await travel.pay(programme, ids[0], "B-3", make.line_of("hotel", "1"), now=make.NOW + 2 * DAY)
    return ids


@dataclass(frozen=True)
class Proof:
    """What verification has of the programme's members, whose facts stay as they are."""

    programme: Programme
    members: list[MemberRows]

    @classmethod
    async def of(cls, programme: Programme, ids: list[UUID]) -> "Proof":
        read = [await verification.read(UUID(int=one.int - 1), one) for one in ids]
        return cls(programme, [member for found in read for member in found])

    async def faults(self) -> list[str]:
        """What it says of the programme's figures as they are kept now."""
        own = self.programme.id
        through, sums = await figure_checks.settled_through(), Sums()
        now, kept, said = (
            (await figure_checks.settled())[own],
            await figured.kept(self.programme),
            [],
        )
        for member in self.members:
            for table in ("member_month", "member_span"):
                found = [row for row in kept[table] if row["member_id"] == member.member_id]
                member.tables[table][:] = found
            made, wrong = figure_checks.check(member, self.programme, now)
            figure_checks.add(sums, own, made, through[own])
            said += wrong
        said += await figure_checks.compare(sums, {own: through[own]})
        return [str(fault) for fault in said]


async def faults(programme: Programme, ids: list[UUID]) -> list[str]:
    return await (await Proof.of(programme, ids)).faults()


async def test_days_one_after_the_other_are_what_all_of_them_are_at_once() -> None:
    programme = await make.establish()
    last = TODAY + 3 * DAY
    await figured.settle(programme, TODAY - DAY, TODAY - DAY)
    ids = await play(programme)
    await figured.settle(programme, TODAY - DAY, last)
    kept = await figured.kept(programme)
    assert {row["known_day"] for row in kept["figure_day"]} == {TODAY + n * DAY for n in range(3)}
    assert await faults(programme, ids) == []
    # another programme with the same past, whose books are opened at its end
    assert [batch async for batch in rollups.rebuild(programme)] == [rollups.Batch(3)]
    assert await figured.kept(programme) == kept
    other = await make.establish()
    await play(other)
    await figured.settle(other, last, last)
    again = await figured.kept(other)
    for table, own in kept.items():
        assert [values(row) for row in again[table]] == [values(row) for row in own]


def values(row: dict[str, Any]) -> dict[str, Any]:
    """Without what names the programme or the member."""
    return {name: value for name, value in row.items() if not name.endswith("_id")}


async def test_settling_twice_at_once_settles_once(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = await make.establish()
    await books.open_from(programme, TODAY, make.NOW)
    ids = await play(programme)
    ends = dates.end_of_day(TODAY, programme.versions[0].policy.zone)
    both = [figured.settle_next(programme, ends, [rollups.record_day]) for _ in range(2)]
    await asyncio.gather(*both)
    assert await faults(programme, ids) == []
    kept = await figured.kept(programme)
    # whoever comes late finds the day settled, and leaves it
    await rollups.record_day(programme, TODAY)
    assert await figured.kept(programme) == kept
    # while the next one is being settled, a member's rows may be of either day
    await books.settle_until(programme.id, ends + DAY)
    assert await faults(programme, ids) == []
    monkeypatch.setattr(rollups, "PAUSES_MAX", 1)
    with pytest.raises(rollups.DayInProgress):
        [batch async for batch in rollups.rebuild(programme)]
    await rollups.record_day(programme, TODAY + DAY)
    assert await faults(programme, ids) == []
    assert (await figured.kept(programme))["member_month"] != kept["member_month"]


SAID = {"measure": "fell", "month": date(2025, 1, 1), "second_booking": TODAY + 9 * DAY}


def altered(name: str, value: Any) -> Any:
    """Another value of a column, within what its constraints let stand."""
    if name in SAID and value is not None:
        return SAID[name]
    if name == "status":
        return "GUEST" if value == "ENROLLED" else "ENROLLED"
    if isinstance(value, int):
        return not value if isinstance(value, bool) else value + 1 or 7
    return value - DAY if isinstance(value, date) else value and "elsewhere"


async def test_any_value_that_was_altered_is_found(database: Database) -> None:
    programme = await make.establish()
    ids = await play(programme)
    await figured.settle(programme, TODAY + DAY, TODAY + 2 * DAY)
    proof = await Proof.of(programme, ids)
    assert await proof.faults() == []
    planted = Counter[str]()
    async with connection(database.owner) as owner:
        for table, kept in (await figured.kept(programme)).items():
            names = [name for name in kept[0] if not name.endswith("_id")]
            keys = [{**row, "value": 0} for row in kept]
            for number, row in enumerate(kept):
                for name in names if number == 0 else [names[number % len(names)]]:
                    other = {**row, name: altered(name, row[name])}
                    if {**other, "value": 0} in keys and name != "value":
                        continue
                    await figured.remove(owner, table, row)
                    if name == names[0]:
                        assert await proof.faults() != [], f"{table} lost {row}"
                    await figured.add(owner, table, other)
                    assert await proof.faults() != [], f"{table} {name} of {row}"
                    await figured.remove(owner, table, other)
                    await figured.add(owner, table, row)
                    planted[name] += 1
    assert await proof.faults() == []
    assert len(planted) == 8 + 9 + 3
    assert planted.total() > 50
