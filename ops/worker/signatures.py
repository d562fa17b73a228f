"""Signatures of requests as providers of text messages publish them: pure.

Aliyun: "Request syntax and signature method V3" (ACS3-HMAC-SHA256). Tencent Cloud: "Signature v3"
(TC3-HMAC-SHA256).
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

ACS3 = "ACS3-HMAC-SHA256"
TC3 = "TC3-HMAC-SHA256"


def _digest(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()


def _mac(key: bytes, said: str) -> bytes:
    return hmac.new(key, said.encode(), hashlib.sha256).digest()


def query_of(parameters: Mapping[str, str]) -> str:
    """A query in its canonical form: sorted, and escaped by RFC 3986."""
    return "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(parameters.items())
    )


def _canonical(query: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """A POST to `/` as both providers sign it, and the names of the headers signed."""
    said = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(said))
    listed = "".join(f"{name}:{said[name]}\n" for name in sorted(said))
    return "\n".join(("POST", "/", query, listed, names, _digest(body))), names


def acs3(
    key: tuple[str, str], query: str, headers: Mapping[str, str], body: bytes = b""
) -> dict[str, str]:
    """These headers with that which signs all of them, by the id and secret of a key."""
    key_id, secret = key
    whole = {**headers, "x-acs-content-sha256": _digest(body)}
    said, names = _canonical(query, whole, body)
    signature = _mac(secret.encode(), f"{ACS3}\n{_digest(said.encode())}").hex()
    credential = f"Credential={key_id},SignedHeaders={names},Signature={signature}"
    return {**whole, "Authorization": f"{ACS3} {credential}"}


@dataclass(frozen=True, slots=True)
class Service:
    """A service of Tencent Cloud, and where it is reached."""

    name: str
    host: str


def tc3(
    key: tuple[str, str], service: Service, content_type: str, body: bytes, at: datetime
) -> dict[str, str]:
    """The headers that sign a body at an instant, by the id and key of a secret."""
    secret_id, secret_key = key
    stamp, day = str(int(at.timestamp())), at.astimezone(UTC).date().isoformat()
    signed = {"Content-Type": content_type, "Host": service.host}
    said, names = _canonical("", signed, body)
    scope = f"{day}/{service.name}/tc3_request"
    derived = _mac(_mac(_mac(f"TC3{secret_key}".encode(), day), service.name), "tc3_request")
    signature = _mac(derived, "\n".join((TC3, stamp, scope, _digest(said.encode())))).hex()
    credential = f"Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**signed, "X-TC-Timestamp": stamp, "Authorization": f"{TC3} {credential}"}
