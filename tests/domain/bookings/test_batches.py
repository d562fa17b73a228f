"""A batch says and leaves what its bookings would have one by one."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import batches, bookings, groups
from domain.bookings.batches import Answer
from domain.bookings.reports import BookingRequest, BookingSent
from domain.checkout.booking_lines import LineSent
from domain.kernel.database import Unavailable, rows, update
from domain.kernel.idempotency import Outcome
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Refusal
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.domain.test_races import waiting
from tests.support import afterwards, alike, travel
from tests.support import factories as make
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database")

MEMBERS = ("li", "ma", "wu", "zhao", "guest", "asleep", "newcomer")


def document(**changes: Any) -> dict[str, Any]:
    """Limits, caps, counts, a referral, and a budget that a few bookings use up."""
    limit = {"times": 2, "per": "month"}
    when = {"counts": {"stays": {"min": 1}}}
    return make.variant(
        make.rule("rate", "base", points=1, per=1),
        make.rule("bonus", "more", points=70, limit=limit, when=when),
        make.rule("bonus", "shared", points=90, budget={"points": 400, "per": "month"}),
        counts={"stays": {"name": make.WORDS, "of": "bookings", "days": 30}},
        caps=[{"per": "month", "points": 6000}],
        referrals={"qualifies": "first_booking", "link": "https://example.com/?c={code}"},
        **changes,
    )


GRANTS = [
    grant("third", "milestone", count="stays", at=3, gives={"points": 11}),
    grant("entered", "tier_entry", tiers=["gold"], gives={"points": 12}),
]
DOCUMENTS: dict[str, dict[str, Any]] = {
    "points": {},
    "entries": {"grants": GRANTS[1:]},
    "grants": {"grants": GRANTS},
}


async def furnish(**changes: Any) -> Programme:
    """Members of every kind; facts that wait for a booking, a hold, a quote, and lots that are
    due.
    """
    programme = await make.establish(document(**changes))
    early = make.NOW - timedelta(days=800)
    for name in MEMBERS[:4]:
        await make.enrol(programme, now=early, reference=name)
    await make.enrol(programme, reference="guest", guest=True)
    asleep = await make.enrol(programme, reference="asleep")
    await make.set_status(asleep, "SUSPENDED")
    [code] = await rows(
        "SELECT referral_code FROM member WHERE programme_id = $1 AND reference = 'li'",
        programme.id,
    )
    await make.enrol(programme, reference="newcomer", referral_code=code["referral_code"])
    for reference, days in (("old", 700), ("young", 20)):
        now = make.NOW - timedelta(days=days)
        for name in ("ma", "wu"):
            sent = make.booking(("hotel", "150"), reference=f"{reference}-{name}")
            await one_by_one(programme, [asked(programme, name, sent, now=now)])
    await travel.refund(programme, "waited-for", "R-1")
    for number, ago in (("2", timedelta(days=3)), ("3", timedelta())):  # the first is over
        line, [zhao] = make.line_of("hotel", number), await named(programme, "zhao")
        await travel.guarantee(programme, zhao, line, key=f"q-{number}", now=make.NOW - ago)
    return programme


async def named(programme: Programme, *references: str) -> list[UUID]:
    found = await rows(
        "SELECT member_id FROM member WHERE programme_id = $1 AND reference = ANY($2::text[])",
        programme.id,
        list(references),
    )
    return [one["member_id"] for one in found]


def asked(
    programme: Programme, name: str, sent: BookingSent, key: str | None = None, **when: Any
) -> BookingRequest:
    request = make.request(make.partner(programme), key=key or f"k-{sent.reference}", **when)
    return BookingRequest(request, MemberKey(LookupScope.REFERENCE, name), sent)


def drawn(programme: Programme, seed: int, count: int) -> list[BookingRequest]:
    """Bookings as they come: most of them plain, a few known, refused, or sent twice."""
    draw = Random(seed)
    found: list[BookingRequest] = []
    for number in range(count):
        if found and draw.random() < 0.1:
            found.append(draw.choice(found))
            continue
        lines = tuple(
            LineSent(
                draw.choice(("hotel", "flight", "hotel", "moon" if draw.random() < 0.2 else "car")),
                Decimal(draw.randrange(0, 260_000)) / 100,
            )
            for _ in range(draw.choice((1, 1, 2, 3)))
        )
        booked_at = draw.choice((None, make.NOW - timedelta(days=draw.randrange(60))))
        known = draw.random() < 0.06
        reference = draw.choice(("young-ma", "waited-for")) if known else f"B-{number}"
        sent = BookingSent(reference, lines, booked_at)
        name = draw.choice((*MEMBERS, *MEMBERS[:4], "nobody"))
        found.append(asked(programme, name, sent, key=f"k-{number}"))
    return found


async def one_by_one(programme: Programme, sent: Sequence[BookingRequest]) -> list[Answer]:
    answers: list[Answer] = []
    for one in sent:
        try:
            answers.append(await bookings.earn(one.request, programme, one.member, one.sent))
        except Refusal as error:
            answers.append(error)
    return answers


async def said(programme: Programme, answers: Sequence[Answer]) -> list[str]:
    known = await alike.names(programme)
    return [
        known.of(f"{one.figures} {one.replayed}" if isinstance(one, Outcome) else repr(one))
        for one in answers
    ]


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_batch_is_what_its_bookings_are_one_by_one(kind: str, seed: int) -> None:
    alone, together = await furnish(**DOCUMENTS[kind]), await furnish(**DOCUMENTS[kind])

    one_by_one_said = await one_by_one(alone, drawn(alone, seed, 70))
    batch_said = await batches.earn(together, drawn(together, seed, 70))

    assert await said(together, batch_said) == await said(alone, one_by_one_said)
    left = await alike.written(together)
    for table, stored in (await alike.written(alone)).items():
        assert left[table] == stored, table
    members = await rows("SELECT member_id FROM member WHERE programme_id = $1", together.id)
    assert await make.faults(*(one["member_id"] for one in members)) == []
    assert sorted(text.count("EXPIRED") for text in left["quote"]) == [0, 1]
    assert max(await transactions(together)) >= (1 if kind == "grants" else 3)
    last = {one.member_id: one for one in batch_said if isinstance(one, Outcome) and one.after}
    for one in last.values():
        assert await afterwards.check(together, one) == "booking"
    again = await batches.earn(together, drawn(together, seed, 70))
    assert all(one.replayed for one in again if isinstance(one, Outcome))


async def members_of(programme: Programme, count: int) -> list[UUID]:
    return [await make.enrol(programme, reference=f"m-{number}") for number in range(count)]


def plain(programme: Programme, name: str, reference: str, **when: Any) -> BookingRequest:
    return asked(programme, name, make.booking(("hotel", "100"), reference=reference), **when)


async def transactions(programme: Programme) -> list[int]:
    """How many bookings each transaction recorded."""
    found = await rows(
        "SELECT count(*) AS count FROM booking WHERE programme_id = $1 GROUP BY xmin::text "
        "ORDER BY 1",
        programme.id,
    )
    return [one["count"] for one in found]


async def check_members(members: Sequence[UUID], points: int) -> None:
    assert [await make.available(one) for one in members] == [points for _ in members]
    assert await make.faults(*members) == []


async def test_many_members_are_one_transaction_of_a_few_statements(statements: list[str]) -> None:
    programme = await make.establish(document())
    members = await members_of(programme, groups.GROUP_MAX + 2)
    sent = [plain(programme, f"m-{number}", f"B-{number}") for number in range(len(members))]
    statements.clear()

    answers = await batches.earn(programme, sent)

    assert all(isinstance(one, Outcome) and not one.replayed for one in answers)
    assert await transactions(programme) == [2, groups.GROUP_MAX]
    # keys and members; of each group keys, references, accounts, lots, what is read ahead, budgets
    # twice, all that is written, and the keys' figures; what reached no budget writes alike
    assert len(statements) <= 2 + 2 * 10
    assert [await make.available(one) for one in members[:6]] == [190] * 4 + [140, 100]
    assert await make.faults(*members[:6]) == []


async def test_what_cannot_be_recorded_together_is_recorded_alone(database: Database) -> None:
    """Of a broken account, one that somebody has locked, and one to which much is due."""
    programme = await make.establish()
    members = await members_of(programme, 5)
    broken, locked, late = members[1:4]
    await make.give(programme, late, 50, now=make.NOW - timedelta(days=900))
    sent = [plain(programme, f"m-{number}", f"B-{number}") for number in range(5)]

    async with connection(database.serving) as raw, raw.transaction():
        await raw.execute("SELECT FROM account WHERE member_id = $1 FOR UPDATE", locked)
        earned = asyncio.ensure_future(batches.earn(programme, sent))
        await waiting(1)
        assert await transactions(programme) == [4]
    assert all(isinstance(one, Outcome) for one in await earned)
    assert await transactions(programme) == [1, 4]
    await check_members(members, 100)

    await update(f"UPDATE account SET available = {2**63 - 1} WHERE member_id = $1", broken)
    more = [plain(programme, f"m-{number}", f"C-{number}") for number in range(5)]
    one, two, *others = await batches.earn(programme, more)
    assert isinstance(two, Exception)
    assert not isinstance(two, Refusal)
    assert all(isinstance(answer, Outcome) for answer in (one, *others))
    assert await transactions(programme) == [1, 1, 1, 1, 1, 4]
    await update("UPDATE account SET available = 100 WHERE member_id = $1", broken)
    assert isinstance((await batches.earn(programme, more))[1], Outcome)
    await check_members(members, 200)


async def test_batches_in_opposite_order_beside_single_calls(database: Database) -> None:
    """Nobody waits for anybody in a ring, no booking is there twice, and no budget is overdrawn."""
    programme = await make.establish(document())
    members = await members_of(programme, 8)

    def all_of(kind: str) -> list[BookingRequest]:
        numbers = range(len(members))
        return [plain(programme, f"m-{number}", f"{kind}-{number}") for number in numbers]

    same = all_of("S")
    sent = [all_of("A"), all_of("B")[::-1], [*all_of("C"), *same], [*same[::-1], *all_of("D")]]
    answers = await asyncio.gather(
        *(batches.earn(programme, one) for one in sent),
        *(one_by_one(programme, [one]) for one in all_of("E")),
        *(one_by_one(programme, [one]) for one in same),
    )

    said = [answer for some in answers for answer in some]
    assert [one for one in said if not isinstance(one, Outcome)] == []
    assert sum(not one.replayed for one in said if isinstance(one, Outcome)) == 6 * len(members)
    [budget] = await rows("SELECT used FROM rule_budget WHERE programme_id = $1", programme.id)
    assert budget["used"] == 400
    balances = [await make.available(one) for one in members]
    assert sum(balances) == 6 * 100 * len(members) + 400 + 70 * 2 * len(members)
    assert await make.faults(*members) == []


async def test_a_key_and_a_member_in_two_ways_keep_their_order() -> None:
    """One member by two names, and one key for two bookings: the first comes first."""
    programme = await make.establish()
    [member_id, _] = await members_of(programme, 2)
    request = make.request(make.partner(programme), key="k")
    by_id = MemberKey.of_id(member_id)
    sent = [
        plain(programme, "m-0", "B-0"),
        BookingRequest(request, by_id, make.booking(("hotel", "200"), reference="B-1")),
        BookingRequest(request, by_id, make.booking(("hotel", "200"), reference="B-2")),
        plain(programme, "m-1", "B-3"),
        BookingRequest(
            make.request(make.partner(programme), key=chr(0)),
            by_id,
            make.booking(("hotel", "200"), reference=chr(0)),
        ),
    ]
    *done, nul = await batches.earn(programme, sent)
    codes = [one.code if isinstance(one, Refusal) else "" for one in (*done, nul)]
    assert codes == ["", "", "IDEMPOTENCY_KEY_REUSED", "", "INVALID_INPUT"]
    assert await make.entries(member_id) == [("EARN", 100), ("EARN", 200)]


async def test_what_was_promised_is_kept_in_a_batch() -> None:
    """A booking that cites its quote, and one under a coupon that is none, among plain ones."""
    programme = await furnish()
    [quote] = await rows(
        "SELECT member_id, id, points FROM quote WHERE programme_id = $1 AND expires_at > $2",
        programme.id,
        make.NOW,
    )
    owned = (quote["member_id"], quote["id"])
    cited = make.booking(("hotel", "3"), reference="Q-1", quote=owned)
    coupon = make.booking(("hotel", "3"), reference="C-1", coupon="NOSUCHCODE12")
    sent = [
        plain(programme, "li", "B-1"),
        asked(programme, "zhao", cited),
        asked(programme, "ma", coupon),
        plain(programme, "wu", "B-2"),
        plain(programme, "zhao", "B-3"),
    ]
    first, kept, refused, *others = await batches.earn(programme, sent)
    assert all(isinstance(one, Outcome) for one in (first, *others))
    assert isinstance(kept, Outcome)
    assert kept.figures["points_awarded"] == quote["points"] == 93
    assert isinstance(refused, Refusal)
    assert refused.path == ("couponCode",)
    [after] = await rows(
        "SELECT status FROM quote WHERE member_id = $1 AND id = $2", quote["member_id"], quote["id"]
    )
    assert after["status"] == "USED"
    assert await transactions(programme) == [1, 1, 1, 1, 1, 1, 2]


async def test_what_is_killed_in_the_middle_is_done_when_it_is_sent_again(
    database: Database,
) -> None:
    """Here while it waits for a reference that somebody else takes, with keys of its own."""
    programme = await make.establish()
    members = await members_of(programme, 3)
    sent = [plain(programme, f"m-{number}", f"B-{number}") for number in range(3)]
    before = await make.everything(programme)
    async with connection(database.serving) as raw, raw.transaction():
        await raw.execute(
            "INSERT INTO lookup (programme_id, scope, value) VALUES ($1, 'booking', 'B-1')",
            programme.id,
        )
        earned = asyncio.ensure_future(batches.earn(programme, sent))
        await waiting(1)
        await rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with pytest.raises(Unavailable):
            await earned
        assert await make.everything(programme) == before
    assert all(isinstance(one, Outcome) for one in await batches.earn(programme, sent))
    # the reference is expected now, so this booking is recorded alone
    assert await transactions(programme) == [1, 2]
    await check_members(members, 100)
