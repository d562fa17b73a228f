"""Permissions: one table of every root field with its callers, checked before anything runs.

An operation that names a field its caller may not use is refused as a whole, also where a directive
would skip the field, so that no mutation stops half-way. The objects that a caller sees through a
permitted field (its own programme, a member only itself) are decided by the domain. A line first
names the staff who may use the field, by `staff=` one of the sets below, each of which is a role
with all wider ones; then the kinds of other callers, and the scopes of partners.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.kit.request_errors import RequestError, RequestErrorCode
from domain.kernel.callers import EVERY_ROLE, SERVING, Caller, CallerKind, Role, Scope

MEMBER, PUBLIC, PARTNER = CallerKind.MEMBER, CallerKind.PUBLIC, CallerKind.PARTNER

VIEWERS = EVERY_ROLE
"""All staff: reading only, and nothing personal."""
SUPPORT = SERVING
"""Roles that serve members and partners, and see personal data."""
DECIDERS = SUPPORT | {Role.FINANCE}
"""Roles that may decide another person's proposal, within `approving`."""
MANAGERS = frozenset({Role.MANAGER, Role.ADMIN})
"""Roles that manage the programme: policy, catalogue, partners, reviews."""
FINANCE = frozenset({Role.FINANCE, Role.ADMIN})
"""Roles that keep the books and settle with partners."""
ADMINS = frozenset({Role.ADMIN})
"""The only roles that manage keys, end sessions, erase members, and read the audit."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Staff with one of these roles may, callers of these kinds, and partners with one of these
    scopes.
    """

    staff: frozenset[Role]
    kinds: frozenset[CallerKind] = frozenset()
    scopes: frozenset[Scope] = frozenset()

    def allows(self, caller: Caller) -> bool:
        if caller.kind is CallerKind.STAFF:
            return not self.staff.isdisjoint({Role.VIEWER, *caller.roles})
        return caller.kind in self.kinds or any(caller.may(scope) for scope in self.scopes)


def _to(*kinds: CallerKind, staff: frozenset[Role], scopes: Iterable[Scope] = ()) -> Permission:
    return Permission(staff, frozenset(kinds), frozenset(scopes))


ANYBODY = _to(MEMBER, PUBLIC, PARTNER, staff=VIEWERS)
CALLERS_WITH_AN_ACCOUNT = _to(MEMBER, PARTNER, staff=VIEWERS)

