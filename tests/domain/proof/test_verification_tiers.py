"""Verification proves the decisions about tiers: their chain, their inputs, what they left."""

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from domain.kernel.ids import new_id
from domain.proof import first_seals, invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from domain.tiers import tiers
from tests.conftest import Database
from tests.domain.tiers.test_tier_windows import local
from tests.support import factories as make
from tests.support import tiered, travel

pytestmark = pytest.mark.usefixtures("database")


async def read(member_id: UUID) -> tuple[MemberRows, Catalogue]:
    [found] = await verification.read(UUID(int=member_id.int - 1), member_id)
    return found, await verification.read_catalogue(Catalogue({}, {}), [found])


def faults(rows: MemberRows, catalogue: Catalogue) -> list[str]:
    return [str(fault) for fault in invariants.contradictions(rows, catalogue)]


async def lived() -> UUID:
    """A member with every kind of decision, in a grace at the end, and assigned a tier."""
    document = tiered.ctrip()
    document["refunds"]["tier"] = "now"
    programme = await make.establish(document)
    member_id = await make.enrol(programme, now=local("2026-01-01T09:00"))
    flight = make.line_of("flight", "10000")
    await travel.pay(programme, member_id, "F1", flight, now=local("2026-02-01T09:00"))
    await travel.complete(programme, "F1", now=local("2026-02-05T09:00"))
    await travel.pay(programme, member_id, "F2", flight, now=local("2026-03-01T09:00"))
    await travel.refund(programme, "F2", "R", (1, "9999"), now=local("2026-03-02T09:00"))
    await travel.refund(programme, "F1", "R", (1, "100"), now=local("2026-03-03T09:00"))
    await make.book(programme, member_id, ("hotel", "30000"), now=local("2026-04-01T09:00"))
    await make.book(programme, member_id, ("hotel", "30000"), now=local("2027-04-01T09:00"))
    await tiered.assign(programme, member_id, "diamond", now=local("2027-05-01T09:00"))
    await tiered.assign(programme, member_id, None, now=local("2027-05-02T09:00"))
    end = local("2027-06-01T09:00")
    await tiered.assign(programme, member_id, "diamond", now=local("2027-05-03T09:00"), until=end)
    await tiered.sweep(programme, end)
    await tiered.sweep(programme, local("2028-04-02T00:00"))
    await tiered.sweep(programme, local("2030-05-10T00:00"))
    await tiered.assign(
        programme,
        member_id,
        "gold",
        now=local("2032-01-01T09:00"),
        until=local("2040-01-01T00:00"),
    )
    await tiered.sweep(programme, local("2032-05-05T00:00"))
    return member_id


async def test_what_was_written_has_no_fault(database: Database) -> None:
    member_id = await lived()
    rows, catalogue = await read(member_id)
    assert faults(rows, catalogue) == []
    assert [change[0] for change in await tiered.decisions(member_id)] == [
        *("qualified", "refund", "qualified", "assigned", "lifted", "assigned"),
        *("assignment_ended", "renewed", "period_end", "assigned"),
    ]
    assert rows.account is not None
    assert rows.account["tier_grace_until"] is not None


def altered(value: Any, column: str) -> Any:
    if isinstance(value, datetime) or (value is None and column.endswith(("_until", "_at"))):
        return (value or make.NOW) + timedelta(seconds=1)
    if column.endswith("_id"):
        return new_id()
    return value + 1 if isinstance(value, int) else f"{value or ''}x"


async def test_every_altered_part_of_the_account_is_found(database: Database) -> None:
    rows, catalogue = await read(await lived())
    columns = [column for column in rows.tables["account"][0] if column.startswith("tier")]
    assert len(columns) == 9
    for column in columns:
        planted = MemberRows(rows.member_id, deepcopy(rows.tables))
        account = planted.tables["account"][0]
        account[column] = altered(account[column], column)
        assert any(said.startswith("account") for said in faults(planted, catalogue)), column


SAID = ("from_tier", "to_tier", "judged_at", "inputs", "effective_at", "recorded_at")
STANDS_BY = ("earned_tier", "until", "assigned_tier", "assigned_until")


