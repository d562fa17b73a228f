"""When an activity counts: what does not match is kept, pays nothing and uses no limit."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.activities import activities, activity_reads
from domain.activities.contents import ActivitySent
from domain.kernel.callers import Caller
from domain.kernel.database import rows
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make

_numbers = itertools.count(1)

DAY = timedelta(days=1)
NOW = make.NOW
"""A Sunday in Shanghai."""


async def opened(limit: dict[str, Any] | None = None, **rule: Any) -> Programme:
    """A programme with one activity, 50 points."""
    share: dict[str, Any] = {
        "code": "share",
        "name": make.WORDS,
        "points": 50,
        "reporters": ["member", "partner"],
        **rule,
    }
    if limit is not None:
        share["limit"] = limit
    spans = [{"from": "2026-03-15", "through": "2026-03-20"}]
    season = {"code": "spring", "name": make.WORDS, "spans": spans}
    return await make.establish(
        make.shipped_document(activities=[share], seasons=[season], redemption_rates=[])
    )


async def share(
    programme: Programme, member_id: UUID, *, caller: Caller | None = None, now: datetime = NOW
) -> int:
    """The points of one report."""
    sent = ActivitySent("share", f"S{next(_numbers)}")
    request = make.request(caller or make.partner(programme), now=now)
    outcome = await activities.earn(request, programme, MemberKey.of_id(member_id), sent)
    points: int = outcome.figures["points_awarded"]
    return points


@pytest.mark.parametrize(
    ("rule", "points"),
    [
        ({"valid": {"from": "2026-03-15", "through": "2026-03-15"}}, 50),
        ({"valid": {"from": "2026-03-16"}}, 0),
        ({"valid": {"through": "2026-03-14"}}, 0),
        ({"when": {"weekdays": ["sun"]}}, 50),
        ({"when": {"weekdays": ["mon"]}}, 0),
        ({"when": {"seasons": ["spring"]}}, 50),
        ({"when": {"tiers": ["silver"]}}, 50),
        ({"when": {"tiers": ["gold"]}}, 0),
        ({"when": {"member": {"birthday_month": True}}}, 50),
        ({"when": {"member": {"profile": {"travel_style": "independent"}}}}, 50),
        ({"when": {"member": {"profile": {"travel_style": "guided"}}}}, 0),
        ({"when": {"member": {"joined_days": {"min": 30}}}}, 50),
        ({"when": {"member": {"joined_days": {"min": 31}}}}, 0),
    ],
)
async def test_all_that_it_asks_for_must_be_so(
    database: Database, rule: dict[str, Any], points: int
) -> None:
    programme = await opened(**rule)
    member_id = await make.enrol(
        programme,
        now=NOW - 30 * DAY,
        birthday=date(1990, 3, 1),
        profile={"travel_style": "independent"},
    )
    assert await share(programme, member_id) == points
    [kept] = await rows("SELECT * FROM activity WHERE member_id = $1", member_id)
    assert (kept["points"], kept["within_limit"]) == (points, points > 0)
    assert ("not_matching" in kept["explanation"]) == (points == 0)
    assert await make.faults(member_id) == []


async def test_what_does_not_match_uses_no_limit(database: Database) -> None:
    """Sunday's report pays nothing; on Monday there is still the one of the month."""
    programme = await opened({"times": 1, "per": "month"}, when={"weekdays": ["mon"]})
    member_id = await make.enrol(programme)
    assert await share(programme, member_id) == 0
    assert await share(programme, member_id, now=NOW + DAY) == 50
    assert await share(programme, member_id, now=NOW + 8 * DAY) == 0
    told = await rows(
        "SELECT explanation -> 0 ->> 'code' AS said FROM activity WHERE member_id = $1 "
        "ORDER BY recorded_at",
        member_id,
    )
    assert [one["said"] for one in told] == ["not_matching", "activity", "limit_reached"]


async def test_of_a_members_own_that_do_not_match_one_a_day_is_kept(database: Database) -> None:
    programme = await opened(when={"weekdays": ["mon"]})
    member_id = await make.enrol(programme, reference="li")
    own = make.member_caller(programme, "li", member_id)
    for minute in range(3):
        now = NOW + timedelta(minutes=minute)
        assert await share(programme, member_id, caller=own, now=now) == 0
    [kept] = await rows(
        "SELECT a.points, t.attempts FROM activity a JOIN activity_attempts t "
        "ON t.member_id = a.member_id AND t.id = a.id WHERE a.member_id = $1",
        member_id,
    )
    assert (kept["points"], kept["attempts"]) == (0, 3)
    [shown] = await rows("SELECT id FROM activity WHERE member_id = $1", member_id)
    assert await activity_reads.attempts(member_id, shown["id"]) is None  # it uses no limit
    for minute in range(2):
        await share(programme, member_id, now=NOW + timedelta(minutes=minute))
    [count] = await rows("SELECT count(*) AS c FROM activity WHERE member_id = $1", member_id)
    assert count["c"] == 3  # a partner's are kept each
