"""Verification of what amendments write: sound as it is, and every altered value is found."""

from copy import deepcopy
from datetime import timedelta

import pytest

from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from tests.conftest import Database
from tests.domain.bookings.test_completions import slow_document
from tests.domain.proof.test_verification import altered
from tests.domain.proof.test_verification_refunds import Played, read
from tests.support import factories as make
from tests.support import travel

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
async def played(database: Database) -> Played:
    """Dearer, cheaper, longer, moved, dropped; paid by points, in arrears, refunded between."""
    programme = await make.establish(slow_document("mature"))
    member_id = await make.enrol(programme, now=make.NOW - 90 * DAY)
    await make.give(programme, member_id, 1000)
    flight, hotel = make.line_of("flight", "300"), make.line_of("hotel", "200")
    redemption = await travel.hold(programme, member_id, 900, flight, hotel)
    await travel.pay(programme, member_id, "B1", flight, hotel, redemption=redemption)
    dearer = make.line_of("flight", "450"), make.line_of("hotel", "150")
    await travel.amend(programme, "B1", "A1", *dearer, now=make.NOW + DAY)
    await travel.complete(programme, "B1", 1, now=make.NOW + 2 * DAY)
    await travel.refund(programme, "B1", "R1", (1, "50"), now=make.NOW + 3 * DAY)
    longer = make.line_of("flight", "400"), make.line_of("hotel", "150"), hotel
    await travel.amend(programme, "B1", "A2", *longer, now=make.NOW + 4 * DAY)
    later = make.NOW + 90 * DAY
    left = await make.available(member_id, later)
    await make.redeem(
        programme, member_id, await make.reward(programme, list_points=left), now=later
    )
    dropped = make.line_of("flight", "100"), make.line_of("hotel", "0"), hotel
    await travel.amend(programme, "B1", "A3", *dropped, now=later + DAY)
    await travel.pay(programme, member_id, "B2", flight, now=later + 2 * DAY)
    moved = make.line_of("flight", "301")
    await travel.amend(programme, "B2", "A", moved, now=later + 3 * DAY)
    known = await verification.read_catalogue(Catalogue({}, {}), [await read(member_id)])
    return Played(member_id, known)


async def test_what_was_written_has_no_fault(played: Played) -> None:
    rows = await read(played.member)
    assert [str(fault) for fault in invariants.check(rows, played.catalogue)] == []
    assert len(rows.tables["amendment"]) == 4
    assert len(rows.tables["amendment_line"]) == 9


UNSAID = {
    "amendment": {
        *("reference", "amended_at", "allowances", "explanation", "content_hash"),
    },
    "amendment_line": {"id", "product", "city", "travel_from", "travel_to", "attributes"},
}
"""Values that nothing else says; of a booking and its lines neither."""


@pytest.mark.parametrize("table", ["amendment", "amendment_line"])
async def test_every_altered_value_is_found(played: Played, table: str) -> None:
    """In the row itself, or for a line in the amendment that it belongs to."""
    rows, escaped = await read(played.member), []
    for place, original in enumerate(rows.tables[table]):
        for column in original.keys() - {"member_id"} - UNSAID[table]:
            planted = MemberRows(rows.member_id, deepcopy(rows.tables))
            target = planted.tables[table][place]
            if column == "awarded":
                target[column] = '[["base", 1]]'
            elif column in ("points_forgiven", "points_expired"):
                target[column] += 9999
            else:
                target[column] = altered(original[column], column)
            own = {target["id"], original["id"], original.get("amendment_id")}
            named = {
                fault.row_id
                for fault in invariants.contradictions(planted, played.catalogue)
                if fault.table in ("amendment", "amendment_line")
            }
            if not named & own:
                escaped.append((column, place))
    assert escaped == []


async def test_a_new_line_of_another_amendment_is_found(played: Played) -> None:
    rows = await read(played.member)
    for place, line in enumerate(rows.tables["booking_line"]):
        planted = MemberRows(rows.member_id, deepcopy(rows.tables))
        added = line["amendment_id"] is not None
        other = rows.tables["amendment"][0]["id"]
        planted.tables["booking_line"][place]["amendment_id"] = None if added else other
        assert list(invariants.contradictions(planted, played.catalogue)), line
