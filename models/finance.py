"""Money for points: the value of each lot, the journal of settled days, and periods."""

from tortoise import fields
from tortoise.models import Model


class LotValue(Model):
    """The amount deferred for a lot when it was credited, in minor units.

    `source_lot_id` is the lot whose points returned in this one, if they did not return to their
    own.
    """

    member_id = fields.UUIDField()
    lot_id = fields.UUIDField(primary_key=True)
    amount = fields.BigIntField()
    source_lot_id = fields.UUIDField(null=True)

    class Meta:
        table = "lot_value"


class JournalDay(Model):
    """Amounts that a settled day moved in one account, in minor units.

    `funder` pays for the points; `cohort` is the month in which they were earned, as `2026-12`, and
    `-` where the account has none. `points` are those credited less those debited.
    """

    programme_id = fields.UUIDField(primary_key=True)
    day = fields.DateField()
    account = fields.CharField(max_length=80)
    funder = fields.CharField(max_length=64)
    cohort = fields.CharField(max_length=7)
    debit = fields.BigIntField()
    credit = fields.BigIntField()
    points = fields.BigIntField()

    class Meta:
        table = "journal_day"


class LiabilityDay(Model):
    """Amounts deferred at the end of a day, by the month in which the points expire.

    `expiry_month` is `-` for points that never expire or whose expiry is not known yet.
    """

    programme_id = fields.UUIDField(primary_key=True)
    day = fields.DateField()
    expiry_month = fields.CharField(max_length=7)
    funder = fields.CharField(max_length=64)
    points = fields.BigIntField()
    amount = fields.BigIntField()

    class Meta:
        table = "liability_day"


class ClosedPeriod(Model):
    """A month whose journal never changes, by its first day, with the SHA-256 of that journal."""

    programme_id = fields.UUIDField(primary_key=True)
    month = fields.DateField()
    sha256 = fields.BinaryField()
    closed_at = fields.DatetimeField()
    closed_by = fields.CharField(max_length=200)

    class Meta:
        table = "closed_period"
