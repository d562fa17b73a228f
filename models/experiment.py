"""Experiments: their ends, exposures of members to variants, and results of facts under them."""

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model


class ExperimentStop(Model):
    """The end of an experiment: by its last day, its budget, or staff, with their reason."""

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    experiment = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    cause = fields.CharField(max_length=8)
    actor = fields.CharField(max_length=200)
    reason = fields.TextField(null=True)

    class Meta:
        table = "experiment_stop"


class Exposure(Model):
    """When a member first met its variant: the first fact, quote or price that could differ by
    it.
    """

    KEPT_AS_FIRST: ClassVar = "member_id, experiment"
    """Columns by which the first row is kept, and later ones are ignored."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    experiment = fields.CharField(max_length=64)
    variant = fields.CharField(max_length=64)
    at = fields.DatetimeField()

    class Meta:
        table = "exposure"


class Trial(Model):
    """A fact that was judged by a variant: the points that it gave or took, and those that the
    control would have; `extra_points` is what the member gains by the difference.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    experiment = fields.CharField(max_length=64)
    variant = fields.CharField(max_length=64)
    booking_id = fields.UUIDField(null=True)
    activity_id = fields.UUIDField(null=True)
    redemption_id = fields.UUIDField(null=True)
    points = fields.BigIntField()
    control_points = fields.BigIntField()
    extra_points = fields.BigIntField()
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "trial"
