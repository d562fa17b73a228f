"""How hypothesis searches here: the same examples on every run, unless asked for more.

`HYPOTHESIS_PROFILE=search` looks further, at random.
"""

import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.proof import budget_checks
from tests.conftest import Database
from tests.support import factories as make

settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "search", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture
async def proved(database: Database) -> AsyncIterator[None]:
    """Behind the test, verification finds no fault with anybody who joined during it."""
    start = new_id()
    yield
    joined = await rows("SELECT member_id, programme_id FROM member WHERE member_id > $1", start)
    assert await make.faults(*(member["member_id"] for member in joined)) == []
    programmes = {member["programme_id"] for member in joined}
    assert [one for one in await budget_checks.counters() if one.row_id in programmes] == []
