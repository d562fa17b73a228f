"""An answer is the same with a plan and without one, also where something is wrong with it."""

import asyncio
import inspect
from datetime import date
from enum import Enum
from functools import cache
from random import Random
from typing import Annotated, Any, Optional, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, parse

from api.kit import resolvers
from api.kit.executor import PLANS_MAX, PlanningExecutor, planning

OPERATIONS = 4500
"""With those of `test_planned_answers.py`, of the product's own schema, 5000."""
TREES = 500
"""How many different answers the operations ask; they take as long to make as to answer."""


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Broken:
    """An attribute that cannot be read."""

    def __get__(self, *_: object) -> Any:
        raise ValueError("this attribute is broken")


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf(Named):
    size: int
    colour: Colour
    day: date
    words: list[str]
    numbers: list[list[int | None]] | None
    note: str | None = None

    @strawberry.field
    def text(self, loud: bool = False) -> str:
        return self.name.upper() if loud else self.name

    @strawberry.field
    async def late(self) -> str | None:
        await asyncio.sleep(0)
        if self.size % 5 == 0:
            raise GraphQLError(f"{self.name} is too late")
        return None if self.size % 7 == 0 else self.name


@strawberry.type
class Branch(Named):
    leaf: Leaf
    leaves: list[Leaf]
    perhaps: list[Leaf | None] | None
    either: Annotated["Leaf | Twig", strawberry.union("Either")]
    named: Named
    children: list["Branch"]
    parent: Optional["Branch"] = None


@strawberry.type
class Twig(Named):
    length: int
    total: int | None = strawberry.field(default=None, name="sum")


class BrokenLeaf(Leaf):
    """A class that no plan expects."""


class Unreadable(Twig):
    length: Any = Broken()


WRONG: list[Any] = [None, "text", 2**40, ValueError("a value that is an error"), object(), 1.5]
"""Values that a well-behaved resolver does not give."""


def a_leaf(chance: Random, wrong: float) -> Any:
    def or_wrong(value: Any) -> Any:
        return chance.choice(WRONG) if chance.random() < wrong else value

    made = chance.choice((Leaf, Leaf, Leaf, BrokenLeaf) if wrong else (Leaf,))(
        name=or_wrong(chance.choice("abc")),
        size=or_wrong(chance.randrange(30)),
        colour=or_wrong(chance.choice(list(Colour))),
        day=or_wrong(date(2026, 1, chance.randrange(1, 28))),
        words=or_wrong([or_wrong(word) for word in "xyz"[: chance.randrange(3)]]),
        numbers=or_wrong(chance.choice([None, [], [[1, None], [or_wrong(2)]]])),
        note=or_wrong(chance.choice([None, "note"])),
    )
    return or_wrong(made)


def a_twig(chance: Random, wrong: float) -> Twig:
    if chance.random() < wrong:
        unreadable = Unreadable.__new__(Unreadable)
        unreadable.name, unreadable.total = "unreadable", None
        return unreadable
    return Twig(name="twig", length=chance.randrange(9), total=chance.choice([None, 3]))


def a_branch(chance: Random, wrong: float, depth: int = 0) -> Branch:
    def either() -> Any:
        return a_leaf(chance, wrong) if chance.random() < 0.5 else a_twig(chance, wrong)

    made = Branch(
        name=f"branch {depth}",
        leaf=a_leaf(chance, wrong),
        leaves=[a_leaf(chance, wrong) for _ in range(chance.randrange(3))],
        perhaps=chance.choice([None, [a_leaf(chance, wrong), None]]),
        either=either(),
        named=either(),
        children=[],
    )
    if depth < 1:
        made.children = [a_branch(chance, wrong, depth + 1) for _ in range(chance.randrange(3))]
    made.parent = chance.choice([None, made])
    return made


@cache
def a_tree(seed: int, wrong: float) -> Branch:
    return a_branch(Random(seed), wrong)


@strawberry.type
class Query:
    @strawberry.field
    def branch(self, info: strawberry.Info) -> Branch | None:
        return a_tree(info.context["seed"], info.context["wrong"])

    @strawberry.field
    def sum(self, source: int, info: strawberry.Info, raw: int = 1) -> int:
        return source + raw + len(info.field_name)

    @strawberry.field
    async def branches(self, info: strawberry.Info) -> list[Branch]:
        return [a_tree(info.context["seed"], info.context["wrong"])]


PLANNED = strawberry.Schema(Query, execution_context_class=planning(), types=[Twig])
resolvers.call_directly(PLANNED)
STANDARD = strawberry.Schema(Query, types=[Twig])

LEAF = ["name", "size", "colour", "day", "words", "numbers", "note", "text", "text(loud: true)"]
LEAF += ["late", "__typename"]
TWIG = ["name", "length", "sum", "__typename"]


