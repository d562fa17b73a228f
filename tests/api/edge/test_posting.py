"""Messages sent to a real server: what it gets, what is made of its answer, and what is refused."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook

from api.edge import posting
from api.edge.posting import Answer, Clients, Letter
from domain.webhooks import guard, signing
from domain.webhooks.guard import Rules
from domain.webhooks.signing import Message
from tests.support.hooked import Endpoint, endpoint, status
from tests.support.processes import WAIT_SECONDS

RULES = Rules(development=True)
MESSAGE = Message("RXZlbnQ6MQ", b'{"type": "points.earned"}')
SECRET = signing.new_secret()


@pytest.fixture
async def server() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


async def send(
    url: str,
    rules: Rules = RULES,
    *,
    tls: ssl.SSLContext | None = None,
    seconds: float = WAIT_SECONDS,
) -> Answer:
    letter = Letter(url, MESSAGE.body, lambda at: signing.headers(MESSAGE, [SECRET], at))
    through = Clients(tls)
    try:
        return await posting.post(through, letter, rules, seconds=seconds)
    finally:
        await through.close()


async def test_a_message_arrives_as_it_was_signed(server: Endpoint) -> None:
    server.answer = lambda _: status(200, b"thanks")

    answer = await send(f"{server.url}?shop=1")

    assert (answer.accepted, answer.status, answer.error, answer.text) == (
        True,
        200,
        None,
        "thanks",
    )
    [got] = server.got
    assert got.line == "POST /hooks?shop=1 HTTP/1.1"
    assert got.headers["host"] == f"127.0.0.1:{server.port}"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == "Milepost-Webhooks"
    assert sorted(name for name in got.headers if not name.startswith("webhook-")) == [
        "accept",
        "accept-encoding",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ]
    assert Webhook(SECRET).verify(got.body, dict(got.headers)) == {"type": "points.earned"}


async def test_a_redirect_is_an_answer_and_not_followed(server: Endpoint) -> None:
    server.answer = lambda _: status(307, location=f"http://127.0.0.1:{server.port}/elsewhere")
    answer = await send(server.url)
    assert (answer.accepted, answer.status, len(server.got)) == (False, 307, 1)


async def test_no_proxy_is_asked(server: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    async with endpoint() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await send(server.url)).accepted
        assert proxy.got == []


async def test_a_resolver_that_changes_its_mind_reaches_nothing(server: Endpoint) -> None:
    """It says a public address when the endpoint is saved, and this machine when it is sent to."""
    asked = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    rules = Rules(ports=frozenset({server.port}), resolve=resolve)
    url = f"https://shop.example:{server.port}/hooks"
    place = await guard.destination_of(guard.parts_of(url, rules), rules)
    answer = await send(url, rules)

    assert str(place.address) == "93.184.215.14"
    assert answer.error == "shop.example is at an address that is not public"
    assert (server.got, len(asked)) == ([], 2)


def _certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of this name shows, and who believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(file)
    believing = ssl.create_default_context(
        cadata=made.public_bytes(serialization.Encoding.PEM).decode()
    )
    return shown, believing


async def test_the_certificate_is_of_the_name_while_the_socket_goes_to_the_address(
    tmp_path: Path,
) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    shown, believing = _certified(tmp_path, "shop.example")
    asked: list[str | None] = []
    shown.sni_callback = lambda _, name, __: asked.append(name)
    async with endpoint(shown) as server:
        rules = Rules(
            ports=frozenset({server.port}),
            networks=(ipaddress.ip_network("127.0.0.0/8"),),
            resolve=resolve,
        )
        right = await send(f"https://shop.example:{server.port}/", rules, tls=believing)
        wrong = await send(f"https://other.example:{server.port}/", rules, tls=believing)
        stranger = await send(f"https://shop.example:{server.port}/", rules)

        assert right.accepted
        assert [got.headers["host"] for got in server.got] == [f"shop.example:{server.port}"]
    assert asked == ["shop.example", "other.example", "shop.example"]
    assert "not valid for 'other.example'" in str(wrong.error)
    assert "certificate verify failed" in str(stranger.error)


async def test_connections_are_kept_for_the_name_that_they_were_judged_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another name at the same address has to show a certificate of its own, and an address that
    a name has now is connected to, whatever it had before."""
    where = {"shop.example": "127.0.0.1", "other.example": "127.0.0.1"}

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [where[host]]

    shown, believing = _certified(tmp_path, "shop.example")
    async with endpoint(shown) as server:
        server.answer = lambda _: status(204, set_cookie="owner=shop")
        networks = (ipaddress.ip_network("127.0.0.0/8"),)
        rules = Rules(frozenset({server.port}), networks, resolve=resolve)
        through = Clients(believing)

        async def post(host: str) -> Answer:
            letter = Letter(f"https://{host}:{server.port}/", b"{}", lambda _: {})
            return await posting.post(through, letter, rules)

        assert [(await post("shop.example")).status for _ in range(3)] == [204] * 3
        assert server.connections == 1
        assert not any("cookie" in got.headers for got in server.got)
        assert "not valid for 'other.example'" in str((await post("other.example")).error)
        where["shop.example"] = "127.0.0.2"
        assert (await post("shop.example")).status is None
        assert len(server.got) == 3

        monkeypatch.setattr(posting, "HOSTS_MAX", 1)
        where["shop.example"] = "127.0.0.1"
        assert (await post("shop.example")).accepted
        assert [host for _, host, _ in through.kept] == ["shop.example"]
        await through.close()
        assert not through.kept


