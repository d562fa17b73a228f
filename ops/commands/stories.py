"""Demo members and what they did, read from a file, and played through the domain."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.benefits import benefits
from domain.benefits.benefits import UseSent
from domain.bookings import bookings, completions
from domain.bookings.completions import CompletionSent
from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.database import Row, rows
from domain.kernel.idempotency import Request
from domain.kernel.lookups import LookupScope
from domain.members import enrolment, identity, members
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.programmes import reader
from domain.programmes.nodes import Amount, Code, Flag, Node, Text
from domain.programmes.programmes import Programme
from domain.redemptions import cancellations, redemptions
from domain.redemptions.redemptions import RedeemSent
from ops.progress import Advance

FOLDER = Path(__file__).resolve().parent / "demo_members"


class Step(Node):
    """One thing that a member did, N days ago."""

    days: int = Field(ge=0)
    book: dict[Code, Amount] | None = Field(None, min_length=1, max_length=1)
    paid_by: Code | None = None
    completed: bool = False
    activity: Code | None = None
    attributes: dict[Code, Flag | int | Text] | None = None
    redeem: Code | None = None
    account: Text | None = None
    cancel: Code | None = None
    use: Code | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [self.book, self.activity, self.redeem, self.cancel, self.use]
        if sum(thing is not None for thing in given) != 1:
            raise ValueError("a step is one of book, activity, redeem, cancel and use")
        if self.account is not None and self.redeem is None:
            raise ValueError("an account is for what is redeemed")
        if (self.completed or self.paid_by) and self.book is None:
            raise ValueError("only what is booked is completed or paid")
        if self.attributes is not None and self.book is None and self.activity is None:
            raise ValueError("only bookings and activities have attributes")
        return self


class Person(Node):
    reference: str
    name: Text
    birthday: date | None = None
    guest: bool = False
    referred_by: str | None = None
    story: tuple[Step, ...] = Field(min_length=1)

    @property
    def facts(self) -> int:
        """Number of facts of the story: a completed booking counts as two."""
        return len(self.story) + sum(step.completed for step in self.story)

    @property
    def joined_days(self) -> int:
        return self.story[0].days


class DemoPartner(Node):
    code: str
    name: Text


class Demo(Node):
    """The members of one programme's demo."""

    partner: DemoPartner
    newcomer: str
    members: tuple[Person, ...]

    @property
    def steps(self) -> int:
        return sum(len(person.story) for person in self.members)


@dataclass(frozen=True, slots=True)
class _Teller:
    """One person's story in progress: its reporter, and the instant from which its days count
    back.
    """

    programme: Programme
    partner: Caller
    person: Person
    told_at: datetime

    def at(self, days: int) -> datetime:
        return self.told_at - timedelta(days=days)

    def request(self, caller: Caller, step: str, days: int) -> Request:
        return Request(caller, f"demo:{self.person.reference}:{step}", self.at(days))


def shipped(programme: str) -> Demo | None:
    """The demo that ships for the programme of this code; None without any."""
    path = FOLDER / f"{programme}.yaml"
    if not path.exists():
        return None
    return reader.parse_as(Demo, path.read_text(encoding="utf-8"), lambda _: ())


async def play(
    programme: Programme, demo: Demo, partner: Caller, now: datetime, advance: Advance
) -> int:
    """Play what has not been played yet; returns the number of members concerned.

    A member's days count back from `now`, or from the first beginning of its story, so that an
    interrupted one continues where it stopped.
    """
    known = {row["reference"]: row for row in await _known(programme.id, demo.members)}
    played = 0
    for person in demo.members:
        found = known.get(person.reference)
        if found is None or found["facts"] < person.facts:
            joined_at = found["joined_at"] if found else None
            told_at = joined_at + timedelta(days=person.joined_days) if joined_at else now
            await _tell(_Teller(programme, partner, person, told_at), advance)
            played += 1
        else:
            advance(len(person.story))
    return played


