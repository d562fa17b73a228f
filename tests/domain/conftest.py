"""Verification of what a test wrote, for tests that ask for it."""

from collections.abc import AsyncIterator

import pytest

from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.proof import budget_checks
from tests.conftest import Database
from tests.support import factories as make


@pytest.fixture
async def proved(database: Database) -> AsyncIterator[None]:
    """Behind the test, verification finds no fault with anybody who joined during it."""
    start = new_id()
    yield
    joined = await rows("SELECT member_id, programme_id FROM member WHERE member_id > $1", start)
    assert await make.faults(*(member["member_id"] for member in joined)) == []
    programmes = {member["programme_id"] for member in joined}
    assert [one for one in await budget_checks.counters() if one.row_id in programmes] == []
