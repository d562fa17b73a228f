"""`programme` and `clock`: what a programme's policy is, the next version, and its instant."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.table import Table

from domain.kernel.callers import Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.refusals import EventTooOld
from domain.programmes import programmes, reader
from domain.programmes.levels import Tier
from domain.programmes.policy import Policy
from domain.programmes.programmes import BEGINNING, Programme, Version
from domain.programmes.refusals import PolicyInvalid
from ops.commands import instants
from ops.commands.administration import administer
from ops.console import console, notes, read_settings
from ops.errors import OperationError

BY = "staff:ops"

app = typer.Typer(name="programme", help="Publish and show policy documents.")


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(help="The policy document, YAML or JSON.")],
    programme: Annotated[
        str | None, typer.Option(help="Only if the document is of this programme.")
    ] = None,
    effective: Annotated[
        str | None, typer.Option(help="From when on, such as 2027-01-01: a local day or instant.")
    ] = None,
    note: Annotated[str, typer.Option(help="Reason for the change, kept with the version.")] = "",
) -> None:
    """Publish a document as its programme's next version, or as a new programme's first."""
    text, policy = _read(file)
    if programme is not None and programme != policy.programme:
        raise OperationError(f"{file} is of programme {policy.programme!r}, not {programme!r}")
    effective_from = instants.parse(effective, policy.zone) if effective else None

    async def work() -> str:
        return await _publish(text, policy, effective_from, note)

    console.print(administer(read_settings(), work))


def _read(file: Path) -> tuple[str, Policy]:
    try:
        text = file.read_text(encoding="utf-8")
        return text, reader.parse(text)
    except OSError as error:
        raise OperationError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise OperationError(f"cannot read {file}: it is not UTF-8 text") from None
    except PolicyInvalid as error:
        for fault in error.faults:
            notes.print(f"{fault.path}: {fault.message}", markup=False)
        count = len(error.faults)
        found = "1 fault" if count == 1 else f"{count} faults"
        raise OperationError(f"{file} has {found}: nothing was published") from None


async def _publish(text: str, policy: Policy, effective_from: datetime | None, note: str) -> str:
    now = datetime.now(UTC)
    found = await programmes.find(policy.programme)
    if found is None:
        made = await programmes.establish(
            policy, now, by=BY, note=note, effective_from=effective_from
        )
        return f"created programme {made.code}: version 1 {_since(made.versions[0])}"
    last = found.versions[-1]
    same = reader.to_document(policy) == reader.to_document(last.policy)
    if same and effective_from in (None, last.effective_from):
        return f"version {last.number} of {found.code} is this document already"
    caller = Caller(CallerKind.STAFF, found.id, found.code, "ops")
    request = Request(caller, secrets.token_hex(16), found.now(now))
    await programmes.publish(request, text, effective_from=effective_from, note=note)
    published = (await programmes.get(found.code)).versions[-1]
    return f"published version {published.number} of {found.code} {_since(published)}"


@app.command()
def schema() -> None:
    """Print the JSON Schema of a policy document, for an editor that checks while you write."""
    console.print_json(json.dumps(Policy.model_json_schema(by_alias=True)))


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Code of the programme.")],
    document: Annotated[
        bool, typer.Option("--document", help="Print a version's document and nothing else.")
    ] = False,
    version: Annotated[
        int | None, typer.Option(help="Number of the version; the one in force by default.")
    ] = None,
) -> None:
    """Show a programme: its versions, its clock, and what its policy decides."""

    async def work() -> Programme:
        return await programmes.get(code)

    found = administer(read_settings(), work)
    now = found.now(datetime.now(UTC))
    chosen = _choose(found, version, now)
    if document:
        tree = json.loads(json.dumps(reader.to_document(chosen.policy)))
        print(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False), end="")
        return
    policy = chosen.policy
    console.print(f"{found.code}: {policy.name.en} ({policy.name.zh_cn})")
    console.print(f"clock: {_clock(found, now)}")
    console.print(_versions(found, now))
    levels = ", ".join(
        f"{level.code} from {_least(policy, level)}" for level in policy.tiers.levels
    )
    console.print(f"version {chosen.number}, {policy.currency}, {policy.timezone}")
    console.print(f"  products: {', '.join(policy.products)}")
    basis = " or ".join(policy.tiers.measures)
    console.print(f"  tiers by {basis} ({_window(policy)}): {levels}")
    console.print(f"  earning rules: {', '.join(rule.code for rule in policy.earning) or 'none'}")
    console.print(f"  activities: {', '.join(policy.activity_types) or 'none'}")


def _least(policy: Policy, level: Tier) -> str:
    return " or ".join(map(str, policy.tiers.thresholds(level).values()))


def _window(policy: Policy) -> str:
    window = policy.tiers.window
    return window.replace("_", " ") if isinstance(window, str) else f"{window.months} months"


def _choose(programme: Programme, number: int | None, now: datetime) -> Version:
    if number is None:
        return _in_force(programme, now) or programme.versions[0]
    found = [version for version in programme.versions if version.number == number]
    if not found:
        last = programme.versions[-1].number
        raise OperationError(f"{programme.code} has no version {number}; the last is {last}")
    return found[0]


def _in_force(programme: Programme, now: datetime) -> Version | None:
    """The version that holds now; None before the first one begins."""
    try:
        return programme.as_of(now)
    except EventTooOld:
        return None


def _versions(programme: Programme, now: datetime) -> Table:
    table = Table("version", "effective", "", box=None)
    in_force = _in_force(programme, now)
    for version in programme.versions:
        mark = "in force" if version is in_force else ""
        table.add_row(str(version.number), _since(version), mark)
    return table


def _since(version: Version) -> str:
    if version.effective_from == BEGINNING:
        return "from the beginning of time"
    return f"from {instants.show(version.effective_from, version.policy.zone)}"


def clock(
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
    advance: Annotated[
        str | None, typer.Option(help="Move it forward by a span such as '1 year'.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="Move it forward to a day such as 2027-03-16.")
    ] = None,
) -> None:
    """Show a programme's clock, or outside production move it forward; it never goes back."""
    settings = read_settings()
    if advance is not None and to is not None:
        raise OperationError("say how far the clock moves once: --advance SPAN or --to DATE")
    if (advance is not None or to is not None) and settings.production:
        raise OperationError("production runs on real time: its clock cannot be moved")

    async def work() -> str:
        found = await programmes.get(programme)
        now = found.now(datetime.now(UTC))
        if advance is not None or to is not None:
            found = await programmes.advance_clock(found, _distance(found, now, advance, to))
            now = found.now(datetime.now(UTC))
        return _clock(found, now)

    console.print(administer(settings, work))


def _distance(
    programme: Programme, now: datetime, advance: str | None, to: str | None
) -> timedelta:
    """How far the clock moves, in whole seconds rounded up, so that it does get there."""
    zone = programme.versions[-1].policy.zone
    target = instants.later(now, advance, zone) if advance else instants.parse(to or "", zone)
    if target < now:
        raise OperationError(
            f"the clock of {programme.code} never goes back: it is {instants.show(now, zone)}"
        )
    return -((now - target) // timedelta(seconds=1)) * timedelta(seconds=1)


def _clock(programme: Programme, now: datetime) -> str:
    shown = instants.show(now, programme.versions[-1].policy.zone)
    if not programme.clock_offset:
        return f"{shown} (real time)"
    return f"{shown} ({programme.clock_offset} ahead of real time)"
