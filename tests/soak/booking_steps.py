"""What happens to bookings in a random history: paid, completed, refunded, in any order."""

from datetime import timedelta
from fractions import Fraction
from uuid import UUID

from domain import bookings, completions, offsets, refunds
from domain.booking_lines import LineSent
from domain.bookings import BookingSent
from domain.completions import CompletionSent
from domain.errors import (
    AccountInArrears,
    HoldExpired,
    InsufficientPoints,
    RedemptionState,
    RefundExceedsBooking,
    ShareExceeded,
)
from domain.members import MemberKey
from domain.offsets import HoldSent
from domain.refunds import RefundLineSent, RefundSent
from tests.soak.story import Call, Early, Past, Player, Step, Story, Taken
from tests.soak.trips import LEVELS, SHARE_PERCENT, ZONE, Line, Trip, midnight_after, offset
from tests.tokens import Held, Waiting


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
    """A booking, of a reference that facts may wait for, seldom reported late."""
    reference = story.name("B")
    if story.early and story.draw.random() < 0.7:
        reference = story.draw.choice(sorted(story.early))
    late = timedelta(days=story.draw.randrange(1, 60)) if story.draw.random() < 0.1 else None
    await pay(story, who, reference, lines(story), late=late)


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
    factor = Fraction(LEVELS[who.standing.at(booked_at)][2])
    trip = Trip(reference, who.number, drawn, factor)
    who.account.advance(story.now)
    if taken is not None:
        spend(story, who, trip, taken)
    trip.first = trip.granted()
    figures = await story.succeed(
        "booking paid in points" if taken else "booking",
        booking_call(story, who, reference, drawn, taken, late),
        natural=True,
    )
    assert figures["points_awarded"] == sum(trip.first.values())
    story.trips[reference] = trip
    pending = trip.pending(story.terms.waits)
    at_once = sum(trip.first.values()) - sum(pending.values())
    who.account.earn(at_once, story.now, story.terms.gone(story.now), story.now, of=reference)
    for line in drawn:
        if points := pending.get(line.number, 0):
            overdue = max(story.now, story.terms.overdue(booked_at, line.travel_to))
            matures_at = overdue if story.terms.then == "mature" else None
            gone_then = story.terms.gone(overdue)
            who.account.wait(
                Waiting(reference, line.number, points, 0, story.now, matures_at, gone_then)
            )
    who.standing.buy(sum(line.amount - line.paid for line in drawn), story.now)
    for fact in sorted(story.early.pop(reference, []), key=lambda fact: fact.kind):
        apply_early(story, who, trip, fact)


def booking_call(
    story: Story,
    who: Player,
    reference: str,
    drawn: list[Line],
    taken: Taken | None = None,
    late: timedelta | None = None,
) -> Call:
    redemption = (who.member_id, taken.id) if taken else None
    booked_at = story.now - late if late else None
    whole = BookingSent(reference, sent(story, drawn), booked_at, redemption=redemption)
    key = MemberKey.of_id(who.member_id)
    return lambda request: bookings.earn(request, story.programme, key, whole)


def spend(story: Story, who: Player, trip: Trip, taken: Taken) -> None:
    """The points held are spent, those that the price still needs; a dead hold is taken again."""
    points = offset(trip.lines, taken.points)
    account = who.account
    if taken.id in account.held:
        account.capture(taken.id, points, story.now)
    else:
        account.spent[taken.id] = account.take(points)
    taken.status, taken.points, trip.redemption = "CONFIRMED", points, taken.id


async def hold_for_booking(story: Story, who: Player) -> None:
    """Points for lines that are to be booked; they may be too many."""
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
    """A booking by the points held for it, now and then at another price, too late, or again."""
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
    """Some lines of a booking, or all, whatever was completed before."""
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
    gone = story.terms.gone(story.now)
    return sum(
        account.mature(one, gone, story.now) for one in sorted(waiting, key=lambda one: one.line)
    )


