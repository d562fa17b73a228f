"""A server that hears what workers send."""

from collections.abc import AsyncIterator

import pytest

from tests.support.hooked import Endpoint, endpoint


@pytest.fixture
async def listener() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made
