"""Signals: the device, card, address and key by which a request came, as digests that name nobody.

A digest is an HMAC under a key of the installation's own, and of the programme, so that nobody who
has the rows alone finds out what they are of, or that a card is used in two programmes.
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
"""What is known of a partner without being sent: which of its keys it came by."""
VALUE_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Signals:
    """Digests by kind; none where nothing is known."""

    digests: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        """Whether the caller told any, beside the key that it has."""
        return bool(self.digests.keys() - {KEY})


NONE = Signals()


def read(key: bytes, programme_id: UUID, sent: Any, own: str | None) -> Signals:
    """The digests of what a caller `sent`, and of the id of its `own` key, if it has one.

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
    """What was sent by kind, an address in its one form. Raises: InvalidInput."""
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
