"""Values of the ledger: buckets, balances, kinds of entries, and what an entry says."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel.values import value
from domain.ledger.lots import Touch

FIRST_HASH = bytes(32)
"""What a member's first entry is chained to."""


class EntryKind(StrEnum):
    EARN = "EARN"
    MATURE = "MATURE"
    HOLD = "HOLD"
    RELEASE = "RELEASE"
    CAPTURE = "CAPTURE"
    REDEEM = "REDEEM"
    REINSTATE = "REINSTATE"
    EXPIRE = "EXPIRE"
    CLAW_BACK = "CLAW_BACK"
    SETTLE = "SETTLE"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_IN = "TRANSFER_IN"
    ADJUST = "ADJUST"


class Bucket(StrEnum):
    PENDING = "pending"
    AVAILABLE = "available"
    HELD = "held"
    OWED = "owed"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    CLAWED_BACK = "clawed_back"
    ADJUSTED = "adjusted"
    TRANSFERRED = "transferred"


@value(frozen=True, slots=True)
class Balances:
    """Points in the member's buckets; `owed` is what the member owes, so minus its bucket."""

    pending: int = 0
    available: int = 0
    held: int = 0
    owed: int = 0

    def moved(self, points: int, source: Bucket, target: Bucket) -> "Balances":
        change = {source: -points, target: points}.get
        return Balances(
            self.pending + change(Bucket.PENDING, 0),
            self.available + change(Bucket.AVAILABLE, 0),
            self.held + change(Bucket.HELD, 0),
            self.owed - change(Bucket.OWED, 0),
        )


@value(frozen=True, slots=True)
class Cause:
    """What an entry is about and who caused it."""

    actor: str
    booking_id: UUID | None = None
    activity_id: UUID | None = None
    redemption_id: UUID | None = None
    transfer_id: UUID | None = None
    refund_id: UUID | None = None
    amendment_id: UUID | None = None
    activity_reversal_id: UUID | None = None
    reason: str | None = None
    holds_until: datetime | None = None


HASH_VERSION = 2
"""The format that new entries are hashed in. One that has been written stays readable for ever."""

SYSTEM = Cause("system")
"""What time alone does is nobody's doing."""


@value(frozen=True, slots=True)
class Entry:
    """One posted entry with its touches of lots, ready to be written.

    `hash_version` is the format of what its hash was made of.
    """

    id: UUID
    sequence: int
    kind: EntryKind
    source: Bucket
    target: Bucket
    points: int
    effective_at: datetime
    recorded_at: datetime
    after: Balances
    cause: Cause
    touches: tuple[Touch, ...]
    hash: bytes
    hash_version: int
