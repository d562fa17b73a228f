"""Jobs: imports and exports as staff start them, look at them and stop them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.balances import learn_language
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.permissions import ALLOWED
from api.kit.relay import Node, from_global_id, to_global_id
from api.kit.scalars import Points
from api.proposals import Proposal, proposal_of
from domain.jobs import exports, imports, jobs
from domain.jobs.addresses import (
    LINK_MINUTES,
    Address,
    Addresses,
    FileKind,
    readable_until,
)
from domain.jobs.exports import ExportSent
from domain.jobs.forgetting import FILES_DAYS
from domain.jobs.imports import UPLOAD_MINUTES, ImportSent
from domain.jobs.jobs import ExportKind, Failure, ImportKind, JobStatus, OnDifference
from domain.kernel.refusals import NotFound

JOB_TYPE = "Job"

describe(
    JobStatus,
    "State of a job.",
    {
        JobStatus.QUEUED: "Waits for its file, for those before it, or for who approves it.",
        JobStatus.RUNNING: "Its rows are checked, and then written.",
        JobStatus.DONE: "Every row is written, known or refused.",
        JobStatus.FAILED: "Nothing of it was written; `failure` says why.",
        JobStatus.CANCELLED: "Stopped by staff; what was written until then stays.",
    },
)
describe(
    ImportKind,
    "Kind of rows that a file brings in.",
    {
        ImportKind.MEMBERS: "Members with contacts, profile and consents: reference, and "
        "optionally name, email, phone, birthday, locale, columns such as profile.city, and such "
        "as consent.MARKETING.EMAIL.",
        ImportKind.BALANCES: "Points that members bring with them, a lot a row: member, points, "
        "expires_on (9999-12-31 for never), and optionally earned_on and funder.",
        ImportKind.STANDINGS: "Tiers that members had elsewhere, assigned through a day, and what "
        "they spent there on a day, which counts toward tiers: member, and tier, optionally "
        "through, or spend and spent_on, or both.",
        ImportKind.BOOKINGS: "Bookings of one line: member, reference, booked_at, product, amount, "
        "and optionally travel_from, travel_to, payment_method, and columns such as "
        "attributes.city. Those of a member stand in the order of time.",
        ImportKind.ACTIVITIES: "Activities as of now: member, type, reference, and optionally "
        "occurred_at, and columns such as attributes.city.",
        ImportKind.CODES: "Codes for the pool of `reward`: code, and optionally valid_until.",
        ImportKind.SEGMENT: "Members for the list `segment`: member.",
    },
)
describe(
    OnDifference,
    "Treatment of a row about a member that is there and is otherwise.",
    {
        OnDifference.UPDATE: "The member is changed to what the row says.",
        OnDifference.REFUSE: "The row is refused.",
    },
)
describe(
    Failure,
    "Reason for which a job FAILED.",
    {
        Failure.NOT_UPLOADED: "Its file did not come in time.",
        Failure.CONTROL_TOTALS: "The file does not add up to `controlRows` or `controlPoints`.",
        Failure.ROWS_REFUSED: "Rows of balances were refused; they are written all or none.",
        Failure.INTERNAL: "A fault of the program itself, which its log says more of.",
    },
    name="JobFailure",
)


describe(
    ExportKind,
    "Kind of rows that a file gives out.",
    {
        ExportKind.MEMBERS: "Members who had joined, with particulars as they are now.",
        ExportKind.LEDGER: "Entries effective by then.",
        ExportKind.LOTS: "Lots that had points left, and how many.",
        ExportKind.REDEMPTIONS: "Redemptions made by then, and how they stood.",
        ExportKind.STATEMENTS: "Statements of partners closed by then, and what was paid.",
    },
)


@strawberry.type(
    description="Work that staff started and a worker does: an import or an export. One import of "
    "a programme runs at a time."
)
class Job(Node):
    kind: str = strawberry.field(description="Kind of the job, such as IMPORT_BALANCES.")
    status: JobStatus = strawberry.field(description="State of the job.")
    total: int | None = strawberry.field(
        description="Number of rows; null until the file has come, or all rows are read."
    )
    done: int = strawberry.field(description="Number of rows written, or known already.")
    refused: int = strawberry.field(description="Number of rows refused.")
    failure: Failure | None = strawberry.field(
        description="Reason for which it FAILED; null otherwise."
    )
    found: strawberry.Private[jobs.Job]

    @field(
        "Instant at which it will have ended at the pace until now, or ended; null where that is "
        "not known yet."
    )
    def ends_at(self, info: Info) -> datetime | None:
        return self.found.ends_at(info.context.now)

    @field(
        "Address, at that of the API, of the refused rows as CSV, for "
        f"{LINK_MINUTES} minutes; text that a spreadsheet would compute has a ' before it, which "
        "is taken off when the file is sent again. Null while none is refused, and when they are "
        "kept no more."
    )
    def refused_url(self, info: Info) -> str | None:
        if not self.refused or self.found.forgotten_at is not None:
            return None
        return _to_read(info, FileKind.REFUSED, self.found)

    @field(
        "Addresses, at that of the API, of the parts of an export, gzipped CSV with a header each, "
        f"for {LINK_MINUTES} minutes; text that a spreadsheet would compute has a ' before it. "
        f"Empty until it is DONE, and after {FILES_DAYS} days."
    )
    async def download_urls(self, info: Info) -> list[str]:
        found = self.found
        if found.exports is None or self.status is not JobStatus.DONE or found.forgotten_at:
            return []
        numbers = await exports.parts(found.id)
        return [_to_read(info, FileKind.PART, found, number) for number in numbers]


def _to_read(info: Info, kind: FileKind, found: jobs.Job, number: int = 0) -> str:
    """The address of a file for whoever calls."""
    until, actor = readable_until(datetime.now(UTC)), info.context.caller.actor
    made = Addresses(info.context.outgoing.key)
    return made.path(Address(kind, found.id, until, number, actor))


def to_job(found: jobs.Job) -> Job:
    return Job(
        id=to_global_id(JOB_TYPE, found.id),
        kind=found.kind,
        status=found.status,
        total=found.total,
        done=found.done + found.known,
        refused=found.refused,
        failure=None if found.failure is None else Failure(found.failure),
        found=found,
    )


async def load_job(info: Info, job_id: UUID) -> Job | None:
    """The job of this id; None to whoever may not ask for jobs."""
    if not ALLOWED["Query.job"].allows(info.context.caller):
        return None
    found = await jobs.find(info.context.programme.id, job_id)
    return to_job(found) if found else None


@strawberry.type
class JobsQuery:
    @field("Job with this global id; null when there is none.")
    async def job(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")],
    ) -> Job | None:
        await learn_language(info)
        named = from_global_id(id)
        if named is None or named.type_name != JOB_TYPE:
            return None
        return await load_job(info, named.id)


@strawberry.input(description="Import that is to be done.")
class StartImportInput(KeyedInput):
    kind: ImportKind = strawberry.field(description="Kind of rows.")
    on_difference: OnDifference = strawberry.field(
        default=OnDifference.UPDATE,
        description="Treatment of a row about a member that is there and is otherwise, of MEMBERS.",
    )
    control_rows: int | None = strawberry.field(
        default=None,
        description="Number of rows that the file has to have, or nothing is written; required "
        "of BALANCES.",
    )
    control_points: Points | None = strawberry.field(
        default=None,
        description="Points that the file has to add up to, or nothing is written; required of "
        "BALANCES, and of them only.",
    )

    history: bool = strawberry.field(
        default=False,
        description="Whether BOOKINGS are played as of their own instants, telling nobody, for "
        "members of whom nothing else is recorded.",
    )
    replace: bool = strawberry.field(
        default=False,
        description="Whether whoever the file of a SEGMENT does not name is taken off the list.",
    )
    reward: str | None = strawberry.field(
        default=None,
        description="Code of the reward with a pool that CODES are for; null for other kinds.",
    )
    segment: str | None = strawberry.field(
        default=None,
        description="Code of the list that a SEGMENT is for; null for other kinds.",
    )


@strawberry.input(description="Export that is to be made.")
class StartExportInput(KeyedInput):
    kind: ExportKind = strawberry.field(description="Kind of rows.")
    as_of: datetime | None = strawberry.field(
        default=None,
        description="Instant that it is of, inclusive, which has come; defaults to now. It is "
        "read a minute later.",
    )


@strawberry.type(description="Result of starting an export.")
class StartExportPayload(Payload):
    job: Job | None = strawberry.field(
        default=None, description="The job, in the queue; null when refused."
    )


@strawberry.input(description="Job that is to be stopped.")
class CancelJobInput(KeyedInput):
    job: strawberry.ID = strawberry.field(description="Global id of the job.")


@strawberry.type(description="Result of starting an import.")
class StartImportPayload(Payload):
    job: Job | None = strawberry.field(
        default=None, description="The job, in the queue; null when refused."
    )
    upload_url: str | None = strawberry.field(
        default=None,
        description="Address, at that of the API, that the file is sent to by one PUT within "
        f"{UPLOAD_MINUTES} minutes: CSV or JSON lines, either gzipped, 1 GiB at the most. One "
        "that was broken off leaves nothing and may be sent again. Null when refused, and once "
        "the file has come.",
    )
    proposal: Proposal | None = strawberry.field(
        default=None,
        description="Proposal that another person has to approve once all rows are checked, "
        "before any is written; null where nobody has to.",
    )


@strawberry.type(description="Result of stopping a job.")
class CancelJobPayload(Payload):
    job: Job | None = strawberry.field(
        default=None, description="The job as it stands; null when refused."
    )


@strawberry.type
class JobsMutation:
    @mutation(
        "Begin an import. Its rows are checked when the file has come, and then written; how it "
        "ends is told by the event job.finished."
    )
    async def start_import(
        self, info: Info, input: Sent[StartImportInput]
    ) -> StartImportPayload | None:
        programme, real_now = info.context.programme, datetime.now(UTC)
        sent = ImportSent(
            input.kind,
            input.on_difference,
            input.control_rows,
            input.control_points,
            input.history,
            input.replace,
            input.reward,
            input.segment,
        )
        outcome = await imports.start(request(info, input), programme, sent, real_now)
        found = await jobs.get(programme.id, UUID(outcome.figures["job_id"]))
        return StartImportPayload(
            job=to_job(found),
            upload_url=_upload_url(info, found),
            proposal=await proposal_of(info, outcome),
            replayed=outcome.replayed,
        )

    @mutation("Begin an export of what there was at one instant.")
    async def start_export(
        self, info: Info, input: Sent[StartExportInput]
    ) -> StartExportPayload | None:
        programme, sent = info.context.programme, ExportSent(input.kind, input.as_of)
        outcome = await exports.start(request(info, input), programme, sent)
        found = await jobs.get(programme.id, UUID(outcome.figures["job_id"]))
        return StartExportPayload(job=to_job(found), replayed=outcome.replayed)

    @mutation("Stop a job; one that is over stays as it is.")
    async def cancel_job(self, info: Info, input: Sent[CancelJobInput]) -> CancelJobPayload | None:
        programme, named = info.context.programme, from_global_id(input.job)
        if named is None or named.type_name != JOB_TYPE:
            raise NotFound("job", input.job[:SHOWN_CHARACTERS_MAX], path=("job",))
        outcome = await jobs.cancel(request(info, input), named.id)
        found = await jobs.get(programme.id, UUID(outcome.figures["job_id"]))
        return CancelJobPayload(job=to_job(found), replayed=outcome.replayed)


def _upload_url(info: Info, job: jobs.Job) -> str | None:
    if job.finished or job.uploaded_at is not None or job.upload_until is None:
        return None
    made = Addresses(info.context.outgoing.key)
    return made.path(Address(FileKind.UPLOAD, job.id, job.upload_until))
