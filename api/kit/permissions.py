"""Who may call what: one table of every root field, checked before anything runs.

An operation that names a field its caller may not use is refused as a whole, also where a
directive would skip the field, so that no mutation stops half-way. What a caller sees behind a
permitted field (its own programme, a member itself only) is the domain's part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.kit.request_errors import RequestError, RequestErrorCode
from domain.kernel.callers import Caller, CallerKind, Scope

MEMBER, PUBLIC = CallerKind.MEMBER, CallerKind.PUBLIC


@dataclass(frozen=True, slots=True)
class Permission:
    """Staff always may; of the others these kinds, and partners with one of these scopes."""

    kinds: frozenset[CallerKind] = frozenset()
    scopes: frozenset[Scope] = frozenset()

    def allows(self, caller: Caller) -> bool:
        return caller.kind in self.kinds or any(caller.may(scope) for scope in self.scopes)


def _to(*kinds: CallerKind, scopes: Iterable[Scope] = ()) -> Permission:
    return Permission(frozenset({CallerKind.STAFF, *kinds}), frozenset(scopes))


ANYBODY = _to(MEMBER, PUBLIC, CallerKind.PARTNER)
CALLERS_WITH_AN_ACCOUNT = _to(MEMBER, CallerKind.PARTNER)
STAFF = _to()

ALLOWED: Mapping[str, Permission] = {
    "Query.viewer": ANYBODY,
    "Query.programme": ANYBODY,
    "Query.tiers": ANYBODY,
    "Query.rewards": ANYBODY,
    "Query.reward": ANYBODY,
    "Query.quoteEarning": _to(MEMBER, PUBLIC, scopes=[Scope.EARN, Scope.READ]),
    "Query.quoteOffset": _to(MEMBER, PUBLIC, scopes=[Scope.REDEEM, Scope.READ]),
    "Query.previewRefund": _to(scopes=[Scope.EARN, Scope.READ]),
    "Query.me": CALLERS_WITH_AN_ACCOUNT,
    "Query.member": _to(scopes=[Scope.MEMBERS, Scope.READ, Scope.MEMBERS_READ]),
    "Query.members": _to(scopes=[Scope.MEMBERS_READ]),
    "Query.booking": _to(MEMBER, scopes=[Scope.EARN, Scope.READ]),
    "Query.redemption": _to(MEMBER, scopes=[Scope.REDEEM, Scope.FULFIL, Scope.READ]),
    "Query.overdueLines": _to(scopes=[Scope.EARN, Scope.READ]),
    "Query.feedback": STAFF,
    "Query.previewNotice": STAFF,
    "Query.announcements": _to(MEMBER),
    "Query.claims": _to(scopes=[Scope.EARN]),
    "Query.events": _to(CallerKind.PARTNER),
    "Query.eventTypes": _to(CallerKind.PARTNER),
    "Query.ordersToFulfil": _to(scopes=[Scope.FULFIL]),
    "Query.webhooks": _to(scopes=[Scope.MANAGE]),
    "Query.deliveries": _to(scopes=[Scope.MANAGE]),
    "Query.partner": _to(scopes=[Scope.MANAGE, Scope.READ]),
    "Query.partnerKeys": STAFF,
    "Query.lintPolicy": STAFF,
    "Query.diffPolicy": STAFF,
    "Query.backtest": STAFF,
    "Query.backtests": STAFF,
    "Query.kpis": STAFF,
    "Query.cohorts": STAFF,
    "Query.preferences": STAFF,
    "Query.job": STAFF,
    "Query.proposals": STAFF,
    "Query.node": _to(MEMBER, scopes=[Scope.READ]),
    "Query.nodes": _to(MEMBER, scopes=[Scope.READ]),
    "Mutation.enrolMember": _to(MEMBER, scopes=[Scope.MEMBERS]),
    "Mutation.updateMember": _to(MEMBER, scopes=[Scope.MEMBERS]),
    "Mutation.requestContactCode": _to(MEMBER),
    "Mutation.proveContact": _to(MEMBER, scopes=[Scope.MEMBERS]),
    "Mutation.guaranteeQuote": _to(scopes=[Scope.EARN]),
    "Mutation.earnForBooking": _to(scopes=[Scope.EARN]),
    "Mutation.earnForBookings": _to(scopes=[Scope.EARN]),
    "Mutation.completeBooking": _to(scopes=[Scope.EARN]),
    "Mutation.amendBooking": _to(scopes=[Scope.EARN]),
    "Mutation.refundBooking": _to(scopes=[Scope.EARN]),
    "Mutation.redeemOnBooking": _to(MEMBER, scopes=[Scope.REDEEM]),
    "Mutation.earnForActivity": _to(MEMBER, scopes=[Scope.EARN]),
    "Mutation.redeemReward": _to(MEMBER, scopes=[Scope.REDEEM]),
    "Mutation.cancelRedemption": _to(MEMBER, scopes=[Scope.REDEEM]),
    "Mutation.confirmRedemption": _to(MEMBER, scopes=[Scope.REDEEM]),
    "Mutation.changeDelivery": _to(MEMBER),
    "Mutation.shipRedemption": _to(scopes=[Scope.FULFIL]),
    "Mutation.rejectOrder": _to(scopes=[Scope.FULFIL]),
    "Mutation.fulfilRedemption": _to(scopes=[Scope.FULFIL]),
    "Mutation.useCoupon": _to(scopes=[Scope.FULFIL]),
    "Mutation.useBenefit": _to(scopes=[Scope.FULFIL]),
    "Mutation.returnBenefit": _to(scopes=[Scope.FULFIL]),
    "Mutation.transferPoints": _to(MEMBER, scopes=[Scope.REDEEM]),
    "Mutation.reportBounce": _to(scopes=[Scope.MEMBERS]),
    "Mutation.liftSuppression": STAFF,
    "Mutation.publishTemplate": STAFF,
    "Mutation.saveAnnouncement": STAFF,
    "Mutation.registerPush": _to(MEMBER),
    "Mutation.removePush": _to(MEMBER),
    "Mutation.resendNotice": STAFF,
    "Mutation.readNotices": _to(MEMBER),
    "Mutation.recordConsent": _to(MEMBER, scopes=[Scope.MEMBERS]),
    "Mutation.claimPoints": _to(MEMBER),
    "Mutation.withdrawClaim": _to(MEMBER),
    "Mutation.submitFeedback": _to(MEMBER),
    "Mutation.answerFeedback": STAFF,
    "Mutation.decideClaim": _to(scopes=[Scope.EARN]),
    "Mutation.extendCoupon": STAFF,
    "Mutation.saveReward": STAFF,
    "Mutation.adjustStock": STAFF,
    "Mutation.adjustPoints": STAFF,
    "Mutation.reverseActivity": STAFF,
    "Mutation.assignTier": STAFF,
    "Mutation.savePartner": STAFF,
    "Mutation.savePartnerTerms": STAFF,
    "Mutation.buyPoints": STAFF,
    "Mutation.closeStatement": STAFF,
    "Mutation.settleStatement": STAFF,
    "Mutation.createKey": _to(scopes=[Scope.MANAGE]),
    "Mutation.rotateKey": _to(scopes=[Scope.MANAGE]),
    "Mutation.revokeKey": _to(scopes=[Scope.MANAGE]),
    "Mutation.revokePartnerKey": STAFF,
    "Mutation.rotatePartnerKey": STAFF,
    "Mutation.updatePartnerKey": STAFF,
    "Mutation.saveWebhook": _to(scopes=[Scope.MANAGE]),
    "Mutation.rotateWebhookSecret": _to(scopes=[Scope.MANAGE]),
    "Mutation.enableWebhook": _to(scopes=[Scope.MANAGE]),
    "Mutation.disableWebhook": _to(scopes=[Scope.MANAGE]),
    "Mutation.deleteWebhook": _to(scopes=[Scope.MANAGE]),
    "Mutation.pingWebhook": _to(scopes=[Scope.MANAGE]),
    "Mutation.retryDeliveries": _to(scopes=[Scope.MANAGE]),
    "Mutation.publishPolicy": STAFF,
    "Mutation.approveProposal": STAFF,
    "Mutation.rejectProposal": STAFF,
    "Mutation.saveDraft": STAFF,
    "Mutation.deleteDraft": STAFF,
    "Mutation.reviewReferral": STAFF,
    "Mutation.startBacktest": STAFF,
    "Mutation.cancelBacktest": STAFF,
    "Mutation.startImport": STAFF,
    "Mutation.cancelJob": STAFF,
    "Mutation.startExport": STAFF,
    "Subscription.balanceChanged": _to(MEMBER, scopes=[Scope.READ]),
    "Subscription.ledgerAppended": _to(MEMBER, scopes=[Scope.READ]),
    "Subscription.redemptionChanged": _to(MEMBER, scopes=[Scope.READ]),
    "Subscription.noticeReceived": _to(MEMBER),
    "Subscription.jobChanged": STAFF,
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
            raise RequestError(
                RequestErrorCode.FORBIDDEN,
                f"A {caller.kind} caller may not use `{shown}` with this token.",
                field=shown,
            )
