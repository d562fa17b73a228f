"""Stored endpoints: their owner, address, and the events that they get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson

from domain.kernel.callers import Caller, Scope
from domain.kernel.database import Row, rows, update

PAUSING_FAILURES = 5
"""Failures in a row after which an endpoint is tried with one delivery only."""

_SELECT = (
    "SELECT w.id, w.programme_id, w.partner_id, w.url, w.topics, w.contact, w.secret, "
    "w.old_secret, w.old_until, w.heard_from, w.off_since, w.deleted_at, "
    "t.failures, t.last_success_at "
    "FROM webhook w JOIN delivery_target t ON t.target = w.id"
)


class WebhookStatus(StrEnum):
    ON = "ON"
    PAUSED = "PAUSED"
    OFF = "OFF"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint of a partner, or of staff; None in `topics` means all. Instants are real ones."""

    id: UUID
    programme_id: UUID
    partner_id: UUID | None
    url: str
    topics: tuple[str, ...] | None
    contact: str | None
    secret: str
    old_secret: str | None
    old_until: datetime | None
    heard_from: datetime
    off_since: datetime | None
    deleted_at: datetime | None
    failures: int
    last_success_at: datetime | None

    @property
    def status(self) -> WebhookStatus:
        if self.off_since is not None:
            return WebhookStatus.OFF
        paused = self.failures >= PAUSING_FAILURES
        return WebhookStatus.PAUSED if paused else WebhookStatus.ON

    def kept_secrets(self, now: datetime) -> list[str]:
        """Those that sign at a real instant, encrypted: the newest first."""
        both = self.old_secret is not None and self.old_until is not None and now < self.old_until
        return [self.secret, *([str(self.old_secret)] if both else [])]


@dataclass(frozen=True, slots=True)
class Listener:
    """An endpoint that is on; one that `reads_all` also gets events that concern other partners."""

    id: UUID
    partner_id: UUID | None
    topics: frozenset[str] | None
    heard_from: datetime
    reads_all: bool


def is_there_for(caller: Caller, webhook: Webhook) -> bool:
    """Whether the caller may manage it: serving staff manage all, a partner its own, whatever else
    its key lets it do for others.
    """
    if webhook.programme_id != caller.programme_id or webhook.deleted_at is not None:
        return False
    own = webhook.partner_id is not None and webhook.partner_id == caller.partner_id
    return caller.serves or (own and caller.may(Scope.MANAGE))


async def by_ids(ids: Sequence[UUID]) -> list[Webhook]:
    """Those of these ids, deleted ones too."""
    return [_to_webhook(one) for one in await rows(f"{_SELECT} WHERE w.id = ANY($1::uuid[])", ids)]


async def find(webhook_id: UUID) -> Webhook | None:
    return next(iter(await by_ids([webhook_id])), None)


async def of_owner(programme_id: UUID, partner_id: UUID | None) -> list[Webhook]:
    """The endpoints of a partner, or those of staff, in the order in which they were made."""
    found = await rows(
        f"{_SELECT} WHERE w.programme_id = $1 AND w.partner_id IS NOT DISTINCT FROM $2 "
        "AND w.deleted_at IS NULL "
        "ORDER BY w.created_at, w.id",
        programme_id,
        partner_id,
    )
    return [_to_webhook(one) for one in found]


_READS_ALL = (
    "w.partner_id IS NULL OR EXISTS (SELECT FROM partner_key k WHERE k.partner_id = w.partner_id "
    "AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) "
    "AND $3 = ANY(string_to_array(k.scopes, ' '))) AS reads_all"
)
"""Staff read all events, and so do partners with a key that is valid at a real instant and may
`read`.
"""


async def listening(programme_id: UUID, now: datetime) -> list[Listener]:
    """The endpoints of a programme that are on, at a real instant."""
    found = await rows(
        f"SELECT w.id, w.partner_id, w.topics, w.heard_from, {_READS_ALL} "
        "FROM webhook w WHERE w.programme_id = $1 AND w.off_since IS NULL",
        programme_id,
        now,
        Scope.READ.value,
    )
    return [
        Listener(
            one["id"],
            one["partner_id"],
            None if one["topics"] is None else frozenset(orjson.loads(one["topics"])),
            one["heard_from"],
            one["reads_all"],
        )
        for one in found
    ]


async def confined_to(webhook: Webhook, now: datetime) -> UUID | None:
    """The only partner whose events its owner may read at a real instant; None where it may read
    all.
    """
    found = await rows(
        f"SELECT {_READS_ALL} FROM webhook w WHERE w.id = $1", webhook.id, now, Scope.READ.value
    )
    return None if found[0]["reads_all"] else webhook.partner_id


_ANEW = "failures = 0, refused = 0, failing_since = NULL, probe = NULL"


async def begin_anew(target: UUID) -> None:
    """Reset the count of failures."""
    await update(f"UPDATE delivery_target SET {_ANEW} WHERE target = $1", target)


async def succeeded(target: UUID, now: datetime) -> None:
    """The same, because a message arrived; skipped without waiting if another did so less than a
    second before.
    """
    await update(
        f"UPDATE delivery_target SET {_ANEW}, last_success_at = greatest(last_success_at, $2) "
        "WHERE target = $1 AND (failures > 0 OR refused > 0 OR probe IS NOT NULL "
        "OR last_success_at IS NULL OR last_success_at <= $2::timestamptz - interval '1 s')",
        target,
        now,
    )


def _to_webhook(found: Row) -> Webhook:
    topics = found.pop("topics")
    return Webhook(**found, topics=None if topics is None else tuple(orjson.loads(topics)))
