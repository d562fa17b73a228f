"""`partner`: the systems that call with API keys. A key is shown once, when it is made."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from domain.kernel.callers import OWN_SCOPES, Scope
from domain.kernel.refusals import NotFound
from domain.partners import partners
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops.commands import keys
from ops.commands.administration import administer
from ops.console import notes, read_settings
from ops.errors import OperationError
from ops.settings import Settings

app = typer.Typer(name="partner", help="Partners and their API keys.")

ALL_SCOPES = ",".join(Scope)
Programmes = Annotated[str, typer.Option("--programme", help="Code of the programme.")]
Scopes = Annotated[str, typer.Option(help=f"What the key may do, of {ALL_SCOPES}.")]


@app.command()
def create(
    code: Annotated[str, typer.Argument(help="Code of the partner.")],
    programme: Programmes,
    name: Annotated[str, typer.Option(help="What the partner is called.")],
    scopes: Scopes,
) -> None:
    """Make a partner and print its API key, which is never shown again."""
    settings, wanted = read_settings(), _scopes(scopes)

    async def work() -> str:
        found, now = await programmes.get(programme), datetime.now(UTC)
        if await _exists(found, code):
            raise OperationError(
                f"there is a partner {code!r} already: `partner key {code}` makes another key"
            )
        partner_id = await partners.create(found, code, name, now)
        return await partners.issue_key(
            found, partner_id, wanted, now, environment=settings.environment
        )

    print(administer(settings, work))
    notes.print(f"this is the only time that the key of {code} is shown")


@app.command()
def key(
    code: Annotated[str, typer.Argument(help="Code of the partner.")],
    programme: Programmes,
    scopes: Scopes,
) -> None:
    """Print a further API key of a partner; the others stay valid."""
    settings, wanted = read_settings(), _scopes(scopes)

    async def work() -> str:
        found = await programmes.get(programme)
        partner_id = await partners.find_id(found, code)
        return await partners.issue_key(
            found, partner_id, wanted, datetime.now(UTC), environment=settings.environment
        )

    print(administer(settings, work))
    notes.print(f"this is the only time that this key of {code} is shown")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The third part of the key, before its secret.")],
    programme: Programmes,
) -> None:
    """Refuse a key from now on, in all servers within seconds; it cannot be undone."""
    settings = read_settings()

    async def work() -> None:
        found = await programmes.get(programme)
        await partners.revoke_key(found, key_id, datetime.now(UTC))

    administer(settings, work)
    notes.print(f"the key {key_id} is refused from now on")


async def development_key(settings: Settings, programme: Programme, code: str) -> str:
    """A key for all that is the partner's own, the same whenever it is asked for; not in
    production.

    Raises: NotFound, SettingsError
    """
    return await partners.issue_key(
        programme,
        await partners.find_id(programme, code),
        OWN_SCOPES,
        datetime.now(UTC),
        environment=settings.environment,
        secret=keys.partner_secret(settings, programme.code, code),
    )


def print_development_key(settings: Settings, programme: str, code: str) -> None:
    """What `token --partner` does."""

    async def work() -> str:
        return await development_key(settings, await programmes.get(programme), code)

    print(administer(settings, work))


def _scopes(text: str) -> list[str]:
    wanted = [scope.strip() for scope in text.split(",") if scope.strip()]
    unknown = [scope for scope in wanted if scope not in tuple(Scope)]
    if unknown or not wanted:
        raise OperationError(f"--scopes takes some of {ALL_SCOPES}, not {text!r}")
    return wanted


async def _exists(programme: Programme, code: str) -> bool:
    try:
        await partners.find_id(programme, code)
    except NotFound:
        return False
    return True
