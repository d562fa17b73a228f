"""Facts and entries of every kind, played through the domain into the connected database.

A migration must keep all of them. Random histories (`tests/soak`) give most kinds; the steps here
add what those leave out. A new table or status needs a new step.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from domain.accounts import sweeps
from domain.activities import activities, calendar_rules, tier_raises
from domain.activities.contents import ActivitySent
from domain.bookings import overdue
from domain.earning import reservations
from domain.history import history
from domain.history.history import PastBooking
from domain.kernel import revocations
from domain.kernel.database import transact
from domain.members.identity import MemberKey
from domain.notices import reminders
from domain.programmes import programmes
from domain.tiers import tiers
from domain.upkeep import records
from domain.upkeep.records import VerificationCounts
from tests.models import dealing_kinds, keeping_kinds, spending_kinds
from tests.soak import histories
from tests.support import factories as make
from tests.support import granted, tiered, travel

HISTORIES = range(4)
SEED = 1
DAY = timedelta(days=1)
NOW = make.NOW

BIRTHDAY = {
    "code": "birthday",
    "name": make.WORDS,
    "points": 100,
    "on": "birthday",
    "expiry": {"months": 0, "through": "month"},
}

SHARE = {
    "code": "share",
    "name": make.WORDS,
    "points": 50,
    "limit": {"times": 1, "per": "day"},
    "reporters": ["partner"],
}


async def play() -> None:
    """Play everything once; the database must have no events before."""
    for number in HISTORIES:
        await histories.play(SEED, number)
    await earn_within_a_budget()
    await owe_and_settle()
    await spending_kinds.take_from_the_catalogue()
    await keep_tiers_for_periods()
    await use_benefits()
    await give_by_itself()
    await leave_lines_overdue()
    await let_time_pass()
    await move_here_with_a_past()
    await dealing_kinds.bring_friends()
    await keeping_kinds.keep_lists()
    await dealing_kinds.claim_bookings()
    await dealing_kinds.review_what_looks_like_fraud()
    await dealing_kinds.say_things()
    await keeping_kinds.settle_days()
    await keeping_kinds.close_periods()
    await keeping_kinds.settle_with_partners()
    await keeping_kinds.compare_policies()
    await keeping_kinds.try_on_some()
    await keeping_kinds.move_members_in()
    await keeping_kinds.keep_endpoints()
    await keeping_kinds.number_some_events()
    await records.record_verification(NOW, NOW + DAY, VerificationCounts(11, 68, 0))
    await records.record_backup(NOW, NOW + DAY)


async def earn_within_a_budget() -> None:
    """Used, expired and open quotes, before the policy's second version ends a budget."""
    bonus = make.rule("bonus", "launch", points=500, budget={"points": 1200, "per": "month"})
    document = make.variant(make.rule("rate", "base", points=1), bonus)
    programme = await make.establish(document)
    member_id = await make.enrol(programme, now=NOW - DAY, reference="quoted")
    flight = make.line_of("flight", "100", hot_route=True)
    await travel.guarantee(programme, member_id, flight, now=NOW - DAY)
    await reservations.release_now(programme, member_id, NOW)
    used = await travel.guarantee(programme, member_id, flight)
    await travel.pay(programme, member_id, "Q-1", flight, quote=used)
    await travel.guarantee(programme, member_id, flight)
    await travel.refund(programme, "Q-1", "QR-1", (1, "40"))
    await make.publish(programme, make.shipped_document(), effective_from=NOW + DAY)
    await make.decided(programme)
    await revocations.revoke(make.request(make.staff(programme)), "kim", None, NOW)
    await make.propose(programme)


