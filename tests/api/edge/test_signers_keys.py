"""The keys that tokens are verified by: read at an address, fetched again, and strong enough."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey, RSAKey

from api.app import create_app
from api.edge.limits import Limits
from api.edge.tokens import Signer, believable
from tests.api.conftest import Sign
from tests.api.edge.test_auth import view
from tests.conftest import Database


@contextmanager
def jwks_server(document: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Serves `document` as it is at the moment of each request; tells of every request."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/jwks", asked
        finally:
            server.shutdown()
            thread.join()


async def test_keys_by_address_are_fetched_again_for_an_unknown_one(
    database: Database, sign: Sign, key: OKPKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = OKPKey.generate_key("Ed25519", parameters={"kid": "fresh"})
    odd = {"kty": "OKP", "crv": "Unheard", "x": "AA"}
    document = {"keys": [odd, {"kty": "oct", "k": "AA"}, key.as_dict(private=False)]}
    with jwks_server(document) as (url, asked):
        signer = Signer(jwks_url=url)
        app = create_app(
            connect=nullcontext, signers=[signer], limits=Limits(), environment="sandbox"
        )
        assert (await view(app, sign())).status_code == 200
        assert (await view(app, sign(sub="another"))).status_code == 200
        assert len(asked) == 1

        document["keys"].append(fresh.as_dict(private=False))
        monkeypatch.setattr("api.edge.tokens.JWKS_RETRY_SECONDS", 0)
        assert (await view(app, sign(by=fresh, kid="fresh"))).status_code == 200
        assert len(asked) == 2

        monkeypatch.setattr("api.edge.tokens.JWKS_RETRY_SECONDS", 3600)
        for number in range(5):
            unknown = await view(app, sign(kid=f"unknown-{number}"))
            assert unknown.status_code == 401
        assert len(asked) == 2


async def test_an_address_that_does_not_answer_refuses_and_asks_seldom(
    database: Database, sign: Sign
) -> None:
    signer = Signer(jwks_url="http://127.0.0.1:1/jwks")
    app = create_app(connect=nullcontext, signers=[signer], limits=Limits(), environment="sandbox")

    assert (await view(app, sign())).status_code == 401


def test_only_strong_keys_for_signatures_are_believed() -> None:
    strong = OKPKey.generate_key("Ed25519").as_dict(private=False)
    curve = OKPKey.generate_key("X25519").as_dict(private=False)
    with pytest.warns(SecurityWarning):
        weak = RSAKey.generate_key(1024).as_dict(private=False)

    believed = believable([{"kty": "OKP"}, weak, curve, {**strong, "use": "enc"}, {}, strong])

    assert [found.as_dict()["x"] for found in believed] == [strong["x"]]
