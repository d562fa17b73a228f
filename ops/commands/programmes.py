"""`programme` and `clock`: a programme's policy, its next version, and its clock."""

import difflib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from api.kit.relay import to_global_id
from api.proposals import PROPOSAL_TYPE
from api.wording.change_words import change_text
from domain.kernel import dates
from domain.kernel.callers import CallerKind
from domain.kernel.idempotency import Outcome, Request
from domain.kernel.refusals import EventTooOld
from domain.lint import lint
from domain.programmes import funders, programmes, sources, succession
from domain.programmes.changes import Change, changes
from domain.programmes.levels import Tier
from domain.programmes.policy import Policy
from domain.programmes.programmes import BEGINNING, Programme, Version
from domain.programmes.refusals import PolicyInvalid
from domain.programmes.sources import OfVersion
from domain.proposals import proposals
from ops.commands import documents, instants, linting, operator, options
from ops.commands.administration import administer
from ops.console import console, counted, read_settings, reader_language
from ops.errors import OperationError

UNWRITTEN = "nothing was written"

app = typer.Typer(name="programme", help="Publish and show policy documents.")


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish to publish: a text and its document, the instant of its effect, and a note.

    `accept` names the findings that do not prevent it.
    """

    text: str
    policy: Policy
    effective_from: datetime | None
    note: str
    new: bool = False
    accept: tuple[str, ...] = ()


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(help="The policy document, YAML or JSON.")],
    programme: Annotated[
        str | None, typer.Option(help="Publish only if the document is of this programme.")
    ] = None,
    effective: options.Effective = None,
    note: Annotated[str, typer.Option(help="Reason for the change, kept with the version.")] = "",
    new: Annotated[
        bool, typer.Option("--new", help="Create a programme that does not exist yet.")
    ] = False,
    accept: options.Accept = None,
    dry_run: options.DryRun = False,
    language: options.Language = None,
) -> None:
    """Publish a document as its programme's next version, or with --new as the first one."""
    speaking = reader_language(language)
    text, policy = linting.read(file, speaking, publishing=True)
    if programme is not None and programme != policy.programme:
        raise OperationError(f"{file} is of programme {policy.programme!r}, not {programme!r}")
    effective_from = instants.parse(effective, policy.zone) if effective else None
    wish = Wish(text, policy, effective_from, note, new, tuple(accept or ()))

    async def work() -> list[str]:
        try:
            return [*await attempt(wish, speaking), UNWRITTEN] if dry_run else await _publish(wish)
        except PolicyInvalid as refusal:
            raise linting.refused(str(file), refusal, speaking) from None

    done = administer(read_settings(), work, language=speaking, of=policy.programme)
    for line in done:
        console.print(line, markup=False)


