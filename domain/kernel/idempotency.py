"""A mutation under a client-made key happens once; when sent again, it gives its first answer.

The key belongs to the caller's identity and is written in the ledger's own transaction: a second
call waits for the first; a refused one leaves its key free.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import audit, canonical
from domain.kernel.audit import By, Trail
from domain.kernel.callers import SYSTEM, Caller, CallerKind
from domain.kernel.database import row, rows, transact, update
from domain.kernel.inputs import check_identifier
from domain.kernel.refusals import IdempotencyKeyReused
from domain.kernel.signals import NONE, Signals

KEY_CHARACTERS_MAX = 128
KEPT_DAYS = 30
FORGOTTEN_MAX = 1000
"""How many old keys one statement removes."""

Figures = dict[str, Any]
"""Answer of the first call, as JSON values: ids of entities, and numbers as they were then."""


@dataclass(frozen=True, slots=True)
class Request:
    """One mutation as it arrived: the caller, the key, the instant of the programme, the device,
    card and address if given, and the reason that was typed. What a job does row by row is not
    `audited`, as the job was.
    """

    caller: Caller
    key: str
    now: datetime
    signals: Signals = NONE
    reason: str | None = None
    request_id: str | None = None
    audited: bool = True

    @property
    def by_hand(self) -> bool:
        """Whether a person of staff sent it, who may not give more alone than the policy allows."""
        return self.audited and self.caller.kind is CallerKind.STAFF

    @property
    def by(self) -> By:
        """The actor for the audit: for a command, the person who typed it."""
        caller = self.caller
        return By(
            programme_id=caller.programme_id,
            actor=caller.actor if audit.doer() == SYSTEM else audit.doer(),
            at=self.now,
            roles=caller.roles,
            reason=self.reason,
            request_id=self.request_id,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer; `after` is the state of things that a write just done knows."""

    figures: Figures
    replayed: bool
    after: object = None

    @property
    def member_id(self) -> UUID:
        """Member whose account it concerned."""
        return UUID(self.figures["member_id"])

    @property
    def holder_id(self) -> UUID:
        """Member that has that member's points, where it was merged."""
        return UUID(self.figures.get("holder_id", self.figures["member_id"]))

    def owned(self, name: str) -> tuple[UUID, UUID]:
        """(member id, id) of what belongs to that member and has its id under this name."""
        return self.member_id, UUID(self.figures[name])


@dataclass(frozen=True, slots=True)
class Replayed:
    """Result of a use-case when the natural key already exists with the same content."""

    figures: Figures


@dataclass(frozen=True, slots=True)
class Done:
    """Result of a use-case that knows the state of what it changed."""

    figures: Figures
    after: object


async def once(
    request: Request,
    operation: str,
    sent: Any,
    perform: Callable[[], Awaitable[Figures | Replayed | Done]],
) -> Outcome:
    """Run `perform` in one transaction, or give the answer that the same request got before.

    Raises: IdempotencyKeyReused, ConcurrentRequest, and what `perform` raises.
    """
    check_identifier(request.key, ("idempotencyKey",), KEY_CHARACTERS_MAX)
    compared = digest(operation, sent)

    async def work() -> Outcome:
        earlier = await _claim(request, operation, compared)
        if earlier is not None:
            return Outcome(earlier, replayed=True)
        with audit.following() as trail:
            result = await perform()
            figures = result.figures if isinstance(result, Replayed | Done) else result
            await _keep(request, figures)
            if not isinstance(result, Replayed):
                await audited(request, operation, trail, figures)
        after = result.after if isinstance(result, Done) else None
        return Outcome(figures, isinstance(result, Replayed), after)

    return await transact(work)


async def audited(request: Request, operation: str, trail: Trail, figures: Figures) -> None:
    """Whether the call leaves a row in the audit: by staff, or because it wrote audited rows."""
    if request.by_hand or await audit.has_changed(trail):
        await audit.record(request.by, operation, trail, figures)


def digest(operation: str, sent: Any) -> bytes:
    """Digest by which a request is compared with another one under its key."""
    return canonical.sha256([operation, sent])


async def answered(
    caller: Caller, digests: Mapping[str, bytes], now: datetime
) -> dict[str, Outcome]:
    """By key, the earlier answers to those of the same requests that were sent before."""
    found = await rows(
        "SELECT key, input_sha256, result FROM idempotency_key WHERE programme_id = $1 "
        "AND caller = $2 AND key = ANY($3::text[]) AND created_at >= $4 AND result IS NOT NULL",
        caller.programme_id,
        _name(caller),
        list(digests),
        now - timedelta(days=KEPT_DAYS),
    )
    return {
        first["key"]: Outcome(orjson.loads(first["result"]), replayed=True)
        for first in found
        if first["input_sha256"] == digests[first["key"]]
    }


async def claim_all(
    caller: Caller, operation: str, digests: Mapping[str, bytes], now: datetime
) -> set[str]:
    """Take those keys that do not exist yet, waiting for others that are taking one; returns which.

    They are taken in one order, so that no two calls wait for each other.
    """
    keys = sorted(digests)
    taken = await rows(
        "INSERT INTO idempotency_key "
        "(programme_id, caller, key, operation, input_sha256, created_at) "
        "SELECT $1::uuid, $2, wanted.key, $3, wanted.digest, $4::timestamptz "
        "FROM unnest($5::text[], $6::bytea[]) AS wanted (key, digest) "
        "ON CONFLICT (programme_id, caller, key) DO NOTHING RETURNING key",
        caller.programme_id,
        _name(caller),
        operation,
        now,
        keys,
        [digests[key] for key in keys],
    )
    return {found["key"] for found in taken}


