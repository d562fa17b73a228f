"""Targets: the receivers of deliveries. Each endpoint is a target; of any other channel a programme
has one target for all its members.
"""

from enum import StrEnum
from uuid import UUID, uuid5

from domain.kernel.database import rows


class Channel(StrEnum):
    """Kind of a target; `NOTICES` decides which of the other channels notify a member."""

    WEBHOOK = "webhook"
    NOTICES = "notices"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"

    @property
    def in_turn(self) -> bool:
        """Whether a member's deliveries wait for earlier ones; otherwise due ones are sent even if
        others wait for the morning.
        """
        return self not in (Channel.SMS, Channel.PUSH)


def target_of(programme_id: UUID, channel: Channel) -> UUID:
    """The target of a channel other than endpoints."""
    return uuid5(programme_id, channel.value)


async def opened(programme_id: UUID, channel: Channel) -> UUID:
    """The same target, created if needed, so that deliveries to it may be added."""
    target = target_of(programme_id, channel)
    await rows(
        "INSERT INTO delivery_target (target, programme_id, channel, failures) "
        "VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING",
        target,
        programme_id,
        channel.value,
    )
    return target
