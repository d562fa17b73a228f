"""The catalogue: rewards, their stock, and pooled coupon codes."""

from tortoise import fields
from tortoise.models import Model


class Reward(Model):
    """`names` and `descriptions` are by locale; `worth_minor` is in the programme's currency.

    One with `list_points` 0 is only given by grants, never redeemed.
    `low_water` is the number of pooled codes left at which staff are notified; a reward with a
    `partner_id` is delivered by that partner only. One of a partner's reward gives
    `partner_units` of the partner's own, which are called `unit_names` by locale.
    `cost_minor` is what its partner is paid for delivering one. A coupon's terms are
    `minimum_spend_minor` of a booking's lines of its `products`, the `valid_days` that its codes
    last, and whether it is `transferable`. What is delivered `requires` an ADDRESS or APPOINTMENT.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    code = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=16)
    names: fields.Field[dict[str, str]] = fields.JSONField()
    descriptions: fields.Field[dict[str, str]] = fields.JSONField()
    list_points = fields.BigIntField()
    open_value = fields.BooleanField()
    worth_minor = fields.BigIntField(null=True)
    image_url = fields.TextField(null=True)
    valid_from = fields.DatetimeField(null=True)
    valid_until = fields.DatetimeField(null=True)
    minimum_tier = fields.CharField(max_length=64, null=True)
    per_member_limit = fields.IntField(null=True)
    pooled_codes = fields.BooleanField()
    low_water = fields.IntField(null=True)
    partner_id = fields.UUIDField(null=True)
    partner_units = fields.IntField(null=True)
    unit_names: fields.Field[dict[str, str]] = fields.JSONField(null=True)
    theme = fields.CharField(max_length=64, null=True)
    cost_minor = fields.BigIntField(null=True)
    minimum_spend_minor = fields.BigIntField(null=True)
    products: fields.Field[list[str]] = fields.JSONField(null=True)
    valid_days = fields.IntField(null=True)
    transferable = fields.BooleanField(default=True)
    requires = fields.CharField(max_length=16, null=True)
    active = fields.BooleanField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "reward"


class RewardStock(Model):
    """The stock of a reward that can run out; one without a row here cannot."""

    reward_id = fields.UUIDField(primary_key=True)
    remaining = fields.BigIntField()

    class Meta:
        table = "reward_stock"


class StockChange(Model):
    """A change of a stock other than by redemptions: its size, the remainder, the actor and the
    instant.

    One without a `kind` is a correction by hand, and has its reason. From OPENED on a reward is
    counted, until CLOSED, when 0 is left; PLACED set another number. COUNTED takes the stock as it
    is where redemptions were not recorded, and changes nothing of it.
    """

    id = fields.UUIDField(primary_key=True)
    reward_id = fields.UUIDField()
    change = fields.BigIntField()
    remaining = fields.BigIntField()
    reason = fields.TextField(null=True)
    actor = fields.CharField(max_length=200)
    changed_at = fields.DatetimeField()
    kind = fields.CharField(max_length=16, null=True)

    class Meta:
        table = "stock_change"


class PoolStock(Model):
    """Number of remaining imported codes of a pool that expire at `valid_until`, or never.

    A pool without a row here has not been counted yet.
    """

    id = fields.UUIDField(primary_key=True)
    reward_id = fields.UUIDField()
    valid_until = fields.DatetimeField(null=True)
    remaining = fields.BigIntField()

    class Meta:
        table = "pool_stock"


class CouponCode(Model):
    """A coupon's code, imported or generated, and the redemption that it was given to.

    `code_key` is for comparison: without case and blanks, as people type it. `member_id` and
    `redemption_id` are without foreign keys: a catalogue row never depends on a member's. `ends_at`
    is its end since it was given where that is not its own `valid_until`; `extended_by` who of
    staff moved it last, and why. One that a booking used up names that and its member, while it is
    used.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    reward_id = fields.UUIDField()
    code = fields.CharField(max_length=128)
    code_key = fields.CharField(max_length=128, null=True)
    status = fields.CharField(max_length=16)
    member_id = fields.UUIDField(null=True)
    redemption_id = fields.UUIDField(null=True)
    imported_at = fields.DatetimeField()
    valid_until = fields.DatetimeField(null=True)
    issued_at = fields.DatetimeField(null=True)
    used_at = fields.DatetimeField(null=True)
    used_by = fields.CharField(max_length=200, null=True)
    voided_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    extended_at = fields.DatetimeField(null=True)
    extended_by = fields.CharField(max_length=200, null=True)
    extended_why = fields.TextField(null=True)
    booking_member_id = fields.UUIDField(null=True)
    booking_id = fields.UUIDField(null=True)

    class Meta:
        table = "coupon_code"
