"""The development key, and tokens that the API believes."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.edge.tokens import KeyRings, TokenError, Verified
from domain.kernel.callers import EVERY_ROLE, Role
from ops.commands import keys
from ops.errors import KeyFileError, SettingsError
from ops.settings import Environment, Settings

NOW = datetime.now(UTC)
PUBLIC_KEY = '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'


async def verified(settings: Settings, token: str) -> Verified:
    return await KeyRings(keys.signers(settings)).verify(token)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_the_key_is_made_once_and_for_its_owner(settings: Settings) -> None:
    first = keys.development_key(settings.home)

    assert keys.development_key(settings.home).as_dict() == first.as_dict()
    assert stat.S_IMODE((settings.home / keys.KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in settings.home.iterdir()] == [keys.KEY_FILE]


def test_only_its_public_part_is_given_away(settings: Settings) -> None:
    [signer] = keys.signers(settings)
    [public] = signer.public_keys
    assert set(public) == {"kty", "crv", "x", "kid"}


def test_configured_keys_are_believed_beside_it(settings: Settings) -> None:
    both = settings.model_copy(update={"jwt_public_keys": PUBLIC_KEY})
    assert [len(signer.public_keys) for signer in keys.signers(both)] == [1, 1]


async def test_the_api_believes_a_member_token(settings: Settings) -> None:
    token = keys.member_token(settings, "ota", "M-1", NOW)

    claims = (await verified(settings, token)).claims

    assert claims["sub"] == "M-1"
    assert claims["programme"] == "ota"
    assert "roles" not in claims
    assert claims["exp"] - claims["iat"] == timedelta(days=30).total_seconds()


async def test_the_api_believes_a_staff_token_with_its_audience(settings: Settings) -> None:
    named = settings.model_copy(update={"jwt_issuer": "agency", "jwt_audience": "milepost"})
    token = keys.staff_token(named, "ota", "lin", NOW)

    found = await verified(named, token)

    claims = found.claims
    assert found.roles == EVERY_ROLE
    assert claims["sub"] == "lin"
    assert claims["roles"] == ["staff", "viewer", "support", "manager", "finance", "admin"]
    assert (claims["iss"], claims["aud"]) == ("agency", "milepost")


async def test_another_home_s_token_is_not_believed(settings: Settings, tmp_path: Path) -> None:
    token = keys.member_token(settings, "ota", "M-1", NOW)
    other = Settings(home=tmp_path / "other")
    with pytest.raises(TokenError):
        await verified(other, token)


async def test_in_production_a_development_token_names_whom_it_is_for(settings: Settings) -> None:
    claim = {"staff_claim": "realm_access.roles", "staff_value": "loyalty"}
    settings = settings.model_copy(update=claim)
    production = settings.model_copy(
        update={"environment": Environment.PRODUCTION, "allow_development_keys": True}
    )
    token = keys.staff_token(settings, "ota", "lin", NOW, roles=[Role.SUPPORT])

    found = await verified(production, token)

    assert found.roles == frozenset({Role.VIEWER, Role.SUPPORT})
    assert (found.claims["iss"], found.claims["aud"]) == ("milepost-development", "milepost")
    elsewhere = settings.model_copy(update={"jwt_audience": "elsewhere"})
    with pytest.raises(TokenError, match="aud"):
        await verified(production, keys.staff_token(elsewhere, "ota", "lin", NOW))


def test_production_neither_signs_nor_believes(settings: Settings) -> None:
    production = Settings(environment="production", home=settings.home, jwt_public_keys=PUBLIC_KEY)

    assert len(keys.signers(production)) == 1
    with pytest.raises(SettingsError, match=r"^MILEPOST_ENVIRONMENT: production does not"):
        keys.staff_token(production, "ota", "lin", NOW)
    assert not settings.home.exists()


@pytest.mark.parametrize("text", ["", "{}", '{"kty": "OKP"}', "[]"])
def test_a_broken_key_file_is_named(settings: Settings, text: str) -> None:
    settings.home.mkdir()
    (settings.home / keys.KEY_FILE).write_text(text)
    with pytest.raises(KeyFileError, match=r"cannot use .*development-key.json"):
        keys.development_key(settings.home)
