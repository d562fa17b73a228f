"""How many connections and subscriptions there may be at once, and who is refused one more."""

import asyncio
from contextlib import AsyncExitStack

from api.edge.sessions import Terms as KeptOpen
from domain.kernel.callers import Scope
from ops.listener import Connections
from tests.conftest import Database
from tests.support.callers import Client, Stage
from tests.support.subscribed import (
    BALANCE,
    PATIENT_SECONDS,
    init,
    listening_for_sockets,
    served_live,
    socket,
)


async def test_connections_and_subscriptions_are_counted(
    stage: Stage, running: tuple[str, Connections]
) -> None:
    place, crowd = running
    token = stage.member().token
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(socket(place)) for _ in range(6)]
        for line in lines[:5]:
            await line.begin(token)
        await lines[5].connection.send(init(token))
        assert await lines[5].closed() == 4403
        assert crowd.sockets == 5
        for number_of_it in range(20):
            await lines[0].subscribe(str(number_of_it), BALANCE)
            await lines[0].next(str(number_of_it))
        await lines[0].subscribe("more", BALANCE)
        refused = await lines[0].receive()
        await lines[4].connection.close()
        async with socket(place) as line:
            await line.begin(token)

    assert refused["id"] == "more"
    assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    async with asyncio.timeout(PATIENT_SECONDS):
        while crowd.sockets or crowd.admitted:  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.01)


async def test_partners_staff_and_a_process_have_so_many_connections(
    stage: Stage, database: Database
) -> None:
    usual = KeptOpen()
    assert (usual.of_member, usual.of_other, usual.most) == (5, 50, 10_000)
    terms = KeptOpen(init_seconds=5, of_member=1, of_other=2, most=4)
    partner, staff = await stage.partner((Scope.READ,)), stage.staff()
    async with (
        listening_for_sockets(served_live(terms=terms)) as (place, _),
        AsyncExitStack() as stack,
    ):

        async def comes(client: Client, *, let_in: bool) -> None:
            line = await stack.enter_async_context(socket(place))
            if let_in:
                await line.begin(client.token)
            else:
                await line.connection.send(init(client.token))
                assert await line.closed() == 4403

        await comes(partner, let_in=True)
        await comes(partner, let_in=True)
        await comes(partner, let_in=False)
        await comes(staff, let_in=True)
        await comes(stage.member(), let_in=True)
        # this person has one more, the process has none
        await comes(staff, let_in=False)
