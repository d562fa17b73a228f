"""Texts of notices that a programme writes itself."""

from tortoise import fields
from tortoise.models import Model


class NoticeTemplate(Model):
    """A version of the text of one kind, channel and language; `provider_template` is its name at a
    provider of text messages.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    kind = fields.CharField(max_length=32)
    channel = fields.CharField(max_length=8)
    locale = fields.CharField(max_length=16)
    version = fields.IntField()
    subject = fields.TextField(null=True)
    body = fields.TextField(null=True)
    provider_template = fields.CharField(max_length=100, null=True)
    published_at = fields.DatetimeField()
    published_by = fields.CharField(max_length=200)

    class Meta:
        table = "notice_template"
