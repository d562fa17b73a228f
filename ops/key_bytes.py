"""Keys as settings have them: base64 of 32 random bytes."""

from pydantic import SecretStr

from domain.webhooks import signing
from ops.errors import SettingsError

A_KEY = "base64 of 32 random bytes, as `openssl rand -base64 32` prints"


def of(text: str) -> bytes | None:
    """The key of a text; None for a text that is no key."""
    try:
        return signing.key_of(text)
    except ValueError:
        return None


def read(variable: str, said: SecretStr | None) -> bytes | None:
    """The key that a variable says; None where it says none.

    Raises: SettingsError
    """
    key = of(said.get_secret_value()) if said else None
    if said and key is None:
        raise SettingsError(variable, f"expected {A_KEY}")
    return key
