"""Points: entries between buckets, the lots they are held in, and which entry touched which lot."""

from tortoise import fields
from tortoise.models import Model


class LedgerEntry(Model):
    """A positive number of points moved from one bucket to another; never changed afterwards.

    `holds_until` is the exclusive instant at which a HOLD dies. The four `…_after` columns
    are the member's balances after this entry; `hash` is SHA-256 over the member's previous
    hash and this entry with its allocations and lots, in the format of `hash_version`.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    sequence = fields.BigIntField()
    kind = fields.CharField(max_length=16)
    from_bucket = fields.CharField(max_length=16)
    to_bucket = fields.CharField(max_length=16)
    points = fields.BigIntField()
    effective_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    pending_after = fields.BigIntField()
    available_after = fields.BigIntField()
    held_after = fields.BigIntField()
    owed_after = fields.BigIntField()
    booking_id = fields.UUIDField(null=True)
    activity_id = fields.UUIDField(null=True)
    redemption_id = fields.UUIDField(null=True)
    refund_id = fields.UUIDField(null=True)
    amendment_id = fields.UUIDField(null=True)
    transfer_id = fields.UUIDField(null=True)
    activity_reversal_id = fields.UUIDField(null=True)
    holds_until = fields.DatetimeField(null=True)
    actor = fields.CharField(max_length=200)
    reason = fields.TextField(null=True)
    hash_version = fields.SmallIntField(db_default=1)
    hash = fields.BinaryField()

    class Meta:
        table = "ledger_entry"


class Lot(Model):
    """One credit and its remaining points.

    `available_at` is null while the points are pending; `expires_at` is exclusive and null for
    points that never expire. `remaining` is the sum of the lot's allocations. Pending points mature
    without a report at `matures_at`, if it is set, then with `matured_expires_at`. `rule` is the
    one by whose own expiry and funder they were granted, null for the programme's.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    points = fields.BigIntField()
    remaining = fields.BigIntField()
    earned_at = fields.DatetimeField()
    available_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)
    policy_version_id = fields.UUIDField()
    funder = fields.CharField(max_length=64)
    rule = fields.CharField(max_length=64, null=True)
    booking_id = fields.UUIDField(null=True)
    line_number = fields.IntField(null=True)
    matures_at = fields.DatetimeField(null=True)
    matured_expires_at = fields.DatetimeField(null=True)
    matured_entry_id = fields.UUIDField(null=True)

    class Meta:
        table = "lot"


class Allocation(Model):
    """One touch of a lot by an entry: its credit, a debit (negative), or a restoration."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    entry_id = fields.UUIDField()
    lot_id = fields.UUIDField()
    points = fields.BigIntField()

    class Meta:
        table = "allocation"
