"""Whose is what: for every operation and caller, what it is answered about own and others' things.

`TABLE` is to be read by people; `CASES` says how each line of it is asked.
"""

import itertools
import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import models
from api.kit.relay import to_global_id
from domain.backtests import backtests
from domain.backtests.backtests import BacktestSent
from domain.kernel.callers import Caller
from domain.kernel.database import rows
from domain.partners import partner_keys
from domain.programmes.programmes import Programme
from domain.referrals import friends
from domain.webhooks import endpoints
from tests.support import factories as make
from tests.support import numbered, referred, tiered, travel
from tests.support.callers import BATCHES, TODAY, codes, payload_of
from tests.support.operations import QUERIES

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
"""By line an operation, and what it is about; by column the caller. The four marks are for the
caller's own thing, another partner's, another member's, and another programme's:

+  it is answered          -  it is not there, and looks like what never was
.  the caller may not ask  !  the reference is taken, or the points are not those

`member` is a member, `partner` a partner with all scopes of its own, `agency` another one with
`all_partners` besides, which keeps no endpoint of others. The own thing is the member's and the
partner's; another partner's is the same member's, another member's is the same partner's.
Completing and refunding a booking of another programme is like one that has not come yet: both
wait, so they have three marks.
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
"""Operations that name nothing that is somebody's; what they list is filtered."""


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


@dataclass(frozen=True)
class Place:
    """Whose a thing will be: a member's, and made by this partner."""

    programme: Programme
    member_id: UUID
    reference: str
    maker: Caller


@dataclass(frozen=True)
class Asked:
    """The variables of one operation, and the name in them of what it is about."""

    variables: dict[str, Any]
    name: str
    absent: str

    def of_nothing(self) -> dict[str, Any]:
        """The same about what never was."""
        text = json.dumps(self.variables).replace(self.name, self.absent)
        found: dict[str, Any] = json.loads(text)
        return found


@dataclass(frozen=True)
class Case:
    root: str
    ask: Callable[[Place, Place], Awaitable[Asked]]
    """Makes the thing at the place; the second place is the caller's own."""


LINE = {"product": "hotel", "amount": "100"}
HOTEL = make.line_of("hotel", "100")
_numbers = itertools.count(1)


def _sent(name: str, absent: str = "no-such-one", /, **sent: Any) -> Asked:
    return Asked({"input": sent}, name, absent)


def _global(kind: str, place: Place, own: UUID) -> tuple[str, str]:
    """The id of what is there, and one of nothing."""
    there = to_global_id(kind, own, member_id=place.member_id)
    return str(there), str(to_global_id(kind, uuid4(), member_id=uuid4()))


async def _booking(place: Place) -> tuple[str, UUID]:
    reference = f"B-{next(_numbers)}-own"
    paid = await travel.pay(
        place.programme, place.member_id, reference, HOTEL, caller=place.maker, now=TODAY
    )
    return reference, UUID(paid.figures["booking_id"])


async def _quote(place: Place) -> UUID:
    made = await travel.guarantee(
        place.programme, place.member_id, HOTEL, caller=place.maker, now=TODAY
    )
    return made[1]


async def _redemption(place: Place, *, hold: bool = False, **columns: Any) -> UUID:
    """Of a reward that names the partner who made it."""
    wanted = await make.reward(
        place.programme, list_points=10, partner_id=place.maker.partner_id, **columns
    )
    return await make.redeem(
        place.programme, place.member_id, wanted, hold=hold, caller=place.maker, now=TODAY
    )


def _of_member(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, own: Place) -> Asked:
        made = {
            name: value(place, own) if callable(value) else value for name, value in sent.items()
        }
        return _sent(place.reference, member={"reference": place.reference}, **made)

    return ask


def _of_another(
    *, suspended: bool = False, **sent: Any
) -> Callable[[Place, Place], Awaitable[Asked]]:
    """Of a member that nothing else is about."""

    async def ask(place: Place, _: Place) -> Asked:
        reference = f"another-{uuid4().hex[:12]}"
        member_id = await make.enrol(place.programme, reference=reference, now=TODAY)
        if suspended:
            await make.suspend(place.programme, member_id, now=TODAY)
        return _sent(reference, member={"reference": reference}, **sent)

    return ask