async def _find(wish: Wish) -> Programme | None:
    """The document's programme, None where it is to be made.

    Raises: OperationError where a programme would be made by a slip, or made again.
    """
    code = wish.policy.programme
    found = await programmes.find(code)
    if found is None and not wish.new:
        near = difflib.get_close_matches(code, await programmes.codes(), n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise OperationError(f"there is no programme {code!r}: {meant}--new creates it")
    if found is not None and wish.new and not _is_there(found, wish):
        raise OperationError(f"there is a programme {code!r} already: leave out --new")
    return found


def _is_there(found: Programme, wish: Wish) -> bool:
    """Whether the last version is this document, from that instant on."""
    last = found.versions[-1]
    return wish.policy == last.policy and wish.effective_from in (None, last.effective_from)


async def _publish(wish: Wish) -> list[str]:
    now, policy = datetime.now(UTC), wish.policy
    found = await _find(wish)
    if found is None:
        _check(wish, now)
        made = await programmes.establish(
            policy,
            now,
            by=f"{CallerKind.STAFF}:{operator.name()}",
            note=wish.note,
            source=wish.text,
            effective_from=wish.effective_from,
        )
        return [f"created programme {made.code}: version 1 {_since(made.versions[0])}"]
    if _is_there(found, wish):
        return [_already(found)]
    request = Request(operator.caller(found), secrets.token_hex(16), found.now(now))
    outcome = await lint.publish(
        request,
        wish.text,
        effective_from=wish.effective_from,
        note=wish.note,
        accept=wish.accept,
    )
    return await result(found, outcome)


async def result(programme: Programme, outcome: Outcome) -> list[str]:
    """Result of publishing a document: a version, or a proposal."""
    code, proposal_id = programme.code, outcome.figures.get("proposal_id")
    if proposal_id is None:
        published = (await programmes.get(code)).versions[-1]
        return [f"published version {published.number} of {code} {_since(published)}"]
    proposal = await proposals.find(programme.id, UUID(proposal_id))
    if proposal is None:
        raise RuntimeError(f"proposal {proposal_id} is gone")
    until = instants.show(proposal.expires_at, programme.versions[-1].policy.zone)
    waits = f"another person can publish it by approveProposal until {until}"
    return [
        f"proposed for {code}, by {proposal.proposed_by}: {waits}",
        f"proposal {to_global_id(PROPOSAL_TYPE, proposal.id)}",
        f"SHA-256 {proposal.sha256.hex()}",
    ]


async def attempt(wish: Wish, language: str) -> list[str]:
    """Print the effect of publishing, with every change; writes nothing."""
    found, code = await _find(wish), wish.policy.programme
    await funders.check(found.id if found else None, wish.policy)
    if found is None:
        _check(wish, datetime.now(UTC))
        since = _begins(wish.effective_from or BEGINNING, wish.policy)
        return [f"would create programme {code}: version 1 {since}"]
    if _is_there(found, wish):
        return [_already(found)]
    now = found.now(datetime.now(UTC))
    published = [version.policy for version in found.versions]
    number, begins = succession.following(published, wish.policy, wish.effective_from, now)
    _check(wish, now)
    last = found.versions[-1]
    told = change_lines(last.policy, wish.policy, language)
    since = _begins(begins or BEGINNING, wish.policy)
    would = f"would publish version {number} of {code} {since}"
    if programmes.asks_for_approval(found.versions, now):
        would = f"{would}, once another person approves it"
    return [would, f"changes from version {last.number}: {len(told)}", *told]


def change_lines(before: Policy, after: Policy, language: str) -> list[str]:
    """Each change in a sentence, after a sign for its kind, with its place in the document."""
    return [
        f"  {_sign(one)} {change_text(one, before, after, language)} [{one.path}]"
        for one in changes(before, after)
    ]


def _sign(change: Change) -> str:
    return "+" if change.before is None else "-" if change.after is None else "~"


def _check(wish: Wish, now: datetime) -> None:
    """Check the document from the present day on: past days cannot be used any more.

    Raises: PolicyInvalid.
    """
    since = dates.local_date(max(wish.effective_from or now, now), wish.policy.zone)
    lint.check(wish.policy, since, wish.accept)


def _already(found: Programme) -> str:
    return f"version {found.versions[-1].number} of {found.code} is this document already"


@app.command()
def schema() -> None:
    """Print the JSON Schema of a policy document, for an editor that checks while you write."""
    print(documents.json_schema(Policy))


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Code of the programme.")],
    document: Annotated[
        bool, typer.Option("--document", help="Print a version's text and nothing else.")
    ] = False,
    version: Annotated[
        int | None, typer.Option(help="Number of the version; the one in force by default.")
    ] = None,
) -> None:
    """Show a programme: its versions, its clock, and what its policy decides."""

    now = datetime.now(UTC)

    async def work() -> tuple[Programme, Version, str]:
        found = await programmes.get(code)
        chosen = choose(found, version, found.now(now))
        return found, chosen, await sources.read(found.id, OfVersion(chosen.number))

    found, chosen, text = administer(read_settings(), work)
    now = found.now(now)
    if document:
        print(text, end="" if text.endswith("\n") else "\n")
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
    return window.replace("_", " ") if isinstance(window, str) else counted(window.months, "month")


def choose(programme: Programme, number: int | None, now: datetime) -> Version:
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
    return _begins(version.effective_from, version.policy)


def _begins(instant: datetime, policy: Policy) -> str:
    if instant == BEGINNING:
        return "from the beginning of time"
    return f"from {instants.show(instant, policy.zone)}"


def clock(
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
    advance: Annotated[
        str | None, typer.Option(help="Move the clock forward by a span such as '1 year'.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="Move the clock forward to a day such as 2027-03-16.")
    ] = None,
) -> None:
    """Show a programme's clock, or outside production move it forward; it never goes back."""
    settings = read_settings()
    if advance is not None and to is not None:
        raise OperationError("give --advance SPAN or --to DATE, not both")
    if (advance is not None or to is not None) and settings.production:
        raise OperationError("production runs on real time: its clock cannot be moved")

    async def work() -> str:
        found = await programmes.get(programme)
        now = found.now(datetime.now(UTC))
        if advance is not None or to is not None:
            distance = _distance(found, now, advance, to)
            found = await programmes.advance_clock(found, distance, at=now)
            now = found.now(datetime.now(UTC))
        return _clock(found, now)

    console.print(administer(settings, work, of=programme))


def _distance(
    programme: Programme, now: datetime, advance: str | None, to: str | None
) -> timedelta:
    """Distance of the clock's move, in whole seconds rounded up, so that it reaches the target."""
    zone = programme.versions[-1].policy.zone
    target = instants.later(now, advance, zone) if advance else instants.parse(to or "", zone)
    if target < now:
        raise OperationError(
            f"the clock of {programme.code} cannot go back: it is {instants.show(now, zone)}"
        )
    return -((now - target) // timedelta(seconds=1)) * timedelta(seconds=1)


def _clock(programme: Programme, now: datetime) -> str:
    shown = instants.show(now, programme.versions[-1].policy.zone)
    if not programme.clock_offset:
        return f"{shown} (real time)"
    return f"{shown} ({programme.clock_offset} ahead of real time)"
