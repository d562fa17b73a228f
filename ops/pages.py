"""Origins whose pages may call, from the settings."""

from urllib.parse import urlsplit

from ops.errors import SettingsError

ORIGINS = "MILEPOST_ORIGINS"


def named(origins: str | None) -> list[str]:
    return [name.strip() for name in (origins or "").split(",") if name]


def origin(name: str) -> str:
    """Exactly as browsers send it: no path, no trailing slash, lower case.

    Raises: SettingsError
    """
    wanted = "expected origins such as https://shop.example, with commas between them"
    try:
        parts = urlsplit(name)
        _ = parts.port
    except ValueError:
        raise SettingsError(ORIGINS, wanted) from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username is not None:
        raise SettingsError(ORIGINS, f"{wanted}, not {name!r}")
    if name != f"{parts.scheme}://{parts.netloc}".lower():
        raise SettingsError(ORIGINS, f"{wanted}, not {name!r}")
    return name
