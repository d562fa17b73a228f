"""The page at `/`: a description of the server with links, for a person or a program."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.edge import demo
from api.edge.browsers import NO_ORIGINS, Origins
from api.edge.graphiql import SCHEMA_PATH

NAME = "Milepost"
VERSION = "0.1.0"
"""As in pyproject.toml."""

ABOUT = "Loyalty points for travel agencies: a GraphQL API over PostgreSQL."
WORDS = {
    "graphql": "the API",
    "alive": "whether this process runs",
    "ready": "whether its database answers",
    "graphiql": "a page to try the API with",
    "demo": "sample pages of a member and of a partner",
    "schema": "the schema of the API, as text",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages that are served together with the API, GraphiQL with the schema's text and the demo,
    and those of other origins that may call.
    """

    graphiql: bool = False
    demo: bool = False
    origins: Origins = NO_ORIGINS


NO_PAGES = Pages()
STYLE = (
    "body{max-width:36rem;margin:15vh auto;padding:0 1rem;color:#1b2430;"
    "font:1rem/1.6 system-ui,sans-serif}h1{color:#0d7377}a{color:#0d7377}"
    "small{color:#5c6773;font-weight:400}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
}


def route(pages: Pages) -> BaseRoute:
    """`/`; a page and the schema are named only where they are served."""
    links = {"graphql": "/graphql", "alive": "/healthz", "ready": "/readyz"}
    if pages.graphiql:
        links |= {"graphiql": "/graphiql", "schema": SCHEMA_PATH}
    if pages.demo:
        links |= {"demo": demo.PATH}
    said = {"name": NAME, "version": VERSION, "description": ABOUT, "links": links}
    for_programs = JSONResponse(said, headers=HEADERS)
    for_people = HTMLResponse(_html(links), headers=HEADERS)

    async def front(request: Request) -> Response:
        return for_people if "text/html" in request.headers.get("accept", "") else for_programs

    return Route("/", front)


def _html(links: dict[str, str]) -> str:
    items = "".join(
        f'<li><a href="{escape(path)}">{escape(path)}</a> {escape(WORDS[name])}</li>'
        for name, path in links.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{NAME}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        f"<body><h1>{NAME} <small>{VERSION}</small></h1><p>{escape(ABOUT)}</p>"
        f"<ul>{items}</ul></body></html>"
    )
