"""Steps of a random history that pay and complete bookings, in any order.

Refunds and amendments are in modules of their own.
"""

from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from domain.bookings import batches, bookings, completions
from domain.bookings.completions import CompletionSent
from domain.bookings.reports import BookingRequest, BookingSent
from domain.checkout import offsets
from domain.checkout.booking_lines import LineSent
from domain.checkout.offsets import HoldSent
from domain.checkout.refusals import CouponNotApplicable, ShareExceeded
from domain.kernel.idempotency import Figures, Outcome, Request
from domain.ledger.refusals import AccountInArrears, InsufficientPoints
from domain.members.identity import MemberKey
from domain.redemptions.refusals import HoldExpired, RedemptionState
from tests.soak import grant_steps
from tests.soak.refund_steps import give_back, refund_call
from tests.soak.story import Call, Early, Past, Player, Step, Story, Taken
from tests.soak.trips import LEVELS, SHARE_PERCENT, ZONE, Line, Place, Placed, Trip, offset
from tests.support.tokens import Held, Waiting


def lines(story: Story) -> list[Line]:
    draw, day = story.draw, story.now.astimezone(ZONE).date()
    drawn = []
    for number in range(1, draw.choice((1, 1, 2, 3)) + 1):
        product = draw.choice(("flight", "hotel", "car"))
        amount = draw.choice((draw.choice((0, 1)), draw.randrange(30_000), 9_999, 15_000))
        travel_to = draw.choice((None, day + timedelta(days=draw.randrange(12))))
        drawn.append(Line(number, product, amount, travel_to=travel_to))
    return drawn


def sent(story: Story, drawn: list[Line]) -> tuple[LineSent, ...]:
    return tuple(
        LineSent(line.product, story.amount(line.amount), travel_to=line.travel_to)
        for line in drawn
    )


async def book(story: Story, who: Player) -> None:
    """A booking, seldom reported late; parked facts may wait for its reference."""
    late = timedelta(days=story.draw.randrange(1, 60)) if story.draw.random() < 0.1 else None
    await pay(story, who, named(story), lines(story), late=late)


def named(story: Story) -> str:
    """A new reference, or one that parked facts wait for."""
    if story.early and story.draw.random() < 0.7:
        return story.draw.choice(sorted(story.early))
    return story.name("B")


async def book_with_coupon(story: Story, who: Player) -> None:
    """A booking with a coupon of either member, which may be used or returned by now."""
    coupons = [taken for player in story.players for taken in player.taken if taken.codes]
    if not coupons:
        return
    coupon, reference, drawn = story.draw.choice(coupons), named(story), lines(story)
    call = booking_call(story, who, reference, drawn, coupon)
    if coupon.used or coupon.status != "FULFILLED":
        await story.refuse("booking with a coupon", RedemptionState, call)
    elif not any(line.amount for line in drawn):
        await story.refuse("booking with a coupon", CouponNotApplicable, call)
    else:
        await pay(story, who, reference, drawn, taken=coupon)


async def pay(
    story: Story,
    who: Player,
    reference: str,
    drawn: list[Line],
    *,
    taken: Taken | None = None,
    late: timedelta | None = None,
) -> None:
    booked_at = story.now - late if late else story.now
    before = grant_steps.reach(story, who)
    trip = priced(story, who, reference, drawn, taken=taken, booked_at=booked_at)
    how = " with a coupon" if taken and taken.codes else " paid in points" if taken else ""
    figures = await story.succeed(
        f"booking{how}",
        booking_call(story, who, reference, drawn, taken, late),
        natural=True,
    )
    booked(story, who, trip, figures)
    grant_steps.evaluate(story, who, before, booked_at)
    waiting = story.early.pop(reference, [])
    for fact in sorted(waiting, key=lambda fact: (fact.came_at, fact.kind)):
        apply_early(story, who, trip, fact)


def priced(
    story: Story,
    who: Player,
    reference: str,
    drawn: list[Line],
    *,
    taken: Taken | None,
    booked_at: datetime,
) -> Trip:
    """The booking with what it must earn, after spending its held points or using its coupon."""
    factor = Fraction(LEVELS[who.standing.at(booked_at)][2])
    trip = Trip(reference, who.number, drawn, factor, booked_at)
    who.account.advance(story.now)
    if taken is not None and taken.codes:
        trip.take_off(worth(taken))
        story.used[trip.reference], taken.used = taken, True
    elif taken is not None:
        spend(story, who, trip, taken)
    trip.price()
    trip.awarded = sum(trip.first.values())
    return trip


