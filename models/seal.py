"""Seals of accounts: proofs that their rows are as they were written."""

from tortoise import fields
from tortoise.models import Model


class Seal(Model):
    """The rows that one transaction wrote for one account, numbered from 1.

    `rows` lists each sealed row that was added, changed or removed: the number of its table, its id
    and its digest. `sequence` is of the account's last entry then. `hash` covers all of it, the
    hash of the seal before and that of the entry; `mac` is computed from it with the `key` of that
    name, which is never in the database.
    """

    member_id = fields.UUIDField()
    number = fields.BigIntField(primary_key=True)
    recorded_at = fields.DatetimeField()
    sequence = fields.BigIntField()
    rows = fields.BinaryField()
    hash = fields.BinaryField()
    key = fields.CharField(max_length=32)
    mac = fields.BinaryField()

    class Meta:
        table = "seal"
