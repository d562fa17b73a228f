"""Members whose histories are really played, by the same functions that the API calls.

Everything is drawn from a seed, in the months before `NOW`, which the programme's clock shows
while anything is measured.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from uuid import UUID

import models
from domain.accounts import sweeps
from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import bookings, refunds
from domain.bookings.refund_rules import RefundSent
from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.kernel import audit
from domain.kernel.callers import OWN_SCOPES, Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.kernel.refusals import Refusal
from domain.members import enrolment
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.partners import partners
from domain.programmes import programmes, reader
from domain.programmes.programmes import Programme
from domain.redemptions import redemptions
from domain.redemptions.redemptions import RedeemSent
from domain.rewards import offers, placing
from ops.progress import Advance
from ops.settings import ROOT

PROGRAMME = "ota"
DOCUMENT = ROOT / "domain" / "programmes" / "documents" / f"{PROGRAMME}.yaml"
PARTNER = "engine"
NOW = datetime(2126, 3, 15, 2, 30, tzinfo=UTC)
"""15 March 2126, 10:30 in Shanghai: ahead of every clock, so that it can be set for each run."""

JOINED_DAYS_BEFORE = 430
AT_ONCE = 4
MORE_REWARDS = 30
"""Beside those that ship: a catalogue that fills a page of 20."""

PRODUCTS = ("flight", "hotel", "train", "car", "ticket", "local_experience")
ACTIVITIES = ("review", "share", "survey", "talk")
REDEEMED = ("seat_choice", "ebook", "coupon_10", "backpack")
BOOKINGS, ACTIVE, REDEMPTIONS = (10, 15), (1, 5), (1, 4)
FREQUENT_EVERY, FREQUENT_TIMES = 20, 4
"""One member in so many does so many times as much: a ledger that fills a page of 50."""
REFUNDED = 0.7
"""How many of the members have a booking refunded."""


@dataclass(slots=True)
class Member:
    """A member that is played: what it is drawn by, and what it has done so far."""

    number: int
    draw: Random
    id: UUID = field(default_factory=new_id)
    booked: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return f"m{self.number}"


async def establish() -> Programme:
    """The shipped `ota` with its rewards, thirty more, and the partner who reports everything."""
    text = DOCUMENT.read_text(encoding="utf-8")
    long_ago = NOW - timedelta(days=900)
    programme = await programmes.establish(
        reader.parse(text), long_ago, by="benchmarks", note="", source=text
    )
    shipped = offers.shipped(PROGRAMME)
    assert shipped is not None
    await placing.place(programme, shipped, long_ago)
    await audit.act(programme.id, long_ago, "placeRewards", partial(_add_rewards, programme))
    await partners.create(programme, PARTNER, "Booking engine", long_ago)
    return programme


async def _add_rewards(programme: Programme) -> None:
    await models.Reward.bulk_create(_reward(programme, number) for number in range(MORE_REWARDS))


def _reward(programme: Programme, number: int) -> models.Reward:
    return models.Reward(
        id=audit.adds("reward", new_id()),
        programme_id=programme.id,
        code=f"voucher_{number}",
        kind="SERVICE",
        names={"zh-CN": f"礼券 {number}", "en": f"Voucher {number}"},
        descriptions={"zh-CN": "下次预订时使用。", "en": "For the next booking."},
        list_points=700 + 350 * number,
        open_value=False,
        pooled_codes=False,
        active=True,
        created_at=NOW - timedelta(days=800),
    )


async def play(
    programme: Programme, reporter: Caller, count: int, seed: int, advance: Advance
) -> None:
    """Play so many members, a few at once; each is swept up to `NOW`, so that nothing is due."""
    waiting = iter(range(count))

    async def take() -> None:
        for number in waiting:
            member = Member(number, Random(f"{seed}:{number}"))
            await _play(programme, reporter, member)
            advance(1)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(take())


def caller(programme: Programme, partner_id: UUID) -> Caller:
    """The partner, as it calls."""
    scopes = frozenset(str(scope) for scope in OWN_SCOPES)
    name = str(partner_id)
    return Caller(
        CallerKind.PARTNER, programme.id, programme.code, name, scopes, partner_id=partner_id
    )


async def _play(programme: Programme, reporter: Caller, member: Member) -> None:
    joined = NOW - timedelta(days=JOINED_DAYS_BEFORE - member.draw.randrange(60))
    outcome = await enrolment.enrol(
        Request(reporter, f"{member.reference}-join", joined),
        programme,
        EnrolSent(reference=member.reference, name=f"Member {member.number}", locale="en"),
    )
    member.id = UUID(outcome.figures["member_id"])
    times = FREQUENT_TIMES if member.number % FREQUENT_EVERY == 0 else 1
    kinds = [
        *["book"] * (times * member.draw.randrange(*BOOKINGS)),
        *["act"] * (times * member.draw.randrange(*ACTIVE)),
        *["redeem"] * (times * member.draw.randrange(*REDEMPTIONS)),
        *["refund"] * (member.draw.random() < REFUNDED),
    ]
    span = (NOW - joined) / timedelta(minutes=1)
    minutes = sorted(member.draw.sample(range(1, int(span) - 1), len(kinds)))
    member.draw.shuffle(kinds)
    kinds.sort(key=lambda kind: kind == "refund")
    for number, (kind, minute) in enumerate(zip(kinds, minutes, strict=True)):
        at = joined + timedelta(minutes=minute)
        request = Request(reporter, f"{member.reference}-{number}", at)
        await STEPS[kind](programme, member, request, number)
    await sweeps.post(programme, member.id, NOW - timedelta(minutes=1))


async def _book(programme: Programme, member: Member, request: Request, number: int) -> None:
    draw, reference = member.draw, f"b{member.number}-{number}"
    lines = tuple(
        LineSent(draw.choice(PRODUCTS), Decimal(draw.randrange(5_000, 120_000)) / 100)
        for _ in range(draw.choice((1, 1, 1, 2, 3)))
    )
    await bookings.earn(
        request, programme, MemberKey.of_id(member.id), BookingSent(reference, lines)
    )
    member.booked.append(reference)


async def _act(programme: Programme, member: Member, request: Request, number: int) -> None:
    sent = ActivitySent(member.draw.choice(ACTIVITIES), f"a{member.number}-{number}")
    await activities.earn(request, programme, MemberKey.of_id(member.id), sent)


async def _redeem(programme: Programme, member: Member, request: Request, number: int) -> None:
    """One that cannot be afforded yet is left out."""
    sent = RedeemSent(member.draw.choice(REDEEMED))
    with suppress(Refusal):
        await redemptions.redeem(request, programme, MemberKey.of_id(member.id), sent)


async def _refund(programme: Programme, member: Member, request: Request, number: int) -> None:
    booking = member.booked.pop()
    sent = RefundSent(f"r{member.number}-{number}")
    await refunds.refund(request, programme, booking, sent)


STEPS = {"book": _book, "act": _act, "redeem": _redeem, "refund": _refund}
