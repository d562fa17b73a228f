"""Codes by which members prove their contacts."""

from tortoise import fields
from tortoise.models import Model


class ContactCode(Model):
    """The last code of a member's e-mail address or phone number; one row for each.

    `digest` is gone once it was used, and `sealed`, the code itself under the secret key, once it
    was sent. `asked` counts those since `hour_from`, and `tries` the guesses at this one.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=8)
    digest = fields.BinaryField(null=True)
    sealed = fields.CharField(max_length=500, null=True)
    tries = fields.SmallIntField()
    asked_at = fields.DatetimeField()
    hour_from = fields.DatetimeField()
    asked = fields.SmallIntField()

    class Meta:
        table = "contact_code"
