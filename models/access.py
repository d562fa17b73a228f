"""Access to personal data: who looked at what."""

from tortoise import fields as columns
from tortoise.models import Model


class Access(Model):
    """That an answer showed somebody of staff, or a partner, what is personal of a member.

    `fields` are the names of what it showed, of name, birthday, contacts, profile and delivery, in
    their order; `request_id` is that of the answer, or the id of the export.
    """

    member_id = columns.UUIDField()
    id = columns.UUIDField(primary_key=True)
    actor = columns.CharField(max_length=200)
    fields = columns.CharField(max_length=64)
    request_id = columns.CharField(max_length=64)
    at = columns.DatetimeField()

    class Meta:
        table = "access"
