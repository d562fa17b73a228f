"""Types of events about no member: policy, catalogue, partners, jobs and webhooks."""

from datetime import datetime

from domain.kernel.event_models import Count, EventData, JobId, Money, StatementId, WebhookId


class PolicyPublished(EventData):
    """A version of the programme's policy was published; without an instant it is in force from
    the beginning.
    """

    type = "policy.published"
    version: Count
    effective_from: datetime | None = None


class RewardChanged(EventData):
    """A reward of the catalogue is new or has changed."""

    type = "reward.changed"
    reward: str


class CouponLowWater(EventData):
    """A pool of coupon codes has reached its low-water mark; `left` codes are left."""

    type = "coupon.low_water"
    reward: str
    left: Count


class PartnerPointsLow(EventData):
    """A fifth or less of a partner's last purchase of points is left; sent once per purchase."""

    type = "partner.points_low"
    partner: str
    left: Count


class PartnerStatementClosed(EventData):
    """A month of a partner was closed; the partner pays a `net` above zero."""

    type = "partner.statement_closed"
    partner: str
    statement: StatementId
    month: str
    net: Money


class JobFinished(EventData):
    """An import or export has ended: DONE, FAILED (nothing was written), or CANCELLED. `done`
    counts rows written or already there, `refused` those refused. No other event reports the
    members that an import enrolled.
    """

    type = "job.finished"
    job: JobId
    kind: str
    status: str
    total: Count | None = None
    done: Count
    refused: Count


class WebhookPing(EventData):
    """A requested test message to an endpoint; it is in no feed."""

    type = "webhook.ping"
    webhook: WebhookId


class WebhookDisabled(EventData):
    """An endpoint was turned off; nothing is sent to it from this instant (of the real clock)."""

    type = "webhook.disabled"
    webhook: WebhookId
    since: datetime
