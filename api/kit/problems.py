"""A problem is a refusal of the business and part of the answer: nothing has happened.

Each refusal becomes the GraphQL type of the same name, with its facts as the fields; one
without facts becomes a `PlainProblem`. Clients must expect types and codes
that are new to them, and can: every problem has a code, a message and a path.
"""

import importlib
import importlib.util
import pkgutil
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

import domain
from api.balances import learn_language
from api.kit.context import Info
from api.kit.problem_codes import ProblemCode
from api.kit.scalars import CurrencyCode, Points
from api.wording.messages import problem_message
from domain.kernel.refusals import Refusal


@strawberry.interface(description="Why the business refused. Nothing has happened.")
class Problem:
    code: ProblemCode = strawberry.field(description="What kind of problem it is.")
    message: str = strawberry.field(description="The same in words, in the reader's language.")
    path: list[str] | None = strawberry.field(
        description="The input field at fault, from the outside in, where one is."
    )


@strawberry.type(description="A problem that its code says everything of.")
class PlainProblem(Problem):
    pass


@strawberry.type(description="There is no such thing in this programme, or not for this caller.")
class NotFound(Problem):
    what: str = strawberry.field(description="The kind of thing: member, reward, booking …")
    value: str = strawberry.field(description="What it was looked for by.")
    known: str = strawberry.field(description="What there is, where that can be listed.")


@strawberry.type(description="A field of the input cannot be.")
class InvalidInput(Problem):
    reason: str = strawberry.field(description="What is wrong with it, as a stable code.")
    value: str = strawberry.field(description="What was given, where that helps.")
    allowed: str = strawberry.field(description="What is accepted, where that can be listed.")


@strawberry.type(description="This reference was already reported with other content.")
class ReferenceConflict(Problem):
    reference: str = strawberry.field(description="The reference in question.")


@strawberry.type(description="This idempotency key already stands for another request.")
class IdempotencyKeyReused(Problem):
    operation: str = strawberry.field(description="The operation that it stands for.")


@strawberry.type(description="What is reported happened too long ago.")
class EventTooOld(Problem):
    occurred_at: datetime = strawberry.field(description="When it is said to have happened.")
    oldest_days: int = strawberry.field(description="How many days back are accepted.")


@strawberry.type(description="What is reported has not happened yet.")
class EventInFuture(Problem):
    occurred_at: datetime = strawberry.field(description="When it is said to have happened.")
    now: datetime = strawberry.field(description="The programme's time.")


@strawberry.type(description="The programme does not price this currency.")
class CurrencyNotSupported(Problem):
    currency: CurrencyCode = strawberry.field(description="The currency given.")
    supported: str = strawberry.field(description="The currencies that are priced.")


@strawberry.type(description="No member has this referral code.")
class ReferralInvalid(Problem):
    referral_code: str = strawberry.field(description="The code given.")


@strawberry.type(description="The policy does not let this caller report this activity.")
class ReporterNotAllowed(Problem):
    activity: str = strawberry.field(description="The type of activity.")
    reporter: str = strawberry.field(description="The kind of caller.")
    allowed: str = strawberry.field(description="The kinds of callers that may.")


@strawberry.type(description="Fewer points are available than this takes.")
class InsufficientPoints(Problem):
    available: Points = strawberry.field(description="How many are available.")
    required: Points = strawberry.field(description="How many it takes.")


@strawberry.type(description="The account owes points, which are settled first.")
class AccountInArrears(Problem):
    owed: Points = strawberry.field(description="How many are owed.")


@strawberry.type(description="Fewer points than may be used at once.")
class BelowMinimum(Problem):
    minimum: Points = strawberry.field(description="The fewest that may be used.")


@strawberry.type(description="The member's tier is too low.")
class TierRequired(Problem):
    minimum_tier: str = strawberry.field(description="The code of the lowest tier that may.")
    tier: str = strawberry.field(description="The code of the member's tier.")


