"""Referrals: a member who referred a friend, with the status on both sides."""

from tortoise import fields
from tortoise.models import Model


class Referral(Model):
    """One version of one side: `id` is the same on both, `version` counts from 1 on each.

    The friend's side has the friend's facts and staff's decisions, the referrer's side the outcome;
    `answers` is the version of the friend's side on which an outcome is based. `joined_at` is the
    friend's, `fact_at` the instant of the friend's fact that counts, `policy_version_id` has the
    terms. From `due_at` on something is to be done for a version, until it is applied.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    version = fields.IntField()
    programme_id = fields.UUIDField()
    side = fields.CharField(max_length=8)
    other_id = fields.UUIDField()
    status = fields.CharField(max_length=16)
    joined_at = fields.DatetimeField()
    fact_at = fields.DatetimeField(null=True)
    recorded_at = fields.DatetimeField()
    policy_version_id = fields.UUIDField()
    answers = fields.IntField(null=True)
    flags: fields.Field[list[str]] = fields.JSONField()
    actor = fields.CharField(max_length=200, null=True)
    reason = fields.TextField(null=True)
    due_at = fields.DatetimeField(null=True)
    applied_at = fields.DatetimeField(null=True)

    class Meta:
        table = "referral"
