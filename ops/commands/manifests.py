"""`manifest`: operations written down as servers and clients of Apollo's read them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.commands import documents
from ops.errors import OperationError
from ops.settings import ROOT


def manifest(
    file: Annotated[Path, typer.Argument(help="Named operations and fragments.")],
) -> None:
    """Print a persisted-query manifest of a file of GraphQL operations, for MILEPOST_DOCUMENTS.

    Refuses an operation that schema.graphql does not answer.
    """
    # imported here, because no other command should wait for it
    from graphql import GraphQLError, build_schema, parse, validate  # noqa: PLC0415

    from api.edge import manifests  # noqa: PLC0415

    schema = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
    try:
        text = documents.read_text(file)
        found = manifests.of_document(text)
        errors = validate(schema, parse(text))
    except GraphQLError as error:
        raise OperationError(f"{file}: {error.message}") from None
    if errors:
        raise OperationError(f"{file}: {errors[0].message}")
    sys.stdout.write(f"{found.model_dump_json(indent=2)}\n")
