"""What tests start from: a programme of their own, its callers, and its members."""

import asyncio
import copy
import functools
import itertools
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

import models
from api.wording.messages import problem_messages
from domain.accounts import accounts, seals
from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.approvals import approvals
from domain.backtests import backtests, runs
from domain.backtests.backtests import BacktestSent
from domain.benefits import benefits
from domain.benefits.benefits import UseSent
from domain.bookings import bookings
from domain.bookings.reports import BookingSent
from domain.books import books
from domain.checkout.booking_lines import LineSent
from domain.claims import claiming
from domain.claims.claiming import ClaimSent
from domain.delivery import numbering
from domain.delivery.events import NumberedEvent
from domain.delivery.numbering import Part
from domain.feedback import submitting
from domain.feedback.submitting import AnswerSent, FeedbackKey, FeedbackSent
from domain.finance import recording
from domain.insight import rollups
from domain.jobs import exports, imports, jobs, receiving, running
from domain.jobs.columns import Row
from domain.jobs.exports import ExportSent
from domain.jobs.imports import ImportSent
from domain.jobs.jobs import ExportKind, ImportKind
from domain.jobs.receiving import FileSent
from domain.kernel import audit, dates, outbox, sealed_rows
from domain.kernel.callers import EVERY_ROLE, OWN_SCOPES, SYSTEM, Caller, CallerKind
from domain.kernel.database import rows, transact
from domain.kernel.idempotency import Figures, Outcome, Request
from domain.kernel.ids import new_id
from domain.kernel.outbox import Event, Topic, part_of
from domain.kernel.refusals import Refusal
from domain.kernel.writes import Writes
from domain.ledger import ledger, states
from domain.ledger.journal import Journal
from domain.ledger.states import State
from domain.members import consents, contacts, endings, enrolment, members, profile, proving
from domain.members.consents import Channel, ConsentSent, Purpose
from domain.members.contacts import ContactKind, VouchSent
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.memberships import closing as closing_of_members
from domain.memberships import merges
from domain.memberships.closing import ClosingSent
from domain.memberships.merges import MergeSent
from domain.notices import announcements, contact_codes, deciding, devices, suppressing, templates
from domain.notices.announcements import AnnouncementSent
from domain.notices.devices import Device, DeviceSent, PushProvider
from domain.notices.suppressing import BounceKind
from domain.partners import partners
from domain.partners.terms import TermsBasis
from domain.privacy import erasing
from domain.programmes import drafts, programmes, reader
from domain.programmes.drafts import DraftSent
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.sources import OfVersion
from domain.programmes.writing import to_yaml
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue
from domain.proposals import proposals
from domain.redemptions import (
    cancellations,
    coupon_uses,
    fulfilments,
    redemption_reads,
    redemptions,
)
from domain.redemptions.fulfilments import FulfilSent
from domain.redemptions.redemption_reads import Redemption
from domain.redemptions.redemptions import RedeemSent
from domain.rewards import catalogue, coupons
from domain.rewards import stock as stocks
from domain.rewards.stock import By
from domain.risk import screening
from domain.settlement import agreeing, closing
from domain.settlement.agreeing import TermsSent
from domain.transfers import adjustments, transfers
from domain.transfers.adjustments import AdjustmentSent
from domain.transfers.transfers import TransferSent
from domain.webhooks import endpoints, keeping, signing
from domain.webhooks.guard import Rules
from domain.webhooks.keeping import Change, WebhookSent
from domain.webhooks.outgoing import Outgoing
from tests.support import reading

NOW = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
"""15 March 2026, 10:30 in Shanghai."""

SHIPPED = Path(__file__).resolve().parents[2] / "domain" / "programmes" / "documents"

_numbers = itertools.count(1)


def fresh() -> int:
    """A number of its own."""
    return next(_numbers)


def shipped_document(code: str = "ota", **changes: Any) -> dict[str, Any]:
    """A shipped document under a code of its own, with top-level parts replaced; its own counts
    and segments stay as long as an earning rule asks for these.

    What it gives by itself is left out, so that a test's figures are those of its own facts.
    """
    document = whole_document(code)
    document.pop("grants", None)
    counts, segments = document.pop("counts", {}), document.pop("segments", [])
    document.update(changes)
    rules: list[dict[str, Any]] = document.get("earning", [])
    if any("business_traveller" in one.get("when", {}).get("segments", ()) for one in rules):
        document["counts"] = {**counts, **changes.get("counts", {})}
        document["segments"] = [*changes.get("segments", ()), *segments]
    return document


def whole_document(code: str) -> dict[str, Any]:
    """A shipped document as it is, under a code of its own."""
    document = copy.deepcopy(_shipped(code))
    document["programme"] = f"{code}_{secrets.token_hex(6)}"
    return document


