"""Histories that are played by one transaction are what each would be by its own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from domain.books import books
from domain.history import history, together
from domain.history.history import PastBooking, PlayResult
from domain.kernel.database import rows, update
from domain.programmes.programmes import Programme
from tests.support import alike
from tests.support import factories as make
from tests.support.played import past, shoppers

pytestmark = pytest.mark.usefixtures("database")

LONG_AGO = make.NOW - timedelta(days=800)


async def furnish() -> Programme:
    """Members that are there already: with nothing, with a history, with more than that, and one
    that is suspended.
    """
    programme = await make.establish(make.whole_document("ota"))
    for name in ("new", "moved", "live"):
        await make.enrol(programme, now=LONG_AGO, reference=name)
    asleep = await make.enrol(programme, now=LONG_AGO, reference="asleep")
    await make.set_status(asleep, "SUSPENDED")
    [live] = await rows(
        "SELECT member_id FROM member WHERE programme_id = $1 AND reference = 'live'", programme.id
    )
    await make.book(programme, live["member_id"], ("hotel", "100"), reference="now")
    at = make.NOW - timedelta(days=300)
    await history.play(programme, "moved", [past(900, at, "700")], make.NOW, enrol=False)
    return programme


def drawn(seed: int) -> dict[str, list[PastBooking]]:
    """Histories of many, some of whom are refused, whole or in part, or share a reference."""
    days = [make.NOW - timedelta(days=ago) for ago in (400, 200, 100)]
    found: dict[str, list[PastBooking]] = dict(shoppers(12, seed))
    for number, name in enumerate(("new", "moved", "live", "asleep", "joins", " odd ")):
        at = 1000 + 10 * number
        found[name] = [past(at + place, day, "1200") for place, day in enumerate(days)]
    found["refused"] = [past(1200, days[0], "10", product="moon")]
    found["partly"] = [past(1210, days[0], "10", product="moon"), past(1211, days[1], "10")]
    found["twice"] = [past(1220, days[0], "10"), past(1221, days[0], "10", reference="H1220")]
    found["first"] = [past(1230, days[0], "10", reference="shared"), past(1231, days[1], "20")]
    found["second"] = [past(1240, days[2], "30", reference="shared"), past(1241, days[0], "40")]
    found["late to it"] = [past(1250, days[2], "30", reference="shared")]
    found["future"] = [past(1260, make.NOW + timedelta(days=1), "1")]
    return found


async def one_by_one(
    programme: Programme, histories: dict[str, list[PastBooking]], *, enrol: bool
) -> dict[str, PlayResult | Exception]:
    return {
        name: await history.play(programme, name, items, make.NOW, enrol=enrol)
        for name, items in histories.items()
    }


def told(played: dict[str, PlayResult | Exception]) -> dict[str, Any]:
    return {
        name: [
            (one.recorded, one.known, one.points, one.enrolled),
            sorted((refusal.number, repr(refusal.reason)) for refusal in one.refused),
        ]
        for name, one in played.items()
        if isinstance(one, PlayResult)
    }


async def check(alone: Programme, group: Programme) -> None:
    left = await alike.written(group)
    for table, stored in (await alike.written(alone)).items():
        assert left[table] == stored, table


@pytest.mark.parametrize("seed", [1, 2])
async def test_many_histories_are_what_each_is_alone(seed: int) -> None:
    alone, group = await furnish(), await furnish()
    for enrol in (False, True):
        one_by_one_said = await one_by_one(alone, drawn(seed), enrol=enrol)
        said = await together.play(group, drawn(seed), make.NOW, enrol=enrol)
        assert told(said) == told(one_by_one_said)
        assert len(told(said)) == len(said)
        await check(alone, group)

    found = await rows("SELECT member_id FROM member WHERE programme_id = $1", group.id)
    assert await make.faults(*(one["member_id"] for one in found)) == []
    again = await together.play(group, drawn(seed), make.NOW, enrol=True)
    assert sum(one.recorded for one in again.values() if isinstance(one, PlayResult)) == 0
    await check(alone, group)


async def transactions(programme: Programme) -> Sequence[int]:
    """How many members each transaction enrolled."""
    found = await rows(
        "SELECT count(*) AS count FROM member WHERE programme_id = $1 GROUP BY xmin::text "
        "ORDER BY 1",
        programme.id,
    )
    return [one["count"] for one in found]


async def test_many_are_one_transaction_of_a_few_statements(statements: list[str]) -> None:
    programme = await make.establish()
    histories = shoppers(20, seed=3)
    statements.clear()
    played = await together.play(programme, histories, make.NOW, enrol=True)
    assert sum(one.enrolled for one in played.values() if isinstance(one, PlayResult)) == 20
    assert await transactions(programme) == [20]
    # members that are there, references, codes, members, accounts, and what is written alike
    assert len(statements) <= 15


async def test_one_that_fails_is_played_by_none_and_fails_alone() -> None:
    programme = await make.establish()
    await make.enrol(programme, now=LONG_AGO, reference="broken")
    await update(
        f"UPDATE account SET available = {2**63 - 1} WHERE member_id = (SELECT member_id "
        "FROM member WHERE programme_id = $1 AND reference = 'broken')",
        programme.id,
    )
    at = make.NOW - timedelta(days=100)
    histories = {name: [past(number, at, "10")] for number, name in enumerate(("a", "broken", "b"))}
    played = await together.play(programme, histories, make.NOW, enrol=True)
    assert [type(one) is PlayResult for one in played.values()] == [True, False, True]
    assert await transactions(programme) == [1, 1, 1]


async def test_what_is_of_a_settled_day_is_refused_as_alone() -> None:
    days = [make.NOW - timedelta(days=ago) for ago in (9, 8, 7)]
    histories = {
        "all": [past(0, days[0], "100"), past(1, days[1], "100")],
        "some": [past(place, day, "100") for place, day in enumerate(days, 10)],
        "none": [past(20, days[2], "100")],
        "nor": [past(30, days[2], "100")],
    }
    programme = await make.establish()
    await books.open_from(programme, days[2].date(), make.NOW)
    played = await together.play(programme, histories, make.NOW, enrol=True)
    found = {
        name: (one.recorded, one.enrolled, [refused.number for refused in one.refused])
        for name, one in played.items()
        if isinstance(one, PlayResult)
    }
    assert found == {
        "all": (0, 0, [0, 1]),
        "some": (1, 1, [10, 11]),
        "none": (1, 1, []),
        "nor": (1, 1, []),
    }
