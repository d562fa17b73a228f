"""Signals: the device, card, IP address and key that a request used, as digests that identify
nobody.

A digest is an HMAC under a key of the installation and the programme, so that the rows alone do not
reveal the values, or that a card is used in two programmes.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.kernel import tokens
from domain.kernel.inputs import check_text
from domain.kernel.refusals import InvalidInput

KINDS = ("device", "card", "ip")
"""What a caller may send."""
KEY = "key"
"""Known of a partner without being sent: which of its keys it used."""
VALUE_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Signals:
    """Digests by kind; empty where nothing is known."""

    digests: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        """Whether the caller sent any, besides the key that it has."""
        return bool(self.digests.keys() - {KEY})


NONE = Signals()


def read(key: bytes, programme_id: UUID, sent: Any, own: str | None) -> Signals:
    """Digests of what a caller `sent`, and of the id of its `own` key, if it has one.

    Raises: InvalidInput.
    """
    said = check(sent) if sent is not None else {}
    if own is not None:
        said[KEY] = own
    made = tokens.own_key(key, f"signals of {programme_id}") if said else b""
    return Signals(
        {
            kind: hmac.new(made, f"{kind}:{value}".encode(), hashlib.sha256).digest()
            for kind, value in said.items()
        }
    )


def check(sent: Any) -> dict[str, str]:
    """What was sent, by kind, with an address in canonical form. Raises: InvalidInput."""
    if not isinstance(sent, dict):
        raise InvalidInput("not_an_object", allowed=('{"device": "…"}',), path=("signals",))
    said = {}
    for kind, value in sent.items():
        path = ("signals", str(kind)[:VALUE_CHARACTERS_MAX])
        if kind not in KINDS:
            raise InvalidInput("unknown_signal", str(kind)[:64], KINDS, path=path)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidInput("not_a_text", path=path)
        check_text(value, VALUE_CHARACTERS_MAX, path)
        said[kind] = _address(value, path) if kind == "ip" else value
    return said


def _address(value: str, path: tuple[str, ...]) -> str:
    try:
        return str(ipaddress.ip_address(value.strip()))
    except ValueError:
        raise InvalidInput("not_an_address", value[:64], path=path) from None
