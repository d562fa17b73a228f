"""Contacts of members."""

from tortoise import fields
from tortoise.models import Model


class Contact(Model):
    """Personal: an e-mail address or phone number of a member, one of each kind at the most.

    `value` is the address under the secret key, and `digest` its keyed digest, by which it is
    compared: both are written anew when the key changes. `commitment` is made of the random bytes
    `salt` and the address, so that a seal can cover it for ever. It identifies its member from
    `proved_at` on, when `proved_by` proved it.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=8)
    value = fields.TextField()
    digest = fields.BinaryField()
    commitment = fields.CharField(max_length=64)
    salt = fields.BinaryField()
    proved_at = fields.DatetimeField(null=True)
    proved_by = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "contact"


class PastContact(Model):
    """A former contact that a member had proved, by its keyed digest.

    Until `known_until` it counts as one that an erased member had proved before.
    """

    member_id = fields.UUIDField()
    digest = fields.BinaryField(primary_key=True)
    known_until = fields.DatetimeField(null=True)

    class Meta:
        table = "past_contact"


class ErasedContact(Model):
    """A contact that an erased member had proved, by its keyed digest, kept until an instant."""

    programme_id = fields.UUIDField()
    digest = fields.BinaryField(primary_key=True)
    until = fields.DatetimeField()

    class Meta:
        table = "erased_contact"
