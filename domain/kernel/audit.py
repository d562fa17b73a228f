"""The audit: what staff and operators did, one row per call, in one hash chain that reveals
alterations.

Code that writes a row of an audited table (`models.AUDITED`) announces it by `writes`, and the
audit's row of the call names it with its digest, whoever the caller is. Everything else that staff
do leaves a row, too. Rows hold nothing personal: a personal value appears as `changed`, a reason as
a commitment.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson

import models
from domain.kernel import audited_rows, commitments, sealed_rows, sealing, secrecy
from domain.kernel.audited_rows import Named
from domain.kernel.callers import SYSTEM, Role, audited_name
from domain.kernel.commitments import Committed
from domain.kernel.database import Row, row, rows, transact

CHANGED = "changed"
"""Replaces a personal value."""

SUBJECTS = {
    "member_id": "member",
    "proposal_id": "proposal",
    "job_id": "job",
    "backtest_id": "backtest",
    "draft": "policydraft",
    "statement": "partnerstatement",
    "webhook": "webhook",
    "partner": "partner",
    "key": "key",
    "reward": "reward",
}
"""Figures that name the subject of a call: the first of these that it has."""

TEXT_CHARACTERS_MAX = 100
"""Longest text among figures that can be a name."""

Result = TypeVar("Result")
Id = TypeVar("Id", UUID, str)


class AuditIncomplete(Exception):
    """Rows of the audit are missing: adding a new one would hide that."""


@dataclass(frozen=True, slots=True)
class By:
    """Who did something in a programme, when, and the reason that was typed."""

    programme_id: UUID
    actor: str
    at: datetime
    roles: frozenset[Role] = frozenset()
    reason: str | None = None
    request_id: str | None = None


@dataclass(slots=True)
class Trail:
    """What a transaction does, for its row of the audit: audited rows as they were, older rows that
    were not audited yet, which are taken as they are, and other values before and after.
    """

    before: dict[tuple[str, UUID | str], Row | None] = field(default_factory=dict)
    taken: Named = field(default_factory=Named)
    was: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    subject: str | None = None


class Head(NamedTuple):
    """The last row of a programme's audit; number 0 where there is none."""

    sequence: int
    hash: bytes


_trail: ContextVar[Trail | None] = ContextVar("trail", default=None)
_doer: ContextVar[str] = ContextVar("doer", default=SYSTEM)


@contextmanager
def done_by(actor: str) -> Iterator[None]:
    """Attribute what the block does without a caller to this person, who typed a command."""
    token = _doer.set(actor)
    try:
        yield
    finally:
        _doer.reset(token)


def doer() -> str:
    """Actor of what has no caller: the person who typed the command, or the system itself."""
    return _doer.get()


@contextmanager
def following() -> Iterator[Trail]:
    """Note what is written in the block in this trail."""
    trail = Trail()
    token = _trail.set(trail)
    try:
        yield trail
    finally:
        _trail.reset(token)


async def writes(table: str, *ids: UUID | str) -> None:
    """Announce that these rows of an audited table are about to change.

    Raises: LookupError outside what the audit follows.
    """
    trail = _followed()
    fresh = [one for one in ids if (table, one) not in trail.before]
    found = await audited_rows.read(table, fresh) if fresh else {}
    for one in fresh:
        trail.before[table, one] = found.get(one)


def adds(table: str, own: Id) -> Id:
    """Announce that a row with this id is added to an audited table; returns the id.

    Raises: LookupError outside what the audit follows.
    """
    _followed().before[table, own] = None
    return own


def personal(*names: str) -> None:
    """Note that these personal values were changed; does nothing outside an audited call."""
    trail = _trail.get()
    if trail is not None:
        trail.said.update(dict.fromkeys(names, CHANGED))


