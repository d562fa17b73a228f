"""Targets: what deliveries go to. An endpoint is one by itself; of any other channel a programme
has one for all its members.
"""

from enum import StrEnum
from uuid import UUID, uuid5

from domain.kernel.database import rows


class Channel(StrEnum):
    """What kind of target it is; `NOTICES` decides which of the others tell a member."""

    WEBHOOK = "webhook"
    NOTICES = "notices"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"

    @property
    def in_turn(self) -> bool:
        """Whether a member's deliveries wait for those before them; or else what is due is sent,
        whatever waits for the morning.
        """
        return self not in (Channel.SMS, Channel.PUSH)


def target_of(programme_id: UUID, channel: Channel) -> UUID:
    """The target of a channel that is no endpoint's."""
    return uuid5(programme_id, channel.value)


async def opened(programme_id: UUID, channel: Channel) -> UUID:
    """The same, which is there from now on: deliveries to it may be added."""
    target = target_of(programme_id, channel)
    await rows(
        "INSERT INTO delivery_target (target, programme_id, channel, failures) "
        "VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING",
        target,
        programme_id,
        channel.value,
    )
    return target
