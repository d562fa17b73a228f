"""Plans of selections, and completions that turn values into parts of the answer.

A completion is made for a type of the schema, and for the class of that type's values. An
unexpected value raises, so that graphql-core decides.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from operator import attrgetter
from types import NoneType
from typing import Any

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLInt,
    GraphQLLeafType,
    Undefined,
)
from graphql.execution.collect_fields import GroupedFieldSet

PLAIN = frozenset((str, int, bool, Decimal, date, datetime, dict, list))
"""Classes of the values of leaves; members of enums are leaves, too."""

AS_THEY_ARE: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}
"""Leaves that are written as they are, with the class that they have then."""

Complete = Callable[[Any, Any], Any]
"""Completes a value for the answer, within an execution.

Raises: Exception where graphql-core must decide.
"""

Convert = Callable[[Any], Any]
"""The same for a leaf whose class is known."""


class Unplanned(Exception):
    """A value that no plan expects."""


@dataclass(frozen=True, slots=True, eq=False)
class Completion:
    """Completes values of a type: of any class, or specialised for one."""

    complete: Complete
    is_leaf: bool
    of: Callable[[type], Any]
    """The specialised function for a class, a `Convert` for leaves, a `Complete` for others; None
    where values are written unchanged.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """A field that is read off its object."""

    python_name: str
    completion: Completion


Step = Attribute | Complete | str | None
"""The way to answer a field: read, computed, the same for every object, or by graphql-core."""

Shape = tuple[list[tuple[str, int, Convert]], list[tuple[str, int, Complete]]]
"""Attributes that are not written unchanged: leaves and others, by name and place."""

SHAPES_MAX = 64
"""Shapes that a plan remembers; its objects have few, by which of their attributes are null."""


class Plan:
    """The selection on a type.

    Attributes are read together and their classes checked together: objects whose attributes have
    the same classes are written in the same way.
    """

    __slots__ = ("attributes", "blank", "get", "names", "resolved", "shapes", "worked")

    def __init__(self, steps: list[tuple[str, Step]], resolved: GroupedFieldSet) -> None:
        self.resolved = resolved
        """The fields that graphql-core answers."""

        self.blank = {name: step if isinstance(step, str) else Undefined for name, step in steps}
        """Names of the answer in their order."""

        self.attributes = [(name, step) for name, step in steps if isinstance(step, Attribute)]
        self.worked = [(name, step) for name, step in steps if callable(step)]
        self.names = [name for name, _ in self.attributes]
        self.get = _all_of([step.python_name for _, step in self.attributes])
        self.shapes: dict[tuple[type, ...], Shape] = {}

    def read(self, value: Any, run: Any) -> dict[str, Any]:
        """The answer about an object, with `Undefined` in the places of the other fields.

        Raises: Exception where graphql-core has to decide.
        """
        answer = self.blank.copy()
        values = self.get(value)
        leaves, others = self.shapes.get(tuple(map(type, values))) or self._shape(values)
        answer.update(zip(self.names, values, strict=True))
        for name, place, convert in leaves:
            answer[name] = convert(values[place])
        for name, place, complete in others:
            answer[name] = complete(values[place], run)
        for name, step in self.worked:
            answer[name] = step(value, run)
        return answer

    def _shape(self, values: Sequence[Any]) -> Shape:
        leaves: list[tuple[str, int, Convert]] = []
        others: list[tuple[str, int, Complete]] = []
        for place, (name, attribute) in enumerate(self.attributes):
            written = attribute.completion.of(type(values[place]))
            if written is not None:
                (leaves if attribute.completion.is_leaf else others).append((name, place, written))
        if len(self.shapes) < SHAPES_MAX:
            self.shapes[tuple(map(type, values))] = (leaves, others)
        return leaves, others


def _all_of(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that reads all of these attributes of an object."""
    if len(names) > 1:
        return attrgetter(*names)
    if not names:
        return lambda _: ()
    [only] = names
    return lambda value: (getattr(value, only),)


def of_nothing(value: Any, _: Any) -> Any:
    """The plan of an interface or a union, which leaves it to graphql-core to find the class."""
    raise Unplanned


OF_NOTHING = Completion(of_nothing, False, lambda _: of_nothing)


def _of_no_leaf(value: Any) -> Any:
    raise Unplanned


def or_null(some: Completion) -> Completion:
    complete = some.complete
    return Completion(
        lambda value, run: None if value is None else complete(value, run),
        some.is_leaf,
        lambda class_: None if class_ is NoneType else some.of(class_),
    )


def of_list(complete: Complete) -> Completion:
    def completed(value: Any, run: Any) -> list[Any]:
        if type(value) not in (list, tuple):
            raise Unplanned
        return [complete(item, run) for item in value]

    return Completion(completed, False, lambda _: completed)


def of_leaf(type_: GraphQLLeafType) -> Completion:
    as_it_is = AS_THEY_ARE.get(type_.name)
    converts: dict[type, Convert | None] = {}

    def completed(value: Any, _: Any) -> Any:
        class_ = type(value)
        if class_ is as_it_is:
            return value
        if class_ not in converts:
            converts[class_] = _of_class(type_, class_)
        convert = converts[class_]
        return convert(value) if convert else value

    return Completion(completed, True, partial(_of_class, type_))


def _of_class(type_: GraphQLLeafType, class_: type) -> Convert | None:
    """The conversion of leaves of this class; None where they are written unchanged."""
    if class_ is AS_THEY_ARE.get(type_.name):
        return None
    if type_ is GraphQLInt:
        return _of_int if class_ is int else _of_no_leaf
    coerce = type_.coerce_output_value
    if issubclass(class_, Enum):
        names = dict(_named(coerce, class_))
        return lambda value: names[id(value)]
    if class_ not in PLAIN:
        return _of_no_leaf

    def converted(value: Any) -> Any:
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise Unplanned
        return coerced

    return converted


def _of_int(value: Any) -> Any:
    if GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT:
        return value
    raise Unplanned


def _named(coerce: Convert, class_: type[Enum]) -> Iterator[tuple[int, Any]]:
    """The members of an enum by their identity, which needs no call, with their names; members
    without a name in this leaf are left out.
    """
    for member in class_:
        with suppress(Exception):
            coerced = coerce(member)
            if coerced is not None and coerced is not Undefined:
                yield id(member), coerced


def of_object(origin: type, read: Complete) -> Completion:
    def completed(value: Any, run: Any) -> Any:
        if type(value) is not origin:
            raise Unplanned
        return read(value, run)

    return Completion(completed, False, lambda class_: read if class_ is origin else of_nothing)