def booked(story: Story, who: Player, trip: Trip, figures: Figures) -> None:
    """Assert that it earned what it must, and add it to the second account."""
    assert figures["points_awarded"] == trip.awarded
    story.trips[trip.reference] = trip
    credit(story, who, trip, trip.placed(story.terms))
    who.standing.buy(sum(line.cash for line in trip.lines), story.now)


def worth(coupon: Taken) -> int:
    assert coupon.reward is not None
    assert coupon.reward.worth_minor is not None
    return int(coupon.reward.worth_minor)


async def book_together(story: Story, _: Player) -> None:
    """A booking of each member in one batch, with one of them sent twice."""
    orders = [(who, story.name("B"), lines(story)) for who in story.players]
    before = [grant_steps.reach(story, who) for who in story.players]
    trips = [priced(story, *order, taken=None, booked_at=story.now) for order in orders]
    sent_together = [
        BookingRequest(
            Request(story.partner(), story.name("K"), story.now),
            MemberKey.of_id(who.member_id),
            BookingSent(reference, sent(story, drawn)),
        )
        for who, reference, drawn in orders
    ]
    *answers, again = await batches.earn(story.programme, [*sent_together, sent_together[0]])
    assert isinstance(again, Outcome)
    assert again.replayed
    for (who, _reference, drawn), trip, answer, reached in zip(
        orders, trips, answers, before, strict=True
    ):
        assert isinstance(answer, Outcome), answer
        assert not answer.replayed
        story.past.append(
            Past(
                booking_call(story, who, trip.reference, drawn),
                story.partner(),
                sent_together[who.number].request.key,
                story.now,
                answer.figures,
                natural=True,
            )
        )
        story.note("booking in a batch")
        booked(story, who, trip, answer.figures)
        grant_steps.evaluate(story, who, reached, story.now)


def credit(story: Story, who: Player, trip: Trip, placed: Placed) -> None:
    """Add points available at once, then pending ones, which wait for completion of their line."""
    terms, lines = story.terms, {line.number: line for line in trip.lines}
    for (rule, waits, number), points in sorted(placed.items(), key=coming):
        if not waits:
            gone = terms.gone(story.now, rule)
            who.account.earn(points, story.now, gone, story.now, of=trip.reference, rule=rule)
        elif points:
            overdue = max(story.now, terms.overdue(trip.booked_at, lines[number].travel_to))
            matures_at = overdue if terms.then == "mature" else None
            gone = terms.gone(overdue, rule)
            own = trip.reference, number, points, 0, story.now, matures_at, gone
            who.account.wait(Waiting(*own, rule=rule))


def coming(placed: tuple[Place, int]) -> tuple[bool, int, str]:
    """Sort key of credits: those available at once, then by line; a rule's own terms last."""
    (rule, waits, number), _ = placed
    return waits, number, rule


def booking_call(
    story: Story,
    who: Player,
    reference: str,
    drawn: list[Line],
    taken: Taken | None = None,
    late: timedelta | None = None,
) -> Call:
    [code] = taken.codes if taken and taken.codes else [None]
    redemption = (who.member_id, taken.id) if taken and code is None else None
    booked_at = story.now - late if late else None
    whole = BookingSent(
        reference, sent(story, drawn), booked_at, redemption=redemption, coupon=code
    )
    key = MemberKey.of_id(who.member_id)
    return lambda request: bookings.earn(request, story.programme, key, whole)


def spend(story: Story, who: Player, trip: Trip, taken: Taken) -> None:
    """Spend the held points that the price still needs; an expired hold is taken again."""
    points = offset(trip.lines, taken.points)
    account = who.account
    if taken.id in account.held:
        account.capture(taken.id, points, story.now)
    else:
        account.spent[taken.id] = account.take(points)
    taken.status, taken.points, trip.redemption = "CONFIRMED", points, taken.id


