"""Proposals by staff and decisions by another person; both are written once."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Proposal(Model):
    """A call of staff that another person decides before `expires_at`; `sha256` is of `input`."""

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    operation = fields.CharField(max_length=64)
    input: fields.Field[dict[str, Any]] = fields.JSONField()
    sha256 = fields.BinaryField()
    proposed_by = fields.CharField(max_length=200)
    proposed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "proposal"


class ProposalDecision(Model):
    """Decision of the proposal with this id; with its proposer, and the end of the time in which it
    was open.
    """

    id = fields.UUIDField(primary_key=True)
    programme_id = fields.UUIDField()
    proposed_by = fields.CharField(max_length=200)
    expires_at = fields.DatetimeField()
    outcome = fields.CharField(max_length=16)
    decided_by = fields.CharField(max_length=200)
    decided_at = fields.DatetimeField()
    reason = fields.TextField(null=True)

    class Meta:
        table = "proposal_decision"


class StaffDay(Model):
    """A counter: the points that one person of staff gave without approval on a local day."""

    programme_id = fields.UUIDField()
    person = fields.CharField(max_length=200, primary_key=True)
    day = fields.DateField()
    points = fields.BigIntField()

    class Meta:
        table = "staff_day"
