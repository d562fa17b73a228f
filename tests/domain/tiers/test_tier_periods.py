"""What becomes of tiers in time: renewed, kept for a grace, lost; the same however late found."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.accounts import tier_sweeps
from domain.bookings import quotes
from domain.bookings.quotes import QuoteSent
from domain.members import members
from domain.programmes import levels, reader
from domain.programmes.programmes import Programme
from domain.tiers import qualification, tiers, values
from domain.tiers.values import Holding
from tests.domain.tiers.test_tier_windows import local
from tests.support import factories as make
from tests.support import tiered, travel

pytestmark = pytest.mark.usefixtures("database", "proved")
JOINED = local("2026-01-10T09:00")
SPENT = make.NOW  # 15 March 2026, 10:30
PERIOD_END = local("2028-03-16T00:00")
GRACE_END = local("2028-04-15T00:00")
INSTANT = timedelta(microseconds=1)


async def spender(document: dict[str, Any], amount: str) -> tuple[Programme, UUID]:
    """A member that joined in January and spent so much on 15 March."""
    programme = await make.establish(document)
    member_id = await make.enrol(programme, now=JOINED)
    await make.book(programme, member_id, ("hotel", amount), now=SPENT)
    return programme, member_id


async def test_a_tier_lasts_through_its_last_day_and_its_grace() -> None:
    programme, member_id = await spender(tiered.ctrip(), "3000")
    assert await tiered.holding(member_id) == Holding(
        member_id, "silver", SPENT, "silver", until=PERIOD_END, recorded_at=SPENT
    )
    assert await tier_sweeps.count_due(programme, PERIOD_END - INSTANT) == 0
    assert await tiered.sweep(programme, PERIOD_END - INSTANT) == []

    assert await tier_sweeps.count_due(programme, PERIOD_END) == 1
    assert await tiered.sweep(programme, PERIOD_END) == [member_id]
    in_grace = await tiered.holding(member_id)
    assert (in_grace.tier, in_grace.grace_until) == ("silver", GRACE_END)
    assert in_grace.kept_until == GRACE_END
    assert await tiered.decisions(member_id) == [("qualified", "member", "silver")]

    assert await tiered.sweep(programme, GRACE_END - INSTANT) == []
    assert await tiered.sweep(programme, GRACE_END) == [member_id]
    assert await tiered.holding(member_id) == Holding(
        member_id, "member", GRACE_END, "member", recorded_at=GRACE_END
    )
    *_, lost = await tiered.recorded(member_id)
    assert (lost["reason"], lost["from_tier"], lost["to_tier"]) == (
        *("period_end", "silver", "member"),
    )
    assert (lost["judged_at"], lost["effective_at"], lost["until"]) == (GRACE_END, GRACE_END, None)
    assert lost["inputs"] == {
        **dict.fromkeys(("spend_minor", "bookings", "nights", "points", "completed_bookings"), 0),
        "from": "2026-04-14T16:00:00+00:00",
        "until": "2028-04-14T16:00:00+00:00",
    }
    assert await tiered.notified(member_id) == [("member", "silver"), ("silver", "member")]
    assert await tiered.sweep(programme, GRACE_END + timedelta(days=3650)) == []


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        ("2026-03-15T23:59:59", False),  # the day that the period was reached on is behind it
        ("2026-03-16T00:00", True),
        ("2028-03-15T23:59:59", True),
    ],
)
async def test_a_tier_is_renewed_by_what_the_period_counted(day: str, kept: bool) -> None:
    programme, member_id = await spender(tiered.ctrip(), "3000")
    between = {local("2027-05-05T12:00"): "2999.99", local(day): "0.01"}
    for booked_at, amount in sorted(between.items()):
        await make.book(programme, member_id, ("hotel", amount), now=booked_at)

    assert await tiered.sweep(programme, PERIOD_END) == [member_id]

    found = await tiered.holding(member_id)
    assert (found.tier, found.since, found.grace_until) == (
        *("silver", SPENT),
        None if kept else GRACE_END,
    )
    assert found.until == (local("2030-03-17T00:00") if kept else PERIOD_END)
    assert await tiered.decisions(member_id) == [
        ("qualified", "member", "silver"),
        *([("renewed", "silver", "silver")] if kept else []),
    ]
    assert await tiered.notified(member_id) == [("member", "silver")]


async def test_in_the_grace_the_member_still_qualifies_and_begins_a_new_period() -> None:
    programme, member_id = await spender(tiered.ctrip(), "3000")
    await tiered.sweep(programme, PERIOD_END)
    day = local("2028-04-01T12:00")

    assert await make.book(programme, member_id, ("hotel", "2999.99"), now=day) == 3299  # ×1.1
    assert (await tiered.holding(member_id)).grace_until == GRACE_END
    await make.book(programme, member_id, ("hotel", "0.01"), now=day)

    found = await tiered.holding(member_id)
    assert (found.tier, found.until, found.grace_until) == (
        *("silver", local("2030-04-02T00:00"), None),
    )
    assert (await tiered.decisions(member_id))[1:] == [("renewed", "silver", "silver")]
    assert await tiered.sweep(programme, GRACE_END) == []


async def test_an_upgrade_in_the_grace_ends_it() -> None:
    programme, member_id = await spender(tiered.ctrip(), "3000")
    day = local("2028-04-14T23:59")
    await make.book(programme, member_id, ("hotel", "10000"), now=day)
    found = await tiered.holding(member_id)
    assert (found.tier, found.until, found.grace_until) == (
        *("gold", local("2030-04-15T00:00"), None),
    )


STEPS = [
    ("gold", GRACE_END, local("2030-04-16T00:00")),
    ("silver", local("2030-05-16T00:00"), local("2032-05-17T00:00")),
    ("member", local("2032-06-16T00:00"), None),
]
"""Where a platinum member comes to that never books again, when, and until when."""


@pytest.mark.parametrize("timely", [True, False])
async def test_a_job_that_was_down_decides_as_it_would_have_done(timely: bool) -> None:
    programme, member_id = await spender(tiered.ctrip(), "30000")
    late = local("2033-01-01T00:00")
    if timely:
        for _, judged_at, _ in STEPS:
            await tiered.sweep(programme, judged_at)
    await tiered.sweep(programme, late)

    lost = (await tiered.recorded(member_id))[1:]
    assert [(one["to_tier"], one["judged_at"], one["until"]) for one in lost] == STEPS
    assert [one["from_tier"] for one in lost] == ["platinum", "gold", "silver"]
    recorded = [one["judged_at"] if timely else late for one in lost]
    assert [one["recorded_at"] for one in lost] == recorded
    assert [one["effective_at"] for one in lost] == recorded
    assert [one["inputs"]["until"] for one in lost] == [at.isoformat() for _, at, _ in STEPS]
    assert len(await tiered.notified(member_id)) == 4


async def test_nobody_earns_at_a_tier_that_ended_though_no_job_ran() -> None:
    programme, member_id = await spender(tiered.ctrip(), "30000")
    day = local("2029-06-01T12:00")
    member = (await members.many([member_id]))[member_id]
    sent = QuoteSent((make.line_of("hotel", "1000"),))

    quote = await quotes.earning(programme, member, sent, day)
    assert quote.evaluation.points == 1200
    assert await make.book(programme, member_id, ("hotel", "1000"), now=day) == 1200  # gold

    assert (await tiered.decisions(member_id))[1:] == [("period_end", "platinum", "gold")]
    # a fact of a day on which the recorded tier was another is judged by that one
    before = local("2029-05-31T12:00")
    earned = await make.book(programme, member_id, ("hotel", "1000"), now=day, booked_at=before)
    assert earned == 1500


async def test_a_refund_acts_at_the_end_of_the_period() -> None:
    programme = await make.establish(tiered.ctrip())
    member_id = await make.enrol(programme, now=JOINED)
    flight = make.line_of("flight", "3000")
    await travel.pay(programme, member_id, "B1", flight, now=SPENT)
    await travel.pay(programme, member_id, "B2", flight, now=local("2026-03-20T12:00"))

    await travel.refund(programme, "B2", "R", now=local("2026-04-01T12:00"))

    assert (await tiered.holding(member_id)).tier == "silver"
    current = programme.versions[0].policy
    assert await tiered.amount(member_id, current, local("2026-04-02T12:00")) == 3000
    await tiered.sweep(programme, PERIOD_END)
    assert (await tiered.holding(member_id)).grace_until == GRACE_END


async def test_a_refund_that_acts_now_begins_a_period_on_what_is_left() -> None:
    document = tiered.ctrip()
    document["refunds"]["tier"] = "now"
    programme, member_id = await spender(document, "3000")
    await travel.pay(programme, member_id, "B", make.line_of("flight", "7000"), now=SPENT)
    day = local("2026-06-30T12:00")

    await travel.refund(programme, "B", "R", now=day)

    found = await tiered.holding(member_id)
    assert (found.tier, found.until) == ("silver", local("2028-07-01T00:00"))
    assert (await tiered.recorded(member_id))[-1]["inputs"]["spend_minor"] == 300_000
    assert await tiered.notified(member_id) == [
        *(("member", "silver"), ("silver", "gold"), ("gold", "silver")),
    ]
    # a booking that lies before the window is not what the tier rests on
    late = local("2028-05-01T12:00")
    await make.book(programme, member_id, ("hotel", "3000"), now=late)
    before = await tiered.decisions(member_id)
    assert (
        qualification.downgrade(
            programme.versions[0],
            await tiered.holding(member_id),
            await tiers.sums(member_id, programme.versions[0].policy, late),
            values.Credit(member_id, SPENT, late, values.Qualifying(spend_minor=-300_000)),
        )
        is None
    )
    assert await tiered.decisions(member_id) == before


async def test_nobody_falls_below_the_floor() -> None:
    document = tiered.ctrip(downgrade={"to": "qualified", "floor": "silver"})
    programme, member_id = await spender(document, "30000")
    await tiered.sweep(programme, PERIOD_END)
    found = await tiered.holding(member_id)
    assert (found.tier, found.until, found.due_at) == ("silver", None, None)
    assert await tiered.decisions(member_id) == [
        ("qualified", "member", "platinum"),
        ("period_end", "platinum", "silver"),
    ]


async def test_new_rules_give_a_period_to_the_tiers_of_old_ones() -> None:
    """A lifetime programme that begins to count 24 months, and later counts for ever again."""
    document = make.shipped_document()
    programme, member_id = await spender(document, "20000")
    assert (await tiered.holding(member_id)).until is None
    begins = local("2026-07-01T00:00")
    rolling = {**document["tiers"], "window": {"months": 24}, "downgrade": {"to": "qualified"}}
    programme = await make.publish(
        programme, {**document, "tiers": rolling}, effective_from=begins, now=SPENT
    )
    entry = await make.enrol(programme, now=SPENT)
    assert await tiered.sweep(programme, begins - INSTANT) == []

    assert await tier_sweeps.count_due(programme, local("2026-09-01T00:00")) == 1
    assert await tiered.sweep(programme, local("2026-09-01T00:00")) == [member_id]

    assert (await tiered.holding(member_id)).until == local("2028-07-02T00:00")
    [_, opened] = await tiered.recorded(member_id)
    assert (opened["reason"], opened["judged_at"]) == ("opened", begins)
    assert opened["inputs"]["spend_minor"] == 2_000_000
    programme = await make.publish(
        programme, document, effective_from=local("2028-01-01T00:00"), now=SPENT
    )
    assert await tiered.sweep(programme, local("2029-01-01T00:00")) == [member_id]
    found = await tiered.holding(member_id)
    assert (found.tier, found.until, found.due_at) == ("platinum", None, None)
    assert (await tiered.decisions(member_id))[1:] == [
        *(("opened", "platinum", "platinum"), ("renewed", "platinum", "platinum")),
    ]
    assert await tiered.decisions(entry) == []


async def test_a_sweep_that_was_stopped_goes_on_and_leaves_other_programmes() -> None:
    programme, other = await make.establish(tiered.ctrip()), await make.establish(tiered.ctrip())
    due = [await make.enrol(programme, now=JOINED) for _ in range(3)]
    for member_id in due:
        await make.book(programme, member_id, ("hotel", "3000"), now=SPENT)
    await make.book(other, await make.enrol(other, now=JOINED), ("hotel", "3000"), now=SPENT)

    async for _ in tier_sweeps.sweep(programme, GRACE_END):
        break

    assert await tier_sweeps.count_due(programme, GRACE_END) == 2
    assert len(await tiered.sweep(programme, GRACE_END)) == 2
    assert {(await tiered.holding(member_id)).tier for member_id in due} == {"member"}
    assert await tier_sweeps.count_due(other, GRACE_END) == 1


async def test_batches_of_a_sweep_meet_every_member(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tier_sweeps, "BATCH", 2)
    document = make.shipped_document()
    programme = await make.establish(document)
    ids = {await make.enrol(programme, now=JOINED) for _ in range(5)}
    for member_id in ids:
        await make.book(programme, member_id, ("hotel", "5000"), now=SPENT)
    rolling = {**document["tiers"], "window": {"months": 1}}
    programme = await make.publish(programme, {**document, "tiers": rolling}, now=SPENT)
    assert set(await tiered.sweep(programme, SPENT)) == ids
    assert set(await tiered.sweep(programme, local("2026-05-01T00:00"))) == ids
    assert {(await tiered.holding(member_id)).tier for member_id in ids} == {"silver"}


async def _activity(programme: Programme, member_id: UUID, now: datetime) -> None:
    await make.give(programme, member_id, 5, now=now)


async def _reward(programme: Programme, member_id: UUID, now: datetime) -> None:
    wanted = await make.reward(programme, list_points=10)
    await make.redeem(programme, member_id, wanted, now=now)


async def _offset(programme: Programme, member_id: UUID, now: datetime) -> None:
    await travel.hold(programme, member_id, 100, make.line_of("hotel", "50"), now=now)


async def _completion(programme: Programme, member_id: UUID, now: datetime) -> None:
    await travel.complete(programme, f"B-{programme.code}", now=now)


async def _refund(programme: Programme, member_id: UUID, now: datetime) -> None:
    await travel.refund(programme, f"B-{programme.code}", "R", now=now)


@pytest.mark.parametrize("act", [_activity, _reward, _offset, _completion, _refund])
async def test_whatever_reads_or_moves_a_tier_settles_it_first(act: Any) -> None:
    programme = await make.establish(tiered.ctrip())
    member_id = await make.enrol(programme, now=JOINED)
    hotel = make.line_of("hotel", "3000")
    await travel.pay(programme, member_id, f"B-{programme.code}", hotel, now=SPENT)
    await make.give(programme, member_id, 1000, now=GRACE_END - timedelta(days=40))

    await act(programme, member_id, GRACE_END)

    assert (await tiered.decisions(member_id))[1:] == [("period_end", "silver", "member")]
    assert (await tiered.holding(member_id)).tier == "member"


async def test_a_decision_is_never_recorded_before_the_one_before_it() -> None:
    """A request that waited while the sweep ran has an earlier clock, and comes behind it."""
    programme, member_id = await spender(tiered.ctrip(), "3000")
    swept, told = GRACE_END + timedelta(hours=1), GRACE_END - timedelta(seconds=1)
    await tiered.sweep(programme, swept)
    await make.book(programme, member_id, ("hotel", "2999"), now=told, booked_at=told)
    await make.book(programme, member_id, ("hotel", "1"), now=told)
    recorded = [one["recorded_at"] for one in await tiered.recorded(member_id)]
    assert recorded == [SPENT, swept, swept]
    assert (await tiered.holding(member_id)).since == swept


async def test_a_calendar_year_is_judged_on_its_own_spend() -> None:
    programme, member_id = await spender(tiered.calendar(), "20000")
    assert (await tiered.holding(member_id)).until == local("2028-01-01T00:00")
    await make.book(programme, member_id, ("hotel", "6000"), now=local("2027-12-31T23:59"))
    assert await tiered.sweep(programme, local("2027-12-31T23:59:59")) == []

    await tiered.sweep(programme, local("2028-01-01T00:00"))

    found = await tiered.holding(member_id)
    assert (found.tier, found.until) == ("gold", local("2029-01-01T00:00"))
    *_, lost = await tiered.recorded(member_id)
    assert (lost["inputs"]["spend_minor"], lost["inputs"]["from"]) == (
        *(600_000, "2026-12-31T16:00:00+00:00"),
    )
    await tiered.sweep(programme, local("2029-01-01T00:00"))
    assert (await tiered.holding(member_id)).tier == "silver"


@pytest.mark.parametrize(("booked", "tier"), [("2026-12-31T23:59", "gold"), ("2027-01-01", None)])
async def test_a_year_ends_at_the_midnight_of_the_zone(booked: str, tier: str | None) -> None:
    """What was booked in December counts for December's year though it is told in January."""
    programme, member_id = await spender(tiered.calendar(), "4000")
    now = local("2027-01-05T12:00")
    sent = {"booked_at": local(booked), "now": now}
    await make.book(programme, member_id, ("hotel", "1000"), **sent)
    found = await tiered.holding(member_id)
    wanted = local("2028-01-01T00:00") if tier else None
    assert (found.tier, found.until) == (tier or "silver", wanted)
    amount = await tiered.amount(member_id, programme.versions[0].policy, now)
    assert amount == (0 if tier else 1000)


async def test_a_refund_in_january_takes_what_the_year_before_had_given() -> None:
    programme = await make.establish(tiered.calendar())
    member_id = await make.enrol(programme, now=JOINED)
    await travel.pay(programme, member_id, "B", make.line_of("flight", "5000"), now=SPENT)
    await travel.refund(programme, "B", "R", (1, "0.01"), now=local("2027-01-05T12:00"))
    assert (await tiered.decisions(member_id))[1:] == [("refund", "gold", "silver")]


def test_a_policy_that_is_published_says_how_tiers_are_lost() -> None:
    parsed = reader.validate(tiered.ctrip(downgrade=None))
    assert parsed.tiers.terms == levels.Downgrade(to="one_step", grace_days=0, floor=None)
    assert reader.validate(tiered.genius()).tiers.terms is None
    assert reader.validate(make.shipped_document()).tiers.terms is None
