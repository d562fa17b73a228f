"""Screening: earlier facts are read before the account is locked, the fact is judged once its
points are known, and the rules that fired are recorded with it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import models
from domain.accounts import seals
from domain.accounts.accounts import Account
from domain.kernel import sealed_rows
from domain.kernel.database import transact
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.kernel.signals import KEY, Signals
from domain.programmes.programmes import Programme, Version
from domain.programmes.risk_terms import AnyRiskRule, Earned, Moment, VelocityRule
from domain.risk import prior_facts, signals, verdicts
from domain.risk.prior_facts import PriorFacts
from domain.risk.refusals import RiskDenied
from domain.risk.signals import Came
from domain.risk.verdicts import Verdict, Withheld

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Screening:
    """A fact that is about to be recorded: the rules that apply to it, and the earlier facts that
    they need.
    """

    programme: Programme
    version: Version
    moment: Moment
    signals: Signals
    now: datetime
    fact: Earned | None = None
    rules: Sequence[AnyRiskRule] = ()
    prior: Mapping[str, PriorFacts] = field(default_factory=dict)

    def judge(self, points: int, *, in_all: int | None = None) -> Verdict:
        """The verdict for a fact with this many points."""
        return verdicts.judge(self.rules, self.prior, points, in_all=in_all)

    async def keep(self, member_id: UUID, points: int, at: datetime) -> None:
        """Record the signals with which it was sent; a key only if a rule uses keys."""
        if not self.signals.digests:
            return
        asked = any(isinstance(rule, VelocityRule) and rule.by == KEY for rule in self.rules)
        kept = {k: v for k, v in self.signals.digests.items() if k != KEY or asked}
        of_it = Came(self.moment, self.fact, points, at)
        await signals.keep(self.programme.id, member_id, Signals(kept), of_it)


async def look(
    request: Request,
    programme: Programme,
    member_id: UUID | None,
    moment: Moment,
    fact: Earned | None = None,
) -> Screening:
    """Read the earlier facts that the rules in force now need; one query, or none if no rule needs
    any.
    """
    version = programme.as_of(request.now)
    rules = version.policy.risk.asked_of(moment, fact)
    made = Screening(programme, version, moment, request.signals, request.now, fact, rules)
    if not rules:
        return made
    found = await prior_facts.of_rules(rules, member_id, request.signals, request.now)
    return replace(made, prior=found)


class Denial(Exception):
    """A denied fact: recorded after its transaction is rolled back."""

    def __init__(self, screening: Screening, verdict: Verdict, member_id: UUID, points: int):
        super().__init__("denied")
        self.decided = _decisions(screening, verdict, member_id, points)


def refuse(screening: Screening, verdict: Verdict, member_id: UUID | None, points: int) -> None:
    """End the transaction of a denied fact, within `recorded`. Raises: RiskDenied."""
    if verdict.decision == "deny":
        whose = member_id or screening.programme.id
        raise RiskDenied from Denial(screening, verdict, whose, points)


async def recorded(attempt: Callable[[], Awaitable[T]]) -> T:
    """Run the attempt; a denial is recorded although nothing else is.

    Raises: as the attempt.
    """
    try:
        return await attempt()
    except RiskDenied as refused:
        if isinstance(refused.__cause__, Denial):
            await transact(partial(_keep, refused.__cause__.decided))
        raise


async def _keep(decided: Sequence[models.RiskDecision]) -> None:
    """Record a denial. A denied enrolment has no account that would seal it."""
    locked = await seals.lock({one.member_id for one in decided}, decided[0].at)
    await models.RiskDecision.bulk_create(decided)
    own = [vars(one) for one in decided if one.member_id in locked]
    await seals.write(locked, own, partial(sealed_rows.of, "risk_decision"))


def record(
    account: Account, screening: Screening, verdict: Verdict, fact_id: UUID, points: int
) -> Withheld | None:
    """Record the rules that fired at a fact with points; returns how long these are withheld."""
    review_id = None
    withheld: Withheld | None = None
    if verdict.decision == "review":
        review_id = open_review(account, screening.moment, fact_id, points)
        withheld = Withheld(None)
    elif verdict.decision == "hold":
        hours = screening.version.policy.risk.hours
        withheld = Withheld(account.now + timedelta(hours=hours))
    add_decisions(account, screening, verdict, (fact_id, review_id), points, withheld)
    return withheld


def add_decisions(
    account: Account,
    screening: Screening,
    verdict: Verdict,
    about: tuple[UUID | None, UUID | None],
    points: int,
    withheld: Withheld | None = None,
) -> None:
    """A row for each rule that fired at the fact, with the review that the live ones caused;
    without the fact's id if the fact is not stored.
    """
    fact_id, review_id = about
    made = _decisions(screening, verdict, account.member_id, points)
    for one, rule in zip(made, verdict.fired, strict=True):
        one.fact_id, one.at = fact_id, account.now
        if rule.mode == "live":
            one.review_id = review_id
            if rule.decide == "hold" and withheld is not None:
                one.until = withheld.until
    account.record(*made)


def open_review(
    account: Account,
    moment: Moment,
    fact_id: UUID,
    points: int,
    *,
    review_id: UUID | None = None,
    **more: Any,
) -> UUID:
    """Open a review of a fact of this account; returns its id. `more` are columns of its row."""
    review_id = review_id or new_id()
    account.record(
        models.Review(
            member_id=account.member_id,
            id=review_id,
            programme_id=account.programme.id,
            moment=moment,
            fact_id=fact_id,
            points=points,
            opened_at=account.now,
            state="OPEN",
            **more,
        )
    )
    account.notify(Topic.REVIEW_OPENED, review_id=review_id, on=moment)
    return review_id


def _decisions(
    screening: Screening, verdict: Verdict, member_id: UUID, points: int
) -> list[models.RiskDecision]:
    return [
        models.RiskDecision(
            member_id=member_id,
            id=new_id(),
            programme_id=screening.programme.id,
            policy_version_id=screening.version.id,
            rule=rule.code,
            moment=screening.moment,
            decision=rule.decide,
            mode=rule.mode,
            points=points,
            at=screening.now,
        )
        for rule in verdict.fired
    ]
