"""Addresses to which messages may be sent: none inside our own network, whatever a name resolves
to.

The connection uses the address that was checked: the name is not resolved again, so another answer
a moment later has no effect.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from domain.kernel.inputs import Path, check_identifier
from domain.kernel.refusals import InvalidInput

URL_CHARACTERS_MAX = 500
OWN_CHARACTERS_MAX = 8000
"""Most characters of an operator's address, which may contain a whole message."""

PORTS = frozenset({443})
RESOLVE_SECONDS = 5

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as text. Raises: OSError."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_NAT64 = IPv6Network("64:ff9b::/96")
_OWN_NAT64 = IPv6Network("64:ff9b:1::/48")
"""A network's own translation: an address does not show where in it the IPv4 address stands."""


async def resolved(host: str, port: int) -> list[str]:
    """Addresses from this machine's resolver. Raises: OSError."""
    async with asyncio.timeout(RESOLVE_SECONDS):
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    return [str(one[4][0]) for one in found]


@dataclass(frozen=True, slots=True)
class Rules:
    """Ports and networks that are allowed in addition to public addresses.

    `development` allows http, any port and this machine itself; `everywhere` allows any address,
    for trusted receivers.
    """

    ports: frozenset[int] = PORTS
    networks: tuple[Network, ...] = ()
    development: bool = False
    everywhere: bool = False
    resolve: Resolve = resolved

    def allows(self, address: Address) -> bool:
        """Whether a socket may connect there: the address is public, even if embedded in another
        form, or allowed by name.
        """
        inner = unwrapped(address)
        named = any(
            one in network
            for one in (address, inner)
            for network in self.networks
            if one.version == network.version
        )
        loopback = self.development and inner.is_loopback
        return self.everywhere or named or is_public(inner) or loopback


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes, once it was judged: the socket to `address`, all else by `host`."""

    url: SplitResult
    host: str
    port: int
    address: Address

    @property
    def secure(self) -> bool:
        return self.url.scheme == "https"

    @property
    def name(self) -> str:
        """The `Host` of requests."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == _DEFAULT_PORTS[self.url.scheme]
        return shown if usual else f"{shown}:{self.port}"

    @property
    def to_address(self) -> str:
        """The URL with the address in place of the name."""
        shown = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        path = self.url.path or "/"
        query = f"?{self.url.query}" if self.url.query else ""
        return f"{self.url.scheme}://{shown}:{self.port}{path}{query}"


@dataclass(eq=False)
class Forbidden(Exception):
    """A host to which no message may be sent: it has this address, or none.

    The message, which owners of endpoints read, does not contain the address: it would reveal names
    of our own network.
    """

    host: str
    address: Address | None

    def __str__(self) -> str:
        if self.address is None:
            return f"{self.host} has no address"
        return f"{self.host} is at an address that is not public"


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside a mapped, 6to4 or NAT64 address; else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether the address means the same machine everywhere in the world."""
    local = isinstance(address, IPv6Address) and (address.is_site_local or address in _OWN_NAT64)
    odd = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not (odd or local)


def parts_of(url: str, rules: Rules, path: Path = ("url",)) -> SplitResult:
    """The parts of a URL in the form required of endpoints.

    Raises: InvalidInput.
    """
    check_identifier(url, path, OWN_CHARACTERS_MAX if rules.everywhere else URL_CHARACTERS_MAX)
    allowed = ("https",) if not rules.development else ("https", "http")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError:
        raise InvalidInput("not_an_endpoint", url, allowed, path=path) from None
    if not url.isascii() or parts.scheme not in allowed or not host or " " in url or "\\" in url:
        raise InvalidInput("not_an_endpoint", url, allowed, path=path)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidInput("endpoint_parts", path=path)
    wanted = port if port is not None else _DEFAULT_PORTS[parts.scheme]
    if wanted not in rules.ports and not rules.development:
        ports = tuple(map(str, sorted(rules.ports)))
        raise InvalidInput("endpoint_port", str(wanted), ports, path=path)
    return parts


async def check(url: str, rules: Rules, path: Path = ("url",)) -> None:
    """Refuse a URL to which no message may be sent, as it resolves now.

    Raises: InvalidInput.
    """
    parts = parts_of(url, rules, path)
    try:
        await destination_of(parts, rules)
    except Forbidden as error:
        if error.address is None:
            raise InvalidInput("endpoint_unresolved", error.host, path=path) from None
        # not where it is: the caller would learn the names of our own network
        raise InvalidInput("endpoint_address", error.host, path=path) from None


async def destination_of(parts: SplitResult, rules: Rules) -> Destination:
    """The place for a message now: the first of the host's addresses, all of which must be allowed.

    Raises: Forbidden.
    """
    host = str(parts.hostname)
    port = parts.port if parts.port is not None else _DEFAULT_PORTS[parts.scheme]
    try:
        found = [host] if _is_address(host) else await rules.resolve(host, port)
    except (OSError, UnicodeError):
        found = []
    addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in found]
    if not addresses:
        raise Forbidden(host, None)
    for address in addresses:
        if not rules.allows(address):
            raise Forbidden(host, address)
    return Destination(parts, host, port, addresses[0])


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
