"""Partners and their keys: of a secret only its digest is kept."""

import asyncio
import hashlib
from datetime import timedelta

import asyncpg
import pytest

from domain.kernel import cache
from domain.kernel.callers import Scope
from domain.kernel.database import rows
from domain.kernel.refusals import InvalidInput, NotFound
from domain.partners import key_life, key_uses, partner_keys, partners
from domain.partners.key_life import Rotation, Terms
from domain.partners.partner_keys import KeyStatus
from domain.partners.partners import PartnerSent
from domain.partners.refusals import PartnerKeyState
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make

DAY = timedelta(days=1)


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
    [
        *((code, "x", "code") for code in ("", "Bad Code", "a:b", "x" * 65)),
        ("x", "", "name"),
        ("x", "y" * 201, "name"),
    ],
)
async def test_what_cannot_be_is_refused(
    database: Database, code: str, name: str, path: str
) -> None:
    programme = await make.establish()
    with pytest.raises(InvalidInput) as refused:
        await partners.create(programme, code, name, make.NOW)
    assert refused.value.path == (path,)
    assert await rows("SELECT id FROM partner WHERE programme_id = $1", programme.id) == []


async def test_a_code_from_before_codes_had_a_form_stays(
    database: Database, owner_connection: asyncpg.Connection
) -> None:
    programme = await make.establish()
    made = await partners.create(programme, "bank", "Bank", make.NOW)
    await owner_connection.execute("UPDATE partner SET code = 'Old: Bank' WHERE id = $1", made)
    assert await partners.create(programme, "Old: Bank", "Bank", make.NOW) == made
    sent = PartnerSent("Old: Bank", "The bank", (Scope.READ,))
    await partners.save(make.request(make.staff(programme)), sent)
    assert (await partners.names([made]))[made] == ("Old: Bank", "The bank")


async def test_of_a_key_only_its_digest_is_kept(database: Database) -> None:
    programme = await make.establish()
    partner_id = await partners.create(programme, "bank", "Bank", make.NOW)
    wanted = [Scope.EARN, Scope.READ, Scope.EARN]
    text = await partner_keys.issue(programme, partner_id, wanted, make.NOW, environment="test")
    prefix, environment, key_id, secret = text.split("_")
    assert (prefix, environment, len(secret)) == ("mp", "test", 64)
    known = await partner_keys.find(key_id)
    assert known is not None
    key = known.key
    assert key.secret_sha256 == hashlib.sha256(secret.encode()).digest()
    assert (key.partner_id, known.programme, key.environment) == (
        partner_id,
        programme.code,
        "test",
    )
    assert (key.scopes, key.public) == (frozenset({"earn", "read"}), False)
    assert key.status(make.NOW) is KeyStatus.LIVE
    (stored,) = await rows("SELECT t::text AS text FROM partner_key t WHERE id = $1", key_id)
    assert secret not in stored["text"]


async def test_two_keys_are_two_and_the_same_secret_is_the_same(database: Database) -> None:
    programme = await make.establish()
    partner_id = await partners.create(programme, "bank", "Bank", make.NOW)

    async def issue(secret: str | None = None) -> str:
        return await partner_keys.issue(
            programme, partner_id, ["earn"], make.NOW, environment="test", secret=secret
        )

    assert await issue() != await issue()
    secret = programme.id.hex
    assert await issue(secret) == await issue(secret)


async def test_an_unknown_scope_is_refused(database: Database) -> None:
    programme = await make.establish()
    partner_id = await partners.create(programme, "bank", "Bank", make.NOW)
    with pytest.raises(InvalidInput) as refused:
        await partner_keys.issue(
            programme, partner_id, ["earn", "everything"], make.NOW, environment="test"
        )
    assert refused.value.path == ("scopes",)
    found = await rows("SELECT id FROM partner_key WHERE programme_id = $1", programme.id)
    assert found == []


async def test_a_public_key_has_neither_partner_nor_secret(database: Database) -> None:
    programme = await make.establish()
    text = await partner_keys.issue_public(programme, make.NOW, environment="test")
    assert text == await partner_keys.issue_public(programme, make.NOW, environment="test")
    prefix, environment, public, key_id = text.split("_")
    assert (prefix, environment, public) == ("mp", "test", "pub")
    known = await partner_keys.find(key_id)
    assert known is not None
    key = known.key
    assert (key.public, key.partner_id, key.scopes) == (True, None, frozenset())
    assert await partner_keys.find("0" * 16) is None


async def key_of(programme: Programme) -> str:
    """The id of a new key of a partner."""
    partner_id = await partners.create(programme, "hotels", "Hotels", make.NOW)
    return partner_keys.named(
        await partner_keys.issue(
            programme, partner_id, [Scope.EARN], make.NOW, environment="development"
        )
    )


