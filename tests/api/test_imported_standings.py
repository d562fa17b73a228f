"""Standings through an import: tiers that members had elsewhere, and what they spent there on a
day, which counts toward tiers once.
"""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from domain.kernel.database import rows
from domain.proof import job_checks
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage
from tests.support.imported import bring, refused

pytestmark = pytest.mark.usefixtures("database")

STANDING = """query($by: MemberBy!) { member(by: $by) { balance { available }
    standing { tier { code } progress { measures { basis current } } } } }"""
HEADER = b"member,tier,through,spend,spent_on\n"


async def standing(stage: Stage, reference: str) -> tuple[str, str]:
    """The tier, and what counts toward the next."""
    found = await stage.staff().read(STANDING, by={"reference": reference})
    said = found["member"]["standing"]
    assert found["member"]["balance"]["available"] == 0
    return said["tier"]["code"], said["progress"]["measures"][0]["current"]


async def told(stage: Stage, *lines: str) -> tuple[str, int, int]:
    file = HEADER + "\n".join(lines).encode() + b"\n"
    job = await bring(stage, "STANDINGS", file)
    return job["status"], job["done"], job["refused"]


async def test_what_was_spent_elsewhere_counts_toward_tiers_as_of_its_day_and_earns_nothing() -> (
    None
):
    """In `ota` gold takes 5000 at any time."""
    stage = await open_stage()
    members = [
        await make.enrol(stage.programme, now=TODAY, reference=name) for name in ("one", "two")
    ]
    lines = (
        "one,,,3000.50,2125-06-01",
        "one,,,1999.50,2125-07-01",
        "two,platinum,2126-12-31,4999.99,2125-06-01",
    )
    assert await told(stage, *lines) == ("DONE", 3, 0)
    assert await standing(stage, "one") == ("gold", "5000.00")
    assert await standing(stage, "two") == ("platinum", "4999.99")
    [first, _] = await rows(
        "SELECT occurred_at, spend_minor, bookings FROM tier_credit WHERE member_id = $1 "
        "ORDER BY occurred_at",
        members[0],
    )
    assert tuple(first.values()) == (datetime(2125, 5, 31, 16, tzinfo=UTC), 300_050, 0)
    [change] = await rows(
        "SELECT to_tier, reason FROM tier_change WHERE member_id = $1", members[0]
    )
    assert tuple(change.values()) == ("gold", "qualified")

    # once more it is known, and what says otherwise of a day is refused
    assert await told(stage, *lines) == ("DONE", 3, 0)
    job = await bring(stage, "STANDINGS", HEADER + b"one,,,1,2125-06-01\n")
    assert (await refused(job))[1][-3:-1] == ["INVALID_INPUT", "spend"]
    assert (await refused(job))[1][-1] == (
        "Another import has already recorded a different amount for 2125-06-01; "
        "a day can be imported only once."
    )
    assert await standing(stage, "one") == ("gold", "5000.00")
    # and what it buys here is added
    partner = await stage.partner()
    await partner.done(
        "earnForBooking",
        member={"reference": "two"},
        reference="B",
        lines=[{"product": "hotel", "amount": "0.01"}],
    )
    found = await stage.staff().read(STANDING, by={"reference": "two"})
    assert found["member"]["standing"]["progress"]["measures"][0]["current"] == "5000.00"
    assert await make.faults(*members) == []


@pytest.mark.parametrize(
    ("line", "column", "because"),
    [
        (",,,", "tier", "A row needs `tier`, with or without its last day in `through`, or"),
        (",2126-12-31,,", "tier", "A row needs `tier`"),
        (",,100,", "spent_on", "A row needs `tier`"),
        (",,,2125-06-01", "spend", "A row needs `tier`"),
        ("gold,,100,", "spent_on", "A row needs `tier`"),
        (",,0,2125-06-01", "spend", "0 is too little; give more than 0"),
        (",,-1,2125-06-01", "spend", ""),
        (",,1.001,2125-06-01", "spend", ""),
        (",,much,2125-06-01", "spend", ""),
        (",,100,2126-03-16", "spent_on", "2126-03-16 is in the future"),
        (",,100,1800-01-01", "spent_on", ""),
    ],
)
async def test_a_row_without_a_standing_is_refused(line: str, column: str, because: str) -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="one")
    job = await bring(stage, "STANDINGS", HEADER + f"one,{line}\n".encode())
    assert (job["done"], job["refused"]) == (0, 1)
    [_, said] = await refused(job)
    assert said[-2] == column
    assert said[-1].startswith(because)


async def test_two_rows_of_one_day_count_once() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, now=TODAY, reference="one")
    same = "one,,,10,2125-06-01"
    assert await told(stage, same, same, "one,,,11,2125-06-01") == ("DONE", 2, 1)
    assert await standing(stage, "one") == ("silver", "10.00")


@pytest.mark.parametrize(
    ("planted", "what"),
    [
        ("UPDATE tier_credit SET spend_minor = 1 WHERE member_id = $1", "spend_minor"),
        ("UPDATE tier_credit SET occurred_at = recorded_at WHERE member_id = $1", "occurred_at"),
        ("DELETE FROM tier_credit WHERE member_id = $1", "spend_minor"),
        ("UPDATE import_row SET status = 'KNOWN' WHERE member_id = $1", "its row"),
    ],
)
async def test_verification_compares_what_counts_with_its_row(
    planted: str, what: str, owner_connection: asyncpg.Connection
) -> None:
    stage = await open_stage()
    own = await make.enrol(stage.programme, now=TODAY, reference="one")
    assert await told(stage, "one,,,10,2125-06-01") == ("DONE", 1, 0)
    span: Any = (type(own)(int=own.int - 1), own)
    assert await job_checks.of_members(*span) == []
    await owner_connection.execute(planted, own)
    [fault] = await job_checks.of_members(*span)
    assert (fault.table, fault.what, fault.member_id) == ("tier_credit", what, own)


async def test_whoever_is_erased_keeps_what_counted() -> None:
    stage = await open_stage()
    own = await make.enrol(stage.programme, now=TODAY, reference="one")
    assert await told(stage, "one,,,10,2125-06-01") == ("DONE", 1, 0)
    await stage.staff().done("eraseMember", member={"reference": "one"}, confirm=0)
    assert await make.faults(own) == []
    assert await job_checks.of_members(type(own)(int=own.int - 1), own) == []
