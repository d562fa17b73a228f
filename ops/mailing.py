"""The mail server, from the settings."""

from dataclasses import dataclass
from email.utils import parseaddr
from enum import Enum
from urllib.parse import unquote, urlsplit

from ops.errors import SettingsError

SMTP_URL = "MILEPOST_SMTP_URL"
MAIL_FROM = "MILEPOST_MAIL_FROM"
PUBLIC_URL = "MILEPOST_PUBLIC_URL"
WANTED = "expected smtp://user:password@host:587, or smtps:// and port 465"
PORTS = {"smtp": 587, "smtps": 465}


class Tls(Enum):
    """Encryption of a connection."""

    FIRST = "from its first byte"
    UPGRADED = "once the server was greeted, or not used"
    OFFERED = "where the server offers it"


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server, its account, and the sender of mails."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: Tls
    sender: str
    public_url: str

    @property
    def domain(self) -> str:
        return parseaddr(self.sender)[1].rpartition("@")[2]


def read(url: str, sender: str | None, public: str | None, *, production: bool) -> MailServer:
    """The server of mail that a URL names, and the `public` address that mail leads back to;
    production encrypts both.

    Raises: SettingsError, which repeats no password
    """
    local, _, domain = parseaddr(sender or "")[1].rpartition("@")
    if not local or not domain or not (sender or "").isprintable():
        raise SettingsError(
            MAIL_FROM, "expected the sender of mail, such as Club <club@shop.example>"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingsError(SMTP_URL, WANTED) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError(SMTP_URL, WANTED)
    schemes = ("https",) if production else ("https", "http")
    if not (public or "").startswith(tuple(f"{one}://" for one in schemes)):
        raise SettingsError(
            PUBLIC_URL, "mail needs the public address of the API, such as https://api.shop.example"
        )
    upgraded = Tls.UPGRADED if production else Tls.OFFERED
    return MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=Tls.FIRST if parts.scheme == "smtps" else upgraded,
        sender=sender or "",
        public_url=(public or "").rstrip("/"),
    )
