"""Expressions: the Common Expression Language (CEL), closed to booleans, texts and whole numbers.

An expression is checked against the names that it may use before it is ever asked. It knows no
float, clock, zone, map or value without a type, so that what it says depends on what it is given
alone; and no text or list grows in it, so that asking takes little time and memory. Nothing else
of the house knows the library.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cel_expr_python import cel

Kind = str
"""What a name stands for: `boolean`, `text`, `number` (whole), or `texts`, a list of them."""

UNKNOWN: Mapping[Kind, object] = {"boolean": False, "text": "", "number": 0, "texts": []}
"""What a name of each kind is where its value is not known."""

_TYPES: Mapping[Kind, cel.Type] = {
    "boolean": cel.Type.BOOL,
    "text": cel.Type.STRING,
    "number": cel.Type.INT,
    "texts": cel.Type.List(cel.Type.STRING),
}

EXCLUDED = (
    *("double", "dyn", "type", "matches", "timestamp", "duration", "int", "uint", "string"),
    *("bytes", "getFullYear", "getMonth", "getDayOfYear", "getDayOfMonth", "getDate"),
    *("getDayOfWeek", "getHours", "getMinutes", "getSeconds", "getMilliseconds"),
)
"""Functions of the language that make values which no expression of ours has."""

_GROWING = ("add_string", "add_bytes")
"""Additions that double a value with each few characters of an expression, and so fill memory."""
_ADD_LIST = b"add_list"
"""Doubles lists likewise; it cannot be left out, because `map` and `filter` are made of it."""

_CONFIG = cel.NewEnvConfigFromYaml(
    "stdlib:\n  exclude_functions:\n"
    + "".join(f"    - name: {name}\n" for name in EXCLUDED)
    + "    - name: _+_\n      overloads:\n"
    + "".join(f"        - id: {overload}\n" for overload in _GROWING)
)


class Wrong(StrEnum):
    """What is wrong with an expression."""

    SYNTAX = "syntax"
    NAME = "name"
    FUNCTION = "function"
    OPERANDS = "operands"
    VALUE = "value"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing wrong: what, at which line and position from 1, and the text that it is about."""

    wrong: Wrong
    line: int
    position: int
    text: str = ""


class ExpressionInvalid(Exception):
    """The expression cannot be asked."""

    def __init__(self, slips: tuple[Slip, ...]) -> None:
        super().__init__(slips)
        self.slips = slips


class Expression:
    """A checked expression; `names` are those that it uses."""

    def __init__(self, env: cel.Env, compiled: cel.Expression, names: frozenset[str]) -> None:
        self._env, self._compiled, self.names = env, compiled, names

    def ask(self, values: Mapping[str, Any]) -> bool | None:
        """Whether it is true of these values, which have each of its names; None where it errs.

        It errs on a division by zero, an overflow, and beyond 10 000 iterations.
        """
        given = self._env.Activation({name: values[name] for name in self.names})
        try:
            found = self._compiled.eval(given)
        except RuntimeError:
            return None
        # an error is a value, too, and true as such
        return found.value() is True if found.type() == cel.Type.BOOL else None


class Language:
    """The names that expressions of one kind may use, each with what it stands for."""

    def __init__(self, names: Mapping[str, Kind]) -> None:
        self.names = names
        variables = {name: _TYPES[kind] for name, kind in names.items()}
        self._env = cel.NewEnv(config=_CONFIG, variables=variables)

    def read(self, text: str) -> Expression:
        """The expression of this text, once it is checked.

        Raises: ExpressionInvalid.
        """
        try:
            compiled = self._env.compile(text)
        except RuntimeError as error:
            raise ExpressionInvalid(tuple(_slips(str(error)))) from error
        checked = _Checked(compiled.serialize())
        if odd := sorted(checked.odd_values()):
            # what it is part of is odd by it
            at, kind = odd[0]
            raise ExpressionInvalid((_placed(Wrong.VALUE, text, at, kind),))
        for at in checked.additions_of_lists():
            # one that is part of `map` or `filter` stands at these
            if text[at : at + 1] == "+":
                raise ExpressionInvalid((_placed(Wrong.OPERANDS, text, at, "list + list"),))
        if compiled.return_type() != cel.Type.BOOL:
            raise ExpressionInvalid((Slip(Wrong.RESULT, 1, 1, text),))
        return Expression(self._env, compiled, frozenset(checked.names() & self.names.keys()))


