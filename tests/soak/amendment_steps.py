"""Bookings changed in a random history: dearer, cheaper, moved, with lines added and dropped.

Whatever was refunded, matured, spent or is owed by then, the member must in total have got what the
booking would have earned had it been made that way, less what is refunded.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from domain.bookings import amendments
from domain.bookings.amendment_rules import AmendmentSent
from domain.bookings.refusals import RefundExceedsBooking
from domain.kernel.refusals import InvalidInput, NotFound, ReferenceConflict, Refusal
from tests.soak import booking_steps, grant_steps
from tests.soak.refund_steps import take_back
from tests.soak.story import Call, Player, Step, Story
from tests.soak.trips import BONUS_FROM_MINOR, ZONE, Line, Place, Placed, Trip, less

Nonsense = tuple[str, type[Refusal], Call]


async def amend(story: Story, _: Player) -> None:
    """Change some lines of a booking, or none, in any way; now and then in an invalid way."""
    if not story.trips:
        return
    worth = {reference for reference, trip in story.trips.items() if trip.entitled()}
    waiting = {one.booking for player in story.players for one in player.account.waiting}
    trip = story.trips[story.draw.choice(sorted(waiting or worth or story.trips))]
    if story.draw.random() < 0.15:
        await story.refuse(*story.draw.choice(_nonsense(story, trip)))
        return
    drawn = drawn_lines(story, trip)
    if not any(line.amount for line in drawn):
        drawn[0].amount = 1
    reference = story.name("C")
    call = amendment_call(story, trip.reference, reference, drawn)
    owed = story.players[trip.member].account.owed
    expected = change(story, trip, drawn)
    figures = await story.succeed("amendment", call, natural=True)
    found = {name: figures[name] for name in expected}
    assert found == expected, f"amendment of {trip}: {found}, not {expected}"
    trip.amended = reference
    check(trip)
    for name, points in expected.items():
        story.done[f"amendment: {name}"] += points != 0
    story.done["amendment in arrears"] += owed > 0
    story.done["amendment after a refund"] += any(line.refunded for line in drawn)


def drawn_lines(story: Story, trip: Trip) -> list[Line]:
    """The lines after the change, each at least what was refunded of it, and perhaps new ones."""
    draw, day = story.draw, story.now.astimezone(ZONE).date()
    drawn = [replace(line) for line in trip.lines]
    for line in draw.sample(drawn, draw.randrange(1, len(drawn) + 1)):
        dearer, half = line.amount + draw.randrange(1, 20_000), line.amount // 2
        amount = draw.choice((0, 0, line.amount, half, half, dearer, dearer, BONUS_FROM_MINOR))
        line.amount = max(line.refunded, amount)
        if draw.random() < 0.7:
            line.travel_to = day + timedelta(days=draw.randrange(-20, 20))
        if draw.random() < 0.1:
            line.product = draw.choice(("flight", "hotel", "car"))
    if draw.random() < 0.25:
        for line in booking_steps.lines(story)[:1]:
            drawn.append(replace(line, number=len(drawn) + 1))
    return drawn


def amendment_call(story: Story, booking: str, reference: str, drawn: Sequence[Line]) -> Call:
    whole = AmendmentSent(reference, booking_steps.sent(story, list(drawn)))
    return lambda request: amendments.amend(request, story.programme, booking, whole)


def change(story: Story, trip: Trip, drawn: Sequence[Line]) -> dict[str, int]:
    """Apply the amendment to the second account; the figures that the product must return."""
    who, now = story.players[trip.member], story.now
    who.account.advance(now)
    before = grant_steps.reach(story, who)
    placed = trip.placed(story.terms)
    cash, back, moved = rewrite(trip, drawn)
    if not any(line.left for line in trip.lines):
        story.return_coupon(trip)
    gains, losses = weigh(story, trip, placed)
    if back and trip.redemption:
        who.account.reinstate(trip.redemption, back, now)
    # what the member had already is not given again, and only what it has too much is lost
    more = max(0, trip.entitled() - trip.had())
    fewer = max(0, trip.awarded - trip.done - trip.entitled())
    taken = take_back(story, trip, sum(losses.values()), losses)
    given = at_most(gains, max(0, taken["points_clawed_back"] + more - fewer))
    awarded = given.total()
    trip.awarded += awarded
    again = lift(story, trip, moved)
    story.done["amendment: points wait for new dates"] += again.total() > 0
    booking_steps.credit(story, who, trip, given + again)
    if cash > 0:
        who.standing.buy(cash, now)
    else:
        who.standing.give_back(-cash, now, story.terms.tier)
    grant_steps.evaluate(story, who, before)
    return {
        **taken,
        "points_awarded": awarded,
        "points_reinstated": back,
        "cash_change_minor": cash,
    }


def rewrite(trip: Trip, drawn: Sequence[Line]) -> tuple[int, int, set[int]]:
    """Apply the new lines; the additional cash, the points returned, and the lines that moved."""
    cash, back, moved = 0, 0, set()
    parts = trip.coupon_parts({new.number: new.amount for new in drawn})
    for new in drawn[len(trip.lines) :]:
        trip.lines.append(replace(new, amount=0))
    for line, new in zip(trip.lines, drawn, strict=True):
        of_cash, of_points = line.amend(new.amount, parts[line.number])
        cash, back = cash + of_cash, back + of_points
        if line.travel_to != new.travel_to:
            moved.add(line.number)
        line.product, line.travel_to = new.product, new.travel_to
    trip.price()
    return cash, back, moved


def weigh(story: Story, trip: Trip, placed: Placed) -> tuple[Placed, Placed]:
    """What is given and what is taken: pending points for open lines, and at once the rest of what
    is due in either direction.
    """
    still = trip.open_lines(story.terms, story.now)
    changes, matured = Counter[Place](), Counter[str]()
    for place, points in less(trip.placed(story.terms), placed).items():
        rule, waits, number = place
        changes[place if waits and number in still else (rule, False, 0)] += points
        matured[rule] += 0 if number in still or not waits else points
    owed = trip.entitled() - (trip.awarded - trip.done)
    owed = less_withheld(changes, owed - changes.total())
    changes["", False, 0] += owed
    losses = -changes
    for rule, points in (-matured).items():
        # points that once were pending are lost on the terms that they had
        lost = min(points, losses[rule, False, 0])
        losses[rule, False, 0] -= lost
        losses[rule, True, 0] += lost
    return +changes, losses


def less_withheld(changes: Counter[Place], withheld: int) -> int:
    """Reduce losses by points that were withheld when they were earned, as the member had kept as
    many that were forgiven or had expired: first those available at once, then of the last lines.
    Returns what is still withheld.
    """
    for place in sorted(changes, key=lambda one: (one[1], -one[2], one[0] == "")):
        spared = max(0, min(withheld, -changes[place]))
        changes[place] += spared
        withheld -= spared
    return withheld


def at_most(given: Placed, points: int) -> Counter[Place]:
    """At most that many points, cut from those available at once, then from the last lines."""
    cut = Counter[Place]()
    order = sorted(given, key=lambda place: (not place[1], place[2], place[0]))
    for place in order:
        cut[place] = min(given[place], points - cut.total())
    return cut


def lift(story: Story, trip: Trip, moved: set[int]) -> Counter[Place]:
    """Take what is pending for the old dates of lines that moved; how much it was, and where."""
    account, taken = story.players[trip.member].account, Counter[Place]()
    if story.terms.then != "mature":
        return taken
    for one in list(account.waiting):
        if one.booking == trip.reference and one.line in moved:
            account.waiting.remove(one)
            taken[one.rule, True, one.line] += one.points
    return taken


def check(trip: Trip) -> None:
    """Assert that it earned what it should, and that what it had beyond was forgiven or expired."""
    beyond = trip.had() - trip.entitled()
    assert 0 <= beyond <= trip.forgiven + trip.found_expired, f"{beyond} too many for {trip}"


def _nonsense(story: Story, trip: Trip) -> list[Nonsense]:
    """Amendments that are refused."""

    def call(drawn: Sequence[Line], booking: str = trip.reference, reference: str = "X") -> Call:
        return amendment_call(story, booking, reference, drawn)

    same = [replace(line) for line in trip.lines]
    dearer = [replace(same[0], amount=same[0].amount + 1), *same[1:]]
    found: list[Nonsense] = [
        ("amendment of fewer lines", InvalidInput, call(same[:-1])),
        ("amendment of nobody's booking", NotFound, call(same, "NOTHING")),
    ]
    if any(line.amount for line in same):
        nought = [replace(line, amount=0) for line in same]
        refunded = any(line.refunded for line in same)
        error = RefundExceedsBooking if refunded else InvalidInput
        found.append(("amendment to nought", error, call(nought)))
    for line in [line for line in same if line.refunded][:1]:
        less = [replace(one, amount=one.refunded - (one is line)) for one in same]
        found.append(("amendment below what was refunded", RefundExceedsBooking, call(less)))
    if trip.amended:
        again = call(dearer, reference=trip.amended)
        found.append(("another amendment of its reference", ReferenceConflict, again))
    return found


STEPS: dict[Step, int] = {amend: 8}
"""Steps by their weight in the draw."""
