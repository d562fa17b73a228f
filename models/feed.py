"""The feed: the position of each event in its part of its programme."""

from tortoise import fields
from tortoise.models import Model


class FeedHead(Model):
    """The last position given in a part of a programme, and when (a real instant).

    A transaction that gives positions locks this row.
    """

    part = fields.SmallIntField(primary_key=True, generated=False)
    programme_id = fields.UUIDField()
    position = fields.BigIntField()
    numbered_at = fields.DatetimeField()

    class Meta:
        table = "feed_head"


class FeedEntry(Model):
    """An event's position; and the columns by which the feed is searched."""

    part = fields.SmallIntField(primary_key=True, generated=False)
    programme_id = fields.UUIDField()
    position = fields.BigIntField()
    member_id = fields.UUIDField()
    event_id = fields.UUIDField()
    topic = fields.CharField(max_length=64)
    partner_id = fields.UUIDField(null=True)
    numbered_at = fields.DatetimeField()

    class Meta:
        table = "feed_entry"
