"""`programme rollback`, `diff` and `guide`: versions again, against each other, and in words."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.wording.guide import guide as worded
from domain.kernel.idempotency import Request
from domain.lint import lint
from domain.programmes import programmes, reader, sources
from domain.programmes.programmes import Version
from domain.programmes.refusals import PolicyInvalid
from domain.programmes.sources import OfVersion
from ops.commands import instants, linting, operator, options
from ops.commands.administration import administer
from ops.commands.programmes import (
    UNWRITTEN,
    Wish,
    attempt,
    change_lines,
    choose,
    result,
)
from ops.console import console, read_settings, reader_language

VERSIONS_MAX = 2**31 - 1


def rollback(
    programme: Annotated[str, typer.Argument(help="Code of the programme.")],
    version: Annotated[
        int,
        typer.Argument(
            min=1, max=VERSIONS_MAX, help="Number of the version whose text is published again."
        ),
    ],
    effective: options.Effective = None,
    note: Annotated[
        str | None, typer.Option(help="Reason for the change; by default it names the version.")
    ] = None,
    accept: options.Accept = None,
    dry_run: options.DryRun = False,
    language: options.Language = None,
) -> None:
    """Publish an earlier version's text again, as the next version."""
    speaking = reader_language(language)

    accepted = tuple(accept or ())

    async def work() -> list[str]:
        try:
            return await perform()
        except PolicyInvalid as refusal:
            raise linting.refused(f"version {version}", refusal, speaking) from None

    async def perform() -> list[str]:
        found = await programmes.get(programme)
        text = await sources.read(found.id, OfVersion(version))
        policy = reader.parse(text)
        begins = instants.parse(effective, policy.zone) if effective else None
        said = f"rollback to version {version}" if note is None else note
        if dry_run:
            wish = Wish(text, policy, begins, said, accept=accepted)
            return [*await attempt(wish, speaking), UNWRITTEN]
        request = Request(
            operator.caller(found), secrets.token_hex(16), found.now(datetime.now(UTC))
        )
        source = OfVersion(version)
        outcome = await lint.publish(
            request, source, effective_from=begins, note=said, accept=accepted
        )
        return await result(found, outcome)

    for line in administer(read_settings(), work, language=speaking, of=programme):
        console.print(line, markup=False)


def diff(
    programme: Annotated[str, typer.Argument(help="Code of the programme.")],
    before: Annotated[str, typer.Argument(help="Number of a version, or a policy document.")],
    after: Annotated[str, typer.Argument(help="Number of a version, or a policy document.")],
    language: options.Language = None,
) -> None:
    """Print the changes from one version or document to another, a sentence each."""
    speaking = reader_language(language)
    documents = {
        one: linting.read(Path(one), speaking)[1] for one in (before, after) if not one.isdecimal()
    }

    async def work() -> list[str]:
        found, now = await programmes.get(programme), datetime.now(UTC)
        older, newer = (
            documents[one] if one in documents else choose(found, int(one), now).policy
            for one in (before, after)
        )
        return change_lines(older, newer, speaking)

    lines = administer(read_settings(), work, language=speaking)
    console.print(f"changes from {before} to {after}: {len(lines)}", markup=False)
    for line in lines:
        console.print(line, markup=False)


def guide(
    programme: Annotated[str, typer.Argument(help="Code of the programme.")],
    version: Annotated[
        int | None, typer.Option(help="Number of the version; the one in force by default.")
    ] = None,
    language: options.Language = None,
) -> None:
    """Print everything that a version says, in Markdown that members can read."""
    speaking = reader_language(language)

    async def work() -> Version:
        found = await programmes.get(programme)
        return choose(found, version, found.now(datetime.now(UTC)))

    print(worded(administer(read_settings(), work, language=speaking), speaking), end="")
