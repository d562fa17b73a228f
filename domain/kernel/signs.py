"""Signs: notifications to other processes of changes that have no event."""

from enum import StrEnum
from uuid import UUID

from domain.kernel.database import rows

CHANNEL = "milepost_signs"
"""Channel on which `<sign>:<id>` arrives once its transaction is committed."""


class Sign(StrEnum):
    NOTICE = "notice"
    """A notice was put into the inbox of the member with this id."""
    JOB = "job"
    """The job with this id has progressed or ended."""


async def give(sign: Sign, own: UUID) -> None:
    """Send a sign when the current transaction commits. Such commits wait for one another, so none
    is sent by frequent writes for which a client waits.
    """
    await rows("SELECT pg_notify($1, $2)", CHANNEL, f"{sign}:{own}")