async def test_a_revoked_key_is_found_revoked_where_it_was_remembered(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    key_id = await key_of(programme)
    async with cache.listening(database.serving):
        known = await partner_keys.find(key_id)
        assert known is not None
        assert known.key.accepted(make.NOW)
        with pytest.raises(NotFound):
            await key_life.revoke(other, key_id, make.NOW)
        await key_life.revoke(programme, key_id, make.NOW)
        known = await partner_keys.find(key_id)
        assert known is not None
        assert not known.key.accepted(make.NOW)


async def test_a_key_ends_the_instant_it_expires(database: Database) -> None:
    programme = await make.establish()
    key_id, end = await key_of(programme), make.NOW + timedelta(hours=1)
    await key_life.change(programme, key_id, Terms(expires_at=end, says_expiry=True), make.NOW)

    # the old key's own end comes before the day is over
    first = await key_life.rotate(programme, key_id, Terms(), make.NOW)

    old = await partner_keys.get(programme.id, key_id)
    new = await partner_keys.get(programme.id, first.key_id)
    assert old is not None
    assert new is not None
    assert (old.expires_at, new.expires_at) == (end, end)
    assert [old.status(end - timedelta(seconds=1)), old.status(end)] == [
        KeyStatus.REPLACED,
        KeyStatus.EXPIRED,
    ]
    # what has expired is replaced, and given no other end
    later = Terms(expires_at=end + timedelta(days=9), says_expiry=True)
    with pytest.raises(PartnerKeyState):
        await key_life.change(programme, first.key_id, later, end)
    second = await key_life.rotate(programme, first.key_id, later, end)
    found = await partner_keys.get(programme.id, second.key_id)
    assert found is not None
    assert found.expires_at == later.expires_at


async def test_a_secret_whose_key_has_ended_is_issued_no_more(database: Database) -> None:
    programme = await make.establish()
    partner_id = await partners.create(programme, "bank", "Bank", make.NOW)

    async def issue() -> str:
        return await partner_keys.issue(
            programme, partner_id, [], make.NOW, environment="test", secret=programme.id.hex
        )

    await key_life.revoke(programme, await issue(), make.NOW)
    with pytest.raises(PartnerKeyState):
        await issue()


async def test_of_two_rotations_at_once_one_makes_a_key(database: Database) -> None:
    programme = await make.establish()
    key_id = await key_of(programme)

    done = await asyncio.gather(
        *(key_life.rotate(programme, key_id, Terms(), make.NOW) for _ in range(8)),
        return_exceptions=True,
    )

    [made] = [one for one in done if isinstance(one, Rotation)]
    assert sum(isinstance(one, PartnerKeyState) for one in done) == 7
    assert await partner_keys.count(programme.id, None) == 2
    old = await partner_keys.get(programme.id, key_id)
    assert old is not None
    assert old.replaced_by == made.key_id


async def test_a_rotation_beside_a_revocation_leaves_the_old_key_revoked(
    database: Database,
) -> None:
    programme = await make.establish()
    for _ in range(6):
        key_id = await key_of(programme)
        _, rotated = await asyncio.gather(
            key_life.revoke(programme, key_id, make.NOW),
            key_life.rotate(programme, key_id, Terms(), make.NOW),
            return_exceptions=True,
        )
        old = await partner_keys.get(programme.id, key_id)
        assert old is not None
        assert old.status(make.NOW) is KeyStatus.REVOKED
        if isinstance(rotated, Rotation):
            assert old.replaced_by == rotated.key_id
        else:
            assert isinstance(rotated, PartnerKeyState)
            assert old.replaced_by is None


async def test_a_use_is_recorded_without_waiting_for_who_changes_the_key(
    database: Database,
) -> None:
    programme = await make.establish()
    key = await partner_keys.get(programme.id, await key_of(programme))
    assert key is not None
    today = make.NOW.date()
    await key_uses.record()
    async with connection(database.owner) as other, other.transaction():
        await other.execute("SELECT FROM partner_key WHERE id = $1 FOR UPDATE", key.id)
        key_uses.note(key, today)
        assert await key_uses.record() == 0
    assert await key_uses.record() == 1
    key_uses.note(key, today)
    assert await key_uses.record() == 0
    # another process has recorded the next day already
    key_uses.note(key, today + timedelta(days=1))
    await rows("UPDATE partner_key SET last_used_on = $2 WHERE id = $1", key.id, today + 2 * DAY)
    assert await key_uses.record() == 0
    found = await partner_keys.get(programme.id, key.id)
    assert found is not None
    assert found.last_used_on == today + 2 * DAY
