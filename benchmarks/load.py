"""A client that is not the bottleneck: raw sockets, kept alive, each with one request in flight.

It runs in one thread and waits by the system's selector. Requests are bytes that were made
before; what is asked of an answer is its status, its length, and that it holds no problem.
"""

import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter, process_time

RECEIVE_BYTES = 262_144
ANSWER_SECONDS_MAX = 60.0
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length: "


class AnswerError(Exception):
    """An answer that is none of those that are measured; its text is the answer."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go: a server on this machine."""

    port: int
    path: str


@dataclass(slots=True)
class Line:
    """One connection: when its request was sent, and what has come back of the answer."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    expected: int = 0


@dataclass(slots=True)
class Load:
    """What a run of a client came to; seconds."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    client_cpu_seconds: float = 0.0
    last: bytes = b""

    @property
    def requests(self) -> int:
        return len(self.latencies)


def message(target: Target, token: str, body: bytes, *, language: str = "en") -> bytes:
    """One request as it goes over the line."""
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nAccept-Language: {language}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    """Send these requests over so many connections for so long, or until there are no more.

    Raises: AnswerError, OSError.
    """
    done, started, cpu = Load(), perf_counter(), process_time()
    deadline = started + seconds
    selector = selectors.DefaultSelector()
    lines = [Line(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
    try:
        for line in lines:
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if _send(line, requests):
                selector.register(line.socket, selectors.EVENT_READ, line)
        while selector.get_map():
            ready = selector.select(ANSWER_SECONDS_MAX)
            if not ready:
                raise AnswerError("no answer came in time")
            for key, _ in ready:
                line = key.data
                if not _receive(line):
                    continue
                now = perf_counter()
                done.latencies.append(now - line.sent_at)
                done.last = bytes(line.received)
                if now >= deadline or not _send(line, requests):
                    selector.unregister(line.socket)
    finally:
        for line in lines:
            line.socket.close()
        selector.close()
    done.seconds = perf_counter() - started
    done.client_cpu_seconds = process_time() - cpu
    return done


def _send(line: Line, requests: Iterator[bytes]) -> bool:
    """Send the next request, if there is one."""
    request = next(requests, None)
    if request is None:
        return False
    line.received.clear()
    line.expected = 0
    line.sent_at = perf_counter()
    line.socket.sendall(request)
    return True


def _receive(line: Line) -> bool:
    """Read what came; whether the answer is whole.

    Raises: AnswerError
    """
    chunk = line.socket.recv(RECEIVE_BYTES)
    if not chunk:
        raise AnswerError(f"the connection was closed: {line.received[:400]!r}")
    received = line.received
    received += chunk
    if not line.expected:
        end = received.find(END_OF_HEAD)
        if end < 0:
            return False
        head = bytes(received[:end]).lower()
        at = head.find(LENGTH)
        if not head.startswith(b"http/1.1 200") or at < 0:
            raise AnswerError(received.decode(errors="replace")[:800])
        length = head[at + len(LENGTH) :].split(b"\r\n", 1)[0]
        line.expected = end + len(END_OF_HEAD) + int(length)
    if len(received) < line.expected:
        return False
    if b'"errors":[{' in received:
        raise AnswerError(received.decode(errors="replace")[:1200])
    return True


def body(answer: bytes) -> bytes:
    """An answer without its head."""
    return answer.partition(END_OF_HEAD)[2]
