"""A programme and the immutable versions of its policy document."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Programme(Model):
    id = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=64, unique=True)
    clock_offset_seconds = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "programme"


class PolicyVersion(Model):
    """`effective_from` is null for a version that holds from the beginning of time.

    `source` is the document's text as it was written, null if it was read from none; `approved_by`
    is the second person, null if the previous version required none.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    version = fields.IntField()
    effective_from = fields.DatetimeField(null=True)
    document: fields.Field[dict[str, Any]] = fields.JSONField()
    source = fields.TextField(null=True)
    note = fields.TextField()
    published_by = fields.CharField(max_length=200)
    published_at = fields.DatetimeField()
    approved_by = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "policy_version"


class PolicyDraft(Model):
    """A document that is being written; saving it again names the revision that was read."""

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    name = fields.CharField(max_length=100)
    revision = fields.IntField()
    document = fields.TextField()
    saved_at = fields.DatetimeField()
    saved_by = fields.CharField(max_length=200)

    class Meta:
        table = "policy_draft"


class PolicyRaise(Model):
    """Progress of the review that raises tiers under a new version.

    `position` is the last member that was reviewed, in the order of their ids.
    """

    policy_version_id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    position = fields.UUIDField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "policy_raise"
