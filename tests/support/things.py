"""One thing of every kind in a programme, for operations to act on."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import models
from api.kit.relay import to_global_id
from domain.backtests import backtests
from domain.backtests.backtests import BacktestSent
from domain.kernel.callers import Scope
from domain.kernel.ids import new_id
from domain.partners import partner_keys, partners
from domain.programmes.programmes import Programme
from domain.redemptions.delivery_details import DeliverySent
from tests.support import factories as make
from tests.support import referred, tiered, travel, trials
from tests.support.callers import REFERRALS, TODAY, Stage, open_stage


@dataclass(frozen=True)
class Things:
    """One thing of every kind in a programme, by the names that a client knows."""

    stage: Stage
    member_id: str
    reference: str
    email: str
    phone: str
    referral_code: str
    booking: str
    booking_id: str
    entry_id: str
    redemption_id: str
    sent_id: str
    rejected_id: str
    reward: str
    reward_id: str
    ledger_cursor: str
    friend: str
    held_id: str
    coupon: str
    used: str
    activity_id: str
    quote_id: str
    key_id: str
    draft_id: str
    referral_id: str
    backtest_id: str
    job_id: str
    proposal_id: str
    claim_id: str
    feedback_id: str
    notice_id: str
    review_id: str
    webhook_id: str
    statement_id: str
    twin: str
    asleep: str
    leaver: str

    def ids(self) -> list[str]:
        return [
            self.member_id,
            self.booking_id,
            self.entry_id,
            self.redemption_id,
            self.reward_id,
            self.quote_id,
            self.referral_id,
            self.claim_id,
            self.feedback_id,
            self.notice_id,
            self.review_id,
        ]


_NAMES = """query($reference: String!, $reward: String!) {
    member(by: {reference: $reference}) { id referralCode
        bookings(first: 1) { edges { node { id reference } } }
        redemptions(first: 1) { edges { node { id } } }
        ledger(first: 1) { edges { cursor node { id } } } }
    reward(code: $reward) { id } }"""


async def furnish(stage: Stage, reference: str = "xiaoli", phone: str = "13800138000") -> Things:
    """A member who got 10 500 points, with a booking, a redemption of 4000, its reward on offer,
    and a guaranteed quote for a hotel of CNY 100.

    A friend, who joined by the member's code and has the tier diamond, has a coupon for 10 points
    and holds another; these are no longer on offer. The friend has used one upgrade. A twin has
    nothing, and another member is suspended.
    """
    email, number = f"{reference}@example.com", f"+86{phone}"
    programme = stage.programme
    member_id = await make.enrol(
        programme, now=TODAY, reference=reference, email=email, phone=number
    )
    await make.give(programme, member_id, 10_000, now=TODAY)
    await make.book(programme, member_id, ("flight", "500"), reference=f"B-{reference}", now=TODAY)
    lounge = await make.reward(programme, code=f"lounge-{reference}", stock=1000)
    await make.redeem(programme, member_id, lounge, now=TODAY)
    friend, coupon, held_id, used, sent_id, rejected_id = await _befriend(
        stage, member_id, reference[::-1]
    )
    activity_id = await make.act(programme, member_id, "browse", f"V-{reference}", now=TODAY)
    said = await make.say(programme, member_id, now=TODAY)
    noticed = await make.notice(programme, member_id, now=TODAY)
    reviewed = await make.review(programme, member_id, now=TODAY)
    claim_id = await make.claim(programme, member_id, now=TODAY)
    line = make.line_of("hotel", "100")
    quote_id = (await travel.guarantee(programme, member_id, line, now=TODAY))[1]
    found = await stage.staff().read(_NAMES, reference=reference, reward=lounge.code)
    member = found["member"]
    [booking], [redemption], [entry] = (
        member[name]["edges"] for name in ("bookings", "redemptions", "ledger")
    )
    return Things(
        stage=stage,
        member_id=member["id"],
        reference=reference,
        email=email,
        phone=number,
        referral_code=member["referralCode"],
        booking=booking["node"]["reference"],
        booking_id=booking["node"]["id"],
        entry_id=entry["node"]["id"],
        redemption_id=redemption["node"]["id"],
        sent_id=sent_id,
        rejected_id=rejected_id,
        reward=lounge.code,
        reward_id=found["reward"]["id"],
        ledger_cursor=entry["cursor"],
        friend=friend,
        held_id=held_id,
        coupon=coupon,
        used=used,
        activity_id=str(to_global_id("Activity", activity_id, member_id=member_id)),
        quote_id=str(to_global_id("GuaranteedQuote", quote_id, member_id=member_id)),
        key_id=await issue_key(stage),
        draft_id=str(to_global_id("PolicyDraft", await make.draft(stage.programme))),
        referral_id=await _referral_id(stage, member_id),
        backtest_id=await start_backtest(stage),
        job_id=str(to_global_id("Job", await make.start_import(stage.programme, now=TODAY))),
        proposal_id=str(to_global_id("Proposal", await make.propose(programme, now=TODAY))),
        claim_id=str(to_global_id("Claim", claim_id, member_id=member_id)),
        feedback_id=str(to_global_id("Feedback", said, member_id=member_id)),
        statement_id=await _closed(stage, friend),
        leaver=await _leaver(stage, f"leaver-{reference}"),
        notice_id=str(to_global_id("Notice", noticed, member_id=member_id)),
        review_id=str(to_global_id("Review", reviewed, member_id=member_id)),
        webhook_id=str(to_global_id("Webhook", await make.webhook(programme, now=TODAY))),
        twin=await _enrolled(programme, f"twin-{reference}"),
        asleep=await _enrolled(programme, f"asleep-{reference}", suspended=True),
    )


async def _enrolled(programme: Programme, reference: str, *, suspended: bool = False) -> str:
    member_id = await make.enrol(programme, now=TODAY, reference=reference)
    if suspended:
        await make.suspend(programme, member_id, now=TODAY)
    return reference


ADDRESS = DeliverySent("Li Na", "+8613800138000", "Nanjing Road 1, Shanghai")


async def start_backtest(stage: Stage) -> str:
    """The id of a waiting back-test of the document in force."""
    request = make.request(make.staff(stage.programme), now=TODAY)
    sent = BacktestSent(make.written(stage.programme.versions[-1].policy))
    outcome = await backtests.start(request, stage.programme, sent)
    return str(to_global_id("Backtest", UUID(outcome.figures["backtest_id"])))


async def issue_key(stage: Stage, partner: str = "shop") -> str:
    """The id of a new key of a partner, with which it may report facts."""
    partner_id = await partners.create(stage.programme, partner, "Shop", TODAY)
    made = await partner_keys.issue(
        stage.programme, partner_id, [Scope.EARN], TODAY, environment="development", label="till"
    )
    return partner_keys.named(made)


async def _referral_id(stage: Stage, member_id: UUID) -> str:
    """The id of the friend's referral on the member's side, once the job has applied it."""
    await referred.run(stage.programme, TODAY)
    found = await referred.friends_of(member_id)
    own = found[0].id if found else new_id()
    return str(to_global_id("Referral", own, member_id=member_id))


async def _befriend(
    stage: Stage, referrer: UUID, friend: str
) -> tuple[str, str, str, str, str, str]:
    """Enrol a friend by the member's code; its reference, a coupon's code, the id of a held
    redemption, the reference of a benefit's use, and the ids of two orders.
    """
    programme = stage.programme
    member_id = await make.rich_member(
        programme,
        1030,
        now=TODAY - timedelta(days=60),
        reference=friend,
        referral_code=await referred.code_of(referrer),
    )
    await _deliver(stage, friend, member_id)
    own = make.member_caller(programme, friend, member_id)
    await make.change(programme, member_id, caller=own, now=TODAY, phone="+8613900000001")
    gift = await make.reward(programme, kind="COUPON", list_points=10, valid_days=30)
    given = await make.redeem(programme, member_id, gift, now=TODAY)
    held = await make.redeem(programme, member_id, gift, hold=True, now=TODAY)
    box = await make.reward(programme, kind="PRODUCT", list_points=10, requires="ADDRESS")
    orders = [
        await make.redeem(programme, member_id, box, now=TODAY, delivery=ADDRESS) for _ in range(2)
    ]
    await models.Reward.filter(id__in=[gift.id, box.id]).update(active=False)
    [code] = (await make.redemption(programme, member_id, given)).codes
    await tiered.assign(programme, member_id, "diamond", now=TODAY)
    used = f"U-{friend}"
    await make.use_benefit(programme, member_id, "upgrade", used, now=TODAY)
    held_id, *ids = (
        str(to_global_id("Redemption", one, member_id=member_id)) for one in (held, *orders)
    )
    return friend, code, held_id, used, ids[0], ids[1]


async def _leaver(stage: Stage, reference: str) -> str:
    """The reference of a new member that nothing else uses."""
    await make.enrol(stage.programme, now=TODAY, reference=reference)
    return reference


async def _deliver(stage: Stage, friend: str, member_id: UUID) -> None:
    """A reward that a partner delivered 20 days ago, for which it is paid 1.20."""
    programme, code, then = stage.programme, f"inn-{friend}", TODAY - timedelta(days=20)
    inn = (await make.partner_of(programme, code)).partner_id
    await make.agree(programme, code, now=TODAY, from_month="2126-01")
    night = await make.reward(programme, list_points=10, partner_id=inn, cost_minor=120)
    given = await make.redeem(programme, member_id, night, now=then)
    await make.fulfil(programme, member_id, given, now=then)
    await models.Reward.filter(id=night.id).update(active=False)


async def _closed(stage: Stage, friend: str) -> str:
    """Close the month of that delivery; the id of the partner's statement."""
    await make.settle_through(stage.programme, date(2126, 2, 28))
    made = await make.statement(stage.programme, f"inn-{friend}", "2126-02", now=TODAY)
    return str(to_global_id("PartnerStatement", made))


async def furnished() -> Things:
    return await furnish(await open_stage(with_experiment()))


def with_experiment() -> dict[str, Any]:
    """The document of `open_stage` with an experiment on the price of a missing reward."""
    tried = trials.of(
        "price", {"prices.nothing": 5}, **{"from": "2126-03-01", "until": "2126-03-31"}
    )
    return make.shipped_document(referrals=REFERRALS, experiments=[tried])
