"""The GraphQL schema, assembled from one module for each concept.

Errors are made safe for clients: a request error keeps its code and its message, a bug is logged
and becomes INTERNAL with the request's id.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, cast

import strawberry
from graphql import ExecutionResult as OriginalResult
from graphql import GraphQLError, execute
from strawberry.exceptions import MissingQueryError
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api.activities import ActivitiesMutation
from api.amendments import AmendmentsMutation
from api.announcements import AnnouncementsMutation, AnnouncementsQuery
from api.assignments import AssignmentsMutation
from api.audit import AuditQuery
from api.backtests import BacktestsMutation, BacktestsQuery
from api.benefits import BenefitsMutation
from api.bookings import BookingsQuery
from api.bounces import BouncesMutation
from api.catalogue import CatalogueQuery
from api.claiming import ClaimsMutation, ClaimsQuery
from api.consents import ConsentMutation
from api.contacts import ContactsMutation
from api.deliveries import DeliveriesMutation, DeliveriesQuery
from api.devices import DevicesMutation
from api.earning import EarningQuery
from api.edge.admission import Admission, Admitted, Operation
from api.edge.execution import of_one_instant
from api.edge.gate import Gate
from api.edge.limits import Limits
from api.edge.logging import log, name_of
from api.edge.manifests import NOTHING_PERSISTED, PersistedOperations
from api.editing import EditingMutation
from api.enrolment import EnrolmentMutation
from api.event_deliveries import EventDeliveriesMutation, EventDeliveriesQuery
from api.events import EventsQuery
from api.experiments import ExperimentsMutation, ExperimentsQuery
from api.explaining import ExplainingQuery
from api.finance import FinanceMutation, FinanceQuery
from api.fulfilments import FulfilmentsMutation
from api.inbox import InboxMutation
from api.jobs import JobsMutation, JobsQuery
from api.kit import live, planned_ahead, resolvers
from api.kit.context import Anonymous, Context
from api.kit.executor import planning
from api.kit.nodes import NodesQuery
from api.kit.permissions import ALLOWED
from api.kit.problems import PROBLEM_TYPES
from api.kit.request_errors import RequestError, RequestErrorCode, in_variable, of_failure
from api.kit.scalars import SCALARS
from api.kpis import KpisQuery
from api.linting import LintingQuery
from api.member_queries import MembersQuery
from api.memberships import MembershipsMutation
from api.offsets import OffsetsMutation, OffsetsQuery
from api.overdue import OverdueQuery
from api.partner_keeping import PartnerKeepingMutation
from api.partner_keys import PartnerKeysMutation, PartnerKeysQuery
from api.partners import PartnersQuery
from api.policy_changes import PolicyChangesQuery
from api.policy_drafts import DraftsMutation
from api.policy_versions import PoliciesMutation
from api.preferences import PreferencesQuery
from api.privacy import PrivacyMutation
from api.programmes import ProgrammesQuery
from api.proposals import ProposalsMutation, ProposalsQuery
from api.quotes import QuotesMutation
from api.receipts import ReceiptsQuery
from api.redeeming import RedeemingMutation
from api.redemptions import RedemptionsQuery
from api.referral_reviews import ReferralReviewsMutation
from api.refunds import RefundsMutation, RefundsQuery
from api.reporting import ReportingMutation
from api.reversals import ReversalsMutation
from api.reviews import ReviewsMutation, ReviewsQuery
from api.settling import SettlingMutation
from api.staff import StaffMutation
from api.submitting import FeedbackMutation, FeedbackQuery
from api.subscriptions import Subscription
from api.templates_of_notices import TemplatesMutation, TemplatesQuery
from api.tiers import TiersQuery
from api.transfers import TransfersMutation
from api.viewer import ViewerQuery
from api.webhook_keeping import WebhooksMutation
from api.webhooks import WebhooksQuery


@strawberry.type(description="All queries.")
class Query(
    ViewerQuery,
    ProgrammesQuery,
    MembersQuery,
    BookingsQuery,
    RedemptionsQuery,
    TiersQuery,
    CatalogueQuery,
    EarningQuery,
    OffsetsQuery,
    RefundsQuery,
    OverdueQuery,
    ClaimsQuery,
    FeedbackQuery,
    TemplatesQuery,
    AnnouncementsQuery,
    DeliveriesQuery,
    PartnersQuery,
    PartnerKeysQuery,
    EventsQuery,
    WebhooksQuery,
    EventDeliveriesQuery,
    LintingQuery,
    PolicyChangesQuery,
    AuditQuery,
    BacktestsQuery,
    KpisQuery,
    ExplainingQuery,
    PreferencesQuery,
    FinanceQuery,
    ExperimentsQuery,
    JobsQuery,
    ProposalsQuery,
    ReceiptsQuery,
    ReviewsQuery,
    NodesQuery,
):
    pass


@strawberry.type(description="All mutations; each takes an idempotency key chosen by the client.")
class Mutation(
    EnrolmentMutation,
    ContactsMutation,
    PrivacyMutation,
    QuotesMutation,
    ReportingMutation,
    ActivitiesMutation,
    RedeemingMutation,
    FulfilmentsMutation,
    BenefitsMutation,
    OffsetsMutation,
    ExperimentsMutation,
    AmendmentsMutation,
    RefundsMutation,
    TransfersMutation,
    ClaimsMutation,
    FeedbackMutation,
    ConsentMutation,
    InboxMutation,
    BouncesMutation,
    TemplatesMutation,
    AnnouncementsMutation,
    DevicesMutation,
    EditingMutation,
    DeliveriesMutation,
    ReversalsMutation,
    ReviewsMutation,
    AssignmentsMutation,
    MembershipsMutation,
    ReferralReviewsMutation,
    PartnerKeepingMutation,
    SettlingMutation,
    FinanceMutation,
    StaffMutation,
    PartnerKeysMutation,
    WebhooksMutation,
    EventDeliveriesMutation,
    BacktestsMutation,
    JobsMutation,
    PoliciesMutation,
    DraftsMutation,
    ProposalsMutation,
):
    pass


class MilepostSchema(strawberry.Schema):
    """A schema whose operations pass `gate` and whose errors are safe for clients."""

    def __init__(
        self,
        gate: Gate,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
    ) -> None:
        self.gate = gate
        self.executor = planning()
        super().__init__(
            query=query,
            mutation=mutation,
            subscription=subscription,
            types=PROBLEM_TYPES,
            execution_context_class=self.executor,
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        resolvers.call_directly(self)
        live.connect(self)

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute as strawberry does, without its layers for extensions. If a standby fails while
        an operation reads from it, the operation runs again on the primary.

        Raises: MissingQueryError, InvalidOperationTypeError
        """
        if not query:
            raise MissingQueryError
        allowed = allowed_operation_types or OperationType
        variables = variable_values or {}
        run = Operation(self._schema, query, operation_name, variables, context_value)
        result = await self._answer(run, allowed)
        if isinstance(context_value, Context) and context_value.failed_elsewhere:
            context_value.again()
            result = await self._answer(run, allowed)
        return result

    async def _answer(self, run: Operation, allowed: Iterable[OperationType]) -> ExecutionResult:
        admission = Admission(self.gate)
        try:
            admitted = admission.admit(run)
            kind = OperationType(admitted.definition.operation.value)
            if kind not in allowed:
                raise InvalidOperationTypeError(kind)
            _check_has_turn(kind, run.context)
            if admitted.errors:
                data, errors = None, list(admitted.errors)
            else:
                async with of_one_instant(self.gate, run, admitted):
                    data, errors = await self._run(run, admitted)
        except InvalidOperationTypeError:
            raise
        except Exception as error:  # what went wrong before or after the resolvers
            data, errors = None, [_of_graphql(error)]
        if errors:
            errors = self.for_strangers(errors, getattr(run.context, "request_id", None))
            if isinstance(run.context, Context | Anonymous):
                run.context.told["code"] = (errors[0].extensions or {}).get("code")
        return ExecutionResult(data, errors or None, admission.said)

    def for_strangers(
        self, errors: Iterable[Exception], request_id: str | None
    ) -> list[GraphQLError]:
        """These errors, with only what the caller may see."""
        return [_for_strangers(_of_graphql(error), request_id) for error in errors]

    async def _run(
        self, run: Operation, admitted: Admitted
    ) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        result = execute(
            run.schema,
            admitted.prepared.document,
            context_value=run.context,
            variable_values=run.variables,
            operation_name=admitted.name,
            executor_class=self.execution_context_class,
            is_awaitable=cast(Any, optimized_is_awaitable),
        )
        found = result if isinstance(result, OriginalResult) else await result
        return found.data, found.errors or []


