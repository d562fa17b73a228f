"""The granted part of each rule's budget."""

from tortoise import fields
from tortoise.models import Model


class RuleBudget(Model):
    """A counter of points that the rule granted in `period`, net, and that quotes reserve.

    `total` is the most that any policy version allowed it so far.
    """

    programme_id = fields.UUIDField()
    rule = fields.CharField(max_length=64, primary_key=True)
    period = fields.CharField(max_length=10)
    total = fields.BigIntField()
    used = fields.BigIntField()

    class Meta:
        table = "rule_budget"
