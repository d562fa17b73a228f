"""Signs: what changes without an event, for whoever waits for it in another process."""

from enum import StrEnum
from uuid import UUID

from domain.kernel.database import rows

CHANNEL = "milepost_signs"
"""Who listens here hears `<sign>:<id>` once the transaction that gave it is committed."""


class Sign(StrEnum):
    NOTICE = "notice"
    """A notice was put into the inbox of the member of this id."""
    JOB = "job"
    """The job of this id came further, or to its end."""


async def give(sign: Sign, own: UUID) -> None:
    """Let it be heard with the current transaction. Commits that do so wait for one another, so
    nothing gives any that is written often while a client waits.
    """
    await rows("SELECT pg_notify($1, $2)", CHANNEL, f"{sign}:{own}")
