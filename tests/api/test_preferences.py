"""What members like, as staff read it, and of nobody alone."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.checkout.booking_lines import LineSent
from domain.kernel.database import update
from domain.members.consents import Purpose
from tests.support import factories as make
from tests.support import travel
from tests.support.callers import TODAY, Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

ASK = """query($period: PeriodInput!) {
    preferences(period: $period) { of key tier { code } members } }"""
MARCH = {"from": "2126-03-01", "through": "2126-03-31"}

Cell = tuple[str, str, str | None, int]


async def asked(caller: Client, period: dict[str, str] = MARCH) -> list[Cell]:
    found = (await caller.read(ASK, period=period))["preferences"]
    return [
        (one["of"], one["key"], one["tier"] and one["tier"]["code"], one["members"])
        for one in found
    ]


async def of_all(stage: Stage, of: str) -> list[tuple[str, int]]:
    found = await asked(stage.staff())
    return [(key, members) for what, key, tier, members in found if what == of and tier is None]


async def like(stage: Stage, number: int, theme: str | None, kind: str = "SERVICE") -> list[UUID]:
    """So many new members who redeem a reward of a theme."""
    reward = await make.reward(
        stage.programme, kind=kind, list_points=10, theme=theme, worth_minor=100
    )
    made = []
    for _ in range(number):
        made.append(await make.rich_member(stage.programme, 10, now=TODAY))
        await make.redeem(stage.programme, made[-1], reward, now=TODAY)
    return made


async def test_fewer_than_ten_members_are_not_told_apart() -> None:
    stage = await open_stage()
    programme = stage.programme
    beach = await like(stage, 30, "beach")
    skiing = await like(stage, 12, "skiing")
    family = await like(stage, 8, "family")
    # 8 are too few by themselves, so that the smallest of the others joins them
    assert await of_all(stage, "theme") == [("beach", 30), ("other", 20)]
    await like(stage, 1, "culture")
    assert await of_all(stage, "theme") == [("beach", 30), ("other", 21)]
    assert await of_all(stage, "kind") == [("SERVICE", 51)]
    everybody = await asked(stage.staff())
    assert ("theme", "other", "silver", 21) in everybody
    assert len(everybody) == 6

    # a member of two themes is one member of `other`
    both = await make.reward(programme, list_points=10, theme="culture")
    for member_id in (*family[:2], skiing[0]):
        await make.give(programme, member_id, 10, now=TODAY)
        await make.redeem(programme, member_id, both, now=TODAY)
    assert await of_all(stage, "theme") == [("beach", 30), ("skiing", 12), ("other", 10)]

    # guests, erased members, and who refused profiling; who agrees again counts again
    await make.consent(programme, beach[0], Purpose.PROFILING, granted=False)
    await make.consent(programme, beach[1], Purpose.PROFILING, granted=False)
    await make.consent(programme, beach[1], Purpose.PROFILING)
    status = "UPDATE member SET status = $2 WHERE member_id = $1"
    await update(status, beach[2], "ERASED")
    await update(status, beach[3], "GUEST")
    await update(status, beach[4], "SUSPENDED")
    assert await of_all(stage, "theme") == [("beach", 27), ("skiing", 12), ("other", 10)]
    # a theme that is called so is of the same cell; one without a theme only has a kind
    await like(stage, 11, "other", kind="PRODUCT")
    await like(stage, 1, None, kind="COUPON")
    assert await of_all(stage, "theme") == [("beach", 27), ("skiing", 12), ("other", 21)]
    assert await of_all(stage, "kind") == [("SERVICE", 48), ("other", 12)]
    # days before and after, and whoever may not ask
    for period in (
        {"from": "2126-02-01", "through": "2126-03-14"},
        {"from": "2126-03-16", "through": "2127-03-16"},
    ):
        assert await asked(stage.staff(), period) == []
    wrong = {"from": "2126-03-02", "through": "2126-03-01"}
    assert codes(await stage.staff().ask(ASK, period=wrong)) == ["BAD_USER_INPUT"]
    for caller in (stage.member(), await stage.partner(), Client()):
        assert codes(await caller.ask(ASK, period=MARCH)) != []
    assert await asked((await open_stage()).staff()) == []


async def test_bookings_count_as_refunds_and_amendments_left_them() -> None:
    stage = await open_stage()
    programme = stage.programme
    booked_on = TODAY.date()

    def line(destination: str, days: int) -> LineSent:
        made = make.line_of("hotel", "100", destination=destination)
        return replace(made, travel_from=booked_on + timedelta(days=days))

    members = [await make.enrol(programme, now=TODAY) for _ in range(13)]
    for number, member_id in enumerate(members):
        days = (6, 7, 29, 30)[number % 4] if number < 10 else 90
        await travel.pay(programme, member_id, f"B{number}", line("Sanya", days), now=TODAY)
    # moved to another place and month; refunded whole, and in part; before the day of booking
    later = TODAY + timedelta(minutes=1)
    await travel.amend(programme, "B0", "A0", line("Kunming", 400), now=later)
    await travel.refund(programme, "B1", "R1", (1, "100"), now=later)
    await travel.refund(programme, "B2", "R2", (1, "40"), now=later)
    await travel.pay(programme, members[3], "B13", line("Sanya", -3), now=TODAY)

    # the one that went to Kunming is too few, and the others are counted with it
    assert await of_all(stage, "destination") == [("other", 12)]
    assert await of_all(stage, "month") == [("other", 12)]
    assert await of_all(stage, "lead") == [("other", 12)]
    await travel.refund(programme, "B0", "R0", (1, "100"), now=later)
    assert await of_all(stage, "destination") == [("Sanya", 11)]
    # days 6 to 30 are too few each, and together with those of 90 enough
    assert await of_all(stage, "lead") == [("other", 11)]

    await travel.refund(programme, "B13", "R13", (1, "100"), now=later)
    await travel.pay(programme, members[0], "B14", line("Sanya", 90), now=TODAY)
    for number in range(2, 10):
        await travel.amend(programme, f"B{number}", f"A{number}", line("Sanya", 91), now=later)
    assert await of_all(stage, "lead") == [("90+", 12)]
    assert await of_all(stage, "month") == [("2126-06", 12)]
    await update(
        "UPDATE account SET tier = 'gold', tier_earned = 'gold' WHERE member_id = ANY($1)",
        members[:2],
    )
    found = await asked(stage.staff())
    assert ("lead", "90+", "silver", 11) in found
    assert not [cell for cell in found if cell[2] == "gold"]
