"""Trees: what a document says at a place, whatever else is wrong with it.

Values of another kind than asked for are passed over: the structure has a fault for each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.programmes.refusals import FaultCode, Path, PolicyFault

Found = tuple[Path, Any]
"""A value with its place."""


def value(tree: Any, *at: str | int) -> Any:
    """What stands at the place; None where nothing does."""
    for part in at:
        if isinstance(part, int):
            tree = tree[part] if isinstance(tree, list) and part < len(tree) else None
        else:
            tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def items(tree: Any, *at: str | int) -> Iterator[Found]:
    """Items of the list, or values of the mapping, at this place, each with its place."""
    found = value(tree, *at)
    if isinstance(found, dict):
        yield from (((*at, key), one) for key, one in found.items())
    elif isinstance(found, list | tuple):
        yield from (((*at, place), one) for place, one in enumerate(found))


def texts(tree: Any, *at: str | int) -> list[Found]:
    """The texts in the list there."""
    return [(where, one) for where, one in items(tree, *at) if isinstance(one, str)]


def keys(tree: Any, *at: str | int) -> list[Found]:
    """The keys of the mapping there, each as a text with its place."""
    found = value(tree, *at)
    return [((*at, key), key) for key in found] if isinstance(found, dict) else []


def codes(tree: Any, *at: str | int) -> list[Found]:
    """The codes of what the list there has."""
    found = [((*where, "code"), value(one, "code")) for where, one in items(tree, *at)]
    return [(where, code) for where, code in found if isinstance(code, str)]


def number(tree: Any, *at: str | int) -> Decimal | None:
    """The number there, which a stored document has as a text."""
    found = value(tree, *at)
    if isinstance(found, bool) or not isinstance(found, int | float | str | Decimal):
        return None
    try:
        made = Decimal(str(found))
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


@dataclass(frozen=True, slots=True)
class Defined:
    """The codes that a section defines, in its order."""

    listed: tuple[str, ...]
    known: frozenset[str]


def defined(
    tree: Any, found: list[Found], *at: str | int, required: bool = False
) -> Defined | None:
    """Codes that a section defines.

    None where the section cannot be read, or defines nothing although it has to: one fault says
    so, and what refers to it is not at fault.
    """
    section = value(tree, *at)
    if section is not None and not isinstance(section, list | dict | tuple):
        return None
    if required and not found:
        return None
    listed = tuple(dict.fromkeys(code for _, code in found))
    return Defined(listed, frozenset(listed))


def undefined(found: Iterable[Found], there: Defined | None) -> Iterator[PolicyFault]:
    """The codes among these that are not defined."""
    if there is not None:
        for where, code in found:
            if code not in there.known:
                yield PolicyFault(FaultCode.UNDEFINED, where, code, known=there.listed)


def repeated(found: Iterable[Found]) -> Iterator[PolicyFault]:
    """Each of these codes that occurred before."""
    seen: set[Any] = set()
    for where, code in found:
        if code in seen:
            yield PolicyFault(FaultCode.REPEATED, where, code)
        seen.add(code)
