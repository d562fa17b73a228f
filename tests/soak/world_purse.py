"""Every point of a random world's members, added up a second time from the answers of calls.

`Person.said` is the sum of answers. What grants gave and took is read from their rows, since jobs
have no answers; `world_grants` judges these rows. What expired is subtracted, and may only come
from lots whose last day is over.
"""

import calendar
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import ceil
from typing import Any
from uuid import UUID

from domain.kernel.database import rows
from domain.kernel.idempotency import Figures
from tests.soak.world import World
from tests.soak.written import Document
from tests.support.naive_asking import covers

_GRANTED = """
SELECT coalesce((SELECT sum(a.points) FROM activity a WHERE a.member_id = $1
        AND a.reporter = 'system'), 0)::bigint
    + coalesce((SELECT sum(CASE v.kind WHEN 'REVERSED' THEN -v.points_clawed_back ELSE v.points END)
        FROM activity_reversal v WHERE v.member_id = $1), 0)::bigint
    - coalesce((SELECT sum(e.points) FROM ledger_entry e WHERE e.member_id = $1
        AND e.kind = 'EXPIRE'), 0)::bigint AS points,
    (SELECT pending + available + held - owed FROM account c WHERE c.member_id = $1) AS total
"""

_EXPIRED = """
SELECT l.id, l.expires_at, e.effective_at FROM ledger_entry e
JOIN allocation x ON x.member_id = e.member_id AND x.entry_id = e.id
JOIN lot l ON l.member_id = x.member_id AND l.id = x.lot_id
WHERE e.member_id = $1 AND e.kind = 'EXPIRE'
    AND (l.expires_at IS NULL OR l.expires_at > e.effective_at)
"""

_LOTS = """
SELECT l.id, l.rule, l.funder, l.available_at, l.expires_at, v.version AS number FROM lot l
JOIN policy_version v ON v.id = l.policy_version_id
WHERE l.member_id = $1 AND l.booking_id IS NOT NULL AND l.available_at IS NOT NULL
    AND l.points > 0 AND EXISTS (SELECT FROM allocation x JOIN ledger_entry e
        ON e.member_id = x.member_id AND e.id = x.entry_id
        WHERE x.member_id = l.member_id AND x.lot_id = l.id AND e.kind = 'EARN')
"""


async def prove(world: World) -> None:
    """Assert that members have the points of all answers, each valid as long as its rule says."""
    for person in world.people:
        [found] = await rows(_GRANTED, person.member_id)
        total, expected = found["total"], person.said + found["points"]
        assert total == expected, f"{person} has {total}, not {expected}"
        early = await rows(_EXPIRED, person.member_id)
        assert not early, f"expired before their last day: {early}"
        for lot in await rows(_LOTS, person.member_id):
            document = world.documents[lot["number"] - 2][1]
            last = gone(world, document, lot["rule"], lot["available_at"])
            assert lot["expires_at"] == last, f"{lot} is gone at another instant than {last}"
            own = _rule(document, lot["rule"]).get("funder", "programme")
            assert lot["funder"] == own, f"{lot} is paid for by another than {own}"
        world.done["purses proved"] += 1


def _rule(document: Document, code: str | None) -> Mapping[str, Any]:
    return next((one for one in document.get("earning", ()) if one["code"] == code), {})


def gone(world: World, document: Document, rule: str | None, since: datetime) -> datetime | None:
    """When points available from an instant expire: after their last day; None if they never do."""
    terms = _rule(document, rule).get("expiry") or document["points"].get("expiry")
    if terms is None:
        return None
    day = since.astimezone(world.zone).date()
    years, month = divmod(day.month - 1 + terms["months"], 12)
    year, month = day.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    through = last if terms.get("through") == "month" else min(day.day, last)
    after = date(year, month, through) + timedelta(days=1)
    return datetime.combine(after, time(), world.zone)


def change(kind: str, figures: Figures) -> int:
    """How many points more the member has by a call's figures, without points that it spent."""
    return sum(
        sign * int(figures.get(name, 0) or 0)
        for name, sign in {
            "booking": {"points_awarded": 1},
            "activity": {"points_awarded": 1},
            "refund": {"points_clawed_back": -1, "points_reinstated": 1},
            "amendment": {"points_awarded": 1, "points_clawed_back": -1, "points_reinstated": 1},
        }.get(kind, {}).items()
    )


async def parked(booking_id: UUID, member_id: UUID) -> int:
    """The change in points by refunds that waited for a booking and were applied with it."""
    found = await rows(
        "SELECT points_clawed_back, points_reinstated FROM refund WHERE member_id = $1 "
        "AND booking_id = $2",
        member_id,
        booking_id,
    )
    return sum(change("refund", one) for one in found)


async def redemption(member_id: UUID, redemption_id: UUID) -> tuple[str, int]:
    """The status of a redemption, and its points."""
    [found] = await rows(
        "SELECT status, points FROM redemption WHERE member_id = $1 AND id = $2",
        member_id,
        redemption_id,
    )
    return found["status"], found["points"]


def price(world: World, tier: str, listed: int) -> int:
    """The price of a reward in points, by the best rate that applies, rounded up."""
    document, factors = world.document, [Fraction(1)]
    seasons = {one["code"]: one["spans"] for one in document.get("seasons", ())}
    for rate in document.get("redemption_rates", ()):
        spans = [span for code in rate.get("seasons", ()) for span in seasons[code]]
        if ("tiers" not in rate or tier in rate["tiers"]) and (
            "seasons" not in rate or any(covers(span, world.today) for span in spans)
        ):
            factors.append(Fraction(str(rate["factor"])))
    return ceil(listed / max(factors))
