"""Settings of what is sent: to webhooks, and by mail, texts and pushes."""

from pathlib import Path

import pytest

from ops import mailing, providers
from ops.errors import SettingsError
from ops.mailing import Tls
from ops.outgoing import outgoing
from ops.providers import Aliyun, Plain, Tencent, WeChat
from ops.settings import load
from tests.ops.settings.given import SECRET


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "c2hvcnQ=", "expected base64 of 32 random bytes, as `openssl rand"),
        ("SECRET_KEY", "é" * 43, "expected base64 of 32 random bytes, as `openssl rand"),
        ("SEAL_KEYS", "c2hvcnQ=", "key 1: expected NAME:KEY, the newest first, separated"),
        ("SEAL_KEYS", f"a:{SECRET},development:{SECRET}", "key 2: expected NAME:KEY, the newest"),
        ("SEAL_KEYS", f"a:{SECRET},b:c2hvcnQ=", "b: expected NAME:KEY, the newest first"),
        ("SEAL_KEYS", f"a:{SECRET}, a:{SECRET}", "a is given twice"),
        ("SEAL_KEYS", ",".join(f"{n}:{SECRET}" for n in range(21)), "21 keys: 20 at most"),
        ("WEBHOOK_PORTS", "https", "expected ports such as 443,8443"),
        ("WEBHOOK_PORTS", "443,70000", "70000 is not a port: 1 to 65535"),
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
    with pytest.raises(SettingsError, match="MILEPOST_MAIL_FROM: expected the sender of mail"):
        load()
    monkeypatch.setenv("MILEPOST_MAIL_FROM", "Club <club@shop.example>")
    with pytest.raises(SettingsError, match="MILEPOST_PUBLIC_URL: mail needs the public address"):
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