@strawberry.type(description="A limit per member is used up.")
class LimitReached(Problem):
    limit: int = strawberry.field(description="How many the limit allows.")
    resets_at: datetime | None = strawberry.field(description="When it starts anew, if ever.")


@strawberry.type(description="Not as many are left.")
class OutOfStock(Problem):
    reward: str = strawberry.field(description="The reward's code.")
    remaining: int = strawberry.field(description="How many are left.")


@strawberry.type(description="No coupon codes are left.")
class CodePoolExhausted(Problem):
    reward: str = strawberry.field(description="The reward's code.")


@strawberry.type(description="The reward is not on offer now.")
class RewardInactive(Problem):
    reward: str = strawberry.field(description="The reward's code.")


@strawberry.type(description="The redemption is in a state that does not allow this.")
class RedemptionState(Problem):
    status: str = strawberry.field(description="Its state.")
    allowed: str = strawberry.field(description="The states that would allow this.")


@strawberry.type(description="Points are taken in steps.")
class NotAStep(Problem):
    step: Points = strawberry.field(description="How many points a step is.")


@strawberry.type(description="Points may not pay that much of this booking.")
class ShareExceeded(Problem):
    max_points: Points = strawberry.field(description="How many points may pay for it.")
    share_percent: Decimal = strawberry.field(description="What part of it points may pay.")


@strawberry.type(description="More is refunded than was paid and is left.")
class RefundExceedsBooking(Problem):
    line: int = strawberry.field(description="The line in question.")
    left: Decimal = strawberry.field(description="What is left of it to refund.")
    currency: CurrencyCode = strawberry.field(description="The currency of that.")


@strawberry.type(description="The hold died before this; its points are available again.")
class HoldExpired(Problem):
    expired_at: datetime = strawberry.field(description="When it died.")


@strawberry.type(description="The quote's time ran out; what it reserved is free again.")
class QuoteExpired(Problem):
    expired_at: datetime = strawberry.field(description="When it expired.")


@strawberry.type(description="The booking is not the one that was quoted.")
class QuoteMismatch(Problem):
    what: str = strawberry.field(
        description="What differs, as its input field is called: amount, travelFrom, "
        "paymentMethod … ; reference where another booking has the quote."
    )
    quoted: str = strawberry.field(description="What the quote says.")
    found: str = strawberry.field(description="What the booking says.")


@strawberry.type(description="One fault of a policy document.")
class PolicyFault:
    path: str = strawberry.field(description="Where in the document.")
    message: str = strawberry.field(description="What is wrong there.")


@strawberry.type(description="The policy document has faults.")
class PolicyInvalid(Problem):
    faults: list[PolicyFault] = strawberry.field(description="Every one of them.")


def declared_refusals() -> list[type[Refusal]]:
    """Every refusal that stands in the `refusals` of a room of the domain, by code."""
    names = [f"domain.{room.name}.refusals" for room in pkgutil.iter_modules(domain.__path__)]
    modules = [importlib.import_module(name) for name in names if importlib.util.find_spec(name)]
    found = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
    }
    return sorted(found, key=lambda kind: kind.code)


TYPES: dict[type[Refusal], type[Problem]] = {
    kind: globals().get(kind.__name__, PlainProblem) for kind in declared_refusals()
}
"""The GraphQL type of each refusal: the one of its name, else `PlainProblem`."""

PROBLEM_TYPES: tuple[type[Problem], ...] = tuple(dict.fromkeys(TYPES.values()))


def to_problem(error: Refusal, language: str) -> Problem:
    """The error as a client sees it, worded in `language`."""
    kind = TYPES[type(error)]
    facts: dict[str, Any] = {} if kind is PlainProblem else error.facts
    return kind(
        code=ProblemCode[error.code],
        message=problem_message(error, language),
        path=list(error.path) or None,
        **facts,
    )


async def problem_for(info: Info, error: Refusal) -> Problem:
    """The error as the caller of this operation sees it, worded in its own language."""
    await learn_language(info)
    return to_problem(error, info.context.language)
