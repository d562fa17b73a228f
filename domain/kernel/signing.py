"""Ed25519 signatures of published records of days."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from domain.kernel.base64url import encoded

KEY_BYTES = 32


def name_of(public: bytes) -> str:
    """Name of a public key in records that it signed."""
    return encoded(hashlib.sha256(public).digest()[:9])


@dataclass(frozen=True)
class Signer:
    """A private key that signs, by its 32 bytes."""

    seed: bytes

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    @property
    def name(self) -> str:
        return name_of(self.public)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def is_signed(message: bytes, signature: bytes, name: str, keys: Sequence[bytes]) -> bool:
    """Whether the one of these public keys with this name signed it."""
    for public in keys:
        if name_of(public) == name:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            except (InvalidSignature, ValueError):
                return False
            return True
    return False


DEVELOPMENT_SIGNER = Signer(hashlib.sha256(b"milepost development roots").digest())
"""Development key, which is publicly known."""

_signer = DEVELOPMENT_SIGNER
_publics: tuple[bytes, ...] = (DEVELOPMENT_SIGNER.public,)


def use(signer: Signer | None, publics: Sequence[bytes] = ()) -> None:
    """Sign with this key from now on, in the whole process, and accept these public keys, too."""
    global _signer, _publics  # noqa: PLW0603 - it is the state of the process
    _signer = signer or DEVELOPMENT_SIGNER
    own = () if signer is None and publics else (_signer.public,)
    _publics = (*own, *publics)


def signer() -> Signer:
    """The key that signs in this process."""
    return _signer


def publics() -> tuple[bytes, ...]:
    """The public keys that are accepted."""
    return _publics


def are_public() -> bool:
    """Whether the only known key is the public development key."""
    return _publics == (DEVELOPMENT_SIGNER.public,)
