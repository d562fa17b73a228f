"""Queries that are read ahead: together, once, and never older than what the transaction wrote."""

from datetime import date
from uuid import UUID

import pytest
from tortoise.transactions import in_transaction

import models
from domain.kernel.database import (
    leave_snapshot,
    return_to_snapshot,
    snapshot,
    transact,
    update,
)
from domain.kernel.ids import new_id
from domain.kernel.queries import Query, ask, ask_one, of_each, positions, query, read_ahead
from domain.kernel.refusals import Refusal
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database")


def lots(*member_ids: UUID, least: int = 1) -> Query:
    return query(
        ("member_id", "remaining", "expires_at"),
        "SELECT member_id, remaining, expires_at FROM lot WHERE member_id = ANY($1::uuid[]) "
        "AND remaining >= $2 ORDER BY remaining DESC",
        list(member_ids),
        least,
    )


def birthday(member_id: UUID) -> Query:
    sql = "SELECT birthday, $2::text AS said FROM member WHERE member_id = $1"
    return query(("birthday", "said"), sql, member_id, "$1 is no parameter")


async def members() -> tuple[UUID, UUID]:
    programme = await make.establish()
    first = await make.rich_member(programme, 100, birthday=date(1990, 3, 1))
    await make.give(programme, first, 300)
    return first, await make.rich_member(programme, 70)


async def test_what_is_read_ahead_is_what_each_would_have_read(statements: list[str]) -> None:
    first, second = await members()
    asked = [lots(first), lots(first, second), lots(first, least=101), birthday(first)]
    asked += [lots(new_id()), lots(second, least=1)]
    alone = [await ask(one) for one in asked]
    assert [[lot["remaining"] for lot in found] for found in alone[:3]] == [
        [300, 100],
        [300, 100, 70],
        [300],
    ]
    assert alone[3] == [{"birthday": date(1990, 3, 1), "said": "$1 is no parameter"}]

    async def work() -> None:
        statements.clear()
        await read_ahead([*asked, lots(first)])
        assert [await ask(one) for one in asked] == alone
        assert len(statements) == 1
        # nobody's changes to what was answered are seen by who asks again
        (await ask(asked[0]))[0].clear()
        assert [await ask(one) for one in asked] == alone
        assert await ask_one(lots(second)) == alone[5][0]
        assert len(statements) == 1
        assert await ask(lots(second, least=71)) == []
        assert len(statements) == 2

    await transact(work)


@pytest.mark.parametrize("by_model", [False, True])
async def test_what_was_read_ahead_is_forgotten_when_the_transaction_writes(
    by_model: bool,
) -> None:
    first, _ = await members()

    async def work() -> None:
        await read_ahead([lots(first)])
        if by_model:
            await models.Lot.filter(member_id=first).update(remaining=5)
        else:
            await update("UPDATE lot SET remaining = 5 WHERE member_id = $1", first)
        assert [lot["remaining"] for lot in await ask(lots(first))] == [5, 5]
        raise Refusal

    with pytest.raises(Refusal):
        await transact(work)


async def test_a_block_within_neither_leaves_nor_finds_what_was_read_ahead() -> None:
    first, _ = await members()

    async def change() -> None:
        await update("UPDATE lot SET remaining = 5 WHERE member_id = $1", first)
        await read_ahead([lots(first)])
        assert [lot["remaining"] for lot in await ask(lots(first))] == [5, 5]

    async def within(*, refused: bool) -> None:
        async with in_transaction():
            await change()
            if refused:
                raise Refusal

    async def work() -> None:
        await read_ahead([lots(first)])
        with pytest.raises(Refusal):
            await within(refused=True)
        assert [lot["remaining"] for lot in await ask(lots(first))] == [300, 100]
        await read_ahead([lots(first)])
        await within(refused=False)
        assert [lot["remaining"] for lot in await ask(lots(first))] == [5, 5]
        raise Refusal

    with pytest.raises(Refusal):
        await transact(work)


async def test_outside_of_a_transaction_nothing_is_read_ahead(statements: list[str]) -> None:
    first, _ = await members()
    statements.clear()
    await read_ahead([lots(first)])
    assert statements == []


async def test_what_is_read_ahead_stands_in_its_snapshot(statements: list[str]) -> None:
    first, _ = await members()
    statements.clear()
    async with snapshot():
        await leave_snapshot()
        await read_ahead([lots(first)])
        assert len(await ask(lots(first))) == 2
        assert len(statements) == 1
        # what is asked from here on is of another instant
        return_to_snapshot()
        assert len(await ask(lots(first))) == 2
        assert len(statements) == 2


async def test_a_list_of_one_is_sent_as_the_one_that_it_is(statements: list[str]) -> None:
    """A plan that is kept expects ten of a list, so that it looks too dear to be kept."""
    first, second = await members()
    unnested = query(("id",), "SELECT w.id FROM unnest($1::uuid[]) AS w (id)", [first])
    statements.clear()
    assert len(await ask(lots(first))) == 2
    assert len(await ask(lots(first, second))) == 3
    assert await ask(unnested) == [{"id": first}]
    one, two, third = statements
    assert "member_id = $1::uuid AND" in one
    assert "member_id = ANY($1::uuid[]) AND" in two
    assert third == unnested.sql


def largest(*member_ids: UUID, limit: int) -> Query:
    return of_each(
        ("member_id", "remaining"),
        "SELECT member_id, remaining FROM lot WHERE member_id = $1 AND remaining > $2 "
        "ORDER BY remaining DESC LIMIT $3",
        member_ids,
        0,
        limit,
    )


async def test_what_each_of_several_members_is_asked_is_one_statement(
    statements: list[str],
) -> None:
    first, second = await members()
    statements.clear()
    found = await ask(largest(first, second, first, limit=1))
    assert len(statements) == 1
    assert [tuple(one.values()) for one in found] == [(first, 300), (second, 70)]
    assert [tuple(one) for one in await positions(largest(first, limit=2))] == [
        (first, 300),
        (first, 100),
    ]
    assert await ask(largest(limit=2)) == []
    assert statements[0] == largest(first, limit=1).sql


async def test_of_one_member_it_is_the_query_itself() -> None:
    asked = largest(new_id(), limit=1)
    assert (asked.values[1:], asked.others) == ((0, 1), ())
