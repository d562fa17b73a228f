"""Back-tests through the API: asked for, played by the worker's step, read and printed."""

from datetime import timedelta
from typing import Any

import pytest
import yaml

from domain.backtests import runs
from domain.programmes.reader import to_document
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

START = """mutation($input: StartBacktestInput!) { startBacktest(input: $input) {
    backtest { id status progress members from until cutoff hash html }
    errors { code path ... on InvalidInput { reason } } } }"""
READ = """query($id: ID!) { backtest(id: $id) { status progress members assumed hash
    figures { key baseline candidate }
    rules: breakdown(by: RULE) { key baseline candidate }
    lost: breakdown(by: LOST) { key baseline candidate }
    html other: html(locale: "zh-CN")
    notes chinese: notes(locale: "zh-CN") } node(id: $id) { id } }"""


async def start(stage: Stage, **sent: Any) -> dict[str, Any]:
    answer = await stage.staff().ask(START, input={"idempotencyKey": fresh_key(), **sent})
    payload: dict[str, Any] = answer["data"]["startBacktest"]
    return payload


async def play(stage: Stage) -> None:
    while (found := await runs.next_of(stage.programme.id)) is not None:
        await runs.step(stage.programme, found, stage.now())


async def test_a_back_test_is_started_played_and_read() -> None:
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="<b>xiaoli</b>")
    await make.book(stage.programme, member_id, ("flight", "2500"), now=TODAY)
    document = to_document(stage.programme.versions[-1].policy)
    [bonus] = [rule for rule in document["earning"] if rule["code"] == "flight_over_2000"]
    bonus |= {"points": 400, "budget": {"points": 90_000, "per": "month"}}
    text = yaml.safe_dump(document)
    ahead = (TODAY + timedelta(days=1)).isoformat()
    refused = await start(stage, candidate={"document": text}, until=ahead)
    assert refused["errors"] == [
        {"code": "INVALID_INPUT", "path": ["until"], "reason": "in_future"}
    ]
    begun = await start(stage, candidate={"document": text})
    queued = begun["backtest"]
    assert (queued["status"], queued["progress"], queued["members"]) == ("QUEUED", "0.0000", 1)
    assert queued["hash"] is queued["html"] is None
    await play(stage)
    data = await stage.staff().read(READ, id=queued["id"])
    assert data["node"] == {"id": queued["id"]}
    found = data["backtest"]
    assert (found["status"], found["progress"], len(found["hash"])) == ("DONE", "1.0000", 64)
    figures = {row.pop("key"): row for row in found["figures"]}
    assert figures["granted"] == {"baseline": "3000.0000", "candidate": "2900.0000"}
    assert figures["cost_share"] == {"baseline": "1.2000", "candidate": "1.1600"}
    assert figures["drift"] == {"baseline": "0.0000", "candidate": "-100.0000"}
    assert found["rules"] == [
        {"key": "flight_over_2000", "baseline": "500.0000", "candidate": "400.0000"},
        {"key": "base", "baseline": "2500.0000", "candidate": "2500.0000"},
    ]
    [lost] = found["lost"]
    assert lost["key"] == "<b>xiaoli</b>"
    assert "&lt;b&gt;xiaoli&lt;/b&gt;" in found["html"]
    assert "<b>" not in found["html"]
    assert ">−100<" in found["html"]
    assert '<html lang="zh-CN">' in found["other"]
    assert "机票满 2000 元奖励" in found["other"]

    assert found["notes"][0].startswith("Transfers and corrections")
    assert found["notes"][-1] == (
        "The budgets of these rules differ, which these figures do not show: "
        "Bonus for flights from CNY 2000."
    )
    assert found["chinese"][-1] == (
        "以下规则的预算两侧不同，这些数字未反映其影响：机票满 2000 元奖励。"
    )
    assert all(note in found["html"] for note in found["notes"])

    listed = await stage.staff().read("{ backtests { totalCount edges { node { id status } } } }")
    assert listed["backtests"]["edges"] == [{"node": {"id": queued["id"], "status": "DONE"}}]
    assert await stage.staff().read('{ backtest(id: "nonsense") { id } }') == {"backtest": None}
