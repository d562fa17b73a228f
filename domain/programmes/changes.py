"""Changes: differences between two policies, field by field, defaults included.

Things with a code are matched by it wherever they stand in their list. A list of things without
a code is compared place by place where both are as long, and is one value where they are not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from domain.programmes.nodes import Node
from domain.programmes.policy import Policy


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to a value: a field `of` a kind of node, a `thing` by its code, the key
    of a mapping, or a place in a list from 0.
    """

    key: str
    of: type[Node] | None = None
    thing: Node | None = None


Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that changed; None where it did not exist before, or no longer exists.

    Where things `moved`, both are the codes of those that are in both, in their order.
    """

    at: Steps
    before: Any
    after: Any
    moved: bool = False

    @property
    def path(self) -> str:
        """The path with dots; a list item is named by its code."""
        return ".".join(step.key for step in self.at)


def changes(before: Policy, after: Policy) -> Iterator[Change]:
    """Changes from one document to another, in the order of the newer one."""
    yield from _of_nodes(before, after, ())


def said(node: Node) -> Mapping[str, Any]:
    """Values of a node under the keys of the document, including defaults."""
    return {key: getattr(node, name) for key, name in _keys(type(node))}


@cache
def _keys(kind: type[Node]) -> tuple[tuple[str, str], ...]:
    """The fields of a kind of node, with their names in the document and in Python."""
    return tuple((field.alias or name, name) for name, field in kind.model_fields.items())


def code_of(node: object) -> str | None:
    """The code of a thing that has one."""
    code = getattr(node, "code", None)
    return code if isinstance(node, Node) and isinstance(code, str) else None


def coded(value: object) -> bool:
    """Whether it is a list of things that each have a code."""
    return isinstance(value, tuple) and all(code_of(one) is not None for one in value)


def _of_nodes(before: Node, after: Node, at: Steps) -> Iterator[Change]:
    older, newer = said(before), said(after)
    for key in dict.fromkeys((*newer, *older)):
        was, now = older.get(key), newer.get(key)
        if was is now:  # most of what a node could say, and leaves to one default
            continue
        kind = type(after) if key in newer else type(before)
        yield from _of_values(was, now, (*at, Step(key, of=kind)))


def _of_values(before: Any, after: Any, at: Steps) -> Iterator[Change]:
    if isinstance(before, Node) and isinstance(after, Node):
        yield from _of_nodes(before, after, at)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*after, *before)):
            yield from _of_values(before.get(key), after.get(key), (*at, Step(key)))
    elif isinstance(before, tuple) and isinstance(after, tuple):
        yield from _of_lists(before, after, at)
    elif not _same(before, after):
        yield Change(at, before, after)


def _of_lists(before: tuple[Any, ...], after: tuple[Any, ...], at: Steps) -> Iterator[Change]:
    if coded(before) and coded(after):
        yield from _of_things(before, after, at)
    elif len(before) == len(after) and any(isinstance(one, Node) for one in after):
        for place, (older, newer) in enumerate(zip(before, after, strict=True)):
            yield from _of_values(older, newer, (*at, Step(str(place))))
    elif not _same(before, after):
        yield Change(at, before or None, after or None)


def _of_things(before: tuple[Node, ...], after: tuple[Node, ...], at: Steps) -> Iterator[Change]:
    older = {code_of(one) or "": one for one in before}
    newer = {code_of(one) or "": one for one in after}
    for code in dict.fromkeys((*newer, *older)):
        step = Step(code, thing=newer.get(code) or older[code])
        yield from _of_values(older.get(code), newer.get(code), (*at, step))
    was = tuple(code for code in older if code in newer)
    now = tuple(code for code in newer if code in older)
    if was != now:
        yield Change(at, was, now, moved=True)


def _same(before: Any, after: Any) -> bool:
    """Whether both values mean the same: 1.0 equals 1, and true equals neither."""
    if isinstance(before, tuple) and isinstance(after, tuple):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(_same(*pair) for pair in pairs)
    return isinstance(before, bool) is isinstance(after, bool) and bool(before == after)