class _Loader(yaml.SafeLoader):
    """A safe one to which `on` is a word, as it is in YAML 1.2."""


_Loader.yaml_implicit_resolvers = {
    first: [one for one in found if first in "tTfF" or one[0] != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@functools.cache
def _shipped(code: str) -> dict[str, Any]:
    text = (SHIPPED / f"{code}.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506
    return document


_texts: dict[str, str] = {}


def written(policy: Policy) -> str:
    """`canonical_text` of a policy, written once for all programmes that differ in their codes."""
    tree = policy.model_dump(by_alias=True, exclude_unset=True)
    code, tree["programme"] = tree["programme"], "code_of_programme"
    known = repr(tree)
    if known not in _texts:
        _texts[known] = to_yaml(tree)
    return _texts[known].replace(tree["programme"], code, 1)


async def establish(document: dict[str, Any] | None = None, *, now: datetime = NOW) -> Programme:
    """A new programme; tests never meet each other's."""
    parsed = reader.validate(document or shipped_document())
    return await programmes.establish(parsed, now - timedelta(days=900), by="test", note="")


async def funded(document: dict[str, Any], *partners_of_it: str, now: datetime = NOW) -> Programme:
    """A new programme with these partners, who may pay for points, and this as version 2."""
    programme = await establish(now=now)
    for code in partners_of_it:
        await partners.create(programme, code, code.title(), now)
    return await publish(programme, document, now=now)


def partner(programme: Programme, name: str = "booking-engine") -> Caller:
    scopes = frozenset(str(scope) for scope in OWN_SCOPES)
    return Caller(CallerKind.PARTNER, programme.id, programme.code, name, scopes)


async def agree(programme: Programme, code: str, *, now: datetime = NOW, **terms: Any) -> None:
    """Terms of a partner that the programme has: 0.012 a point issued, from March 2026 on."""
    agreed = {"from_month": "2026-03", "basis": TermsBasis.ISSUED, "price_per_point": "0.012"}
    sent = {**agreed, **terms}
    sent["price_per_point"] = Decimal(sent["price_per_point"])
    sent["fee_percent"] = Decimal(sent.get("fee_percent", 0))
    await agreeing.agree(
        request(staff(programme), now=now), programme, TermsSent(partner=code, **sent)
    )


async def settle_through(programme: Programme, day: date) -> None:
    """Books that are open, with all days settled through this one, though nobody waited."""
    zone = programme.versions[0].policy.zone
    await books.open_from(programme, day, dates.start_of_day(day, zone))
    await books.settle_until(programme.id, dates.end_of_day(day, zone))
    await rollups.record_day(programme, day)
    await recording.record_day(programme, day)
    await books.settle_through(programme.id, day)


async def statement(
    programme: Programme, code: str, month: str, *, now: datetime = NOW, key: str | None = None
) -> UUID:
    """The statement of a partner's month, which is closed now; its id."""
    outcome = await closing.close(
        request(staff(programme), key=key, now=now), programme, code, month
    )
    return UUID(outcome.figures["statement"])


async def partner_of(programme: Programme, name: str) -> Caller:
    """A partner that the database knows: rewards can be its own."""
    partner_id = await partners.create(programme, name, name.title(), NOW)
    return replace(partner(programme, str(partner_id)), partner_id=partner_id)


def staff(programme: Programme, name: str = "kim") -> Caller:
    return Caller(CallerKind.STAFF, programme.id, programme.code, name, roles=EVERY_ROLE)


def member_caller(programme: Programme, reference: str, member_id: UUID | None = None) -> Caller:
    return Caller(CallerKind.MEMBER, programme.id, programme.code, reference, member_id=member_id)


def request(caller: Caller, *, key: str | None = None, now: datetime = NOW) -> Request:
    return Request(caller, key or secrets.token_hex(8), now)


async def enrol(programme: Programme, *, now: datetime = NOW, **sent: Any) -> UUID:
    outcome = await enrolment.enrol(
        request(partner(programme), now=now), programme, EnrolSent(**sent)
    )
    return UUID(outcome.figures["member_id"])


async def change(
    programme: Programme,
    member_id: UUID,
    *,
    caller: Caller | None = None,
    now: datetime = NOW,
    **changes: Any,
) -> None:
    sent = request(caller or partner(programme), now=now)
    await profile.change(sent, programme, MemberKey.of_id(member_id), changes)


async def known_by(member_id: UUID) -> tuple[str | None, str | None]:
    """The e-mail address and the phone number of a member, proved or not."""
    said = {one.kind: one.value for one in await contacts.of_members([member_id])}
    return said.get(ContactKind.EMAIL), said.get(ContactKind.PHONE)


async def prove(
    programme: Programme,
    member_id: UUID,
    kind: ContactKind = ContactKind.EMAIL,
    value: str | None = None,
    *,
    now: datetime = NOW,
) -> Outcome:
    sent = request(partner(programme), now=now)
    key = MemberKey.of_id(member_id)
    return await proving.prove(sent, programme, key, VouchSent(kind, value))


def booking(*lines: tuple[str, str], reference: str | None = None, **sent: Any) -> BookingSent:
    """`booking(("flight", "1500"))`: a booking with a reference of its own."""
    return BookingSent(
        reference=reference or f"own-{next(_numbers)}",
        lines=tuple(LineSent(product, Decimal(amount)) for product, amount in lines),
        **sent,
    )


async def report(
    programme: Programme,
    member_id: UUID,
    sent: BookingSent,
    *,
    key: str | None = None,
    caller: Caller | None = None,
    now: datetime = NOW,
) -> Outcome:
    """Report a booking, by a partner unless said otherwise."""
    by = request(caller or partner(programme), key=key, now=now)
    return await bookings.earn(by, programme, MemberKey.of_id(member_id), sent)


async def suspend(programme: Programme, member_id: UUID, *, now: datetime = NOW) -> None:
    by = request(staff(programme), now=now)
    await endings.suspend(by, programme, MemberKey.of_id(member_id), "looks stolen")


async def reinstate(programme: Programme, member_id: UUID, *, now: datetime = NOW) -> None:
    by = request(staff(programme), now=now)
    await endings.reinstate(by, programme, MemberKey.of_id(member_id), "it was not")


async def close(
    programme: Programme, member_id: UUID, forfeit: int, *, now: datetime = NOW
) -> None:
    by, sent = request(staff(programme), now=now), ClosingSent("asked for it", forfeit)
    await closing_of_members.close(by, programme, MemberKey.of_id(member_id), sent)


async def merge(programme: Programme, from_id: UUID, into_id: UUID, *, now: datetime = NOW) -> None:
    """Merge one member into another, as one person proposes and a second one approves."""
    keys = (MemberKey.of_id(from_id), MemberKey.of_id(into_id))
    by, other = (request(staff(programme, name), now=now) for name in ("kim", "lee"))
    proposed = await merges.merge(by, programme, MergeSent(*keys, "enrolled twice"))
    await approvals.approve(other, programme, UUID(proposed.figures["proposal_id"]), "a proposal")


async def book(
    programme: Programme, member_id: UUID, *lines: tuple[str, str], now: datetime = NOW, **sent: Any
) -> int:
    """Record a booking; the points it earned."""
    outcome = await report(programme, member_id, booking(*lines, **sent), now=now)
    points: int = outcome.figures["points_awarded"]
    return points


async def act(
    programme: Programme,
    member_id: UUID,
    kind: str,
    reference: str,
    *,
    caller: Caller | None = None,
    now: datetime = NOW,
) -> UUID:
    """Report an activity; its id."""
    sent = ActivitySent(kind, reference)
    made = await activities.earn(
        request(caller or partner(programme), now=now), programme, MemberKey.of_id(member_id), sent
    )
    return UUID(made.figures["activity_id"])


async def events(topic: str | None = None, **columns: UUID) -> list[tuple[str, dict[str, Any]]]:
    """Topic and payload of each event in order: of a `member_id`, a `programme_id`, or all."""
    wanted: dict[str, Any] = {**columns, **({"topic": topic} if topic else {})}
    found = await models.OutboxEvent.filter(**wanted).order_by("recorded_at", "id")
    return [(event.topic, event.payload) for event in found]


async def payloads(topic: str, **columns: UUID) -> list[dict[str, Any]]:
    """The payload of each event of one topic, as `events`."""
    return [payload for _, payload in await events(topic, **columns)]


async def reward(
    programme: Programme, *, stock: int | None = None, **columns: Any
) -> models.Reward:
    """A reward on offer; a lounge visit for 4000 points unless said otherwise, of a partner's
    1000 miles.
    """
    if columns.get("kind") == "PARTNER":
        columns = {"partner_units": 1000, "unit_names": {"zh-CN": "里程", "en": "miles"}, **columns}
    made = models.Reward(
        **{
            "id": new_id(),
            "programme_id": programme.id,
            "code": f"reward_{next(_numbers)}",
            "kind": "SERVICE",
            "names": {"zh-CN": "贵宾厅", "en": "Lounge"},
            "descriptions": {},
            "list_points": 4000,
            "open_value": False,
            "pooled_codes": False,
            "active": True,
            "created_at": NOW,
            **columns,
        }
    )

    async def work() -> None:
        audit.adds("reward", made.id)
        await made.save(force_create=True)
        await stocks.place(made.id, stock, By(SYSTEM, NOW))

    await audit.act(programme.id, NOW, "placeRewards", work)
    return made


async def set_stock(reward: models.Reward, stock: int | None) -> None:
    """Have this many left of the reward, as a file of rewards would say."""
    work = functools.partial(stocks.place, reward.id, stock, By(SYSTEM, NOW))
    await audit.act(reward.programme_id, NOW, "placeRewards", work)


def line_of(product: str, amount: str, **attributes: Any) -> LineSent:
    return replace(LineSent(product, Decimal(amount)), attributes=attributes or None)


WORDS = {"zh-CN": "规则", "en": "Rule"}
"""A text where the wording does not matter."""


def rule(kind: str, code: str, **parts: Any) -> dict[str, Any]:
    """One earning rule of a document; `_class` is its `class`."""
    given = {("class" if name == "_class" else name): value for name, value in parts.items()}
    return {"kind": kind, "code": code, "name": WORDS, **given}


def variant(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The shipped `ota` document with these earning rules instead, and other parts replaced."""
    return shipped_document(earning=list(rules), **changes)


def shipped_rules() -> list[dict[str, Any]]:
    """The earning rules of the shipped `ota` document."""
    rules: list[dict[str, Any]] = shipped_document()["earning"]
    return rules


async def publish(
    programme: Programme,
    document: dict[str, Any],
    *,
    now: datetime = NOW,
    effective_from: datetime | None = None,
) -> Programme:
    """Publish the programme's next version; the programme with it."""
    text = json.dumps({**document, "programme": programme.code}, ensure_ascii=False, default=str)
    await programmes.publish(
        request(staff(programme), now=now), text, effective_from=effective_from
    )
    return await programmes.get(programme.code)


async def draft(programme: Programme, document: str = "programme: 1") -> UUID:
    """A draft of the programme's policy; its id."""
    sent = DraftSent(document, name="Spring")
    outcome = await drafts.save(request(staff(programme)), sent)
    return UUID(outcome.figures["draft"])


async def propose(
    programme: Programme, *, by: str = "ann", now: datetime = NOW, document: str | None = None
) -> UUID:
    """A proposal to publish a text that nobody has checked, or the first one again; its id."""
    newest = (await programmes.get(programme.code)).versions[-1].number
    sent: dict[str, Any] = {
        "document": document or written(programme.versions[0].policy),
        "effectiveFrom": None,
        "note": "",
        "accept": [],
        "after": newest,
    }

    async def work() -> Figures:
        asking = request(staff(programme, by), now=now)
        await programmes.lock(programme.id)
        return await proposals.propose(asking, "publishPolicy", sent)

    return UUID((await transact(work))["proposal_id"])


async def decided(programme: Programme) -> None:
    """A proposal that was approved, which publishes a version, and one that was rejected."""
    by = staff(programme, "lee")
    await approvals.approve(request(by), programme, await propose(programme), "a proposal")
    await approvals.reject(request(by), await propose(programme), "a proposal", "too early")


async def claim(
    programme: Programme,
    member_id: UUID,
    *,
    partner: str | None = None,
    now: datetime = NOW,
    caller: Caller | None = None,
) -> UUID:
    """A claim for a booking of ten days ago, which nobody decided; its id."""
    day = dates.local_date(now, programme.as_of(now).policy.zone) - timedelta(days=10)
    sent = ClaimSent(f"missing-{next(_numbers)}", day, "No points yet.", partner)
    outcome = await claiming.claim(
        request(caller or staff(programme), now=now), programme, MemberKey.of_id(member_id), sent
    )
    return UUID(outcome.figures["claim_id"])


async def review(programme: Programme, member_id: UUID, *, now: datetime = NOW) -> UUID:
    """An open review of an activity that pays nothing; its id."""
    own = await act(programme, member_id, "browse", f"R-{next(_numbers)}", now=now)

    async def opened() -> UUID:
        async with accounts.opened(programme, member_id, now) as account:
            return screening.open_review(account, "earn", own, 0)

    return await transact(opened)


def event(
    programme_id: UUID,
    member_id: UUID,
    topic: str,
    payload: dict[str, Any],
    *,
    now: datetime = NOW,
) -> NumberedEvent:
    """A new event of a member at the first position, which stands in no table."""
    return NumberedEvent(
        id=new_id(),
        programme_id=programme_id,
        member_id=member_id,
        partner_id=None,
        part=part_of(member_id),
        position=1,
        topic=topic,
        sequence=1,
        recorded_at=now,
        numbered_at=now,
        payload=payload,
    )


async def notice(programme: Programme, member_id: UUID, *, now: datetime = NOW) -> UUID:
    """A notice of an answer to feedback, whose event has its position; its id."""
    real = now - programme.clock_offset
    about = new_id()
    answered = Event(Topic.FEEDBACK_ANSWERED, member_id, {"feedback_id": about})

    async def work() -> None:
        writes = Writes(member_id)
        outbox.add(writes, programme.id, now, [answered])
        await writes.send()

    await transact(work)
    placed = await numbering.place(Part(programme.id, programme.code, part_of(member_id)), real)
    [own] = [one for one in placed if one.payload.get("feedback_id") == str(about)]
    assert await deciding.decide(programme, own, (), real)
    return deciding.id_of(own)


async def say(
    programme: Programme,
    member_id: UUID,
    *,
    now: datetime = NOW,
    caller: Caller | None = None,
    **about: UUID,
) -> UUID:
    """Feedback of a member that nobody has answered; its id."""
    sent = FeedbackSent("The breakfast was late.", 3, **about)
    outcome = await submitting.submit(
        request(caller or staff(programme), now=now), programme, MemberKey.of_id(member_id), sent
    )
    return UUID(outcome.figures["feedback_id"])


OUTGOING = Outgoing(Rules(development=True), bytes(32), frozenset(Channel))
"""How the tests send: to this machine too, and by every channel."""

NOBODY_LISTENS = "http://127.0.0.1:9/hooks"


async def webhook(
    programme: Programme,
    *,
    caller: Caller | None = None,
    url: str = NOBODY_LISTENS,
    topics: tuple[str, ...] | None = None,
    contact: str | None = None,
    now: datetime = NOW,
) -> UUID:
    """An endpoint of a partner, or of staff; its id. Its secret is `secret_of`."""
    change = Change(request(caller or staff(programme), now=now), None, None, now)
    made = await keeping.save(change, programme, WebhookSent(url, topics, contact), OUTGOING)
    return UUID(made[0].figures["webhook"])


async def bounce(
    programme: Programme,
    address: str = "gone@example.com",
    kind: BounceKind = BounceKind.HARD,
    *,
    now: datetime = NOW,
) -> bool:
    """A bounce that staff report; whether the address is suppressed."""
    asked = request(staff(programme), now=now)
    outcome = await suppressing.report(asked, programme, Channel.EMAIL, address, kind)
    suppressed: bool = outcome.figures["suppressed"]
    return suppressed


async def template(
    programme: Programme,
    kind: str = "welcome",
    *,
    now: datetime = NOW,
    subject: str | None = "Hello from {{ programme }}",
    body: str | None = "<p>{{ programme }} is glad.</p>",
) -> int:
    """A text of mail in English that staff publish; its version."""
    place = templates.place_of(kind, Channel.EMAIL, "en")
    asked = request(staff(programme), now=now)
    outcome = await templates.publish(asked, templates.TemplateSent(place, subject, body))
    version: int = outcome.figures["version"]
    return version


async def announcement(
    programme: Programme, code: str = "summer", *, now: datetime = NOW, **sent: Any
) -> str:
    """An announcement that staff save, from now on and for all where nothing else is said."""
    words = {"zh-CN": "夏日", "en": "Summer"}
    whole = {"title": words, "text": words, "from_at": now, **sent}
    asked = request(staff(programme), now=now)
    await announcements.save(asked, programme, AnnouncementSent(code, **whole))
    return code


async def device(
    programme: Programme,
    member_id: UUID,
    address: str = "device-1",
    *,
    provider: PushProvider = PushProvider.HTTP,
    now: datetime = NOW,
) -> int:
    """A device that pushes to a member go to; how many it has."""
    sent = DeviceSent(MemberKey.of_id(member_id), Device(provider, address))
    outcome = await devices.register(request(staff(programme), now=now), programme, sent)
    count: int = outcome.figures["count"]
    return count


async def answer(programme: Programme, member_id: UUID, feedback_id: UUID) -> None:
    """Staff answer what a member said."""
    key, sent = FeedbackKey(member_id, feedback_id, "it"), AnswerSent("Thank you.")
    await submitting.answer(request(staff(programme)), programme, key, sent)


async def secret_of(webhook_id: UUID) -> str:
    [found] = await endpoints.by_ids([webhook_id])
    return signing.opened(found.secret, OUTGOING.key)


async def contact_code(
    programme: Programme,
    member_id: UUID,
    kind: ContactKind = ContactKind.EMAIL,
    *,
    now: datetime = NOW,
) -> str:
    """A code to a contact that is not proved, as only who has the secret key can read it."""
    sent = request(staff(programme), now=now)
    await contact_codes.ask(sent, programme, member_id, kind, OUTGOING)
    found = await models.ContactCode.get(member_id=member_id, kind=kind.value)
    return signing.opened(str(found.sealed), OUTGOING.key)


async def consent(
    programme: Programme, member_id: UUID, purpose: Purpose, *, granted: bool = True
) -> None:
    """A statement of a member about all channels of a purpose."""
    member, sent = MemberKey.of_id(member_id), ConsentSent(purpose, granted)
    await consents.record(request(staff(programme)), programme, member, sent)


async def give(programme: Programme, member_id: UUID, points: int, *, now: datetime = NOW) -> None:
    """Credit exactly `points` in a lot of their own, by spending at a partner."""
    sent = ActivitySent("partner_spend", f"S{next(_numbers)}", attributes={"amount": points})
    outcome = await activities.earn(
        request(partner(programme), now=now), programme, MemberKey.of_id(member_id), sent
    )
    assert outcome.figures["points_awarded"] == points


async def post(journal: Journal) -> None:
    """Write what a journal has posted, under the lock that it was loaded with."""
    writes = Writes(journal.member_id)
    ledger.add(writes, journal)
    seals.add(writes, journal)
    await writes.send()


async def set_status(member_id: UUID, status: str) -> None:
    """Have a member in a status that no operation gives, sealed as one that does."""

    async def work() -> None:
        locked = await seals.lock([member_id], NOW)
        changed = await rows(
            "UPDATE member SET status = $2 WHERE member_id = $1 "
            f"RETURNING {sealed_rows.columns('member')}",
            member_id,
            status,
        )
        await seals.write(locked, changed, functools.partial(sealed_rows.of, "member"))

    await transact(work)


async def rich_member(
    programme: Programme, points: int, *, now: datetime = NOW, **sent: Any
) -> UUID:
    """A new member with this balance."""
    member_id = await enrol(programme, now=now, **sent)
    await give(programme, member_id, points, now=now)
    return member_id


async def redeem(
    programme: Programme,
    member_id: UUID,
    wanted: models.Reward,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
    **sent: Any,
) -> UUID:
    """Redeem one of the reward, for an account with its partner where it has one; the
    redemption's id.
    """
    if wanted.kind == "PARTNER":
        sent = {"partner_account": "CA-8001", **sent}
    outcome = await redemptions.redeem(
        request(caller or partner(programme), key=key, now=now),
        programme,
        MemberKey.of_id(member_id),
        RedeemSent(wanted.code, **sent),
    )
    return UUID(outcome.figures["redemption_id"])


async def cancel(
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> Outcome:
    return await cancellations.cancel(
        request(caller or partner(programme), key=key, now=now), programme, member_id, redemption_id
    )


async def use(
    programme: Programme, code: str, *, caller: Caller | None = None, now: datetime = NOW
) -> Outcome:
    """Accept a coupon."""
    return await coupon_uses.use(request(caller or partner(programme), now=now), programme, code)


async def confirm(
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> Outcome:
    sender = request(caller or partner(programme), key=key, now=now)
    return await redemptions.confirm(sender, programme, member_id, redemption_id)


async def fulfil(
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    tracking: str | None = None,
    reference: str | None = None,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
) -> Outcome:
    sender = request(caller or staff(programme), key=key, now=now)
    sent = FulfilSent(tracking, reference)
    return await fulfilments.fulfil(sender, programme, member_id, redemption_id, sent)


async def use_benefit(
    programme: Programme,
    member_id: UUID,
    benefit: str,
    reference: str | None = None,
    *,
    caller: Caller | None = None,
    now: datetime = NOW,
    used_at: datetime | None = None,
) -> Outcome:
    sent = UseSent(benefit, reference or f"U{next(_numbers)}", used_at)
    sender = request(caller or partner(programme), now=now)
    return await benefits.use(sender, programme, MemberKey.of_id(member_id), sent)


async def return_benefit(
    programme: Programme,
    member_id: UUID,
    benefit: str,
    reference: str,
    *,
    caller: Caller | None = None,
    now: datetime = NOW,
) -> Outcome:
    sender = request(caller or partner(programme), now=now)
    key = MemberKey.of_id(member_id)
    return await benefits.give_back(sender, programme, key, benefit, reference)


async def transfer(
    programme: Programme,
    giver: UUID,
    receiver: UUID,
    points: int,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
    note: str | None = None,
) -> Outcome:
    return await transfers.transfer(
        request(caller or partner(programme), key=key, now=now),
        programme,
        MemberKey.of_id(giver),
        MemberKey.of_id(receiver),
        TransferSent(points, note),
    )


async def adjust(
    programme: Programme,
    member_id: UUID,
    points: int,
    reason: str = "goodwill",
    *,
    key: str | None = None,
    now: datetime = NOW,
    **sent: Any,
) -> Outcome:
    return await adjustments.adjust(
        replace(request(staff(programme), key=key, now=now), reason=reason),
        programme,
        MemberKey.of_id(member_id),
        AdjustmentSent(points, reason, **sent),
    )


async def redemption(programme: Programme, member_id: UUID, redemption_id: UUID) -> Redemption:
    """The redemption as it is shown."""
    found = await redemption_reads.many(programme.id, [(member_id, redemption_id)])
    return found[redemption_id]


async def pool(wanted: models.Reward, *codes: str, valid_until: datetime | None = None) -> None:
    """Import codes for a reward whose coupons come from a pool."""
    programme = await programmes.get(await programmes.code_of(wanted.programme_id))
    pooled = await catalogue.get(programme.id, wanted.code, NOW)
    report = await coupons.import_pool(
        programme, pooled, [(code, valid_until) for code in codes], NOW
    )
    assert [one for one in report if one.problem] == []


async def state(member_id: UUID, now: datetime = NOW) -> State:
    """The member's account as a read at `now` sees it."""
    found = (await members.many([member_id]))[member_id]
    live = (await states.live_state([member_id]))[member_id]
    return states.state_now(member_id, found.balances, live, now)


async def available(member_id: UUID, now: datetime = NOW) -> int:
    """What the member can spend at `now`."""
    return (await state(member_id, now)).balances.available


async def outcomes(*calls: Awaitable[object]) -> Counter[str]:
    """All at once: how often each was refused by which code, or answered with what type."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    refusals = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [error for error in refusals if not isinstance(error, Refusal)] == []
    return Counter(
        answer.code if isinstance(answer, Refusal) else type(answer).__name__ for answer in answers
    )


async def entries(member_id: UUID) -> list[tuple[str, int]]:
    """Kind and points of each of the member's entries, the first one first."""
    found = await reading.entries(member_id, limit=100)
    return [(str(entry.kind), entry.points) for entry in reversed(found)]


async def faults(*member_ids: UUID) -> list[str]:
    """What verification says against these members' rows."""
    loaded = [
        rows_of
        for member_id in member_ids
        for rows_of in await verification.read(UUID(int=member_id.int - 1), member_id)
    ]
    known = await verification.read_catalogue(Catalogue({}, {}), loaded)
    return [str(fault) for member in loaded for fault in invariants.check(member, known)]


async def stock(wanted: models.Reward) -> int | None:
    """How many of the reward are left, by the stock's own row."""
    found = await models.RewardStock.get_or_none(reward_id=wanted.id)
    return found.remaining if found else None


_ITS_OWN = """WITH members AS MATERIALIZED (SELECT member_id FROM member WHERE programme_id = $1),
    rewards AS MATERIALIZED (SELECT id FROM reward WHERE programme_id = $1) """
"""Arrays of these find rows by their keys; joined with them, whole tables would be read."""

COMPARED = {
    **dict.fromkeys(
        (
            "account",
            "activity",
            "activity_attempts",
            "activity_reversal",
            "allocation",
            "amendment",
            "amendment_line",
            "award",
            "backtest_claim",
            "benefit_use",
            "claim",
            "access",
            "consent",
            "contact",
            "contact_code",
            "past_contact",
            "coupon_use",
            "feedback",
            "booking",
            "booking_line",
            "code_reveal",
            "completion",
            "delivery_attempt",
            "delivery_detail",
            "erasure",
            "expiry_reminder",
            "exposure",
            "ledger_entry",
            "lot",
            "lot_value",
            "member",
            "member_month",
            "member_span",
            "notice",
            "overdue_line",
            "private_text",
            "push_address",
            "quote",
            "redemption",
            "referral",
            "refund",
            "refund_line",
            "reminder",
            "day_leaf",
            "seal",
            "segment_member",
            "tier_change",
            "member_change",
            "tier_credit",
            "tier_total",
            "transfer",
            "trial",
        ),
        "member_id = ANY(ARRAY(SELECT member_id FROM members))",
    ),
    **dict.fromkeys(
        (
            "backtest",
            "books",
            "root",
            "calendar_mark",
            "closed_period",
            "figure_day",
            "journal_day",
            "liability_day",
            "feed_entry",
            "feed_head",
            "delivery",
            "delivery_lane",
            "delivery_target",
            "experiment_stop",
            "idempotency_key",
            "job",
            "lookup",
            "outbox_event",
            "parked_fact",
            "partner_payment",
            "partner_points",
            "partner_purchase",
            "partner_statement",
            "partner_terms",
            "policy_draft",
            "policy_raise",
            "policy_version",
            "proposal",
            "proposal_decision",
            "review",
            "reward",
            "revocation",
            "risk_decision",
            "rule_budget",
            "signal",
            "staff_day",
            "suppression",
            "erased_contact",
            "notice_template",
            "announcement",
            "webhook",
        ),
        "programme_id = $1",
    ),
    **dict.fromkeys(
        ("import_row", "export_part"),
        "job_id = ANY(ARRAY(SELECT id FROM job WHERE programme_id = $1))",
    ),
    **dict.fromkeys(
        ("reward_stock", "pool_stock", "coupon_code", "stock_change"),
        "reward_id = ANY(ARRAY(SELECT id FROM rewards))",
    ),
}


_EVERYTHING = _ITS_OWN + " UNION ALL ".join(
    f"SELECT '{table}' AS table, array(SELECT t::text FROM {table} t WHERE {belongs} ORDER BY 1) "
    "AS texts"
    for table, belongs in COMPARED.items()
)


async def erase(
    programme: Programme, member_id: UUID, points: int = 0, *, now: datetime = NOW
) -> Outcome:
    """Erase a member that has these points."""
    key = MemberKey.of_id(member_id)
    return await erasing.erase(request(staff(programme), now=now), programme, key, points)


async def compare(programme: Programme, *, now: datetime) -> UUID:
    """A back-test of the first version's own text, played to its end; its id."""
    sent = BacktestSent(OfVersion(1))
    outcome = await backtests.start(request(staff(programme), now=now), programme, sent)
    backtest_id = UUID(outcome.figures["backtest_id"])
    while not (found := await backtests.get(programme.id, backtest_id)).finished:
        await runs.step(programme, found, now)
    return backtest_id


async def start_import(
    programme: Programme, kind: ImportKind = ImportKind.MEMBERS, *, now: datetime = NOW, **sent: Any
) -> UUID:
    """An import that waits for its file; its id."""
    asked = request(staff(programme), now=now)
    outcome = await imports.start(asked, programme, ImportSent(kind, **sent), datetime.now(UTC))
    return UUID(outcome.figures["job_id"])


async def export(programme: Programme, kind: ExportKind, *, now: datetime = NOW) -> UUID:
    """An export as of an instant, made to its end; its id."""
    outcome = await exports.start(request(staff(programme), now=now), programme, ExportSent(kind))
    await make_exports(programme, now + timedelta(hours=1))
    return UUID(outcome.figures["job_id"])


async def make_exports(programme: Programme, now: datetime) -> None:
    """What the worker does until no export of the programme waits."""
    while found := await exports.next_of(programme, now):
        await exports.step(programme, found, now)


async def send_rows(
    programme: Programme, job_id: UUID, *sent: Row, header: Sequence[str] = ()
) -> None:
    """The file of an import, which has come."""
    upload = await receiving.begin(job_id, datetime.now(UTC))
    assert upload is not None
    await receiving.store(upload, sent)
    named = header or tuple(dict.fromkeys(name for row in sent for name in row))
    await receiving.complete(upload, FileSent(bytes(32), tuple(named)), datetime.now(UTC))


async def do_imports(programme: Programme, now: datetime = NOW) -> None:
    """What the worker does until no import of the programme waits; what is proposed is approved."""
    while found := await running.next_of(programme, datetime.now(UTC), now):
        await running.step(programme, found, now, problem_messages)
    waiting = await proposals.page(programme.id, now, opened=True, limit=100, after=None)
    for one in waiting:
        job = next(
            (job for job in await jobs.unfinished(programme.id) if job.proposal_id == one.id), None
        )
        if job is not None:
            await approvals.approve(
                request(staff(programme, "lee"), now=now), programme, one.id, "it"
            )
            await do_imports(programme, now)


async def everything(programme: Programme) -> dict[str, list[str]]:
    """Every row of the programme, by table: what a refused call must leave as it was."""

    async def read() -> list[dict[str, Any]]:
        # planned once for each connection, not six times: it is a query of each table
        await rows("SET LOCAL plan_cache_mode = force_generic_plan")
        return await rows(_EVERYTHING, programme.id)

    return {one["table"]: one["texts"] for one in await transact(read)}


@asynccontextmanager
async def refused(
    programme: Programme, error: type[Refusal], *path: str, **facts: Any
) -> AsyncIterator[None]:
    """The block is refused with this error at this path, and nothing has changed by it."""
    before = await everything(programme)
    with pytest.raises(error) as raised:
        yield
    assert raised.value.path == path
    found = raised.value.facts
    assert {name: found[name] for name in facts} == facts
    assert await everything(programme) == before
