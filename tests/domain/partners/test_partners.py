"""Partners and their keys: of a secret only its digest is kept."""

import asyncio
import hashlib

import pytest

from domain.kernel import cache
from domain.kernel.callers import Scope
from domain.kernel.database import rows
from domain.kernel.refusals import InvalidInput, NotFound
from domain.partners import partners
from tests.conftest import Database
from tests.support import factories as make


async def test_a_partner_is_created_once(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()

    made = await asyncio.gather(
        *(partners.create(programme, "bank", f"Bank {n}", make.NOW) for n in range(8))
    )
    assert len(set(made)) == 1
    assert await partners.find_id(programme, "bank") == made[0]
    assert await partners.create(other, "bank", "Bank", make.NOW) != made[0]
    with pytest.raises(NotFound):
        await partners.find_id(programme, "airline")


@pytest.mark.parametrize(
    ("code", "name", "path"),
    [("", "x", "code"), ("x" * 65, "x", "code"), ("x", "", "name"), ("x", "y" * 201, "name")],
)
async def test_what_cannot_be_is_refused(
    database: Database, code: str, name: str, path: str
) -> None:
    programme = await make.establish()
    with pytest.raises(InvalidInput) as refused:
        await partners.create(programme, code, name, make.NOW)
    assert refused.value.path == (path,)
    assert await rows("SELECT id FROM partner WHERE programme_id = $1", programme.id) == []


async def test_of_a_key_only_its_digest_is_kept(database: Database) -> None:
    programme = await make.establish()
    partner_id = await partners.create(programme, "bank", "Bank", make.NOW)
    wanted = [Scope.EARN, Scope.READ, Scope.EARN]
    text = await partners.issue_key(programme, partner_id, wanted, make.NOW, environment="test")
    prefix, environment, key_id, secret = text.split("_")
    assert (prefix, environment, len(secret)) == ("mp", "test", 64)
    key = await partners.find_key(key_id)
    assert key is not None
    assert key.secret_sha256 == hashlib.sha256(secret.encode()).digest()
    assert (key.partner_id, key.programme, key.environment) == (
        partner_id,
        programme.code,
        "test",
    )
    assert (key.scopes, key.revoked, key.public) == (frozenset({"earn", "read"}), False, False)
    (stored,) = await rows("SELECT t::text AS text FROM partner_key t WHERE id = $1", key_id)
    assert secret not in stored["text"]


async def test_two_keys_are_two_and_the_same_secret_is_the_same(database: Database) -> None:
    programme = await make.establish()
    partner_id = await partners.create(programme, "bank", "Bank", make.NOW)

    async def issue(secret: str | None = None) -> str:
        return await partners.issue_key(
            programme, partner_id, ["earn"], make.NOW, environment="test", secret=secret
        )

    assert await issue() != await issue()
    secret = programme.id.hex
    assert await issue(secret) == await issue(secret)


async def test_an_unknown_scope_is_refused(database: Database) -> None:
    programme = await make.establish()
    partner_id = await partners.create(programme, "bank", "Bank", make.NOW)
    with pytest.raises(InvalidInput) as refused:
        await partners.issue_key(
            programme, partner_id, ["earn", "everything"], make.NOW, environment="test"
        )
    assert refused.value.path == ("scopes",)
    found = await rows("SELECT id FROM partner_key WHERE programme_id = $1", programme.id)
    assert found == []


async def test_a_public_key_has_neither_partner_nor_secret(database: Database) -> None:
    programme = await make.establish()
    text = await partners.issue_public_key(programme, make.NOW, environment="test")
    assert text == await partners.issue_public_key(programme, make.NOW, environment="test")
    prefix, environment, public, key_id = text.split("_")
    assert (prefix, environment, public) == ("mp", "test", "pub")
    key = await partners.find_key(key_id)
    assert key is not None
    assert (key.public, key.partner_id, key.scopes) == (True, None, frozenset())
    assert await partners.find_key("0" * 16) is None


async def test_a_revoked_key_is_found_revoked_where_it_was_remembered(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    partner_id = await partners.create(programme, "hotels", "Hotels", make.NOW)
    token = await partners.issue_key(
        programme, partner_id, [Scope.EARN], make.NOW, environment="development"
    )
    key_id = token.split("_")[2]
    async with cache.listening(database.serving):
        key = await partners.find_key(key_id)
        assert key is not None
        assert not key.revoked
        with pytest.raises(NotFound):
            await partners.revoke_key(other, key_id, make.NOW)
        await partners.revoke_key(programme, key_id, make.NOW)
        key = await partners.find_key(key_id)
        assert key is not None
        assert key.revoked
