"""Steps for referrals, claims, reviews of fraud, feedback, consents and notices."""

import contextlib
from dataclasses import replace
from datetime import timedelta

from domain.bookings import bookings
from domain.claims import claiming, claims, deciding
from domain.claims.claims import ClaimKey
from domain.claims.deciding import DecisionSent
from domain.feedback import submitting
from domain.feedback.submitting import AnswerSent, FeedbackKey
from domain.kernel.database import rows
from domain.kernel.signals import Signals
from domain.members import looks
from domain.members.consents import Purpose
from domain.members.contacts import ContactKind
from domain.members.identity import MemberKey
from domain.members.looks import Look
from domain.notices import announcing, inbox
from domain.notices.devices import PushProvider
from domain.notices.suppressing import BounceKind
from domain.partners import partners
from domain.risk.refusals import RiskDenied
from tests.support import factories as make
from tests.support import referred, risks, travel

DAY = timedelta(days=1)
NOW = make.NOW


async def bring_friends() -> None:
    """Referrals in every state, on both sides, and not yet applied on the referrer's."""
    limit = {"times": 1, "per": "member"}
    programme = await referred.programme_with("first_booking", within_days=30, limit=limit)
    referrer = await make.enrol(programme, reference="brings", email="brings@example.com")
    names = ("lost", "qualified", "limited", "brings+1", "lapsed", "reached", "joined")
    friends = [
        await referred.bring(programme, referrer, email=f"{name}@example.com", now=NOW + day * DAY)
        for day, name in enumerate(names)
    ]
    stay, soon = make.line_of("hotel", "500"), NOW + 9 * DAY
    for number, friend in enumerate(friends[:4]):
        await travel.pay(programme, friend, f"F-{number}", stay, now=soon)
        await referred.run(programme, soon)
        if number == 0:
            await travel.refund(programme, "F-0", "FR-1", now=soon)
    await referred.run(programme, NOW + 35 * DAY)
    await travel.pay(programme, friends[5], "F-5", stay, now=NOW + 35 * DAY)


async def claim_bookings() -> None:
    """A claim in each state, for bookings of no partner and of one."""
    programme = await make.establish()
    await partners.create(programme, "inn", "Inn", NOW)
    member_id = await make.enrol(programme, reference="claims")
    made = [await make.claim(programme, member_id) for _ in range(4)]
    await make.claim(programme, member_id, partner="inn")
    staff = make.request(make.staff(programme))
    keys = [ClaimKey(member_id, one, "a claim") for one in made]
    line = make.line_of("hotel", "100")
    await deciding.decide(staff, programme, keys[0], DecisionSent(True, lines=(line,)))
    no = make.request(make.staff(programme))
    await deciding.decide(no, programme, keys[1], DecisionSent(False, "unknown"))
    await claiming.withdraw(make.request(make.staff(programme)), programme, keys[2])
    found = (await claims.by_ids(programme.id, [(member_id, made[3])]))[made[3]]
    await make.book(programme, member_id, ("hotel", "90"), reference=found.reference)
    again = make.request(make.staff(programme))
    await deciding.decide(again, programme, keys[3], DecisionSent(True, lines=(line,)))


async def review_what_looks_like_fraud() -> None:
    """Reviewed facts of each moment, approved, rejected and open, and one whose points are held."""
    document = make.shipped_document(
        transfers={"account_age_days": 0},
        risk={
            "rules": [
                risks.rule("held", "earn", "amount", "hold", over=100),
                risks.rule("large", "earn", "amount", "review", over=1000),
                risks.rule("seen", "earn", "amount", "deny", over=1, facts=["activity"])
                | {"mode": "shadow"},
                risks.rule("spree", "redeem", "amount", "review", over=10),
                risks.rule("never", "redeem", "amount", "deny", over=25),
                risks.rule("gift", "transfer", "amount", "review", over=10),
                risks.velocity("farm", "enrol", "review", by="device", more_than=1),
            ]
        },
    )
    programme = await make.establish(document)
    phone = Signals({kind: bytes(32) for kind in ("device", "card", "ip")})
    first, *others, last = [await risks.enrol(programme, phone) for _ in range(5)]
    await make.act(programme, first, "verification", "seen")
    for amount in ("90", "90", "500", "2000", "3000", "4000"):
        await make.book(programme, first, ("hotel", amount))
    reward = await make.reward(programme, list_points=20)
    for _ in range(3):
        await make.redeem(programme, first, reward)
    with contextlib.suppress(RiskDenied):
        await make.redeem(programme, first, await make.reward(programme, list_points=26))
    friend = await make.enrol(programme)
    await make.book(programme, others[0], ("hotel", "90"))
    by_phone = replace(make.request(make.partner(programme)), signals=phone)
    await bookings.earn(by_phone, programme, MemberKey.of_id(last), make.booking(("hotel", "90")))
    for _ in range(3):
        await make.transfer(programme, first, friend, 15)
    await risks.decide_each(programme, ("earn", "redeem", "transfer", "enrol"))
    await make.close(programme, last, 90)


async def say_things() -> None:
    """Feedback about each kind of row and about none, answered, closed and open; consents, contacts
    and announcements; notices that were read, and one that was not.
    """
    programme = await make.establish()
    member_id = await make.enrol(programme, reference="says")
    await looks.record(Look("staff:kim", "1", NOW), {member_id: looks.ALL})
    await make.book(programme, member_id, ("hotel", "90"))
    [booking] = await rows("SELECT id FROM booking WHERE member_id = $1", member_id)
    [entry] = await rows("SELECT id FROM ledger_entry WHERE member_id = $1", member_id)
    said = [
        await make.say(programme, member_id, booking_id=booking["id"]),
        await make.say(programme, member_id, entry_id=entry["id"]),
    ]
    await make.say(programme, member_id)
    for own, text, close in ((said[0], "Sorry.", False), (said[1], None, True)):
        key, sent = FeedbackKey(member_id, own, "it"), AnswerSent(text, close)
        await submitting.answer(make.request(make.staff(programme)), programme, key, sent)
    await make.consent(programme, member_id, Purpose.MARKETING)
    await make.consent(programme, member_id, Purpose.PROFILING, granted=False)
    for _ in range(2):
        await make.notice(programme, member_id)
    await make.bounce(programme)
    await make.template(programme)
    for provider in PushProvider:
        await make.device(programme, member_id, "device", provider=provider)
    caller = make.member_caller(programme, "says", member_id)
    email, phone = "says@example.com", "+8613900000002"
    await make.change(programme, member_id, caller=caller, email=email, phone=phone)
    for kind in ContactKind:
        await make.contact_code(programme, member_id, kind)
    await make.change(programme, member_id, email=email)
    await make.change(programme, member_id, email=None)
    until = NOW + 30 * DAY
    await make.announcement(programme, "tiers", until_at=until, tiers=("gold",), notify=True)
    await make.announcement(programme, "all", notify=True)
    async for one in announcing.listeners(programme, NOW):
        await announcing.announce(programme, one, NOW)
    await make.bounce(programme, "full@example.com", BounceKind.SOFT)
    await make.erase(
        programme, await make.enrol(programme, reference="goes", email="goes@example.com")
    )
    comes = await make.enrol(programme, reference="comes", email="goes@example.com")
    await make.change(programme, comes, email=None)
    await inbox.read(make.request(make.staff(programme)), member_id, None)
    await make.notice(programme, member_id)
