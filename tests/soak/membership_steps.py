"""Steps that suspend members for a while, and that merge or close further memberships."""

import pytest

from domain.kernel.refusals import InvalidInput
from domain.members.refusals import MemberSuspended
from domain.transfers.adjustments import AdjustmentSent
from tests.soak import booking_steps, spending_steps
from tests.soak.story import Player, Step, Story
from tests.soak.trips import Line
from tests.support import factories as make


async def suspend(story: Story, who: Player) -> None:
    """Suspend a member: bookings meanwhile never earn points, and transfers are refused."""
    await make.suspend(story.programme, who.member_id, now=story.now)
    lines = [Line(1, "hotel", 100_00)]
    call = booking_steps.booking_call(story, who, story.name("S"), lines)
    figures = await story.succeed("booking while suspended", call)
    assert figures["points_awarded"] == 0
    other = next(one for one in story.players if one is not who)
    given = spending_steps.give_call(story, who, other, 1)
    await story.refuse("transfer while suspended", MemberSuspended, given)
    await make.reinstate(story.programme, who.member_id, now=story.now)
    story.note("suspended and reinstated")


async def _twin(story: Story) -> Player:
    """A further membership with points of its own."""
    name = story.name("T")
    twin = Player(0, await make.enrol(story.programme, reference=name, now=story.now), name)
    for _ in range(story.draw.randrange(1, 4)):
        await spending_steps.adjust(story, twin)
    twin.account.advance(story.now)
    return twin


async def merge(story: Story, who: Player) -> None:
    """Merge a second membership, whose points keep their terms."""
    who.account.advance(story.now)
    _, _, held, owed = who.account.balances()
    if held or owed:
        return
    twin = await _twin(story)
    await make.merge(story.programme, twin.member_id, who.member_id, now=story.now)
    who.account.receive(list(twin.account.tokens), story.now)
    faults = await make.faults(twin.member_id)
    assert faults == [], faults
    story.note("merge")


async def close(story: Story, _: Player) -> None:
    """Close a membership, which forfeits exactly its points."""
    twin = await _twin(story)
    points = len(twin.account.tokens)
    with pytest.raises(InvalidInput, match="forfeit_differs"):
        await make.close(story.programme, twin.member_id, points + 1, now=story.now)
    await make.close(story.programme, twin.member_id, points, now=story.now)
    call = spending_steps.adjust_call(story, twin, AdjustmentSent(5, "too late"))
    await story.refuse("adjustment of who left", MemberSuspended, call, story.staff())
    faults = await make.faults(twin.member_id)
    assert faults == [], faults
    story.note("close")


STEPS: dict[Step, int] = {suspend: 1, merge: 1, close: 1}
"""Steps by their weight in the draw."""
