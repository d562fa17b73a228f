"""`partner`: the systems that call with API keys. A key is shown once, when it is made."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from domain.kernel.callers import OWN_SCOPES, Scope
from domain.kernel.refusals import NotFound
from domain.partners import key_life, partner_keys, partners
from domain.partners.key_life import OLD_KEY_HOURS, OLD_KEY_HOURS_MAX, Terms
from domain.partners.partner_keys import PartnerKey
from domain.partners.refusals import PartnerKeyState
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops.commands import instants, keys
from ops.commands.administration import administer
from ops.console import counted, notes, read_settings
from ops.errors import OperationError
from ops.settings import Settings

app = typer.Typer(name="partner", help="Partners and their API keys.")

ALL_SCOPES = ",".join(Scope)
Programmes = Annotated[str, typer.Option("--programme", help="Code of the programme.")]
Scopes = Annotated[
    str, typer.Option(help=f"Scopes of the key, separated by commas, of {ALL_SCOPES}.")
]
KeyNamed = Annotated[str, typer.Argument(help="Id of the key, or its prefix as `keys` shows it.")]
Label = Annotated[str | None, typer.Option(help="Label by which to recognise the key.")]
Expires = Annotated[
    str | None,
    typer.Option(help="When the key expires, such as 2027-03-16, or never."),
]
NEVER = "never"
KEYS_READ = 500
DEVELOPMENT_KEYS_MAX = 100


@app.command()
def create(
    code: Annotated[str, typer.Argument(help="Code of the partner.")],
    programme: Programmes,
    name: Annotated[str, typer.Option(help="Name of the partner.")],
    scopes: Scopes,
    label: Label = None,
    expires: Expires = None,
) -> None:
    """Make a partner and print its API key, which is never shown again."""
    settings, wanted = read_settings(), _scopes(scopes)

    async def work() -> str:
        found, now = await programmes.get(programme), datetime.now(UTC)
        if await _exists(found, code):
            raise OperationError(
                f"there is a partner {code!r} already: `partner key {code}` makes another key"
            )
        ends = _end(found, expires, now)
        partner_id = await partners.create(found, code, name, now)
        return await partner_keys.issue(
            found,
            partner_id,
            wanted,
            now,
            environment=settings.environment,
            label=label,
            expires_at=ends,
        )

    print(administer(settings, work, of=programme))
    notes.print(f"this is the only time that the key of {code} is shown")


@app.command()
def key(
    code: Annotated[str, typer.Argument(help="Code of the partner.")],
    programme: Programmes,
    scopes: Scopes,
    label: Label = None,
    expires: Expires = None,
) -> None:
    """Print a further API key of a partner; the others stay valid."""
    settings, wanted = read_settings(), _scopes(scopes)

    async def work() -> str:
        found, now = await programmes.get(programme), datetime.now(UTC)
        return await partner_keys.issue(
            found,
            await partners.find_id(found, code),
            wanted,
            now,
            environment=settings.environment,
            label=label,
            expires_at=_end(found, expires, now),
        )

    print(administer(settings, work, of=programme))
    notes.print(f"this is the only time that this key of {code} is shown")


@app.command(name="keys")
def show(
    programme: Programmes,
    partner: Annotated[
        str | None, typer.Option(help="Code of the partner; all by default.")
    ] = None,
) -> None:
    """List keys, the newest first, without their secrets."""
    settings = read_settings()

    async def work() -> tuple[list[PartnerKey], dict[UUID, str]]:
        found = await programmes.get(programme)
        partner_id = await partners.find_id(found, partner) if partner else None
        codes = {named: code for code, named in (await partners.ids(found.id)).items()}
        read: list[PartnerKey] = []
        while page := await partner_keys.page(
            found.id,
            partner_id,
            limit=KEYS_READ,
            after=(read[-1].created_at, read[-1].id) if read else None,
        ):
            read += page
        return read, codes

    found, codes = administer(settings, work, of=programme)
    for line in _lines(found, codes, datetime.now(UTC)):
        print(line)


@app.command()
def rotate(
    key_id: KeyNamed,
    programme: Programmes,
    label: Label = None,
    expires: Expires = None,
    hours: Annotated[
        int,
        typer.Option(help=f"Hours for which the old key is accepted, 0 to {OLD_KEY_HOURS_MAX}."),
    ] = OLD_KEY_HOURS,
) -> None:
    """Replace a key and print the new one; the old one is accepted for some hours more."""
    settings = read_settings()

    async def work() -> key_life.Rotation:
        found, now = await programmes.get(programme), datetime.now(UTC)
        terms = replace(_terms(found, label, expires, now), hours=hours)
        return await key_life.rotate(found, key_id, terms, now)

    rotation = administer(settings, work, of=programme)
    print(rotation.secret)
    notes.print(
        f"this is the only time that the key is shown; {rotation.replaced_id} is refused in "
        f"{counted(hours, 'hour')} at the latest"
    )


@app.command()
def change(
    key_id: KeyNamed, programme: Programmes, label: Label = None, expires: Expires = None
) -> None:
    """Change the label or the expiry of a key."""
    settings = read_settings()
    if label is None and expires is None:
        raise OperationError("say what to change: --label, --expires or both")

    async def work() -> None:
        found, now = await programmes.get(programme), datetime.now(UTC)
        await key_life.change(found, key_id, _terms(found, label, expires, now), now)

    administer(settings, work, of=programme)
    notes.print(f"the key {partner_keys.named(key_id)} is changed")


@app.command()
def revoke(
    key_id: KeyNamed,
    programme: Programmes,
) -> None:
    """Revoke a key: all servers refuse it within seconds. It cannot be undone."""
    settings = read_settings()

    async def work() -> None:
        found = await programmes.get(programme)
        await key_life.revoke(found, key_id, datetime.now(UTC))

    administer(settings, work, of=programme)
    notes.print(f"the key {partner_keys.named(key_id)} is refused from now on")


async def development_key(settings: Settings, programme: Programme, code: str) -> str:
    """A key for everything of the partner, always the same until it is revoked or replaced; not in
    production.

    Raises: NotFound, SettingsError, OperationError
    """
    partner_id = await partners.find_id(programme, code)
    for ended in range(DEVELOPMENT_KEYS_MAX):
        with suppress(PartnerKeyState):
            return await partner_keys.issue(
                programme,
                partner_id,
                OWN_SCOPES,
                datetime.now(UTC),
                environment=settings.environment,
                secret=keys.partner_secret(settings, programme.code, code, ended),
            )
    raise OperationError(f"{DEVELOPMENT_KEYS_MAX} development keys of {code} have ended")


def print_development_key(settings: Settings, programme: str, code: str) -> None:
    """The command `token --partner`."""

    async def work() -> str:
        return await development_key(settings, await programmes.get(programme), code)

    print(administer(settings, work, of=programme))


def _terms(programme: Programme, label: str | None, expires: str | None, now: datetime) -> Terms:
    """The given changes; an empty label removes it."""
    return Terms(
        label=label or None,
        expires_at=_end(programme, expires, now),
        says_label=label is not None,
        says_expiry=expires is not None,
    )


def _end(programme: Programme, text: str | None, now: datetime) -> datetime | None:
    """
    Raises: OperationError
    """
    if text is None or text == NEVER:
        return None
    return instants.parse(text, programme.as_of(programme.now(now)).policy.zone)


def _lines(found: list[PartnerKey], codes: dict[UUID, str], now: datetime) -> list[str]:
    """A line a key, in columns, however narrow the terminal is."""
    rows = [
        (
            key.prefix,
            codes.get(key.partner_id, "") if key.partner_id else "(public)",
            key.status(now).lower(),
            f"{key.expires_at.astimezone(UTC):%Y-%m-%d %H:%M}" if key.expires_at else NEVER,
            str(key.last_used_on or NEVER),
            ",".join(sorted(key.scopes)),
            key.label or "",
        )
        for key in found
    ]
    rows.insert(0, ("key", "partner", "status", "expires (UTC)", "last used", "scopes", "label"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


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
