"""Back-tests: what a candidate policy would have made of what members did."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Backtest(Model):
    """`candidate` is the document's text, `baseline` a version's number, null for those in force.

    Members are played in the order of their ids; `position` is the last one played, and `sums`
    are those of all up to it. What both sides leave out is listed in `omitted`.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    status = fields.CharField(max_length=16)
    candidate = fields.TextField()
    baseline = fields.IntField(null=True)
    from_at = fields.DatetimeField()
    until_at = fields.DatetimeField()
    cutoff = fields.DatetimeField()
    created_by = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    members = fields.BigIntField()
    played = fields.BigIntField(db_default=0)
    assumed = fields.BigIntField(db_default=0)
    position = fields.UUIDField(null=True)
    sums: fields.Field[dict[str, Any]] = fields.JSONField()
    omitted: fields.Field[list[str]] = fields.JSONField()
    failure = fields.TextField(null=True)
    finished_at = fields.DatetimeField(null=True)
    hash = fields.BinaryField(null=True)

    class Meta:
        table = "backtest"
