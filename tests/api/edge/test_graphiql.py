"""The page for developers: what is served of it, and how it behaves in a real browser."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from graphql import build_schema as parse_schema
from starlette.applications import Starlette

from api.app import create_app
from api.edge import graphiql
from api.edge.limits import Limits
from domain.programmes import programmes, reader
from tests.api.conftest import Sign
from tests.support import factories as make
from tests.support.browser import CHROMIUM, Page, opened
from tests.support.sample import calling
from tests.support.serving import served

HTML = {"Accept": "text/html"}
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
SHEET = """[...document.styleSheets].every((sheet) => sheet.cssRules.length > 0)"""
RESULT = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()"
SAID = "document.getElementById('said').textContent"
CALLERS = "[...document.getElementById('caller').options].map((option) => option.value)"
TABS = "[...document.querySelectorAll('.graphiql-tab-button')].map((tab) => tab.textContent)"
EDITOR = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror"


def example(title: str) -> str:
    return f"""[...document.querySelectorAll('.examples button')]
        .find((button) => button.textContent.endsWith({title!r})).click()"""


async def test_the_page_lets_nothing_in(stranger: httpx.AsyncClient) -> None:
    response = await stranger.get("/graphql", headers=HTML)

    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["content-security-policy"] == graphiql.POLICY
    assert "unsafe" not in graphiql.POLICY
    assert "http" not in graphiql.POLICY
    assert "development" in response.text


async def test_without_its_libraries_the_page_says_how_to_get_them(
    stranger: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    library = tmp_path / "react.js"
    monkeypatch.setitem(graphiql.ASSETS, "react.js", library)

    missing = await stranger.get("/graphql", headers=HTML)

    assert missing.status_code == 200
    assert "make setup" in missing.text
    assert missing.headers["content-security-policy"] == graphiql.POLICY
    for link in re.findall(r'(?:src|href)="([^"]+)"', missing.text):
        if not link.startswith("data:"):
            assert (await stranger.get(f"/{link}")).status_code == 200

    for name, path in list(graphiql.ASSETS.items()):
        if not path.is_file():
            monkeypatch.setitem(graphiql.ASSETS, name, library)
    library.write_text("")
    assert "token-form" in (await stranger.get("/graphql", headers=HTML)).text


async def test_the_schema_is_there_as_text(stranger: httpx.AsyncClient) -> None:
    response = await stranger.get("/schema.graphql")

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert parse_schema(response.text).query_type is not None


async def test_where_it_is_switched_off_there_is_no_page() -> None:
    app = create_app(connect=nullcontext, signers=[], limits=Limits(), environment="production")
    async with calling(app) as client:
        for path in (
            "/graphiql",
            "/graphiql/page.js",
            "/graphiql/examples.json",
            "/schema.graphql",
        ):
            assert (await client.get(path, headers=HTML)).status_code == 404
        refused = await client.get("/graphql", headers={"Accept": "text/html,*/*;q=0.8"})

    assert refused.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "name", ["package.json", "__init__.py", "page.html", "..%2Fapp.py", "node_modules", "x"]
)
async def test_nothing_but_its_own_files_is_served(stranger: httpx.AsyncClient, name: str) -> None:
    assert (await stranger.get(f"/graphiql/{name}")).status_code == 404


in_a_browser = pytest.mark.skipif(
    CHROMIUM is None or not graphiql.installed(),
    reason="needs Chromium and `npm ci --prefix api/edge/graphiql --ignore-scripts`",
)


@asynccontextmanager
async def visited(app: Starlette, **device: int | bool) -> AsyncIterator[Page]:
    """The page in a browser, its examples shown; afterwards nothing was asked of another host."""
    async with served(app) as address, opened("about:blank") as page:
        if device:
            await page.command("Emulation.setDeviceMetricsOverride", **device)
        await page.command("Page.navigate", url=f"{address}/graphql")
        await page.until("document.querySelectorAll('.examples button').length > 5")
        yield page
        assert await page.run("localStorage.length") == 0
        assert await page.run("document.cookie") == ""
        asked = {
            urlsplit(sent["request"]["url"])[:2] for sent in page.told("Network.requestWillBeSent")
        }
        assert {one for one in asked if one[0] not in ("data", "about")} == {urlsplit(address)[:2]}
        logged = [entry["entry"]["text"] for entry in page.told("Log.entryAdded")]
        assert [text for text in logged if "401 (Unauthorized)" not in text] == []
        assert page.told("Runtime.exceptionThrown") == []
        assert page.told("Runtime.consoleAPICalled") == []


async def use(page: Page, token: str, name: str = "") -> None:
    await page.run("document.getElementById('token-form').hidden = false")
    await page.run(f"document.getElementById('token').value = {token!r}")
    await page.run(f"document.getElementById('token-name').value = {name!r}")
    await page.run("document.getElementById('token-form').requestSubmit()")


async def choose(page: Page, name: str) -> None:
    await page.run(
        f"""{{ const chooser = document.getElementById('caller'); chooser.value = {name!r};
        chooser.dispatchEvent(new Event('change')); }}"""
    )


async def play(page: Page, title: str, operation: str) -> None:
    await page.run(example(title))
    await page.until(f"{EDITOR}.operationName === {operation!r}")
    await page.run("document.querySelector('.graphiql-execute-button').click()")


@in_a_browser
async def test_a_developer_tries_the_api(
    app: Starlette, sign: Sign, request: pytest.FixtureRequest
) -> None:
    token = sign(sub="traveller-9")
    async with visited(app) as page:
        assert await page.run(SHEET)
        assert await page.run(CALLERS) == [""]

        await use(page, token)
        await page.until(f"{SAID} === 'member'")
        assert await page.run(CALLERS) == ["", "member"]

        await play(page, "Enrol myself", "Enrol")
        assert "<key>" not in await page.run(f"{EDITOR}.getValue()")
        answer = await page.until(f"{RESULT}.includes('referralCode') && {RESULT}")
        assert '"reference": "traveller-9"' in answer

        await play(page, "My dashboard", "Dashboard")
        await page.until(f"{RESULT}.includes('available')")

        await play(page, "My balance as it changes", "Balance")
        await page.until(f"{RESULT}.includes('balanceChanged')")
        await page.run("document.querySelector('.graphiql-execute-button').click()")

        shot = await page.command("Page.captureScreenshot")
        kept = await page.run("JSON.stringify(sessionStorage)")
        assert kept.count(token) == 1
        assert token not in await page.run("location.href")

        await page.run("document.getElementById('forget').click()")
        await page.until(f"{CALLERS}.length === 1")
        assert token not in await page.run("JSON.stringify(sessionStorage)")

    if (folder := request.config.cache) is not None:
        picture = folder.mkdir("graphiql") / "page.png"
        picture.write_bytes(base64.b64decode(shot["data"]))


@in_a_browser
async def test_callers_are_chosen_by_name(app: Starlette, sign: Sign) -> None:
    member, staff = sign(sub="traveller-8"), sign(sub="lin", roles=["staff"])
    printed = (
        f"programme ota\n  member token (traveller-8): {member}\n  staff token: {staff}\n"
        "programme air\n  staff token: another\n"
    )
    async with visited(app) as page:
        await page.run(
            f"""{{ const copied = new DataTransfer(); copied.setData('text', {printed!r});
            document.getElementById('token').dispatchEvent(new ClipboardEvent(
                'paste', {{clipboardData: copied, bubbles: true, cancelable: true}})); }}"""
        )
        await page.until(f"{SAID} === 'member'")
        assert await page.run(CALLERS) == ["", "member traveller-8 ota", "staff ota", "staff air"]

        await play(page, "Who am I?", "Viewer")
        await page.until(f"{RESULT}.includes('MEMBER')")
        await choose(page, "staff ota")
        await page.until(f"{SAID} === 'staff'")
        await page.run("document.querySelector('.graphiql-execute-button').click()")
        await page.until(f"{RESULT}.includes('STAFF')")

        await use(page, "mp_development_1_wrong", "broken")
        await page.until(f"{SAID} !== 'staff'")
        assert len(await page.run(CALLERS)) == 4


@in_a_browser
async def test_examples_are_those_of_the_callers_programme(app: Starlette, sign: Sign) -> None:
    if await programmes.find("genius") is None:
        policy = reader.parse((make.SHIPPED / "genius.yaml").read_text(encoding="utf-8"))
        await programmes.establish(policy, make.NOW, by="test", note="")
    own, common = "What does my level take off this booking?", "Look for slips in a policy (staff)"
    titles = "[...document.querySelectorAll('.examples button')].map((one) => one.textContent)"
    async with visited(app) as page:
        assert not [title for title in await page.run(titles) if title.endswith(own)]
        await use(page, sign(sub="traveller-6", programme="genius"))
        await page.until(f"{titles}.some((title) => title.endsWith({own!r}))")
        assert [title for title in await page.run(titles) if title.endswith(common)]
        await choose(page, "")
        await page.until(f"!{titles}.some((title) => title.endsWith({own!r}))")


@in_a_browser
async def test_examples_share_a_tab_and_never_overwrite_work(app: Starlette) -> None:
    async with visited(app) as page:
        for title, operation in [("The catalogue", "Rewards"), ("My dashboard", "Dashboard")]:
            await page.run(example(title))
            await page.until(f"{EDITOR}.operationName === {operation!r}")
        assert await page.run(TABS) == []  # the bar shows itself for two or more

        await page.run(f"{EDITOR}.setValue('query Mine {{ viewer {{ kind }} }}')")
        await page.until(f"{EDITOR}.operationName === 'Mine'")
        for title, operation in [("The catalogue", "Rewards"), ("The programme", "Programme")]:
            await page.run(example(title))
            await page.until(f"{EDITOR}.operationName === {operation!r}")
        await page.until(f"{TABS}.join() === 'Mine,Programme'")


@in_a_browser
async def test_the_documentation_is_sorted(app: Starlette) -> None:
    async with visited(app) as page:
        await page.run(
            "document.querySelector('[aria-label=\"Show Documentation Explorer\"]').click()"
        )
        await page.until(
            "document.querySelectorAll('.graphiql-doc-explorer-type-name').length > 50"
        )
        roots, names = await page.run(
            """(() => {
                const shown = document.querySelectorAll('.graphiql-doc-explorer-type-name');
                const names = [...shown].map((type) => type.textContent);
                return [names.slice(0, 3), names.slice(3)];
            })()"""
        )

    assert roots == ["Query", "Mutation", "Subscription"]
    assert names == sorted(names, key=str.lower)
    assert len(names) > 50


@in_a_browser
async def test_it_fits_a_phone(app: Starlette, sign: Sign) -> None:
    async with visited(app, **PHONE) as page:
        await use(page, sign(sub="traveller-7"), "a rather long name that somebody gave it")
        await page.until(f"{SAID} === 'member'")
        await play(page, "Who am I?", "Viewer")
        await page.until(f"{RESULT}.includes('MEMBER')")

        assert await page.run("document.documentElement.scrollWidth") == 390
        for part in ("select", ".examples", ".graphiql-query-editor", ".result-window"):
            box = f"document.querySelector('{part}').getBoundingClientRect()"
            left, right, height = await page.run(
                f"(({{left, right, height}}) => [left, right, height])({box})"
            )
            assert 0 <= left < right <= 390, part
            assert height > 30, part
            assert part == "select" or right - left > 240, part