async def test_who_says_nothing_is_not_waited_for(server: Endpoint) -> None:
    server.answer = lambda _: None
    answer = await send(server.url, seconds=0.2)
    assert (answer.status, answer.error, answer.accepted) == (None, "no answer in time", False)
    assert answer.milliseconds > 100  # a clock may be read a little before its timer's end


async def test_no_more_is_read_than_is_needed(server: Endpoint) -> None:
    """A body without an end is cut off, packed bytes stay packed, and 500 characters are kept."""
    endless = b"HTTP/1.1 200 X\r\ncontent-length: 999999999\r\n\r\n" + b"a\0" * 40_000
    server.answer = lambda _: endless
    answer = await send(server.url)
    assert answer.text == "a\ufffd" * 250
    assert server.got[0].headers["accept-encoding"] == "identity"


async def test_whatever_goes_wrong_is_an_answer(
    server: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = lambda _: b"nonsense\r\n\r\n"
    broken = await send(f"{server.url}?token=hidden")
    async with endpoint() as gone:
        url = gone.url
    absent = await send(f"{url}?token=hidden")
    odd = Letter(server.url, b"", lambda _: {"a": "b\r\nc: d"})
    through = Clients()
    split = await posting.post(through, odd, RULES)
    await through.close()
    assert None not in (broken.error, absent.error, split.error)
    assert (broken.status, absent.status, split.status) == (None, None, None)
    assert "hidden" not in f"{broken.error} {absent.error}"
    # nothing of a message leaves before there is a connection, and nobody knows of one that did
    assert (broken.unsent, absent.unsent) == (False, True)
    monkeypatch.setattr(posting, "CONNECT_SECONDS", 0.1)
    # it waits for a message, and not for TLS
    mute = await send(server.url.replace("http:", "https:"))
    assert (mute.error, mute.unsent) == ("no answer in time", True)
    assert len(server.got) == 1


SAID = [
    (b"HTTP/1.1 200 X\r\n\r\nuntil it closes", (200, "until it closes")),
    (b"HTTP/1.1 100 X\r\n\r\nHTTP/1.1 201 X\r\ncontent-length: 2\r\n\r\nok", (201, "ok")),
    (b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", (200, "ok")),
    (b"HTTP/1.1 204 X\r\n\r\nHTTP/1.1 500 X\r\n\r\n", (204, "")),
    (b"HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nx", (101, "")),
    (b"HTTP/1.1 200 X\r\ncontent-length: 5\r\n\r\nok", None),
    (b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\nno number\r\nok\r\n0\r\n\r\n", None),
    (b"HTTP/1.1 200 X\r\ncontent-le", None),
    (b"", None),
    (b"HTTP/1.1 200 X\r\na: " + b"b" * 70_000, None),
    (b"HTTP/1.1 200 X\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok", None),
]
"""What a server says before it closes, and what is read of it: nothing where it is not whole."""


async def test_an_answer_is_read_whole_or_not_at_all() -> None:
    said, opened = b"", 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await reader.readuntil(b"{}")
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    for said, read in SAID:  # noqa: B007
        through = Clients(kept_seconds=0)
        answer = await posting.post(through, Letter(url, b"{}", lambda _: {}), RULES)
        await through.close()
        assert (answer.status, answer.text) == (read or (None, None)), answer
        assert (answer.error is None, answer.unsent) == (read is not None, False), answer
    # nothing is sent again by itself
    assert opened == len(SAID)
    server.close()


ENDLESS = [
    (b"", b"HTTP/1.1 103 X\r\na: " + b"b" * 4000 + b"\r\n\r\n"),
    (b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n5;", b"a" * 4000),
    (b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n", b"0" * 4000),
    (
        b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n",
        b"1;" + b"a" * 4000 + b"\r\nx\r\n",
    ),
]
"""How an answer begins, and what then comes again and again: next to nothing of a body."""


async def test_who_says_things_without_end_is_not_listened_to() -> None:
    """No worker is kept busy by what it does not read."""
    begins, more, taken = b"", b"", 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        taken = 0
        await reader.readuntil(b"{}")
        writer.write(begins)
        with suppress(OSError):
            while True:
                writer.write(more)
                await writer.drain()
                taken += len(more)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    through = Clients()
    for begins, more in ENDLESS:  # noqa: B007
        answer = await posting.post(through, Letter(url, b"{}", lambda _: {}), RULES)
        assert (answer.status, answer.unsent) == (None, False), answer
        assert answer.error not in (None, "no answer in time"), answer
        # beside what the sockets hold
        assert taken < posting.TAKEN_BYTES_MAX + 16_000_000
    await through.close()
    server.close()


async def test_a_kept_connection_is_used_while_it_is_as_it_was_left() -> None:
    """One that the other end has closed is replaced, and so is one by which more was said than was
    asked for: it would be taken for the answer to the next message.
    """
    answers = [(b"", False), (b"", True), (status(500), False), (b"", False)]
    opened = served = 0
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened, served
        opened += 1
        while await reader.read(1000):
            more, closes = answers[served]
            served += 1
            writer.write(status(204))
            await asyncio.sleep(0.01)
            writer.write(more)
            if closes:
                writer.close()
                await writer.wait_closed()
            left.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    through = Clients(kept_seconds=WAIT_SECONDS)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    for _ in answers:
        answer = await posting.post(through, Letter(url, b"{}", lambda _: {}), RULES)
        assert answer.status == 204
        await left.wait()
        left.clear()
        # the loop reads meanwhile what has come
        await asyncio.sleep(0.01)
    assert (served, opened) == (4, 3)
    await through.close()
    server.close()


@pytest.mark.parametrize("url", ["https://shop.example:8443/hooks", "http://shop.example/hooks"])
async def test_an_address_that_the_rules_no_longer_allow_is_an_answer(url: str) -> None:
    """It was saved under others: an attempt says so, and counts."""
    answer = await send(url, guard.Rules())
    assert (answer.status, answer.error) == (None, "no message may go to this address any more")


def test_a_wait_that_is_asked_for_is_an_hour_at_most() -> None:
    at = datetime(2026, 11, 27, 4, tzinfo=UTC)
    wanted = {
        "5": timedelta(seconds=5),
        "3600": timedelta(hours=1),
        "3601": None,
        "9" * 30: None,
        "-1": None,
        "soon": None,
        "Fri, 27 Nov 2026 04:30:00 GMT": timedelta(minutes=30),
        "Fri, 27 Nov 2026 06:30:00 GMT": None,
        None: None,
    }
    assert {text: posting.retry_after(text, at) for text in wanted} == wanted


async def test_the_answers_that_count_as_success() -> None:
    now = datetime.now(UTC)
    answered = Answer(now, 1, 200)
    accepted = [code for code in range(100, 600) if replace(answered, status=code).accepted]
    assert accepted == list(range(200, 300))
