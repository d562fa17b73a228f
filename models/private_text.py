"""Texts that people typed, apart from the rows that stay."""

from tortoise import fields
from tortoise.models import Model


class PrivateText(Model):
    """Personal: a text to which its owner's column has only a commitment, so that it can be
    removed.

    `commitment` is made of the random bytes `salt` and the text; `value` is the text under the
    secret key. Both are null once it was erased.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    owner_table = fields.CharField(max_length=32)
    owner_id = fields.UUIDField()
    field = fields.CharField(max_length=32)
    commitment = fields.CharField(max_length=64)
    salt = fields.BinaryField(null=True)
    value = fields.TextField(null=True)

    class Meta:
        table = "private_text"
