"""Ownership: what each caller is answered by every operation about its own and others' things.

`TABLE` is written for people to read; `CASES` has what each line of it sends.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from tests.support.callers import BATCHES, codes, payload_of
from tests.support.owned import bookings, members, notices, rewards, staff
from tests.support.owned.cases import Case
from tests.support.queries import QUERIES

TABLE = """
                             public  member  partner  agency  staff
member                       ....    ....    +++-     +++-    +++-
members                      ....    ....    +++-     +++-    +++-
reward for a member          ----    ++--    +++-     +++-    +++-
quoteEarning                 ----    ++--    +++-     +++-    +++-
quoteOffset                  ----    ++--    +++-     +++-    +++-
node of a member             ....    ++--    +++-     +++-    +++-
node of an entry             ....    ++--    +++-     +++-    +++-
explain                      ....    ++--    ....     ....    +++-
node of a booking            ....    ++--    +-+-     +++-    +++-
node of a quote              ....    ++--    +-+-     +++-    +++-
node of a redemption         ....    ++--    +-+-     +++-    +++-
node of an activity          ....    ++--    +-+-     +++-    +++-
node of a referral           ....    ++--    +++-     +++-    +++-
node of a claim              ....    ++--    +-+-     +++-    +++-
node of a feedback           ....    ++--    ----     ----    +++-
node of a notice             ....    ++--    ----     ----    +++-
node of a review             ....    ----    ----     ----    +++-
node of an endpoint          ....    ----    +-+-     ----    +++-
nodes of bookings            ....    ++--    +-+-     +++-    +++-
diffPolicy of a draft        ....    ....    ....     ....    +++-
booking                      ....    ++--    +-+-     +++-    +++-
redemption                   ....    ++--    +-+-     +++-    +++-
previewRefund                ....    ....    +-+-     +++-    +++-
deliveries                   ....    ....    +-+-     ----    +++-

updateMember                 ....    ++--    +++-     +++-    +++-
requestContactCode           ....    ++--    ....     ....    +++-
proveContact                 ....    ++--    +++-     +++-    +++-
earnForActivity              ....    ++--    +++-     +++-    +++-
redeemReward                 ....    ++--    +++-     +++-    +++-
redeemOnBooking              ....    ++--    +++-     +++-    +++-
transferPoints               ....    ++--    +++-     +++-    +++-
guaranteeQuote               ....    ....    +++-     +++-    +++-
earnForBooking of a member   ....    ....    +++-     +++-    +++-
earnForBooking anew          ....    ....    +!+-     +++-    +++-
earnForBookings of a member  ....    ....    +++-     +++-    +++-
earnForBookings anew         ....    ....    +!+-     +++-    +++-
earnForBooking by a quote    ....    ....    +-+-     +++-    +++-
earnForBooking with a hold   ....    ....    +-+-     +++-    +++-
completeBooking              ....    ....    +-+      +++     +++
amendBooking                 ....    ....    +-+-     +++-    +++-
refundBooking                ....    ....    +-+      +++     +++
confirmRedemption            ....    ++--    +-+-     +++-    +++-
cancelRedemption             ....    ++--    +-+-     +++-    +++-
changeDelivery               ....    ++--    ....     ....    +++-
shipRedemption               ....    ....    +-+-     +++-    +++-
rejectOrder                  ....    ....    +-+-     +++-    +++-
fulfilRedemption             ....    ....    +-+-     +++-    +++-
useCoupon                    ....    ....    +-+-     +++-    +++-
extendCoupon                 ....    ....    ....     ....    +++-
adjustStock                  ....    ....    ....     ....    +++-
useBenefit                   ....    ....    +++-     +++-    +++-
returnBenefit                ....    ....    +-+-     +++-    +++-
claimPoints                  ....    ++--    ....     ....    +++-
submitFeedback               ....    ++--    ....     ....    +++-
previewNotice                ....    ....    ....     ....    +++-
readNotices                  ....    ++--    ....     ....    +++-
resendNotice                 ....    ....    ....     ....    +++-
registerPush                 ....    ++--    ....     ....    +++-
removePush                   ....    ++--    ....     ....    +++-
recordConsent                ....    ++--    +++-     +++-    +++-
answerFeedback               ....    ....    ....     ....    +++-
withdrawClaim                ....    ++--    ....     ....    +++-
decideClaim                  ....    ....    +-+-     +++-    +++-
adjustPoints                 ....    ....    ....     ....    +++-
reverseActivity              ....    ....    ....     ....    +++-
assignTier                   ....    ....    ....     ....    +++-
suspendMember                ....    ....    ....     ....    +++-
reinstateMember              ....    ....    ....     ....    +++-
closeMember                  ....    ....    ....     ....    +++-
mergeMembers                 ....    ....    ....     ....    +++-
eraseMember                  ....    !!--    ....     ....    !!!-
exportMember                 ....    ++--    ....     ....    +++-
reviewReferral               ....    ....    ....     ....    +++-
decideReview                 ....    ....    ....     ....    +++-
rotateKey                    ....    ....    +-+-     ----    +++-
revokeKey                    ....    ....    +-+-     ----    +++-
revokePartnerKey             ....    ....    ....     ....    +++-
rotatePartnerKey             ....    ....    ....     ....    +++-
updatePartnerKey             ....    ....    ....     ....    +++-
saveWebhook                  ....    ....    +-+-     ----    +++-
rotateWebhookSecret          ....    ....    +-+-     ----    +++-
enableWebhook                ....    ....    +-+-     ----    +++-
disableWebhook               ....    ....    +-+-     ----    +++-
pingWebhook                  ....    ....    +-+-     ----    +++-
retryDeliveries              ....    ....    +-+-     ----    +++-
deleteWebhook                ....    ....    +-+-     ----    +++-
publishPolicy of a draft     ....    ....    ....     ....    +++-
saveDraft                    ....    ....    ....     ....    +++-
deleteDraft                  ....    ....    ....     ....    +++-
backtest                     ....    ....    ....     ....    +++-
cancelBacktest               ....    ....    ....     ....    +++-
job                          ....    ....    ....     ....    +++-
cancelJob                    ....    ....    ....     ....    +++-
approveProposal              ....    ....    ....     ....    +++-
rejectProposal               ....    ....    ....     ....    +++-
"""
"""Each line is an operation and what it is about, each column a caller. The four marks are for the
caller's own thing, another partner's, another member's, and another programme's:

