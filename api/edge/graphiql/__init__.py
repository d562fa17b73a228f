"""The page on which a developer tries the API: GraphiQL with a token field and examples.

It runs under a content security policy that lets nothing in from elsewhere. Its libraries are
npm's (`npm ci --prefix api/edge/graphiql --ignore-scripts`); where they are not installed,
strawberry's own page stands in, which loads them from a public address.
"""

import re
from pathlib import Path

import orjson
from graphql import GraphQLSchema, parse, validate
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from strawberry.http.ides import get_graphql_ide_html

FOLDER = Path(__file__).resolve().parent
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
STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LOOSE_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' {hosts}; style-src 'unsafe-inline' {hosts}; "
    "connect-src 'self'; img-src 'self' data: {hosts}; font-src data: {hosts}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For strawberry's page, whose scripts are inline or from the hosts that it names."""

NAMED_HOST = re.compile(r'(?:src|href)="(https://[^/"]+)')


def installed() -> bool:
    return all(path.is_file() for path in ASSETS.values())


def page(environment: str) -> Response:
    """The page itself; it names its files relative to where it stands."""
    if installed():
        text = (FOLDER / "page.html").read_text(encoding="utf-8")
        html, policy = text.replace("{{environment}}", environment), STRICT_POLICY
    else:
        html = get_graphql_ide_html(graphql_ide="graphiql")
        policy = LOOSE_POLICY.format(hosts=" ".join(sorted(set(NAMED_HOST.findall(html)))))
    return HTMLResponse(
        html,
        headers={
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-cache",
        },
    )


def examples(schema: GraphQLSchema) -> list[dict[str, str]]:
    """The operations of `examples.graphql` that this schema knows, in the order of the file.

    The comment above an operation is its title. `<key>` in it stands for an idempotency key
    that the page makes afresh.
    """
    text = (FOLDER / "examples.graphql").read_text(encoding="utf-8")
    found = []
    for block in text.strip().split("\n\n"):
        title, _, body = block.partition("\n")
        if not validate(schema, parse(body)):
            found.append({"title": title.removeprefix("# "), "query": body})
    return found


def routes(schema: GraphQLSchema, html: Response) -> list[BaseRoute]:
    offered = orjson.dumps(examples(schema))

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
        return Response(offered, media_type="application/json")

    async def show(_: Request) -> Response:
        return html

    return [
        Route("/graphiql", show),
        Route("/graphiql/examples.json", examples_offered),
        Route("/graphiql/{name}", asset),
    ]
