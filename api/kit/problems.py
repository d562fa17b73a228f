"""A problem is a refusal by a business rule and part of the answer: nothing was changed.

Types and codes are derived from the refusals that the rooms of the domain declare. A refusal with
facts becomes the GraphQL type of its name, with the facts as fields; one without becomes a
`PlainProblem`. Clients must expect types and codes that are new to them, and can: every problem
has a code, a message and a path.
"""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, tzinfo
from enum import StrEnum
from keyword import iskeyword
from types import new_class
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID

import strawberry

import domain
from api.balances import learn_language
from api.kit import faults
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.inputs import SHOWN_CHARACTERS_MAX, MemberBy
from api.kit.scalars import CurrencyCode, Money, Points
from api.wording.messages import NO_NAMES, problem_message
from api.wording.words import current_policy, names_of
from domain.kernel.refusals import NotFound, Price, Refusal, Unit
from domain.notices.refusals import TemplateFault
from domain.programmes.refusals import Finding, PolicyFault

SCALARS: Mapping[Unit, object] = {Unit.POINTS: Points, Unit.CURRENCY: CurrencyCode}
"""The scalar of a fact with this unit."""


def declared_refusals() -> list[type[Refusal]]:
    """Every refusal in the `refusals` of a room of the domain, by code."""
    names = [f"domain.{room.name}.refusals" for room in pkgutil.iter_modules(domain.__path__)]
    modules = [importlib.import_module(name) for name in names if importlib.util.find_spec(name)]
    found = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
    }
    return sorted(found, key=lambda kind: kind.code)


def code_enum(refusals: Iterable[type[Refusal]]) -> type[StrEnum]:
    """The codes of these refusals as a GraphQL enum, each described by its class."""
    described = {refusal.code: inspect.getdoc(refusal) or "" for refusal in refusals}
    codes: Any = new_class(
        "ProblemCode",
        (StrEnum,),
        exec_body=lambda body: body.update({code: code for code in described}),
    )
    return describe(
        codes,
        "Code of a problem. Codes may be added: clients must accept codes that they do not know.",
        {codes[code]: description for code, description in described.items()},
    )


REFUSALS = declared_refusals()
ProblemCode = code_enum(REFUSALS)


@strawberry.interface(
    description="Business reason for which a request was refused; nothing was changed."
)
class Problem:
    code: StrEnum = strawberry.field(
        graphql_type=ProblemCode, description="Stable code of the problem."
    )
    message: str = strawberry.field(description="The problem in words, in the reader's language.")
    path: list[str] | None = strawberry.field(
        description="Path to the input field at fault, outermost first; null when no single field "
        "is at fault."
    )


@strawberry.type(description="Problem that has no facts in addition to its code.")
class PlainProblem(Problem):
    pass


def problem_type(refusal: type[Refusal]) -> type[Problem]:
    """The GraphQL type of a refusal: of its name, with its facts, described by its docstring."""
    shape = _shape(refusal)
    return _type_of(refusal, shape, (Problem,)) if shape else PlainProblem


def _shape(facts: type) -> dict[str, tuple[object, str]]:
    """The GraphQL type and the description of each annotated field."""
    hints = get_type_hints(facts, include_extras=True)
    return {
        name: (_shown_as(*get_args(hint)), get_args(hint)[-1])
        for name, hint in hints.items()
        if get_origin(hint) is Annotated
    }


def _shown_as(kind: Any, *said: object) -> object:
    if get_origin(kind) is tuple:
        part = get_args(kind)[0]
        shown = _shown_as(*get_args(part)) if get_origin(part) is Annotated else part
        # a type that is chosen as the program runs
        return list[TYPES_OF_FACTS.get(part, shown)]  # type: ignore[misc]
    known = TYPES_OF_FACTS.get(kind, kind)
    return next((SCALARS[unit] for unit in said if isinstance(unit, Unit)), known)


def _type_of(
    shown: type, shape: Mapping[str, tuple[object, str]], bases: tuple[type, ...] = ()
) -> Any:
    body = {name: strawberry.field(description=said) for name, (_, said) in shape.items()}
    annotations = {name: kind for name, (kind, _) in shape.items()}
    made = new_class(
        shown.__name__,
        bases,
        exec_body=lambda space: space.update(body, __annotations__=annotations),
    )
    return strawberry.type(made, description=inspect.getdoc(shown))


TYPES_OF_FACTS: Mapping[type, Any] = {
    PolicyFault: faults.PolicyFault,
    TemplateFault: faults.TemplateFault,
    Finding: faults.Finding,
    Price: Money,
}
"""The GraphQL types of facts with parts."""

TYPES: Mapping[type[Refusal], type[Problem]] = {
    refusal: problem_type(refusal) for refusal in REFUSALS
}
PROBLEM_TYPES: tuple[type[Problem], ...] = tuple(dict.fromkeys(TYPES.values()))


def to_problem(
    refusal: Refusal, language: str, zone: tzinfo = UTC, names: Mapping[str, str] = NO_NAMES
) -> Problem:
    """The refusal as a client sees it, worded in `language`, with days of the zone and the policy's
    names of tiers.
    """
    return TYPES[type(refusal)](
        code=ProblemCode[refusal.code],
        message=problem_message(refusal, language, zone, names),
        path=list(refusal.path) or None,
        **{name: _worded(fact, language) for name, fact in refusal.facts.items()},
    )


def _worded(fact: object, language: str) -> object:
    """A fact as a client sees it; faults and findings of a document are shown each."""
    if isinstance(fact, tuple):
        return tuple(_worded(one, language) for one in fact)
    if isinstance(fact, PolicyFault):
        return faults.worded(fact, language)
    if isinstance(fact, TemplateFault):
        return faults.worded_template(fact, language)
    if isinstance(fact, Price):
        return Money(amount=fact.amount, currency=CurrencyCode(fact.currency))
    return faults.shown(fact) if isinstance(fact, Finding) else fact


def _as_sent(refusal: Refusal, sent: object) -> Refusal:
    """The refusal with the caller's name of an object in place of its row's id: the value at its
    path in the sent input, or None if there is none.
    """
    if isinstance(refusal, NotFound) and _is_id(refusal.value):
        named = _at(sent, refusal.path)
        refusal.value = named[:SHOWN_CHARACTERS_MAX] if named is not None else None
    return refusal


def _at(sent: object, path: Sequence[str]) -> str | None:
    named = sent
    for step in path:
        if isinstance(named, list):
            named = named[int(step)]
        elif isinstance(named, Mapping):
            named = named.get(step)
        else:
            named = getattr(named, _attribute(step), None)
    if isinstance(named, MemberBy):
        ways = (getattr(named, one.name) for one in fields(named))
        named = next((way for way in ways if way is not strawberry.UNSET), None)
    return named if isinstance(named, str) else None


def _is_id(value: str | None) -> bool:
    try:
        return value is not None and str(UUID(value)) == value
    except ValueError:
        return False


def _attribute(name: str) -> str:
    """The attribute of an input's class that has the field of this name."""
    own = "".join(f"_{one.lower()}" if one.isupper() else one for one in name)
    return f"{own}_" if iskeyword(own) else own


async def problem_for(info: Info, refusal: Refusal, sent: object) -> Problem:
    """The refusal as the caller of this operation sees it, worded in its own language, and about
    the input that it sent.
    """
    told = _as_sent(refusal, sent)
    info.context.told.setdefault("code", told.code)
    await learn_language(info)
    policy, language = current_policy(info), info.context.language
    return to_problem(told, language, policy.zone, names_of(policy, language))
