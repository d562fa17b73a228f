"""A programme under a random document, its members, and a second account of both."""

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

import models
from domain.kernel import cache
from domain.kernel.callers import Caller, Scope
from domain.kernel.database import rows, update
from domain.kernel.idempotency import KEPT_DAYS, Figures, Outcome, Request
from domain.kernel.refusals import Refusal
from domain.lint import lint
from domain.partners import partners
from domain.programmes import programmes, reader
from domain.programmes.programmes import Programme
from domain.programmes.refusals import PolicyInvalid
from tests.soak import written
from tests.soak.written import CURRENCIES, Document
from tests.soak.written_rules import FUNDERS
from tests.support import factories as make
from tests.support.callers import TODAY
from tests.support.naive_asking import Asking, Left, Sold
from tests.support.naive_facts import Facts

Call = Callable[[Request], Awaitable[Outcome]]

IN_FORCE = timedelta(days=400)


@dataclass(slots=True)
class Person:
    """A member; `profile` has each value with its writer, `said` is the points of all answers."""

    number: int
    member_id: UUID
    reference: str
    joined_at: datetime
    birthday: date | None
    profile: dict[str, tuple[Any, str]]
    guest: bool = False
    code: str = ""
    said: int = 0


@dataclass(slots=True)
class Part:
    """One line, with its amounts as bought and as refunded, in minor units."""

    sold: Sold
    gross: int
    refunded: int = 0

    @property
    def left(self) -> int:
        return self.gross - self.refunded


@dataclass(slots=True)
class Made:
    """A booking as it was judged; `judged` is None for a guest's, a quoted or an amended one."""

    id: UUID
    reference: str
    person: Person
    parts: list[Part]
    booked_at: datetime
    judged: tuple[Asking, Left] | None = None
    first: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """A call that succeeded, kept to be repeated."""

    call: Call
    caller: Caller
    key: str
    at: datetime
    figures: Figures


@dataclass(slots=True)
class World:
    """`documents` are those published, each with the instant from which it is in force.

    `facts` by member, and `friends` as versions of referrals, were judged; `due` has grants of the
    calendar that are due and not given yet, `looked_through` the last day that was processed.
    """

    programme: Programme
    documents: list[tuple[datetime, Document]]
    draw: Random
    name: str
    rewards: list[models.Reward] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    now: datetime = TODAY
    made: list[Made] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    quotes: list[Any] = field(default_factory=list)
    held: list[Any] = field(default_factory=list)
    used: list[tuple[Person, str, str]] = field(default_factory=list)
    past: list[Past] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    numbers: int = 0
    facts: dict[UUID, Facts] = field(default_factory=dict)
    friends: set[tuple[UUID, int]] = field(default_factory=set)
    due: dict[UUID, dict[tuple[str, str], bool]] = field(default_factory=dict)
    looked_through: date | None = None

    def at(self, instant: datetime) -> Document:
        """The document in force; of those from the same instant, the last one."""
        return [document for since, document in self.documents if since <= instant][-1]

    @property
    def document(self) -> Document:
        return self.at(self.now)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.document["timezone"])

    @property
    def digits(self) -> int:
        return CURRENCIES[self.document["currency"]]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def units(self, minor: int) -> Decimal:
        return Decimal(minor).scaleb(-self.digits)

    def called(self, of: str) -> str:
        self.numbers += 1
        return f"{of}{self.numbers}"

    def note(self, what: str) -> None:
        self.done[what] += 1
        self.told.append(f"{self.now:%m-%d %H:%M} {what}")

    def partner(self) -> Caller:
        own = make.partner(self.programme)
        return replace(own, scopes=own.scopes | {Scope.ALL_PARTNERS})

    def staff(self) -> Caller:
        return make.staff(self.programme)

    def oneself(self, person: Person) -> Caller:
        return make.member_caller(self.programme, person.reference, person.member_id)

    async def attempt(
        self, kind: str, call: Call, caller: Caller | None = None, *, repeats: bool = False
    ) -> Figures | None:
        """The figures of the call; None if it is refused, which must change nothing.

        With `repeats`, the same may have been done before, by its own reference.
        """
        caller, key = caller or self.partner(), self.called("K")
        before = await make.everything(self.programme) if self.draw.random() < 0.2 else None
        try:
            outcome = await call(Request(caller, key, self.now))
        except Refusal as refusal:
            reason = getattr(refusal, "reason", "") or ""
            self.note(f"{kind} refused: {refusal.code} {reason}".rstrip())
            if before is not None:
                assert await make.everything(self.programme) == before, f"a refused {kind} acted"
            return None
        assert repeats or not outcome.replayed, f"{kind} was not new"
        self.past.append(Past(call, caller, key, self.now, outcome.figures))
        self.note(kind)
        return outcome.figures

    async def again(self, past: Past) -> None:
        """Assert that an earlier call under its key gets the same answer and changes nothing."""
        if self.now - past.at >= timedelta(days=KEPT_DAYS):
            return
        before = await make.everything(self.programme)
        outcome = await past.call(Request(past.caller, past.key, self.now))
        assert outcome.replayed
        assert outcome.figures == past.figures
        assert await make.everything(self.programme) == before, "a replay acted"
        self.note("replay")


