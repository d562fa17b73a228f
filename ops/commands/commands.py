"""The basic commands: one function per command, with its options as parameters."""

import asyncio
import difflib
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Annotated

import typer

from domain.kernel.callers import EVERY_ROLE, Role
from domain.programmes import programmes
from ops import erasures, server
from ops.commands import administration, demo, keys, partners
from ops.console import console, counted, notes, read_settings
from ops.errors import OperationError, SettingsError
from ops.interrupts import ending_at_once
from ops.postgres import database, poolers
from ops.postgres.embedded import Urls
from ops.postgres.rights import excess
from ops.seal_keys import ROOT_KEY
from ops.settings import ROOT, Settings
from ops.worker import companion

SCHEMA_FILE = ROOT / "schema.graphql"
DIFFERENCES_MAX = 20
NAMED_MAX = 10
"""Most programmes that a warning names."""


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer requests.")] = None,
    migrate_first: Annotated[
        bool, typer.Option("--migrate/--no-migrate", help="Bring the schema up to date first.")
    ] = True,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Run a worker beside the server.")
    ] = True,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Add the demo data first, and print their tokens.")
    ] = False,
) -> None:
    """Serve the GraphQL API, on its own PostgreSQL unless another is set."""
    settings = read_settings(host=host, port=port, workers=workers)
    if with_demo:
        demo.check(settings)
    with (
        server.listen(server.api_address(settings)) as listening,
        server.measured(settings),
        database.available(settings) as urls,
    ):
        asyncio.run(_prepare(settings, urls, migrate_first=migrate_first))
        asyncio.run(erasures.check(settings.erasures, urls.serving))
        if settings.pooler_url:
            asyncio.run(poolers.prepare(urls.serving, settings.pooler_url))
        if settings.production:
            asyncio.run(_warn_of_lone_publishers(urls))
        if with_demo:
            demo.tell(asyncio.run(demo.fill(settings, urls)))
        console.print(f"Milepost serves {server.address(settings)} ({settings.environment})")
        with companion.working(settings, urls) if with_worker else nullcontext():
            server.run(settings, urls, listening)


def worker(
    beside: Annotated[
        bool,
        typer.Option("--beside", hidden=True, help="End when standard input does: for `serve`."),
    ] = False,
) -> None:
    """Relay events, write due changes and clean up in the background, until stopped."""
    # imported here, because no other command should wait for the queue
    with ending_at_once():
        from ops.worker import worker as background  # noqa: PLC0415

    settings = read_settings()
    if settings.production and settings.root_key is None:
        wanted = "base64 of 32 random bytes, as `openssl rand -base64 32` prints"
        raise SettingsError(ROOT_KEY, f"a worker in production needs {wanted}")
    # beside a server it counts on that one's page
    page = nullcontext() if beside else server.measured(settings)
    with page, database.available(settings) as urls:
        asyncio.run(background.run(settings, urls.serving, beside=beside))


def migrate() -> None:
    """Bring the database's schema and the serving role's rights up to date."""
    settings = read_settings()
    with database.available(settings) as urls:
        applied = asyncio.run(administration.upgrade(settings, urls))
    for name in applied:
        console.print(f"applied {name}")
    if not applied:
        console.print("nothing to apply")


def token(
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
    member: Annotated[str | None, typer.Option(help="Reference of the member.")] = None,
    partner: Annotated[
        str | None,
        typer.Option(help="Code of the partner; its key has all scopes but all_partners."),
    ] = None,
    staff: Annotated[bool, typer.Option("--staff", help="Print a token of staff.")] = False,
    name: Annotated[str, typer.Option(help="Name of the person of staff.")] = "staff",
    role: Annotated[
        list[Role] | None,
        typer.Option(
            help="Role of the person of staff; may be given several times; all by default."
        ),
    ] = None,
) -> None:
    """Print a token for development: of a member, of a partner, or of staff."""
    settings = read_settings()
    if (member is not None) + (partner is not None) + staff != 1:
        raise OperationError(
            "say whose token to print: --member REFERENCE, --partner CODE or --staff"
        )
    if "" in (member, partner):
        raise OperationError("--member and --partner need a text that is not empty")
    if role and not staff:
        raise OperationError("--role is for a person of staff: say --staff, too")
    now = datetime.now(UTC)
    if partner is not None:
        partners.print_development_key(settings, programme, partner)
    elif member is not None:
        print(keys.member_token(settings, programme, member, now))
    else:
        print(keys.staff_token(settings, programme, name, now, roles=role or EVERY_ROLE))


def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare with schema.graphql.")
    ] = False,
) -> None:
    """Print the GraphQL schema."""
    # imported here, because no other command should wait for the whole API
    from api.edge.limits import Limits  # noqa: PLC0415
    from api.schema import build_schema  # noqa: PLC0415

    printed = f"{build_schema(Limits(), production=False)}\n"
    if not check:
        sys.stdout.write(printed)
        return
    kept = SCHEMA_FILE.read_text(encoding="utf-8") if SCHEMA_FILE.exists() else ""
    lines = difflib.unified_diff(
        kept.splitlines(), printed.splitlines(), "schema.graphql", "the code's schema", "", "", 0
    )
    differences = list(lines)
    if differences:
        for line in differences[:DIFFERENCES_MAX]:
            notes.print(line.rstrip(), markup=False)
        raise OperationError(
            "schema.graphql is not the code's schema "
            f"({counted(len(differences), 'line')} of difference): run make schema"
        )


async def _prepare(settings: Settings, urls: Urls, *, migrate_first: bool) -> None:
    if migrate_first:
        for name in await administration.upgrade(settings, urls, starting=True):
            notes.print(f"applied {name}")
    elif pending := await database.pending_migrations(urls.serving):
        raise OperationError(
            f"the database lacks {counted(len(pending), 'migration')}, the first {pending[0]}: run "
            "`python -m ops migrate` as its owner"
        )
    if unguarded := await database.unguarded_tables(urls.serving):
        notes.print(
            f"warning: the serving role could rewrite {', '.join(unguarded)}: the insert-only "
            "guard is off; give MILEPOST_DATABASE_URL a role that does not own the tables"
        )
    elif await excess(urls.serving, databases=False):
        notes.print(
            "warning: the serving role may do more than it needs: `python -m ops rights` says what"
        )


async def _warn_of_lone_publishers(urls: Urls) -> None:
    """Warn of programmes whose rules a single person can change."""
    now, lone = datetime.now(UTC), []
    async with database.connected(urls.serving, pool_max=1, statement_seconds=None):
        for code in await programmes.codes():
            found = await programmes.get(code)
            if not programmes.asks_for_approval(found.versions, found.now(now)):
                lone.append(code)
    if lone:
        named = ", ".join(lone[:NAMED_MAX])
        more = f" and {len(lone) - NAMED_MAX} more" if len(lone) > NAMED_MAX else ""
        notes.print(
            f"warning: one person alone may publish policies of {named}{more}: "
            "to require approval, set `publishing: {approvals: 1}` there"
        )
