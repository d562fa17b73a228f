"""The application: the only place where routes, schema, authentication and limits are wired.

The server's entry point reads the settings and calls
`create_app(connect=…, signers=…, limits=…, environment=…)`; nothing here reads the environment.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from tortoise import connections

from api.edge import browsers, demo, front, graphiql, unsubscribe
from api.edge.auth import Authenticator
from api.edge.endpoint import Endpoint
from api.edge.front import NO_PAGES, Pages
from api.edge.job_files import JobFiles
from api.edge.limits import Limits
from api.edge.logging import configure, log, log_requests, name_of
from api.edge.manifests import NOTHING_PERSISTED, PersistedOperations
from api.edge.sessions import USUAL, Terms
from api.edge.statement_files import StatementFiles
from api.edge.tokens import Signer
from api.schema import build_schema
from domain.webhooks.outgoing import Outgoing

READY_SECONDS = 2.0
"""Seconds without an answer of the database after which this process reports itself not ready."""


def create_app(
    *,
    connect: Callable[[], AbstractAsyncContextManager[None]],
    signers: Sequence[Signer],
    limits: Limits,
    environment: str,
    pages: Pages = NO_PAGES,
    persisted: PersistedOperations = NOTHING_PERSISTED,
    outgoing: Outgoing | None = None,
    terms: Terms = USUAL,
) -> Starlette:
    """The API with its pages as one ASGI application.

    `connect` opens the database for the application's life (Tortoise initialised with
    `_enable_global_fallback=True`) and closes it at the end. `environment` is `development`,
    `sandbox` or `production`. `pages` says which pages are served, and which origins may call;
    `persisted` operations can be sent by their ids; `terms` limit connections that stay open.
    `outgoing` has the rules for sending to endpoints and the key that encrypts secrets and signs
    addresses; without it a new key is made, which is lost when the application ends.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        configure(exception_words=environment == "development")
        async with connect():
            yield

    sending = outgoing or Outgoing()
    if pages.demo:
        persisted = replace(persisted, bodies={**persisted.bodies, **demo.bodies()})
    schema = build_schema(limits, production=environment == "production", persisted=persisted)
    page = graphiql.page(environment) if pages.graphiql else None
    endpoint = Endpoint(
        schema,
        authenticate=Authenticator(signers, environment),
        limits=limits,
        page=page,
        outgoing=sending,
        environment=environment,
        terms=replace(terms, origins=pages.origins),
    )
    return Starlette(
        lifespan=lifespan,
        middleware=[
            Middleware(log_requests),
            browsers.compression(),
            browsers.cross_origin(pages.origins),
        ],
        routes=[
            front.route(pages),
            *(kind("/graphql", endpoint) for kind in (Route, WebSocketRoute)),
            StatementFiles(endpoint.turnstile).route(),
            JobFiles(sending.key).route(),
            unsubscribe.route(sending.key),
            Route("/healthz", alive),
            Route("/readyz", ready),
            *(graphiql.routes(schema, page) if page else []),
            *(demo.routes(environment) if pages.demo else []),
        ],
    )


async def alive(_: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def ready(_: Request) -> Response:
    """200 if the database answers in time, otherwise 503."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await connections.get("default").execute_query("SELECT 1")
    except Exception as error:  # any failure of the database means: send no traffic here
        log.warning("not_ready", cause=name_of(error))
        return JSONResponse({"status": "database unavailable"}, status_code=503)
    return JSONResponse({"status": "ready"})
