"""A programme: its published policy versions, which one holds when, and its clock."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import audit, cache
from domain.kernel.database import row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import EventTooOld, InvalidInput, NotFound
from domain.programmes import funders, publications, sources, stops, succession, variants
from domain.programmes.policy import Policy
from domain.programmes.publications import Imprint, SourcedPolicy, VersionPosition
from domain.programmes.reader import parse, validate
from domain.programmes.sources import Source
from domain.programmes.variants import Assignment, Choice
from domain.proposals import proposals
from domain.proposals.proposals import Proposal

OPERATION = "publishPolicy"

BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable published version; `effective_from` is UTC. Of a member in an experiment the
    policy is that of its variants, which `assignment` names.
    """

    id: UUID
    number: int
    effective_from: datetime
    policy: Policy
    assignment: Assignment | None = None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The variants by which it judges."""
        return self.assignment.choices if self.assignment else ()

    def under(self, choices: Iterable[Choice]) -> "Version":
        """The version as these variants judge."""
        chosen = tuple(choices)
        if not chosen:
            return self
        found = Assignment(self.policy, chosen, frozenset())
        return replace(self, policy=found.policy, assignment=found)

    def as_judged_at(self, now: datetime, stops: Mapping[str, datetime]) -> "Version":
        """The same, with those of its experiments `running` that still are so `now`."""
        if self.assignment is None:
            return self
        return replace(self, assignment=self.assignment.at(now, stops))


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme with every published version, oldest first, and when experiments ended before
    their time, as they were stopped or a version is without them.

    `seen_by` is the member whose facts are judged, as of an instant.
    """

    id: UUID
    code: str
    clock_offset: timedelta
    versions: tuple[Version, ...]
    stops: Mapping[str, datetime] = field(default_factory=dict)
    seen_by: tuple[UUID, datetime] | None = None

    def __hash__(self) -> int:
        """By its id: a document has no hash."""
        return hash(self.id)

    def now(self, real_now: datetime) -> datetime:
        """The programme's own instant: real time, moved forward outside production."""
        return real_now + self.clock_offset

    def real(self, now: datetime) -> datetime:
        """The real instant of one of the programme's own."""
        return now - self.clock_offset

    def version(self, version_id: UUID) -> Version:
        """The version of this id, one of the programme's own."""
        return next(version for version in self.versions if version.id == version_id)

    def as_of(self, instant: datetime) -> Version:
        """The version in force at `instant`: the latest effective one, of several the newest.

        Raises: EventTooOld when no version was in force yet.
        """
        found = in_force(self.versions, instant)
        if found is None:
            raise EventTooOld(instant, self.versions[0].policy.facts.oldest_days)
        if self.seen_by is None or not found.policy.experiments:
            return found
        member_id, now = self.seen_by
        made = variants.assigned(found.policy, member_id, instant, now, self.stops)
        return replace(found, policy=made.policy, assignment=made) if made else found

    def of_member(self, member_id: UUID, now: datetime) -> "Programme":
        """The programme as facts of this member are judged that are recorded now: by its variants,
        while experiments run.
        """
        if not any(version.policy.experiments for version in self.versions):
            return self
        return replace(self, seen_by=(member_id, now))


def in_force(versions: Sequence[Version], instant: datetime) -> Version | None:
    """The latest of these that is effective, of several the newest; None before the first."""
    found: Version | None = None
    for version in versions:
        if version.effective_from <= instant and (found is None or _is_after(version, found)):
            found = version
    return found


def _is_after(one: Version, other: Version) -> bool:
    return (one.effective_from, one.number) > (other.effective_from, other.number)


def asks_for_approval(versions: Sequence[Version], now: datetime) -> bool:
    """Whether the version in force lets nobody publish the next one alone."""
    found = in_force(versions, now)
    return found is not None and found.policy.publishing.approvals > 0


CLOCK_AHEAD_YEARS_MAX = 800
"""Dates of facts end with the year 2999: what is recorded then and dated later must be within."""

_YEAR = timedelta(days=365)


_policies: dict[UUID, Policy] = {}
"""Parsed documents by version id: a version never changes, so neither does this."""


async def find(code: str) -> Programme | None:
    """The programme of this code, or None; remembered while changes are listened for."""
    return await cache.remember("programme", code, lambda: _load(code))


async def get(code: str) -> Programme:
    """Raises: NotFound."""
    programme = await find(code)
    if programme is None:
        raise NotFound("programme", code)
    return programme


