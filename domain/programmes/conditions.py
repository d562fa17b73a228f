"""Conditions: expressions of rules and segments, and the names that each may use.

Amounts and counts of spend are in minor units. An unknown value is an empty text, false or zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from domain.programmes.expressions import (
    UNKNOWN,
    Expression,
    ExpressionInvalid,
    Kind,
    Language,
    Slip,
    Wrong,
)
from domain.programmes.nodes import KINDS
from domain.programmes.refusals import FaultCode, Path, PolicyFault
from domain.programmes.trees import codes, items, keys, value

_LINE: Mapping[str, Kind] = {
    "line.product": "text",
    "line.travel_from": "text",
    "line.travel_to": "text",
    "line.amount": "number",
    "line.nights": "number",
    "line.lead_days": "number",
    "booking.payment_method": "text",
    "booking.products": "texts",
    "booking.amount": "number",
}
_FACT: Mapping[str, Kind] = {
    "fact.date": "text",
    "fact.weekday": "number",
    "fact.hour": "number",
}
_MEMBER: Mapping[str, Kind] = {
    "member.tier": "text",
    "member.tier_rank": "number",
    "member.joined_days": "number",
    "member.birthday_month": "boolean",
}


Declared = tuple[tuple[str, Kind], ...]
"""The attributes that an activity declares, each with its kind."""


class Asked(Enum):
    """What an expression is evaluated for, with its names besides the member and counts."""

    LINE = "line"
    ACTIVITY = "activity"
    FACT = "fact"
    SEGMENT = "segment"


@dataclass(frozen=True)
class Vocabulary:
    """Declarations of a document for its expressions, with their types."""

    attributes: Mapping[str, Kind] = field(default_factory=dict)
    profile: Mapping[str, Kind] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    def names(self, asked: Asked, of_activity: Mapping[str, Kind]) -> dict[str, Kind]:
        """Every name that an expression of this kind may use, with its type."""
        names = {f"member.profile.{key}": kind for key, kind in self.profile.items()}
        names |= _MEMBER
        names |= dict.fromkeys((f"count.{code}" for code in self.counts), "number")
        if asked is Asked.SEGMENT:
            return names
        names |= _FACT
        names |= dict.fromkeys((f"segment.{code}" for code in self.segments), "boolean")
        if asked is Asked.LINE:
            names |= _LINE
            names |= {f"line.attributes.{key}": kind for key, kind in self.attributes.items()}
        if asked is Asked.ACTIVITY:
            names |= {f"activity.attributes.{key}": kind for key, kind in of_activity.items()}
        return names


class Condition:
    """An expression of a published document; one that can no longer be parsed gives an error."""

    def __init__(self, language: Language, text: str) -> None:
        self._names = language.names
        self._expression: Expression | None
        try:
            self._expression = language.read(text)
        except ExpressionInvalid:
            self._expression = None

    @property
    def names(self) -> frozenset[str]:
        """The names that it uses."""
        return self._expression.names if self._expression else frozenset()

    def codes(self, of: str) -> set[str]:
        """What it uses of a kind: `codes("count")` has the code of each count."""
        return {name.removeprefix(f"{of}.") for name in self.names if name.startswith(f"{of}.")}

    def ask(self, known: Mapping[str, Any]) -> bool | None:
        """The result; None on an error. An unknown name has the empty value of its kind."""
        if self._expression is None:
            return None
        return self._expression.ask({name: self._value(name, known) for name in self.names})

    def _value(self, name: str, known: Mapping[str, Any]) -> object:
        """What is known by this name; a value of another type than declared is unknown."""
        unknown, found = UNKNOWN[self._names[name]], known.get(name)
        return found if type(found) is type(unknown) else unknown


class Conditions:
    """The expressions of one document, each read once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._languages: dict[tuple[Asked, Declared], Language] = {}
        self._read: dict[tuple[Asked, Declared, str], Condition] = {}

    def of(
        self, asked: Asked, text: str, of_activity: Mapping[str, Kind] | None = None
    ) -> Condition:
        """The condition of this text; `of_activity` are the attributes that one declares."""
        declared = tuple((of_activity or {}).items())
        if (asked, declared, text) not in self._read:
            language = self.language(asked, declared)
            self._read[asked, declared, text] = Condition(language, text)
        return self._read[asked, declared, text]

    def language(self, asked: Asked, declared: Declared = ()) -> Language:
        """The names that conditions of this kind know."""
        if (asked, declared) not in self._languages:
            names = self._vocabulary.names(asked, dict(declared))
            self._languages[asked, declared] = Language(names)
        return self._languages[asked, declared]


CONDITIONS: Mapping[str, Asked] = {
    "earning": Asked.LINE,
    "activities": Asked.ACTIVITY,
    "grants": Asked.FACT,
    "segments": Asked.SEGMENT,
}
"""What a condition is asked of, in each part of a document that has any."""

_CODES: Mapping[Wrong, FaultCode] = {
    Wrong.SYNTAX: FaultCode.CONDITION_SYNTAX,
    Wrong.NAME: FaultCode.CONDITION_NAME,
    Wrong.FUNCTION: FaultCode.CONDITION_FUNCTION,
    Wrong.OPERANDS: FaultCode.CONDITION_OPERANDS,
    Wrong.VALUE: FaultCode.CONDITION_VALUE,
    Wrong.RESULT: FaultCode.CONDITION_RESULT,
}


def faults(tree: Any) -> Iterator[PolicyFault]:
    """Faults of expressions in a new document that could never be evaluated."""
    conditions = Conditions(_vocabulary(tree))
    for section, asked in CONDITIONS.items():
        for where, rule in items(tree, section):
            of_activity = _declared(rule, "attributes") if asked is Asked.ACTIVITY else {}
            language = conditions.language(asked, tuple(of_activity.items()))
            yield from _read_faults(tree, (*where, "when", "cel"), language)
    language = conditions.language(Asked.FACT)
    yield from _read_faults(tree, ("referrals", "when", "cel"), language)


def _read_faults(tree: Any, at: Path, language: Language) -> Iterator[PolicyFault]:
    text = value(tree, *at)
    if isinstance(text, str) and text:
        try:
            language.read(text)
        except ExpressionInvalid as invalid:
            yield from (_fault(at, slip, language) for slip in invalid.slips)


def _fault(at: Path, slip: Slip, language: Language) -> PolicyFault:
    place = f"{slip.line}:{slip.position}"
    known = tuple(language.names) if slip.wrong is Wrong.NAME else ()
    return PolicyFault(_CODES[slip.wrong], at, slip.text, place, known)


def _vocabulary(tree: Any) -> Vocabulary:
    """Declarations of a document, as far as they can be read."""
    profile = {at[-1]: value(key, "type") for at, key in items(tree, "profile")}
    return Vocabulary(
        _declared(tree, "attributes"),
        {str(key): kind for key, kind in profile.items() if kind in KINDS},
        tuple(key for _, key in keys(tree, "counts")),
        tuple(code for _, code in codes(tree, "segments")),
    )


def _declared(tree: Any, *at: str) -> dict[str, Kind]:
    return {str(key[-1]): kind for key, kind in items(tree, *at) if kind in KINDS}