async def begin(seed: int, number: int, document: Document | None = None) -> World:
    """A programme whose second version is the random document, or this one, and its rewards."""
    draw, name = Random(f"{seed}:{number}"), f"{seed}:{number}"
    document = document or written.drawn(name)
    code = f"random_{secrets.token_hex(6)}"
    document["programme"] = code
    since = TODAY - IN_FORCE
    programme = await programmes.establish(
        reader.validate(_bare(document)), since - IN_FORCE, by="test", note=""
    )
    for funder in FUNDERS[1:]:
        await partners.create(programme, funder, funder.title(), since)
    world = World(programme, [], draw, name, now=since)
    await publish(world, document)
    world.now = TODAY + timedelta(minutes=draw.randrange(60 * 24 * 3))
    world.rewards = [
        await make.reward(programme, code="lounge", list_points=30, stock=3),
        await make.reward(programme, code="coupon", list_points=2, kind="COUPON", worth_minor=4321),
        await make.reward(
            programme,
            code="pooled",
            list_points=0,
            kind="COUPON",
            pooled_codes=True,
            worth_minor=99,
        ),
        await make.reward(programme, code="gift", list_points=60, kind="PRODUCT", stock=1),
    ]
    await make.pool(world.rewards[2], f"{code}-1", f"{code}-2")
    return world


def _bare(document: Document) -> Document:
    """The same programme without rules: with its first tier, currency, zone and points."""
    kept = ("programme", "name", "timezone", "currency", "products", "facts")
    entry = {**document["tiers"]["levels"][0], "threshold": 0, "benefits": [], "discounts": []}
    bare = {name: document[name] for name in kept}
    bare["tiers"] = {"basis": "spend", "window": "lifetime", "levels": [entry]}
    return bare | ({"points": document["points"]} if "points" in document else {})


async def publish(world: World, document: Document, *, ahead: timedelta | None = None) -> None:
    """Publish the document as a text, accepting the findings of the linter by name."""
    styles: list[dict[str, Any]] = [{}, {"flow": True}, {"flow": False}, {"as_json": True}]
    text = written.text(document, **world.draw.choice(styles))
    accept: list[str] = []
    since = world.now + ahead if ahead else None
    for _ in range(2):
        try:
            request = Request(world.staff(), world.called("K"), world.now)
            await lint.publish(request, text, effective_from=since, accept=accept)
            break
        except PolicyInvalid as invalid:
            if accept or not invalid.findings:
                raise
            accept = [one.name for one in invalid.findings]
            world.done["published with findings"] += 1
    world.programme = await programmes.get(world.programme.code)
    world.documents.append((since or world.now, document))
    world.note("published")


async def tier_of(member_id: UUID, booking_id: UUID) -> str:
    """The tier that a booking was judged by."""
    [found] = await rows(
        "SELECT snapshot FROM booking WHERE member_id = $1 AND id = $2", member_id, booking_id
    )
    return str(orjson.loads(found["snapshot"])["tier"])


async def set_clock(world: World) -> None:
    """Set the programme's clock in the database to the world's instant."""
    seconds = int((world.now - datetime.now(UTC)).total_seconds()) + 1
    with suppress(Exception):
        cache.forget()
    await update(
        "UPDATE programme SET clock_offset_seconds = $2 WHERE id = $1", world.programme.id, seconds
    )
    cache.forget()
