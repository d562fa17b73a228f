"""A headless Chromium driven by its DevTools protocol over a pipe, without any library."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--window-size=1400,900",
    "--remote-debugging-pipe",
)
WAIT_SECONDS = 30.0
READ_LIMIT_BYTES = 2**26


@dataclass
class Page:
    """One open page, and all events that the browser sent about it."""

    commands: int
    answers: asyncio.StreamReader
    session: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    sent: int = 0

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        self.sent += 1
        message: dict[str, Any] = {"id": self.sent, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads((await self.answers.readuntil(b"\0"))[:-1])
            if answer.get("id") != self.sent:
                self.events.append(answer)
                continue
            if "error" in answer:
                raise RuntimeError(answer["error"]["message"])
            result: dict[str, Any] = answer["result"]
            return result

    async def run(self, script: str) -> Any:
        """The value of the script; a promise is awaited."""
        answer = await self.command(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    async def until(self, script: str) -> Any:
        """Wait until the script evaluates to something true, and return it."""
        async with asyncio.timeout(WAIT_SECONDS):
            return await self.run(
                f"""new Promise((resolve) => {{
                    const timer = setInterval(() => {{
                        const value = {script};
                        if (value) {{ clearInterval(timer); resolve(value); }}
                    }}, 50);
                }})"""
            )

    async def beside(self, url: str) -> "Page":
        """Another tab of the same browser, which does not share this one's session."""
        return await _page(Page(self.commands, self.answers, sent=self.sent), url)

    def told(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self.events if event.get("method") == method]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Page]:
    """`url` in a new browser, whose profile is deleted afterwards."""
    to_browser, from_browser = os.pipe(), os.pipe()

    def as_three_and_four() -> None:
        os.dup2(to_browser[0], 3)
        os.dup2(from_browser[1], 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            str(CHROMIUM),
            *OPTIONS,
            f"--user-data-dir={profile}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            preexec_fn=as_three_and_four,  # the descriptors that the protocol prescribes
            pass_fds=(3, 4),
        )
        os.close(to_browser[0])
        os.close(from_browser[1])
        answers = asyncio.StreamReader(limit=READ_LIMIT_BYTES)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(answers), os.fdopen(from_browser[0], "rb")
        )
        try:
            yield await _page(Page(to_browser[1], answers), url)
        finally:
            transport.close()
            os.close(to_browser[1])
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _page(page: Page, url: str) -> Page:
    target = await page.command("Target.createTarget", url="about:blank")
    attached = await page.command(
        "Target.attachToTarget", targetId=target["targetId"], flatten=True
    )
    page.session = attached["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        await page.command(f"{domain}.enable")
    await page.command("Page.navigate", url=url)
    return page
