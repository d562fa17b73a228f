"""One statement writes all that a transaction adds to a member, or nothing."""

import re
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from tortoise.models import Model

import models
from domain.kernel import writes as kernel_writes
from domain.kernel.database import rows, transact
from domain.kernel.ids import new_id
from domain.kernel.writes import Writes, send_all
from tests.support import factories as make
from tests.support.sharded import unplaced

pytestmark = pytest.mark.usefixtures("database")


def event(member_id: UUID, programme_id: UUID, **payload: Any) -> models.OutboxEvent:
    return models.OutboxEvent(
        member_id=member_id,
        id=new_id(),
        programme_id=programme_id,
        topic="points.earned",
        payload=payload,
        recorded_at=make.NOW,
        relay_failures=0,
    )


async def sent(writes: Writes) -> None:
    await transact(writes.send)


async def test_rows_of_several_tables_and_changes_are_one_statement(statements: list[str]) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    await make.give(programme, member_id, 200)
    [first, second] = await rows(
        "SELECT id, remaining, expires_at FROM lot WHERE member_id = $1 ORDER BY id", member_id
    )
    writes = Writes(member_id)
    writes.add(event(member_id, programme.id, text="a 'quoted' \"one\" \\ 里程", none=None))
    writes.insert(models.OutboxEvent, [vars(event(member_id, programme.id, n=n)) for n in (1, 2)])
    writes.change_own(models.Account, {"available": 299}, {"available": 300})
    writes.change_own(models.Account, {"held": 1}, {"held": 0})
    later = second["expires_at"] + timedelta(days=1)
    writes.change(
        models.Lot,
        {"id": [first["id"], second["id"]], "remaining": [100, 200]},
        {"remaining": [99, 200], "expires_at": [first["expires_at"], later]},
    )
    statements.clear()
    await sent(writes)
    assert len(statements) == 1
    told = await make.payloads("points.earned", member_id=member_id)
    assert told[-3:] == [{"text": "a 'quoted' \"one\" \\ 里程", "none": None}, {"n": 1}, {"n": 2}]
    [account] = await rows("SELECT available, held FROM account WHERE member_id = $1", member_id)
    assert account == {"available": 299, "held": 1}
    changed = await rows(
        "SELECT remaining, expires_at FROM lot WHERE member_id = $1 ORDER BY id", member_id
    )
    assert changed == [
        {"remaining": 99, "expires_at": first["expires_at"]},
        {"remaining": 200, "expires_at": later},
    ]


@pytest.mark.parametrize("what", ["account", "lot", "one of two lots"])
async def test_what_is_not_as_it_was_writes_nothing(what: str) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    await make.give(programme, member_id, 200)
    ids = [lot["id"] for lot in await rows("SELECT id FROM lot WHERE member_id = $1", member_id)]
    writes = Writes(member_id)
    writes.add(event(member_id, programme.id))
    if what == "account":
        writes.change_own(models.Account, {"available": 1}, {"available": 299})
    else:
        remaining = [100, 201] if what == "one of two lots" else [99, 201]
        writes.change(models.Lot, {"id": ids, "remaining": remaining}, {"remaining": [1, 1]})
    before = await make.everything(programme)
    with pytest.raises(RuntimeError, match=f"{what.rsplit(maxsplit=1)[-1].rstrip('s')} of member"):
        await sent(writes)
    assert await make.everything(programme) == before


def of_lots(member_id: UUID, lots: list[dict[str, Any]], remaining: int) -> Writes:
    """All lots of a member to this, and its balance and an event with it."""
    before = {"id": [lot["id"] for lot in lots], "remaining": [lot["remaining"] for lot in lots]}
    writes = Writes(member_id)
    writes.change(models.Lot, before, {"remaining": [remaining for _ in lots]})
    total = sum(before["remaining"])
    writes.change_own(models.Account, {"available": remaining * len(lots)}, {"available": total})
    return writes


