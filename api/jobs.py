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
        JobStatus.QUEUED: "Waits for its file, for earlier jobs, or for approval.",
        JobStatus.RUNNING: "Its rows are being checked and then written.",
        JobStatus.DONE: "Every row was written, already there, or refused.",
        JobStatus.FAILED: "Nothing was written; `failure` says why.",
        JobStatus.CANCELLED: "Stopped by staff; what was written until then stays.",
    },
)
describe(
    ImportKind,
    "Kind of rows in an import file.",
    {
        ImportKind.MEMBERS: "Members with contacts, profile and consents. Columns: reference, and "
        "optionally name, email, phone, birthday, locale, profile keys such as profile.city, and "
        "consents such as consent.MARKETING.EMAIL.",
        ImportKind.BALANCES: "Points that members bring from another programme, one lot per row. "
        "Columns: member, points, expires_on (9999-12-31 for never), and optionally earned_on and "
        "funder.",
        ImportKind.STANDINGS: "Tiers that members had elsewhere, assigned until the end of a day, "
        "and amounts that they spent there on a day, which count towards tiers. Columns: member, "
        "and tier with an optional through, or spend and spent_on, or both.",
        ImportKind.BOOKINGS: "Bookings of one line. Columns: member, reference, booked_at, "
        "product, amount, and optionally travel_from, travel_to, payment_method, and attributes "
        "such as attributes.city. A member's bookings must be in chronological order.",
        ImportKind.ACTIVITIES: "Activities, judged as of now. Columns: member, type, reference, "
        "and optionally occurred_at, and attributes such as attributes.city.",
        ImportKind.CODES: "Coupon codes for the pool of `reward`. Columns: code, and optionally "
        "valid_until.",
        ImportKind.SEGMENT: "Members of the list `segment`. Column: member.",
    },
)
describe(
    OnDifference,
    "Treatment of a row about an existing member whose data differs.",
    {
        OnDifference.UPDATE: "The member is changed to match the row.",
        OnDifference.REFUSE: "The row is refused.",
    },
)
describe(
    Failure,
    "Reason why a job FAILED.",
    {
        Failure.NOT_UPLOADED: "Its file did not arrive in time.",
        Failure.CONTROL_TOTALS: "The file does not add up to `controlRows` or `controlPoints`.",
        Failure.ROWS_REFUSED: "Some rows of BALANCES were refused; these are written all or none.",
        Failure.INTERNAL: "A fault of the program itself; see its log.",
    },
    name="JobFailure",
)


describe(
    ExportKind,
    "Kind of rows in an export file.",
    {
        ExportKind.MEMBERS: "Members who had joined, with their personal details as they are now.",
        ExportKind.LEDGER: "Ledger entries effective by that instant.",
        ExportKind.LOTS: "Lots that had points left, and the number of these points.",
        ExportKind.REDEMPTIONS: "Redemptions made by that instant, and their status at that "
        "instant.",
        ExportKind.STATEMENTS: "Statements of partners closed by that instant, and the amounts "
        "paid.",
    },
)


@strawberry.type(
    description="Work that staff started and that a worker performs: an import or an export. A "
    "programme runs one import at a time."
)
class Job(Node):
    kind: str = strawberry.field(description="Kind of the job, such as IMPORT_BALANCES.")
    status: JobStatus = strawberry.field(description="State of the job.")
    total: int | None = strawberry.field(
        description="Number of rows; null until the file has arrived, or all rows have been read."
    )
    done: int = strawberry.field(
        description="Number of rows that were written, or were already there."
    )
    refused: int = strawberry.field(description="Number of rows refused.")
    failure: Failure | None = strawberry.field(description="Reason why it FAILED; null otherwise.")
    found: strawberry.Private[jobs.Job]

    @field(
        "Instant at which it ended, or is expected to end at the present pace; null when not "
        "known yet."
    )
    def ends_at(self, info: Info) -> datetime | None:
        return self.found.ends_at(info.context.now)

    @field(
        "Path, at the API's address, of the refused rows as CSV, valid for "
        f"{LINK_MINUTES} minutes. Text that a spreadsheet would take for a formula begins with "
        "a ', which is removed when the file is sent again. Null when no row is "
        "refused, and when they are no longer kept."
    )
    def refused_url(self, info: Info) -> str | None:
        if not self.refused or self.found.forgotten_at is not None:
            return None
        return _to_read(info, FileKind.REFUSED, self.found)

    @field(
        "Paths, at the API's address, of the parts of an export, each gzipped CSV with a header, "
        f"valid for {LINK_MINUTES} minutes. Text that a spreadsheet would take for a formula "
        f"begins with a '. Empty until the job is DONE, and after {FILES_DAYS} days."
    )
    async def download_urls(self, info: Info) -> list[str]:
        found = self.found
        if found.exports is None or self.status is not JobStatus.DONE or found.forgotten_at:
            return []
        numbers = await exports.parts(found.id)
        return [_to_read(info, FileKind.PART, found, number) for number in numbers]


