"""Access to personal data: who saw the data of a member."""

from tortoise import fields as columns
from tortoise.models import Model


class Access(Model):
    """A record that an answer showed personal data of a member to staff or a partner.

    `fields` names the data shown, among name, birthday, contacts, profile and delivery, in this
    order; `request_id` is that of the answer, or the id of the export.
    """

    member_id = columns.UUIDField()
    id = columns.UUIDField(primary_key=True)
    actor = columns.CharField(max_length=200)
    fields = columns.CharField(max_length=64)
    request_id = columns.CharField(max_length=64)
    at = columns.DatetimeField()

    class Meta:
        table = "access"