async def owe_and_settle() -> None:
    """Points that were spent before their booking was refunded, and owed until others paid them."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    await make.book(programme, member_id, ("hotel", "900"), reference="OW-1")
    await make.redeem(programme, member_id, await make.reward(programme, list_points=1000))
    await travel.refund(programme, "OW-1", "OWR-1")
    await make.book(programme, member_id, ("hotel", "500"), reference="OW-2")


async def keep_tiers_for_periods() -> None:
    """Tiers earned, renewed, lost, assigned and lifted; and periods that a new policy opened."""
    programme = await make.establish(tiered.ctrip())
    ids = [await make.enrol(programme, now=NOW, reference=f"tier-{n}") for n in range(4)]
    for member_id in ids[:2]:
        await make.book(programme, member_id, ("hotel", "3000"))
    await make.book(programme, ids[0], ("hotel", "3000"), now=NOW + 30 * DAY)
    await tiered.assign(programme, ids[2], "gold", until=NOW + 9 * DAY)
    await tiered.assign(programme, ids[3], "gold")
    await tiered.assign(programme, ids[3], None, now=NOW + DAY)
    await tiered.sweep_on_time(programme, NOW + 800 * DAY)

    at_once = make.shipped_document(refunds={"claw_back": "unlimited", "tier": "now"})
    lifetime = await make.establish(at_once)
    for reference in ("stays", "refunded"):
        member_id = await make.enrol(lifetime, reference=reference)
        await travel.pay(lifetime, member_id, f"T-{reference}", make.line_of("hotel", "20000"))
    await travel.refund(lifetime, "T-refunded", "TR-1")
    begins = NOW + 20 * DAY
    lifetime = await make.publish(lifetime, tiered.calendar(), now=NOW, effective_from=begins)
    await tiered.sweep(lifetime, begins)

    lower = make.shipped_document()
    raised = await make.establish(lower)
    member_id = await make.enrol(raised, reference="raised")
    await travel.pay(raised, member_id, "T-raised", make.line_of("hotel", "3500"))
    lower["tiers"]["levels"][1]["threshold"] = 3000
    raised = await make.publish(raised, lower)
    [run] = await tier_raises.begin(raised, NOW)
    async for found in tier_raises.members(run):
        await tier_raises.review(run, found)


async def use_benefits() -> None:
    """Uses of a quota, one of them returned, of an unlimited benefit, and of a granted perk."""
    programme = await make.establish(make.whole_document("ota"))
    member_id = await make.enrol(programme, reference="pampered")
    await tiered.assign(programme, member_id, "diamond")
    await make.use_benefit(programme, member_id, "free_cancellation", "U-1")
    await make.return_benefit(programme, member_id, "free_cancellation", "U-1")
    await make.use_benefit(programme, member_id, "free_cancellation", "U-2")
    await make.use_benefit(programme, member_id, "upgrade", "U-3")
    await make.book(programme, member_id, ("hotel", "100"))
    reviewed = ActivitySent("review", "U-4")
    key = MemberKey.of_id(member_id)
    await activities.earn(make.request(make.partner(programme)), programme, key, reviewed)
    await make.use_benefit(programme, member_id, "lounge_visit", "U-4")


async def give_by_itself() -> None:
    """Grants of points, a reward and a perk for a tier entry, taken back and given again."""
    gold = {"tiers": ["gold"]}
    grants = [
        granted.grant("points", "tier_entry", **gold, gives={"points": 300}),
        granted.grant("reward", "tier_entry", **gold, gives={"reward": "gold_gift"}),
        granted.grant(
            "perk", "tier_entry", **gold, gives={"perk": {"benefit": "upgrade", "days": 30}}
        ),
    ]
    programme = await make.establish(make.shipped_document(grants=grants))
    await make.reward(programme, code="gold_gift", list_points=0, stock=1)
    member_id = await make.enrol(programme, reference="gifted")
    await travel.pay(programme, member_id, "G-1", make.line_of("hotel", "5000"))
    await travel.refund(programme, "G-1", "GR-1")
    await travel.pay(programme, member_id, "G-2", make.line_of("hotel", "6000"))


async def leave_lines_overdue() -> None:
    """An overdue line for review, a completed one, and parked facts of missing bookings."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 12, "through": "day"},
    }
    completion = {"overdue_days": 10, "then": "review"}
    programme = await make.establish(make.shipped_document(points=points, completion=completion))
    member_id = await make.enrol(programme, reference="traveller")
    stay = replace(make.line_of("hotel", "300"), travel_from=NOW.date(), travel_to=NOW.date())
    await travel.pay(programme, member_id, "O-1", stay, replace(stay, product="flight"))
    await travel.complete(programme, "O-1", 2, now=NOW + DAY)
    await travel.amend(programme, "O-1", "OA-1", make.line_of("hotel", "350"), stay)
    later = NOW + 60 * DAY
    for one in [found async for found in overdue.members(programme, later)]:
        await overdue.put_up(programme, one, later)
    await travel.refund(programme, "never came", "OR-1")
    await travel.complete(programme, "never came either")


async def let_time_pass() -> None:
    """Reminders, activities by the calendar and over a limit, expiry, and a moved clock."""
    document = make.shipped_document(activities=[BIRTHDAY, SHARE], reminders={"expiry_days": [30]})
    programme = await make.establish(document)
    member_id = await make.enrol(programme, reference="reminded", birthday=date(1990, 3, 20))
    await make.book(programme, member_id, ("flight", "1500"))
    for reference in ("1", "over its limit", "again"):
        await activities.earn(
            make.request(make.partner(programme)),
            programme,
            MemberKey.of_id(member_id),
            ActivitySent("share", reference),
        )
    birthday = NOW + 6 * DAY
    for due in [found async for found in calendar_rules.candidates(programme, birthday)]:
        await calendar_rules.pay(programme, due, birthday)
    await calendar_rules.keep_mark(programme, birthday)
    await transact(partial(tiers.sum_up, due.member_id, birthday))
    assert [one async for one in sweeps.sweep(programme, birthday + 30 * DAY)] != []
    soon = NOW + 350 * DAY
    for expiring in [found async for found in reminders.candidates(programme, soon)]:
        await reminders.remind(programme, expiring, soon)
    await make.draft(programme)
    await programmes.advance_clock(programme, 400 * DAY)


async def move_here_with_a_past() -> None:
    """Bookings of past years, recorded at their own instants."""
    programme = await make.establish()
    past = [_past(number, datetime(2024, number, 5, tzinfo=UTC)) for number in (2, 5, 11)]
    played = await history.play(programme, "moved", past, NOW, enrol=True)
    assert (played.recorded, played.refused) == (3, ())


def _past(number: int, at: datetime) -> PastBooking:
    sent = make.booking(("hotel", "900"), reference=f"H-{number}", booked_at=at)
    return PastBooking(number, at, sent)
