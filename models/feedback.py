"""Feedback of members, and answers of staff."""

from tortoise import fields
from tortoise.models import Model


class Feedback(Model):
    """It is about one of the three at most. `rating` is from 1 to 5."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    booking_id = fields.UUIDField(null=True)
    redemption_id = fields.UUIDField(null=True)
    entry_id = fields.UUIDField(null=True)
    rating = fields.SmallIntField(null=True)
    text = fields.TextField()
    given_at = fields.DatetimeField()
    given_by = fields.CharField(max_length=200)
    answer = fields.TextField(null=True)
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.CharField(max_length=200, null=True)
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "feedback"
