"""A partner's system and the API keys it calls with."""

from tortoise import fields
from tortoise.models import Model


class Partner(Model):
    """`scopes`, separated by spaces, are the most that one of its keys may have; null, none."""

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    code = fields.CharField(max_length=64)
    name = fields.CharField(max_length=200)
    scopes = fields.CharField(max_length=200, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "partner"


class PartnerTerms(Model):
    """Terms of a partner from a month on, whose first day is `from_month`.

    Amounts are in units of the programme's currency. Of several for one month the last `version`
    counts.
    """

    id = fields.UUIDField(primary_key=True)
    partner_id = fields.UUIDField()
    from_month = fields.DateField()
    version = fields.IntField()
    programme_id = fields.UUIDField()
    basis = fields.CharField(max_length=16)
    price_per_point = fields.DecimalField(max_digits=15, decimal_places=8)
    fee_percent = fields.DecimalField(max_digits=7, decimal_places=4)
    prepaid = fields.BooleanField()
    saved_at = fields.DatetimeField()
    saved_by = fields.CharField(max_length=200)

    class Meta:
        table = "partner_terms"


class PartnerPoints(Model):
    """A counter of points that a partner bought in advance, and of those that its rules `used`.

    Granted points count net, with reservations of open quotes. When `low_mark` or less is left of
    the last purchase, the partner is notified; null after that.
    """

    partner_id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    bought = fields.BigIntField()
    used = fields.BigIntField()
    low_mark = fields.BigIntField(null=True)

    class Meta:
        table = "partner_points"


class PartnerPurchase(Model):
    """Points that a partner bought, under a reference that it has once."""

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    partner_id = fields.UUIDField()
    points = fields.BigIntField()
    reference = fields.CharField(max_length=128)
    bought_at = fields.DatetimeField()
    bought_by = fields.CharField(max_length=200)

    class Meta:
        table = "partner_purchase"


class PartnerKey(Model):
    """A credential: of a secret key only SHA-256 is kept; a public key has no secret.

    `scopes` are separated by spaces; a public key has no partner. Its instants and the day of
    its last use (UTC) are real ones, whatever the programme's clock says.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    programme_id = fields.UUIDField()
    partner_id = fields.UUIDField(null=True)
    environment = fields.CharField(max_length=16)
    secret_sha256 = fields.BinaryField(null=True)
    scopes = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    label = fields.CharField(max_length=200, null=True)
    expires_at = fields.DatetimeField(null=True)
    last_used_on = fields.DateField(null=True)
    replaced_by = fields.CharField(max_length=32, null=True)

    class Meta:
        table = "partner_key"
