"""Compare the state that a write returns with what a read finds after it."""

from dataclasses import replace
from uuid import UUID

from domain.bookings import booking_reads
from domain.bookings.afterwards import BookingAfter
from domain.earning import awards
from domain.kernel.idempotency import Outcome
from domain.ledger import states
from domain.members import members
from domain.members.members import MemberAfter
from domain.programmes.programmes import Programme
from domain.redemptions import redemption_reads
from domain.redemptions.redemption_reads import RedemptionAfter


async def check(programme: Programme, outcome: Outcome) -> str | None:
    """Assert that they are equal; what was compared, or None where the write returned no state.

    Nobody else may write meanwhile.
    """
    after = outcome.after
    if isinstance(after, BookingAfter):
        await _check_booking(programme, outcome.owned("booking_id"), after)
        await _check_member(after.member)
        return "booking"
    if isinstance(after, RedemptionAfter):
        member_id, own_id = outcome.owned("redemption_id")
        read = (await redemption_reads.many(programme.id, [(member_id, own_id)]))[own_id]
        assert after.redemption == read, (after.redemption, read)
        await _check_member(after.member)
        return "redemption"
    assert after is None
    return None


async def _check_booking(programme: Programme, key: tuple[UUID, UUID], after: BookingAfter) -> None:
    read = (await booking_reads.many(programme.id, [key]))[key[1]]
    known, found = (sorted(map(tuple, one.waiting)) for one in (after.booking, read))
    assert known == found
    assert replace(after.booking, waiting=()) == replace(read, waiting=())
    if after.awards is not None:
        assert list(after.awards) == (await awards.of_bookings([key]))[key[1]]


async def _check_member(after: MemberAfter) -> None:
    member, live = after.member, after.live
    read = (await members.many([member.member_id], member.window))[member.member_id]
    assert member == read
    if live is None:
        return
    found = (await states.live_state([member.member_id]))[member.member_id]
    assert {lot.id: lot for lot in live.lots} == {lot.id: lot for lot in found.lots}
    assert {one.redemption_id: one for one in live.holds} == {
        one.redemption_id: one for one in found.holds
    }