def build_schema(
    limits: Limits, *, production: bool, persisted: PersistedOperations = NOTHING_PERSISTED
) -> MilepostSchema:
    """The schema of the API; build it once, because its gate caches documents. Operations that are
    `persisted` are parsed, validated and planned now; one that the schema no longer supports is
    logged now, and refused when it is sent.

    Raises: LookupError if a root field has no permission
    """
    schema = (
        _made(limits, production)
        if persisted is NOTHING_PERSISTED
        else _make(Gate(limits, production, persisted))
    )
    gate, built = schema.gate, schema._schema
    root_types = (built.query_type, built.mutation_type, built.subscription_type)
    roots = {f"{root.name}.{name}" for root in root_types if root for name in root.fields}
    if ungoverned := roots - ALLOWED.keys():
        raise LookupError(f"no permission says who may use {sorted(ungoverned)}")
    for name, text in persisted.bodies.items():
        if errors := gate.keep(schema._schema, text):
            log.warning("operation_refused", id=name, cause=errors[0].message)
        else:
            planned_ahead.plan(schema.executor, schema._schema, gate.prepare(text).document)
    return schema


def _make(gate: Gate) -> MilepostSchema:
    return MilepostSchema(gate, Query, Mutation, Subscription)


@cache
def _made(limits: Limits, production: bool) -> MilepostSchema:
    """A schema without persisted operations; a process has one for each pair of arguments."""
    return _make(Gate(limits, production))


