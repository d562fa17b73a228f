"""Differences: what a document says otherwise than another, value by value.

Things with a code are matched by it wherever they stand; any other list is one value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that changed; None where it was not there before, or is not there any more."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """What changes from one document to another, in the order of the newer one."""
    older, newer = _parts(before), _parts(after)
    if older is None or newer is None:
        if before != after:
            yield Difference(path or "$", before, after)
        return
    for name in dict.fromkeys((*newer, *older)):
        where = f"{path}.{name}" if path else name
        if name not in older:
            yield Difference(where, None, newer[name])
        elif name not in newer:
            yield Difference(where, older[name], None)
        else:
            yield from differences(older[name], newer[name], where)


def _parts(value: Any) -> Mapping[str, Any] | None:
    """The named parts of a value: keys of a mapping, codes of a list of things that have one."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list | tuple) or not all(isinstance(one, dict) for one in value):
        return None
    coded = {one["code"]: one for one in value if "code" in one}
    return coded if coded and len(coded) == len(value) else None
