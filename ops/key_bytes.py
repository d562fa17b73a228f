"""Keys as settings have them: base64 of 32 random bytes."""

from pydantic import SecretStr

from domain.webhooks import signing
from ops.errors import SettingsError

A_KEY = "base64 of 32 random bytes, as `openssl rand -base64 32` says"


def read(variable: str, said: SecretStr | None) -> bytes | None:
    """The key that a variable says; None where it says none.

    Raises: SettingsError
    """
    try:
        return signing.key_of(said.get_secret_value()) if said else None
    except ValueError:
        raise SettingsError(variable, f"expected {A_KEY}") from None