def _check_has_turn(kind: OperationType, context: object) -> None:
    """Check that a subscription was sent in a way that allows a stream of answers.

    Raises: RequestError NOT_ACCEPTABLE
    """
    if kind is OperationType.SUBSCRIPTION and getattr(context, "turn", None) is None:
        raise RequestError(
            RequestErrorCode.NOT_ACCEPTABLE,
            "A subscription is answered as text/event-stream, or by WebSocket.",
        )


VARIABLE = re.compile(r"Variable '\$(\w+)' has invalid value(?: at ((?:\.\w+|\[\d+\])+))?: ")
"""The only form in which GraphQL reports the place of a fault in a variable's value."""


def _place_of(error: GraphQLError) -> dict[str, object]:
    """The extension that says where in the variables the error is; empty if it is elsewhere."""
    found = VARIABLE.match(error.message)
    return in_variable(found[1], re.findall(r"\w+", found[2] or "")) if found else {}


def _of_graphql(error: Exception) -> GraphQLError:
    if isinstance(error, GraphQLError):
        return error
    return GraphQLError(str(error), original_error=error)


def _for_strangers(error: GraphQLError, request_id: str | None) -> GraphQLError:
    if error.extensions and "code" in error.extensions:
        error.extensions = {**error.extensions, **_place_of(error)}
        return error
    cause = error.original_error
    if error.path is None and (cause is None or isinstance(cause, GraphQLError)):
        error.extensions = {"code": RequestErrorCode.BAD_USER_INPUT.value, **_place_of(error)}
        return error
    if cause is not None and (failure := of_failure(cause)) is not None:
        log.warning(
            "failure", code=failure.code.value, path=list(error.path or ()), cause=name_of(cause)
        )
        return GraphQLError(
            failure.message, nodes=error.nodes, path=error.path, extensions=failure.extensions
        )
    log.error("bug", path=list(error.path or ()), exc_info=cause or error)
    return GraphQLError(
        "Something went wrong here; tell us the request id.",
        nodes=error.nodes,
        path=error.path,
        extensions={"code": RequestErrorCode.INTERNAL.value, "requestId": request_id},
    )
