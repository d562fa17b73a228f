"""Settings for sending to endpoints."""

from collections.abc import Iterator

from domain.members.consents import Channel
from domain.webhooks.guard import Rules
from domain.webhooks.outgoing import Outgoing
from ops import hooks
from ops.secret_keys import keys
from ops.settings import Environment, Settings


def outgoing(settings: Settings) -> Outgoing:
    """Secrets are kept under the newest key.

    Raises: KeyFileError, SettingsError
    """
    rules = Rules(
        ports=hooks.ports(settings.webhook_ports),
        networks=hooks.networks(settings.webhook_networks),
        development=settings.environment is Environment.DEVELOPMENT,
    )
    return Outgoing(rules, keys(settings)[0], frozenset(told_by(settings)))


def told_by(settings: Settings) -> Iterator[Channel]:
    """The channels by which members are notified. Raises: SettingsError."""
    if settings.mail_server():
        yield Channel.EMAIL
    if settings.sms_provider():
        yield Channel.SMS
    if any(settings.push_providers()):
        yield Channel.PUSH
