"""The schema as a promise: every fixed name is there, every element is described, nothing breaks.

CONTRACT repeats the names that clients are written against, for the operations that exist, each
with its type and its default. What is not named there may become stricter in answers and looser in
what is sent, never the other way.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    FieldDefinitionNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InputValueDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    find_breaking_changes,
    is_introspection_type,
    is_non_null_type,
    is_specified_directive,
    is_specified_scalar_type,
    parse,
    print_ast,
    validate,
)

from api.edge.limits import Limits
from api.schema import build_schema as build_our_schema
from tests.support.callers import BATCHES, input_type
from tests.support.contract import CONTRACT

SCHEMA_FILE = Path(__file__).resolve().parents[3] / "schema.graphql"
DEPRECATION = re.compile(r".+\. Removal on \d{4}-\d{2}-\d{2}\.")


@pytest.fixture(scope="module")
def printed() -> str:
    return f"{build_our_schema(Limits(), production=False)}\n"


@pytest.fixture(scope="module")
def schema(printed: str) -> GraphQLSchema:
    return build_schema(printed)


def own_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    for found in schema.type_map.values():
        if not is_introspection_type(found) and not is_specified_scalar_type(found):
            yield found


def members_of(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLArgument | GraphQLInputField]]:
    """Everything that is sent: arguments and input fields, by their whole name."""
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in found.fields.items():
                for argument, definition in field.args.items():
                    yield f"{found.name}.{name}({argument})", definition
        elif isinstance(found, GraphQLInputObjectType):
            for name, sent in found.fields.items():
                yield f"{found.name}.{name}", sent


def test_the_file_is_the_schema(printed: str) -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == printed, "run make schema"


def test_nothing_that_was_published_breaks(schema: GraphQLSchema) -> None:
    published = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))

    assert [change.description for change in find_breaking_changes(published, schema)] == []


def test_no_fixed_name_is_lost(schema: GraphQLSchema) -> None:
    """What the contract says of an input may be sent, what it says of an answer comes."""
    contract = build_schema(CONTRACT, assume_valid_sdl=True)

    broken = find_breaking_changes(contract, schema)

    assert [change.description for change in broken] == []


def written(text: str) -> Iterator[tuple[str, str]]:
    """By its whole name, how each field, argument and input field is written: its type, and its
    default where that is not null.
    """
    for found in parse(text).definitions:
        for field in getattr(found, "fields", None) or ():
            name = f"{found.name.value}.{field.name.value}"  # type: ignore[attr-defined]
            yield name, _said(field)
            for argument in getattr(field, "arguments", None) or ():
                yield f"{name}({argument.name.value})", _said(argument)


def _said(field: FieldDefinitionNode | InputValueDefinitionNode) -> str:
    default = getattr(field, "default_value", None)
    said = print_ast(field.type)
    return (
        said
        if default is None or default.kind == "null_value"
        else f"{said} = {print_ast(default)}"
    )


def test_types_and_defaults_are_the_contracts(printed: str) -> None:
    """To the letter, which says of each field whether it may be null."""
    promised, kept = dict(written(CONTRACT)), dict(written(printed))
    differ = {name: (said, kept[name]) for name, said in promised.items() if kept[name] != said}
    assert differ == {}
    assert promised["RefundPreview.standingAfter"] == "Standing!"
    assert promised["RefundBookingInput.supplierCancelled"] == "Boolean = false"


def test_everything_is_described(schema: GraphQLSchema) -> None:
    missing = [f"{found.name}" for found in own_types(schema) if not found.description]
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            missing += [
                f"{found.name}.{name}"
                for name, field in found.fields.items()
                if not field.description
            ]
        elif isinstance(found, GraphQLEnumType):
            missing += [
                f"{found.name}.{name}"
                for name, value in found.values.items()
                if not value.description
            ]
    missing += [name for name, sent in members_of(schema) if not sent.description]
    missing += [
        f"@{directive.name}"
        for directive in schema.directives
        if not is_specified_directive(directive) and not directive.description
    ]

    assert [name for name in missing if name not in WITHOUT_WORDS] == []


WITHOUT_WORDS = frozenset({"@oneOf"})
"""A directive of GraphQL's own, printed because its tools are younger than it."""


def test_descriptions_are_sentences(schema: GraphQLSchema) -> None:
    told = {found.name: found.description or "" for found in own_types(schema)}
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            told |= {f"{found.name}.{n}": f.description or "" for n, f in found.fields.items()}
        elif isinstance(found, GraphQLEnumType):
            told |= {f"{found.name}.{n}": v.description or "" for n, v in found.values.items()}
    told |= {name: sent.description or "" for name, sent in members_of(schema)}

    odd = {
        name: text
        for name, text in told.items()
        if not (text[0].isupper() or text[0] in "0123456789…@`" or text.startswith("zh-CN"))
        or text[-1] not in ".?…"
        or text.split()[0].rstrip(".;,") in RIDDLES
    }

    assert odd == {}


