"""`import codes`: a file of coupon codes for the pool of one reward.

A code that the programme has already is left as it is, so a second run of the same file
finishes what the first one left.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.wording.catalogues import DEFAULT_LANGUAGE
from api.wording.messages import problem_message
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.rewards import catalogue, coupons
from domain.rewards.catalogue import Reward
from ops import progress, written
from ops.commands import code_files
from ops.commands.administration import administer
from ops.commands.booking_files import RowRefused
from ops.commands.code_files import CodeFile, Row, RowResult
from ops.console import console, read_settings
from ops.progress import Advance

REFUSED_EXIT = 3

IMPORTED, KNOWN, REFUSED = "imported", "known", "refused"


def import_codes(
    file: Annotated[Path, typer.Argument(help="CSV with a header: code, valid_until.")],
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
    reward: Annotated[str, typer.Option(help="Code of the reward, a coupon with a pool.")],
) -> None:
    """Import coupon codes; the result of each goes to FILE.report.csv.

    The exit code is 3 if any row was refused.
    """
    read = code_files.read(file)
    report = file.with_name(f"{file.name}.report.csv")
    written.check(report)
    outcomes: list[RowResult] = []

    async def work() -> None:
        found = await programmes.get(programme)
        now = found.now(datetime.now(UTC))
        offered = await catalogue.get(found.id, reward, now)
        await coupons.import_pool(found, offered, [], now)
        try:
            with progress.bar("importing", len(read.rows)) as advance:
                await run(found, offered, read, outcomes, advance)
        finally:
            code_files.write_report(report, outcomes)

    administer(read_settings(), work)
    counts = Counter(outcome.outcome for outcome in outcomes)
    console.print(
        f"{counts[IMPORTED]} imported, {counts[KNOWN]} already there, {counts[REFUSED]} refused; "
        f"result of each row: {report}"
    )
    if counts[REFUSED]:
        raise typer.Exit(REFUSED_EXIT)


async def run(
    programme: Programme,
    reward: Reward,
    file: CodeFile,
    outcomes: list[RowResult],
    advance: Advance,
) -> None:
    """Import every row, a batch in a transaction; `outcomes` have its results so far."""
    now = programme.now(datetime.now(UTC))
    zone = programme.as_of(now).policy.zone
    for start in range(0, len(file.rows), coupons.IMPORT_BATCH):
        batch = file.rows[start : start + coupons.IMPORT_BATCH]
        outcomes += await _import(programme, reward, file, batch, zone)
        advance(len(batch))


async def _import(
    programme: Programme, reward: Reward, file: CodeFile, rows: Sequence[Row], zone: ZoneInfo
) -> list[RowResult]:
    codes, unreadable = [], {}
    for place, row in enumerate(rows):
        try:
            codes.append(code_files.to_code(file, row, zone))
        except RowRefused as error:
            unreadable[place] = str(error)
    now = programme.now(datetime.now(UTC))
    imported = iter(await coupons.import_pool(programme, reward, codes, now))
    found = []
    for place, row in enumerate(rows):
        problem = unreadable[place] if place in unreadable else next(imported).problem
        reason = (
            problem
            if isinstance(problem, str)
            else problem_message(problem, DEFAULT_LANGUAGE, zone)
        )
        found.append(RowResult(row, _outcome(reason), reason))
    return found


def _outcome(reason: str) -> str:
    if not reason:
        return IMPORTED
    return KNOWN if reason == coupons.KNOWN else REFUSED
