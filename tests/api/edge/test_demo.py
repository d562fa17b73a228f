"""The demo page: its manifest and its words, and what a member sees while a partner acts."""

import asyncio
import re
from contextlib import nullcontext
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import OKPKey

from api.app import create_app
from api.edge import demo, graphiql, manifests
from api.edge.front import Pages
from api.edge.limits import Limits
from api.edge.sessions import Terms
from api.edge.tokens import Signer
from domain.kernel.callers import OWN_SCOPES
from domain.partners import partner_keys, partners
from tests.api.conftest import Sign
from tests.conftest import Database
from tests.support import factories as make
from tests.support.browser import CHROMIUM, Page, opened
from tests.support.numbered import number
from tests.support.sample import calling
from tests.support.serving import served

SCRIPTS = {name: path.read_text("utf-8") for name, path in demo.ASSETS.items() if name[-2:] == "js"}
PAGE = "".join(text for name, text in SCRIPTS.items() if not name.startswith("words_"))
WORD = re.compile(r'^  (?:"([\w.]+)"|(\w+)):\s+"((?:[^"\\]|\\.)*)",$', re.MULTILINE)
SECTIONS = {
    "MEMBER": ("history", "rewards", "checkout", "coupons", "inbox", "consents"),
    "PARTNER": ("golden", "report", "orders", "claims", "statement", "keys", "endpoints"),
}
WIDTHS = (1440, 390)
LANGUAGES = ("zh-CN", "en")
WALK_SECONDS_MAX = 60
"""How long all sections of a page may take in each language at each width."""
READY = "document.querySelector('.section > .card') && !document.querySelector('[aria-busy]')"
AVAILABLE = "document.getElementById('available')?.textContent"
UNNAMED = """[...document.querySelectorAll('main input, main select, main textarea, main button')]
    .filter((one) => !(one.labels?.length || one.ariaLabel || one.textContent)).length"""


def words(language: str) -> dict[str, str]:
    found = WORD.findall(SCRIPTS[f"words_{language}.js"])
    return {quoted or plain: text for quoted, plain, text in found}


