"""The page by which the recipient of a mail unsubscribes: it asks first, and then does so.

A mail client sends the POST itself (RFC 8058); a GET changes nothing, as programs follow links
without their reader.
"""

import base64
import hashlib
from datetime import UTC, datetime
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from api.edge.logging import log, name_of
from api.wording.catalogues import DEFAULT_LANGUAGE, sentence
from api.wording.messages import choose_language
from domain.kernel.database import is_outage
from domain.kernel.refusals import ConcurrentRequest
from domain.notices import unsubscribing
from domain.notices.unsubscribing import PATH, Unsubscribing

STYLE = (
    "body{max-width:30rem;margin:15vh auto;padding:0 1rem;color:#1b2430;"
    "font:1.1rem/1.6 system-ui,sans-serif}button{font:inherit;padding:.5rem 1rem}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
BUTTON = '<form method="post"><button>{word}</button></form>'
RETRY_SECONDS = 5


def route(key: bytes) -> BaseRoute:
    """The route `/u/<token>`, for tokens signed with a key derived from this one."""
    made = Unsubscribing(key)

    async def unsubscribe(request: Request) -> Response:
        language = choose_language(request.headers.get("accept-language")) or DEFAULT_LANGUAGE
        subscription = made.read(request.path_params["token"])
        if subscription is None:
            return _page(sentence("unsubscribe.unknown", language), language, status=404)
        if request.method != "POST":
            button = BUTTON.format(word=escape(sentence("unsubscribe.button", language)))
            return _page(sentence("unsubscribe.question", language), language, button)
        try:
            await unsubscribing.stop(subscription, datetime.now(UTC))
        except Exception as error:
            if not (isinstance(error, ConcurrentRequest) or is_outage(error)):
                raise
            log.warning("not_unsubscribed", cause=name_of(error))
            return _page(sentence("unsubscribe.later", language), language, status=503)
        return _page(sentence("unsubscribe.done", language), language)

    return Route(f"{PATH}{{token}}", unsubscribe, methods=["GET", "POST"])


def _page(said: str, language: str, more: str = "", status: int = 200) -> Response:
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(said)}</title><link rel="icon" href="data:,"><style>{STYLE}</style>'
        f"</head><body><p>{escape(said)}</p>{more}</body></html>"
    )
    retry = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    return HTMLResponse(html, status, {**HEADERS, **retry})
