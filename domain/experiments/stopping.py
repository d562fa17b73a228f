"""Stopping: how an experiment ends, on its last day, by its budget, or by staff."""

from datetime import datetime
from functools import partial

from domain.experiments import costs
from domain.kernel import audit, cache, dates
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_identifier, check_text
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger.values import SYSTEM
from domain.programmes import programmes, publications, stops, variants
from domain.programmes.experiment_terms import Experiment
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.stops import Stop, StopCause

CODE_CHARACTERS_MAX = 64


def find(programme: Programme, code: str) -> tuple[Experiment, Policy] | None:
    """The experiment with the last document that has it."""
    for version in reversed(programme.versions):
        for one in version.policy.experiments:
            if one.code == code:
                return one, version.policy
    return None


def codes(programme: Programme) -> tuple[str, ...]:
    """The codes of all experiments that the programme ever had."""
    every = (one.code for version in programme.versions for one in version.policy.experiments)
    return tuple(dict.fromkeys(every))


async def stop(request: Request, programme: Programme, code: str, reason: str) -> Outcome:
    """End an experiment before its time: later facts are judged by its control.

    Figures: `experiment`.

    Raises: NotFound, InvalidInput, IdempotencyKeyReused.
    """
    check_identifier(code, ("experiment",), CODE_CHARACTERS_MAX)
    check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))

    async def perform() -> Figures:
        found = find(programme, code)
        if found is None:
            raise NotFound("experiment", code, codes(programme), path=("experiment",))
        await programmes.lock(programme.id)
        actor, cause = request.caller.actor, StopCause.STAFF
        made = Stop(programme.id, code, request.now, cause, actor, reason)
        one, policy = found
        ended = variants.ends_at(policy, one, programme.stops)
        if ended <= request.now or not await stops.record(made):
            raise InvalidInput("experiment_over", code, path=("experiment",))
        return {"experiment": code}

    sent = {"experiment": code, "reason": reason}
    outcome = await once(request, "stopExperiment", sent, perform)
    cache.forget()
    return outcome


async def end_due(programme: Programme, now: datetime) -> list[str]:
    """Record the end of experiments whose last day is over, that are not in the document in force,
    or whose budget is spent; returns their codes.
    """
    policies = [version.policy for version in programme.versions]
    recorded = await stops.of_programme(programme.id, policies)
    left = {code: find(programme, code) for code in codes(programme) if code not in recorded}
    known = {code: found for code, found in left.items() if found is not None}
    budgeted = {code: found for code, found in known.items() if found[0].budget is not None}
    cost = await costs.of(programme, budgeted)
    ended = []
    for code, (one, policy) in known.items():
        end = variants.ends_at(policy, one, programme.stops)
        if end <= now:
            made = await _over(programme, one, policy, end)
        elif one.budget is not None and cost[code] >= policy.minor_units(one.budget):
            made = Stop(programme.id, code, now, StopCause.BUDGET, SYSTEM.actor)
        else:
            continue
        record = partial(stops.record, made)
        if await audit.act(programme.id, now, "stopExperiment", record, actor=made.actor):
            ended.append(code)
    return ended


async def _over(programme: Programme, one: Experiment, policy: Policy, end: datetime) -> Stop:
    """The end of an experiment whose last day is over, or that was left out before it was."""
    if end == dates.end_of_day(one.until, policy.zone):
        return Stop(programme.id, one.code, end, StopCause.UNTIL, SYSTEM.actor)
    without = programme.as_of(end)
    published = await publications.get(programme.id, without.id)
    actor = published.published_by if published else SYSTEM.actor
    reason = f"version {without.number} is without it"
    return Stop(programme.id, one.code, end, StopCause.STAFF, actor, reason)
