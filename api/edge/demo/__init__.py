"""A demo of pages for a member and a partner: a page of plain modules that uses only this API.

It runs under GraphiQL's content security policy, sends only operations of `manifest.json`, and
gets its tokens as GraphiQL does: pasted, and kept for that tab. `operations.graphql` is what the
manifest is made from (`make schema`).
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from api.edge import manifests
from api.edge.graphiql import POLICY

PATH = "/demo"
FOLDER = Path(__file__).resolve().parent
OPERATIONS = FOLDER / "operations.graphql"
MANIFEST = FOLDER / "manifest.json"
ASSETS = {path.name: path for path in FOLDER.iterdir() if path.suffix in (".js", ".css", ".json")}
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def bodies() -> dict[str, str]:
    """The operations that the page sends, by their ids."""
    return manifests.bodies(manifests.read(MANIFEST.read_bytes()))


def routes(environment: str) -> list[BaseRoute]:
    """The page and its files, each known by its name."""
    text = (FOLDER / "page.html").read_text(encoding="utf-8")
    page = HTMLResponse(text.replace("{{environment}}", environment), headers=HEADERS)

    async def shown(_: Request) -> Response:
        return page

    async def asset(request: Request) -> Response:
        path = ASSETS.get(request.path_params["name"])
        return Response(status_code=404) if path is None else FileResponse(path, headers=HEADERS)

    return [Route(PATH, shown), Route(PATH + "/{name}", asset)]
