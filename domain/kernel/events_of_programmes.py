"""Types of events of no member: what a programme offers, and by which rules."""

from datetime import datetime

from domain.kernel.event_models import Count, EventData, JobId, Money, StatementId, WebhookId


class PolicyPublished(EventData):
    """A version of the programme's policy was published; without an instant it holds from the
    beginning.
    """

    type = "policy.published"
    version: Count
    effective_from: datetime | None = None


class RewardChanged(EventData):
    """A reward of the catalogue is new, or otherwise than it was."""

    type = "reward.changed"
    reward: str


class CouponLowWater(EventData):
    """A pool of codes came down to its low-water mark; so many are left."""

    type = "coupon.low_water"
    reward: str
    left: Count


class PartnerPointsLow(EventData):
    """Of the points that a partner bought last a fifth or less is left; told once a purchase."""

    type = "partner.points_low"
    partner: str
    left: Count


class PartnerStatementClosed(EventData):
    """A month of a partner was closed; above zero the partner pays the net."""

    type = "partner.statement_closed"
    partner: str
    statement: StatementId
    month: str
    net: Money


class JobFinished(EventData):
    """An import or export is over: DONE, FAILED, when nothing of it was written, or CANCELLED. Of
    an import the rows that were written or known, and those refused; members that it brought in
    are told of by nothing else.
    """

    type = "job.finished"
    job: JobId
    kind: str
    status: str
    total: Count | None = None
    done: Count
    refused: Count


class WebhookPing(EventData):
    """A message that somebody asked for, to try an endpoint; it stands in no feed."""

    type = "webhook.ping"
    webhook: WebhookId


class WebhookDisabled(EventData):
    """An endpoint was turned off; from this instant (a real one) nothing is sent to it."""

    type = "webhook.disabled"
    webhook: WebhookId
    since: datetime
