"""How this process sends to endpoints: where it may, and under which key their secrets are kept."""

import secrets
from dataclasses import dataclass, field

from domain.webhooks.guard import Rules
from domain.webhooks.signing import SECRET_BYTES


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Without a key it has one of its own, and what is kept under that is gone with it. `told_by`
    are the channels that members are told by here.
    """

    rules: Rules = field(default_factory=Rules)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(SECRET_BYTES), repr=False)
    told_by: frozenset[str] = frozenset()
