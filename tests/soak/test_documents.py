"""Random documents in small: what `make soak` plays a thousand times over."""

from decimal import Decimal

from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from tests.soak import documents, world_bookings, world_grants, world_members, written
from tests.soak.world import begin
from tests.support import factories as make
from tests.support.granted import grant
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


async def test_what_a_budget_takes_off_is_not_there_for_what_the_same_fact_brings(
    database: Database,
) -> None:
    first = {"count": "trips", "at": 1, "gives": {"points": 100}}
    poor = grant("poor", "milestone", **first, budget={"points": 10})
    others = grant("rich", "milestone", **first), grant("late", "milestone", **{**first, "at": 2})
    document = make.shipped_document(
        counts={"trips": {"of": "bookings"}},
        earning=[],
        activities=[],
        caps=[{"points": 150, "per": "month"}],
        grants=[poor, *others],
    )
    world = await begin(1, 1, document)
    await world_members.enrol(world, None)
    await world_grants.observe(world)
    given = []
    for reference in ("A", "B"):
        whole = BookingSent(reference, (LineSent("hotel", Decimal(100)),))
        await world_bookings.report(world, world.people[0], whole)
        await world_grants.observe(world)
        given.append(world.done["grants judged twice: points"])
    # the cap leaves 100 and then 50, of the 100 the budget has 10; the next fact gains 90
    assert given == [10 + 50, 60 + 90]
    await documents.prove(world)
