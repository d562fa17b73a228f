"""A member, the account that is its lock and balance cache, and the rows it is found by."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Member(Model):
    """A member; its contacts are in `contact`.

    `profile_writers` is the kind of caller that wrote each key of the profile; a missing one was
    written before this was recorded. `email` and `phone` are null, except for values that servers
    from before `contact` write, until these are moved there.
    """

    member_id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    reference = fields.CharField(max_length=128)
    name = fields.CharField(max_length=200, null=True)
    email = fields.CharField(max_length=254, null=True)
    phone = fields.CharField(max_length=32, null=True)
    birthday = fields.DateField(null=True)
    birthday_changed_in = fields.IntField(null=True)
    locale = fields.CharField(max_length=16)
    profile: fields.Field[dict[str, Any]] = fields.JSONField()
    profile_writers: fields.Field[dict[str, str] | None] = fields.JSONField(null=True)
    status = fields.CharField(max_length=16)
    joined_at = fields.DatetimeField()
    referral_code = fields.CharField(max_length=16)
    referred_by = fields.UUIDField(null=True)

    class Meta:
        table = "member"


class Account(Model):
    """One row per member: the lock of every write, and the data that a read needs while nothing is
    due.

    Points are whole numbers, zero or more. `next_due_at` is the earliest instant at which the
    passage of time changes them; `last_hash` the head of the member's chain of entries, `seal_hash`
    that of its seals, null for a member from before these.

    `tier` is the higher of what the member earned, for a period until `tier_until` and the
    grace after it, and of what staff assigned; `tier_review_due_at` is the next of their ends.

    From `closed_at` on its member takes part no more: nothing is earned, and nothing is owed. Where
    it was merged, its points went to the account of `merged_into`, which `has_merged` says of that.
    """

    member_id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    pending = fields.BigIntField()
    available = fields.BigIntField()
    held = fields.BigIntField()
    owed = fields.BigIntField()
    sequence = fields.BigIntField()
    last_hash = fields.BinaryField()
    last_recorded_at = fields.DatetimeField(null=True)
    last_effective_at = fields.DatetimeField(null=True)
    next_due_at = fields.DatetimeField(null=True)
    tier = fields.CharField(max_length=64)
    tier_since = fields.DatetimeField()
    tier_until = fields.DatetimeField(null=True)
    tier_earned = fields.CharField(max_length=64)
    tier_grace_until = fields.DatetimeField(null=True)
    tier_assigned = fields.CharField(max_length=64, null=True)
    tier_assigned_until = fields.DatetimeField(null=True)
    tier_review_due_at = fields.DatetimeField(null=True)
    tier_recorded_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    merged_into = fields.UUIDField(null=True)
    has_merged = fields.BooleanField(default=False)
    seal_number = fields.BigIntField(null=True)
    seal_hash = fields.BinaryField(null=True)

    class Meta:
        table = "account"


class Lookup(Model):
    """A unique name of one row of one member in a programme: a reference, an address, a code.

    A booking known only by an earlier refund or completion has no member yet. For a contact it has
    the keyed digest, and finds its member only if it is proved.
    """

    programme_id = fields.UUIDField()
    scope = fields.CharField(max_length=16)
    value = fields.CharField(max_length=600, primary_key=True)
    member_id = fields.UUIDField(null=True)
    row_id = fields.UUIDField(null=True)
    proved_at = fields.DatetimeField(null=True)
    proved_by = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "lookup"
