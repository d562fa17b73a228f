"""Addresses that nothing goes to any more."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Suppression(Model):
    """An address of a channel, by the digest of it, that bounced: `kind` says how since it is
    suppressed, null as long as it is not; `soft` has the instants of the last soft bounces.
    """

    programme_id = fields.UUIDField()
    channel = fields.CharField(max_length=8)
    digest = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=16, null=True)
    soft: fields.Field[list[datetime]] = fields.JSONField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "suppression"
