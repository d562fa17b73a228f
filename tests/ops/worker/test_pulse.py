"""Numbering as a worker does it: past what fails, again after it, and no longer than told."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
import structlog.testing

from domain.delivery import fan_out, numbering
from domain.delivery.events import NumberedEvent
from domain.kernel.database import row
from ops.postgres.database import connected
from ops.worker import pulse
from tests.conftest import Database
from tests.support import factories as make


async def unmarked() -> set[UUID]:
    found = await row(
        "SELECT array_agg(member_id) AS ids FROM outbox_event WHERE numbered_at IS NULL"
    )
    return set(found["ids"] or ()) if found else set()


async def test_a_member_that_fails_holds_up_no_other_and_is_tried_again(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(fresh_database.serving, everywhere=False):
        programme = await make.establish()
        broken, *_ = [await make.enrol(programme) for _ in range(3)]
        failing, stopping = [True], asyncio.Event()
        stopping.set()
        assert await pulse.number_all(stopping) is False
        assert broken in await unmarked()
        stopping.clear()

        async def hear(of: UUID, member_id: UUID, events: Sequence[NumberedEvent]) -> None:
            if member_id == broken and failing:
                raise ValueError("of a member")

        monkeypatch.setattr(fan_out, "fan_out", hear)
        monkeypatch.setattr(pulse, "AFTER_FAILURE_SECONDS", 0)
        with structlog.testing.capture_logs() as logs:
            beating = asyncio.create_task(pulse.beat(stopping))
            while not any(line["event"] == "numbering_failed" for line in logs):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert await unmarked() == {broken}
            failing.clear()
            while await numbering.waiting():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            stopping.set()
            await beating
    told = [line for line in logs if line["event"] == "outbox_event"]
    assert sorted(line["topic"] for line in told) == ["member.enrolled"] * 3 + ["policy.published"]
    assert [line["member"] for line in told if line["topic"] == "policy.published"] == [None]
    [failed, *_] = [line["error"] for line in logs if line["event"] == "numbering_failed"]
    assert "ValueError" in failed
    assert "of a member" not in failed
