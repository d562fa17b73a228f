"""Values of the ledger: buckets, balances, kinds of entries, and the content of an entry."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel.values import value
from domain.ledger.lots import Touch

FIRST_HASH = bytes(32)
"""The hash that a member's first entry is chained to."""


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
    """Points in the member's buckets; `owed` is the member's arrears, which is minus its bucket."""

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
    """Subject of an entry, and who caused it."""

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
"""The format in which new entries are hashed. Formats that were ever written stay readable."""

SYSTEM = Cause("system")
"""The actor of changes that only the passage of time causes."""


@value(frozen=True, slots=True)
class Entry:
    """One posted entry with its changes of lots, ready to be written.

    `hash_version` is the format of the hashed content.
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
