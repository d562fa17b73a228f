"""Every operation of the API with valid arguments, which tests combine with callers and faults.

`QUERIES` and `INPUTS` have a row for each root field, in modules of their own; a field without a
row fails the tests that go over these tables.
"""

from functools import cache
from typing import Any

from graphql import GraphQLSchema, build_schema

from ops.settings import ROOT
from tests.support.callers import Client, fresh_key, mutation_text
from tests.support.mutations import INPUTS
from tests.support.queries import QUERIES
from tests.support.things import Things


@cache
def published() -> GraphQLSchema:
    """The committed schema."""
    return build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))


async def call(client: Client, root: str, things: Things) -> Any:
    """The whole answer of one root field with valid arguments."""
    if root in QUERIES:
        document, variables = QUERIES[root]
        return await client.ask(document, **variables(things))
    sent = {"idempotencyKey": fresh_key(), **INPUTS[root](things)}
    return await client.ask(mutation_text(root), input=sent)
