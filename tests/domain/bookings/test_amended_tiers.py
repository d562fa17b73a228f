"""Amendments and tiers: the spend and nights that count are those of the lines as they are."""

import pytest

from domain.checkout.booking_lines import LineSent
from domain.kernel.database import rows
from domain.members import members
from domain.tiers import tiers, values
from tests.conftest import Database
from tests.support import factories as make
from tests.support.amended import DAY, booked, hotel, open_programme, terms
from tests.support.travel import amend, changed, refund


@pytest.mark.parametrize(("tier", "after"), [("now", "silver"), ("never", "gold")])
async def test_an_amendment_lifts_a_tier_and_loses_it_as_the_policy_says(
    database: Database, tier: str, after: str
) -> None:
    """What it earns more is still by the tier that it was booked at."""
    programme = await open_programme(refunds=terms("unlimited", tier))
    member_id = await booked(programme, hotel("4000"))
    up = await amend(programme, "B", "A1", hotel("5000"), now=make.NOW + DAY)
    assert changed(up.figures)[:2] == (1000, 0)
    assert (await members.many([member_id]))[member_id].tier == "gold"
    assert await make.book(programme, member_id, ("hotel", "10"), now=make.NOW + DAY) == 12
    await amend(programme, "B", "A2", hotel("4000"), now=make.NOW + 2 * DAY)
    assert (await members.many([member_id]))[member_id].tier == after
    assert (await tiers.qualifying(member_id)).spend_minor == 401000
    dated = await rows(
        "SELECT occurred_at, spend_minor FROM tier_credit WHERE member_id = $1 "
        "AND recorded_at > occurred_at ORDER BY recorded_at",
        member_id,
    )
    assert [(c["occurred_at"], c["spend_minor"]) for c in dated] == [
        (make.NOW, 100000),
        (make.NOW, -100000),
    ]
    assert await make.faults(member_id) == []


async def test_nights_are_those_of_the_lines_as_they_are(database: Database) -> None:
    document = make.shipped_document()
    document["tiers"].update(basis="nights", night_products=["hotel"])
    programme = await make.establish(document)
    day = make.NOW.date() + 30 * DAY
    member_id = await booked(programme, hotel("300", day, 3), hotel("0", day, 1))

    async def nights(reference: str, *lines: LineSent) -> int:
        await amend(programme, "B", reference, *lines)
        return (await tiers.qualifying(member_id)).nights

    assert (await tiers.qualifying(member_id)).nights == 4
    free = hotel("0", day, 1)
    assert await nights("longer", hotel("500", day, 5), free) == 6
    assert await nights("not free", hotel("500", day, 5), hotel("100", day, 1)) == 6
    assert await nights("dropped", hotel("500", day, 5), free) == 5
    assert await nights("added", hotel("500", day, 5), free, hotel("200", day, 2)) == 7
    await refund(programme, "B", "R")
    assert await tiers.qualifying(member_id) == values.Qualifying()
