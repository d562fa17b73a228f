"""Waking: queueing deliveries again that ended without arriving, as if they were new."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.delivery import lanes
from domain.delivery.deliveries import FROM, DeliveryStatus
from domain.kernel.database import tuples_of_each
from domain.kernel.idempotency import Figures, Outcome, once
from domain.kernel.refusals import NotFound, StateConflict
from domain.webhooks import endpoints, keeping
from domain.webhooks.endpoints import Webhook, WebhookStatus
from domain.webhooks.keeping import Change

WOKEN_MAX = 1000
"""Most deliveries that one request wakes."""

ENDED = (DeliveryStatus.DEAD, DeliveryStatus.CANCELLED, DeliveryStatus.UNKNOWN)
"""States that can be woken: delivered ones are not sent again, and waiting ones will be sent
anyway.
"""

Key = tuple[UUID, UUID]
"""(member id, id) of a delivery."""


@dataclass(frozen=True, slots=True)
class Named:
    """A delivery by the id that the caller uses; the key is None if it is no delivery's id."""

    named: str
    key: Key | None


async def retry(change: Change, named: Sequence[Named] | None) -> Outcome:
    """Queue deliveries to an endpoint again, with all attempts still allowed: the named ones, or
    without names the oldest, up to `WOKEN_MAX`. Waiting and delivered ones stay as they are, and so
    do those that the endpoint's owner may no longer read. Figures: `count`.

    Raises: NotFound, StateConflict, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def work() -> Figures:
        webhook = await keeping.found(change)
        if webhook.status is WebhookStatus.OFF:
            on = (WebhookStatus.ON.value, WebhookStatus.PAUSED.value)
            raise StateConflict("webhook", webhook.status.value, on, path=("webhook",))
        partner_id = await endpoints.confined_to(webhook, change.now)
        if named is None:
            keys = await _ended(webhook, partner_id)
        else:
            keys = await _found(webhook, partner_id, named)
        return {"count": await _wake(change, webhook, keys)}

    sent = [*change.sent, None if named is None else [one.named for one in named]]
    return await once(change.request, "retryDeliveries", sent, work)


async def _ended(webhook: Webhook, partner_id: UUID | None) -> list[Key]:
    """Those that can be woken, the first numbered first: one small query of each state."""
    found = await tuples_of_each(
        f"SELECT d.member_id, d.id, d.numbered_at, d.position {FROM} "
        "WHERE d.target = $1 AND d.status = $2 AND ($3::uuid IS NULL OR e.partner_id = $3) "
        "ORDER BY d.numbered_at, d.position, d.id LIMIT $4",
        [(webhook.id, status.value, partner_id, WOKEN_MAX) for status in ENDED],
    )
    oldest = sorted(found, key=lambda one: (one[2], one[3], one[1]))[:WOKEN_MAX]
    return [(member_id, own) for member_id, own, *_ in oldest]


async def _found(webhook: Webhook, partner_id: UUID | None, named: Sequence[Named]) -> list[Key]:
    """Those of the named deliveries that can be woken. Raises: NotFound."""
    keys = [one.key for one in named if one.key is not None]
    found = await tuples_of_each(
        f"SELECT d.member_id, d.id, d.status {FROM} WHERE d.member_id = $1 AND d.id = $2 "
        "AND d.target = $3 AND ($4::uuid IS NULL OR e.partner_id = $4)",
        [(*key, webhook.id, partner_id) for key in dict.fromkeys(keys)],
    )
    there = {(member_id, own): status for member_id, own, status in found}
    for place, one in enumerate(named):
        if one.key not in there:
            raise NotFound("delivery", one.named, path=("deliveries", str(place)))
    return [key for key, status in there.items() if status in ENDED]


async def _wake(change: Change, webhook: Webhook, keys: Sequence[Key]) -> int:
    """Wake these deliveries; returns how many could still be woken. Their lanes are locked first,
    by member, in the order in which recording a result locks them.
    """
    await lanes.make_due(
        webhook.programme_id, webhook.id, [member_id for member_id, _ in keys], change.now
    )
    woken = await tuples_of_each(
        "UPDATE delivery SET status = 'WAITING', attempts = 0, waits_since = $3, due_at = $3, "
        "ended_at = NULL, reason = NULL WHERE member_id = $1 AND id = $2 "
        "AND status = ANY($4::text[]) RETURNING id",
        [(*key, change.now, [status.value for status in ENDED]) for key in sorted(keys)],
    )
    return len(woken)
