"""Steps that refund bookings in a random history, and the points that members then owe."""

from collections import Counter
from datetime import timedelta

from domain.bookings import refunds
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.bookings.refusals import RefundExceedsBooking
from tests.soak import grant_steps, spending_steps
from tests.soak.story import Call, Player, Step, Story
from tests.soak.trips import ZONE, Placed, Trip, less, midnight_after


async def refund(story: Story, _: Player) -> None:
    """Refund all that is left of a booking, or parts of some lines, which may be too large."""
    if not story.trips:
        return
    trip = story.trips[story.draw.choice(sorted(story.trips))]
    await refund_parts(story, trip, drawn_parts(story, trip))


async def refund_parts(story: Story, trip: Trip, parts: dict[int, int] | None) -> None:
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
    """Apply the refund to the second account; the figures that the product must return."""
    who, now = story.players[trip.member], story.now
    account, before = who.account, grant_steps.reach(story, who)
    account.advance(now)
    gross = {line.number: line.left for line in trip.lines} if parts is None else parts
    placed, cash, back = trip.placed(story.terms), 0, 0
    for line in trip.lines:
        of_cash, of_points = line.refund(gross.get(line.number, 0))
        cash, back = cash + of_cash, back + of_points
    if not any(line.left for line in trip.lines):
        story.return_coupon(trip)
    losses = less(placed, trip.placed(story.terms))
    if back and trip.redemption and supplier_cancelled:
        grace = now.astimezone(ZONE).date() + timedelta(days=story.terms.grace_days)
        account.reinstate_anew(trip.redemption, back, now, midnight_after(grace))
    elif back and trip.redemption:
        account.reinstate(trip.redemption, back, now)
    figures = take_back(story, trip, trip.due(), losses)
    if story.terms.tier != "never":
        who.standing.give_back(cash, now, story.terms.tier)
    grant_steps.evaluate(story, who, before)
    return {**figures, "points_reinstated": back, "cash_minor": cash}


def take_back(story: Story, trip: Trip, due: int, losses: Placed) -> dict[str, int]:
    """Take the booking's own points of the terms on which they were lost; then its pending ones,
    its available ones, and others as the terms say.
    """
    account, own = story.players[trip.member].account, trip.reference
    taken, waited = 0, Counter[int]()
    for terms in sorted({(rule, waits) for rule, waits, _ in losses}):
        lost = {place[2]: points for place, points in losses.items() if place[:2] == terms}
        wanted = min(due - taken, max(0, sum(lost.values())))
        if terms[1]:
            waited.update(lost)
            waiting = account.take_waiting(own, wanted, lost, terms[0])
            taken, wanted = taken + waiting, wanted - waiting
        taken += account.take_of(own, wanted, terms)
    taken += account.take_waiting(own, due - taken, waited)
    taken += account.take_of(own, due - taken)
    expired = min(due - taken, account.expired[trip.reference] - trip.found_expired)
    rest = due - taken - expired
    others = 0
    if story.terms.claw_back != "only_pending":
        others = len(account.take(rest))
    owed = rest - others if story.terms.claw_back == "unlimited" else 0
    account.owed += owed
    trip.done += due
    trip.found_expired += expired
    trip.forgiven += rest - others - owed
    return {
        "points_clawed_back": taken + others + owed,
        "points_owed": owed,
        "points_forgiven": rest - others - owed,
    }


async def regret(story: Story, who: Player) -> None:
    """Transfer all points away, refund the booking that earned them, and earn by a review.

    If the terms allow it, points are owed, and the next credits settle them.
    """
    own = [trip for trip in story.trips.values() if trip.member == who.number and trip.entitled()]
    if not own:
        return
    who.account.advance(story.now)
    _, left, _, owed = who.account.balances()
    if left and not owed:
        await spending_steps.give_points(story, who, left)
    await refund_parts(story, story.draw.choice(own), None)
    await spending_steps.review(story, who)


STEPS: dict[Step, int] = {refund: 6, regret: 3}
"""Steps by their weight in the draw."""
