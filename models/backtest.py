"""Back-tests: results of a candidate policy for members' facts."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Backtest(Model):
    """`candidate` is the document's text, `baseline` a version's number, `baseline_text` another
    document's text; both are null for the versions in force.

    Members are played in the order of their ids; `position` is the last one played in this `round`,
    and `sums` are those of all up to it. `clipping` is the progress of clipping claims on budgets
    after it, null while members are played. What the figures do not show is listed in `omitted`.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    status = fields.CharField(max_length=16)
    candidate = fields.TextField()
    baseline = fields.IntField(null=True)
    baseline_text = fields.TextField(null=True)
    segment = fields.CharField(max_length=64, null=True)
    from_at = fields.DatetimeField()
    until_at = fields.DatetimeField()
    cutoff = fields.DatetimeField()
    created_by = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    members = fields.BigIntField()
    round = fields.IntField(db_default=1)
    clipping: fields.Field[list[Any] | None] = fields.JSONField(null=True)
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


class BacktestClaim(Model):
    """Points that a rule with a budget would grant one fact of a member, on one `side`.

    Claims of one rule and period share a budget of `total` in the order of `recorded_at`,
    `fact_id`, member and `number`. `taken` were taken by what was known when it was played; what
    the budget left, what was granted out of it, and what the fact has by then (`net`) is written
    by clipping. `before_id` is the claim of the same rule and fact before it.
    """

    member_id = fields.UUIDField()
    backtest_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    side = fields.SmallIntField()
    before_id = fields.UUIDField(null=True)
    recorded_at = fields.DatetimeField()
    fact_id = fields.UUIDField()
    number = fields.IntField()
    rule = fields.CharField(max_length=64)
    period = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=8)
    total = fields.BigIntField()
    points = fields.BigIntField()
    taken = fields.BigIntField()
    left_points = fields.BigIntField(null=True)
    granted = fields.BigIntField(null=True)
    net = fields.BigIntField(null=True)

    class Meta:
        table = "backtest_claim"