ALLOWED: Mapping[str, Permission] = {
    "Query.viewer": ANYBODY,
    "Query.programme": ANYBODY,
    "Query.tiers": ANYBODY,
    "Query.rewards": ANYBODY,
    "Query.reward": ANYBODY,
    "Query.quoteEarning": _to(MEMBER, PUBLIC, staff=VIEWERS, scopes=[Scope.EARN, Scope.READ]),
    "Query.quoteOffset": _to(MEMBER, PUBLIC, staff=VIEWERS, scopes=[Scope.REDEEM, Scope.READ]),
    "Query.previewRefund": _to(staff=VIEWERS, scopes=[Scope.EARN, Scope.READ]),
    "Query.me": CALLERS_WITH_AN_ACCOUNT,
    "Query.member": _to(staff=VIEWERS, scopes=[Scope.MEMBERS, Scope.READ, Scope.MEMBERS_READ]),
    "Query.members": _to(staff=VIEWERS, scopes=[Scope.MEMBERS_READ]),
    "Query.booking": _to(MEMBER, staff=VIEWERS, scopes=[Scope.EARN, Scope.READ]),
    "Query.redemption": _to(MEMBER, staff=VIEWERS, scopes=[Scope.REDEEM, Scope.FULFIL, Scope.READ]),
    "Query.overdueLines": _to(staff=VIEWERS, scopes=[Scope.EARN, Scope.READ]),
    "Query.feedback": _to(staff=SUPPORT),
    "Query.previewNotice": _to(staff=SUPPORT),
    "Query.announcements": _to(MEMBER, staff=VIEWERS),
    "Query.claims": _to(staff=SUPPORT, scopes=[Scope.EARN]),
    "Query.events": _to(PARTNER, staff=SUPPORT),
    "Query.eventTypes": _to(PARTNER, staff=SUPPORT),
    "Query.ordersToFulfil": _to(staff=SUPPORT, scopes=[Scope.FULFIL]),
    "Query.webhooks": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Query.deliveries": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Query.partner": _to(staff=VIEWERS, scopes=[Scope.MANAGE, Scope.READ]),
    "Query.partnerKeys": _to(staff=ADMINS),
    "Query.lintPolicy": _to(staff=VIEWERS),
    "Query.diffPolicy": _to(staff=VIEWERS),
    "Query.backtest": _to(staff=VIEWERS),
    "Query.backtests": _to(staff=VIEWERS),
    "Query.explain": _to(MEMBER, staff=VIEWERS),
    "Query.kpis": _to(staff=VIEWERS),
    "Query.cohorts": _to(staff=VIEWERS),
    "Query.preferences": _to(staff=VIEWERS),
    "Query.liability": _to(staff=FINANCE),
    "Query.programmePnl": _to(staff=FINANCE),
    "Query.breakageHistory": _to(staff=FINANCE),
    "Query.journal": _to(staff=FINANCE),
    "Query.experiment": _to(staff=VIEWERS),
    "Query.job": _to(staff=SUPPORT),
    "Query.proposals": _to(staff=DECIDERS),
    "Query.reviews": _to(staff=MANAGERS),
    "Query.riskRules": _to(staff=VIEWERS),
    "Query.audit": _to(staff=ADMINS),
    "Query.receipt": _to(MEMBER, staff=VIEWERS),
    "Query.node": _to(MEMBER, staff=VIEWERS, scopes=[Scope.READ]),
    "Query.nodes": _to(MEMBER, staff=VIEWERS, scopes=[Scope.READ]),
    "Mutation.enrolMember": _to(MEMBER, staff=SUPPORT, scopes=[Scope.MEMBERS]),
    "Mutation.updateMember": _to(MEMBER, staff=SUPPORT, scopes=[Scope.MEMBERS]),
    "Mutation.requestContactCode": _to(MEMBER, staff=SUPPORT),
    "Mutation.proveContact": _to(MEMBER, staff=SUPPORT, scopes=[Scope.MEMBERS]),
    "Mutation.eraseMember": _to(MEMBER, staff=ADMINS),
    "Mutation.exportMember": _to(MEMBER, staff=SUPPORT),
    "Mutation.guaranteeQuote": _to(staff=SUPPORT, scopes=[Scope.EARN]),
    "Mutation.earnForBooking": _to(staff=SUPPORT, scopes=[Scope.EARN]),
    "Mutation.earnForBookings": _to(staff=SUPPORT, scopes=[Scope.EARN]),
    "Mutation.completeBooking": _to(staff=SUPPORT, scopes=[Scope.EARN]),
    "Mutation.amendBooking": _to(staff=SUPPORT, scopes=[Scope.EARN]),
    "Mutation.refundBooking": _to(staff=SUPPORT, scopes=[Scope.EARN]),
    "Mutation.redeemOnBooking": _to(MEMBER, staff=SUPPORT, scopes=[Scope.REDEEM]),
    "Mutation.earnForActivity": _to(MEMBER, staff=SUPPORT, scopes=[Scope.EARN]),
    "Mutation.redeemReward": _to(MEMBER, staff=SUPPORT, scopes=[Scope.REDEEM]),
    "Mutation.cancelRedemption": _to(MEMBER, staff=SUPPORT, scopes=[Scope.REDEEM]),
    "Mutation.confirmRedemption": _to(MEMBER, staff=SUPPORT, scopes=[Scope.REDEEM]),
    "Mutation.changeDelivery": _to(MEMBER, staff=SUPPORT),
    "Mutation.shipRedemption": _to(staff=SUPPORT, scopes=[Scope.FULFIL]),
    "Mutation.rejectOrder": _to(staff=SUPPORT, scopes=[Scope.FULFIL]),
    "Mutation.fulfilRedemption": _to(staff=SUPPORT, scopes=[Scope.FULFIL]),
    "Mutation.useCoupon": _to(staff=SUPPORT, scopes=[Scope.FULFIL]),
    "Mutation.useBenefit": _to(staff=SUPPORT, scopes=[Scope.FULFIL]),
    "Mutation.returnBenefit": _to(staff=SUPPORT, scopes=[Scope.FULFIL]),
    "Mutation.transferPoints": _to(MEMBER, staff=SUPPORT, scopes=[Scope.REDEEM]),
    "Mutation.reportBounce": _to(staff=SUPPORT, scopes=[Scope.MEMBERS]),
    "Mutation.liftSuppression": _to(staff=SUPPORT),
    "Mutation.publishTemplate": _to(staff=MANAGERS),
    "Mutation.saveAnnouncement": _to(staff=MANAGERS),
    "Mutation.registerPush": _to(MEMBER, staff=SUPPORT),
    "Mutation.removePush": _to(MEMBER, staff=SUPPORT),
    "Mutation.resendNotice": _to(staff=SUPPORT),
    "Mutation.readNotices": _to(MEMBER, staff=SUPPORT),
    "Mutation.recordConsent": _to(MEMBER, staff=SUPPORT, scopes=[Scope.MEMBERS]),
    "Mutation.claimPoints": _to(MEMBER, staff=SUPPORT),
    "Mutation.withdrawClaim": _to(MEMBER, staff=SUPPORT),
    "Mutation.submitFeedback": _to(MEMBER, staff=SUPPORT),
    "Mutation.answerFeedback": _to(staff=SUPPORT),
    "Mutation.decideClaim": _to(staff=SUPPORT, scopes=[Scope.EARN]),
    "Mutation.extendCoupon": _to(staff=SUPPORT),
    "Mutation.saveReward": _to(staff=MANAGERS),
    "Mutation.adjustStock": _to(staff=MANAGERS),
    "Mutation.adjustPoints": _to(staff=SUPPORT),
    "Mutation.reverseActivity": _to(staff=SUPPORT),
    "Mutation.assignTier": _to(staff=MANAGERS),
    "Mutation.suspendMember": _to(staff=MANAGERS),
    "Mutation.reinstateMember": _to(staff=MANAGERS),
    "Mutation.closeMember": _to(staff=MANAGERS),
    "Mutation.mergeMembers": _to(staff=MANAGERS),
    "Mutation.savePartner": _to(staff=MANAGERS),
    "Mutation.savePartnerTerms": _to(staff=MANAGERS),
    "Mutation.buyPoints": _to(staff=FINANCE),
    "Mutation.closeStatement": _to(staff=FINANCE),
    "Mutation.settleStatement": _to(staff=FINANCE),
    "Mutation.closePeriod": _to(staff=FINANCE),
    "Mutation.createKey": _to(staff=ADMINS, scopes=[Scope.MANAGE]),
    "Mutation.rotateKey": _to(staff=ADMINS, scopes=[Scope.MANAGE]),
    "Mutation.revokeKey": _to(staff=ADMINS, scopes=[Scope.MANAGE]),
    "Mutation.revokePartnerKey": _to(staff=ADMINS),
    "Mutation.rotatePartnerKey": _to(staff=ADMINS),
    "Mutation.updatePartnerKey": _to(staff=ADMINS),
    "Mutation.saveWebhook": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Mutation.rotateWebhookSecret": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Mutation.enableWebhook": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Mutation.disableWebhook": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Mutation.deleteWebhook": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Mutation.pingWebhook": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Mutation.retryDeliveries": _to(staff=SUPPORT, scopes=[Scope.MANAGE]),
    "Mutation.revokeSessions": _to(staff=ADMINS),
    "Mutation.publishPolicy": _to(staff=MANAGERS),
    "Mutation.approveProposal": _to(staff=DECIDERS),
    "Mutation.rejectProposal": _to(staff=DECIDERS),
    "Mutation.saveDraft": _to(staff=MANAGERS),
    "Mutation.deleteDraft": _to(staff=MANAGERS),
    "Mutation.reviewReferral": _to(staff=MANAGERS),
    "Mutation.decideReview": _to(staff=MANAGERS),
    "Mutation.stopExperiment": _to(staff=MANAGERS),
    "Mutation.startBacktest": _to(staff=MANAGERS),
    "Mutation.cancelBacktest": _to(staff=MANAGERS),
    "Mutation.startImport": _to(staff=MANAGERS),
    "Mutation.cancelJob": _to(staff=SUPPORT),
    "Mutation.startExport": _to(staff=SUPPORT),
    "Subscription.balanceChanged": _to(MEMBER, staff=VIEWERS, scopes=[Scope.READ]),
    "Subscription.ledgerAppended": _to(MEMBER, staff=VIEWERS, scopes=[Scope.READ]),
    "Subscription.redemptionChanged": _to(MEMBER, staff=VIEWERS, scopes=[Scope.READ]),
    "Subscription.noticeReceived": _to(MEMBER, staff=SUPPORT),
    "Subscription.jobChanged": _to(staff=SUPPORT),
}
"""By `Type.field`. A root field that is missing here keeps the schema from being built."""


