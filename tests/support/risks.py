"""Rules against fraud, and functions that read and decide their reviews."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel.signals import NONE, Signals
from domain.members import enrolment
from domain.members.enrolment import EnrolSent
from domain.programmes.programmes import Programme
from domain.reviews import deciding, reviews
from domain.reviews.deciding import ReviewKey
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

REVIEWS = """query($open: Boolean!, $first: Int) { reviews(open: $open, first: $first) {
    totalCount pageInfo { hasNextPage endCursor } edges { node {
    id on state createdAt endsAt decidedBy reason member { reference status }
    reasons { code text points } ifApproved { code text points } ifRejected { code text points }
    facts { __typename id } linked { reference } } } } }"""
FIGURES = """{ riskRules { code fired reviewed upheld
    precision { numerator denominator value } } }"""
BALANCE = "balance { available pending held owed }"


def rule(code: str, on: str, kind: str, decide: str, **more: Any) -> dict[str, Any]:
    name = {"zh-CN": f"规则 {code}", "en": f"Rule {code}"}
    return {"code": code, "name": name, "on": on, "kind": kind, "decide": decide, **more}


def velocity(code: str, on: str, decide: str, **more: Any) -> dict[str, Any]:
    """A rule for more than one fact in an hour, by default counted by member."""
    told = {"of": "count", "by": "member", "hours": 1, "more_than": 1, **more}
    return rule(code, on, "velocity", decide, **told)


async def open_guarded(*rules: dict[str, Any], hours: int = 72, **changes: Any) -> Stage:
    """A programme with these rules."""
    risk = {"hours": hours, "rules": list(rules)}
    return await open_stage(make.shipped_document(risk=risk, **changes))


async def waiting(staff: Client, *, undecided: bool = True) -> list[Any]:
    found = await staff.reading("en").read(REVIEWS, open=undecided)
    return [edge["node"] for edge in found["reviews"]["edges"]]


async def decide(
    staff: Client, review: str, *, approve: bool, selection: str = "review { state }"
) -> Any:
    return await staff.done(
        "decideReview", selection, review=review, approve=approve, reason="looked at it"
    )


async def figures(staff: Client) -> dict[str, tuple[int, int, int, str | None]]:
    """By rule: fired, reviewed, upheld, precision."""
    found = (await staff.read(FIGURES))["riskRules"]
    return {
        one["code"]: (one["fired"], one["reviewed"], one["upheld"], one["precision"]["value"])
        for one in found
    }


async def enrol(programme: Programme, sent: Signals = NONE) -> UUID:
    """A member who enrolled with these signals; its id."""
    by = replace(make.request(make.partner(programme)), signals=sent)
    outcome = await enrolment.enrol(by, programme, EnrolSent())
    return UUID(outcome.figures["member_id"])


async def open_reviews(programme: Programme) -> list[reviews.Review]:
    """Reviews that wait, the oldest first."""
    return await reviews.page(programme.id, make.NOW, 100, None, open_only=True)


async def decide_one(
    programme: Programme, one: reviews.Review, *, approve: bool, now: datetime = make.NOW
) -> None:
    key = ReviewKey(one.member_id, one.id, "a review")
    request = make.request(make.staff(programme), now=now)
    await deciding.decide(request, programme, key, approve, "looked at it")


async def decide_all(programme: Programme, *, approve: bool) -> None:
    for one in await open_reviews(programme):
        await decide_one(programme, one, approve=approve)


async def decide_each(programme: Programme, moments: Iterable[str]) -> None:
    """Approve the first review of each moment and reject the second; others stay open."""
    found = await open_reviews(programme)
    for moment in moments:
        first, second, *_ = (one for one in found if one.moment == moment)
        await decide_one(programme, first, approve=True)
        await decide_one(programme, second, approve=False)
