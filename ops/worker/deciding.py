"""The carrier of the lane `notices`: it decides which notices a member gets, and sends nothing."""

from dataclasses import dataclass
from datetime import datetime

from domain.delivery import fan_out
from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import Result
from domain.delivery.retrying import AttemptOutcome
from domain.members.consents import Channel
from domain.notices import contact_codes, contacting, deciding
from domain.programmes.programmes import Programme
from ops.worker.carriers import Never, Post


@dataclass(frozen=True, slots=True)
class Notices:
    """Decides on each event's notice in turn, for the channels that are served here."""

    served: frozenset[Channel] = frozenset()
    at_most_once: bool = False

    async def prepare(
        self,
        programme: Programme,
        lane: Lane,
        delivery: Delivery,
        event: NumberedEvent,
        now: datetime,
    ) -> Post | Never:
        async def decide(at: datetime) -> Result:
            if event.topic in fan_out.CODED:
                await contact_codes.decide(programme, event, self.served, at)
                return Result(at, 0, AttemptOutcome.ACCEPTED)
            decided = contacting if event.of_no_member else deciding
            await decided.decide(programme, event, self.served, at)
            return Result(at, 0, AttemptOutcome.ACCEPTED)

        return decide

    async def close(self) -> None:
        """Nothing is kept."""
