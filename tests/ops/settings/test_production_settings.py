"""What production needs: a database and keys of its own, and sign-in services it can trust."""

import json
from pathlib import Path

import pytest

from domain.kernel import sealing
from ops import seal_keys
from ops.console import read_settings
from ops.errors import SettingsError
from ops.settings import load
from tests.ops.settings.given import KEYS, NAMED, PUBLIC, SECRET, SIGNER, URL, signers


def test_all_that_production_needs_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "production")
    monkeypatch.setenv("MILEPOST_JWKS_URL", "http://keys.example/jwks")
    monkeypatch.delenv("MILEPOST_SECRET_KEY")
    monkeypatch.delenv("MILEPOST_SEAL_KEYS")
    with pytest.raises(SettingsError) as refused:
        load()
    told = [line.partition(": ") for line in str(refused.value).splitlines()]
    assert all(problem.startswith("production needs ") for _, _, problem in told)
    assert [variable for variable, _, _ in told] == [
        *("MILEPOST_DATABASE_URL", "MILEPOST_SEAL_KEYS", "MILEPOST_SECRET_KEY"),
        *("MILEPOST_JWKS_URL", "MILEPOST_JWT_ISSUER"),
        *("MILEPOST_JWT_AUDIENCE", "MILEPOST_JWT_PROGRAMMES"),
    ]


def test_production_needs_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "production")
    monkeypatch.setenv("MILEPOST_SIGNERS", signers())
    with pytest.raises(SettingsError, match=r"^MILEPOST_DATABASE_URL: production needs"):
        load()

    monkeypatch.setenv("MILEPOST_ALLOW_EMBEDDED_DATABASE", "true")
    assert load().embedded


def test_production_needs_keys_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "production")
    monkeypatch.setenv("MILEPOST_DATABASE_URL", URL)
    with pytest.raises(SettingsError, match=r"^MILEPOST_JWT_PUBLIC_KEYS: production needs"):
        load()

    monkeypatch.setenv("MILEPOST_ALLOW_DEVELOPMENT_KEYS", "true")
    assert load().accepts_development_keys


@pytest.mark.parametrize(
    ("name", "value"), [("JWT_PUBLIC_KEYS", KEYS), ("JWKS_URL", "https://keys.example/jwks")]
)
def test_production_starts_on_either_kind_of_keys(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "production")
    monkeypatch.setenv("MILEPOST_DATABASE_URL", URL)
    monkeypatch.setenv(f"MILEPOST_{name}", value)
    # each is asked for, and named
    for variable, said in NAMED.items():
        with pytest.raises(SettingsError, match=rf"^{variable}: production needs"):
            load()
        monkeypatch.setenv(variable, said)
    assert not load().accepts_development_keys
    [service] = load().trusted()
    assert (service.programmes, service.audience) == (("ota", "air"), "milepost")


def test_services_are_listed_with_all_that_each_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "production")
    monkeypatch.setenv("MILEPOST_DATABASE_URL", URL)
    members = {key: value for key, value in SIGNER.items() if key != "jwks_url"}
    staff = SIGNER | {"staff_claim": "groups", "members": False}
    both = [members | {"keys": [PUBLIC], "staff_claim": None}, staff]
    monkeypatch.setenv("MILEPOST_SIGNERS", json.dumps(both))
    monkeypatch.setenv("MILEPOST_STAFF_VALUE", "loyalty")

    first, second = load().trusted()

    assert (first.keys, first.jwks_url, first.staff_claim) == ((PUBLIC,), None, None)
    assert (second.staff_claim, second.staff_value) == ("groups", "loyalty")
    assert (first.members, second.members) == (True, False)
    monkeypatch.setenv("MILEPOST_JWT_ISSUER", "https://id.example")
    with pytest.raises(SettingsError, match=r"^MILEPOST_SIGNERS: .* leave out MILEPOST_JWT_ISSUER"):
        load()
    monkeypatch.delenv("MILEPOST_JWT_ISSUER")
    monkeypatch.setenv("MILEPOST_SIGNERS", signers(jwks_url="http://id.example/keys"))
    with pytest.raises(SettingsError, match=r"^MILEPOST_SIGNERS: production needs an https"):
        load()


def test_production_fetches_keys_by_https_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "production")
    monkeypatch.setenv("MILEPOST_DATABASE_URL", URL)
    monkeypatch.setenv("MILEPOST_JWKS_URL", "http://keys.example/jwks")
    with pytest.raises(SettingsError, match=r"^MILEPOST_JWKS_URL: production needs an https"):
        load()


def test_keys_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(KEYS)
    monkeypatch.setenv("MILEPOST_JWT_PUBLIC_KEYS", str(file))
    assert [service.keys for service in load().trusted()] == [(PUBLIC,)]


def test_keys_of_seals_are_read_the_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_SEAL_KEYS", f"2027:{'1' * 43}=, 2026:{SECRET}")
    keys = seal_keys.of(load(environment="sandbox"))
    assert (keys.current, list(keys.named)) == ("2027", ["2027", "2026"])
    assert keys.named["2026"] == bytes(32)
    assert seal_keys.of(read_settings()) == sealing.keys() == keys
    # without any, those that everybody knows
    monkeypatch.delenv("MILEPOST_SEAL_KEYS")
    assert seal_keys.of(read_settings()) == sealing.keys() == sealing.DEVELOPMENT_KEYS
