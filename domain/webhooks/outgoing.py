"""How this process sends to endpoints: the allowed addresses, and the key that encrypts their
secrets.
"""

import secrets
from dataclasses import dataclass, field

from domain.webhooks.guard import Rules
from domain.webhooks.signing import SECRET_BYTES


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Without a key it makes its own, and secrets encrypted with that are lost with the process.
    `told_by` are the channels that notify members here.
    """

    rules: Rules = field(default_factory=Rules)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(SECRET_BYTES), repr=False)
    told_by: frozenset[str] = frozenset()
