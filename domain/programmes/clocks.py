"""The clocks of all programmes, for work on each of them at one real instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel.database import rows


@dataclass(frozen=True, slots=True)
class Clock:
    """A programme's code, and its own instant."""

    code: str
    now: datetime


async def of_all(real_now: datetime) -> dict[UUID, Clock]:
    """Clocks by programme id."""
    found = await rows("SELECT id, code, clock_offset_seconds AS ahead FROM programme")
    return {
        one["id"]: Clock(one["code"], real_now + timedelta(seconds=one["ahead"])) for one in found
    }
