"""Facts that looked like fraud: their signals, decisions of rules, and reviews by staff."""

from tortoise import fields
from tortoise.models import Model


class Signal(Model):
    """A device, a card, an address or a key with which a fact of a member was sent: only its
    digest, made with the installation's key. `points` are those of the fact; an earning one has its
    kind (`fact`), unless it is older than this column.
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
    """A rule that fired at a fact, and its decision; one in the mode `shadow` decided nothing.

    `fact_id` is the booking, amendment or activity, the redemption that holds points to be spent,
    or the enrolled member; null for a denied fact, which is not stored. Without any stored member,
    the programme's id replaces the member's. Points that are held wait `until`.
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

    Held points return at `ends_at` if nobody decides. It LAPSED if its membership ended.
    `counterpart_id` is the receiver of a transfer, and `note` the giver's text.
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
