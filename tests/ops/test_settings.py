"""Settings: their defaults, and every refusal with the variable that it names."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from api.edge import demo
from api.edge.browsers import LOCALHOST, Origins
from api.edge.limits import Limits
from api.edge.manifests import Written
from domain.kernel import sealing
from ops import mailing, manifest, providers, seal_keys
from ops.asgi import limits, origins
from ops.console import read_settings
from ops.errors import SettingsError
from ops.mailing import Tls
from ops.outgoing import outgoing
from ops.providers import Aliyun, Plain, Tencent, WeChat
from ops.settings import ROOT, Environment, load, unknown_names

URL = "postgresql://serving:secret@db.example:5433/milepost"
PUBLIC = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
KEYS = json.dumps({"keys": [PUBLIC]})


SIGNER = {
    "programmes": ["ota"],
    "issuer": "https://id.example",
    "audience": "milepost",
    "jwks_url": "https://id.example/keys",
}
NAMED = {
    "MILEPOST_JWT_ISSUER": "https://id.example",
    "MILEPOST_JWT_AUDIENCE": "milepost",
    "MILEPOST_JWT_PROGRAMMES": "ota, air",
}


SECRET = base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Production is tried with all that these tests are not about."""
    monkeypatch.setenv("MILEPOST_SECRET_KEY", SECRET)
    monkeypatch.setenv("MILEPOST_SEAL_KEYS", f"2026:{SECRET}")


def signers(**changes: object) -> str:
    return json.dumps([SIGNER | changes])


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
            "there are development, sandbox, production.",
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
        ("STAFF_CLAIM", "sub", "the claim 'sub' says something else"),
        ("STAFF_CLAIM", " ", "the claim that means staff has to be text"),
        ("STAFF_VALUE", "\t", "text without blanks around it"),
        ("SIGNERS", "/nowhere/signers.json", "cannot read /nowhere/signers.json: No such file"),
        ("SIGNERS", "[", "expected a JSON list of sign-in services"),
        ("SIGNERS", "{}", "expected [{"),
        ("SIGNERS", "[]", "expected [{"),
        ("SIGNERS", "[1]", "service 1: expected an object"),
        ("SIGNERS", '[{"issuer": "a", "issuer": "b"}]', "'issuer' stands there twice"),
        ("SIGNERS", signers(programmes="ota"), "service 1: `programmes` has to list"),
        ("SIGNERS", signers(programmes=[]), "service 1: `programmes` has to list"),
        ("SIGNERS", signers(programmes=[7]), "service 1: this has to be text"),
        ("SIGNERS", signers(issuer=None), "service 1: `issuer` has to be text without blanks"),
        ("SIGNERS", signers(audience=["a"]), "service 1: `audience` has to be text"),
        ("SIGNERS", signers(jwks_url=7), "service 1: expected an https:// address"),
        ("SIGNERS", signers(keys=[]), "service 1: no Ed25519 or RSA public key"),
        ("SIGNERS", signers(keys=[PUBLIC | {"d": "AA"}]), "service 1: this holds a private key"),
        ("SIGNERS", signers(jwks_url=None), "service 1: name its keys, by `keys` or by `jwks_url`"),
        ("SIGNERS", signers(staff_claim="iss"), "the claim 'iss' says something else"),
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


def test_a_refusal_does_not_repeat_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_DATABASE_URL", "postgresql://a:hunter2@host:port/c")
    with pytest.raises(SettingsError) as refused:
        load()
    assert "hunter2" not in str(refused.value)


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
    with pytest.raises(SettingsError, match=r"^MILEPOST_SIGNERS: .* leave MILEPOST_JWT_ISSUER"):
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


def written(**overrides: Any) -> Written:
    settings = load(**overrides)
    return manifest.written(settings.documents, only=settings.documents_only)


def test_manifests_are_read_when_a_process_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert written() == Written()
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    for documents, said in (
        ("", "set MILEPOST_DOCUMENTS, the manifest, as well"),
        (str(tmp_path / "none.json"), "none.json: no such file or directory"),
        (str(broken), "broken.json is no manifest of Apollo's: format: Field required"),
        (f"{demo.MANIFEST},{broken}", "broken.json is no manifest"),
    ):
        with pytest.raises(SettingsError, match=said):
            load(documents=documents, documents_only=True)

    monkeypatch.setenv("MILEPOST_DOCUMENTS", str(demo.MANIFEST))
    assert written() == Written(demo.bodies())
    assert written(documents_only=True).only


