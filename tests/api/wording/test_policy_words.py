"""Everything that a document may say has words, in the guide and where it changes."""

import string
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from api.wording.catalogues import LANGUAGES, SENTENCES
from api.wording.change_words import all_changes
from api.wording.guide import OF_POINTS, TECHNICAL, guide, pays_nothing
from api.wording.policy_words import Field, choice_id, choices, label_id, phrase_id
from domain.programmes.changes import changes, said
from domain.programmes.nodes import Node
from domain.programmes.policy import Policy
from domain.programmes.programmes import BEGINNING, Version
from domain.programmes.reader import parse
from domain.programmes.rules import BonusRule
from tests.support import policy_nodes
from tests.support.factories import SHIPPED

DOCUMENTS = sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def shipped(name: str) -> Policy:
    return parse((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))


def guides(policy: Policy) -> Iterator[tuple[str, str]]:
    version = Version(UUID(int=0), 1, BEGINNING, policy)
    return ((language, guide(version, language)) for language in LANGUAGES)


def test_a_field_without_words_is_named() -> None:
    """All have words (`test_catalogues`); one that is new is told of by its node and name."""
    with pytest.raises(
        KeyError, match=r"nothing says policy\.Policy\.novelty: add it to policy\.po"
    ):
        label_id(Field(Policy, "novelty"))
    with pytest.raises(KeyError, match=r"nothing says policy\.BonusRule\.kind\.gift"):
        choice_id(Field(BonusRule, "kind"), "gift")


def test_a_phrase_says_every_field() -> None:
    for kind in policy_nodes.kinds():
        if (phrase := phrase_id(kind)) is not None:
            keys = {field.alias or name for name, field in kind.model_fields.items()}
            for language in LANGUAGES:
                holes = string.Formatter().parse(SENTENCES[language][phrase])
                assert {name for _, name, _, _ in holes if name} == keys


def names(field: Field) -> set[str]:
    """What a field is called, by its node and by those that this one is derived from."""
    return {f"{kind.__name__}.{field.key}" for kind in field.of.__mro__}


def test_what_the_guide_leaves_out_is_there() -> None:
    known = {name for field in policy_nodes.fields() for name in names(field)}
    assert known >= TECHNICAL | OF_POINTS


Path = tuple[str | int, ...]


def leaves(tree: Any, model: Any, field: Field, path: Path = ()) -> Iterator[tuple[Path, Field]]:
    """Each value that the document says, with the field that it is of.

    What the guide need not say is passed over.
    """
    if isinstance(tree, dict):
        of_node = isinstance(model, Node)
        values = said(model) if of_node else model
        for key, one in tree.items():
            own = Field(type(model), key) if of_node else field
            if names(own).isdisjoint(TECHNICAL):
                yield from leaves(one, values[key], own, (*path, key))
    elif isinstance(tree, list | tuple):
        for place, one in enumerate(tree):
            if not pays_nothing(model[place]):
                yield from leaves(one, model[place], field, (*path, place))
    else:
        yield path, field


def others(value: Any, field: Field) -> list[Any]:
    """Values that the field may have instead, the likeliest first."""
    if isinstance(value, bool):
        return [not value, None]
    if isinstance(value, date):
        return [value + timedelta(days=1)]
    if isinstance(value, int | Decimal):
        return [value + 1, value - 1]
    # a day of every year is a text, as a birthday is
    return [*sorted(choices(field) - {value}), f"{value}x", "11-02", "12-03", None]


def at(tree: Any, path: Path) -> Any:
    return at(tree[path[0]], path[1:]) if path else tree


def with_other(tree: Any, path: Path, value: Any) -> Any:
    """A copy of the tree with another value at the path."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(tree, dict):
        return {**tree, first: with_other(tree[first], rest, value)}
    return [with_other(one, rest, value) if i == first else one for i, one in enumerate(tree)]


def mutants(policy: Policy) -> Iterator[tuple[str, Policy | None]]:
    """The document with one value changed, for each that it says, by its path; None where no
    other value could stand there by itself.
    """
    tree = policy.model_dump(by_alias=True, exclude_unset=True)
    for path, field in leaves(tree, policy, Field(Policy, "programme")):
        made = None
        for value in others(at(tree, path), field):
            with suppress(ValidationError):
                made = Policy.model_validate(with_other(tree, path, value))
                break
        yield ".".join(map(str, path)), made


@pytest.mark.parametrize("name", DOCUMENTS)
def test_any_field_that_changes_changes_the_guide_and_is_told(name: str) -> None:
    policy = shipped(name)
    before = dict(guides(policy))
    silent, untold, fixed = [], [], []
    for path, changed in mutants(policy):
        if changed is None:
            fixed.append(path)
            continue
        if all(one == before[language] for language, one in guides(changed)):
            silent.append(path)
        told = [all_changes(policy, changed, language) for language in LANGUAGES]
        # with another code it is another thing
        sentences = 2 if path.endswith(".code") else 1
        if [len(one) for one in told] != [sentences] * 2:
            untold.append(path)
    assert (silent, untold) == ([], [])
    # another kind of rule, or of count, has other fields besides
    assert [path for path in fixed if not path.endswith((".kind", ".of"))] == []
    assert list(changes(policy, policy)) == []
