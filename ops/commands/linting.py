"""`programme lint`: probable mistakes in a document, and the bound of its return."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.wording.fault_words import faults_counted, nothing_published
from api.wording.messages import finding_line, findings_refuse, nothing_found
from api.wording.witness_words import return_text, witness_text
from domain.kernel import dates
from domain.lint.lint import Lint
from domain.lint.lint import lint as look
from domain.programmes import programmes, reader
from domain.programmes.policy import Policy
from domain.programmes.refusals import FindingLevel, PolicyInvalid
from domain.rewards import catalogue
from ops.commands import documents, instants, options
from ops.commands.administration import administer
from ops.console import console, read_settings, reader_language
from ops.errors import OperationError


def lint(
    file: Annotated[Path, typer.Argument(help="The policy document, YAML or JSON.")],
    effective: Annotated[
        str | None,
        typer.Option(help="When it takes effect, a local day or instant such as 2027-01-01."),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Check without a database, and so without its rewards."),
    ] = False,
    language: options.Language = None,
) -> None:
    """Print probable mistakes in a document; fails if they prevent publishing."""
    speaking = reader_language(language)
    _, policy = read(file, speaking)
    begins = instants.parse(effective, policy.zone) if effective else None

    async def work() -> Lint:
        found = await programmes.find(policy.programme)
        if found is None:
            return _look(policy, begins or datetime.now(UTC))
        rewards = await catalogue.codes(found.id)
        return _look(policy, begins or found.now(datetime.now(UTC)), rewards)

    if offline:
        found = _look(policy, begins or datetime.now(UTC))
    else:
        found = administer(read_settings(), work, language=speaking)
    _print(policy, found, speaking)


def _look(policy: Policy, begins: datetime, rewards: frozenset[str] | None = None) -> Lint:
    return look(policy, dates.local_date(begins, policy.zone), rewards)


def _print(policy: Policy, found: Lint, language: str) -> None:
    for finding in found.findings:
        console.print(documents.printable(finding_line(finding, language)), markup=False)
    if not found.findings:
        console.print(nothing_found(language), markup=False)
    if found.maximum_return is not None:
        console.print(return_text(found.maximum_return, language), markup=False)
    if found.witness is not None:
        line = witness_text(policy, found.witness, language)
        console.print(documents.printable(line), markup=False)
    if any(one.level is FindingLevel.ERROR for one in found.findings):
        raise typer.Exit(1)


def read(file: Path, language: str, *, publishing: bool = False) -> tuple[str, Policy]:
    """The text of a document and its policy; faults are printed. If it is read for publishing, the
    error says that nothing was published.

    Raises: OperationError.
    """
    text = documents.read_text(file)
    try:
        return text, reader.parse(text)
    except PolicyInvalid as refusal:
        what = str(file)
        if publishing:
            raise refused(what, refusal, language) from None
        documents.print_faults(refusal, language)
        raise OperationError(faults_counted(what, refusal, language)) from None


def refused(what: str, refusal: PolicyInvalid, language: str) -> OperationError:
    """The error to end publishing with, after each fault or finding of the document was printed."""
    documents.print_faults(refusal, language)
    for finding in refusal.findings:
        documents.print_line(finding_line(finding, language))
    say = nothing_published if refusal.faults else findings_refuse
    return OperationError(say(what, refusal, language))