_ERROR = re.compile(r"^(?:[A-Z_]+: )?ERROR: <input>:(-?\d+):(-?\d+): (.*)$", re.MULTILINE)
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\(?(.*?)\)?'$")


def _slips(said: str) -> Iterator[Slip]:
    """The library's errors, without its own words."""
    found = _ERROR.findall(said)
    if not found:
        yield Slip(Wrong.SYNTAX, 1, 1)
    for line, position, message in found:
        at = max(1, int(line)), max(1, int(position))
        if undeclared := _UNDECLARED.search(message):
            name = undeclared[1]
            wrong = Wrong.FUNCTION if name in EXCLUDED else Wrong.NAME
            yield Slip(wrong, *at, name)
        elif overload := _OVERLOAD.search(message):
            yield Slip(Wrong.OPERANDS, *at, _applied(overload[1], overload[2]))
        else:
            yield Slip(Wrong.SYNTAX, *at)


def _applied(function: str, operands: str) -> str:
    """`int >= double` for the library's `_>=_` of `int, double`; a call for a function."""
    parts = operands.split(", ")
    if function == "_[_]":
        return f"{parts[0]}[{', '.join(parts[1:])}]"
    operator = function.replace("@in", "in").strip("_")
    if function.startswith("_") and len(parts) == 2:
        return f"{parts[0]} {operator} {parts[1]}"
    if function == "@in":
        return f"{parts[0]} in {', '.join(parts[1:])}"
    return f"{operator}({operands})"


def _placed(wrong: Wrong, text: str, at: int, about: str) -> Slip:
    before = text[:at]
    return Slip(wrong, before.count("\n") + 1, at - before.rfind("\n"), about)


class _Checked:
    """A checked expression as the library serializes it: `cel.expr.CheckedExpr` of protobuf."""

    def __init__(self, serialized: bytes) -> None:
        parts = list(_fields(dict(_fields(serialized))[2]))
        of = {field: [part for tag, part in parts if tag == field] for field in (2, 3, 5)}
        self._references = [dict(_fields(part)) for part in of[2]]
        self._types = [dict(_fields(part)) for part in of[3]]
        sources = (entry for source in of[5] for tag, entry in _fields(source) if tag == 4)
        positions = (dict(_fields(entry)) for entry in sources)
        self._places = {one[1]: one.get(2, 0) for one in positions}

    def names(self) -> set[str]:
        """All names that it refers to, of functions too."""
        named = (dict(_fields(one[2])).get(1, b"") for one in self._references)
        return {name.decode() for name in named}

    def additions_of_lists(self) -> Iterator[int]:
        """Where a list is added to another."""
        for one in self._references:
            if (3, _ADD_LIST) in _fields(one[2]):
                yield self._places.get(one[1], 0)

    def odd_values(self) -> Iterator[tuple[int, str]]:
        """Where a value stands that no expression of ours has, and what it is called."""
        for one in self._types:
            if kind := _odd(one[2]):
                yield self._places.get(one[1], 0), kind


_LIST = 6
_PRIMITIVES = {3: "uint", 4: "double", 6: "bytes"}
_OTHERS = {1: "dyn", 2: "null", 7: "map", 11: "type"}


def _odd(described: bytes) -> str | None:
    """What a type is called that is no boolean, text, whole number or list of these."""
    for field, found in _fields(described):
        if field == 3:
            return _PRIMITIVES.get(found)
        if field == _LIST:
            inner = dict(_fields(found)).get(1, b"")
            # equal lists of lists of lists would be compared without an end
            deep = any(tag == _LIST for tag, _ in _fields(inner))
            return "list of lists" if deep else _odd(inner)
        return _OTHERS.get(field, "message")
    return None


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protobuf message that are numbers or have a length: all that occur here."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        found, at = _varint(message, at)
        if tag & 7 == 2:
            yield tag >> 3, message[at : at + found]
            at += found
        else:
            yield tag >> 3, found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        at, number, shift = at + 1, number | (byte & 127) << shift, shift + 7
        if byte < 128:
            return number, at
