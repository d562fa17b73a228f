"""The use of a benefit: a breakfast that was served, a lounge that was visited."""

from tortoise import fields
from tortoise.models import Model


class BenefitUse(Model):
    """A use counts until it is returned, in the period of a level's quota or of the perk.

    `number` counts from 1 among the uses of its quota that were not returned, and is never above
    `quota`; both are null where a level sets no limit. `activity_id` is the activity that gave the
    member this use, and null for one of the level's own.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    benefit = fields.CharField(max_length=64)
    reference = fields.CharField(max_length=128)
    reporter = fields.CharField(max_length=200)
    used_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    tier = fields.CharField(max_length=64)
    policy_version_id = fields.UUIDField()
    period_from = fields.DatetimeField(null=True)
    period_until = fields.DatetimeField(null=True)
    quota = fields.IntField(null=True)
    number = fields.IntField(null=True)
    activity_id = fields.UUIDField(null=True)
    content_hash = fields.BinaryField()
    returned_at = fields.DatetimeField(null=True)
    returned_by = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "benefit_use"
