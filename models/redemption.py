"""Points spent on a reward, the state of that redemption, and reveals of its codes."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Redemption(Model):
    """`points` are all points taken; `worth_minor` is their worth, in minor units.

    `partner_account` is personal: the account at the partner that gets `partner_units` in total.
    `reference` is the partner's or supplier's name of its delivery. One granted by the programme
    took 0 points, and names the activity that gave it. `cost_minor` is what the reward's partner of
    then, `partner_id`, is paid for delivering all of it. One that nobody may confirm before staff
    have looked at it names its review. `stock_taken` says whether it took its quantity from a
    stock, null of no reward and from before this was recorded; `stock_returned` that it came back
    to one, or else null.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    reward_id = fields.UUIDField(null=True)
    status = fields.CharField(max_length=16)
    points = fields.BigIntField()
    quantity = fields.IntField()
    worth_minor = fields.BigIntField(null=True)
    currency = fields.CharField(max_length=3)
    codes: fields.Field[list[Any]] = fields.JSONField()
    activity_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=200)
    policy_version_id = fields.UUIDField()
    created_at = fields.DatetimeField()
    hold_expires_at = fields.DatetimeField(null=True)
    released_at = fields.DatetimeField(null=True)
    cost_minor = fields.BigIntField(null=True)
    partner_id = fields.UUIDField(null=True)
    partner_account = fields.CharField(max_length=64, null=True)
    partner_units = fields.IntField(null=True)
    tracking = fields.CharField(max_length=200, null=True)
    reference = fields.CharField(max_length=128, null=True)
    shipped_at = fields.DatetimeField(null=True)
    fulfilled_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)
    cancelled_by = fields.CharField(max_length=200, null=True)
    cancel_reason = fields.TextField(null=True)
    review_id = fields.UUIDField(null=True)
    stock_taken = fields.BooleanField(null=True)
    stock_returned = fields.BooleanField(null=True)

    class Meta:
        table = "redemption"


class CodeReveal(Model):
    """A caller that was shown the codes of a redemption, and the instant of the first time."""

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    redemption_id = fields.UUIDField()
    actor = fields.CharField(max_length=200)
    revealed_at = fields.DatetimeField()

    class Meta:
        table = "code_reveal"
