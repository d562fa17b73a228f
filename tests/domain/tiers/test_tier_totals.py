"""What counts toward a lifetime tier is read from one total and what was recorded lately."""

from copy import deepcopy
from datetime import timedelta
from functools import partial

import orjson
import pytest

from domain.kernel.database import rows, transact
from domain.members import members
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue
from domain.tiers import tiers
from domain.tiers.tier_windows import ALWAYS, Window
from ops.postgres.database import connected
from tests.conftest import Database
from tests.domain.earning.test_limits import nodes
from tests.support import factories as make

BOOKINGS = 10
LATER = make.NOW + timedelta(days=20 * BOOKINGS)


async def test_a_total_stands_for_what_is_old_and_nothing_is_counted_twice(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a database of its own: what others leave behind has a say in how it is read."""
    monkeypatch.setattr(tiers, "SUMMED_EVERY", 2**128)
    async with connected(fresh_database.serving, everywhere=False):
        await summed_up()


async def summed_up() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for number in range(BOOKINGS):
        then = make.NOW + timedelta(days=20 * number)
        await make.book(programme, member_id, ("hotel", "100"), now=then)
    whole = await tiers.qualifying(member_id)
    assert (whole.bookings, whole.spend_minor) == (BOOKINGS, BOOKINGS * 10_000)
    half = Window(make.NOW, make.NOW + timedelta(days=100))
    counted = await tiers.qualifying(member_id, half)

    for until in (LATER - timedelta(days=90), LATER - timedelta(days=90), LATER, LATER):
        await transact(partial(tiers.sum_up, member_id, until))
        assert await tiers.qualifying(member_id) == whole
        assert await tiers.qualifying(member_id, half) == counted
        shown = (await members.many([member_id], ALWAYS))[member_id]
        assert shown.qualifying == whole
    assert await rows("SELECT bookings FROM tier_total WHERE member_id = $1", member_id) == [
        {"bookings": 9}
    ]
    assert await make.faults(member_id) == []

    # and only what came after it is read
    read: list[int] = []

    async def explain() -> None:
        await rows("SET LOCAL enable_seqscan = off")
        [plan] = await rows(
            "EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) SELECT q.* "
            f"FROM (SELECT $1::uuid AS member_id) m {tiers.counted('$2', '$3')}",
            member_id,
            None,
            None,
        )
        [found] = orjson.loads(plan["QUERY PLAN"])
        for node in nodes(found["Plan"]):
            if node.get("Relation Name") == "tier_credit":
                read.append(int(node["Actual Rows"]))
                assert node.get("Rows Removed by Filter", 0) == 0

    await transact(explain)
    assert read == [1]


@pytest.mark.usefixtures("database")
async def test_a_total_that_was_altered_is_found() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "100"))
    await transact(partial(tiers.sum_up, member_id, LATER))
    [found] = [
        one
        for one in await verification.read(type(member_id)(int=member_id.int - 1), member_id)
        if one.member_id == member_id
    ]
    catalogue = await verification.read_catalogue(Catalogue({}, {}), [found])
    for column in tiers.QUALIFYING_COLUMNS:
        planted = deepcopy(found)
        planted.tables["tier_total"][0][column] += 1
        [fault] = invariants.check(planted, catalogue)
        assert str(fault).startswith("tier_total")


@pytest.mark.usefixtures("database")
async def test_a_write_now_and_then_sums_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "SUMMED_EVERY", 1)
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for number in range(4):
        then = make.NOW + timedelta(days=20 * number)
        await make.book(programme, member_id, ("hotel", "100"), now=then)
    assert await rows("SELECT bookings FROM tier_total WHERE member_id = $1", member_id) == [
        {"bookings": 2}
    ]
    assert (await tiers.qualifying(member_id)).bookings == 4
    assert await make.faults(member_id) == []