async def _merging(place: Place, own: Place) -> Asked:
    """Into a member that nothing else is about."""
    asked = await _of_another(reason="enrolled twice")(place, own)
    sent = asked.variables["input"]
    into = f"into-{uuid4().hex[:12]}"
    await make.enrol(own.programme, reference=into, now=TODAY)
    merging = {"from": sent["member"], "into": {"reference": into}, "reason": sent["reason"]}
    return Asked({"input": merging}, asked.name, asked.absent)


async def _named(place: Place, _: Place) -> Asked:
    return Asked({"by": {"reference": place.reference}}, place.reference, "no-such-one")


async def _listed(place: Place, _: Place) -> Asked:
    return Asked({"text": place.reference}, place.reference, "no-such-one")


async def _reward_for(place: Place, own: Place) -> Asked:
    code = (await make.reward(own.programme, list_points=10)).code
    variables = {"code": code, "by": {"reference": place.reference}}
    return Asked(variables, place.reference, "no-such-one")


def _node(kind: str, made: Callable[[Place], Awaitable[UUID]]) -> Callable[..., Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        there, absent = _global(kind, place, await made(place))
        return Asked({"id": there}, there, absent)

    return ask


async def _member_node(place: Place, _: Place) -> Asked:
    there = str(to_global_id("Member", place.member_id))
    return Asked({"id": there}, there, str(to_global_id("Member", uuid4())))


async def _entry(place: Place) -> UUID:
    [first, *_] = await rows("SELECT id FROM ledger_entry WHERE member_id = $1", place.member_id)
    return UUID(str(first["id"]))


async def _earned_entry(place: Place, _: Place) -> Asked:
    booking_id = await _booking_id(place)
    [earned] = await rows(
        "SELECT id FROM ledger_entry WHERE member_id = $1 AND booking_id = $2 AND kind = 'EARN'",
        place.member_id,
        booking_id,
    )
    there, absent = _global("LedgerEntry", place, earned["id"])
    return Asked({"entry": there}, there, absent)


async def _booking_id(place: Place) -> UUID:
    return (await _booking(place))[1]


async def _booking_nodes(place: Place, _: Place) -> Asked:
    there, absent = _global("Booking", place, await _booking_id(place))
    return Asked({"ids": [there]}, there, absent)


async def _by_reference(place: Place, _: Place) -> Asked:
    reference = (await _booking(place))[0]
    return Asked({"reference": reference}, reference, "no-such-one")


def _of_booking(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        reference = (await _booking(place))[0]
        return _sent(reference, booking=reference, **sent)

    return ask


def _of_redemption(**columns: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        there, absent = _global("Redemption", place, await _redemption(place, **columns))
        return _sent(there, absent, redemption=there)

    return ask


def _of_order(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        made = await _redemption(place, kind="PRODUCT")
        order = await make.redemption(place.programme, place.member_id, made)
        await models.Reward.filter(id=order.reward_id).update(requires="ADDRESS")
        there, absent = _global("Redemption", place, made)
        return _sent(there, absent, redemption=there, **sent)

    return ask


async def _coupon(place: Place, _: Place) -> Asked:
    made = await _redemption(place, kind="COUPON")
    [code] = (await make.redemption(place.programme, place.member_id, made)).codes
    return _sent(code, "ZZZZZZZZZZZZ", code=code)


async def _lasting(place: Place, _: Place) -> Asked:
    made = await _redemption(place, kind="COUPON", valid_days=30)
    [code] = (await make.redemption(place.programme, place.member_id, made)).codes
    until = (TODAY + timedelta(days=60)).date().isoformat()
    return _sent(code, "ZZZZZZZZZZZZ", code=code, validUntil=until, reason="goodwill")


async def _stock(place: Place, _: Place) -> Asked:
    counted = await make.reward(place.programme, stock=5)
    return _sent(counted.code, "no-such-one", reward=counted.code, change=1, reason="found")


async def _use(place: Place, own: Place) -> Asked:
    await _diamond(place)
    member = {"reference": place.reference}
    return _sent(
        place.reference, member=member, benefit="upgrade", reference=_new_reference(place, own)
    )


async def _returned(place: Place, _: Place) -> Asked:
    await _diamond(place)
    reference = f"U-{next(_numbers)}-own"
    await make.use_benefit(
        place.programme, place.member_id, "upgrade", reference, caller=place.maker, now=TODAY
    )
    member = {"reference": place.reference}
    return _sent(reference, member=member, benefit="upgrade", reference=reference)


async def _diamond(place: Place) -> None:
    """Make its member a diamond member, which has upgrades without limit."""
    await tiered.assign(place.programme, place.member_id, "diamond", now=TODAY)


async def _again(place: Place, own: Place) -> Asked:
    reference = (await _booking(place))[0]
    member = {"reference": place.reference}
    absent = place.reference if place.programme == own.programme else "no-such-one"
    return _sent(place.reference, absent, member=member, reference=reference, lines=[LINE])


async def _by_quote(place: Place, own: Place) -> Asked:
    there, absent = _global("GuaranteedQuote", place, await _quote(place))
    return _sent(there, absent, quoteId=there, **_new_booking(place, own))


async def _with_hold(place: Place, own: Place) -> Asked:
    held = await travel.hold(
        place.programme, place.member_id, 100, HOTEL, caller=place.maker, now=TODAY
    )
    there, absent = _global("Redemption", place, held)
    return _sent(there, absent, redemptionId=there, **_new_booking(place, own))


def _new_booking(place: Place, own: Place) -> dict[str, Any]:
    """Of the thing's member, where it is there, or of the caller's own."""
    member = place if place.programme == own.programme else own
    return {
        "member": {"reference": member.reference},
        "reference": f"N-{next(_numbers)}",
        "lines": [LINE],
    }


async def _transfer(place: Place, own: Place) -> Asked:
    to = await make.enrol(own.programme, now=TODAY)
    named: dict[str, Any] = {
        "from": {"reference": place.reference},
        "to": {"id": str(to_global_id("Member", to))},
    }
    return _sent(place.reference, points=1, **named)


def _new_reference(_: Place, __: Place) -> str:
    return f"N-{next(_numbers)}"


async def _redeem(place: Place, own: Place) -> Asked:
    wanted = await make.reward(own.programme, list_points=10)
    member = {"reference": place.reference}
    return _sent(place.reference, member=member, reward=wanted.code)


async def _of_contact(place: Place, _: Place) -> Asked:
    """Of an address that its member gave itself."""
    member = make.member_caller(place.programme, place.reference, place.member_id)
    address = f"{place.reference}-{next(_numbers)}@example.com"
    await make.change(place.programme, place.member_id, caller=member, now=TODAY, email=address)
    return _sent(place.reference, member={"reference": place.reference}, kind="EMAIL")


async def _of_code(place: Place, own: Place) -> Asked:
    """Of an address that its member gave itself, with the code that was sent there."""
    asked = await _of_contact(place, own)
    sent_before = models.ContactCode.filter(member_id=place.member_id)
    await sent_before.update(asked=1)
    code = await make.contact_code(place.programme, place.member_id, now=TODAY)
    await sent_before.update(asked=1)
    sent = {**asked.variables["input"], "code": code}
    return Asked({"input": sent}, asked.name, asked.absent)


async def _key_id(place: Place) -> str:
    """Of a further key of the partner, the ones before it revoked."""
    await models.PartnerKey.filter(partner_id=place.maker.partner_id, label="further").update(
        revoked_at=TODAY
    )
    made = await partner_keys.issue(
        place.programme,
        UUID(str(place.maker.partner_id)),
        [],
        TODAY,
        environment="development",
        label="further",
    )
    return partner_keys.named(made)


def _of_key(name: str = "keyId", **sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        key_id = await _key_id(place)
        return _sent(key_id, "no-such-one", **{name: key_id}, **sent)

    return ask


async def _webhook(place: Place) -> tuple[str, str]:
    """An endpoint of the place's partner, which has few, and one of nobody."""
    kept = await endpoints.of_owner(place.programme.id, place.maker.partner_id)
    made = kept[0].id if kept else await make.webhook(place.programme, caller=place.maker)
    own = UUID(str(made))
    return str(to_global_id("Webhook", own)), str(to_global_id("Webhook", uuid4()))


async def _webhook_node(place: Place, _: Place) -> Asked:
    there, absent = await _webhook(place)
    return Asked({"id": there}, there, absent)


async def _sent_to(place: Place, own: Place) -> Asked:
    """An endpoint that a booking of its partner is to be sent to."""
    there, absent = await _webhook_on(place)
    await _booking(place)
    await numbered.number(place.programme, TODAY)
    return Asked({"webhook": there}, there, absent)


async def _to_retry(place: Place, _: Place) -> Asked:
    there, absent = await _webhook_on(place)
    return _sent(there, absent, webhook=there)


async def _webhook_on(place: Place) -> tuple[str, str]:
    """The same, and it is on, whatever was done to it before."""
    found = await _webhook(place)
    owner = place.maker.partner_id
    await models.Webhook.filter(partner_id=owner, deleted_at=None).update(off_since=None)
    return found


def _of_webhook(name: str = "webhook", **sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        there, absent = await _webhook(place)
        return _sent(there, absent, **{name: there}, **sent)

    return ask


async def _two_sources(place: Place, _: Place) -> Asked:
    text = make.written(place.programme.versions[0].policy)
    own = await make.draft(place.programme, text)
    named, absent = (str(to_global_id("PolicyDraft", one)) for one in (own, uuid4()))
    return Asked({"from": {"version": 1}, "to": {"draft": named}}, named, absent)


def _of_draft(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        text = make.written(place.programme.versions[0].policy)
        own = await make.draft(place.programme, text)
        named, absent = (str(to_global_id("PolicyDraft", one)) for one in (own, uuid4()))
        return _sent(named, absent, draft=named, **sent)

    return ask


async def _referral(place: Place) -> UUID:
    """Of a further friend of the member's."""
    friend = await referred.bring(place.programme, place.member_id, now=TODAY)
    await referred.run(place.programme, TODAY)
    found = await friends.latest(friend)
    assert found is not None
    return found.id


async def _of_referral(place: Place, _: Place) -> Asked:
    there, absent = _global("Referral", place, await _referral(place))
    return _sent(there, absent, referral=there, approve=False, reason="the same person")


async def _review(place: Place) -> UUID:
    return await make.review(place.programme, place.member_id, now=TODAY)


async def _of_review(place: Place, _: Place) -> Asked:
    there, absent = _global("Review", place, await _review(place))
    return _sent(there, absent, review=there, approve=True, reason="looked at it")


def _of_backtest(name: str) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        request = make.request(make.staff(place.programme), now=TODAY)
        sent = BacktestSent(make.written(place.programme.versions[0].policy))
        made = await backtests.start(request, place.programme, sent)
        there = str(to_global_id("Backtest", UUID(made.figures["backtest_id"])))
        absent = str(to_global_id("Backtest", uuid4()))
        return (
            Asked({"id": there}, there, absent)
            if name == "id"
            else _sent(there, absent, backtest=there)
        )

    return ask


def _of_job(name: str) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        made = await make.start_import(place.programme, now=TODAY)
        there, absent = (str(to_global_id("Job", one)) for one in (made, uuid4()))
        return (
            Asked({"id": there}, there, absent) if name == "id" else _sent(there, absent, job=there)
        )

    return ask


def _of_proposal(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        own = await make.propose(place.programme, now=TODAY)
        there, absent = (str(to_global_id("Proposal", one)) for one in (own, uuid4()))
        return _sent(there, absent, proposal=there, **sent)

    return ask


async def _service(place: Place) -> UUID:
    return await _redemption(place)


async def _activity(place: Place) -> UUID:
    reference = f"V-{uuid4()}"
    return await make.act(
        place.programme, place.member_id, "browse", reference, caller=place.maker, now=TODAY
    )


async def _of_activity(place: Place, _: Place) -> Asked:
    there, absent = _global("Activity", place, await _activity(place))
    return _sent(there, absent, activity=there, reason="copied")


async def _feedback(place: Place) -> UUID:
    return await make.say(place.programme, place.member_id, now=TODAY)


async def _notice(place: Place) -> UUID:
    return await make.notice(place.programme, place.member_id, now=TODAY)


async def _of_notice(place: Place, _: Place) -> Asked:
    there, absent = _global("Notice", place, await _notice(place))
    return _sent(there, absent, notices=[there])


async def _resent(place: Place, _: Place) -> Asked:
    there, absent = _global("Notice", place, await _notice(place))
    return _sent(there, absent, notice=there, channel="EMAIL")


async def _previewed(place: Place, _: Place) -> Asked:
    return Asked({"member": {"reference": place.reference}}, place.reference, "no-such-one")


async def _of_feedback(place: Place, _: Place) -> Asked:
    there, absent = _global("Feedback", place, await _feedback(place))
    return _sent(there, absent, feedback=there, close=True)


async def _claim(place: Place) -> UUID:
    """Of a booking that the place's partner sold."""
    sold_by = (await rows("SELECT code FROM partner WHERE id = $1", place.maker.partner_id))[0]
    return await make.claim(place.programme, place.member_id, partner=sold_by["code"], now=TODAY)


def _of_claim(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        there, absent = _global("Claim", place, await _claim(place))
        return _sent(there, absent, claim=there, **sent)

    return ask


CASES: Mapping[str, Case] = {
    "member": Case("member", _named),
    "members": Case("members", _listed),
    "reward for a member": Case("reward", _reward_for),
    "quoteEarning": Case("quoteEarning", _of_member(lines=[LINE])),
    "quoteOffset": Case("quoteOffset", _of_member(lines=[LINE])),
    "node of a member": Case("node", _member_node),
    "node of an entry": Case("node", _node("LedgerEntry", _entry)),
    "explain": Case("explain", _earned_entry),
    "node of a booking": Case("node", _node("Booking", _booking_id)),
    "node of a quote": Case("node", _node("GuaranteedQuote", _quote)),
    "node of a redemption": Case("node", _node("Redemption", _service)),
    "node of an activity": Case("node", _node("Activity", _activity)),
    "node of a referral": Case("node", _node("Referral", _referral)),
    "node of a feedback": Case("node", _node("Feedback", _feedback)),
    "node of a notice": Case("node", _node("Notice", _notice)),
    "node of a claim": Case("node", _node("Claim", _claim)),
    "nodes of bookings": Case("nodes", _booking_nodes),
    "booking": Case("booking", _by_reference),
    "redemption": Case("redemption", _node("Redemption", _service)),
    "previewRefund": Case("previewRefund", _of_booking()),
    "updateMember": Case("updateMember", _of_member(name="Li")),
    "requestContactCode": Case("requestContactCode", _of_contact),
    "proveContact": Case("proveContact", _of_code),
    "earnForActivity": Case("earnForActivity", _of_member(type="share", reference=_new_reference)),
    "redeemReward": Case("redeemReward", _redeem),
    "redeemOnBooking": Case("redeemOnBooking", _of_member(points=100, lines=[LINE])),
    "transferPoints": Case("transferPoints", _transfer),
    "guaranteeQuote": Case("guaranteeQuote", _of_member(lines=[LINE])),
    "earnForBooking of a member": Case(
        "earnForBooking", _of_member(reference=_new_reference, lines=[LINE])
    ),
    "earnForBookings of a member": Case(
        "earnForBookings", _of_member(reference=_new_reference, lines=[LINE])
    ),
    "earnForBookings anew": Case("earnForBookings", _again),
    "earnForBooking anew": Case("earnForBooking", _again),
    "earnForBooking by a quote": Case("earnForBooking", _by_quote),
    "earnForBooking with a hold": Case("earnForBooking", _with_hold),
    "completeBooking": Case("completeBooking", _of_booking()),
    "amendBooking": Case("amendBooking", _of_booking(reference="A", lines=[LINE])),
    "refundBooking": Case("refundBooking", _of_booking(reference="R")),
    "confirmRedemption": Case("confirmRedemption", _of_redemption(hold=True)),
    "cancelRedemption": Case("cancelRedemption", _of_redemption()),
    "changeDelivery": Case(
        "changeDelivery", _of_order(delivery={"recipient": "a", "phone": "1", "address": "b"})
    ),
    "shipRedemption": Case("shipRedemption", _of_redemption()),
    "rejectOrder": Case("rejectOrder", _of_order(reason="broken")),
    "fulfilRedemption": Case("fulfilRedemption", _of_redemption()),
    "useCoupon": Case("useCoupon", _coupon),
    "extendCoupon": Case("extendCoupon", _lasting),
    "adjustStock": Case("adjustStock", _stock),
    "useBenefit": Case("useBenefit", _use),
    "returnBenefit": Case("returnBenefit", _returned),
    "claimPoints": Case(
        "claimPoints", _of_member(reference=_new_reference, on="2126-03-01", text="missing")
    ),
    "submitFeedback": Case("submitFeedback", _of_member(text="fine")),
    "recordConsent": Case("recordConsent", _of_member(purpose="PROFILING", granted=True)),
    "previewNotice": Case("previewNotice", _previewed),
    "readNotices": Case("readNotices", _of_notice),
    "resendNotice": Case("resendNotice", _resent),
    "registerPush": Case("registerPush", _of_member(provider="HTTP", address="d")),
    "removePush": Case("removePush", _of_member(provider="HTTP", address="d")),
    "answerFeedback": Case("answerFeedback", _of_feedback),
    "withdrawClaim": Case("withdrawClaim", _of_claim()),
    "decideClaim": Case("decideClaim", _of_claim(approve=False, reason="unknown")),
    "adjustPoints": Case("adjustPoints", _of_member(points=5, reason="goodwill")),
    "reverseActivity": Case("reverseActivity", _of_activity),
    "assignTier": Case("assignTier", _of_member(tier="platinum", reason="status match")),
    "suspendMember": Case("suspendMember", _of_another(reason="looks stolen")),
    "reinstateMember": Case("reinstateMember", _of_another(suspended=True, reason="it was not")),
    "closeMember": Case("closeMember", _of_another(forfeit=0, reason="asked for it")),
    "mergeMembers": Case("mergeMembers", _merging),
    "eraseMember": Case("eraseMember", _of_member(confirm=1)),
    "exportMember": Case("exportMember", _of_member()),
    "reviewReferral": Case("reviewReferral", _of_referral),
    "decideReview": Case("decideReview", _of_review),
    "node of a review": Case("node", _node("Review", _review)),
    "rotateKey": Case("rotateKey", _of_key("key", hours=0)),
    "revokeKey": Case("revokeKey", _of_key("key")),
    "revokePartnerKey": Case("revokePartnerKey", _of_key()),
    "rotatePartnerKey": Case("rotatePartnerKey", _of_key()),
    "updatePartnerKey": Case("updatePartnerKey", _of_key(label="till")),
    "node of an endpoint": Case("node", _webhook_node),
    "saveWebhook": Case("saveWebhook", _of_webhook("id", url=make.NOBODY_LISTENS)),
    "rotateWebhookSecret": Case("rotateWebhookSecret", _of_webhook()),
    "enableWebhook": Case("enableWebhook", _of_webhook()),
    "disableWebhook": Case("disableWebhook", _of_webhook()),
    "pingWebhook": Case("pingWebhook", _of_webhook()),
    "retryDeliveries": Case("retryDeliveries", _to_retry),
    "deliveries": Case("deliveries", _sent_to),
    "deleteWebhook": Case("deleteWebhook", _of_webhook()),
    "diffPolicy of a draft": Case("diffPolicy", _two_sources),
    "publishPolicy of a draft": Case("publishPolicy", _of_draft()),
    "saveDraft": Case("saveDraft", _of_draft(revision=1, document="")),
    "deleteDraft": Case("deleteDraft", _of_draft()),
    "backtest": Case("backtest", _of_backtest("id")),
    "job": Case("job", _of_job("id")),
    "cancelJob": Case("cancelJob", _of_job("job")),
    "cancelBacktest": Case("cancelBacktest", _of_backtest("backtest")),
    "approveProposal": Case("approveProposal", _of_proposal()),
    "rejectProposal": Case("rejectProposal", _of_proposal(reason="too early")),
}
"""How each line of the table is asked."""

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
    """The mark that an answer stands for; what the table has no mark for is a text of its own."""
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
    """The answer without the names that were asked for, also where they were taken apart."""
    text = json.dumps(answer, ensure_ascii=False)
    for name in names:
        text = text.replace(name, "…")
        if len(name) > 40:
            padded = name + "=" * (-len(name) % 4)
            for uuid in urlsafe_b64decode(padded).decode().split(":")[1:]:
                text = text.replace(uuid, "…")
    return text
