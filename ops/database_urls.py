"""URLs of databases, as the settings say them."""

from urllib.parse import parse_qsl, urlsplit

from ops.errors import SettingsError

POSTGRES_SCHEMES = ("postgres", "postgresql")
POSTGRES_URL_OPTIONS = ("sslmode", "host", "application_name")


def check_database_url(variable: str, url: str) -> None:
    """Refuses anything but the URL of one PostgreSQL database, without repeating its password.

    Raises: SettingsError
    """
    wanted = "expected postgresql://user:password@host:port/database"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingsError(variable, wanted) from None
    if parts.scheme not in POSTGRES_SCHEMES or not parts.username or not parts.path.strip("/"):
        raise SettingsError(variable, wanted)
    for option, _ in parse_qsl(parts.query):
        if option not in POSTGRES_URL_OPTIONS:
            options = ", ".join(POSTGRES_URL_OPTIONS)
            raise SettingsError(variable, f"the option {option!r} is not one of {options}")


def check_another_way(variable: str, url: str | None, database_url: str | None) -> None:
    """Another way to the database has to lead to the one of the same name, for the same role.

    Raises: SettingsError
    """
    if url is None:
        return
    if database_url is None:
        raise SettingsError(variable, "set MILEPOST_DATABASE_URL as well")
    one, other = urlsplit(url), urlsplit(database_url)
    if (one.username, one.path) != (other.username, other.path):
        raise SettingsError(
            variable, "it has to name the role and database of MILEPOST_DATABASE_URL"
        )
