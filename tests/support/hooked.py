"""A real HTTP server for webhooks, which answers as a test chooses and keeps all requests."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Got:
    """One request as it arrived."""

    line: str
    headers: Headers
    body: bytes

    @property
    def said(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Endpoint:
    """Answers each request after `takes()` seconds by `answer`: a status, a whole response as
    bytes, or None for no response at all.
    """

    port: int = 0
    got: list[Got] = field(default_factory=list)
    connections: int = 0
    answer: Callable[[Got], int | bytes | None] = lambda _: 204
    takes: Callable[[], float] = lambda: 0.0
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *rest = head.strip().split("\r\n")
                headers = {
                    name.lower(): value for name, value in (one.split(": ", 1) for one in rest)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.got.append(Got(line, headers, body))
                answer = self.answer(self.got[-1])
                if answer is None:
                    await self.hanging.wait()
                    break
                await asyncio.sleep(self.takes())
                whole = answer if isinstance(answer, bytes) else status(answer)
                writer.write(whole)
                await writer.drain()
        writer.close()


def status(code: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole response; `retry_after="5"` is a header."""
    said = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {code} X\r\ncontent-length: {len(body)}\r\n{said}\r\n".encode() + body


@asynccontextmanager
async def endpoint(tls: ssl.SSLContext | None = None) -> AsyncIterator[Endpoint]:
    made = Endpoint()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.hanging.set()
        server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1)