def changed(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Note a decision about something, such as `member:` and its id, by plain values before and
    after; does nothing outside an audited call.
    """
    trail = _trail.get()
    if trail is not None:
        trail.was.setdefault(name, dict(was))
        trail.said[name] = {**trail.said.get(name, {}), **now}


def about(subject: str) -> None:
    """Note the subject of the call where its figures do not name it."""
    trail = _trail.get()
    if trail is not None:
        trail.subject = subject


async def act(
    programme_id: UUID,
    now: datetime,
    operation: str,
    work: Callable[[], Awaitable[Result]],
    *,
    actor: str | None = None,
) -> Result:
    """Run `work`, which no caller requested, in one transaction, with a row of the audit if it
    wrote an audited row. Inside an audited call it is part of that call.

    Raises: ConcurrentRequest, and what `work` raises.
    """
    by = By(programme_id, actor or doer(), now)
    if _trail.get() is not None:
        return await work()

    async def audited() -> Result:
        with following() as trail:
            result = await work()
            if await has_changed(trail):
                await record(by, operation, trail, {})
            return result

    return await transact(audited)


async def begin(programme_id: UUID, now: datetime) -> bool:
    """Name the rows of tables that the audit has not covered before; returns whether there were
    any.

    Raises: AuditIncomplete, ConcurrentRequest.
    """

    async def begun() -> bool:
        head = await _lock(programme_id)
        if not await _is_whole(programme_id, head):
            raise AuditIncomplete
        known = await _numbers(programme_id)
        unknown = [table for table, (number, _) in models.AUDITED.items() if number not in known]
        with following() as trail:
            trail.taken = await audited_rows.all_of(programme_id, unknown)
            if trail.taken:
                await record(By(programme_id, doer(), now), "seal", trail, {})
        return bool(trail.taken)

    return await transact(begun)


async def _is_whole(programme_id: UUID, head: Head) -> bool:
    """Whether there is a row for each number up to the head's, and none above it."""
    found = await row(
        "SELECT count(*) AS count, coalesce(max(sequence), 0) AS last FROM audit "
        "WHERE programme_id = $1",
        programme_id,
    )
    return found is not None and found["count"] == found["last"] == head.sequence


async def _numbers(programme_id: UUID) -> set[int]:
    """Numbers of the tables of which the audit names any row."""
    found = await rows(
        "SELECT rows FROM audit WHERE programme_id = $1 AND octet_length(rows) > 0", programme_id
    )
    return {one.number for each in found for one in sealing.unpacked(bytes(each["rows"]))}


def _followed() -> Trail:
    trail = _trail.get()
    if trail is None:
        raise LookupError("rows that the audit proves are written where nothing is audited")
    return trail


async def has_changed(trail: Trail) -> bool:
    """Whether an audited row has changed."""
    return bool(trail.before and (await _compared(trail))[0])


async def record(by: By, operation: str, trail: Trail, figures: Mapping[str, Any]) -> None:
    """Add the row of a finished call, as the last step of its transaction: others that add one to
    the same programme wait until it ends.
    """
    head = await _lock(by.programme_id)
    named, before, after = await _compared(trail)
    if head.sequence == 0 and trail.before.get(("programme", by.programme_id), {}) is not None:
        trail.taken = await audited_rows.all_of(by.programme_id)
    named = {**trail.taken, **named}
    subject, told = _told(figures)
    committed = commitments.committed(by.reason)
    said = {
        "programme_id": by.programme_id,
        "sequence": head.sequence + 1,
        "at": by.at,
        "actor": audited_name(by.actor),
        "roles": " ".join(role.value for role in Role if role in by.roles),
        "operation": operation,
        "subject": trail.subject or subject or _last(trail),
        "before": {**trail.was, **before} or None,
        "after": {**told, **trail.said, **after} or None,
        "reason": committed and str(committed),
        "request_id": by.request_id,
        "rows": sealing.packed(named.values()),
    }
    chained = digest(head.hash, said)
    keys = sealing.keys()
    key = keys.current
    await _insert(said, (chained, key, keys.mac(key, chained)), committed)


async def erase_reasons(
    programme_id: UUID, member_ids: Iterable[UUID], proposals: Iterable[UUID] = ()
) -> None:
    """Remove the reasons typed about these members, and in these proposals about them, in the
    transaction that erases them; the commitments stay.
    """
    await rows(
        "UPDATE audit_reason r SET salt = NULL, value = NULL FROM audit a "
        "WHERE a.programme_id = $1 AND a.subject = ANY($2::text[]) "
        "AND r.programme_id = a.programme_id AND r.sequence = a.sequence",
        programme_id,
        [*(f"member:{one}" for one in member_ids), *(f"proposal:{one}" for one in proposals)],
    )


def digest(before: bytes, said: Mapping[str, Any]) -> bytes:
    """Hash of a row of the audit: over the previous row's hash and its whole content."""
    return hashlib.sha256(before + sealing.row_digest("audit", said)).digest()


async def head(programme_id: UUID) -> Head | None:
    """The last row of a programme's audit; None where there is none."""
    found = await row(
        "SELECT sequence, hash FROM audit_head WHERE programme_id = $1 AND sequence > 0",
        programme_id,
    )
    return None if found is None else Head(found["sequence"], bytes(found["hash"]))


async def _lock(programme_id: UUID) -> Head:
    found = await row(
        "INSERT INTO audit_head (programme_id, sequence, hash) VALUES ($1, 0, $2) "
        "ON CONFLICT (programme_id) DO UPDATE SET sequence = audit_head.sequence "
        "RETURNING sequence, hash",
        programme_id,
        sealing.FIRST_HASH,
    )
    if found is None:
        raise LookupError("the head of an audit that was just written is gone")
    return Head(found["sequence"], bytes(found["hash"]))


async def _insert(
    said: Mapping[str, Any],
    sealed: tuple[bytes, str, bytes],
    committed: Committed | None,
) -> None:
    chained, key, mac = sealed
    await rows(
        "WITH headed AS (UPDATE audit_head SET sequence = $2, hash = $13 "
        "WHERE programme_id = $1), "
        "reasoned AS (INSERT INTO audit_reason (programme_id, sequence, salt, value) "
        "SELECT $1, $2, $16::bytea, $17::text WHERE $16::bytea IS NOT NULL) "
        "INSERT INTO audit (programme_id, sequence, at, actor, roles, operation, subject, before, "
        "after, reason, request_id, rows, hash, key, mac) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        *(_stored(value) for value in said.values()),
        chained,
        key,
        mac,
        committed and committed.salt,
        committed and secrecy.concealed(committed.text),
    )


def _stored(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict) else value


async def _compared(
    trail: Trail,
) -> tuple[Named, dict[str, Any], dict[str, Any]]:
    """The written audited rows as they are now, and their changed values, before and after."""
    named, before, after = Named(), dict[str, Any](), dict[str, Any]()
    for table in {table for table, _ in trail.before}:
        ids = [one for of, one in trail.before if of == table]
        for one, now in (await audited_rows.read(table, ids)).items():
            was = trail.before[table, one]
            if now == was:
                continue
            named[table, one] = sealed_rows.of(table, now)
            was_shown, now_shown = _shown(was or {}), _shown(now)
            changes = {name for name, value in now_shown.items() if was_shown.get(name) != value}
            name = f"{table}:{now.get('code') or one}"
            after[name] = {each: now_shown[each] for each in sorted(changes)}
            if was is not None:
                before[name] = {each: was_shown[each] for each in sorted(changes)}
    return named, before, after


def _shown(found: Row) -> dict[str, Any]:
    return {name: _plain(value) for name, value in found.items() if name not in models.UNSHOWN}


def _plain(value: Any) -> Any:
    """A value of a column as JSON."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case UUID() | Decimal():
            return str(value)
        case _:
            return value


def _told(figures: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Subject of a call, and those of its other figures that are plain."""
    named = next((name for name in SUBJECTS if figures.get(name) is not None), None)
    told = {
        name: value
        for name, value in figures.items()
        if name != named and (isinstance(value, bool | int) or _is_short(value))
    }
    return (None if named is None else f"{SUBJECTS[named]}:{figures[named]}"), told


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_CHARACTERS_MAX


def _last(trail: Trail) -> str | None:
    """The row written last, which the others served."""
    return next((f"{table}:{one}" for table, one in reversed(trail.before)), None)
