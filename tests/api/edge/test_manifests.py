"""Operations that are written down: how they are read, run by their ids, and kept to."""

import json
from contextlib import nullcontext
from hashlib import sha256
from typing import Any

import httpx
import pytest
import structlog.testing
from graphql import GraphQLSyntaxError
from joserfc.jwk import OKPKey

from api.app import create_app
from api.edge import manifests
from api.edge.limits import Limits
from api.edge.manifests import ManifestFault, PersistedOperations
from api.edge.tokens import Signer
from domain.partners import partner_keys
from domain.programmes.programmes import Programme
from tests.api.conftest import Sign
from tests.conftest import Database
from tests.support import factories as make
from tests.support.sample import calling, codes

WHO = "query Who { viewer { ...Kind } } fragment Kind on Viewer { kind }"
OTHER = "{ viewer { kind scopes } }"
GONE = "query Gone { neverThere }"


def manifest(*operations: dict[str, str], **changes: Any) -> bytes:
    whole = {"format": manifests.FORMAT, "version": 1, "operations": operations} | changes
    return json.dumps(whole).encode()


def operation(known_as: str, body: str, name: str = "Who") -> dict[str, str]:
    return {"id": known_as, "name": name, "type": "query", "body": body, "added": "by a tool"}


def test_a_document_becomes_a_manifest_as_apollo_writes_it() -> None:
    text = f"{WHO}\nmutation Nothing {{ nothing }} fragment Unused on Viewer {{ scopes }}"

    made = manifests.of_document(text)

    assert [(one.name, one.type) for one in made.operations] == [
        ("Who", "query"),
        ("Nothing", "mutation"),
    ]
    first = made.operations[0]
    assert first.id == sha256(first.body.encode()).hexdigest()
    assert "fragment Kind on Viewer" in first.body
    assert "Unused" not in first.body
    assert manifests.read(made.model_dump_json().encode()) == made
    with pytest.raises(GraphQLSyntaxError):
        manifests.of_document("query {")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "the file: Invalid JSON"),
        (manifest(version=2), "version: Input should be 1"),
        (manifest(format="apollo"), "format: Input should be 'apollo-persisted-query-manifest'"),
        (manifest({"id": "a"}), "operations.0.name: Field required"),
        (manifest(operation("", WHO)), "operations.0.id: String should have at least 1"),
        (manifest(operation("a", WHO), operation("a", OTHER, "B")), "B: its id stands for another"),
    ],
)
def test_what_is_no_manifest_is_refused_with_its_place(text: bytes, said: str) -> None:
    with pytest.raises(ManifestFault) as refused:
        manifests.read(text)
    assert str(refused.value).startswith(said)


async def test_members_and_pages_send_nothing_else_where_that_is_wanted(
    key: OKPKey, database: Database, programme: Programme, sign: Sign
) -> None:
    public = await partner_keys.issue_public(programme, make.NOW, environment="development")
    with structlog.testing.capture_logs() as logs:
        app = create_app(
            connect=nullcontext,
            signers=[Signer(public_keys=[key.as_dict(private=False)])],
            limits=Limits(),
            environment="development",
            persisted=PersistedOperations({"who-1": WHO, "gone-1": GONE}, only=True),
        )
    assert [(line["event"], line["id"]) for line in logs] == [("operation_refused", "gone-1")]

    for token, kind in ((sign(), "MEMBER"), (public, "PUBLIC")):
        async with calling(app, token) as client:
            by_id = await post(client, extensions=asked("who-1"))
            by_text = await post(client, query=WHO)
            both = await post(client, query=WHO, extensions=asked("who-1"))
            for answer in (by_id, by_text, both):
                assert answer.json()["data"] == {"viewer": {"kind": kind}}
            gone = await post(client, extensions=asked("gone-1"))
            assert codes(gone.json()) == ["GRAPHQL_VALIDATION_FAILED"]
            for text in (
                OTHER,
                f"{WHO} ",
                f"{WHO} query B {{ viewer {{ kind }} }}",
                "{",
                "{ __typename }",
            ):
                refused = await post(client, query=text, operationName="Who")
                assert (refused.status_code, codes(refused.json())) == (403, ["FORBIDDEN"])
            unknown = await post(client, extensions=asked("who-2"))
            assert codes(unknown.json()) == ["PERSISTED_QUERY_NOT_FOUND"]
            forged = await post(client, query=OTHER, extensions=asked("who-1"))
            assert codes(forged.json()) == ["BAD_REQUEST"]
            assert (await post(client, extensions=asked("who-1"))).json()["data"] is not None

    async with calling(app, sign(sub="kim", roles=["staff"])) as staff:
        assert "data" in (await post(staff, query=OTHER)).json()
    async with calling(app) as stranger:
        assert "data" in (await post(stranger, query="{ __schema { queryType { name } } }")).json()


async def post(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post("/graphql", json=body)


def asked(known_as: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": known_as}}
