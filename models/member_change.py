"""What staff made of a membership, and why."""

from tortoise import fields
from tortoise.models import Model


class MemberChange(Model):
    """A member was suspended, reinstated, closed or merged; of a member the last one is how it is.

    `number` counts from 1. `points` are those that were given up when the membership ended, or that
    moved when it was merged. Who was merged names the other as its counterpart; so does the other,
    whose status stays.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    number = fields.IntField()
    from_status = fields.CharField(max_length=16)
    to_status = fields.CharField(max_length=16)
    points = fields.BigIntField()
    counterpart_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    actor = fields.CharField(max_length=200)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "member_change"