def places(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", text))


def test_the_manifest_is_made_from_the_operations() -> None:
    made = manifests.of_document(demo.OPERATIONS.read_text(encoding="utf-8"))

    assert manifests.read(demo.MANIFEST.read_bytes()) == made
    sent = set(re.findall(r'(?:ask|change|follow)\([^()]*"([A-Z][a-z]\w+)"', PAGE))
    sent |= set(re.findall(r'\["([A-Z][a-z]\w+)"', PAGE)) | set(
        re.findall(r'session, "([A-Z][a-z]\w+)"', PAGE)
    )
    assert sent == {operation.name for operation in made.operations}


def test_every_word_is_there_in_both_languages_and_said() -> None:
    english, chinese = words("en"), words("zh")

    assert english.keys() == chinese.keys()
    assert {name: places(text) for name, text in english.items()} == {
        name: places(text) for name, text in chinese.items()
    }
    said = set(re.findall(r'\bt\("([\w.]+)"', PAGE)) | {"point", "points"}
    begun = {f"{name}." for name in re.findall(r"\bt\(`(\w+)\.\$", PAGE)}
    switched = {f"endpoint.{state}" for state in ("on", "off")}
    assert said <= english.keys()
    assert begun <= {name.partition(".")[0] + "." for name in english}
    unsaid = english.keys() - said - switched
    assert {name for name in unsaid if name.partition(".")[0] + "." not in begun} == set()


async def test_only_its_own_files_are_served_and_only_where_it_is_on() -> None:
    for pages in (Pages(), Pages(demo=True)):
        app = create_app(
            connect=nullcontext, signers=[], limits=Limits(), environment="sandbox", pages=pages
        )
        async with calling(app) as client:
            shown = await client.get("/demo")
            found = {name: await client.get(f"/demo/{name}") for name in demo.ASSETS}
            links = (await client.get("/")).json()["links"]
            for name in ("operations.graphql", "__init__.py", "..%2Fgate.py", "x"):
                assert (await client.get(f"/demo/{name}")).status_code == 404
        expected = 200 if pages.demo else 404
        assert {shown.status_code, *(one.status_code for one in found.values())} == {expected}
        assert ("demo" in links) is pages.demo
    assert shown.headers["content-security-policy"] == graphiql.POLICY
    assert found["page.js"].headers["content-type"].startswith("text/javascript")
    assert "sandbox" in shown.text
    for link in re.findall(r'(?:src|href)="demo/([^"]+)"', shown.text):
        assert link in demo.ASSETS
    for text in SCRIPTS.values():
        assert set(re.findall(r'from "\./([^"]+)"', text)) <= demo.ASSETS.keys()
        assert "innerHTML" not in text
        assert "//" not in re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
async def test_a_member_sees_at_once_what_a_partner_reports(
    key: OKPKey, database: Database, sign: Sign
) -> None:
    app = create_app(
        connect=nullcontext,
        signers=[Signer(public_keys=[key.as_dict(private=False)])],
        limits=Limits(),
        environment="development",
        pages=Pages(demo=True),
        terms=Terms(poll_seconds=0.2),
    )
    programme = await make.establish()
    names = {"zh-CN": "机场贵宾厅", "en": "Airport lounge"}
    await make.reward(programme, code="lounge", kind="SERVICE", list_points=4000, names=names)
    partner_id = await partners.create(programme, "shop", "Shop", make.NOW)
    secret = await partner_keys.issue(
        programme, partner_id, OWN_SCOPES, make.NOW, environment="development"
    )
    token = sign(sub="viewer-1", programme=programme.code)
    async with served(app) as address, opened(f"{address}/demo") as member:
        partner = await member.beside(f"{address}/demo")
        await open_for(
            member, f"programme x\n  member token (viewer-1): {token}\n  partner key: {secret}"
        )
        await fill(member, "name", "小李")
        await member.until(f"{AVAILABLE} === '0 points'")

        await open_for(partner, secret)
        await partner.until(READY)
        await fill(partner, "reference", "viewer-1")
        await partner.until("document.querySelectorAll('#played .row').length === 7")
        await number(programme, datetime.now(UTC))  # as a worker does four times a second
        await member.until(f"{AVAILABLE} === '4,350 points'")

        await redeem(member)
        for page, kind in ((member, "MEMBER"), (partner, "PARTNER")):
            async with asyncio.timeout(WALK_SECONDS_MAX):
                await walk(page, SECTIONS[kind])
            assert asked_hosts(page) == {urlsplit(address)[:2]}
            assert [entry["entry"]["text"] for entry in page.told("Log.entryAdded")] == []
            assert page.told("Runtime.exceptionThrown") == []
            assert token not in await page.run("JSON.stringify(localStorage) + document.cookie")


async def open_for(page: Page, text: str) -> None:
    await page.until("document.querySelector('textarea')")
    await page.run(f"document.querySelector('textarea').value = {text!r}")
    await page.run("document.querySelector('form').requestSubmit()")
    await page.until("!document.querySelector('textarea')")


async def fill(page: Page, name: str, value: str) -> None:
    await page.until(f"document.querySelector('[name={name}]')")
    await page.run(f"document.querySelector('[name={name}]').value = {value!r}")
    await page.run("document.querySelector('form').requestSubmit()")


async def redeem(page: Page) -> None:
    """A reward that the points buy, and then one more, which is refused in words."""
    await page.run("location.hash = 'rewards'")
    await page.until("document.querySelector('.catalogue .primary')")
    for done in (f"{AVAILABLE} === '350 points'", "document.querySelector('.refusal').textContent"):
        await page.run("document.querySelector('.catalogue .primary').disabled = false")
        await page.run("document.querySelector('.catalogue .primary').click()")
        await page.run("document.querySelector('dialog form').requestSubmit()")
        said = await page.until(done)
    assert said == "This takes 4000 points; 350 are available."
    await page.run("document.querySelector('dialog').close()")


async def walk(page: Page, sections: tuple[str, ...]) -> None:
    """Every section in both languages, on a phone and on a desk: shown, no wider than its window,
    and every control named.
    """
    for language in LANGUAGES:
        await page.run("document.querySelector('#callers button:last-child').click()")
        await page.until(f"document.documentElement.lang === '{language}' && {READY}")
        for name in sections:
            await page.run(f"location.hash = {name!r}")
            current = f"document.querySelector('[aria-current]').hash === '#{name}'"
            await page.until(f"{current} && {READY}")
            for width in WIDTHS:
                await page.command(
                    "Emulation.setDeviceMetricsOverride",
                    width=width, height=844, deviceScaleFactor=1, mobile=width == min(WIDTHS),
                )  # fmt: skip
                place = language, name, width
                assert await page.run("window.innerWidth") == width, place
                assert await page.run("document.documentElement.scrollWidth") <= width, place
                assert await page.run(UNNAMED) == 0, place
            alert = "document.querySelector('.section [role=alert]')?.textContent || ''"
            assert await page.run(alert) == "", (language, name)


def asked_hosts(page: Page) -> set[tuple[str, str]]:
    asked = (urlsplit(sent["request"]["url"]) for sent in page.told("Network.requestWillBeSent"))
    return {one[:2] for one in asked if one.scheme not in ("data", "about")}
