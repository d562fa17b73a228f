"""Two servers on one database: what becomes of a key at one is so at the other within seconds."""

import signal
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx

from ops.postgres.connections import connection
from tests.support.commands import Commands
from tests.support.processes import (
    TRUSTED,
    WAIT_SECONDS,
    Started,
    answers,
    eventually,
    free_port,
)


def post(port: int, token: str, query: str, **variables: Any) -> Any:
    return httpx.post(
        f"http://127.0.0.1:{port}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {token}"},
        timeout=WAIT_SECONDS,
        verify=TRUSTED,
    ).json()


def accepted(port: int, token: str) -> bool:
    return "data" in post(port, token, "{ viewer { kind } }")


async def test_a_key_revoked_at_one_server_is_refused_by_the_other(ota: Commands) -> None:
    first_day = datetime.now(UTC).date()
    options = ["--programme", "ota", "--scopes", "earn"]
    key = ota.output("partner", "create", "hotels", "--name", "Hotels", *options).strip()
    key_id = key.split("_")[2]
    staff = ota.output("token", "--programme", "ota", "--staff").strip()
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        servers = []
        for port in ports:
            serve = ["serve", "--no-migrate", "--no-worker", "--port", str(port)]
            servers.append(stack.enter_context(Started(*serve, **ota.variables)))
            stack.callback(servers[-1].kill)
        assert all(eventually(lambda port=port: answers(port)) for port in ports)  # type: ignore[misc]

        assert [accepted(port, key) for port in ports] == [True, True]
        rotated = post(
            ports[0],
            staff,
            """mutation($input: RotatePartnerKeyInput!) {
                rotatePartnerKey(input: $input) { secret errors { message } } }""",
            input={"idempotencyKey": "1", "keyId": key_id},
        )
        new = rotated["data"]["rotatePartnerKey"]["secret"]
        assert [accepted(port, token) for port in ports for token in (key, new)] == [True] * 4

        ota.output("partner", "revoke", key_id, "--programme", "ota")
        assert eventually(lambda: not any(accepted(port, key) for port in ports))
        assert [accepted(port, new) for port in ports] == [True, True]

        for server in servers:
            server.send_signal(signal.SIGTERM)
        assert [server.wait(WAIT_SECONDS) for server in servers] == [0, 0]
    async with connection(ota.database.owner) as owner:
        used = await owner.fetch(
            "SELECT last_used_on FROM partner_key WHERE partner_id IS NOT NULL"
        )
    assert {row["last_used_on"] for row in used} <= {first_day, datetime.now(UTC).date()}
