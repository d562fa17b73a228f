"""Reports of activities: who may send them, what is refused, and the same one again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import models
from domain.activities import activities
from domain.activities.refusals import ReporterNotAllowed
from domain.kernel.database import row
from domain.kernel.refusals import (
    EventInFuture,
    EventTooOld,
    InvalidInput,
    NotFound,
    ReferenceConflict,
)
from domain.members.refusals import LimitReached, MemberNotEnrolled, MemberSuspended
from tests.conftest import Database
from tests.domain.activities.test_activities import DAY, MOMENT, paid, report
from tests.support import factories as make


@pytest.mark.parametrize("type_", ["share", "browse"])
async def test_a_member_may_report_what_the_policy_lets_it(database: Database, type_: str) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    caller = make.member_caller(programme, "me", member_id)
    await report(programme, member_id, type_, "1", caller=caller)
    stored = await row("SELECT reporter FROM activity WHERE member_id = $1", member_id)
    assert stored == {"reporter": f"member:{member_id}"}


async def test_without_a_limit_a_member_is_believed_so_often_a_day(database: Database) -> None:
    document = make.shipped_document()
    share = next(rule for rule in document["activities"] if rule["code"] == "share")
    del share["limit"]
    programme = await make.establish(document)
    member_id = await make.enrol(programme)
    caller = make.member_caller(programme, "me", member_id)
    most = activities.OWN_REPORTS_A_DAY_MAX
    for number in range(most):
        assert await paid(programme, member_id, "share", f"S-{number}", caller=caller) == 50
    midnight = datetime(2026, 3, 15, 16, tzinfo=UTC)

    facts = {"limit": most, "resets_at": midnight}
    async with make.refused(programme, LimitReached, "type", **facts):
        await report(programme, member_id, "share", "one more", caller=caller)

    # what was taken is answered, others report what they saw, and tomorrow is another day
    assert (await report(programme, member_id, "share", "S-0", caller=caller)).replayed
    assert await paid(programme, member_id, "share", "partner's") == 50
    assert await paid(programme, member_id, "browse", "1", caller=caller) == 0
    own = {"caller": caller, "now": midnight}
    assert await paid(programme, member_id, "share", "one more", **own) == 50


@pytest.mark.parametrize("type_", ["verification", "review", "quiz", "partner_spend"])
async def test_a_member_may_not_report_the_rest(database: Database, type_: str) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    caller = make.member_caller(programme, "me", member_id)
    async with make.refused(
        programme,
        ReporterNotAllowed,
        "type",
        activity=type_,
        reporter="member",
        allowed=("partner", "staff"),
    ):
        await report(
            programme, member_id, type_, "1", caller=caller, attributes={"score": 1, "amount": 1}
        )


@pytest.mark.parametrize(
    ("given", "reason", "path"),
    [
        ({"type_": "dance"}, "unknown_activity", ("type",)),
        ({"type_": "x" * 65}, "too_long", ("type",)),
        ({"reference": ""}, "too_short", ("reference",)),
        ({"reference": "x" * 129}, "too_long", ("reference",)),
        ({"reference": "\x7f"}, "control_characters", ("reference",)),
        ({"attributes": None}, "attribute_missing", ("attributes", "score")),
        ({"attributes": {"score": None}}, "attribute_missing", ("attributes", "score")),
        ({"attributes": {"score": "high"}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": True}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": [1]}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": -1}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": "NaN"}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": "Infinity"}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": "1e999"}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": "1_0"}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": " 1 "}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": "１"}}, "attribute_type", ("attributes", "score")),
        ({"attributes": {"score": 1, "note": "a\x00"}}, "control_characters", ("attributes",)),
        ({"attributes": {"score": 1, "note": "x" * 9000}}, "too_long", ("attributes",)),
        (
            {"type_": "partner_spend", "attributes": {"amount": "0.001"}},
            "too_many_decimals",
            ("attributes", "amount"),
        ),
        (
            {"type_": "partner_spend", "attributes": {"amount": "1000000000000"}},
            "amount_too_large",
            ("attributes", "amount"),
        ),
    ],
    ids=range(21),
)
async def test_what_cannot_be_is_refused_with_its_path(
    database: Database, given: Mapping[str, Any], reason: str, path: tuple[str, ...]
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = {"type_": "quiz", "reference": "1", "attributes": {"score": 1}, **given}
    async with make.refused(programme, InvalidInput, *path, reason=reason):
        await report(programme, member_id, **sent)


async def test_too_old_and_ahead_are_refused_to_the_instant(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    oldest, ahead = make.NOW - 365 * DAY, make.NOW + timedelta(minutes=5)
    async with make.refused(programme, EventTooOld, "occurredAt", oldest_days=365):
        await report(programme, member_id, "review", "1", occurred_at=oldest - MOMENT)
    async with make.refused(programme, EventInFuture, "occurredAt", now=make.NOW):
        await report(programme, member_id, "review", "1", occurred_at=ahead + MOMENT)
    assert await paid(programme, member_id, "review", "1", occurred_at=oldest) == 100
    assert await paid(programme, member_id, "review", "2", occurred_at=ahead) == 100


async def test_only_an_enrolled_member_earns(database: Database) -> None:
    programme = await make.establish()
    guest = await make.enrol(programme, guest=True)
    async with make.refused(programme, MemberNotEnrolled, "member"):
        await report(programme, guest, "review", "1")
    closed = await make.enrol(programme)
    await models.Member.filter(member_id=closed).update(status="CLOSED")
    async with make.refused(programme, MemberSuspended, "member"):
        await report(programme, closed, "review", "1")
    other = await make.establish()
    async with make.refused(other, NotFound, "member"):
        await report(other, closed, "review", "1")


async def test_an_activity_seen_again_is_answered_as_it_was_first(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    first = await report(programme, member_id, "quiz", "1", attributes={"score": 20})
    await report(programme, member_id, "quiz", "2", attributes={"score": 20})
    before = await make.everything(programme)
    for later in (make.NOW, make.NOW + 400 * DAY):
        again = await report(programme, member_id, "quiz", "1", attributes={"score": 20}, now=later)
        assert (again.figures, again.replayed) == (first.figures, True)
    after = await make.everything(programme)
    assert {**after, "idempotency_key": []} == {**before, "idempotency_key": []}


async def test_an_activity_given_with_its_instant_is_answered_when_it_has_grown_old(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    first, again = [
        await report(programme, member_id, "review", "1", now=now, occurred_at=make.NOW)
        for now in (make.NOW, make.NOW + 400 * DAY)
    ]
    assert (again.figures, again.replayed) == (first.figures, True)


async def test_a_reference_with_other_content_or_member_is_refused(database: Database) -> None:
    programme = await make.establish()
    one, other = await make.enrol(programme), await make.enrol(programme)
    await report(programme, one, "quiz", "1", attributes={"score": 20})
    for member_id, sent in (
        (one, {"attributes": {"score": 21}}),
        (one, {"attributes": {"score": 20}, "occurred_at": make.NOW}),
        (other, {"attributes": {"score": 20}}),
    ):
        async with make.refused(programme, ReferenceConflict, "reference", reference="1"):
            await report(programme, member_id, "quiz", "1", **sent)


async def test_a_reference_is_the_reporters_and_the_types_own(database: Database) -> None:
    programme = await make.establish()
    one, other = await make.enrol(programme), await make.enrol(programme)
    await report(programme, one, "review", "1")
    for member_id, type_, caller in (
        (one, "survey", make.partner(programme)),
        (other, "review", make.partner(programme, "another-partner")),
        (other, "review", make.staff(programme, "booking-engine")),
    ):
        outcome = await report(programme, member_id, type_, "1", caller=caller)
        assert not outcome.replayed
