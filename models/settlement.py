"""Statements of partners, one per month, and payments for them."""

from tortoise import fields
from tortoise.models import Model


class PartnerStatement(Model):
    """A closed month, whose first day is `month`: figures, the terms that held, and the SHA-256 of
    its rows as CSV.

    Money is in minor units; above zero the partner pays `net_minor`. `settled_minor` counts
    payments upwards, to the amount of `net_minor`.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    partner_id = fields.UUIDField()
    month = fields.DateField()
    basis = fields.CharField(max_length=16)
    price_per_point = fields.DecimalField(max_digits=15, decimal_places=8)
    fee_percent = fields.DecimalField(max_digits=7, decimal_places=4)
    prepaid = fields.BooleanField()
    issued = fields.BigIntField()
    reversed = fields.BigIntField()
    redeemed = fields.BigIntField()
    expired = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    charge_minor = fields.BigIntField()
    fee_minor = fields.BigIntField()
    delivered_minor = fields.BigIntField()
    net_minor = fields.BigIntField()
    settled_minor = fields.BigIntField()
    sha256 = fields.BinaryField()
    closed_at = fields.DatetimeField()
    closed_by = fields.CharField(max_length=200)

    class Meta:
        table = "partner_statement"


class PartnerPayment(Model):
    """A payment of a part of a statement's net, by the side that owes it."""

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    statement_id = fields.UUIDField()
    amount_minor = fields.BigIntField()
    reference = fields.CharField(max_length=128)
    paid_at = fields.DatetimeField()
    paid_by = fields.CharField(max_length=200)

    class Meta:
        table = "partner_payment"
