"""Random histories in small: all that `make soak` plays ten thousand times."""

import pytest

from tests.servers import Database
from tests.soak import histories


@pytest.mark.parametrize("seed", range(4))
async def test_every_invariant_holds_after_each_step(database: Database, seed: int) -> None:
    done = await histories.play(seed, 0, length=60, proved=True)
    assert done["steps"] == 60
