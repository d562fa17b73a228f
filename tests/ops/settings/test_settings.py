"""Settings: their defaults, and every refusal with the variable that it names."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.edge import demo
from api.edge.browsers import LOCALHOST, Origins
from api.edge.limits import Limits
from api.edge.manifests import PersistedOperations
from ops import manifest
from ops.asgi import limits, origins
from ops.errors import SettingsError
from ops.settings import ROOT, Environment, load, unknown_names
from tests.ops.settings.given import PUBLIC, URL, signers


def test_defaults_suit_development() -> None:
    settings = load()

    assert settings.environment is Environment.DEVELOPMENT
    assert settings.home == ROOT / ".milepost"
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.embedded
    assert settings.accepts_development_keys
    assert limits(settings) == Limits()


def test_variables_are_read_and_options_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_PORT", "9000")
    monkeypatch.setenv("MILEPOST_COST_MAX", "7")
    monkeypatch.setenv("MILEPOST_WORKERS", "")

    assert load().port == 9000
    assert load(port=9001, host=None).port == 9001
    assert limits(load()).cost_max == 7
    assert load().workers == 1


def test_a_home_may_be_relative_to_here_or_to_oneself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MILEPOST_HOME", "data")
    assert load().home == tmp_path / "data"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MILEPOST_HOME", "~/data")
    assert load().home == tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", 'A whole number is expected, not "http".'),
        ("PORT", "0", 'A number of at least 1 is expected, not "0".'),
        ("PORT", "65536", 'A number of at most 65535 is expected, not "65536".'),
        ("WORKERS", "0", "A number of at least 1 is expected"),
        (
            "ENVIRONMENT",
            "prod",
            "possible values: development, sandbox, production.",
        ),
        ("REQUEST_SECONDS_MAX", "0", "A number above 0 is expected"),
        ("ALLOW_DEVELOPMENT_KEYS", "perhaps", "true or false is expected"),
        ("JOB_RETRY_SECONDS", "soon", 'A number is expected, not "soon".'),
        ("DATABASE_URL", "mysql://a@b/c", "expected postgresql://user:password@host:port/database"),
        ("DATABASE_URL", "postgresql://a:b@host", "expected postgresql://"),
        ("DATABASE_URL", "postgresql://host/milepost", "expected postgresql://"),
        ("DATABASE_URL", "postgresql://a:b@host:port/c", "expected postgresql://"),
        ("DATABASE_URL", f"{URL}?fast=1", "the option 'fast' is not one of sslmode"),
        ("OWNER_DATABASE_URL", URL, "set MILEPOST_DATABASE_URL"),
        ("JWT_PUBLIC_KEYS", "/nowhere/keys.json", "cannot read /nowhere/keys.json: No such file"),
        ("JWT_PUBLIC_KEYS", "{", "expected a JWKS document"),
        ("JWT_PUBLIC_KEYS", '{"keys": 1}', 'expected {"keys": [...]}'),
        ("JWT_PUBLIC_KEYS", '{"keys": []}', "no Ed25519 or RSA public key"),
        ("JWT_PUBLIC_KEYS", '{"kty": "OKP", "crv": "X25519", "x": "AA"}', "no Ed25519 or RSA"),
        ("JWT_PUBLIC_KEYS", json.dumps(PUBLIC | {"d": "AA"}), "holds a private key"),
        ("JWT_PUBLIC_KEYS", '{"kty": "oct", "k": "AA"}', "holds a private key"),
        ("ORIGINS", "*", "expected origins such as https://shop.example"),
        ("ORIGINS", "https://shop.example/", "not 'https://shop.example/'"),
        ("ORIGINS", "https://shop.example,shop.example", "not 'shop.example'"),
        ("ORIGINS", "https://Shop.example", "not 'https://Shop.example'"),
        ("ORIGINS", "https://shop.example:port", "expected origins"),
        ("ORIGINS", "null", "not 'null'"),
        ("JWKS_URL", "file:///etc/passwd", "expected an https:// address"),
        ("JWKS_URL", "https://", "expected an https:// address"),
        ("JWKS_URL", "https://id.example:port/keys", "expected an https:// address"),
        ("JWT_PUBLIC_KEYS", json.dumps(PUBLIC | {"x": "AA"}), "no Ed25519 or RSA public key"),
        ("JWT_PUBLIC_KEYS", '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}', "2048 bits or more"),
        ("JWT_ISSUER", " ", "text without blanks around it, not ' '"),
        ("JWT_AUDIENCE", "mile\npost", "text without blanks around it"),
        ("JWT_PROGRAMMES", "ota,,air", "with commas between them, not 'ota,,air'"),
        ("JWT_PROGRAMMES", "ota air", "with commas between them, not 'ota air'"),
        ("STAFF_CLAIM", "sub", "the claim 'sub' has another meaning"),
        ("STAFF_CLAIM", " ", "the claim that means staff has to be text"),
        ("STAFF_VALUE", "\t", "text without blanks around it"),
        ("SIGNERS", "/nowhere/signers.json", "cannot read /nowhere/signers.json: No such file"),
        ("SIGNERS", "[", "expected a JSON list of sign-in services"),
        ("SIGNERS", "{}", "expected [{"),
        ("SIGNERS", "[]", "expected [{"),
        ("SIGNERS", "[1]", "service 1: expected an object"),
        ("SIGNERS", '[{"issuer": "a", "issuer": "b"}]', "'issuer' is given twice"),
        ("SIGNERS", signers(programmes="ota"), "service 1: `programmes` has to list"),
        ("SIGNERS", signers(programmes=[]), "service 1: `programmes` has to list"),
        ("SIGNERS", signers(programmes=[7]), "service 1: this has to be text"),
        ("SIGNERS", signers(issuer=None), "service 1: `issuer` has to be text without blanks"),
        ("SIGNERS", signers(audience=["a"]), "service 1: `audience` has to be text"),
        ("SIGNERS", signers(jwks_url=7), "service 1: expected an https:// address"),
        ("SIGNERS", signers(keys=[]), "service 1: no Ed25519 or RSA public key"),
        ("SIGNERS", signers(keys=[PUBLIC | {"d": "AA"}]), "service 1: this holds a private key"),
        ("SIGNERS", signers(jwks_url=None), "service 1: name its keys, by `keys` or by `jwks_url`"),
        ("SIGNERS", signers(staff_claim="iss"), "the claim 'iss' has another meaning"),
        ("SIGNERS", signers(staff_value=""), "service 1: `staff_value` has to be text"),
        ("SIGNERS", signers(members="no"), "service 1: `members` has to be true or false"),
        ("SIGNERS", signers(members=False, staff_claim=None), "neither for members nor for staff"),
        ("SIGNERS", signers(isuer="x"), "there is no 'isuer'; did you mean 'issuer'?"),
    ],
)
def test_refuses_and_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"MILEPOST_{name}", value)

    with pytest.raises(SettingsError) as refused:
        load()

    assert refused.value.variable == f"MILEPOST_{name}"
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ENVIRONMENT": "production",
        "PORT": "http",
        "WORKERS": "0",
        "DATABASE_URL": "mysql://a:hunter2@host/c",
        "JWKS_URL": "keys.example",
        "JWT_ISSUER": " ",
        "ORIGINS": "https://shop.example, shop, https://Shop.example/",
    }.items():
        monkeypatch.setenv(f"MILEPOST_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert refused.value.variable == "MILEPOST_PORT"
    assert str(refused.value).splitlines() == [
        'MILEPOST_PORT: A whole number is expected, not "http".',
        'MILEPOST_WORKERS: A number of at least 1 is expected, not "0".',
        "MILEPOST_DATABASE_URL: expected postgresql://user:password@host:port/database",
        "MILEPOST_JWT_ISSUER: this has to be text without blanks around it, not ' '",
        "MILEPOST_JWKS_URL: expected an https:// address, not 'keys.example'",
        (
            "MILEPOST_ORIGINS: expected origins such as https://shop.example, with commas between "
            "them, not 'shop'"
        ),
        (
            "MILEPOST_ORIGINS: expected origins such as https://shop.example, with commas between "
            "them, not 'https://Shop.example/'"
        ),
    ]


def test_a_refusal_does_not_repeat_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_DATABASE_URL", "postgresql://a:hunter2@host:port/c")
    with pytest.raises(SettingsError) as refused:
        load()
    assert "hunter2" not in str(refused.value)


def test_misspelt_variables_are_found() -> None:
    environ = {"MILEPOST_DATABSE_URL": URL, "MILEPOST_TEST_DATABASE_URL": URL, "PORT": "1"}
    assert unknown_names(environ) == ["MILEPOST_DATABSE_URL (did you mean MILEPOST_DATABASE_URL?)"]


def test_graphiql_is_off_in_production_unless_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load().serves_graphiql
    assert load().serves_demo
    assert not load(graphiql=False).serves_graphiql
    assert not load(environment="sandbox").serves_demo
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "production")
    monkeypatch.setenv("MILEPOST_DATABASE_URL", URL)
    monkeypatch.setenv("MILEPOST_SIGNERS", signers())
    assert not load().serves_graphiql
    assert not load().serves_demo
    monkeypatch.setenv("MILEPOST_GRAPHIQL", "true")
    monkeypatch.setenv("MILEPOST_DEMO", "true")
    assert load().serves_graphiql
    assert load().serves_demo


def written(**overrides: Any) -> PersistedOperations:
    settings = load(**overrides)
    return manifest.persisted(settings.documents, only=settings.documents_only)


def test_manifests_are_read_when_a_process_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert written() == PersistedOperations()
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    for documents, said in (
        ("", "set MILEPOST_DOCUMENTS, the manifest, as well"),
        (str(tmp_path / "none.json"), "none.json: no such file or directory"),
        (str(broken), "broken.json is not an Apollo manifest: format: Field required"),
        (f"{demo.MANIFEST},{broken}", "broken.json is not an Apollo manifest"),
    ):
        with pytest.raises(SettingsError, match=said):
            load(documents=documents, documents_only=True)

    monkeypatch.setenv("MILEPOST_DOCUMENTS", str(demo.MANIFEST))
    assert written() == PersistedOperations(demo.bodies())
    assert written(documents_only=True).only


def test_pages_of_this_machine_may_call_in_development_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert origins(load()) == LOCALHOST
    assert origins(load(environment="sandbox")) == Origins()
    monkeypatch.setenv("MILEPOST_ORIGINS", "https://shop.example, http://localhost:3000")
    assert origins(load()) == Origins(("https://shop.example", "http://localhost:3000"))
