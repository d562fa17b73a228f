"""Consents and refusals of members."""

from tortoise import fields
from tortoise.models import Model


class Consent(Model):
    """A statement of a member; of one purpose and channel the one with the highest number counts.

    Personal, as it is one person's decision; it names nobody, and stays as proof.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    number = fields.IntField()
    purpose = fields.CharField(max_length=16)
    channel = fields.CharField(max_length=8, null=True)
    granted = fields.BooleanField()
    text_version = fields.CharField(max_length=64, null=True)
    recorded_at = fields.DatetimeField()
    recorded_by = fields.CharField(max_length=200)

    class Meta:
        table = "consent"
