"""What members report themselves: it counts by when it was recorded, and is never dated back."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.activities import activity_reads
from domain.earning.values import Reason
from domain.kernel.callers import Caller
from domain.kernel.database import rows
from domain.kernel.refusals import InvalidInput
from domain.programmes import reader
from domain.programmes.programmes import Programme
from tests.domain.activities.test_activities import paid, report
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database", "proved")

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
TEN_MINUTES = timedelta(minutes=10)


async def established() -> Programme:
    """A programme of the shipped document, read from its text."""
    document = reader.to_document(reader.parse((make.SHIPPED / "ota.yaml").read_text()))
    return await make.establish({**document, "programme": make.shipped_document()["programme"]})


async def joined(programme: Programme, ago: timedelta) -> tuple[UUID, Caller]:
    """A member who joined so long ago, and its own caller."""
    member_id = await make.enrol(programme, reference="U-1", now=make.NOW - ago)
    return member_id, make.member_caller(programme, "U-1", member_id)


async def test_a_year_of_shares_dated_back_is_refused_day_by_day() -> None:
    programme = await established()
    member_id, own = await joined(programme, 400 * DAY)

    for days in range(1, 366):
        with pytest.raises(InvalidInput) as raised:
            await report(
                *(programme, member_id, "share", f"S-{days}"),
                caller=own,
                occurred_at=make.NOW - days * DAY,
            )
        assert (raised.value.reason, raised.value.path) == ("too_late_for_member", ("occurredAt",))

    assert await make.available(member_id) == 0
    assert await rows("SELECT id FROM activity WHERE member_id = $1", member_id) == []


async def test_ten_minutes_late_is_in_time_and_a_moment_more_is_not() -> None:
    programme = await established()
    member_id, own = await joined(programme, DAY)
    late = make.NOW - TEN_MINUTES
    facts = {"reason": "too_late_for_member", "allowed": ("2026-03-15T02:20:00+00:00",)}
    async with make.refused(programme, InvalidInput, "occurredAt", **facts):
        await report(*(programme, member_id, "share", "S-1"), caller=own, occurred_at=late - MOMENT)
    assert await paid(*(programme, member_id, "share", "S-1"), caller=own, occurred_at=late) == 50


async def test_the_limit_counts_by_when_it_was_recorded_whoever_reports_it() -> None:
    programme = await established()
    member_id, own = await joined(programme, 9 * DAY)

    assert await paid(programme, member_id, "share", "S-1", caller=own) == 50
    for back in (1, 2, 3):
        occurred_at = make.NOW - back * DAY
        reference = f"P-{back}"
        assert await paid(programme, member_id, "share", reference, occurred_at=occurred_at) == 0
    tomorrow = make.NOW + DAY
    assert await paid(programme, member_id, "share", "S-2", caller=own, now=tomorrow) == 50


async def test_what_was_before_joining_is_kept_and_pays_nothing_and_uses_no_limit() -> None:
    programme = await established()
    member_id, own = await joined(programme, timedelta(minutes=5))
    before = make.NOW - timedelta(minutes=5) - MOMENT

    outcome = await report(*(programme, member_id, "share", "S-1"), caller=own, occurred_at=before)

    assert outcome.figures["points_awarded"] == 0
    activity_id = UUID(outcome.figures["activity_id"])
    [explained] = (await activity_reads.explanations([(member_id, activity_id)])).values()
    assert explained.reasons == (Reason("before_joining", {"rule": "share"}, 0),)
    assert await paid(programme, member_id, "share", "S-2", caller=own) == 50
    # it stands for all others of that day
    again = await report(*(programme, member_id, "share", "S-3"), caller=own, occurred_at=before)
    assert again.figures == outcome.figures
    beyond = await report(*(programme, member_id, "share", "S-4"), caller=own)
    assert beyond.figures["activity_id"] != outcome.figures["activity_id"]
