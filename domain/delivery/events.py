"""An event with its place in the feed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """An event at its position, which counts from 1 in its part of its programme.

    `member_id` is the programme's id for an event of no member. `sequence` is the member's ledger
    sequence after the change, `partner_id` the partner that the event concerns, and `recorded_at`
    an instant of the programme's clock; `numbered_at` is a real one.
    """

    id: UUID
    programme_id: UUID
    member_id: UUID
    partner_id: UUID | None
    part: int
    position: int
    topic: str
    sequence: int | None
    recorded_at: datetime
    numbered_at: datetime
    payload: dict[str, Any]

    @property
    def of_no_member(self) -> bool:
        return self.member_id == self.programme_id
