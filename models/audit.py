"""Actions of staff and operators, chained by hash, and ended sessions."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Audit(Model):
    """One call of staff, or one command, in the order in which they took effect.

    `rows` are the audited rows that it wrote, each with its digest; `hash` is of the row before and
    of this one, `mac` of `hash` under the seal key of the name `key`. `reason` is a commitment.
    """

    programme_id = fields.UUIDField()
    sequence = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=200)
    roles = fields.CharField(max_length=100)
    operation = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=200, null=True)
    before: fields.Field[dict[str, Any]] = fields.JSONField(null=True)
    after: fields.Field[dict[str, Any]] = fields.JSONField(null=True)
    reason = fields.CharField(max_length=71, null=True)
    request_id = fields.CharField(max_length=128, null=True)
    rows = fields.BinaryField()
    hash = fields.BinaryField()
    key = fields.CharField(max_length=32)
    mac = fields.BinaryField()

    class Meta:
        table = "audit"


class AuditHead(Model):
    """A counter: the last row of a programme's audit; transactions that add a row lock it."""

    programme_id = fields.UUIDField(primary_key=True)
    sequence = fields.BigIntField()
    hash = fields.BinaryField()

    class Meta:
        table = "audit_head"


class AuditReason(Model):
    """The text, encrypted, to which a row's `reason` is the commitment; both are null once it was
    erased.
    """

    programme_id = fields.UUIDField()
    sequence = fields.BigIntField(primary_key=True)
    salt = fields.BinaryField(null=True)
    value = fields.TextField(null=True)

    class Meta:
        table = "audit_reason"


class Revocation(Model):
    """Sessions of a subject that were ended: its tokens from before that instant, which is a real
    one, are refused. `subject` is a digest, under the secret key, of the subject in tokens.
    """

    programme_id = fields.UUIDField()
    subject = fields.BinaryField(primary_key=True)
    revoked_at = fields.DatetimeField()
    revoked_by = fields.CharField(max_length=200)

    class Meta:
        table = "revocation"
