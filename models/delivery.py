"""Address and receiver of a reward's delivery."""

from tortoise import fields
from tortoise.models import Model


class DeliveryDetail(Model):
    """Personal: of one redemption, as its member said it last, until it is removed.

    `from_at`, `until_at` and `place` are of an appointment.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    redemption_id = fields.UUIDField()
    recipient = fields.CharField(max_length=200, null=True)
    phone = fields.CharField(max_length=40, null=True)
    address = fields.TextField(null=True)
    note = fields.TextField(null=True)
    from_at = fields.DatetimeField(null=True)
    until_at = fields.DatetimeField(null=True)
    place = fields.TextField(null=True)
    saved_at = fields.DatetimeField()
    saved_by = fields.CharField(max_length=200)

    class Meta:
        table = "delivery_detail"
