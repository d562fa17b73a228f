"""Text: YAML 1.2 or JSON as a tree of plain values, with the position of each of them.

A value is a dictionary, a list, a string, a boolean, a whole number, an exact decimal or None.
What would let a small text become a huge document, or mean something else to another reader, is
a fault; all that can be found in one reading are told together.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from domain.programmes import scalars
from domain.programmes.refusals import FaultCode, Path, PolicyFault, PolicyInvalid

DOCUMENT_BYTES_MAX = 256 * 1024
DEPTH_MAX = 32
VALUES_MAX = 20_000

ASIDE = "\0"
"""Stands in the path of what is passed over because its key is refused already."""

_ODD_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Ends of lines to YAML 1.1 and to the parser, but not to YAML 1.2 or to anybody's editor."""

_UNREADABLE = (YAMLError, ValueError, OverflowError, RecursionError)

_SYNTAX = (
    ("'\\t'", FaultCode.TAB),
    ("could not find expected ':'", FaultCode.COLON_MISSING),
    ("mapping values are not allowed", FaultCode.COLON_UNEXPECTED),
    ("found unexpected end of stream", FaultCode.UNCLOSED),
    ("found unexpected document separator", FaultCode.UNCLOSED),
    ("'<stream end>'", FaultCode.UNCLOSED),
    ("expected ',' or", FaultCode.UNCLOSED),
)
"""What the parser's own words are about."""


@dataclass(frozen=True, slots=True)
class TextPosition:
    """A line and a column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it was read: its values, and where these and their keys stand.

    `faults` are those of the text; what is under a path of `unread` could not be read, so nothing
    more is said about it.
    """

    tree: Any
    values: dict[Path, TextPosition] = field(default_factory=dict)
    keys: dict[Path, TextPosition] = field(default_factory=dict)
    faults: list[PolicyFault] = field(default_factory=list)
    unread: set[Path] = field(default_factory=set)


def read(text: str) -> Source:
    """Content of a text of a bounded size.

    Raises: PolicyInvalid where it cannot be read to its end.
    """
    if len(text.encode("utf-8", "surrogatepass")) > DOCUMENT_BYTES_MAX:
        raise PolicyInvalid((PolicyFault(FaultCode.TOO_LARGE, allowed=str(DOCUMENT_BYTES_MAX)),))
    text = _without_tabs(text.removeprefix("\ufeff"))
    if odd := _ODD_BREAKS.search(text):
        raise PolicyInvalid((_character_fault(text, odd.start()),))
    reading = _Reading(text)
    try:
        return reading.document()
    except _UNREADABLE as error:
        reading.faults.append(_syntax_fault(error, text))
    except _Stopped:
        pass
    raise PolicyInvalid(tuple(reading.faults))


class _Stopped(Exception):
    """Reading ends here; what is wrong is among the faults."""


