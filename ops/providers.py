"""Providers of text messages and pushes, from the settings."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from domain.webhooks.guard import Rules
from domain.webhooks.signing import PREFIX, is_secret
from ops.errors import SettingsError

SMS_URL = "MILEPOST_SMS_URL"
SMS_SECRET = "MILEPOST_SMS_SECRET"  # noqa: S105  # the name of a variable
SMS_WANTED = (
    "expected aliyun://KEY:SECRET@dysmsapi.aliyuncs.com?sign=NAME, or "
    "tencent://ID:KEY@sms.tencentcloudapi.com?sign=NAME&app=ID&region=ap-guangzhou, or https:// "
    "and an address of your own"
)
PUSH_URL = "MILEPOST_PUSH_URL"
PUSH_SECRET = "MILEPOST_PUSH_SECRET"  # noqa: S105  # the name of a variable
PUSH_WANTED = "expected https:// and an address of your own"
WECHAT_URL = "MILEPOST_WECHAT_URL"
WECHAT_WANTED = "expected wechat://APPID:SECRET@api.weixin.qq.com"
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Aliyun:
    """Text messages by Aliyun, under a signature that it has approved."""

    url: str
    key_id: str
    key_secret: str
    sign: str


@dataclass(frozen=True, slots=True)
class Tencent:
    """Text messages by Tencent Cloud, of an application and under an approved signature."""

    url: str
    secret_id: str
    secret_key: str
    app: str
    sign: str
    region: str


@dataclass(frozen=True, slots=True)
class Plain:
    """An operator's own address, which receives requests signed like webhooks."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class WeChat:
    """Template messages of an official account of WeChat."""

    url: str
    app_id: str
    secret: str


SmsProvider = Aliyun | Tencent | Plain


def sms(url: str, secret: str | None, *, production: bool) -> SmsProvider:
    """Provider of text messages; production connects by TLS.

    Raises: SettingsError, which repeats no secret
    """
    parts = _split(url, SMS_URL, SMS_WANTED)
    kind, _, insecure = parts.scheme.partition("+")
    if kind in PORTS:
        return plain(url, secret, (SMS_URL, SMS_SECRET, SMS_WANTED), production=production)
    if insecure not in ("", "http") or (insecure and production):
        raise SettingsError(SMS_URL, SMS_WANTED)
    named = {name: values[0] for name, values in parse_qs(parts.query).items()}
    where = f"{insecure or 'https'}://{parts.netloc.rpartition('@')[2]}"
    name, key = unquote(parts.username or ""), unquote(parts.password or "")
    if kind == "aliyun" and name and key and set(named) == {"sign"}:
        return Aliyun(where, name, key, **named)
    if kind == "tencent" and name and key and set(named) == {"sign", "app", "region"}:
        return Tencent(where, name, key, **named)
    raise SettingsError(SMS_URL, SMS_WANTED)


def wechat(url: str, *, production: bool) -> WeChat:
    """The account of WeChat that sends; production reaches it by TLS.

    Raises: SettingsError, which repeats no secret
    """
    parts = _split(url, WECHAT_URL, WECHAT_WANTED)
    kind, _, insecure = parts.scheme.partition("+")
    name, secret = unquote(parts.username or ""), unquote(parts.password or "")
    known = kind == "wechat" and name and secret and not parts.query
    if not known or insecure not in ("", "http") or (insecure and production):
        raise SettingsError(WECHAT_URL, WECHAT_WANTED)
    return WeChat(f"{insecure or 'https'}://{parts.netloc.rpartition('@')[2]}", name, secret)


def push(url: str, secret: str | None, *, production: bool) -> Plain:
    """One's own address that takes pushes. Raises: SettingsError"""
    return plain(url, secret, (PUSH_URL, PUSH_SECRET, PUSH_WANTED), production=production)


def plain(url: str, secret: str | None, names: tuple[str, str, str], *, production: bool) -> Plain:
    """An operator's own address, from the variables with these names.

    Raises: SettingsError
    """
    at, of_secret, wanted = names
    parts = _split(url, at, wanted)
    if parts.scheme not in PORTS or parts.username or (production and parts.scheme != "https"):
        raise SettingsError(at, wanted)
    if secret is None or not is_secret(secret):
        raise SettingsError(of_secret, f"expected {PREFIX} and base64 of 32 bytes, which signs")
    return Plain(url, secret)


def _split(url: str, variable: str, wanted: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingsError(variable, wanted) from None
    if not parts.hostname or parts.fragment or not url.isascii():
        raise SettingsError(variable, wanted)
    return parts


RULES = Rules(development=True, everywhere=True)
"""An operator's address may be anywhere: it is no stranger's."""