async def test_an_altered_decision_is_found(database: Database) -> None:
    rows, catalogue = await read(await lived())
    places = range(len(rows.tables["tier_change"]))
    found: dict[str, int] = dict.fromkeys((*SAID, *STANDS_BY), 0)
    for place in places:
        for column in found:
            planted = MemberRows(rows.member_id, deepcopy(rows.tables))
            change = planted.tables["tier_change"][place]
            if column == "inputs":
                inputs = orjson.loads(change["inputs"])
                inputs["spend_minor"] += 1
                change["inputs"] = orjson.dumps(inputs).decode()
            else:
                change[column] = altered(change[column], column)
            found[column] += bool(faults(planted, catalogue))
    # the first `from` and what only the last one leaves behind is all that rests on itself
    assert found["from_tier"] == len(places) - 1
    assert found["to_tier"] == found["inputs"] == len(places)
    assert min(found[column] for column in (*STANDS_BY, "judged_at", "recorded_at")) >= 1


async def test_a_credit_that_is_altered_contradicts_what_rested_on_it(database: Database) -> None:
    rows, catalogue = await read(await lived())
    for column in ("spend_minor", "bookings", "points", "completed_bookings"):
        planted = MemberRows(rows.member_id, deepcopy(rows.tables))
        planted.tables["tier_credit"][0][column] += 1
        assert any("inputs." in said for said in faults(planted, catalogue)), column
    planted = MemberRows(rows.member_id, deepcopy(rows.tables))
    planted.tables["completion"].clear()
    assert any("completed bookings counted" in said for said in faults(planted, catalogue))


async def test_a_refund_that_waited_comes_behind_the_tier_that_its_booking_brought(
    database: Database,
) -> None:
    """Both are recorded at one instant; the tier was judged on the whole booking."""
    terms = {"claw_back": "unlimited", "tier": "never", "grace_days": 0}
    programme = await make.establish(make.shipped_document(refunds=terms))
    member_id = await make.enrol(programme)
    await travel.refund(programme, "B", "R", (1, "500"))
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "6000"))
    assert await make.faults(member_id) == []


async def test_a_booking_completed_and_made_dearer_is_judged_as_amended(
    database: Database,
) -> None:
    """A line refunded whole is not waited for, but once it costs more than that it is again."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    stay, flight = make.line_of("hotel", "100"), make.line_of("flight", "50")
    await travel.pay(programme, member_id, "B", stay, flight)
    await travel.refund(programme, "B", "R", (2, "50"))
    await travel.complete(programme, "B", 1)
    await travel.amend(programme, "B", "A1", stay, make.line_of("flight", "80"))
    assert await make.faults(member_id) == []
    await travel.amend(programme, "B", "A2", stay, make.line_of("flight", "50"))
    assert await make.faults(member_id) == []


async def test_a_refund_of_the_release_before_took_its_booking_out_of_what_counts(
    database: Database, owner_connection: asyncpg.Connection
) -> None:
    """It did so whatever the policy said; what it wrote stands, and later facts go on from it."""
    programme = await make.establish(tiered.genius())
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "100"))
    await travel.complete(programme, "B")
    await travel.refund(programme, "B", "R")
    assert await make.faults(member_id) == []

    before = "UPDATE refund SET counted_out = NULL WHERE member_id = $1"
    await owner_connection.execute(before, member_id)
    await owner_connection.execute("DELETE FROM seal WHERE member_id = $1", member_id)
    unsealed = "UPDATE account SET seal_number = NULL, seal_hash = NULL WHERE member_id = $1"
    await owner_connection.execute(unsealed, member_id)
    counted, sealed = await make.faults(member_id)
    assert "completed bookings counted" in counted
    assert sealed.endswith("seal_number is null, should be a seal: run `ops seal`")
    await owner_connection.execute(
        "INSERT INTO tier_credit (member_id, id, booking_id, occurred_at, recorded_at, "
        "spend_minor, bookings, nights, points, completed_bookings) "
        "SELECT c.member_id, gen_random_uuid(), c.booking_id, c.occurred_at, r.recorded_at, "
        "-c.spend_minor, -c.bookings, -c.nights, -c.points, -c.completed_bookings "
        "FROM tier_credit c JOIN refund r ON r.booking_id = c.booking_id WHERE c.member_id = $1",
        member_id,
    )
    assert await make.faults(member_id) == [sealed]
    assert [one async for one in first_seals.seal(programme.id, make.NOW)] == [1]
    assert await make.faults(member_id) == []
    await travel.amend(programme, "B", "A", make.line_of("hotel", "150"))
    assert (await tiers.qualifying(member_id)).completed_bookings == 1
    assert await make.faults(member_id) == []