+  it is answered          -  it is not found, like a thing that never existed
.  the caller may not ask  !  the reference is taken, or the points are other ones

`member` is a member, `partner` a partner with all scopes of its own, `agency` another partner that
also has `all_partners`, but no access to endpoints of others. The own thing is the member's and the
partner's; another partner's is the same member's, another member's is the same partner's.
A completion or refund of a booking of another programme waits, like one of a booking that was not
reported yet, so these lines have three marks.
"""

COLUMNS = ("own", "another partner's", "another member's", "another programme's")

ABOUT_NOTHING = {
    *(
        "viewer",
        "programme",
        "me",
        "tiers",
        "rewards",
        "overdueLines",
        "claims",
        "reviews",
        "riskRules",
        "partnerKeys",
    ),
    "feedback",
    *("events", "eventTypes", "webhooks"),
    "ordersToFulfil",
    *("lintPolicy", "backtests", "startBacktest", "proposals", "kpis", "cohorts"),
    *("liability", "programmePnl", "breakageHistory", "journal", "closePeriod"),
    *("preferences", "experiment", "stopExperiment"),
    "receipt",
    *("startImport", "startExport"),
    *("audit", "revokeSessions"),
    *("enrolMember", "saveReward", "partner", "savePartner", "savePartnerTerms", "createKey"),
    *("buyPoints", "closeStatement", "settleStatement"),
    *("reportBounce", "liftSuppression"),
    *("publishTemplate", "saveAnnouncement", "announcements"),
}
"""Operations that name no thing with an owner; lists are filtered by owner."""


def expected() -> dict[tuple[str, str], str]:
    """The marks by line and caller."""
    heading, *lines = TABLE.strip("\n").splitlines()
    callers = heading.split()
    starts = [heading.index(caller) for caller in callers]
    marks = {}
    for line in filter(None, lines):
        name = line[: starts[0]].strip()
        for caller, start in zip(callers, starts, strict=True):
            marks[name, caller] = line[start : start + len(COLUMNS)].strip()
    return marks


CASES: Mapping[str, Case] = {
    **members.CASES,
    **bookings.CASES,
    **rewards.CASES,
    **notices.CASES,
    **staff.CASES,
}
"""What each line of the table sends."""

DOCUMENTS: Mapping[str, str] = {
    **{root: document for root, (document, _) in QUERIES.items()},
    "deliveries": """query($webhook: ID!) {
        deliveries(webhook: $webhook) { edges { node { id } } totalCount } }""",
    "members": """query($text: String!) {
        members(filter: {text: $text}) { edges { node { reference } } totalCount } }""",
    "reward": "query($code: String!, $by: MemberBy!) { reward(code: $code, for: $by) { code } }",
    "quoteEarning": """query($input: QuoteEarningInput!) {
        quoteEarning(input: $input) { points errors { code message path } } }""",
    "quoteOffset": """query($input: QuoteOffsetInput!) {
        quoteOffset(input: $input) { maxPoints errors { code message path } } }""",
    "previewRefund": """query($input: PreviewRefundInput!) {
        previewRefund(input: $input) { pointsClawedBack errors { code message path } } }""",
}


def mark(root: str, answer: Any) -> str:
    """The mark for an answer; for an answer without a mark in the table, its codes as a text."""
    if found := codes(answer):
        return "." if found == ["FORBIDDEN"] else str(found)
    value = payload_of(answer, root) if root in BATCHES else answer["data"][root]
    if isinstance(value, list):
        return "-" if value == [None] else "+"
    if value is None or value.get("edges", [0]) == []:
        return "-"
    problems = [one["code"] for one in value.get("errors", [])]
    told = dict.fromkeys(("REFERENCE_CONFLICT", "INVALID_INPUT", "HOLDS_OPEN"), "!")
    marks = {"": "+", "NOT_FOUND": "-", **told}
    return marks.get(" ".join(problems), str(problems))


def unnamed(answer: Any, *names: str) -> str:
    """The answer as a text without these names, and without the UUIDs in those that are ids."""
    text = json.dumps(answer, ensure_ascii=False)
    for name in names:
        text = text.replace(name, "…")
        if len(name) > 40:
            padded = name + "=" * (-len(name) % 4)
            for uuid in urlsafe_b64decode(padded).decode().split(":")[1:]:
                text = text.replace(uuid, "…")
    return text
