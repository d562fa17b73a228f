"""The interface by which rows of an import are checked and written, for each kind."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.jobs.columns import Columns, Row
from domain.jobs.jobs import Job
from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.refusals import Refusal
from domain.programmes.programmes import Programme


@dataclass(frozen=True, slots=True)
class Work:
    """An import that is being done, at an instant of its programme."""

    programme: Programme
    job: Job
    now: datetime

    @property
    def request(self) -> Request:
        """A request as if the person who started the job had sent it."""
        programme, identity = self.programme, self.job.created_by.removeprefix("staff:")
        caller = Caller(CallerKind.STAFF, programme.id, programme.code, identity, roles=EVERY_ROLE)
        return Request(caller, self.name, self.now, audited=False)

    @property
    def judged_at(self) -> datetime:
        """The instant as of which rows are read: a row that was checked stays valid."""
        return self.job.checked_at or self.now

    @property
    def name(self) -> str:
        """The name by which the imported data are recognised as coming from it."""
        return f"import:{self.job.id}"


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row that was written, its member, and its lot if it is a balance."""

    member_id: UUID | None = None
    lot_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row with nothing new."""

    member_id: UUID | None = None


Result = WrittenRow | KnownRow | Refusal
Numbered = Mapping[int, Row]
"""Rows by their numbers in the file, in order."""


@dataclass(slots=True)
class Checked:
    """Result of a check: refusals by number, and the sum of the others' points."""

    refused: dict[int, Refusal] = field(default_factory=dict)
    points: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of import: its columns, and how its rows are checked and written.

    `write` writes many in the caller's transaction, and leaves out those that have to be written
    alone; `write_alone` writes one, in a transaction of its own, and may refuse it. Without it,
    `write` has its own transactions, can be repeated, and leaves out nothing. Rows of a `secret`
    kind are not kept once written. `finish` runs after the last row, and can be repeated, too.
    """

    columns: Columns
    check: Callable[[Work, Numbered], Awaitable[Checked]]
    write: Callable[[Work, Numbered], Awaitable[dict[int, Result]]]
    write_alone: Callable[[Work, Row], Awaitable[Result]] | None = None
    secret: bool = False
    finish: Callable[[Work], Awaitable[None]] | None = None
