"""Addresses to which nothing is sent any more."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Suppression(Model):
    """An address of a channel that bounced, by its digest: `kind` is the reason of its suppression,
    null while it is not suppressed; `soft` has the instants of the last soft bounces.
    """

    programme_id = fields.UUIDField()
    channel = fields.CharField(max_length=8)
    digest = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=16, null=True)
    soft: fields.Field[list[datetime]] = fields.JSONField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "suppression"
