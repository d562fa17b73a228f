"""An event for other systems, written in the transaction that made it."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class OutboxEvent(Model):
    """`member_id` is the programme's id for an event of no member.

    `sequence` is the member's ledger sequence after the change, `part` the last hexadecimal digit
    of `member_id`. `recorded_at` is an instant of the programme's clock, `numbered_at` a real one,
    null until deliveries to all receivers are written. Only servers of the previous release read
    the columns about the relay; it goes with the next one.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    part = fields.SmallIntField(null=True)
    sequence = fields.BigIntField(null=True)
    partner_id = fields.UUIDField(null=True)
    topic = fields.CharField(max_length=64)
    payload: fields.Field[dict[str, Any]] = fields.JSONField()
    recorded_at = fields.DatetimeField()
    numbered_at = fields.DatetimeField(null=True)
    relayed_at = fields.DatetimeField(null=True)
    relay_failures = fields.IntField()
    relay_after = fields.DatetimeField(null=True)
    relay_error = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "outbox_event"