class _Reading:
    """One text under way: its events, and what has been found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self.values: dict[Path, TextPosition] = {}
        self.keys: dict[Path, TextPosition] = {}
        self.faults: list[PolicyFault] = []
        self.unread: set[Path] = set()
        self.count = 0

    def document(self) -> Source:
        next(self.events)  # the stream begins
        begins = next(self.events)
        if isinstance(begins, yaml.StreamEndEvent):
            self.stop(FaultCode.EMPTY, begins)
        self.directives(begins)
        first = next(self.events)
        tree = self.value(first, ())
        next(self.events)  # the document ends
        after = next(self.events)
        if isinstance(after, yaml.DocumentStartEvent):
            self.stop(FaultCode.SECOND_DOCUMENT, after)
        if tree is None:
            self.stop(FaultCode.EMPTY, first)
        return Source(tree, self.values, self.keys, self.faults, self.unread)

    def directives(self, begins: Any) -> None:
        before = self.text.splitlines()[: begins.start_mark.line + 1]
        self.faults.extend(
            PolicyFault(FaultCode.DIRECTIVE, value=line.strip(), line=number, column=1)
            for number, line in enumerate(before, 1)
            if line.startswith("%")
        )

    def value(self, event: Any, at: Path) -> Any:
        """The value that begins with this event; its faults are noted, and it is passed."""
        self.values[at] = _position(event)
        self.count += 1
        if self.count > VALUES_MAX:
            self.stop(FaultCode.TOO_MANY_VALUES, event, at, allowed=str(VALUES_MAX))
        if len(at) >= DEPTH_MAX:
            self.stop(FaultCode.TOO_DEEP, event, at, allowed=str(DEPTH_MAX))
        if isinstance(event, yaml.AliasEvent):
            self.note(FaultCode.ALIAS, event, at, value=f"*{event.anchor}")
            self.unread.add(at)
            return None
        self.properties(event, at)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(at)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(at)
        return self.scalar(event, at)

    def properties(self, event: Any, at: Path) -> None:
        if event.anchor is not None:
            self.note(FaultCode.ANCHOR, event, at, value=f"&{event.anchor}")
        if event.tag is not None:
            self.note(FaultCode.TAG, event, at, value=_tag(str(event.tag)))
            self.unread.add(at)

    def sequence(self, at: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.value(event, (*at, len(found))))
        return found

    def mapping(self, at: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, at)
            if key in found:
                self.note(FaultCode.REPEATED_KEY, event, (*at, key), value=key)
            if key is None or key in found:
                self.value(next(self.events), (*at, ASIDE))
                continue
            self.keys[*at, key] = _position(event)
            found[key] = self.value(next(self.events), (*at, key))
        return found

    def key(self, event: Any, at: Path) -> str | None:
        """The key that this event is; None for one that is none, with its fault noted."""
        if not isinstance(event, yaml.ScalarEvent):
            self.note(FaultCode.KEY_FORM, event, at)
            self.value(event, (*at, ASIDE))
            return None
        self.properties(event, at)
        text, plain = event.value, event.implicit[0]
        if plain and text == "<<":
            self.note(FaultCode.MERGE, event, at, value=text)
            return None
        odd = text in scalars.NOTHING or text in scalars.FLAGS or scalars.like_a_number(text)
        if plain and odd:
            self.note(FaultCode.KEY_FORM, event, at, value=text, suggestion=f'"{text}"')
            return None
        return self.whole(event, at)

    def scalar(self, event: Any, at: Path) -> Any:
        text = event.value
        if not event.implicit[0]:
            return self.string(event, at)
        if text in scalars.NOTHING:
            return None
        if text in scalars.FLAGS:
            return scalars.FLAGS[text]
        if not scalars.like_a_number(text):
            return self.string(event, at)
        if len(text) > scalars.NUMBER_CHARACTERS_MAX:
            most = str(scalars.NUMBER_CHARACTERS_MAX)
            self.note(FaultCode.NUMBER_LONG, event, at, value=text, allowed=most)
            self.unread.add(at)
            return None
        number = scalars.plain_number(text)
        if number is None:
            likely = scalars.likely_number(text)
            hint = likely or (f'"{text}"' if ":" in text else None)
            self.note(FaultCode.NUMBER_FORM, event, at, value=text, suggestion=hint)
            self.unread.add(at)
        return number

    def string(self, event: Any, at: Path) -> str | None:
        found = self.whole(event, at)
        if found is None:
            self.unread.add(at)
        return found

    def whole(self, event: Any, at: Path) -> str | None:
        found = scalars.whole_text(event.value)
        odd = scalars.CONTROL.search(event.value if found is None else found)
        if odd is None:
            return found
        self.note(FaultCode.CHARACTER, event, at, value=f"U+{ord(odd[0]):04X}")
        return None

    def note(
        self,
        code: FaultCode,
        event: Any,
        at: Path = (),
        *,
        value: object = None,
        allowed: str = "",
        suggestion: str | None = None,
    ) -> None:
        if ASIDE in at:
            return
        position = _position(event)
        self.faults.append(
            PolicyFault(
                code,
                at,
                value,
                allowed,
                line=position.line,
                column=position.column,
                suggestion=suggestion,
            )
        )

    def stop(self, code: FaultCode, event: Any, at: Path = (), *, allowed: str = "") -> NoReturn:
        self.note(code, event, at[: at.index(ASIDE)] if ASIDE in at else at, allowed=allowed)
        raise _Stopped


def _position(event: Any) -> TextPosition:
    return TextPosition(event.start_mark.line + 1, event.start_mark.column + 1)


def _tag(name: str) -> str:
    """A tag as it is written in the text."""
    return name.replace("tag:yaml.org,2002:", "!!")


def _without_tabs(text: str) -> str:
    """JSON may be indented by tabs, YAML may not; columns stay what they are."""
    if "\t" not in text:
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text.replace("\t", " ")


def _character_fault(text: str, position: int) -> PolicyFault:
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    character = f"U+{ord(text[position]):04X}"
    return PolicyFault(FaultCode.CHARACTER, value=character, line=line, column=column)


def _syntax_fault(error: Exception, text: str) -> PolicyFault:
    """What the parser could not read, without its own words, which are about its insides."""
    if isinstance(error, ReaderError):
        return _character_fault(text, error.position)
    if not isinstance(error, MarkedYAMLError):
        return PolicyFault(FaultCode.SYNTAX)
    problem = error.problem or ""
    code = next((code for said, code in _SYNTAX if said in problem), FaultCode.SYNTAX)
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return PolicyFault(code)
    return PolicyFault(code, line=mark.line + 1, column=mark.column + 1)
