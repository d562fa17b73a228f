"""Endpoints to which events are sent, and the state of sending."""

from tortoise import fields
from tortoise.models import Model


class Webhook(Model):
    """An endpoint of a partner; without one it belongs to staff. Instants are real ones.

    It gets events numbered after `heard_from`. The secret is stored encrypted; until `old_until`
    the previous one signs too. `slot` numbers an owner's endpoints that are not deleted.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    partner_id = fields.UUIDField(null=True)
    slot = fields.SmallIntField()
    url = fields.CharField(max_length=500)
    topics: fields.Field[list[str] | None] = fields.JSONField(null=True)
    contact = fields.CharField(max_length=254, null=True)
    secret = fields.CharField(max_length=400)
    old_secret = fields.CharField(max_length=400, null=True)
    old_until = fields.DatetimeField(null=True)
    heard_from = fields.DatetimeField()
    off_since = fields.DatetimeField(null=True)
    deleted_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    created_by = fields.CharField(max_length=200)

    class Meta:
        table = "webhook"


class DeliveryTarget(Model):
    """State of sending to a target since its last success: failures, attempts that `refused` the
    event, and the instant of the first.

    An endpoint has no `channel`; of any other a programme has one target. While it is paused,
    `probe` is the only member whose lane is tried.
    """

    target = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    channel = fields.CharField(max_length=16, null=True)
    failures = fields.IntField()
    refused = fields.IntField(default=0)
    failing_since = fields.DatetimeField(null=True)
    last_success_at = fields.DatetimeField(null=True)
    probe = fields.UUIDField(null=True)

    class Meta:
        table = "delivery_target"