async def test_what_several_members_write_alike_is_one_statement(statements: list[str]) -> None:
    programme = await make.establish()
    members = [await make.rich_member(programme, 100) for _ in range(3)]
    await make.give(programme, members[0], 200)
    writes = []
    for member_id in members:
        lots = await rows("SELECT id, remaining FROM lot WHERE member_id = $1", member_id)
        writes.append(of_lots(member_id, lots, remaining=7))
        writes[-1].add(event(member_id, programme.id, of=str(member_id)))
    writes[1].add(event(members[1], programme.id, partner_id=members[2]))
    writes.append(Writes(members[2]))
    statements.clear()
    await transact(partial(send_all, writes))
    assert len(statements) == 1
    for member_id, lots_left in zip(members, ([7, 7], [7], [7]), strict=True):
        lots = await rows("SELECT remaining FROM lot WHERE member_id = $1", member_id)
        assert [lot["remaining"] for lot in lots] == lots_left
        assert await make.available(member_id, make.NOW) == sum(lots_left)
        told = await make.payloads("points.earned", member_id=member_id)
        assert {"of": str(member_id)} in told


async def test_several_members_may_have_new_rows_alone() -> None:
    programme = await make.establish()
    members = [await make.enrol(programme) for _ in range(2)]
    writes = [Writes(member_id) for member_id in members]
    for one in writes:
        one.add(event(one.member_id, programme.id, of=str(one.member_id)))
    await transact(partial(send_all, writes))
    for member_id in members:
        told = await make.payloads("points.earned", member_id=member_id)
        assert told == [{"of": str(member_id)}]


@pytest.mark.parametrize("what", ["lot", "account"])
async def test_where_one_of_several_is_not_as_it_was_none_is_written(what: str) -> None:
    programme = await make.establish()
    members = [await make.rich_member(programme, 100) for _ in range(2)]
    writes = []
    for member_id in members:
        lots = await rows("SELECT id, remaining FROM lot WHERE member_id = $1", member_id)
        writes.append(of_lots(member_id, lots, remaining=7))
    first, second = writes
    if what == "account":
        second.guards[models.Account]["available"] = 99
    else:  # its own lot is another's
        second.changes = first.changes
    before = await make.everything(programme)
    with pytest.raises(RuntimeError, match=f"{what} of member {members[0]}, {members[1]} changed"):
        await transact(partial(send_all, writes))
    assert await make.everything(programme) == before


async def test_a_change_that_touches_nothing_is_none(statements: list[str]) -> None:
    member_id = await make.enrol(await make.establish())
    writes = Writes(member_id)
    writes.change(models.Lot, {"id": [], "remaining": []}, {"remaining": []})
    statements.clear()
    await sent(writes)
    assert statements == []


async def test_a_row_of_another_member_is_refused() -> None:
    programme = await make.establish()
    first, second = await make.enrol(programme), await make.enrol(programme)
    with pytest.raises(ValueError, match="another member"):
        Writes(first).add(event(second, programme.id))


def test_every_table_of_a_member_can_be_written() -> None:
    """Each column has a type that it is sent as."""
    named = [getattr(models, name) for name in models.__all__]
    tables = [table for table in named if isinstance(table, type) and issubclass(table, Model)]
    of_members = {table for table in tables if "member_id" in table._meta.fields_map}
    assert models.Booking in of_members
    for table in of_members:
        assert set(kernel_writes._columns(table)) == set(table._meta.fields_map) - {"member_id"}


@pytest.mark.parametrize("many", [False, True])
def test_statements_name_the_member_in_every_part(many: bool) -> None:
    """Where members are on several machines, each part says on which it is; a row that is new of
    several says it itself.
    """
    parts = (
        kernel_writes._Insert(models.Booking),
        kernel_writes._ChangeOwn(models.Account, ("available",), ("sequence",)),
        kernel_writes._Change(models.Lot, ("id", "remaining"), ("remaining",)),
    )
    sql = kernel_writes._statement(parts, many=many)
    assert len(re.findall(r"\$1\b", sql)) == len(parts) - many
    assert unplaced(sql) == []
    parameters = {int(found) for found in re.findall(r"\$(\d+)", sql)}
    assert parameters == set(range(1, len(parameters) + 1))