def test_pages_of_this_machine_may_call_in_development_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert origins(load()) == LOCALHOST
    assert origins(load(environment="sandbox")) == Origins()
    monkeypatch.setenv("MILEPOST_ORIGINS", "https://shop.example, http://localhost:3000")
    assert origins(load()) == Origins(("https://shop.example", "http://localhost:3000"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "c2hvcnQ=", "expected base64 of 32 random bytes, as `openssl rand"),
        ("SECRET_KEY", "é" * 43, "expected base64 of 32 random bytes, as `openssl rand"),
        ("SEAL_KEYS", "c2hvcnQ=", "key 1: expected NAME:KEY, the newest first, as 2027:… of `"),
        ("SEAL_KEYS", f"a:{SECRET},development:{SECRET}", "key 2: expected NAME:KEY, the newest"),
        ("SEAL_KEYS", f"a:{SECRET},b:c2hvcnQ=", "b: expected NAME:KEY, the newest first"),
        ("SEAL_KEYS", f"a:{SECRET}, a:{SECRET}", "a is there twice"),
        ("SEAL_KEYS", ",".join(f"{n}:{SECRET}" for n in range(21)), "21 keys: 20 at the most"),
        ("WEBHOOK_PORTS", "https", "expected ports such as 443,8443"),
        ("WEBHOOK_PORTS", "443,70000", "70000 is no port: 1 to 65535"),
        ("SMS_URL", "aliyun://key:c2hvcnQ@sms.example", "expected aliyun://KEY:SECRET@"),
        ("SMS_URL", "aliyun://key:c2hvcnQ@sms.example?sign=a&app=b", "expected aliyun://"),
        ("SMS_URL", "aliyun+ftp://key:c2hvcnQ@sms.example?sign=a", "expected aliyun://"),
        ("SMS_URL", "tencent://:c2hvcnQ@sms.example?sign=a&app=b&region=c", "expected aliyun://"),
        ("SMS_URL", "https://kim:c2hvcnQ@sms.example/x", "expected aliyun://"),
        ("SMS_URL", "https://sms.example:x/c2hvcnQ", "expected aliyun://"),
        ("SMTP_URL", "https://:c2hvcnQ@mail.example", "expected smtp://user:password@host:587"),
        ("SMTP_URL", "smtp://:c2hvcnQ@mail.example:x", "expected smtp://user:password@host:587"),
        ("SMTP_URL", "smtp://", "expected smtp://user:password@host:587"),
        ("WEBHOOK_NETWORKS", "10.1.0.0/8", "expected networks such as 10.1.0.0/16,fd00:1::/64"),
    ],
)
def test_settings_of_sending_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv("MILEPOST_MAIL_FROM", "club@shop.example")
    monkeypatch.setenv("MILEPOST_PUBLIC_URL", "https://api.shop.example")
    monkeypatch.setenv(f"MILEPOST_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value).startswith(f"MILEPOST_{name}: {said}")
    assert "c2hvcnQ" not in str(refused.value)


def test_what_webhooks_may_reach_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MILEPOST_WEBHOOK_PORTS", "443, 8443")
    monkeypatch.setenv("MILEPOST_WEBHOOK_NETWORKS", "10.1.0.0/16, fd00:1::/64")
    made = outgoing(load(environment="sandbox"))
    assert made.rules.ports == {443, 8443}
    assert [str(one) for one in made.rules.networks] == ["10.1.0.0/16", "fd00:1::/64"]
    assert (made.rules.development, made.key) == (False, bytes(32))
    assert outgoing(load()).rules.development

    # without one it is of the home, the same for servers and workers of it
    monkeypatch.delenv("MILEPOST_SECRET_KEY")
    first, again = (outgoing(load(home=tmp_path)).key for _ in range(2))
    assert first == again
    assert len(first) == 32


def test_keys_of_seals_are_read_the_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_SEAL_KEYS", f"2027:{'1' * 43}=, 2026:{SECRET}")
    keys = seal_keys.of(load(environment="sandbox"))
    assert (keys.current, list(keys.named)) == ("2027", ["2027", "2026"])
    assert keys.named["2026"] == bytes(32)
    assert seal_keys.of(read_settings()) == sealing.keys() == keys
    # without any, those that everybody knows
    monkeypatch.delenv("MILEPOST_SEAL_KEYS")
    assert seal_keys.of(read_settings()) == sealing.keys() == sealing.DEVELOPMENT_KEYS


def test_a_provider_of_texts_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().sms_provider() is None
    secret = "whsec_" + SECRET
    for url, expected in (
        (
            "aliyun://key:s%2Fcret@dysmsapi.aliyuncs.com?sign=%E6%82%A6",
            Aliyun("https://dysmsapi.aliyuncs.com", "key", "s/cret", "悦"),
        ),
        (
            "tencent+http://id:key@127.0.0.1:9?sign=Yue&app=1400&region=ap-guangzhou",
            Tencent("http://127.0.0.1:9", "id", "key", "1400", "Yue", "ap-guangzhou"),
        ),
        ("http://sms.example/texts", Plain("http://sms.example/texts", secret)),
    ):
        monkeypatch.setenv("MILEPOST_SMS_URL", url)
        monkeypatch.setenv("MILEPOST_SMS_SECRET", secret)
        assert load().sms_provider() == expected
        assert outgoing(load()).told_by == {"SMS"}
    for url in ("http://sms.example", "tencent+http://id:key@x?sign=Yue&app=1&region=a"):
        with pytest.raises(SettingsError, match="MILEPOST_SMS_URL"):
            providers.sms(url, secret, production=True)
    monkeypatch.setenv("MILEPOST_SMS_SECRET", "whsec_c2hvcnQ=")
    with pytest.raises(SettingsError, match="MILEPOST_SMS_SECRET: expected whsec_ and base64"):
        load()


def test_providers_of_pushes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().push_providers() == (None, None)
    monkeypatch.setenv("MILEPOST_PUSH_URL", "https://push.example/p")
    with pytest.raises(SettingsError, match="MILEPOST_PUSH_SECRET: expected whsec_"):
        load()
    secret = "whsec_" + SECRET
    monkeypatch.setenv("MILEPOST_PUSH_SECRET", secret)
    monkeypatch.setenv("MILEPOST_WECHAT_URL", "wechat://app:s%3Acret@api.weixin.qq.com")
    assert load().push_providers() == (
        Plain("https://push.example/p", secret),
        WeChat("https://api.weixin.qq.com", "app", "s:cret"),
    )
    assert outgoing(load()).told_by == {"PUSH"}
    monkeypatch.setenv("MILEPOST_WECHAT_URL", "wechat://:c2hvcnQ@api.weixin.qq.com")
    with pytest.raises(SettingsError, match="MILEPOST_WECHAT_URL: expected wechat://") as told:
        load()
    assert "c2hvcnQ" not in str(told.value)
    with pytest.raises(SettingsError, match="MILEPOST_WECHAT_URL"):
        providers.wechat("wechat+http://app:s@x", production=True)


def test_a_server_of_mail_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().mail_server() is None
    monkeypatch.setenv("MILEPOST_SMTP_URL", "smtp://kim:p%40ss@mail.example")
    with pytest.raises(SettingsError, match="MILEPOST_MAIL_FROM: expected what mail is from"):
        load()
    monkeypatch.setenv("MILEPOST_MAIL_FROM", "Club <club@shop.example>")
    with pytest.raises(SettingsError, match="MILEPOST_PUBLIC_URL: mail needs the address"):
        load()
    monkeypatch.setenv("MILEPOST_PUBLIC_URL", "http://api.shop.example/")
    server = load().mail_server()
    assert server is not None
    assert server.public_url == "http://api.shop.example"
    assert (server.host, server.port, server.username, server.password, server.domain) == (
        *("mail.example", 587, "kim", "p@ss"),
        "shop.example",
    )
    assert server.tls is Tls.OFFERED
    encrypted = mailing.read(
        "smtp://mail.example", "a@b.example", "https://x.example", production=True
    )
    assert encrypted.tls is Tls.UPGRADED
    wrapped = mailing.read(
        "smtps://mail.example", "a@b.example", "http://x.example", production=False
    )
    assert (wrapped.tls, wrapped.port) == (Tls.FIRST, 465)
    with pytest.raises(SettingsError, match="MILEPOST_PUBLIC_URL"):
        mailing.read("smtps://mail.example", "a@b.example", "http://x.example", production=True)
