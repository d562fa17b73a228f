"""Published roots of settled days: one root of everything sealed on each."""

from tortoise import fields
from tortoise.models import Model


class DayLeaf(Model):
    """A member's part of a settled day: its last seal then, and the root of the entries recorded.

    `place` is the leaf's among those of the day, from 0, and `path` the sibling hashes on the way
    from it to the root of the day, 32 bytes each.
    """

    member_id = fields.UUIDField()
    day = fields.DateField(primary_key=True)
    number = fields.BigIntField()
    seal_hash = fields.BinaryField()
    entries_root = fields.BinaryField()
    place = fields.BigIntField()
    path = fields.BinaryField()

    class Meta:
        table = "day_leaf"


class Root(Model):
    """The signed record of a settled day, from `began_at` until `ended_at` (exclusive), as it is
    published: `line` is one of JSON.
    """

    programme_id = fields.UUIDField()
    day = fields.DateField(primary_key=True)
    began_at = fields.DatetimeField()
    ended_at = fields.DatetimeField()
    leaves = fields.BigIntField()
    line = fields.TextField()

    class Meta:
        table = "root"