async def _known(programme_id: UUID, people: Sequence[Person]) -> list[Row]:
    """The members that exist, with the number of facts of each."""
    return await rows(
        "SELECT m.reference, m.joined_at, "
        "(SELECT count(*) FROM booking b WHERE b.member_id = m.member_id) "
        "+ (SELECT count(*) FROM completion c WHERE c.member_id = m.member_id) "
        "+ (SELECT count(*) FROM benefit_use u WHERE u.member_id = m.member_id) "
        "+ (SELECT count(*) FROM activity a WHERE a.member_id = m.member_id "
        "AND a.reporter <> 'system') "
        "+ (SELECT count(*) + count(r.cancelled_at) FROM redemption r "
        "WHERE r.member_id = m.member_id AND r.activity_id IS NULL) AS facts "
        "FROM member m WHERE m.programme_id = $1 AND m.member_id IN (SELECT l.member_id "
        "FROM lookup l WHERE l.programme_id = $1 AND l.scope = 'reference' "
        "AND l.value = ANY($2::text[]))",
        programme_id,
        [person.reference for person in people],
    )


async def _tell(teller: _Teller, advance: Advance) -> None:
    person = teller.person
    member_id = await identity.find(
        teller.programme.id, MemberKey(LookupScope.REFERENCE, person.reference)
    )
    if member_id is None:
        sent = EnrolSent(
            person.reference,
            person.name,
            birthday=person.birthday,
            guest=person.guest,
            referral_code=await _code_of(teller.programme, person.referred_by),
        )
        request = teller.request(teller.partner, "enrol", person.joined_days)
        enrolled = await enrolment.enrol(request, teller.programme, sent)
        member_id = UUID(enrolled.figures["member_id"])
    taken: Counter[str] = Counter()
    for number, step in enumerate(person.story, start=1):
        if step.redeem or step.cancel:
            await _spend(teller, member_id, number, step, taken)
        else:
            await _report(teller, member_id, number, step)
        advance(1)


async def _code_of(programme: Programme, reference: str | None) -> str | None:
    """The referral code of this member, whose story was played before; None without one."""
    member_id = reference and await identity.find_id(programme.id, reference)
    if not member_id:
        return None
    return (await members.many([member_id]))[member_id].referral_code


async def _report(teller: _Teller, member_id: UUID, number: int, step: Step) -> None:
    """A booking, an activity or a use: reported again, its natural key answers as it did first."""
    request = teller.request(teller.partner, str(number), step.days)
    key, reference = MemberKey.of_id(member_id), f"demo-{teller.person.reference}-{number}"
    if step.activity:
        sent = ActivitySent(step.activity, reference, attributes=step.attributes)
        await activities.earn(request, teller.programme, key, sent)
        return
    if step.use:
        await benefits.use(request, teller.programme, key, UseSent(step.use, reference))
        return
    lines = tuple(
        LineSent(product, amount, attributes=step.attributes)
        for product, amount in (step.book or {}).items()
    )
    booking = BookingSent(reference, lines, payment_method=step.paid_by)
    await bookings.earn(request, teller.programme, key, booking)
    if step.completed:
        request = teller.request(teller.partner, f"{number}:completed", step.days)
        await completions.complete(request, teller.programme, reference, CompletionSent())


async def _spend(
    teller: _Teller, member_id: UUID, number: int, step: Step, taken: Counter[str]
) -> None:
    """A redemption or its cancelling, unless the member has as many of them already."""
    code = step.redeem or step.cancel or ""
    found = await rows(
        "SELECT r.id, r.status FROM redemption r JOIN reward w ON w.id = r.reward_id "
        "WHERE r.member_id = $1 AND w.code = $2 ORDER BY r.created_at, r.id",
        member_id,
        code,
    )
    member = Caller(
        CallerKind.MEMBER,
        teller.programme.id,
        teller.programme.code,
        teller.person.reference,
        member_id=member_id,
    )
    request = teller.request(member, str(number), step.days)
    if step.redeem:
        taken[code] += 1
        if len(found) < taken[code]:
            key = MemberKey.of_id(member_id)
            sent = RedeemSent(code, partner_account=step.account)
            await redemptions.redeem(request, teller.programme, key, sent)
    elif found and found[-1]["status"] == "CONFIRMED":
        await cancellations.cancel(request, teller.programme, member_id, found[-1]["id"])
