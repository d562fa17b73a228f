"""Establish programmes, and publish, draft, propose and back-test their policies."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.approvals import approvals
from domain.backtests import backtests, runs
from domain.backtests.backtests import BacktestSent
from domain.kernel.database import transact
from domain.kernel.idempotency import Figures
from domain.partners import partners
from domain.programmes import drafts, programmes, reader
from domain.programmes.drafts import DraftSent
from domain.programmes.programmes import Programme
from domain.programmes.sources import OfVersion
from domain.proposals import proposals
from tests.support.factories.calls import NOW, request, staff
from tests.support.factories.documents import shipped_document, written


async def establish(document: dict[str, Any] | None = None, *, now: datetime = NOW) -> Programme:
    """A new programme, which no other test uses."""
    parsed = reader.validate(document or shipped_document())
    return await programmes.establish(parsed, now - timedelta(days=900), by="test", note="")


async def funded(document: dict[str, Any], *partners_of_it: str, now: datetime = NOW) -> Programme:
    """A new programme with these partners, who may fund points, and `document` as version 2."""
    programme = await establish(now=now)
    for code in partners_of_it:
        await partners.create(programme, code, code.title(), now)
    return await publish(programme, document, now=now)


async def publish(
    programme: Programme,
    document: dict[str, Any],
    *,
    now: datetime = NOW,
    effective_from: datetime | None = None,
) -> Programme:
    """Publish the programme's next version, and return the programme with it."""
    text = json.dumps({**document, "programme": programme.code}, ensure_ascii=False, default=str)
    await programmes.publish(
        request(staff(programme), now=now), text, effective_from=effective_from
    )
    return await programmes.get(programme.code)


async def draft(programme: Programme, document: str = "programme: 1") -> UUID:
    """A draft of the programme's policy; its id."""
    sent = DraftSent(document, name="Spring")
    outcome = await drafts.save(request(staff(programme)), sent)
    return UUID(outcome.figures["draft"])


async def propose(
    programme: Programme, *, by: str = "ann", now: datetime = NOW, document: str | None = None
) -> UUID:
    """A proposal to publish an unchecked text, by default the first version's; its id."""
    newest = (await programmes.get(programme.code)).versions[-1].number
    sent: dict[str, Any] = {
        "document": document or written(programme.versions[0].policy),
        "effectiveFrom": None,
        "note": "",
        "accept": [],
        "after": newest,
    }

    async def work() -> Figures:
        asking = request(staff(programme, by), now=now)
        await programmes.lock(programme.id)
        return await proposals.propose(asking, "publishPolicy", sent)

    return UUID((await transact(work))["proposal_id"])


async def decided(programme: Programme) -> None:
    """A proposal that was approved, which publishes a version, and one that was rejected."""
    by = staff(programme, "lee")
    await approvals.approve(request(by), programme, await propose(programme), "a proposal")
    await approvals.reject(request(by), await propose(programme), "a proposal", "too early")


async def compare(programme: Programme, *, now: datetime) -> UUID:
    """A finished back-test of the first version's document; its id."""
    sent = BacktestSent(OfVersion(1))
    outcome = await backtests.start(request(staff(programme), now=now), programme, sent)
    backtest_id = UUID(outcome.figures["backtest_id"])
    while not (found := await backtests.get(programme.id, backtest_id)).finished:
        await runs.step(programme, found, now)
    return backtest_id