async def codes() -> list[str]:
    """The codes of all programmes."""
    return [found["code"] for found in await rows("SELECT code FROM programme ORDER BY code")]


async def code_of(programme_id: UUID) -> str:
    """Raises: NotFound."""
    load = partial(row, "SELECT code FROM programme WHERE id = $1", programme_id)
    if found := await cache.remember("code", str(programme_id), load):
        return str(found["code"])
    raise NotFound("programme", str(programme_id))


async def lock(programme_id: UUID) -> None:
    """Other changes of the programme itself wait for this transaction to end."""
    # NO KEY: every row that refers to the programme holds its key, this request's own too
    await rows("SELECT id FROM programme WHERE id = $1 FOR NO KEY UPDATE", programme_id)


Review = Callable[[Policy, datetime], None]
"""Refuses a document that is valid, by the instant from which it would be in force."""


async def publish(
    request: Request,
    source: Source,
    *,
    effective_from: datetime | None = None,
    note: str = "",
    accept: Sequence[str] = (),
    review: Review | None = None,
) -> Outcome:
    """Publish the next version of the caller's programme; figures: `version`. Where the one in
    force asks for a second person, it becomes a proposal of that very text, and is checked as if
    it were published; figures: `proposal_id`.

    The first version of a programme holds from the beginning of time unless
    `effective_from` says otherwise; a later one from now, or from an instant ahead. Of versions
    that hold from the same instant the later number does. `accept` is what the caller lets
    `review` pass, and a part of the request.

    Raises: PolicyInvalid, InvalidInput, NotFound, IdempotencyKeyReused.
    """
    if note:
        check_text(note, NOTE_CHARACTERS_MAX, ("note",))
    # what is sent is read before any row is locked; what is stored may be gone when it is replayed.
    # A long document takes seconds, in which others are answered
    sent = await asyncio.to_thread(_read, request, source) if isinstance(source, str) else None

    async def perform() -> Figures:
        programme_id = request.caller.programme_id
        written = sent
        if written is None:
            text = await sources.read(programme_id, source)
            written = await asyncio.to_thread(_read, request, text)
        if review is not None:
            await asyncio.to_thread(review, written.policy, effective_from or request.now)
        published, position, at = await _next(programme_id, written, effective_from, request.now)
        if asks_for_approval(published, at):
            proposed = _proposed(written, effective_from, note=note, accept=accept)
            proposed["after"] = published[-1].number
            return await proposals.propose(request, OPERATION, proposed)
        imprint = Imprint(request.now, request.caller.actor, note)
        await publications.add(programme_id, written, position, imprint)
        return {"version": position.number}

    asked = {**sources.named(source), "effective_from": effective_from, "note": note}
    if accept:
        asked["accept"] = list(accept)
    outcome = await once(request, OPERATION, asked, perform)
    cache.forget()
    return outcome


def _proposed(
    written: SourcedPolicy, effective_from: datetime | None, *, note: str, accept: Sequence[str]
) -> dict[str, Any]:
    return {
        "document": written.source,
        "effectiveFrom": effective_from and effective_from.astimezone(UTC).isoformat(),
        "note": note,
        "accept": list(accept),
    }


async def publish_proposed(
    request: Request, proposal: Proposal, sent: Mapping[str, Any], review: Review
) -> None:
    """Publish what was proposed, in the transaction that decides it; `sent` is what `publish` put
    into the proposal. Without an instant of its own it holds from now. Where a version has been
    published since it was proposed, it is refused: it would undo what that one changed.

    Raises: PolicyInvalid, InvalidInput.
    """
    written = await asyncio.to_thread(_read, request, sent["document"])
    told = sent["effectiveFrom"]
    effective_from = None if told is None else datetime.fromisoformat(told)
    await asyncio.to_thread(review, written.policy, effective_from or request.now)
    programme_id = request.caller.programme_id
    published, position, _ = await _next(programme_id, written, effective_from, request.now)
    if published[-1].number != sent["after"]:
        raise InvalidInput("published_since", str(published[-1].number), (str(sent["after"]),))
    imprint = Imprint(request.now, proposal.proposed_by, sent["note"], request.caller.actor)
    await publications.add(programme_id, written, position, imprint)


def _read(request: Request, text: str) -> SourcedPolicy:
    policy, programme = parse(text), request.caller.programme
    if policy.programme != programme:
        raise InvalidInput("fixed", policy.programme, (programme,), path=("document", "programme"))
    return SourcedPolicy(policy, text)


