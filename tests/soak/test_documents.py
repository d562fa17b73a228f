"""Random documents in small: what `make soak` plays a thousand times over."""

from tests.soak import documents, written
from tests.support.servers import Database

STEPS = 25


async def test_every_invariant_holds_under_random_documents(database: Database) -> None:
    for number in range(3):
        done = await documents.play(1, number, length=STEPS)
        assert done["steps"] == STEPS


async def test_a_history_under_a_random_document_is_the_same_again(database: Database) -> None:
    first, again, other = [await documents.play(seed, 2, length=12) for seed in (5, 5, 6)]
    assert first == again
    assert first != other


async def test_documents_are_played_one_after_the_other(fresh_database: Database) -> None:
    told: list[int] = []
    done = await documents.run(fresh_database, range(7, 8), 1, told.append)
    assert told == [1]
    assert done["judged twice"]


def test_documents_of_a_seed_are_the_same() -> None:
    first, again, other = (written.drawn(seed) for seed in ("1:1", "1:1", "1:2"))
    assert first == again
    assert first != other
