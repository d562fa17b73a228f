"""Steps about bookings of a random world, each of which is judged a second time."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.bookings import amendments, bookings, completions, quotes, refunds
from domain.bookings.amendment_rules import AmendmentSent
from domain.bookings.completions import CompletionSent
from domain.bookings.quotes import QuoteSent
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.bookings.reports import BookingSent
from domain.checkout import offsets
from domain.checkout.booking_lines import LineSent
from domain.checkout.offsets import HoldSent
from domain.kernel.database import rows
from domain.kernel.refusals import Refusal
from domain.members import members
from domain.members.identity import MemberKey
from tests.soak import world_books, world_purse
from tests.soak.world import Made, Part, Person, World, tier_of
from tests.soak.written_rules import CITIES
from tests.support.naive import evaluate
from tests.support.naive_asking import Asking, Left, Sold


def lines(world: World) -> list[Part]:
    draw, document = world.draw, world.document
    found = []
    for _ in range(draw.choice((1, 1, 2, 3, 5))):
        gross = draw.choice((0, 1, 9_999, draw.randrange(60_000), draw.randrange(60_000)))
        if not world.digits:
            gross //= 100
        sold = Sold(draw.choice(document["products"]), gross, _attributes(world), *_travel(world))
        found.append(Part(sold, gross))
    return found


def _attributes(world: World) -> dict[str, Any]:
    """Some of the declared attributes, seldom an undeclared one."""
    draw, found = world.draw, dict[str, Any]()
    usual: dict[str, Any] = {"niche": (True, False), "city": CITIES, "stars": (0, 1, 3, 5)}
    for key in world.document.get("attributes", {}):
        if draw.random() < 0.7:
            found[key] = draw.choice(usual[key])
    if draw.random() < 0.01:
        found["moon"] = 1
    return found


def _travel(world: World) -> tuple[date | None, date | None]:
    if world.draw.random() < 0.3:
        return None, None
    first = world.today + timedelta(days=world.draw.randrange(25))
    last = first + timedelta(days=world.draw.randrange(5))
    return world.draw.choice(((first, last), (first, last), (first, None)))


def sent(world: World, parts: list[Part]) -> tuple[LineSent, ...]:
    return tuple(
        LineSent(
            part.sold.product,
            world.units(part.gross),
            part.sold.travel_from,
            part.sold.travel_to,
            part.sold.attributes or None,
        )
        for part in parts
    )


def method(world: World) -> str | None:
    methods: list[str] = world.document.get("payment_methods", [])
    return world.draw.choice((None, *methods))


def when(world: World) -> datetime | None:
    """None for now, mostly; otherwise an earlier instant."""
    if world.draw.random() < 0.75:
        return None
    return world.now - timedelta(hours=world.draw.choice((1, 30, 24 * 20, 24 * 60)))


async def book(world: World, person: Person) -> None:
    """A booking, now and then reported late; parked facts may wait for its reference."""
    early = world.early and world.draw.random() < 0.7
    reference = world.early.pop() if early else world.called("B")
    parts, code = sent(world, lines(world)), await coupon(world)
    whole = BookingSent(reference, parts, when(world), None, method(world), coupon=code)
    await report(world, person, whole)


async def coupon(world: World) -> str | None:
    """Now and then the code of a coupon that some member got, in whatever state it is."""
    if world.draw.random() < 0.3:
        return None
    found = await rows(
        "SELECT c.code FROM coupon_code c JOIN reward r ON r.id = c.reward_id "
        "WHERE r.programme_id = $1 AND c.member_id IS NOT NULL ORDER BY c.id",
        world.programme.id,
    )
    return world.draw.choice(found)["code"] if found else None


async def report(
    world: World, person: Person, whole: BookingSent, *, quoted: dict[str, int] | None = None
) -> None:
    """Report a booking, and judge it a second time."""
    booked_at = whole.booked_at or world.now
    judge = await world_books.judge(world, person, booked_at, whole.payment_method)
    key = MemberKey.of_id(person.member_id)
    figures = await world.attempt(
        "booking", lambda request: bookings.earn(request, world.programme, key, whole)
    )
    if figures is None:
        return
    booking_id = UUID(figures["booking_id"])
    person.said += world_purse.change("booking", figures)
    person.said += await world_purse.parked(booking_id, person.member_id)
    if whole.redemption is not None:
        person.said -= (await world_purse.redemption(*whole.redemption))[1]
    found = await world_books.awarded(booking_id, person.member_id)
    asking = judge.asking(await tier_of(person.member_id, booking_id))
    paid, _ = await world_books.cash_left(person.member_id, booking_id)
    left = Left(judge.left.limits, judge.left.budgets, judge.left.cap)
    expected = {} if person.guest else evaluate(asking, paid, left)
    if quoted is not None:
        expected = quoted
    expected = {rule: points for rule, points in expected.items() if points}
    assert found == expected, (
        f"{whole} earned {found}, not {expected}: {asking.known}, {judge.left}"
    )
    assert figures["points_awarded"] == sum(expected.values())
    world.done["judged twice"] += 1
    world.done["judged twice: with a coupon"] += whole.coupon is not None
    world.done["judged twice: points"] += sum(expected.values())
    parts = [
        Part(Sold(line.product, 0, line.attributes or {}), int(line.amount.scaleb(world.digits)))
        for line in whole.lines
    ]
    made = Made(booking_id, whole.reference, person, parts, booked_at, first=expected)
    made.judged = None if quoted is not None or person.guest else (asking, judge.left)
    world.made.append(made)


async def quote(world: World, person: Person) -> None:
    """Quote what a booking would earn, and guarantee a quote, which is judged a second time."""
    whole = QuoteSent(sent(world, lines(world)), when(world), method(world))
    member = (await members.many([person.member_id]))[person.member_id]
    try:
        found = await quotes.earning(world.programme, member, whole, world.now)
    except Refusal as refusal:
        world.note(f"quote refused: {refusal.code}")
        return
    assert sum(award.points for award in found.evaluation.awards) == found.evaluation.points
    world.note("quote")
    guaranteed = QuoteSent(whole.lines, None, whole.payment_method)
    key = MemberKey.of_id(person.member_id)
    judge = await world_books.judge(world, person, world.now, whole.payment_method)
    figures = await world.attempt(
        "guaranteed quote",
        lambda request: quotes.guarantee(request, world.programme, key, guaranteed),
    )
    if figures is None:
        return
    quote_id = UUID(figures["quote_id"])
    [kept] = await rows(
        "SELECT awards::text AS awards, snapshot ->> 'tier' AS tier, expires_at FROM quote "
        "WHERE member_id = $1 AND id = $2",
        person.member_id,
        quote_id,
    )
    promised = {rule: points for rule, points, _ in orjson.loads(kept["awards"]) if points}
    units = 10**world.digits
    sold = [
        Sold(
            one.product,
            int(one.amount * units),
            one.attributes or {},
            one.travel_from,
            one.travel_to,
        )
        for one in whole.lines
    ]
    expected = evaluate(judge.asking(kept["tier"]), sold, judge.left)
    expected = {rule: points for rule, points in expected.items() if points}
    assert promised == expected, f"{guaranteed} was quoted {promised}, not {expected}"
    world.quotes.append((person, quote_id, guaranteed, promised))


async def book_quoted(world: World, _: Person) -> None:
    """The booking for which a quote was guaranteed, at its price or another."""
    if not world.quotes:
        return
    person, quote_id, quoted, promised = world.quotes.pop(world.draw.randrange(len(world.quotes)))
    parts = quoted.lines if world.draw.random() < 0.8 else sent(world, lines(world))
    whole = BookingSent(
        world.called("B"),
        parts,
        None,
        None,
        quoted.payment_method,
        quote=(person.member_id, quote_id),
    )
    await report(world, person, whole, quoted=promised)


async def hold(world: World, person: Person) -> None:
    parts = lines(world)
    whole = HoldSent(world.draw.choice((1, 5, 10, 25, 50, 100)), sent(world, parts))
    key = MemberKey.of_id(person.member_id)
    figures = await world.attempt(
        "offset hold", lambda request: offsets.hold(request, world.programme, key, whole)
    )
    if figures:
        world.held.append((person, UUID(figures["redemption_id"]), parts))


async def book_held(world: World, _: Person) -> None:
    if not world.held:
        return
    person, held, parts = world.draw.choice(world.held)
    parts = parts if world.draw.random() < 0.7 else lines(world)
    reference, named = world.called("B"), (person.member_id, held)
    whole = BookingSent(
        reference,
        sent(world, parts),
        None,
        None,
        method(world),
        redemption=named,
        coupon=await coupon(world),
    )
    await report(world, person, whole)


def one_made(world: World) -> Made | None:
    return world.draw.choice(world.made) if world.made else None


async def refund(world: World, _: Person) -> None:
    made = one_made(world)
    if made is None:
        return
    draw, whole = world.draw, None
    if draw.random() < 0.7:
        some = draw.sample(range(len(made.parts)), draw.randrange(1, len(made.parts) + 1))
        whole = tuple(
            RefundLineSent(at + 1, world.units(_part_of(world, made.parts[at].left))) for at in some
        )
    refund_sent = RefundSent(world.called("R"), whole, supplier_cancelled=draw.random() < 0.3)
    request = refunds.preview(
        world.partner(), world.programme, made.reference, refund_sent, world.now
    )
    try:
        await request
    except Refusal as refusal:
        world.note(f"refund preview refused: {refusal.code}")
    figures = await world.attempt(
        "refund",
        lambda request: refunds.refund(request, world.programme, made.reference, refund_sent),
    )
    if figures is not None:
        made.person.said += world_purse.change("refund", figures)
        for at, part in enumerate(made.parts):
            gross = part.left if whole is None else 0
            for one in whole or ():
                gross += int(one.amount.scaleb(world.digits)) if one.line == at + 1 else 0
            part.refunded += gross
        await judge_again(world, made)


def _part_of(world: World, left: int) -> int:
    return world.draw.choice((left, left // 2, world.draw.randrange(left + 1), left + 1))


async def judge_again(world: World, made: Made) -> None:
    """Assert that what is left of a booking keeps what it would have earned, by rule at most what
    it had.
    """
    found = await world_books.awarded(made.id, made.person.member_id, net=True)
    if made.judged is None:
        return
    asking, left = made.judged
    paid, rest = await world_books.cash_left(made.person.member_id, made.id)
    earned = evaluate(asking, rest, Left(left.limits, left.budgets, left.cap), paid)
    kept = {rule: min(points, earned.get(rule, 0)) for rule, points in made.first.items()}
    expected = {rule: points for rule, points in kept.items() if points}
    told = (
        f"{made.reference} keeps {found}, not {expected} of {made.first}: {rest} of {paid}, {left}"
    )
    if not rounded_otherwise(asking, left, made.first, earned):
        assert sum(found.values()) == sum(expected.values()), told
        world.done["refunds judged twice: to the point"] += 1
    total = sum(found.values())
    assert all(points <= made.first[rule] for rule, points in found.items()), told
    assert sum(kept.values()) <= total <= sum(kept.values()) + len(kept), told
    world.done["refunds judged twice"] += 1


def rounded_otherwise(
    asking: Asking, left: Left, first: dict[str, int], earned: dict[str, int]
) -> bool:
    """Whether a rule other than a bonus would grant more than it did, or was clipped: then rounding
    may leave a point of it to another rule.
    """
    rules = asking.document.get("earning", ())
    bonuses = {rule["code"] for rule in rules if rule["kind"] == "bonus"}
    clipped = ({*left.limits, *left.budgets} - bonuses) or left.cap is not None
    grew = any(
        points > first.get(rule, 0) for rule, points in earned.items() if rule not in bonuses
    )
    return bool(clipped or grew)


async def complete(world: World, _: Person) -> None:
    made = one_made(world)
    if made is None:
        return
    numbers = tuple(world.draw.sample(range(1, len(made.parts) + 1), 1))
    reason = world.draw.choice((None, "came back", "came back"))
    whole = CompletionSent(world.draw.choice((None, numbers)), when(world), reason)
    await world.attempt(
        "completion",
        lambda request: completions.complete(request, world.programme, made.reference, whole),
        world.staff() if reason else world.partner(),
    )


async def amend(world: World, _: Person) -> None:
    made = one_made(world)
    if made is None:
        return
    parts = list(made.parts)
    fresh = lines(world)
    for at in range(len(parts)):
        if at < len(fresh) and world.draw.random() < 0.6:
            parts[at] = fresh[at]
    parts += fresh[len(parts) :]
    whole = AmendmentSent(world.called("A"), sent(world, parts))
    figures = await world.attempt(
        "amendment",
        lambda request: amendments.amend(request, world.programme, made.reference, whole),
    )
    if figures:
        made.person.said += world_purse.change("amendment", figures)
        refunded = [part.refunded for part in made.parts]
        made.judged, made.parts = None, [Part(part.sold, part.gross) for part in parts]
        for part, back in zip(made.parts, refunded, strict=False):
            part.refunded = back


async def report_early(world: World, _: Person) -> None:
    """A refund or completion of a booking that is reported later."""
    reference = world.called("B")
    if world.draw.random() < 0.5:
        gone = RefundSent(world.called("R"), (RefundLineSent(1, world.units(100)),))
        figures = await world.attempt(
            "early refund",
            lambda request: refunds.refund(request, world.programme, reference, gone),
        )
    else:
        figures = await world.attempt(
            "early completion",
            lambda request: completions.complete(
                request, world.programme, reference, CompletionSent()
            ),
        )
    if figures:
        world.early.append(reference)


STEPS = {
    book: 16,
    quote: 3,
    book_quoted: 3,
    hold: 3,
    book_held: 2,
    refund: 9,
    complete: 4,
    amend: 4,
    report_early: 2,
}
