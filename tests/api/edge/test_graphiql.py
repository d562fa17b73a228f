"""The page for developers: what is served of it, and how it behaves in a real browser."""

import base64
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from graphql import parse
from starlette.applications import Starlette

from api.edge import graphiql
from api.edge.limits import Limits
from api.schema import build_schema
from tests.api.conftest import Sign
from tests.support.browser import CHROMIUM, opened
from tests.support.serving import served

SHEET = """[...document.styleSheets].every((sheet) => sheet.cssRules.length > 0)"""
RESULT = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()"
EDITOR = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror"


def example(title: str) -> str:
    return f"""[...document.querySelectorAll('.examples button')]
        .find((button) => button.textContent.endsWith({title!r})).click()"""


def test_every_example_is_a_valid_operation() -> None:
    schema = build_schema(Limits(), production=False)
    text = (graphiql.FOLDER / "examples.graphql").read_text(encoding="utf-8")

    offered = graphiql.examples(schema._schema)

    assert len(offered) == len(parse(text).definitions)
    assert all(found["title"] and not found["title"].startswith("#") for found in offered)


async def test_the_page_lets_nothing_in(stranger: httpx.AsyncClient) -> None:
    response = await stranger.get("/graphql", headers={"Accept": "text/html"})

    assert response.headers["referrer-policy"] == "no-referrer"
    if graphiql.installed():
        assert response.headers["content-security-policy"] == graphiql.STRICT_POLICY
        assert "unsafe" not in graphiql.STRICT_POLICY
        assert "development" in response.text


async def test_without_its_libraries_another_page_stands_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(graphiql.ASSETS, "react.js", tmp_path / "absent.js")

    page = graphiql.page("development")

    assert b"GraphiQL" in bytes(page.body)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'unsafe-inline' https://")
    assert "{" not in policy


@pytest.mark.parametrize(
    "name", ["package.json", "__init__.py", "page.html", "..%2Fapp.py", "node_modules", "x"]
)
async def test_nothing_but_its_own_files_is_served(stranger: httpx.AsyncClient, name: str) -> None:
    assert (await stranger.get(f"/graphiql/{name}")).status_code == 404


@pytest.mark.skipif(
    CHROMIUM is None or not graphiql.installed(),
    reason="needs Chromium and `npm ci --prefix api/edge/graphiql --ignore-scripts`",
)
async def test_a_developer_tries_the_api(
    app: Starlette, sign: Sign, request: pytest.FixtureRequest
) -> None:
    token = sign(sub="traveller-9")
    async with served(app) as address, opened(f"{address}/graphql") as page:
        await page.until("document.querySelectorAll('.examples button').length > 5")
        assert await page.run(SHEET)
        assert await page.run("document.getElementById('caller').textContent") == "no token"

        await page.run(f"document.getElementById('token').value = {token!r}")
        await page.run("document.getElementById('token-form').requestSubmit()")
        await page.until("document.getElementById('caller').textContent === 'member'")

        await page.until("document.querySelectorAll('.examples button').length > 5")
        await page.run(example("Enrol myself"))
        await page.until(f"{EDITOR}.operationName === 'Enrol'")
        assert "<key>" not in await page.run(f"{EDITOR}.getValue()")
        await page.run("document.querySelector('.graphiql-execute-button').click()")
        answer = await page.until(f"{RESULT}.includes('referralCode') && {RESULT}")
        assert '"reference": "traveller-9"' in answer

        await page.run(example("My dashboard"))
        await page.until(f"{EDITOR}.operationName === 'Dashboard'")
        await page.run("document.querySelector('.graphiql-execute-button').click()")
        await page.until(f"{RESULT}.includes('available')")

        shot = await page.command("Page.captureScreenshot")
        kept = await page.run("JSON.stringify(sessionStorage)")
        assert await page.run("localStorage.length") == 0
        assert await page.run("document.cookie") == ""
        assert kept.count(token) == 1
        assert token not in await page.run("location.href")

        await page.run("document.getElementById('forget').click()")
        await page.until("document.getElementById('caller').textContent === 'no token'")
        assert token not in await page.run("JSON.stringify(sessionStorage)")

    if (folder := request.config.cache) is not None:
        picture = folder.mkdir("graphiql") / "page.png"
        picture.write_bytes(base64.b64decode(shot["data"]))
    asked = {
        urlsplit(sent["request"]["url"])[:2] for sent in page.told("Network.requestWillBeSent")
    }
    assert {(scheme, host) for scheme, host in asked if scheme != "data"} == {urlsplit(address)[:2]}
    assert page.told("Log.entryAdded") == []
    assert page.told("Runtime.exceptionThrown") == []
    assert page.told("Runtime.consoleAPICalled") == []
