"""`programme rollback`: an earlier version's text as the next one."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from domain.kernel.callers import Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.programmes import programmes, reader, sources
from domain.programmes.refusals import PolicyInvalid
from domain.programmes.sources import OfVersion
from ops.commands import instants
from ops.commands.administration import administer
from ops.commands.programmes import UNWRITTEN, Wish, attempt, print_refusal, told
from ops.console import LANGUAGE_HELP, console, read_settings, reader_language


def rollback(
    programme: Annotated[str, typer.Argument(help="Code of the programme.")],
    version: Annotated[int, typer.Argument(help="Number of the version whose text holds again.")],
    effective: Annotated[
        str | None, typer.Option(help="From when on, such as 2027-01-01: a local day or instant.")
    ] = None,
    note: Annotated[
        str | None, typer.Option(help="Reason for the change; by default which version it was.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be published, and what changes.")
    ] = False,
    language: Annotated[str | None, typer.Option(help=LANGUAGE_HELP)] = None,
) -> None:
    """Publish an earlier version's text again, as the next version."""
    speaking = reader_language(language)

    async def work() -> list[str]:
        found = await programmes.get(programme)
        text = await sources.read(found.id, OfVersion(version))
        try:
            policy = reader.parse(text)
        except PolicyInvalid as error:
            raise print_refusal(f"version {version}", error, speaking) from None
        begins = instants.parse(effective, policy.zone) if effective else None
        said = f"rollback to version {version}" if note is None else note
        if dry_run:
            return [*await attempt(Wish(text, policy, begins, said)), UNWRITTEN]
        caller = Caller(CallerKind.STAFF, found.id, found.code, "ops")
        request = Request(caller, secrets.token_hex(16), found.now(datetime.now(UTC)))
        await programmes.publish(request, OfVersion(version), effective_from=begins, note=said)
        return [told((await programmes.get(programme)).versions[-1], programme)]

    for line in administer(read_settings(), work, language=speaking):
        console.print(line, markup=False)
