"""Notices to members."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Notice(Model):
    """One notice, sent once: (member_id, kind, key) is unique for ever. `id` is made from the
    event's.

    `channels` has, by channel that it was to go out by, why it does not, or null where it does; it
    was decided at an instant of the programme's clock.

    `variables` are ids, codes, days and numbers; the words are made whenever it is read, of the
    shipped texts of version `template`. `happened_at` and `read_at` are of the programme's clock.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    event_id = fields.UUIDField()
    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=100)
    template = fields.SmallIntField()
    variables: fields.Field[dict[str, Any]] = fields.JSONField()
    happened_at = fields.DatetimeField()
    channels: fields.Field[dict[str, str | None] | None] = fields.JSONField(null=True)
    decided_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notice"
