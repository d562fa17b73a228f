"""Operations that a client's build persisted, in the format of Apollo's persisted-query manifest.

A client sends the id of one in place of its text. Where `only` these are accepted, all other
operations of members and public pages are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Literal

from graphql import DocumentNode, OperationDefinitionNode, parse, print_ast
from graphql.utilities import separate_operations
from pydantic import BaseModel, ConfigDict, Field, ValidationError

OPERATIONS_MAX = 2000
ID_LENGTH_MAX = 200
FORMAT: Literal["apollo-persisted-query-manifest"] = "apollo-persisted-query-manifest"

Id = Annotated[str, Field(min_length=1, max_length=ID_LENGTH_MAX)]


class Operation(BaseModel):
    """One operation with the fragments that it uses; `id` is what clients send."""

    model_config = ConfigDict(frozen=True)

    id: Id
    name: str
    type: Literal["query", "mutation", "subscription"]
    body: str


class Manifest(BaseModel):
    """A file as Apollo's tools write it; keys that they add are passed over."""

    model_config = ConfigDict(frozen=True)

    format: Literal["apollo-persisted-query-manifest"]
    version: Literal[1]
    operations: Annotated[tuple[Operation, ...], Field(max_length=OPERATIONS_MAX)]


@dataclass(frozen=True, slots=True)
class PersistedOperations:
    """The operations of manifests, by their ids, and whether members and public pages may send
    nothing else.
    """

    bodies: Mapping[str, str] = field(default_factory=dict)
    only: bool = False


NOTHING_PERSISTED = PersistedOperations()


class ManifestFault(ValueError):
    """A file that is no manifest; the message has the fault and its place."""


def read(text: bytes) -> Manifest:
    """
    Raises: ManifestFault
    """
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ManifestFault(f"{place}: {first['msg']}") from None
    bodies(manifest)
    return manifest


def bodies(*manifests: Manifest) -> dict[str, str]:
    """The texts of all operations by their ids.

    Raises: ManifestFault where one id has two texts.
    """
    found: dict[str, str] = {}
    for operation in (one for manifest in manifests for one in manifest.operations):
        if found.setdefault(operation.id, operation.body) != operation.body:
            raise ManifestFault(f"{operation.name}: its id stands for another operation, too")
    return found


def of_document(text: str) -> Manifest:
    """The manifest of a file of named operations and fragments: each operation with the fragments
    that it uses, and the SHA-256 of that text as its id.

    Raises: GraphQLSyntaxError
    """
    found = separate_operations(parse(text))
    operations = tuple(_operation(name, document) for name, document in found.items())
    return Manifest(format=FORMAT, version=1, operations=operations)


def _operation(name: str, document: DocumentNode) -> Operation:
    body = print_ast(document)
    [kind] = (
        node.operation for node in document.definitions if isinstance(node, OperationDefinitionNode)
    )
    digest = sha256(body.encode()).hexdigest()
    return Operation(id=digest, name=name, type=kind.value, body=body)
