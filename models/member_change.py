"""Changes of memberships by staff, with reasons."""

from tortoise import fields
from tortoise.models import Model


class MemberChange(Model):
    """A member was suspended, reinstated, closed or merged; a member's last change is its present
    state.

    `number` counts from 1. `points` are those lost when the membership ended, or moved when it was
    merged. A merged member names the other as its counterpart; so does the other, whose status does
    not change.
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
