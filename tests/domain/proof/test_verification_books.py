"""Verification of books: whoever sets them back or ahead contradicts what is written of days."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

import pytest

from domain.finance import closing
from domain.proof import verification
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.support import factories as make
from tests.support import figured, servers
from tests.support.servers import Server


@pytest.fixture(scope="module")
async def settled(server: Server) -> AsyncIterator[Server]:
    """A template of databases of a programme with two members, whose books of two months are
    settled, the first of them closed.
    """
    if servers.is_as_it_is():
        pytest.skip(servers.SKIPPED["fresh_database"])
    async with servers.clone(server) as made:
        async with connected(made.serving, everywhere=False):
            programme = await make.establish()
            for _ in range(2):
                await make.book(programme, await make.enrol(programme), ("hotel", "90"))
            await figured.settle(programme, make.NOW.date(), date(2026, 4, 2))
            request = make.request(make.staff(programme))
            await closing.close(request, programme, "2026-03")
        yield replace(server, template=urlsplit(made.owner).path.strip("/"))


SET = {
    "a day back": (
        "settled_through = '2026-04-01', settled_until = settled_until - interval '1 day'",
        "settled_through is 2026-04-01, should be 2026-04-02 or later, of which root has rows",
    ),
    "into what is closed": (
        (
            "settled_through = '2026-03-30', closed_through = NULL, "
            "settled_until = settled_until - interval '3 days'"
        ),
        "settled_through is 2026-03-30, should be 2026-03-31 or later, of which closed_period has",
    ),
    "to where they began": (
        (
            "settled_through = NULL, closed_through = NULL, "
            "settled_until = opened_on::timestamp AT TIME ZONE 'Asia/Shanghai'"
        ),
        "settled_through is null, should be 2026-04-02 or later, of which root has rows",
    ),
    "what is closed": (
        "closed_through = NULL",
        "closed_through is null, should be 2026-03-31",
    ),
    "a day ahead": (
        "settled_through = '2026-04-03', settled_until = settled_until + interval '1 day'",
        "settled_through is 2026-04-03, should be 2026-04-02, the day of the last root",
    ),
    "the instant alone": (
        "settled_until = settled_until + interval '1 s'",
        (
            "settled_until is 2026-04-02 16:00:01+00:00, should be 2026-04-02 16:00:00+00:00 or "
            "2026-04-03 16:00:00+00:00, where 2026-04-03 begins or ends"
        ),
    ),
    "the instant far back": (
        "settled_until = settled_until - interval '1 day'",
        "settled_until is 2026-04-01 16:00:00+00:00, should be 2026-04-02 16:00:00+00:00 or ",
    ),
    "the first day": (
        "opened_on = opened_on + 1",
        "opened_on is 2026-03-16, should be 2026-03-15 or earlier, as its roots",
    ),
}


@pytest.mark.parametrize("name", SET)
async def test_books_that_were_set_otherwise_are_named(settled: Server, name: str) -> None:
    changes, said = SET[name]
    found = await _faults_after(settled, changes)
    assert any(one.startswith("books ") and said in one for one in found), found


async def test_a_day_that_is_being_settled_is_no_fault(settled: Server) -> None:
    """As whoever settles leaves it when it is killed: before its figures, and behind its root."""
    assert await _faults_after(settled, "opened_on = opened_on") == []
    assert await _faults_after(settled, "settled_until = settled_until + interval '1 day'") == []
    assert await _faults_after(settled, "settled_through = settled_through - 1") == []


async def _faults_after(template: Server, changes: str) -> list[str]:
    async with servers.clone(template) as own:
        async with connection(own.owner) as owner:
            assert await owner.execute(f"UPDATE books SET {changes}") == "UPDATE 1"
        async with connected(own.serving, everywhere=False):
            return [str(fault) async for batch in verification.batches() for fault in batch.faults]