async def hold_for_booking(story: Story, who: Player) -> None:
    """Hold points for lines that may be booked later; they may be too many."""
    drawn = lines(story)
    most = sum(line.amount * SHARE_PERCENT // 100 for line in drawn)
    who.account.advance(story.now)
    _, left, _, owed = who.account.balances()
    both = min(most, left)
    points = max(1, story.draw.choice((both, both, both // 2, most, left, left + 1)))
    call = hold_call(story, who, points, drawn)
    if owed:
        await story.refuse("offset hold", AccountInArrears, call, owed=owed)
    elif points > most:
        await story.refuse("offset hold", ShareExceeded, call, max_points=most)
    elif points > left:
        await story.refuse("offset hold", InsufficientPoints, call, available=left)
    else:
        figures = await story.succeed("offset hold", call)
        until = story.now + timedelta(minutes=story.terms.hold_minutes)
        made = UUID(figures["redemption_id"])
        who.account.held[made] = Held(until, who.account.take(points))
        who.taken.append(Taken(made, None, "HELD", points, until, drawn))


def hold_call(story: Story, who: Player, points: int, drawn: list[Line]) -> Call:
    whole, key = HoldSent(points, sent(story, drawn)), MemberKey.of_id(who.member_id)
    return lambda request: offsets.hold(request, story.programme, key, whole)


async def pay_with_points(story: Story, who: Player) -> None:
    """A booking with points held for it; now and then at another price, too late, or again."""
    held = [taken for taken in who.taken if taken.reward is None]
    if not held:
        return
    taken = story.draw.choice(held)
    drawn = taken.lines if story.draw.random() < 0.6 else lines(story)
    drawn = [Line(one.number, one.product, one.amount, travel_to=one.travel_to) for one in drawn]
    who.account.advance(story.now)
    points = min(taken.points, sum(one.amount * SHARE_PERCENT // 100 for one in drawn))
    reference, left = story.name("B"), len(who.account.tokens)
    call = booking_call(story, who, reference, drawn, taken)
    if taken.status != "HELD":
        await story.refuse("booking paid in points", RedemptionState, call)
    elif taken.id in who.account.held and not points:
        await story.refuse("booking paid in points", ShareExceeded, call, max_points=0)
    elif taken.id not in who.account.held and (not points or points > left):
        await story.refuse("booking paid in points", HoldExpired, call)
    else:
        kind = "alive" if taken.id in who.account.held else "taken again"
        story.note(f"booking paid in points: hold {kind}")
        story.done["booking paid in points: excess back"] += points < taken.points
        await pay(story, who, reference, drawn, taken=taken)


async def complete(story: Story, _: Player) -> None:
    """Complete some lines of a booking, or all, whatever was completed before."""
    if not story.trips:
        return
    trip = story.trips[story.draw.choice(sorted(story.trips))]
    who, numbers = story.players[trip.member], [line.number for line in trip.lines]
    wanted = story.draw.choice((None, story.draw.sample(numbers, 1)))
    call = completion_call(story, trip.reference, wanted)
    who.account.advance(story.now)
    figures = await story.succeed("completion" if wanted is None else "completion of a line", call)
    assert figures["points_matured"] == mature(story, who, trip, wanted)


def completion_call(story: Story, reference: str, numbers: list[int] | None) -> Call:
    whole = CompletionSent(tuple(numbers) if numbers else None)
    return lambda request: completions.complete(request, story.programme, reference, whole)


def mature(story: Story, who: Player, trip: Trip, numbers: list[int] | None) -> int:
    ended = {line.number for line in trip.lines} if numbers is None else set(numbers)
    account, fresh = who.account, ended - trip.completed
    trip.completed |= ended
    waiting = [w for w in account.waiting if w.booking == trip.reference and w.line in fresh]
    return sum(
        account.mature(one, story.terms.gone(story.now, one.rule), story.now)
        for one in sorted(waiting, key=lambda one: one.line)
    )


async def report_early(story: Story, _: Player) -> None:
    """A refund or a completion of a booking not reported yet; at most one of each."""
    reference = story.name("B")
    if story.early and story.draw.random() < 0.5:
        reference = story.draw.choice(sorted(story.early))
    kind = story.draw.choice(("completion", "refund"))
    waiting = story.early.setdefault(reference, [])
    if kind in (fact.kind for fact in waiting):
        return
    part, supplier = story.draw.randrange(12_000), story.draw.random() < 0.3
    parts = story.draw.choice((None, {1: part}))
    if kind == "refund":
        call = refund_call(story, reference, parts, supplier_cancelled=supplier)
    else:
        call = completion_call(story, reference, list(parts) if parts else None)
    figures = await story.succeed(f"{kind} before its booking", call)
    assert figures["parked"]
    waiting.append(Early(kind, parts, supplier, call, story.now))


def apply_early(story: Story, who: Player, trip: Trip, fact: Early) -> None:
    """Apply a fact that waited for the booking; a refund that it does not allow is dropped."""
    who.account.advance(story.now)
    if fact.kind == "completion":
        mature(story, who, trip, list(fact.parts) if fact.parts else None)
    elif any(gross > trip.lines[number - 1].left for number, gross in (fact.parts or {}).items()):
        story.note("parked refund refused")
        return
    else:
        give_back(story, trip, fact.parts, supplier_cancelled=fact.supplier_cancelled)
        story.past.append(Past(fact.call, story.partner(), "", story.now, {}, natural=True))
    story.note(f"parked {fact.kind} applied")


STEPS: dict[Step, int] = {
    book: 5,
    book_with_coupon: 4,
    book_together: 2,
    complete: 3,
    report_early: 1,
    hold_for_booking: 3,
    pay_with_points: 3,
}
"""Steps by their weight in the draw."""
