"""Addresses to which webhooks may be sent, from the settings."""

from ipaddress import ip_network

from domain.webhooks.guard import Network
from ops.errors import SettingsError

PORTS = "MILEPOST_WEBHOOK_PORTS"
NETWORKS = "MILEPOST_WEBHOOK_NETWORKS"
PORT_MAX = 65535


def ports(text: str) -> frozenset[int]:
    """Raises: SettingsError"""
    found = [name.strip() for name in text.split(",")]
    if not all(name.isascii() and name.isdecimal() for name in found):
        raise SettingsError(PORTS, "expected ports such as 443,8443")
    if wrong := [name for name in found if not 1 <= int(name[:6]) <= PORT_MAX]:
        raise SettingsError(PORTS, f"{wrong[0]} is not a port: 1 to {PORT_MAX}")
    return frozenset(map(int, found))


def networks(text: str | None) -> tuple[Network, ...]:
    """Networks that webhooks may go to though they are not public.

    Raises: SettingsError
    """
    try:
        return tuple(ip_network(name.strip()) for name in (text or "").split(",") if name)
    except ValueError:
        wanted = "expected networks such as 10.1.0.0/16,fd00:1::/64"
        raise SettingsError(NETWORKS, wanted) from None
