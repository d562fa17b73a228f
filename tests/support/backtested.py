"""Start back-tests, run them to their end, and read their figures."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.backtests import backtests, runs
from domain.backtests.backtests import Backtest, BacktestSent
from domain.programmes.programmes import Programme
from domain.programmes.reader import to_document
from tests.support import factories as make


def text_of(programme: Programme, **changes: Any) -> str:
    """The newest version's document as JSON, with these parts replaced."""
    document = {**to_document(programme.versions[-1].policy), **changes}
    return json.dumps(document, default=str)


async def start(programme: Programme, now: datetime, text: str, **sent: Any) -> UUID:
    request = make.request(make.staff(programme), key=sent.pop("key", None), now=now)
    outcome = await backtests.start(request, programme, BacktestSent(text, **sent))
    return UUID(outcome.figures["backtest_id"])


async def play(programme: Programme, backtest_id: UUID, now: datetime) -> Backtest:
    while not (found := await backtests.get(programme.id, backtest_id)).finished:
        await runs.step(programme, found, now)
    return found


async def compare(
    programme: Programme, now: datetime, text: str | None = None, **sent: Any
) -> Backtest:
    """The finished back-test of a document, by default the newest version's."""
    tried = text_of(programme) if text is None else text
    return await play(programme, await start(programme, now, tried, **sent), now)


def figures(found: Backtest, programme: Programme) -> dict[str, tuple[Any, Any]]:
    return {row.key: (row.baseline, row.candidate) for row in backtests.figures(programme, found)}
