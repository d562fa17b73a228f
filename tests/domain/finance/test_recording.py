"""The journal: the same however it is made, by whoever makes it, and proved row by row."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.programmes.programmes import Programme
from domain.proof import figure_checks, finance_checks, verification
from domain.proof.evidence import MemberRows
from domain.proof.finance_checks import Sums
from tests.support import factories as make
from tests.support import figured, tied, travel

pytestmark = pytest.mark.usefixtures("proved")

DAY = timedelta(days=1)
TODAY = make.NOW.date()
LAST = TODAY + 50 * DAY
BANK = "bank"


async def establish(method: str = "proportional") -> Programme:
    """Points that live for a month; a bank pays for some, and some have to be travelled for."""
    worth = {"points": 100, "money": 1}
    programme = await make.funded(
        make.variant(
            make.rule("rate", "base", points=1),
            make.rule("bonus", "gift", points=301, funder=BANK),
            make.rule(
                "bonus", "trip", points=77, available="on_completion", when={"products": ["train"]}
            ),
            points={"worth": worth, "available": "at_payment", "expiry": {"months": 1}},
            finance={"breakage": "0.2", "method": method},
            transfers={},
        ),
        BANK,
    )
    await make.agree(programme, BANK)
    return programme


async def play(programme: Programme) -> list[UUID]:
    """Three members: bookings that are refunded and amended, rewards that come back in their lots
    and in new ones, holds that are captured, released and die, transfers, arrears, corrections.
    """
    ids = [await make.enrol(programme) for _ in range(3)]
    one, two, three = ids
    for number, member_id in enumerate(ids):
        line = make.line_of("hotel", "6000")
        await travel.pay(programme, member_id, f"B-{number}", line, make.line_of("train", "10"))
    await make.give(programme, one, 1001)
    reward = await make.reward(programme, list_points=333, cost_minor=700)
    given = [await make.redeem(programme, one, reward) for _ in range(3)]
    flight = make.line_of("flight", "70")
    held = await travel.hold(programme, three, 2500, flight)
    await travel.pay(programme, three, "P-1", flight, redemption=held)
    await travel.hold(programme, three, 700, flight)
    later = make.NOW + DAY
    await make.cancel(programme, one, given[0], now=later)
    await make.adjust(programme, one, 77, now=later)
    await make.adjust(programme, one, -50, now=later)
    for giver, receiver, points in ((one, two, 500), (two, three, 5001), (three, one, 4321)):
        await make.transfer(programme, giver, receiver, points, now=later)
    await travel.refund(programme, "B-0", "R-1", (1, "500"), now=later)
    await travel.refund(programme, "B-1", "R-2", now=later)
    await travel.refund(programme, "P-1", "R-3", (1, "30"), now=later, supplier_cancelled=True)
    await travel.refund(programme, "P-1", "R-4", now=later, supplier_cancelled=True)
    moved = make.line_of("flight", "7000"), make.line_of("train", "0")
    await travel.amend(programme, "B-2", "A-1", *moved, now=later)
    await travel.complete(programme, "B-0", now=later)
    await make.give(programme, two, 6000, now=later + DAY)
    return ids


async def read(ids: list[UUID]) -> list[MemberRows]:
    found = [await verification.read(UUID(int=one.int - 1), one) for one in ids]
    return [member for some in found for member in some]


async def faults(programme: Programme, members: list[MemberRows]) -> list[str]:
    """What verification says of the programme's journal as it is kept now."""
    through = {programme.id: (await figure_checks.settled_through())[programme.id]}
    known = (await finance_checks.known(through))[programme.id]
    sums, said = Sums(), []
    values = (await tied.kept(programme))["lot_value"]
    for member in members:
        own = [row for row in values if row["member_id"] == member.member_id]
        member.tables["lot_value"][:] = own
        said += finance_checks.check(member, known, sums)
    return [str(fault) for fault in [*said, *await finance_checks.compare(sums, through)]]


ACCOUNTS = {
    *("travel_revenue", "marketing", "deferred", "points_revenue", "contra", "breakage"),
    *("reward_cost", "payable", "arrears", "settlement", "transfers", f"receivable:{BANK}"),
}


async def test_days_one_after_the_other_are_what_all_of_them_are_at_once() -> None:
    programme = await establish()
    await figured.settle(programme, TODAY - DAY, TODAY - DAY)
    ids = await play(programme)
    await figured.settle(programme, TODAY - DAY, LAST)
    assert await faults(programme, await read(ids)) == []
    kept = await tied.kept(programme)
    assert await tied.prove(programme) == 8
    assert {line["account"] for line in kept["journal_day"]} == ACCOUNTS
    balances: Counter[str] = Counter()
    for line in kept["journal_day"]:
        balances[line["account"]] += line["credit"] - line["debit"]
    assert balances["deferred"] == balances["contra"] == balances["arrears"] == 0
    assert await tied.rebuilt(programme) == kept
    # another programme with the same past, whose books are opened at its end
    other = await establish()
    await play(other)
    await figured.settle(other, LAST, LAST)
    again = await tied.kept(other)
    for table, own in kept.items():
        assert [values(row) for row in again[table]] == [values(row) for row in own]


def values(row: dict[str, Any]) -> dict[str, Any]:
    """Without what names the programme, a member or a lot."""
    return {name: value for name, value in row.items() if not name.endswith("_id")}