def of_leaf(chance: Random) -> str:
    return " ".join(written(chance, one) for one in chance.sample(LEAF, chance.randrange(1, 8)))


def of_twig(chance: Random) -> str:
    return " ".join(written(chance, one) for one in chance.sample(TWIG, chance.randrange(1, 4)))


def written(chance: Random, selected: str) -> str:
    """A field with an alias where it needs one, and perhaps a directive."""
    alias = ""
    if "(" in selected or chance.random() < 0.2:
        alias = f"{selected.split('(', maxsplit=1)[0].strip('_')}{chance.randrange(3)}X: "
        alias = alias.replace("X", "loud" if "(" in selected else "plain")
    directive = chance.choice(["", "", "", " @include(if: $yes)", " @skip(if: $no)"])
    return f"{alias}{selected}{directive}"


def of_branch(chance: Random, depth: int = 0) -> str:
    leaf, twig = of_leaf(chance), of_twig(chance)
    either = f"... on Leaf {{ {leaf} }} ... on Twig {{ {twig} }}"
    parts = [
        "name",
        f"leaf {{ {leaf} }}",
        f"leaves {{ ...L }} more: leaves {{ ...L {of_leaf(chance)} }}",
        f"perhaps {{ {leaf} }}",
        f"either {{ __typename {either} }}",
        f"named {{ name {either} }}",
        "parent { name }",
        "... @include(if: $yes) { name kind: __typename }",
    ]
    if depth < 1:
        parts += [f"children {{ {of_branch(chance, depth + 1)} }}"] * 2
    return " ".join(chance.sample(parts, chance.randrange(1, 4)))


def an_operation(chance: Random) -> str:
    root = chance.choice(["branch", "branches", "one: branch"])
    return (
        f"query($yes: Boolean!, $no: Boolean = false) {{ {root} {{ {of_branch(chance)} }} "
        f"again: branch {{ name @skip(if: $no) @include(if: $yes) ...B }} }} "
        f"fragment L on Leaf {{ {of_leaf(chance)} }} fragment B on Branch {{ leaves {{ ...L }} }}"
    )


async def answered(
    schema: strawberry.Schema, document: DocumentNode, context: Any, switches: Any
) -> Any:
    """What is answered, and the errors in an order of their own: fields run beside each other."""
    outcome = execute(
        schema._schema,
        document,
        context_value=context,
        variable_values=switches,
        executor_class=schema.execution_context_class,
    )
    if inspect.isawaitable(outcome):
        outcome = await outcome
    assert isinstance(outcome, ExecutionResult)
    errors = [error.formatted for error in outcome.errors or []]
    return outcome.data, sorted(errors, key=repr)


async def test_generated_operations_are_answered_as_without_plans() -> None:
    chance = Random(20261127)
    whole = refused = 0
    for number in range(OPERATIONS):
        text = an_operation(chance)
        document = parse(text)
        wrongs = (0, chance.choice([0.02, 0.2]))
        # now and then both by the same plan
        for wrong in wrongs if number % 8 == 0 else (chance.choice(wrongs),):
            context = {"seed": number % TREES, "wrong": wrong}
            switches = {"yes": chance.random() < 0.5, "no": chance.random() < 0.5}
            planned = await answered(PLANNED, document, context, switches)
            standard = await answered(STANDARD, document, context, switches)
            assert repr(planned) == repr(standard), text
            whole += not planned[1]
            refused += bool(planned[1])
    assert whole > OPERATIONS / 4
    assert refused > OPERATIONS / 4


async def test_an_operation_that_comes_again_is_not_planned_again() -> None:
    executor = cast(type[PlanningExecutor], PLANNED.execution_context_class)
    document = parse("query($yes: Boolean!) { branch { name leaf { name @include(if: $yes) } } }")
    switches = [{"yes": True}, {"yes": False}]

    for chosen in switches * 3:
        data, _ = await answered(PLANNED, document, {"seed": 1, "wrong": 0}, chosen)
        assert ("name" in data["branch"]["leaf"]) is chosen["yes"]

    mine = [one for one in executor.plans.known.values() if one.operation in document.definitions]
    assert len(mine) == 2


async def test_arguments_may_have_any_name() -> None:
    for schema in (PLANNED, STANDARD):
        assert await answered(
            schema, parse("{ sum(source: 2) more: sum(source: 2, raw: 5) }"), {}, {}
        ) == ({"sum": 6, "more": 10}, [])


async def test_plans_are_kept_of_the_operations_seen_last() -> None:
    executor = cast(type[PlanningExecutor], PLANNED.execution_context_class)
    documents = [parse("{ branch { name } }") for _ in range(PLANS_MAX + 5)]

    for document in documents:
        await answered(PLANNED, document, {"seed": 1, "wrong": 0}, {})

    kept = {id(planned.operation) for planned in executor.plans.known.values()}
    assert kept == {id(document.definitions[0]) for document in documents[5:]}