async def keep_all(caller: Caller, figures: Mapping[str, Figures]) -> None:
    """Store the answer for each of these keys, which this transaction has taken."""
    await update(
        "UPDATE idempotency_key SET result = kept.result "
        "FROM unnest($3::text[], $4::jsonb[]) AS kept (key, result) "
        "WHERE programme_id = $1 AND caller = $2 AND idempotency_key.key = kept.key",
        caller.programme_id,
        _name(caller),
        list(figures),
        [orjson.dumps(one).decode() for one in figures.values()],
    )


async def release(caller: Caller, keys: Sequence[str]) -> None:
    """Release keys that this transaction has taken, for requests that are carried out later."""
    if keys:
        await update(
            "DELETE FROM idempotency_key "
            "WHERE programme_id = $1 AND caller = $2 AND key = ANY($3::text[])",
            caller.programme_id,
            _name(caller),
            list(keys),
        )


async def _claim(request: Request, operation: str, compared: bytes) -> Figures | None:
    """Take the key, waiting for its holder; or return the figures already stored for it."""
    caller, key = _scope(request)
    taken = await row(
        "INSERT INTO idempotency_key "
        "(programme_id, caller, key, operation, input_sha256, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (programme_id, caller, key) DO UPDATE SET "
        "operation = excluded.operation, input_sha256 = excluded.input_sha256, "
        "created_at = excluded.created_at WHERE idempotency_key.created_at < $7 RETURNING key",
        request.caller.programme_id,
        caller,
        key,
        operation,
        compared,
        request.now,
        request.now - timedelta(days=KEPT_DAYS),
    )
    if taken is not None:
        return None
    first = await row(
        "SELECT operation, input_sha256, result FROM idempotency_key "
        "WHERE programme_id = $1 AND caller = $2 AND key = $3",
        request.caller.programme_id,
        caller,
        key,
    )
    if first is None or first["input_sha256"] != compared:
        raise IdempotencyKeyReused(
            operation if first is None else first["operation"], path=("idempotencyKey",)
        )
    figures: Figures = orjson.loads(first["result"])
    return figures


async def _keep(request: Request, figures: Figures) -> None:
    caller, key = _scope(request)
    await update(
        "UPDATE idempotency_key SET result = $4 "
        "WHERE programme_id = $1 AND caller = $2 AND key = $3",
        request.caller.programme_id,
        caller,
        key,
        orjson.dumps(figures).decode(),
    )


async def kept(request: Request) -> Figures:
    """Figures stored for the key of a request that was carried out."""
    caller, key = _scope(request)
    found = await row(
        "SELECT result FROM idempotency_key WHERE programme_id = $1 AND caller = $2 AND key = $3",
        request.caller.programme_id,
        caller,
        key,
    )
    figures: Figures = orjson.loads(found["result"]) if found and found["result"] else {}
    return figures


async def kept_of(caller: Caller, keys: Sequence[str]) -> set[str]:
    """Those of a caller's keys whose requests were carried out."""
    found = await rows(
        "SELECT key FROM idempotency_key WHERE programme_id = $1 AND caller = $2 "
        "AND key = ANY($3::text[]) AND result IS NOT NULL",
        caller.programme_id,
        _name(caller),
        list(keys),
    )
    return {one["key"] for one in found}


async def add(request: Request, figures: Figures, *, unless: str) -> Figures:
    """Replace the figures of a key by these, unless they already have this name; returns the stored
    ones.

    For figures that are known only after the transaction that took the key.
    """
    caller, key = _scope(request)
    await update(
        "UPDATE idempotency_key SET result = $4 WHERE programme_id = $1 AND caller = $2 "
        "AND key = $3 AND NOT result ? $5",
        request.caller.programme_id,
        caller,
        key,
        orjson.dumps(figures).decode(),
        unless,
    )
    return await kept(request)


def _scope(request: Request) -> tuple[str, str]:
    return _name(request.caller), request.key


def _name(caller: Caller) -> str:
    return f"{caller.kind}:{caller.identity}"


async def forget(programme_id: UUID, now: datetime) -> int:
    """Remove a batch of the programme's keys that have expired; returns how many, 0 at the end."""
    return await update(
        "DELETE FROM idempotency_key WHERE programme_id = $1 AND created_at < $2 "
        "AND (caller, key) IN (SELECT caller, key FROM idempotency_key "
        "WHERE programme_id = $1 AND created_at < $2 ORDER BY created_at LIMIT $3)",
        programme_id,
        now - timedelta(days=KEPT_DAYS),
        FORGOTTEN_MAX,
    )


async def erase(programme_id: UUID, name: str) -> None:
    """Remove all keys of a caller, that of a call that is being carried out among them."""
    await update(
        "DELETE FROM idempotency_key WHERE programme_id = $1 AND caller = $2", programme_id, name
    )
