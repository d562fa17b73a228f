"""Keys that all settings here have."""

import pytest

from tests.ops.settings.given import SECRET


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Production is tried with all that these tests are not about."""
    monkeypatch.setenv("MILEPOST_SECRET_KEY", SECRET)
    monkeypatch.setenv("MILEPOST_SEAL_KEYS", f"2026:{SECRET}")