RIDDLES = frozenset(["How", "That", "What", "When", "Where", "Which", "Who", "Whose", "Why"])
"""A description that begins with one of these describes its noun instead of naming it."""


def test_every_mutation_has_the_same_shape(schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    for name, field in schema.mutation_type.fields.items():
        capital = name[0].upper() + name[1:]
        assert list(field.args) == ["input"]
        assert str(field.args["input"].type) == f"{capital}Input!"
        assert str(field.type) == f"{capital}Payload", "nullable: what is committed must be told"
        sent = schema.type_map[f"{capital}Input"]
        payload = schema.type_map[f"{capital}Payload"]
        assert isinstance(sent, GraphQLInputObjectType)
        assert isinstance(payload, GraphQLObjectType)
        if name in BATCHES:
            several, of_one = BATCHES[name]
            assert str(sent.fields[several].type) == f"[{of_one}!]!"
            answer = f"[{of_one.removesuffix('Input')}Payload]!"
            assert str(payload.fields["results"].type) == answer, "nullable, as it is alone"
        else:
            assert str(sent.fields["idempotencyKey"].type) == "String!"
        assert str(payload.fields["errors"].type) == "[Problem!]!"
        assert str(payload.fields["replayed"].type) == "Boolean!"
        for entity, told in payload.fields.items():
            if told.type.__class__.__name__ == "GraphQLNonNull":
                assert entity not in {"member", "booking", "redemption", "balance"}, name


def test_only_mutations_take_a_request_key(schema: GraphQLSchema) -> None:
    with_key = {name.partition(".")[0] for name, _ in members_of(schema) if "idempotency" in name}
    assert schema.mutation_type is not None
    assert with_key == {input_type(name) for name in schema.mutation_type.fields}


def test_there_is_no_float(printed: str, schema: GraphQLSchema) -> None:
    assert "Float" not in schema.type_map
    assert not re.search(r"\bFloat\b", printed)


def test_enum_values_shout(schema: GraphQLSchema) -> None:
    for found in own_types(schema):
        if isinstance(found, GraphQLEnumType):
            assert all(re.fullmatch(r"[A-Z][A-Z_]*", name) for name in found.values), found.name


def test_what_is_deprecated_says_until_when(schema: GraphQLSchema) -> None:
    reasons = [sent.deprecation_reason for _, sent in members_of(schema)]
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            reasons += [field.deprecation_reason for field in found.fields.values()]
        elif isinstance(found, GraphQLEnumType):
            reasons += [value.deprecation_reason for value in found.values.values()]

    assert all(DEPRECATION.fullmatch(reason) for reason in reasons if reason)


def test_lists_are_connections(schema: GraphQLSchema) -> None:
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType) and found.name.endswith("Connection"):
            assert {name: str(field.type) for name, field in found.fields.items()} == {
                "edges": f"[{found.name.removesuffix('Connection')}Edge!]!",
                "pageInfo": "PageInfo!",
                "totalCount": "Int!",
            }
        if isinstance(found, GraphQLObjectType):
            for name, field in found.fields.items():
                if str(field.type).endswith("Connection!"):
                    assert {"first", "after"} <= field.args.keys(), (found.name, name)
                    assert not {"last", "before", "offset"} & field.args.keys()


def test_all_facts_of_all_problems_fit_into_one_operation(schema: GraphQLSchema) -> None:
    """Two problems may not give one name to facts of two types: no client could ask for both."""
    problem = schema.type_map["Problem"]
    assert isinstance(problem, GraphQLInterfaceType)
    kinds = schema.get_possible_types(problem)
    facts = " ".join(f"... on {kind.name} {{ {_leaves(kind)} }}" for kind in kinds if _leaves(kind))
    document = parse(
        """mutation($input: RedeemRewardInput!) { redeemReward(input: $input) {
            errors { __typename code message path FACTS } } }""".replace("FACTS", facts)
    )

    assert len(kinds) >= 20
    assert validate(schema, document, [OverlappingFieldsCanBeMergedRule]) == []


def _leaves(kind: GraphQLObjectType) -> str:
    own = set(kind.fields) - {"code", "message", "path"}
    return " ".join(
        f"{name} {{ path message }}" if name == "faults" else name for name in sorted(own)
    )


FOR_OTHERS = {"Event", "EventDelivery", "EventMember", "PartnerKey"}
"""What is told to other systems, or how that went, and is no object by itself, or goes by a text of
its own.
"""


def test_ids_are_never_null(schema: GraphQLSchema) -> None:
    for found in own_types(schema):
        if isinstance(found, GraphQLObjectType) and "id" in found.fields:
            assert is_non_null_type(found.fields["id"].type)
            named = [] if found.name in FOR_OTHERS else ["Node"]
            assert [one.name for one in found.interfaces] == named
