"""Tiers that staff assign: had at least, whatever is earned or lost underneath."""

from datetime import timedelta

import pytest

from domain.kernel.ids import new_id
from domain.kernel.refusals import InvalidInput, NotFound
from domain.tiers.values import Holding
from tests.conftest import Database
from tests.domain.tiers.test_tier_windows import local
from tests.support import factories as make
from tests.support import private, tiered

pytestmark = pytest.mark.usefixtures("database", "proved")

DAY = timedelta(days=1)


async def test_an_assigned_tier_is_had_at_once_and_kept_with_who_and_why() -> None:
    programme = await make.establish(tiered.ctrip())
    member_id = await make.enrol(programme, now=make.NOW - DAY)

    outcome = await tiered.assign(programme, member_id, "gold")

    assert outcome.figures == {"member_id": str(member_id), "tier": "gold"}
    found = await tiered.holding(member_id)
    assert found == Holding(
        member_id, "gold", make.NOW, "member", assigned="gold", recorded_at=make.NOW
    )
    assert (found.kept_until, found.due_at) == (None, None)
    [change] = await tiered.recorded(member_id)
    assert (change["reason"], change["from_tier"], change["to_tier"]) == (
        *("assigned", "member", "gold"),
    )
    assert change["actor"] == "staff:kim"
    assert await private.text(member_id, change["note"]) == "status match"
    assert (change["inputs"]["spend_minor"], change["booking_id"]) == (0, None)
    assert await tiered.notified(member_id) == [("member", "gold")]
    assert await make.book(programme, member_id, ("hotel", "100")) == 120


async def test_what_is_earned_goes_on_underneath_and_never_lowers_it() -> None:
    programme = await make.establish(tiered.ctrip())
    member_id = await make.enrol(programme, now=make.NOW)
    await tiered.assign(programme, member_id, "gold")
    await make.book(programme, member_id, ("hotel", "3000"))
    assert (await tiered.holding(member_id)).earned == "silver"
    assert (await tiered.holding(member_id)).tier == "gold"

    await make.book(programme, member_id, ("hotel", "27000"), now=make.NOW + DAY)
    lifted = await tiered.holding(member_id)
    assert (lifted.tier, lifted.kept_until) == ("platinum", local("2028-03-17T00:00"))
    # platinum ends, and gold, and silver: the assigned level stays
    await tiered.sweep(programme, local("2036-01-01T00:00"))

    found = await tiered.holding(member_id)
    assert (found.tier, found.earned, found.assigned) == ("gold", "member", "gold")
    assert await tiered.notified(member_id) == [
        *(("member", "gold"), ("gold", "platinum"), ("platinum", "gold")),
    ]
    assert await tiered.decisions(member_id) == [
        *(("assigned", "member", "gold"), ("qualified", "gold", "gold")),
        *(("qualified", "gold", "platinum"), ("period_end", "platinum", "gold")),
        *(("period_end", "gold", "gold"), ("period_end", "gold", "gold")),
    ]


async def test_lifting_leaves_what_is_earned_by_then() -> None:
    programme = await make.establish(tiered.ctrip())
    member_id = await make.enrol(programme, now=make.NOW)
    await tiered.assign(programme, member_id, "diamond")
    await make.book(programme, member_id, ("hotel", "3000"))

    outcome = await tiered.assign(programme, member_id, None, now=make.NOW + DAY)

    assert outcome.figures["tier"] == "silver"
    found = await tiered.holding(member_id)
    assert (found.tier, found.since, found.assigned) == ("silver", make.NOW + DAY, None)
    assert found.until == local("2028-03-16T00:00")
    assert (await tiered.decisions(member_id))[-1] == ("lifted", "diamond", "silver")
    assert await tiered.notified(member_id) == [("member", "diamond"), ("diamond", "silver")]


async def test_an_assignment_ends_by_time_and_what_was_earned_for_good_stays() -> None:
    """In a lifetime programme there is nothing but the assignment that time can end."""
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW)
    await make.book(programme, member_id, ("hotel", "5000"))
    end = make.NOW + 90 * DAY
    await tiered.assign(programme, member_id, "diamond", until=end)
    assert (await tiered.holding(member_id)).kept_until == end
    assert await tiered.sweep(programme, end - timedelta(seconds=1)) == []

    # nobody swept: the next booking finds it out, and earns by what is left
    assert await make.book(programme, member_id, ("hotel", "100"), now=end + DAY) == 120

    found = await tiered.holding(member_id)
    assert (found.tier, found.assigned_until, found.due_at) == ("gold", None, None)
    *_, ended = await tiered.recorded(member_id)
    assert (ended["reason"], ended["judged_at"], ended["recorded_at"]) == (
        *("assignment_ended", end, end + DAY),
    )
    assert (ended["actor"], ended["note"]) == (None, None)


async def test_a_second_assignment_replaces_the_first() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW)
    await tiered.assign(programme, member_id, "diamond", until=make.NOW + DAY)
    await tiered.assign(programme, member_id, "gold", until=make.NOW + 2 * DAY)
    found = await tiered.holding(member_id)
    assert (found.tier, found.assigned_until) == ("gold", make.NOW + 2 * DAY)
    # at least gold: what the member earned above it is not taken away
    await make.book(programme, member_id, ("hotel", "20000"))
    await tiered.assign(programme, member_id, "gold")
    assert (await tiered.holding(member_id)).tier == "platinum"
    assert (await tiered.decisions(member_id))[-1] == ("assigned", "platinum", "platinum")


async def test_what_cannot_be_assigned_is_refused() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW)
    now = make.NOW.isoformat()
    async with make.refused(programme, InvalidInput, "tier", reason="unknown_tier", value="wood"):
        await tiered.assign(programme, member_id, "wood")
    async with make.refused(
        programme, InvalidInput, "until", reason="end_in_past", value=now, allowed=(now,)
    ):
        await tiered.assign(programme, member_id, "gold", until=make.NOW)
    async with make.refused(programme, InvalidInput, "until", reason="end_of_lifting"):
        await tiered.assign(programme, member_id, None, until=make.NOW + DAY)
    async with make.refused(programme, InvalidInput, "tier", reason="nothing_assigned"):
        await tiered.assign(programme, member_id, None)
    async with make.refused(programme, NotFound, "member"):
        await tiered.assign(programme, new_id(), "gold")


async def test_an_end_that_has_come_is_not_lifted_again(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW)
    await tiered.assign(programme, member_id, "gold", until=make.NOW + DAY)
    async with make.refused(programme, InvalidInput, "tier", reason="nothing_assigned"):
        await tiered.assign(programme, member_id, None, now=make.NOW + 2 * DAY)
    assert await tiered.sweep(programme, make.NOW + 2 * DAY) == [member_id]
