"""Back-tests through the API: asked for, played by the worker's step, read and printed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.backtests import runs
from domain.programmes.reader import to_document
from tests.support import factories as make
from tests.support.browser import CHROMIUM, opened
from tests.support.callers import TODAY, Stage, fresh_key, open_stage

pytestmark = pytest.mark.usefixtures("database")

START = """mutation($input: StartBacktestInput!) { startBacktest(input: $input) {
    backtest { id status progress members from until cutoff hash html }
    errors { code path ... on InvalidInput { reason } } } }"""
READ = """query($id: ID!) { backtest(id: $id) { status progress members assumed hash
    figures { key baseline candidate }
    rules: breakdown(by: RULE) { key baseline candidate }
    lost: breakdown(by: LOST) { key baseline candidate }
    weeks: breakdown(by: BUDGET_WEEK) { key baseline candidate }
    segments: breakdown(by: SEGMENT) { key baseline candidate }
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
    assert ">−1.00<" in found["html"]  # what they are worth, with the decimals of the currency
    assert '<html lang="zh-CN">' in found["other"]
    assert "机票满 2000 元奖励" in found["other"]

    assert found["weeks"] == [
        {"key": "flight_over_2000 2126-W11", "baseline": "500.0000", "candidate": "400.0000"}
    ]
    assert "Bonus for flights from CNY 2000 2126-W11" in found["html"]
    assert "设有预算的规则按周发放" in found["other"]
    assert found["segments"] == []
    [note] = found["notes"]
    assert note.startswith("Transfers, corrections")
    assert found["chinese"][0].startswith("转赠、更正及推荐结果按记录计入，")
    assert note in found["html"]

    listed = await stage.staff().read("{ backtests { totalCount edges { node { id status } } } }")
    assert listed["backtests"]["edges"] == [{"node": {"id": queued["id"], "status": "DONE"}}]
    assert await stage.staff().read('{ backtest(id: "nonsense") { id } }') == {"backtest": None}


async def test_the_page_says_what_a_document_was_compared_with() -> None:
    stage = await open_stage()
    document = to_document(stage.programme.versions[-1].policy)
    text = yaml.safe_dump(document)
    tried = {"document": text}
    refused = await start(stage, candidate=tried, baseline={"version": 7})
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [
        ("NOT_FOUND", ["baseline", "version"])
    ]
    said = {
        "the versions as they were in force": None,
        "version 1": {"version": 1},
        "another document, as if it had always been in force": tried,
    }
    for words, baseline in said.items():
        begun = await start(stage, candidate=tried, baseline=baseline)
        await play(stage)
        found = (await stage.staff().read(READ, id=begun["backtest"]["id"]))["backtest"]
        assert f"<dd>{words}</dd>" in found["html"]


OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDE = """[...document.querySelectorAll('td, th, dd')].filter(
    one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth).map(one => one.textContent)"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
async def test_the_page_is_read_on_a_desk_and_on_a_phone(tmp_path: Path) -> None:
    """No wider than either, one form of numbers below zero, and the programme called so."""
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="a-member-of-long-standing")
    await make.book(stage.programme, member_id, ("flight", "2500"), now=TODAY)
    document = to_document(stage.programme.versions[-1].policy)
    [base] = [rule for rule in document["earning"] if rule["code"] == "base"]
    base["per"] = 1000
    begun = await start(stage, candidate={"document": yaml.safe_dump(document)})
    await play(stage)
    found = (await stage.staff().read(READ, id=begun["backtest"]["id"]))["backtest"]
    for language, text, programme in (
        ("en", found["html"], "The programme"),
        ("zh-CN", found["other"], "本计划"),
    ):
        path = tmp_path / f"{language}.html"
        path.write_text(text, encoding="utf-8")
        async with opened(path.as_uri()) as page:
            await page.until("document.readyState === 'complete'")
            for width, height in ((1440, 900), (390, 844)):
                await page.command(
                    "Emulation.setDeviceMetricsOverride",
                    width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
                )  # fmt: skip
                assert await page.run("window.innerWidth") == width
                assert await page.run(OVER) == 0
                assert await page.run(WIDE) == []
            cells = await page.run("[...document.querySelectorAll('td')].map(d => d.textContent)")
            heads = await page.run("[...document.querySelectorAll('th')].map(d => d.textContent)")
            assert page.told("Log.entryAdded") == page.told("Runtime.exceptionThrown") == []
        # the drift of the candidate, and each change
        assert cells.count("−2,498") >= 3
        assert not [cell for cell in cells if "-" in cell]
        assert programme in heads
        assert "programme" not in heads


async def test_the_members_of_a_segment_are_counted_and_named() -> None:
    segment = {"code": "vip", "name": {"en": "Best guests", "zh-CN": "贵宾"}, "list": True}
    stage = await open_stage(make.shipped_document(segments=[segment]))
    member_id = await make.enrol(stage.programme, now=TODAY)
    await make.book(stage.programme, member_id, ("flight", "2500"), now=TODAY)
    text = yaml.safe_dump(to_document(stage.programme.versions[-1].policy))
    refused = await start(stage, candidate={"document": text}, segment="nobody")
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [("NOT_FOUND", ["segment"])]
    begun = await start(stage, candidate={"document": text}, segment="vip")
    await play(stage)
    found = (await stage.staff().read(READ, id=begun["backtest"]["id"]))["backtest"]
    assert found["rules"] == []
    assert "<dt>Members of the segment</dt><dd>Best guests</dd>" in found["html"]
    assert "<dd>贵宾</dd>" in found["other"]


async def test_a_list_reads_no_text_that_it_does_not_show(statements: list[str]) -> None:
    stage = await open_stage()
    text = yaml.safe_dump(to_document(stage.programme.versions[-1].policy))
    for _ in range(2):
        await start(stage, candidate={"document": text})
    listing = "{ backtests { edges { node { %s } } } }"
    statements.clear()
    await stage.staff().read(listing % "id status progress from notes")
    assert not any("candidate" in sql for sql in statements)
    statements.clear()
    await stage.staff().read(listing % "id figures { key } breakdown(by: RULE) { key }")
    assert len([sql for sql in statements if "candidate" in sql]) == 1
