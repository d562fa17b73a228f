"""Find the texts that a function or class is called with, from the source alone.

An argument may be a literal, a conditional expression, a local variable, or a parameter of the
calling function, whose own callers are then read. Anything else is an error, since its texts would
be missed.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Call:
    node: ast.Call
    inside: Function | None


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: int | None


class Sources:
    """Parsed modules; `attributes` has the texts that attributes can have, by their names."""

    def __init__(
        self, texts: Mapping[str, str], attributes: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        self.attributes = attributes or {}
        self.calls: dict[str, list[Call]] = {}
        for where, text in texts.items():
            for call in _calls(ast.parse(text, filename=where), None):
                called = ast.unparse(call.node.func).rpartition(".")[2]
                self.calls.setdefault(called, []).append(call)

    @classmethod
    def of(cls, *folders: Path, attributes: Mapping[str, frozenset[str]]) -> "Sources":
        files = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
        return cls({str(path): path.read_text(encoding="utf-8") for path in files}, attributes)

    def texts(self, called: str, parameter: Parameter) -> set[str]:
        """The texts that all calls of `called` pass for the parameter."""
        found: set[str] = set()
        for call in self.calls.get(called, []):
            given = _given(call.node, parameter)
            if given is not None:
                found |= self._values(given, call.inside)
        return found

    def _values(self, given: ast.expr, inside: Function | None) -> set[str]:
        match given:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.IfExp(body=body, orelse=orelse):
                return self._values(body, inside) | self._values(orelse, inside)
            case ast.Attribute(attr=name) if name in self.attributes:
                return set(self.attributes[name])
            case ast.Name(id=name) if inside is not None:
                if assigned := _assigned(name, inside):
                    return {text for value in assigned for text in self._values(value, inside)}
                if parameter := _parameter(name, inside):
                    return self.texts(inside.name, parameter)
        raise AssertionError(f"line {given.lineno}: cannot say what {ast.unparse(given)} is")


def _calls(node: ast.AST, inside: Function | None) -> Iterator[Call]:
    if isinstance(node, ast.Call):
        yield Call(node, inside)
    within = node if isinstance(node, Function) else inside
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, within)


def _given(call: ast.Call, parameter: Parameter) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == parameter.name:
            return keyword.value
    if parameter.place is not None and parameter.place < len(call.args):
        return call.args[parameter.place]
    return None


def _assigned(name: str, function: Function) -> list[ast.expr]:
    return [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]


def _parameter(name: str, function: Function) -> Parameter | None:
    for place, argument in enumerate(function.args.args):
        if argument.arg == name:
            return Parameter(name, place)
    named = [argument.arg for argument in function.args.kwonlyargs]
    return Parameter(name, None) if name in named else None
