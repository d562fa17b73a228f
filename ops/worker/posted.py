"""Results of sending a notice to a provider by HTTP, where nothing may be sent twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from api.edge.posting import Answer, Signed
from domain.delivery import retrying
from domain.delivery.lanes import Delivery
from domain.delivery.recording import ANSWER_CHARACTERS_MAX, Result
from domain.delivery.retrying import AttemptOutcome
from domain.webhooks import signing
from domain.webhooks.signing import Message
from ops.providers import Plain

UNCLEAR = frozenset({502, 504})
"""Answers of a proxy between us and the provider, who may still have accepted it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Meaning of a provider's answer."""

    outcome: AttemptOutcome
    retry_after: timedelta | None = None


def by_status(answer: Answer) -> Verdict:
    """The verdict by HTTP only: the result of a sent request without an answer is unknown."""
    if answer.status is None:
        return Verdict(AttemptOutcome.FAILED if answer.unsent else AttemptOutcome.UNKNOWN)
    if answer.status in UNCLEAR:
        return Verdict(AttemptOutcome.UNKNOWN)
    outcome = retrying.outcome_of(answer.status)
    # an address of one's own is not turned off
    gone = outcome is AttemptOutcome.GONE
    return Verdict(AttemptOutcome.FAILED if gone else outcome, answer.retry_after)


def without_a_word(answer: Answer) -> Verdict:
    """The same for a provider that confirms by a code, if the code is missing."""
    told = by_status(answer)
    return Verdict(AttemptOutcome.UNKNOWN) if told.outcome is AttemptOutcome.ACCEPTED else told


def result(answer: Answer, verdict: Verdict, at: datetime, hidden: tuple[str, ...]) -> Result:
    """The attempt as it is kept: without the addresses that it went to."""
    # the whole first: one that is cut off in the middle would not be found
    shown = answer.whole or ""
    for one in hidden:
        shown = shown.replace(one, "(the address)")
    answered = answer.status is not None
    return Result(
        at=at,
        milliseconds=answer.milliseconds,
        outcome=verdict.outcome,
        status=answer.status,
        error=None if answered else answer.error,
        answer=shown[:ANSWER_CHARACTERS_MAX] if answered else None,
        retry_after=verdict.retry_after,
    )


def signed_as_webhooks(
    provider: Plain, delivery: Delivery, said: dict[str, Any]
) -> tuple[bytes, Signed]:
    """A body, and the headers that sign it under the id of its delivery."""
    message = Message(str(delivery.id), orjson.dumps(said))
    return message.body, lambda at: signing.headers(message, [provider.secret], at)


def said_in(answer: Answer) -> dict[str, Any]:
    """The JSON object that was answered; an empty one where it was none."""
    try:
        found = orjson.loads(answer.whole or "")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
