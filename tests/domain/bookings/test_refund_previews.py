"""Previews of refunds: the refund that follows, written nowhere."""

from datetime import timedelta

import pytest

from domain.bookings import refunds
from domain.bookings.refusals import RefundExceedsBooking
from domain.kernel.refusals import (
    NotFound,
)
from domain.members import members
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.refunded import ANY_POINTS, open_programme, paid_in_part
from tests.support.travel import refund, taken

DAY = timedelta(days=1)


async def test_a_preview_is_the_refund_that_follows_and_writes_nothing(database: Database) -> None:
    programme = await open_programme(offset=ANY_POINTS)
    member_id = await paid_in_part(programme)
    await make.book(programme, member_id, ("hotel", "5000"))
    later = make.NOW + 70 * DAY
    for reference, parts, supplier in [
        ("R1", [(1, "10.01")], False),
        ("R2", [(1, "20")], True),
        ("R3", [], False),
    ]:
        sent = travel.refunded(reference, *parts, supplier_cancelled=supplier)
        before = await make.everything(programme)
        _, decision = await refunds.preview(make.staff(programme), programme, "B", sent, later)
        assert await make.everything(programme) == before
        member = (await members.many([member_id]))[member_id]
        standing = refunds.standing_after(member, decision)
        at = await travel.sequence(member_id)
        outcome = await refund(
            programme, "B", reference, *parts, supplier_cancelled=supplier, now=later
        )
        assert taken(outcome.figures) == (
            decision.taken.clawed_back,
            decision.taken.owed,
            decision.taken.forgiven,
            decision.reinstated,
            decision.cash_minor,
        )
        expired = [e[3] for e in await travel.entries(member_id, at) if e[0] == "EXPIRE"]
        assert sum(expired) == decision.expired_on_return
        after = (await members.many([member_id]))[member_id]
        assert (after.tier, after.qualifying) == (standing.tier, standing.qualifying)


async def test_a_preview_of_what_is_not_there_is_refused(database: Database) -> None:
    programme = await make.establish()
    other = await make.establish()
    member_id = await make.enrol(other)
    await make.book(other, member_id, ("hotel", "100"), reference="B")
    with pytest.raises(NotFound) as raised:
        await refunds.preview(
            make.partner(programme), programme, "B", travel.refunded("R"), make.NOW
        )
    assert raised.value.path == ("booking",)
    with pytest.raises(RefundExceedsBooking):
        await refunds.preview(
            make.partner(other), other, "B", travel.refunded("R", (1, "100.01")), make.NOW
        )
