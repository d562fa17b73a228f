"""A ping: one message that is sent at once, outside any transaction, and answers how that went."""

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
"""How long a ping may take in all."""

LOOKS = 60
LOOK_SECONDS_DIVISOR = 10
"""How often, ten times a second, who sends the same again looks for what the first got."""

Send = Callable[[Webhook, UUID], Awaitable[dict[str, Any]]]
"""Sends a message with this id; the attempt as JSON values. Whatever goes wrong is one."""


async def ping(change: Change, send: Send) -> Outcome:
    """Send a ping; figures: `webhook`, `event`, `attempt`. Whoever sends the same request meanwhile
    waits for what the first one got; where that never came, the same message is sent again.

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
    """What was answered first stays; a ping that arrived is a success of its endpoint."""
    kept = await idempotency.add(change.request, figures, unless="attempt")
    if kept["attempt"] == figures["attempt"] and kept["attempt"]["accepted"]:
        await endpoints.succeeded(webhook.id, change.now)
    return kept
