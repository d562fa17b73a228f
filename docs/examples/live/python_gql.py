"""gql for Python: every entry of the ledger, each once, through lost connections."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportClosed, TransportConnectionFailed
from gql.transport.websockets import WebsocketsTransport

RETRY_SECONDS = 1.0

LEDGER = """
subscription Ledger($after: Int) {
  ledgerAppended(after: $after) { sequence points }
}
"""


async def appended(url: str, tokens: Iterator[str], after: int) -> AsyncIterator[dict[str, Any]]:
    """Every entry after that sequence, for ever: with another token where one has ended, and
    after the last entry that came where the connection was lost.
    """
    while True:
        transport = WebsocketsTransport(
            url.replace("http", "ws", 1),
            init_payload={"authorization": next(tokens)},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        try:
            async with Client(transport=transport) as session:
                request = GraphQLRequest(gql(LEDGER), variable_values={"after": after})
                async for answer in session.subscribe(request):
                    after = answer["ledgerAppended"]["sequence"]
                    yield answer["ledgerAppended"]
        except (TransportClosed, TransportConnectionFailed):
            await asyncio.sleep(RETRY_SECONDS)


async def main(url: str, token: str, after: int = 0, until: int = 3) -> None:
    """Entries from the one after `after`, the last that is done with: a program keeps it, and
    begins there when it is started again. It would also stay.
    """
    async for entry in appended(url, iter(token.split(",")), after):
        print(json.dumps(entry), flush=True)
        if entry["sequence"] == until:
            break


if __name__ == "__main__":
    asyncio.run(
        main(
            os.environ["MILEPOST_URL"],
            os.environ["MILEPOST_TOKEN"],
            int(os.environ.get("MILEPOST_AFTER", "0")),
            int(os.environ.get("MILEPOST_UNTIL", "3")),
        )
    )
