"""A programme on the real database, callers of every kind, and the keys that sign their tokens."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from typing import Any, Literal

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.applications import Starlette

from api.app import create_app
from api.edge.front import Pages
from api.edge.limits import Limits
from api.edge.tokens import Signer
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import servers
from tests.support.factories import establish, member_caller
from tests.support.sample import calling, sample_app

Sign = Callable[..., str]


@pytest.fixture(scope="session")
def key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", parameters={"kid": "test"}, private=True)


def as_long_as_rows(fixture_name: str, config: pytest.Config) -> Literal["module", "session"]:
    """How long what is in the database stays there."""
    return "module" if servers.is_as_it_is() else "session"


@pytest.fixture(scope=as_long_as_rows)
async def programme(database: Database) -> Programme:
    return await establish()


@pytest.fixture(scope=as_long_as_rows)
def sign(key: OKPKey, programme: Programme) -> Sign:
    """A token of the programme, valid for an hour, with these claims changed or left out (None)."""

    def signed(
        *, alg: str = "Ed25519", by: Any = None, kid: str | None = "test", **claims: Any
    ) -> str:
        now = int(time.time())
        whole = {"sub": "traveller-1", "programme": programme.code, "iat": now, "exp": now + 3600}
        whole = {name: claim for name, claim in (whole | claims).items() if claim is not None}
        header = {"alg": alg} | ({"kid": kid} if kid else {})
        return jwt.encode(header, whole, by or key, algorithms=[alg])

    return signed


@pytest.fixture
def app(key: OKPKey, database: Database) -> Starlette:
    """The whole edge, in development."""
    signer = Signer(public_keys=[key.as_dict(private=False)])
    return create_app(
        connect=nullcontext,
        signers=[signer],
        limits=Limits(),
        environment="development",
        pages=Pages(graphiql=True),
    )


@pytest.fixture
async def stranger(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app) as client:
        yield client


@pytest.fixture
async def sample(programme: Programme) -> AsyncIterator[httpx.AsyncClient]:
    """A member before the sample schema."""
    async with calling(sample_app(member_caller(programme, "traveller-1"))) as client:
        yield client
