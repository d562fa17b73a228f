"""Trusted signers, from the settings: sign-in services, each with its keys, its names, its
programmes, and its claim for staff.
"""

import base64
import binascii
import difflib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from ops.errors import SettingsError

SECRET_KEY_MEMBERS = ("d", "k")
ED25519_BYTES = 32
RSA_BYTES_MIN = 256
NAME_CHARACTERS_MAX = 200
OWN_CLAIMS = ("sub", "exp", "nbf", "iat", "iss", "aud", "programme")
"""Claims with a meaning of their own, so that none of them can identify staff."""

KEYS = "MILEPOST_JWT_PUBLIC_KEYS"
URL = "MILEPOST_JWKS_URL"
ISSUER = "MILEPOST_JWT_ISSUER"
AUDIENCE = "MILEPOST_JWT_AUDIENCE"
PROGRAMMES = "MILEPOST_JWT_PROGRAMMES"
STAFF_CLAIM = "MILEPOST_STAFF_CLAIM"
STAFF_VALUE = "MILEPOST_STAFF_VALUE"
SIGNERS = "MILEPOST_SIGNERS"


@dataclass(frozen=True, slots=True)
class Trust:
    """One sign-in service. `programmes` None is any; without a `staff_claim` it identifies no
    staff, and without `members` no members; an issuer or audience of None is not checked.
    """

    programmes: tuple[str, ...] | None
    issuer: str | None
    audience: str | None
    jwks_url: str | None
    keys: tuple[Mapping[str, Any], ...]
    staff_claim: str | None
    staff_value: str
    members: bool = True


def read_signers(text: str, *, staff_claim: str, staff_value: str) -> list[Trust]:
    """The services of MILEPOST_SIGNERS, a JSON list or the path of a file with one.

    Raises: SettingsError
    """
    document = _document(SIGNERS, text, "expected a JSON list of sign-in services, or its path")
    if not isinstance(document, list) or not document:
        raise SettingsError(SIGNERS, 'expected [{"programmes": ["ota"], "issuer": …}, …]')
    defaults = {"staff_claim": staff_claim, "staff_value": staff_value}
    return [_signer(number, entry, defaults) for number, entry in enumerate(document, start=1)]


def _signer(number: int, entry: object, defaults: Mapping[str, str]) -> Trust:
    def refuse(problem: str) -> NoReturn:
        raise SettingsError(SIGNERS, f"service {number}: {problem}")

    if not isinstance(entry, dict):
        refuse("expected an object")
    known = [field.name for field in fields(Trust)]
    for name in entry:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            refuse(f"there is no {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    programmes = entry.get("programmes")
    if not isinstance(programmes, list) or not programmes:
        refuse('`programmes` has to list those that it signs for, as ["ota"]')
    said = {**defaults, "members": True, **entry}
    if not isinstance(said["members"], bool):
        refuse("`members` has to be true or false")
    if not said["members"] and said["staff_claim"] is None:
        refuse("it signs neither for members nor for staff")
    try:
        return Trust(
            programmes=tuple(check_name(SIGNERS, code) for code in programmes),
            issuer=check_name(SIGNERS, said.get("issuer"), what="`issuer`"),
            audience=check_name(SIGNERS, said.get("audience"), what="`audience`"),
            jwks_url=_either(said),
            keys=check_keys(SIGNERS, {"keys": said["keys"]}) if "keys" in said else (),
            staff_claim=check_claim(SIGNERS, said["staff_claim"])
            if said["staff_claim"] is not None
            else None,
            staff_value=check_name(SIGNERS, said["staff_value"], what="`staff_value`"),
            members=said["members"],
        )
    except SettingsError as error:
        refuse(error.problem)


def _either(said: Mapping[str, Any]) -> str | None:
    url = said.get("jwks_url")
    if url is None and "keys" not in said:
        raise SettingsError(SIGNERS, "name its keys, by `keys` or by `jwks_url`")
    return None if url is None else check_url(SIGNERS, url)


def check_name(variable: str, value: object, *, what: str = "this") -> str:
    """Raises: SettingsError unless it is plain text without blanks around it."""
    if (
        not isinstance(value, str)
        or not value.isprintable()
        or value != value.strip()
        or not 0 < len(value) <= NAME_CHARACTERS_MAX
    ):
        shown = "" if value is None else f", not {str(value)[:NAME_CHARACTERS_MAX]!r}"
        raise SettingsError(variable, f"{what} has to be text without blanks around it{shown}")
    return value


def check_claim(variable: str, value: object) -> str:
    """Raises: SettingsError for a claim that says something else."""
    claim = check_name(variable, value, what="the claim that means staff")
    if claim in OWN_CLAIMS:
        raise SettingsError(
            variable, f"the claim {claim!r} has another meaning; name another claim"
        )
    return claim


def check_programmes(variable: str, text: str) -> tuple[str, ...]:
    """Codes with commas between them. Raises: SettingsError."""
    codes = [code.strip() for code in text.split(",")]
    if any(not code or not code.isprintable() or " " in code for code in codes):
        raise SettingsError(
            variable, f"expected codes such as ota, with commas between them, not {text!r}"
        )
    return tuple(codes)


def check_url(variable: str, value: object) -> str:
    """Raises: SettingsError unless it is the address of a key set."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        _ = parts.port
    except ValueError:
        raise SettingsError(variable, "expected an https:// address") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        # with a name in it, it may have a password
        shown = "" if parts.username else f", not {str(value)[:NAME_CHARACTERS_MAX]!r}"
        raise SettingsError(variable, f"expected an https:// address{shown}")
    return str(value)


def read_keys(text: str) -> tuple[Mapping[str, Any], ...]:
    """The keys of MILEPOST_JWT_PUBLIC_KEYS, a JWKS document or its path.

    Raises: SettingsError
    """
    wanted = "expected a JWKS document in JSON, or its path"
    return check_keys(KEYS, _document(KEYS, text, wanted))


def check_keys(variable: str, document: object) -> tuple[Mapping[str, Any], ...]:
    """Raises: SettingsError unless at least one key can verify, and none could sign."""
    keys = document.get("keys", [document]) if isinstance(document, dict) else []
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise SettingsError(variable, 'expected {"keys": [...]}')
    if any(name in key for key in keys for name in SECRET_KEY_MEMBERS):
        raise SettingsError(variable, "this holds a private key; give its public part only")
    if not any(_can_verify(key) for key in keys):
        raise SettingsError(
            variable, "no Ed25519 or RSA public key in it, of 2048 bits or more for RSA"
        )
    return tuple(keys)


def _can_verify(key: Mapping[str, Any]) -> bool:
    if key.get("kty") == "OKP":
        return key.get("crv") == "Ed25519" and _bytes(key.get("x")) == ED25519_BYTES
    return key.get("kty") == "RSA" and _bytes(key.get("n")) >= RSA_BYTES_MIN


def _bytes(text: object) -> int:
    """Number of bytes of a key's member; 0 if it is invalid."""
    if not isinstance(text, str):
        return 0
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return 0


def _document(variable: str, text: str, wanted: str) -> object:
    if not text.lstrip().startswith(("{", "[")):
        try:
            text = Path(text).expanduser().read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise SettingsError(variable, f"cannot read {text}: {reason}") from None
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _once(variable, pairs))
    except (ValueError, RecursionError):
        raise SettingsError(variable, wanted) from None


def _once(variable: str, pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """A JSON object without repeated keys: one of the two would be ignored."""
    said = dict(pairs)
    if len(said) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise SettingsError(variable, f"{twice!r} is given twice")
    return said
