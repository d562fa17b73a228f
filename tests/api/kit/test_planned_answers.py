"""Operations that are generated from the product's own schema are answered as without plans: every
answer of the application is compared (`tests/support/compared.py`).
"""

from random import Random
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    print_ast,
)

from api.edge.limits import Limits
from api.schema import build_schema
from tests.support import compared
from tests.support.callers import open_stage
from tests.support.queries import QUERIES
from tests.support.things import furnish

OPERATIONS, DEPTH_MAX, PAGE = 500, 3, 2
SCHEMA = build_schema(Limits(), production=False)._schema
OF_MEMBERS = {"me", "viewer", "quoteEarning", "quoteOffset", "rewards", "tiers", "programme"}


def selection(chance: Random, type_: Any, depth: int = 0) -> str:
    """Some fields of a type, and of those below it."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLUnionType | GraphQLInterfaceType):
        possible = SCHEMA.get_possible_types(named)
        shown = chance.sample(possible, min(len(possible), 3))
        parts = [f"... on {one.name} {{ {selection(chance, one, depth)} }}" for one in shown]
        return " ".join(["__typename", *parts])
    assert isinstance(named, GraphQLObjectType)
    asked = [
        (name, field)
        for name, field in named.fields.items()
        if not any(is_required_argument(argument) for argument in field.args.values())
        and (depth < DEPTH_MAX or is_leaf_type(get_named_type(field.type)))
    ]
    some = chance.sample(asked, min(len(asked), chance.randrange(1, 6)))
    return " ".join(["__typename", *(written(chance, *one, depth) for one in some)])


def written(chance: Random, name: str, field: GraphQLField, depth: int) -> str:
    alias = f"{name}Again: " if chance.random() < 0.1 else ""
    page = f"(first: {PAGE})" if "first" in field.args else ""
    directive = chance.choice(["", "", "", " @include(if: $yes)", " @skip(if: $no)"])
    of_type = get_named_type(field.type)
    below = "" if is_leaf_type(of_type) else f" {{ {selection(chance, of_type, depth + 1)} }}"
    return f"{alias}{name}{page}{directive}{below}"


def an_operation(chance: Random, root: str) -> str:
    """One of a root field with the arguments that `QUERIES` has for it."""
    [definition] = parse(QUERIES[root][0]).definitions
    assert isinstance(definition, OperationDefinitionNode)
    field = definition.selection_set.selections[0]
    assert isinstance(field, FieldNode)
    query = SCHEMA.query_type
    assert query is not None
    declared = query.fields[root]
    arguments = [print_ast(one) for one in field.arguments or ()]
    if "first" in declared.args and not any(one.startswith("first:") for one in arguments):
        arguments.append(f"first: {PAGE}")
    given = f"({', '.join(arguments)})" if arguments else ""
    variables = [print_ast(one) for one in definition.variable_definitions or ()]
    switches = ["$yes: Boolean! = true", "$no: Boolean! = false"]
    if is_leaf_type(get_named_type(declared.type)):
        return f"query({', '.join(variables)}) {{ {root}{given} }}"
    below = selection(chance, declared.type)
    return (
        f"query({', '.join([*variables, *switches])}) {{ {root}{given} {{ {below} }} "
        f"again: __typename @include(if: $yes) @skip(if: $no) }}"
    )


@pytest.mark.usefixtures("database")
async def test_generated_operations_are_answered_as_without_plans() -> None:
    things = await furnish(await open_stage())
    member, staff = things.stage.member(things.reference), things.stage.staff()
    chance = Random(20261127)
    answered, before = 0, len(compared.ComparingExecutor.compared)
    for _ in range(OPERATIONS):
        root = chance.choice(sorted(QUERIES))
        client = member if root in OF_MEMBERS else staff
        answer = await client.ask(an_operation(chance, root), **QUERIES[root][1](things))
        answered += (answer.get("data") or {}).get(root) is not None

    assert answered > OPERATIONS * 3 / 4
    assert len(compared.ComparingExecutor.compared) - before > OPERATIONS
    assert compared.differences == []