def require(caller: Caller, fields: Iterable[str]) -> None:
    """Refuse a caller that may not use one of these root fields (`Query.me` …).

    Introspection and names that are no field at all are not this module's to refuse.

    Raises: RequestError FORBIDDEN
    """
    for name in fields:
        permission = ALLOWED.get(name)
        if permission is not None and not permission.allows(caller):
            shown = name.partition(".")[2]
            if caller.kind is CallerKind.STAFF:
                raise needs(permission.staff, f"`{shown}`", shown)
            raise RequestError(
                RequestErrorCode.FORBIDDEN,
                f"A {caller.kind} caller may not use `{shown}` with this token.",
                field=shown,
            )


def require_serving(caller: Caller, field: str) -> None:
    """Refuse a person of staff who may not see personal data.

    Raises: RequestError FORBIDDEN
    """
    if caller.is_kept_from_persons:
        raise needs(SUPPORT, f"`{field}`", field)


def approving(operation: str) -> frozenset[Role]:
    """Roles that may approve another person's call: those that could send it, and finance."""
    return ALLOWED[f"Mutation.{operation}"].staff | {Role.FINANCE}


def needs(roles: Iterable[Role], what: str, field: str) -> RequestError:
    """The refusal of a token of staff that has none of these roles, which are said."""
    wanted = [role.value for role in Role if role in set(roles)]
    named = " or ".join(wanted) if len(wanted) < 3 else f"{', '.join(wanted[:-1])} or {wanted[-1]}"
    message = f"A token of staff needs the role {named} for {what}."
    return RequestError(RequestErrorCode.FORBIDDEN, message, roles=wanted, field=field)
