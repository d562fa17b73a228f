"""What the settings say about sending to endpoints."""

import hashlib
import hmac
from collections.abc import Iterator

from domain.members.consents import Channel
from domain.webhooks.guard import Rules
from domain.webhooks.outgoing import Outgoing
from ops import hooks
from ops.commands.keys import development_key
from ops.settings import Environment, Settings


def outgoing(settings: Settings) -> Outgoing:
    """Without a key of its own, secrets are kept under one that the home's key makes.

    Raises: KeyFileError, SettingsError
    """
    rules = Rules(
        ports=hooks.ports(settings.webhook_ports),
        networks=hooks.networks(settings.webhook_networks),
        development=settings.environment is Environment.DEVELOPMENT,
    )
    key = settings.kept_under() or _of_home(settings)
    return Outgoing(rules, key, frozenset(told_by(settings)))


def told_by(settings: Settings) -> Iterator[Channel]:
    """The channels that members are told by. Raises: SettingsError."""
    if settings.mail_server():
        yield Channel.EMAIL
    if settings.sms_provider():
        yield Channel.SMS
    if any(settings.push_providers()):
        yield Channel.PUSH


def _of_home(settings: Settings) -> bytes:
    private = str(development_key(settings.home).as_dict(private=True)["d"])
    return hmac.new(private.encode(), b"secrets of endpoints", hashlib.sha256).digest()
