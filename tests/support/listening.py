"""A member, an endpoint that receives events of its points, and what it received."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.kernel.database import rows
from tests.support import factories as make
from tests.support import numbered
from tests.support.hooked import Endpoint, Got
from tests.support.sending import NOON, Worker


async def opened(listener: Endpoint, **sent: Any) -> tuple[Worker, UUID, UUID]:
    """A worker, a member, and an endpoint of staff that receives events of adjustments."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await numbered.number(programme, NOON - timedelta(hours=2))
    hook = await make.webhook(
        programme,
        url=listener.url,
        topics=("points.adjusted", "webhook.disabled"),
        now=NOON - timedelta(hours=1),
        **sent,
    )
    return Worker(programme), member_id, hook


async def adjust(worker: Worker, member_id: UUID, *points: int) -> None:
    for one in points:
        await make.adjust(worker.programme, member_id, one)


def told(got: Sequence[Got]) -> list[int]:
    return [one.said["data"]["points"] for one in got]


async def deliveries(hook: UUID) -> list[dict[str, Any]]:
    return await rows(
        "SELECT d.status, d.attempts, d.ended_at, count(a.id) AS made FROM delivery d "
        "LEFT JOIN delivery_attempt a ON a.member_id = d.member_id AND a.delivery_id = d.id "
        "WHERE d.target = $1 GROUP BY d.member_id, d.id ORDER BY d.position",
        hook,
    )


async def target(hook: UUID) -> dict[str, Any]:
    [found] = await rows("SELECT * FROM delivery_target WHERE target = $1", hook)
    return found
