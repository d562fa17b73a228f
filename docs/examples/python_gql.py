"""gql for Python: a list page by page, and a mutation that is done once, however often sent."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from gql import Client, GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import (
    TransportConnectionFailed,
    TransportQueryError,
    TransportServerError,
)
from gql.transport.httpx import HTTPXAsyncTransport

TRIES = 5
RETRY_SECONDS = 0.3

LEDGER = """
query Ledger($after: String) {
  me {
    ledger(first: 2, after: $after) {
      pageInfo { hasNextPage endCursor }
      edges { node { points description } }
    }
  }
}
"""

REDEEM = """
mutation Redeem($input: RedeemRewardInput!) {
  redeemReward(input: $input) {
    replayed
    balance { available }
    errors {
      code
      message
      ... on InsufficientPoints { available required }
    }
  }
}
"""


async def ask(session: AsyncClientSession, text: str, **variables: Any) -> dict[str, Any]:
    """The data of an operation, sent again where the answer was lost or the server asks for it.

    A mutation carries its key in its variables, so each try is the same request and is done once.
    """
    request = GraphQLRequest(gql(text), variable_values=variables)
    for tries in range(1, TRIES + 1):
        try:
            return dict(await session.execute(request))
        except (TransportConnectionFailed, TransportServerError, TransportQueryError) as error:
            if tries == TRIES or not _is_worth_another_try(error):
                raise
            await asyncio.sleep(RETRY_SECONDS * tries)
    raise AssertionError("a loop of tries ends by an answer or an error")


def _is_worth_another_try(error: Exception) -> bool:
    if isinstance(error, TransportQueryError):
        codes = {found["extensions"]["code"] for found in error.errors or []}
        return bool(codes & {"UNAVAILABLE", "TIMEOUT", "RATE_LIMITED"})
    return not isinstance(error, TransportServerError) or error.code not in (400, 401, 403)


async def entries(session: AsyncClientSession) -> AsyncIterator[dict[str, Any]]:
    """The whole ledger, the newest entry first."""
    after = None
    while True:
        page = (await ask(session, LEDGER, after=after))["me"]["ledger"]
        for edge in page["edges"]:
            yield edge["node"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


async def redeem(session: AsyncClientSession, reward: str) -> None:
    sent = {"idempotencyKey": str(uuid4()), "reward": reward}
    payload = (await ask(session, REDEEM, input=sent))["redeemReward"]
    if payload["errors"]:
        # a refusal is data: nothing has happened, and the key is free again
        problem = payload["errors"][0]
        short = problem["required"] - problem["available"]
        print(json.dumps({"refused": problem["code"], "short": short}))
    else:
        left = payload["balance"]["available"]
        print(json.dumps({"redeemed": reward, "replayed": payload["replayed"], "left": left}))


async def main(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    async with Client(transport=HTTPXAsyncTransport(url, headers=headers)) as session:
        print(json.dumps({"ledger": [entry["points"] async for entry in entries(session)]}))
        for reward in ("lounge", "backpack"):
            await redeem(session, reward)


if __name__ == "__main__":
    asyncio.run(main(os.environ["MILEPOST_URL"], os.environ["MILEPOST_TOKEN"]))
