"""What stands at `/`, for a browser and for a program."""

import tomllib
from contextlib import nullcontext

import httpx

from api.app import create_app
from api.edge import front
from api.edge.limits import Limits
from ops.settings import ROOT
from tests.support.sample import calling

BYTES_MAX = 2000


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (front.NAME.lower(), front.VERSION) == (project["name"], project["version"])


async def test_a_program_is_told_where_to_go_on(stranger: httpx.AsyncClient) -> None:
    response = await stranger.get("/", headers={"Accept": "*/*"})

    said = response.json()
    assert (said["name"], said["version"]) == ("Milepost", front.VERSION)
    assert said["links"].keys() == {"graphql", "alive", "ready", "graphiql", "schema"}
    for path in said["links"].values():
        assert (await stranger.get(path)).status_code not in (404, 500)
    assert len(response.content) < BYTES_MAX


async def test_a_person_gets_a_small_page(stranger: httpx.AsyncClient) -> None:
    response = await stranger.get("/", headers={"Accept": "text/html,*/*;q=0.8"})

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "'unsafe" not in response.headers["content-security-policy"]
    assert 'href="/graphql"' in response.text
    assert 'href="/schema.graphql"' in response.text
    assert len(response.content) < BYTES_MAX


async def test_what_is_not_served_is_not_named() -> None:
    app = create_app(connect=nullcontext, signers=[], limits=Limits(), environment="production")
    async with calling(app) as client:
        links = (await client.get("/")).json()["links"]

    assert links.keys() == {"graphql", "alive", "ready"}
