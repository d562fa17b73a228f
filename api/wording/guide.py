"""The guide: everything that a policy in force says, in Markdown that its members can read.

It is made of the labels and values of `policy_words`, so a field without words has no guide.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from api.wording.catalogues import sentence
from api.wording.policy_words import (
    Field,
    Reader,
    is_short,
    key_text,
    label,
    pair,
    spoken,
    value_text,
)
from domain.programmes.changes import code_of, coded
from domain.programmes.levels import Tiers
from domain.programmes.nodes import Node
from domain.programmes.policy import Policy
from domain.programmes.programmes import Version
from domain.programmes.rules import ActivityRule, MultiplierRule, RateAddRule

TECHNICAL = frozenset(
    {
        *("Policy.target_return", "Policy.staff", "Policy.finance", "Policy.risk"),
        *("Policy.experiments", "Tiers.renames"),
        *("Rule.funder", "ActivityRule.funder", "Grant.funder"),
    }
)
"""Fields without interest for readers of a guide: proofs about the rules, reading of rows, funders,
limits of staff, accounting, rules against fraud, and experiments.
"""

OF_POINTS = frozenset(
    {
        *("Policy.completion", "Policy.holds", "Policy.quotes"),
        *("Tier.multiplier", "RefundTerms.claw_back", "RefundTerms.grace_days"),
    }
)
"""Fields that say nothing where there are no points."""

_MARKUP = re.compile(r"([\\`*_\[\]<>|])")

REMEMBERED_MAX = 64

_made: dict[tuple[UUID, str], str] = {}

Lines = Iterator[str]


def guide(version: Version, language: str) -> str:
    """The version's policy in Markdown, but for technical fields and rules that pay nothing."""
    policy = version.policy
    reader = Reader(policy, language)
    text = "\n".join(_lines(reader, policy, version.number))
    return re.sub("\n{3,}", "\n\n", text) + "\n"


def guide_of(version: Version, language: str) -> str:
    """The guide of a published version: made once, as neither ever changes."""
    key = (version.id, language)
    if key not in _made:
        if len(_made) >= REMEMBERED_MAX:
            _made.clear()
        _made[key] = guide(version, language)
    return _made[key]


def pays_nothing(rule: object) -> bool:
    """Whether a rule gives nothing, and takes the place of no other."""
    if isinstance(rule, ActivityRule):
        return rule.points == 0
    if isinstance(rule, MultiplierRule):
        return rule.factor == 1
    return isinstance(rule, RateAddRule) and rule.add == 0


def _lines(reader: Reader, policy: Policy, number: int) -> Lines:
    language = reader.language
    yield f"# {_escaped(policy.name.in_locale(language))}"
    yield ""
    yield sentence("guide.version", language, number=number)
    fields = {key: one for key, one in _fields(reader, policy).items() if key != "name"}
    sections = {key: one for key, one in fields.items() if isinstance(one, Node) or coded(one)}
    yield from _heading(2, sentence("guide.programme", language))
    for key, value in fields.items():
        if key not in sections:
            yield from _bullets(reader, Field(Policy, key), value)
    for key, value in sections.items():
        yield from _section(reader, Field(Policy, key), value)


def _fields(reader: Reader, node: Node) -> dict[str, Any]:
    skipped = TECHNICAL if reader.policy.has_points else TECHNICAL | OF_POINTS
    names = [kind.__name__ for kind in type(node).__mro__]
    said = spoken(node)
    if isinstance(node, Tiers) and node.downgrade is None and node.terms is not None:
        said["downgrade"] = node.terms
    return {
        key: value
        for key, value in said.items()
        if not any(f"{name}.{key}" in skipped for name in names)
    }


def _heading(depth: int, text: str) -> Lines:
    yield from ("", f"{'#' * depth} {text}", "")


def _section(reader: Reader, field: Field, value: Any, depth: int = 2) -> Lines:
    """A part of the document under a heading; lists of things in it come after the rest."""
    things = [one for one in value if not pays_nothing(one)] if coded(value) else [value]
    if not things:
        return
    yield from _heading(depth, label(field, reader.language))
    if not coded(value):
        yield from _body(reader, value, depth)
        return
    for one in things:
        name = f"{_escaped(one.name.in_locale(reader.language))} (`{code_of(one)}`)"
        if not _fields(reader, one):
            yield f"- {name}"
            continue
        yield from _heading(depth + 1, name)
        yield from _body(reader, one, depth + 1)


def _body(reader: Reader, node: Node, depth: int) -> Lines:
    later = []
    for key, value in _fields(reader, node).items():
        field = Field(type(node), key, node)
        if isinstance(value, tuple) and value and coded(value):
            later.append((field, value))
        else:
            yield from _bullets(reader, field, value)
    for field, value in later:
        yield from _section(reader, field, value, depth + 1)


def _bullets(reader: Reader, field: Field, value: Any, indent: str = "") -> Lines:
    """A field on a line, or on one for each of its parts below it."""
    name, deeper = label(field, reader.language), f"{indent}  "
    apart = isinstance(value, tuple) and any(isinstance(one, Node) for one in value)
    if isinstance(value, Node) and not is_short(value):
        yield f"{indent}- {sentence('guide.part', reader.language, name=name)}"
        for key, one in _fields(reader, value).items():
            yield from _bullets(reader, Field(type(value), key, value), one, deeper)
    elif isinstance(value, dict):
        yield f"{indent}- {sentence('guide.part', reader.language, name=name)}"
        for key, one in value.items():
            keyed = Field(field.of, f"{field.key}.{key}")
            said = _escaped(value_text(reader, keyed, one))
            yield f"{deeper}- {pair(_escaped(key_text(reader, field, key)), said, reader.language)}"
    elif apart:
        yield f"{indent}- {sentence('guide.part', reader.language, name=name)}"
        yield from (f"{deeper}- {_escaped(value_text(reader, field, one))}" for one in value)
    else:
        yield f"{indent}- {pair(name, _escaped(value_text(reader, field, value)), reader.language)}"


def _escaped(text: str) -> str:
    """Text of the document on one line, escaped for Markdown and HTML."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
