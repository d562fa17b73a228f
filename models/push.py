"""Devices to which a member's pushes are sent."""

from tortoise import fields
from tortoise.models import Model


class PushAddress(Model):
    """Personal: a device or account of a member at a provider; `slot` counts those it has."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    slot = fields.SmallIntField()
    provider = fields.CharField(max_length=8)
    address = fields.CharField(max_length=254)
    registered_at = fields.DatetimeField()

    class Meta:
        table = "push_address"
