"""The page on which a developer tries the API: GraphiQL, callers by name, and examples.

It runs under a content security policy that lets nothing in from elsewhere. Its libraries are
npm's (`npm ci --prefix api/edge/graphiql --ignore-scripts`); where they are not installed, a page
says so and how to get them, and gives the schema as text.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import orjson
from graphql import GraphQLSchema, parse, validate
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.schema import MilepostSchema

FOLDER = Path(__file__).resolve().parent
EXAMPLES = FOLDER / "examples"
COMMON = "common"
"""The file of examples for callers of any programme; each other one is named by its programme."""

LIBRARIES = FOLDER / "node_modules"
ASSETS: dict[str, Path] = {
    "page.js": FOLDER / "page.js",
    "page.css": FOLDER / "page.css",
    "react.js": LIBRARIES / "react/umd/react.production.min.js",
    "react-dom.js": LIBRARIES / "react-dom/umd/react-dom.production.min.js",
    "graphiql.js": LIBRARIES / "graphiql/graphiql.min.js",
    "graphiql.css": LIBRARIES / "graphiql/graphiql.min.css",
}
ASSET_SECONDS = 3600
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SCHEMA_PATH = "/schema.graphql"


def installed() -> bool:
    return all(path.is_file() for path in ASSETS.values())


def page(environment: str) -> ASGIApp:
    """The page, or while its libraries are not installed the one that says so.

    Both name their files relative to where they stand.
    """
    whole, missing = _html("page.html", environment), _html("missing.html", environment)

    async def show(scope: Scope, receive: Receive, send: Send) -> None:
        await (whole if installed() else missing)(scope, receive, send)

    return show


def _html(name: str, environment: str) -> Response:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return HTMLResponse(
        text.replace("{{environment}}", environment),
        headers={
            "Content-Security-Policy": POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-cache",
            "Vary": "Accept",
        },
    )


def examples(schema: GraphQLSchema) -> dict[str, list[dict[str, str]]]:
    """By programme that ships, the operations that this schema knows, in the order of its file:
    those that all have in common, of which the first is shown to whoever comes, then its own.

    The comment above an operation is its title. `<key>` in it stands for an idempotency key
    that the page makes afresh.
    """
    of_file = {
        path.stem: list(_operations(schema, path.read_text(encoding="utf-8")))
        for path in sorted(EXAMPLES.glob("*.graphql"))
    }
    common = of_file.pop(COMMON)
    return {programme: [*common, *own] for programme, own in of_file.items()}


def _operations(schema: GraphQLSchema, text: str) -> Iterator[dict[str, str]]:
    for block in text.strip().split("\n\n"):
        title, _, body = block.partition("\n")
        if not validate(schema, parse(body)):
            yield {"title": title.removeprefix("# "), "query": body}


def routes(schema: MilepostSchema, page: ASGIApp) -> list[BaseRoute]:
    """The page, its files, its examples, and the schema as text."""
    # validating them takes longer than all else that a start does
    offered = cache(lambda: orjson.dumps(examples(schema._schema)))
    printed = cache(lambda: f"{schema}\n")

    async def page_shown(_: Request) -> ASGIApp:
        return page

    async def asset(request: Request) -> Response:
        path = ASSETS.get(request.path_params["name"])
        if path is None or not path.is_file():
            return Response(status_code=404)
        headers = {
            "Cache-Control": f"max-age={ASSET_SECONDS}",
            "X-Content-Type-Options": "nosniff",
        }
        return FileResponse(path, headers=headers)

    async def examples_offered(_: Request) -> Response:
        found = await run_in_threadpool(offered)
        return Response(found, media_type="application/json")

    async def schema_as_text(_: Request) -> Response:
        return PlainTextResponse(printed(), headers={"X-Content-Type-Options": "nosniff"})

    return [
        Route("/graphiql", page_shown),
        Route("/graphiql/examples.json", examples_offered),
        Route("/graphiql/{name}", asset),
        Route(SCHEMA_PATH, schema_as_text),
    ]
