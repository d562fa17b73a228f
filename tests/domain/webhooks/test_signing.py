"""Secrets and signatures, as the library of Standard Webhooks reads them."""

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.webhooks import signing
from domain.webhooks.signing import Message, Unreadable

MESSAGE = Message("RXZlbnQ6MQ", '{"type": "points.earned", "name": "小丽"}'.encode())
KEY = bytes(range(32))


def test_a_secret_is_32_random_bytes() -> None:
    first, second = signing.new_secret(), signing.new_secret()
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
    assert first != second


def test_whoever_has_either_secret_finds_the_message_genuine() -> None:
    now = datetime.now(UTC)
    old, new, other = (signing.new_secret() for _ in range(3))
    headers = signing.headers(MESSAGE, [new, old], now)
    for secret in (old, new):
        assert Webhook(secret).verify(MESSAGE.body, headers)["name"] == "小丽"
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(MESSAGE.body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(MESSAGE.body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(MESSAGE.body, {**headers, "webhook-id": "another"})


def test_a_secret_is_kept_under_the_key_and_opened_by_it_alone() -> None:
    secret = signing.new_secret()
    kept = signing.sealed(secret, KEY)
    assert secret.removeprefix("whsec_") not in kept
    assert kept != signing.sealed(secret, KEY)
    assert signing.opened(kept, KEY) == secret
    for wrong, key in ((kept, bytes(32)), (kept[:-4] + "AAAA", KEY), ("nonsense", KEY)):
        with pytest.raises(Unreadable):
            signing.opened(wrong, key)


def test_a_kept_secret_stays_readable() -> None:
    kept = (
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..gDFIEKZrSF8-x_eJ.p1O1LIboL_NlXIKgJlK9RA"
        "5K7XLT7lOWBtP3Xo6G8tt9ujUFF-9jbVpB2PnIZ0L30TA.cMYcmp7yl8pE-wKdeDEGDA"
    )
    assert signing.opened(kept, KEY) == "whsec_" + base64.b64encode(bytes(32)).decode()
