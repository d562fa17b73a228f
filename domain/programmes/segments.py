"""Segments: groups of members that a policy names once and rules ask for by their codes.

A segment is either all members that its selector matches at the judged instant, or a list of
members that staff keep.
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from domain.programmes.nodes import Code, Node, Words
from domain.programmes.refusals import FaultCode, PolicyFault
from domain.programmes.selectors import SegmentSelector
from domain.programmes.trees import items, value

SEGMENTS_MAX = 100


class Segment(Node):
    """Members that a selector matches, or that a list has."""

    code: Code
    name: Words
    when: SegmentSelector | None = Field(
        None, description="Conditions on the member when a fact is judged."
    )
    listed: Literal[True] | None = Field(
        None,
        alias="list",
        description="Whether it is a list of members, which `segment import` maintains.",
    )


def faults(tree: Any) -> Iterator[PolicyFault]:
    """Segments that are neither a selector nor a list, or both."""
    for where, segment in items(tree, "segments"):
        if isinstance(segment, dict):
            said = [name for name in ("when", "list") if value(segment, name) is not None]
            if len(said) != 1:
                yield PolicyFault(FaultCode.SEGMENT_FORM, where)