def _to_read(info: Info, kind: FileKind, found: jobs.Job, number: int = 0) -> str:
    """The address of a file for the caller."""
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
    """The job with this id; None for a caller that may not read jobs."""
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


@strawberry.input(description="Import to perform.")
class StartImportInput(KeyedInput):
    kind: ImportKind = strawberry.field(description="Kind of rows.")
    on_difference: OnDifference = strawberry.field(
        default=OnDifference.UPDATE,
        description="Treatment of a MEMBERS row about an existing member whose data differs.",
    )
    control_rows: int | None = strawberry.field(
        default=None,
        description="Number of rows that the file must have; otherwise nothing is written. "
        "Required for BALANCES.",
    )
    control_points: Points | None = strawberry.field(
        default=None,
        description="Sum of points that the file must have; otherwise nothing is written. "
        "Required for BALANCES, and allowed for no other kind.",
    )

    history: bool = strawberry.field(
        default=False,
        description="Whether BOOKINGS are recorded as of their own instants, without notifying "
        "anybody, for members about whom nothing else is recorded.",
    )
    replace: bool = strawberry.field(
        default=False,
        description="Whether members that the file of a SEGMENT does not name are removed from "
        "the list.",
    )
    reward: str | None = strawberry.field(
        default=None,
        description="Code of the reward to whose pool CODES are added; null for other kinds.",
    )
    segment: str | None = strawberry.field(
        default=None,
        description="Code of the list to which a SEGMENT's members are added; null for other "
        "kinds.",
    )


@strawberry.input(description="Export to make.")
class StartExportInput(KeyedInput):
    kind: ExportKind = strawberry.field(description="Kind of rows.")
    as_of: datetime | None = strawberry.field(
        default=None,
        description="Instant whose state is exported, inclusive, not in the future; defaults to "
        "now. The rows are read at least a minute after it.",
    )


@strawberry.type(description="Result of starting an export.")
class StartExportPayload(Payload):
    job: Job | None = strawberry.field(
        default=None, description="The job, in the queue; null when refused."
    )


@strawberry.input(description="Job to stop.")
class CancelJobInput(KeyedInput):
    job: strawberry.ID = strawberry.field(description="Global id of the job.")


@strawberry.type(description="Result of starting an import.")
class StartImportPayload(Payload):
    job: Job | None = strawberry.field(
        default=None, description="The job, in the queue; null when refused."
    )
    upload_url: str | None = strawberry.field(
        default=None,
        description="Path, at the API's address, to which the file is sent by one PUT within "
        f"{UPLOAD_MINUTES} minutes: CSV or JSON lines, plain or gzipped, at most 1 GiB. An "
        "interrupted PUT leaves nothing and may be repeated. Null when refused, and once the "
        "file has arrived.",
    )
    proposal: Proposal | None = strawberry.field(
        default=None,
        description="Proposal that another person must approve after all rows are checked and "
        "before any is written; null when no approval is needed.",
    )


@strawberry.type(description="Result of stopping a job.")
class CancelJobPayload(Payload):
    job: Job | None = strawberry.field(
        default=None, description="The job as it stands; null when refused."
    )


@strawberry.type
class JobsMutation:
    @mutation(
        "Start an import. Its rows are checked once the file has arrived, and then written; the "
        "event job.finished reports the result."
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

    @mutation("Start an export of the state at one instant.")
    async def start_export(
        self, info: Info, input: Sent[StartExportInput]
    ) -> StartExportPayload | None:
        programme, sent = info.context.programme, ExportSent(input.kind, input.as_of)
        outcome = await exports.start(request(info, input), programme, sent)
        found = await jobs.get(programme.id, UUID(outcome.figures["job_id"]))
        return StartExportPayload(job=to_job(found), replayed=outcome.replayed)

    @mutation("Stop a job; one that has ended stays as it is.")
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
