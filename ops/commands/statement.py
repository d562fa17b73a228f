"""`statement`: a member's statement of a month as a page to be printed."""

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from domain.kernel.database import snapshot
from domain.kernel.lookups import LookupScope
from domain.ledger import statement_lines, statements
from domain.ledger.statements import Period
from domain.members import identity, members
from domain.members.identity import MemberKey
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops import written
from ops.commands.administration import administer
from ops.console import read_settings
from ops.errors import OperationError

_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)


def statement(
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
    member: Annotated[str, typer.Option(help="Reference of the member.")],
    month: Annotated[
        str | None, typer.Option(help="Month such as 2026-03; the current one by default.")
    ] = None,
    locale: Annotated[
        str | None, typer.Option(help="zh-CN or en; the member's language by default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; standard output by default.")
    ] = None,
) -> None:
    """Print a member's statement of a month as one HTML page, for paper or PDF."""
    if out is not None:
        written.check(out)

    async def work() -> str:
        found = await programmes.get(programme)
        return await page(found, member, month, locale)

    write(administer(read_settings(), work), out)


def write(printed: str, out: Path | None) -> None:
    """
    Raises: OperationError
    """
    if out is None:
        sys.stdout.write(printed)
        return
    with written.told(out):
        out.write_text(printed, encoding="utf-8")


async def page(programme: Programme, reference: str, month: str | None, locale: str | None) -> str:
    """The page; without a month the one that runs, without a locale in the member's language.

    Raises: OperationError, NotFound, InvalidInput
    """
    # imported here, because no other command should wait for the template engine
    from api.statement_page import Printed, render  # noqa: PLC0415
    from api.wording.catalogues import DEFAULT_LANGUAGE, LANGUAGES  # noqa: PLC0415
    from api.wording.messages import language_of  # noqa: PLC0415

    reader = language_of(locale) if locale else None
    if locale and reader is None:
        raise OperationError(f"{locale!r} is not one of the languages {', '.join(LANGUAGES)}")
    now = programme.now(datetime.now(UTC))
    policy = programme.as_of(now).policy
    period = _period(month, now, policy.zone)
    key = MemberKey(LookupScope.REFERENCE, reference)
    async with snapshot():
        member_id = await identity.find_or_refuse(programme.id, key)
        row = (await members.many([member_id]))[member_id]
        first = (await statements.first_entries([member_id]))[member_id]
        since = statements.since(row.joined_at, first)
        over = statements.interval(period, since, now, policy.zone)
        found = (await statements.of_members([member_id], over))[member_id]
        statement_lines.check(found)
        [lines] = await statement_lines.of_statements([found])
    printed = Printed(
        name=row.name,
        reference=row.reference,
        policy=policy,
        programme=programme,
        period=period,
        statement=found,
        lines=lines,
        issued_at=now,
    )
    return render(printed, reader or language_of(row.locale) or DEFAULT_LANGUAGE)


def _period(month: str | None, now: datetime, zone: ZoneInfo) -> Period:
    """
    Raises: OperationError
    """
    if month is None:
        return statements.month_of(now.astimezone(zone).date())
    said = _MONTH.fullmatch(month.strip())
    try:
        if said is None:
            raise ValueError
        return statements.month_of(date(int(said[1]), int(said[2]), 1))
    except ValueError:
        raise OperationError(f"{month!r} is not a month such as 2026-03") from None
