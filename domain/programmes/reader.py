"""The reader: a policy document from YAML or JSON text, with every fault and its position."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from domain.programmes import structure, text, trees, variants
from domain.programmes.faults import cross_faults, known_values, publishing_faults
from domain.programmes.policy import Policy
from domain.programmes.refusals import FaultCode, Path, PolicyFault, PolicyInvalid
from domain.programmes.scalars import likely_number
from domain.programmes.structure import Document
from domain.programmes.text import Source, TextPosition

FAULTS_MAX = 200
"""Most faults reported for one document; the last one then says how many more there are."""

COMPARED_CHARACTERS_MAX = 64
"""Longest text that something like it is looked for."""

COMPARED_CODES_MAX = 500
"""Most codes that a value is compared with."""

Contradictions = Callable[[Any], Iterable[PolicyFault]]

_FLAGS = dict.fromkeys(("true", "yes", "on"), "true") | dict.fromkeys(
    ("false", "no", "off"), "false"
)


def parse(document: str) -> Policy:
    """Read a new document in YAML or JSON.

    Raises: PolicyInvalid with every fault, its line and its path.
    """
    return parse_as(Policy, document, _new_faults)


def reread(document: str) -> Policy:
    """Read the text of a version that is published: what is refused of new ones only, is not.

    Raises: PolicyInvalid.
    """
    return parse_as(Policy, document, cross_faults)


def parse_as(model: type[Document], document: str, contradictions: Contradictions) -> Document:
    """Read a document of this model in YAML or JSON.

    Raises: PolicyInvalid with every fault, its line and its path.
    """
    return _checked(model, text.read(document), contradictions)


def validate(tree: Any) -> Policy:
    """Check a document's structure, and everything that its parts say about one another.

    Raises: PolicyInvalid with every fault and its path.
    """
    return validate_as(Policy, tree, cross_faults)


def validate_as(model: type[Document], tree: Any, contradictions: Contradictions) -> Document:
    """Check a document of this model that was no text.

    Raises: PolicyInvalid with every fault and its path.
    """
    return _checked(model, Source(tree), contradictions)


def to_document(policy: Policy) -> dict[str, Any]:
    """The document as JSON values, decimals as text: what a version stores for ever."""
    return policy.model_dump(mode="json", by_alias=True, exclude_unset=True)


def located(faults: Iterable[PolicyFault], document: str) -> PolicyInvalid:
    """Faults that were found later, with their positions in the text that was read."""
    return PolicyInvalid(_told(text.read(document), faults))


def _new_faults(tree: Any) -> Iterable[PolicyFault]:
    yield from cross_faults(tree)
    yield from publishing_faults(tree)
    if trees.value(tree, "experiments"):
        yield from variants.faults(tree)


def _checked(model: type[Document], source: Source, contradictions: Contradictions) -> Document:
    found, faults = structure.check(model, source.tree)
    # what is known of other parts says more of a value than its kind does
    known = list(contradictions(source.tree))
    told = {(one.code, one.at) for one in known}
    faults = [*(one for one in faults if (one.code, one.at) not in told), *known]
    every = [*source.faults, *(one for one in faults if not _unread(source, one.at))]
    if found is None or every:
        raise PolicyInvalid(_told(source, every))
    return found


def _unread(source: Source, at: Path) -> bool:
    return any(at[:length] in source.unread for length in range(len(at) + 1))


def _told(source: Source, faults: Iterable[PolicyFault]) -> tuple[PolicyFault, ...]:
    """The faults in the order of the text, each with help to find and correct it."""
    placed = [_placed(source, fault) for fault in faults]
    if source.values:
        placed.sort(key=lambda fault: (fault.line or 0, fault.column or 0))
    more = len(placed) - FAULTS_MAX
    told = [
        replace(one, suggestion=one.suggestion or suggestion(one)) for one in placed[:FAULTS_MAX]
    ]
    if more > 0:
        told.append(PolicyFault(FaultCode.MORE_FAULTS, allowed=str(more)))
    return tuple(told)


def _placed(source: Source, fault: PolicyFault) -> PolicyFault:
    position = _position(source, fault)
    return replace(
        fault,
        line=fault.line or (position.line if position else None),
        column=fault.column or (position.column if position else None),
        rule=_rule(source.tree, fault.at),
    )


def _position(source: Source, fault: PolicyFault) -> TextPosition | None:
    """Where it stands: of what is missing, where that is missing from."""
    at = fault.at
    if not fault.of_key and at in source.values:
        return source.values[at]
    while at and at not in source.keys and at not in source.values:
        at = at[:-1]
    return source.keys.get(at) or source.values.get(at)


def _rule(tree: Any, at: Path) -> str | None:
    """The code of the innermost thing in a list that the place is in."""
    for length in range(len(at), 0, -1):
        code = trees.value(tree, *at[:length], "code") if isinstance(at[length - 1], int) else None
        if isinstance(code, str):
            return code
    return None


def suggestion(fault: PolicyFault) -> str | None:
    """The value that was most likely meant; None where none is close."""
    found = fault.value
    if not isinstance(found, str) or len(found) > COMPARED_CHARACTERS_MAX:
        return None
    if fault.code in (FaultCode.WHOLE, FaultCode.NUMBER):
        return likely_number(found)
    if _of_flag(fault):
        return _FLAGS.get(found.lower())
    if fault.code is FaultCode.CODE:
        made = re.sub(r"[^a-z0-9]+", "_", found.lower()).strip("_")
        return made if re.match("[a-z]", made) else None
    if fault.code is FaultCode.MISSING:
        return None
    known = fault.known[:COMPARED_CODES_MAX] or known_values(fault.code)
    by_lower = {one.lower(): one for one in known}
    nearest = difflib.get_close_matches(found.lower(), by_lower, n=1)
    return by_lower[nearest[0]] if nearest else None


def _of_flag(fault: PolicyFault) -> bool:
    """Whether true or false was to be written."""
    if fault.code is FaultCode.VALUE_TYPE:
        return fault.allowed == "boolean"
    return fault.code is FaultCode.FLAG or fault.known == ("true",)
