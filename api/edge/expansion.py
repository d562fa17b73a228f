"""The size of a document before it is known to be valid, with each fragment counted wherever it is
spread.

Validation compares fields at the same place of the answer with one another, through every fragment,
so its time grows with the square of this count. Counting itself takes one walk: a fragment is
measured once, however often it is spread.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from api.edge.measure import Parts
from api.kit.request_errors import RequestError, RequestErrorCode

NESTING_MAX = 100
"""Levels of selections, also of fragments in one another; few enough to walk by recursion."""


SPREAD_WORK = 4
"""Work for a spread: a fragment is compared with the others at its place, and with the fragments
that those spread.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """`aliases` also counts a field named twice in one selection. `repeats` are the fields that
    are answered in one place before, also through fragments, with all that is inside them.
    """

    fields: int = 0
    aliases: int = 0
    spreads: int = 0
    repeats: int = 0

    @property
    def work(self) -> int:
        """Work of validation, in fields."""
        return self.fields + SPREAD_WORK * self.spreads + self.repeats

    def __add__(self, other: "Size") -> "Size":
        return Size(
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.spreads + other.spreads,
            self.repeats + other.repeats,
        )


@dataclass(slots=True)
class _Level:
    """A selection with its fragments expanded: `weights` are the sizes below each name of its
    answer.
    """

    size: Size = Size()
    levels: int = 1
    weights: dict[str, int] = field(default_factory=dict)


def size(found: Parts, spreads_max: int) -> Size:
    """The size of all operations together, and of fragments that none of them spreads.

    Raises: RequestError TOO_DEEP, TOO_COSTLY
    """
    return _Walk(found, spreads_max).size()


class _Walk:
    def __init__(self, found: Parts, spreads_max: int) -> None:
        self.found = found
        self.spreads_max = spreads_max
        self.fragments: dict[str, _Level] = {}
        self.used: set[str] = set()

    def size(self) -> Size:
        operations = self.found.operations.values()
        total = sum((self._level(node.selection_set, 1).size for node in operations), Size())
        for name in self.found.fragments.keys() - self.used:
            total += self._fragment(name, 1).size
        return self._checked(total)

    def _level(self, selections: SelectionSetNode | None, depth: int) -> _Level:
        if depth > NESTING_MAX:
            raise RequestError(RequestErrorCode.TOO_DEEP, "The document is nested too deeply.")
        level = _Level()
        named: set[str] = set()
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                self._add_field(level, node, named, depth)
            elif isinstance(node, InlineFragmentNode):
                self._spread(level, self._level(node.selection_set, depth + 1))
            elif isinstance(node, FragmentSpreadNode):
                self._spread(level, self._fragment(node.name.value, depth + 1))
        return level

    def _add_field(self, level: _Level, node: FieldNode, named: set[str], depth: int) -> None:
        inside = self._level(node.selection_set, depth + 1) if node.selection_set else _Level()
        name = node.alias.value if node.alias else node.name.value
        aliased = node.alias is not None or name in named
        named.add(name)
        level.levels = max(level.levels, inside.levels + 1)
        level.size += inside.size + Size(fields=1, aliases=int(aliased))
        self._merge(level, [(name, 1 + inside.size.fields)])

    def _spread(self, level: _Level, inside: _Level) -> None:
        level.levels = max(level.levels, inside.levels + 1)
        level.size = self._checked(level.size + inside.size + Size(spreads=1))
        self._merge(level, inside.weights.items())

    def _merge(self, level: _Level, weights: Iterable[tuple[str, int]]) -> None:
        repeats = 0
        for name, weight in weights:
            before = level.weights.get(name)
            repeats += 0 if before is None else min(before, weight)
            level.weights[name] = max(before or 0, weight)
        level.size += Size(repeats=repeats)

    def _fragment(self, name: str, depth: int) -> _Level:
        """A fragment that is not there, or is in itself, holds nothing: validation says so."""
        fragment = self.found.fragments.get(name)
        if fragment is None:
            return _Level()
        self.used.add(name)
        if name not in self.fragments:
            self.fragments[name] = _Level()  # for a fragment that contains itself
            self.fragments[name] = self._level(fragment.selection_set, depth)
        level = self.fragments[name]
        if depth + level.levels > NESTING_MAX + 1:
            raise RequestError(RequestErrorCode.TOO_DEEP, "The document is nested too deeply.")
        return level

    def _checked(self, size: Size) -> Size:
        # within the walk, as a refused document must not be walked to its end
        if size.spreads > self.spreads_max:
            raise RequestError(
                RequestErrorCode.TOO_COSTLY,
                f"{size.spreads} fragments spread are too much; at most {self.spreads_max}.",
                max=self.spreads_max,
            )
        return size
