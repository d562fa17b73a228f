"""A ping: one message that is sent at once, outside any transaction; the request returns its
result.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from domain.kernel import idempotency
from domain.kernel.database import transact
from domain.kernel.idempotency import Figures, Outcome, once
from domain.kernel.ids import new_id
from domain.webhooks import endpoints, keeping
from domain.webhooks.endpoints import Webhook
from domain.webhooks.keeping import Change

SECONDS = 5
"""Longest duration of a ping in total."""

LOOKS = 60
LOOK_SECONDS_DIVISOR = 10
"""Looks per second, of a repeated request, for the first one's result."""

Send = Callable[[Webhook, UUID], Awaitable[dict[str, Any]]]
"""Sends a message with this id; returns the attempt as JSON values. Every failure is an attempt
too.
"""


async def ping(change: Change, send: Send) -> Outcome:
    """Send a ping; figures: `webhook`, `event`, `attempt`. A repetition of the request meanwhile
    waits for the first one's result; if that never arrives, the same message is sent again.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def work() -> Figures:
        webhook = await keeping.found(change)
        return {"webhook": str(webhook.id), "event": str(new_id())}

    outcome = await once(change.request, "pingWebhook", change.sent, work)
    if outcome.replayed and (figures := await _first(change)):
        return Outcome(figures, replayed=True)
    webhook = await transact(lambda: keeping.found(change))
    attempt = await send(webhook, UUID(outcome.figures["event"]))
    figures = {**outcome.figures, "attempt": attempt}
    kept = await transact(lambda: _keep(change, webhook, figures))
    return Outcome(kept, outcome.replayed)


async def _first(change: Change) -> Figures | None:
    for _ in range(LOOKS):
        found = await transact(lambda: idempotency.kept(change.request))
        if "attempt" in found:
            return found
        await asyncio.sleep(1 / LOOK_SECONDS_DIVISOR)
    return None


async def _keep(change: Change, webhook: Webhook, figures: Figures) -> Figures:
    """Store the first answer, which stays; a ping that arrived is a success of its endpoint."""
    kept = await idempotency.add(change.request, figures, unless="attempt")
    if kept["attempt"] == figures["attempt"] and kept["attempt"]["accepted"]:
        await endpoints.succeeded(webhook.id, change.now)
    return kept