async def establish(
    policy: Policy,
    now: datetime,
    *,
    by: str,
    note: str,
    source: str | None = None,
    effective_from: datetime | None = None,
) -> Programme:
    """Create the programme of this document with it as its first version, if there is none.

    Without `effective_from` the version holds from the beginning of time. `source` is the text
    that the document was read from.

    Raises: InvalidInput.
    """
    written, programme_id = SourcedPolicy(policy, source), new_id()

    async def work() -> None:
        created = await row(
            "INSERT INTO programme (id, code, clock_offset_seconds, created_at) "
            "VALUES ($1, $2, 0, $3) ON CONFLICT (code) DO NOTHING RETURNING id",
            programme_id,
            policy.programme,
            now,
        )
        if created is not None:
            audit.adds("programme", programme_id)
            _, position, _ = await _next(programme_id, written, effective_from, now)
            await publications.add(programme_id, written, position, Imprint(now, by, note))

    await audit.act(programme_id, now, "publishPolicy", work, actor=by)
    cache.forget()
    return await get(policy.programme)


async def advance_clock(
    programme: Programme, by: timedelta, *, at: datetime | None = None
) -> Programme:
    """Move the programme's clock forward, to `CLOCK_AHEAD_YEARS_MAX` ahead of real time at the
    most; it never goes back. For testing, not production. `at` is by the clock as it was.

    Raises: InvalidInput.
    """
    seconds, most = by // timedelta(seconds=1), CLOCK_AHEAD_YEARS_MAX * _YEAR
    if seconds < 0:
        raise InvalidInput("not_positive", str(by), path=("clock",))

    async def work() -> None:
        await lock(programme.id)
        await audit.writes("programme", programme.id)
        moved = await update(
            "UPDATE programme SET clock_offset_seconds = clock_offset_seconds + $2 "
            "WHERE id = $1 AND clock_offset_seconds <= $3::bigint - $2::bigint",
            programme.id,
            seconds,
            most // timedelta(seconds=1),
        )
        if moved != 1:
            allowed = (str(CLOCK_AHEAD_YEARS_MAX),)
            raise InvalidInput("clock_too_far", str(by), allowed, path=("clock",))
        await cache.announce()

    [made] = await rows("SELECT created_at FROM programme WHERE id = $1", programme.id)
    now = at or programme.now(made["created_at"])
    await audit.act(programme.id, now, "advanceClock", work)
    cache.forget()
    return await get(programme.code)


async def _next(
    programme_id: UUID, written: SourcedPolicy, effective_from: datetime | None, now: datetime
) -> tuple[tuple[Version, ...], VersionPosition, datetime]:
    """The versions that are published, the position of this one after them, and when that is, which
    is not before any of them. The programme's row is the lock: versions are numbered without a gap.

    Raises: InvalidInput.
    """
    await lock(programme_id)
    published = await _published(programme_id)
    await funders.check(programme_id, written.policy)
    before = [version.policy for version in published]
    at = await publications.earliest(programme_id, now)
    begins = effective_from or (at if published else None)
    position = VersionPosition(*succession.following(before, written.policy, begins, now))
    return published, position, at


async def _load(code: str) -> Programme | None:
    # not by the model, which raises for a code that is longer than any
    found = await row("SELECT id, code, clock_offset_seconds FROM programme WHERE code = $1", code)
    if found is None:
        return None
    versions = await _published(found["id"])
    stopped = await stops.of_programme(found["id"], [one.policy for one in versions])
    return Programme(
        id=found["id"],
        code=found["code"],
        clock_offset=timedelta(seconds=found["clock_offset_seconds"]),
        versions=versions,
        stops={**variants.left_out(_held(versions)), **stopped},
    )


def _held(versions: Sequence[Version]) -> list[tuple[datetime, Policy]]:
    """Documents in the order in which they come into force; of several at once the newest does."""
    ordered = sorted(versions, key=lambda one: (one.effective_from, one.number))
    return list({one.effective_from: one.policy for one in ordered}.items())


async def _published(programme_id: UUID) -> tuple[Version, ...]:
    """Every version, oldest first."""
    found = await rows(
        "SELECT id, version, effective_from, document FROM policy_version "
        "WHERE programme_id = $1 ORDER BY version",
        programme_id,
    )
    return tuple(_version(version) for version in found)


def _version(found: dict[str, Any]) -> Version:
    policy = _policies.get(found["id"])
    if policy is None:
        policy = _policies[found["id"]] = validate(orjson.loads(found["document"]))
    return Version(found["id"], found["version"], found["effective_from"] or BEGINNING, policy)