async def refund(story: Story, _: Player) -> None:
    """All that is left of a booking, or parts of some lines; the parts may be too large."""
    if not story.trips:
        return
    trip = story.trips[story.draw.choice(sorted(story.trips))]
    parts = drawn_parts(story, trip)
    supplier = story.draw.random() < 0.3
    call = refund_call(story, trip.reference, parts, supplier_cancelled=supplier)
    if any(gross > trip.lines[number - 1].left for number, gross in (parts or {}).items()):
        await story.refuse("refund", RefundExceedsBooking, call)
        return
    kind = "refund" if parts is None else "refund in part"
    paid = " of a booking paid in points" if trip.redemption else ""
    expected = give_back(story, trip, parts, supplier_cancelled=supplier)
    figures = await story.succeed(kind + paid, call, natural=True)
    found = {name: figures[name] for name in expected}
    assert found == expected, f"{kind} of {trip}: {found}, not {expected}"
    for name, points in expected.items():
        story.done[f"refund: {name}"] += points > 0


def drawn_parts(story: Story, trip: Trip) -> dict[int, int] | None:
    draw = story.draw
    if draw.random() < 0.4:
        return None
    some = draw.sample(trip.lines, draw.randrange(1, len(trip.lines) + 1))
    return {
        line.number: draw.choice((line.left, draw.randrange(line.left + 1), line.left // 3))
        + (draw.random() < 0.05)
        for line in some
    }


def refund_call(
    story: Story, reference: str, parts: dict[int, int] | None, *, supplier_cancelled: bool
) -> Call:
    given = (
        None
        if parts is None
        else tuple(RefundLineSent(number, story.amount(gross)) for number, gross in parts.items())
    )
    whole = RefundSent(story.name("R"), given, supplier_cancelled=supplier_cancelled)
    return lambda request: refunds.refund(request, story.programme, reference, whole)


def give_back(
    story: Story, trip: Trip, parts: dict[int, int] | None, *, supplier_cancelled: bool
) -> dict[str, int]:
    """What the refund does by the second account: the figures that it must answer."""
    account, now = story.players[trip.member].account, story.now
    account.advance(now)
    gross = {line.number: line.left for line in trip.lines} if parts is None else parts
    waited, cash, back = trip.pending(story.terms.waits), 0, 0
    for line in trip.lines:
        of_cash, of_points = line.refund(gross.get(line.number, 0))
        cash, back = cash + of_cash, back + of_points
    waits = trip.pending(story.terms.waits)
    losses = {number: points - waits.get(number, 0) for number, points in waited.items()}
    figures = take_back(story, trip, {n: lost for n, lost in losses.items() if lost > 0})
    if back and trip.redemption and supplier_cancelled:
        grace = now.astimezone(ZONE).date() + timedelta(days=story.terms.grace_days)
        account.reinstate_anew(trip.redemption, back, now, midnight_after(grace))
    elif back and trip.redemption:
        account.reinstate(trip.redemption, back, now)
    story.players[trip.member].standing.give_back(cash, now, story.terms.tier)
    return {**figures, "points_reinstated": back, "cash_minor": cash}


def take_back(story: Story, trip: Trip, losses: dict[int, int]) -> dict[str, int]:
    """Of the booking's own pending points, its own available ones, then as the terms say."""
    account, due = story.players[trip.member].account, trip.due()
    taken = account.take_waiting(trip.reference, due, losses)
    taken += account.take_of(trip.reference, due - taken)
    expired = min(due - taken, account.expired[trip.reference] - trip.found_expired)
    rest = due - taken - expired
    others = 0
    if story.terms.claw_back != "only_pending":
        others = len(account.take(rest))
    owed = rest - others if story.terms.claw_back == "unlimited" else 0
    account.owed += owed
    trip.done += due
    trip.found_expired += expired
    return {
        "points_clawed_back": taken + others + owed,
        "points_owed": owed,
        "points_forgiven": rest - others - owed,
    }


async def report_early(story: Story, _: Player) -> None:
    """A refund or a completion of a booking that has not come yet; at most one of each."""
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
    waiting.append(Early(kind, parts, supplier, call))


def apply_early(story: Story, who: Player, trip: Trip, fact: Early) -> None:
    """What waited for the booking; a refund that it does not allow holds nobody up."""
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
    complete: 3,
    refund: 7,
    report_early: 1,
    hold_for_booking: 3,
    pay_with_points: 3,
}
"""Each with how often it is drawn, beside the others."""
