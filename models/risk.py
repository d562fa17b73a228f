"""What looked like fraud: signals of facts, what rules decided of them, and what staff did."""

from tortoise import fields
from tortoise.models import Model


class Signal(Model):
    """A device, a card, an address or a key by which a fact of a member came: only a digest of it,
    made under the installation's key. `points` are those of the fact; what is earned says by which
    (`fact`), unless it is older than that was kept.
    """

    programme_id = fields.UUIDField()
    kind = fields.CharField(max_length=8)
    digest = fields.BinaryField()
    id = fields.UUIDField(primary_key=True)
    member_id = fields.UUIDField()
    moment = fields.CharField(max_length=8)
    fact = fields.CharField(max_length=8, null=True)
    points = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "signal"


class RiskDecision(Model):
    """A rule that fired at a fact, and what it decides; one in the mode `shadow` decided nothing.

    `fact_id` is the booking, amendment or activity, the redemption that holds what is to be spent,
    or the member that enrolled; null for what was denied and so is not there. Of whom nothing is
    there, the programme's id stands for the member's. Points that are held wait `until`.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    policy_version_id = fields.UUIDField()
    rule = fields.CharField(max_length=64)
    moment = fields.CharField(max_length=8)
    fact_id = fields.UUIDField(null=True)
    decision = fields.CharField(max_length=8)
    mode = fields.CharField(max_length=8)
    points = fields.BigIntField()
    until = fields.DatetimeField(null=True)
    review_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "risk_decision"


class Review(Model):
    """A fact that waits for staff to decide: its points are pending or held until then.

    What is to be spent comes back at `ends_at` if nobody decides. It LAPSED with the membership
    that it was about. `counterpart_id` is who would get a transfer, and `note` what its giver
    wrote.
    """

    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    moment = fields.CharField(max_length=8)
    fact_id = fields.UUIDField()
    points = fields.BigIntField()
    counterpart_id = fields.UUIDField(null=True)
    note = fields.TextField(null=True)
    opened_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    state = fields.CharField(max_length=8)
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.CharField(max_length=200, null=True)
    reason = fields.TextField(null=True)

    class Meta:
        table = "review"
