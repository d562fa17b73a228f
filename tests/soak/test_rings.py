"""Rings of fraud among honest members, in small."""

from tests.conftest import Database
from tests.soak import proofs, rings


async def test_rings_are_caught_and_honest_members_left_be(fresh_database: Database) -> None:
    numbers = range(0, 60, 5)
    done = await rings.run(fresh_database, numbers, 7, proofs.silent)
    assert done == {"honest": 12, "left be": 12, "rings": 3}
