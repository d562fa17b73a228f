"""Other steps of a random world: activities, points, rewards, benefits, and referrals."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.activities import activities, referral_reviews, reversals
from domain.activities.contents import ActivitySent
from domain.activities.referral_reviews import ReviewSent
from domain.benefits import benefits
from domain.benefits.benefits import UseSent
from domain.kernel.database import rows
from domain.members import enrolment, members, profile, segment_lists, tier_assignments
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.members.tier_assignments import AssignmentSent
from domain.redemptions import cancellations, coupon_uses, deliveries, fulfilments, redemptions
from domain.redemptions.fulfilments import FulfilSent
from domain.redemptions.redemptions import RedeemSent
from domain.transfers import adjustments, transfers
from domain.transfers.adjustments import AdjustmentSent
from domain.transfers.transfers import TransferSent
from tests.soak import world_purse
from tests.soak.world import Person, World
from tests.soak.world_bookings import when
from tests.soak.written_rules import CITIES, STYLES

PEOPLE_MAX = 6


async def enrol(world: World, by: Person | None, *, guest: bool = False) -> None:
    """A new member, perhaps the friend of another, perhaps with a birthday soon."""
    draw, number = world.draw, len(world.people)
    reference = f"M{number}"
    soon = world.today - timedelta(days=30 * 365 - draw.randrange(40))
    birthday = draw.choice((soon, None))
    email = draw.choice((None, f"{reference}@example.com", "same+x@example.com"))
    whole = EnrolSent(
        reference,
        birthday=birthday,
        email=email,
        referral_code=by.code if by else None,
        guest=guest,
        profile=_values(world, "staff"),
    )
    figures = await world.attempt(
        "guest" if guest else "friend" if by else "enrolment",
        lambda request: enrolment.enrol(request, world.programme, whole),
        world.staff(),
    )
    if figures is None:
        return
    member_id = UUID(figures["member_id"])
    values = {key: (value, "staff") for key, value in (whole.profile or {}).items()}
    person = Person(number, member_id, reference, world.now, birthday, values, guest)
    [found] = await rows("SELECT referral_code FROM member WHERE member_id = $1", member_id)
    person.code = found["referral_code"]
    world.people.append(person)


def _values(world: World, writer: str) -> dict[str, Any] | None:
    """Values of the profile that this caller may write, and perhaps an undeclared one."""
    declared, found = world.document.get("profile", {}), dict[str, Any]()
    kinds: dict[str, Any] = {"text": STYLES, "number": (0, 1, 3), "boolean": (True, False)}
    for key, terms in declared.items():
        if writer in terms["writable_by"] and world.draw.random() < 0.7:
            found[key] = world.draw.choice(kinds[terms["type"]])
    if world.draw.random() < 0.2:
        found["seat"] = "aisle"
    return found or None


async def another(world: World, person: Person) -> None:
    """Enrol a friend, or a guest who may enrol later."""
    if len(world.people) < PEOPLE_MAX:
        guest = world.draw.random() < 0.3
        await enrol(world, None if guest else person, guest=guest)


async def promote(world: World, person: Person) -> None:
    """Enrol a guest, perhaps as the friend of a member."""
    guests = [one for one in world.people if one.guest]
    if not guests:
        return
    guest = world.draw.choice(guests)
    code = world.draw.choice((None, person.code if person is not guest else None))
    whole = EnrolSent(guest.reference, referral_code=code)
    figures = await world.attempt(
        "guest enrols",
        lambda request: enrolment.enrol(request, world.programme, whole),
        world.staff(),
    )
    if figures:
        guest.guest, guest.joined_at = False, world.now


async def write_profile(world: World, person: Person) -> None:
    writer = world.draw.choice(("member", "partner", "staff"))
    values = _values(world, writer)
    if values is None:
        return
    callers = {
        "member": world.oneself(person),
        "partner": world.partner(),
        "staff": world.staff(),
    }
    key, changes = MemberKey.of_id(person.member_id), {"profile": values}
    figures = await world.attempt(
        "profile",
        lambda request: profile.change(request, world.programme, key, changes),
        callers[writer],
    )
    if figures:
        person.profile |= {name: (value, writer) for name, value in values.items()}


async def act(world: World, person: Person) -> None:
    codes = [one["code"] for one in world.document.get("activities", ())]
    if not codes:
        return
    draw, score = world.draw, Decimal(world.draw.choice((0, 1, 3, 7, 40)))
    attributes = {"score": int(score), "place": draw.choice(CITIES)}
    whole = ActivitySent(draw.choice(codes), world.called("T"), when(world), attributes)
    callers = {
        "partner": world.partner(),
        "staff": world.staff(),
        "member": world.oneself(person),
    }
    rules = {one["code"]: one for one in world.document["activities"]}
    reporters = rules[whole.type].get("reporters", ())
    caller = callers[draw.choice((*reporters, *reporters, *callers))]
    key = MemberKey.of_id(person.member_id)
    figures = await world.attempt(
        "activity",
        lambda request: activities.earn(request, world.programme, key, whole),
        caller,
    )
    if figures:
        person.said += world_purse.change("activity", figures)


async def reverse(world: World, _: Person) -> None:
    """Reverse an activity or a grant as staff."""
    found = await rows(
        "SELECT member_id, id FROM activity WHERE programme_id = $1 ORDER BY recorded_at, id",
        world.programme.id,
    )
    if not found:
        return
    chosen = world.draw.choice(found)
    key = chosen["member_id"], chosen["id"]
    await world.attempt(
        "reversal",
        lambda request: reversals.reverse(request, world.programme, key, "a mistake"),
        world.staff(),
    )


async def redeem(world: World, person: Person) -> None:
    reward = world.draw.choice(world.rewards)
    whole = RedeemSent(reward.code, hold=world.draw.random() < 0.4)
    key = MemberKey.of_id(person.member_id)
    figures = await world.attempt(
        "redemption",
        lambda request: redemptions.redeem(request, world.programme, key, whole),
        world.draw.choice((world.partner(), world.oneself(person))),
    )
    if figures:
        made = UUID(figures["redemption_id"])
        status, points = await world_purse.redemption(person.member_id, made)
        tier = (await members.many([person.member_id]))[person.member_id].tier
        tier = world.document["tiers"].get("renames", {}).get(tier, tier)
        assert points == world_purse.price(world, tier, reward.list_points), (reward.code, points)
        person.said -= 0 if status == "HELD" else points


async def go_on(world: World, _: Person) -> None:
    """Confirm, deliver, reject or cancel a redemption, perhaps of a grant or a booking."""
    found = await rows(
        "SELECT r.member_id, r.id FROM redemption r JOIN member m ON m.member_id = r.member_id "
        "WHERE m.programme_id = $1 ORDER BY r.created_at, r.id",
        world.programme.id,
    )
    if not found:
        return
    chosen = world.draw.choice(found)
    named = chosen["member_id"], chosen["id"]
    programme = world.programme
    kind = world.draw.choice(
        ("confirmation", "shipment", "delivery", "rejection", "cancelling", "cancelling")
    )
    calls: dict[str, Any] = {
        "confirmation": lambda request: redemptions.confirm(request, programme, *named),
        "delivery": lambda request: fulfilments.fulfil(request, programme, *named, FulfilSent()),
        "shipment": lambda request: deliveries.ship(request, programme, named),
        "rejection": lambda request: deliveries.reject(request, programme, named, "broken"),
        "cancelling": lambda request: cancellations.cancel(request, programme, *named),
    }
    [whose] = [one for one in world.people if one.member_id == named[0]]
    before, points = await world_purse.redemption(*named)
    by = world.draw.choice((world.partner(), world.staff()))
    if await world.attempt(kind, calls[kind], by):
        spent = ("CONFIRMED", "SHIPPED", "FULFILLED")
        after = (await world_purse.redemption(*named))[0]
        whose.said += points * (int(before in spent) - int(after in spent))


async def use_coupon(world: World, _: Person) -> None:
    found = await rows(
        "SELECT r.codes ->> 0 AS code FROM redemption r JOIN member m ON m.member_id = r.member_id "
        "WHERE m.programme_id = $1 AND jsonb_array_length(r.codes) > 0 "
        "ORDER BY r.created_at, r.id",
        world.programme.id,
    )
    if found:
        code = world.draw.choice(found)["code"]
        await world.attempt(
            "coupon use", lambda request: coupon_uses.use(request, world.programme, code)
        )


async def give(world: World, person: Person) -> None:
    other = world.draw.choice([*(one for one in world.people if one is not person), person])
    keys = MemberKey.of_id(person.member_id), MemberKey.of_id(other.member_id)
    whole = TransferSent(world.draw.choice((1, 10, 60)))
    figures = await world.attempt(
        "transfer", lambda request: transfers.transfer(request, world.programme, *keys, whole)
    )
    if figures:
        person.said -= whole.points
        other.said += whole.points


async def adjust(world: World, person: Person) -> None:
    last = world.draw.choice((None, None, world.today + timedelta(days=3)))
    points = world.draw.choice((-30, 40, 100, 200))
    whole = AdjustmentSent(points, "goodwill", last if points > 0 else None)
    key = MemberKey.of_id(person.member_id)
    figures = await world.attempt(
        "adjustment",
        lambda request: adjustments.adjust(request, world.programme, key, whole),
        world.staff(),
    )
    person.said += points if figures else 0


async def assign(world: World, person: Person) -> None:
    levels = [level["code"] for level in world.document["tiers"]["levels"]]
    tier = world.draw.choice((None, *levels))
    until = world.draw.choice((None, world.now + timedelta(days=20))) if tier else None
    whole, key = AssignmentSent(tier, "a friend of the house", until), person.member_id
    await world.attempt(
        "assignment",
        lambda request: tier_assignments.assign(
            request, world.programme, MemberKey.of_id(key), whole
        ),
        world.staff(),
    )


async def use_benefit(world: World, person: Person) -> None:
    codes = [one["code"] for one in world.document.get("benefits", ())]
    if not codes:
        return
    whole = UseSent(world.draw.choice(codes), world.called("U"), when(world))
    key = MemberKey.of_id(person.member_id)
    figures = await world.attempt(
        "benefit use", lambda request: benefits.use(request, world.programme, key, whole)
    )
    if figures:
        world.used.append((person, whole.benefit, whole.reference))


async def return_benefit(world: World, _: Person) -> None:
    if not world.used:
        return
    person, code, reference = world.draw.choice(world.used)
    key = MemberKey.of_id(person.member_id)
    await world.attempt(
        "benefit return",
        lambda request: benefits.give_back(request, world.programme, key, code, reference),
        repeats=True,
    )


async def review(world: World, _: Person) -> None:
    """Review a referral as staff."""
    found = await rows(
        "SELECT DISTINCT r.member_id, r.id FROM referral r JOIN member m "
        "ON m.member_id = r.member_id WHERE m.programme_id = $1 AND r.side = 'REFERRER' ORDER BY 2",
        world.programme.id,
    )
    if not found:
        return
    one = world.draw.choice(found)
    whole, named = ReviewSent(world.draw.random() < 0.5, "looked at"), (one["member_id"], one["id"])
    await world.attempt(
        "referral review",
        lambda request: referral_reviews.review(request, world.programme, named, whole),
        world.staff(),
    )


async def list_members(world: World, person: Person) -> None:
    """Put a member on a list, or remove all others from it."""
    if world.draw.random() < 0.7:
        await segment_lists.add(
            world.programme, "listed", [person.reference], world.now, by="staff:kim"
        )
        world.note("listed")
    else:
        kept = {person.member_id}
        await segment_lists.keep_only(world.programme, "listed", kept, world.now, by="staff:kim")
        world.note("taken off a list")


STEPS = {
    another: 4,
    promote: 2,
    write_profile: 2,
    act: 9,
    reverse: 2,
    redeem: 5,
    go_on: 4,
    use_coupon: 1,
    give: 2,
    adjust: 2,
    assign: 2,
    use_benefit: 3,
    return_benefit: 1,
    review: 1,
    list_members: 1,
}
