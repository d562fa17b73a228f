"""Other steps of a random history: waiting, sweeps, repeated calls, and invalid calls."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from domain.accounts import sweeps
from domain.activities.contents import ActivitySent
from domain.activities.refusals import ReporterNotAllowed
from domain.bookings.bookings import earn as earn_for_booking
from domain.bookings.refusals import CurrencyNotSupported
from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.kernel.callers import Caller
from domain.kernel.refusals import (
    EventInFuture,
    EventTooOld,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    ReferenceConflict,
    Refusal,
)
from domain.members.identity import MemberKey
from domain.transfers.adjustments import AdjustmentSent
from tests.soak import booking_steps, refund_steps, spending_steps
from tests.soak.story import Call, Player, Step, Story
from tests.soak.trips import Line
from tests.support import factories as make

HOURS = (0, 1, 5, 13, 24, 24 * 4, 24 * 9, 24 * 20)

Nonsense = tuple[str, type[Refusal], Call, Caller]


async def wait(story: Story, _: Player) -> None:
    story.now += timedelta(hours=story.draw.choice(HOURS), minutes=story.draw.randrange(60))
    story.note("wait")


async def wait_until_due(story: Story, who: Player) -> None:
    """Wait until the exact instant at which something falls due, or a microsecond before it."""
    who.account.advance(story.now)
    due = who.account.next_due()
    if due is None or due - story.now > timedelta(days=60):
        return
    story.now = max(story.now, due - timedelta(microseconds=story.draw.randrange(2)))
    story.note("wait until something is due")


async def sweep(story: Story, _: Player) -> None:
    """Write what is due, which changes nothing that reads show."""
    due = await sweeps.count_due(story.programme, story.now)
    swept = [one async for one in sweeps.sweep(story.programme, story.now)]
    assert len(swept) == due
    assert all(one.entries for one in swept)
    assert await sweeps.count_due(story.programme, story.now) == 0
    story.note("sweep")
    story.done["sweep: members with something due"] += due


async def send_again(story: Story, _: Player) -> None:
    """Repeat an earlier call: under its key while that is kept, or under another if its reference
    identifies it.
    """
    past = story.draw.choice(story.past) if story.past else None
    if past is None:
        return
    if past.natural and story.draw.random() < 0.5:
        await story.again(past, same_key=False)
    elif story.fresh(past):
        await story.again(past, same_key=True)


async def nonsense(story: Story, who: Player) -> None:
    """Send an invalid call, which is refused and changes nothing."""
    kind, error, call, caller = story.draw.choice(_nonsense(story, who))
    await story.refuse(kind, error, call, caller)
    if story.past and story.fresh(past := story.past[-1]):
        other = spending_steps.adjust_call(story, who, AdjustmentSent(1, "another"))
        key, by = past.key, past.caller
        await story.refuse("another call under a key", IdempotencyKeyReused, other, by, key=key)


def _nonsense(story: Story, who: Player) -> list[Nonsense]:
    partner, nobody = story.partner(), UUID(int=story.draw.getrandbits(64))
    key, day = MemberKey.of_id(who.member_id), timedelta(days=1)
    strange = story.players[1 - who.number]

    def booking(sent: BookingSent) -> Call:
        return lambda request: earn_for_booking(request, story.programme, key, sent)

    hotel = (LineSent("hotel", Decimal(100)),)
    future, past = story.now + day, story.now - 366 * day
    found: list[Nonsense] = [
        ("a booking of no line", InvalidInput, booking(BookingSent("X", ())), partner),
        (
            "a product that is not sold",
            InvalidInput,
            booking(BookingSent("X", (LineSent("moon", Decimal(1)),))),
            partner,
        ),
        (
            "a negative amount",
            InvalidInput,
            booking(BookingSent("X", (LineSent("hotel", Decimal(-1)),))),
            partner,
        ),
        (
            "a fraction of a cent",
            InvalidInput,
            booking(BookingSent("X", (LineSent("hotel", Decimal("1.001")),))),
            partner,
        ),
        (
            "a strange currency",
            CurrencyNotSupported,
            booking(BookingSent("X", hotel, currency="USD")),
            partner,
        ),
        (
            "a booking of tomorrow",
            EventInFuture,
            booking(BookingSent("X", hotel, booked_at=future)),
            partner,
        ),
        (
            "a booking of last year",
            EventTooOld,
            booking(BookingSent("X", hotel, booked_at=past)),
            partner,
        ),
        (
            "a booking of points that nobody held",
            NotFound,
            booking(BookingSent("X", hotel, redemption=(who.member_id, nobody))),
            partner,
        ),
        ("an adjustment of nothing", InvalidInput, _adjusted(story, who, 0), story.staff()),
        ("a transfer of nothing", InvalidInput, _given(story, who, strange, 0), partner),
        ("a transfer to oneself", InvalidInput, _given(story, who, who, 1), partner),
        ("a coupon that nobody has", NotFound, spending_steps.use_call(story, "NOTHING"), partner),
        (
            "an activity that members do not report",
            ReporterNotAllowed,
            spending_steps.activity_call(story, key, ActivitySent("review", "X")),
            make.member_caller(story.programme, who.reference, who.member_id),
        ),
    ]
    for taken in strange.taken[:1]:
        as_who = make.member_caller(story.programme, who.reference, who.member_id)
        call = spending_steps.cancel_call(story, strange, taken)
        found.append(("cancelling what is another's", NotFound, call, as_who))
    for reference, trip in list(story.trips.items())[:1]:
        drawn = [Line(1, "hotel", 1_00), *trip.lines]
        call = booking_steps.booking_call(story, who, reference, drawn)
        found.append(("another booking of its reference", ReferenceConflict, call, partner))
        parts = {99: 1}
        call = refund_steps.refund_call(story, reference, parts, supplier_cancelled=False)
        found.append(("a refund of a line that is not", InvalidInput, call, partner))
    return found


def _adjusted(story: Story, who: Player, points: int) -> Call:
    return spending_steps.adjust_call(story, who, AdjustmentSent(points, "nonsense"))


def _given(story: Story, giver: Player, receiver: Player, points: int) -> Call:
    return spending_steps.give_call(story, giver, receiver, points)


STEPS: dict[Step, int] = {wait: 4, wait_until_due: 4, sweep: 2, send_again: 2, nonsense: 1}
"""Steps by their weight in the draw."""
