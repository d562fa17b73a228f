"""Statements over HTTP: figures, entries, the page to print, and who may see them."""

from datetime import date, datetime, timedelta

import pytest

from api.kit.relay import to_global_id
from domain.accounts import sweeps
from domain.kernel import cache, dates
from domain.kernel.callers import Scope
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, codes, open_stage
from tests.support.stated import (
    FEBRUARY,
    FIGURES,
    LONG_AGO,
    MARCH,
    MINE,
    NOTHING,
    PAGE,
    ZONE,
    opened,
)

pytestmark = pytest.mark.usefixtures("database")


async def test_a_statement_has_what_expired_before_and_after_it_is_recorded() -> None:
    stage, member_id = await opened()
    member = stage.member()
    expected = {
        "from": "2126-02-01",
        "through": "2126-02-28",
        "asOf": "2126-02-28T15:59:59.999999Z",
        "buckets": [
            {
                "bucket": "AVAILABLE",
                "opening": 700,
                "movements": [{"kind": "EXPIRE", "points": -700, "entries": 1}],
                "closing": 0,
            },
            *({"bucket": bucket, **NOTHING} for bucket in ("PENDING", "HELD", "OWED")),
        ],
    }

    before = (await member.read(MINE, period=FEBRUARY))["me"]["statement"]
    await sweeps.post(stage.programme, member_id, TODAY)
    after = (await member.read(MINE, period=FEBRUARY))["me"]["statement"]

    expired = {"node": {"kind": "EXPIRE", "points": -700}}
    assert before.pop("entries") == after.pop("entries") == {"totalCount": 1, "edges": [expired]}
    assert before == after == expected


async def test_the_running_month_goes_up_to_now_and_closes_as_the_balance_then() -> None:
    stage, member_id = await opened()
    await make.give(stage.programme, member_id, 30, now=TODAY)
    member = stage.member()
    from_ = dates.start_of_day(date(2126, 3, 1), ZONE)

    found = (await member.read(MINE, period=MARCH))["me"]["statement"]

    as_of = datetime.fromisoformat(found["asOf"])
    assert from_ < TODAY < as_of < stage.now()
    then = "query($at: DateTime!) { me { balance(asOf: $at) { available pending held owed } } }"
    balance = (await member.read(then, at=found["asOf"]))["me"]["balance"]
    assert balance == {one["bucket"].lower(): one["closing"] for one in found["buckets"]}
    assert balance["available"] == 30
    assert found["entries"]["totalCount"] == 1


BAD = [
    (
        {"from": "2126-03-02", "through": "2126-03-01"},
        ("period_backwards", "period.through"),
        "The period ends on 2126-03-01, before it begins on 2126-03-02.",
        "结束日 2126-03-01 早于开始日 2126-03-02。",
    ),
    (
        {"from": "2125-02-27", "through": "2126-02-28"},
        ("period_too_long", "period.through"),
        "A period of 367 days is too long; the limit is 366.",
        "期间为 367 天，过长；最多 366 天。",
    ),
    (
        {"from": "2126-03-16", "through": "2126-03-31"},
        ("period_in_future", "period.from"),
        "The period begins on 2126-03-16, in the future; today is 2126-03-15.",
        "期间自 2126-03-16 开始，在将来；今天是 2126-03-15。",
    ),
    (
        {"from": "2125-01-01", "through": "2125-02-07"},
        ("period_before_joining", "period.through"),
        "The period ends on 2125-02-07, before the account begins on 2125-02-08.",
        "期间至 2125-02-07 结束；该账户自 2125-02-08 才开始。",
    ),
]


@pytest.mark.parametrize(("period", "facts", "english", "chinese"), BAD)
async def test_a_period_that_cannot_be_is_refused_with_what_would_do(
    period: dict[str, str], facts: tuple[str, str], english: str, chinese: str
) -> None:
    stage, _ = await opened()
    query = """query($period: StatementPeriod!) {
        me { reference statement(period: $period) { asOf } } }"""

    for language, sentence in (("en", english), ("zh-CN", chinese)):
        answer = await stage.member().reading(language).ask(query, period=period)

        assert answer["data"] == {"me": {"reference": "xiaoli", "statement": None}}
        [error] = answer["errors"]
        assert error["message"] == sentence
        assert error["path"] == ["me", "statement"]
        said = error["extensions"]
        assert (said["code"], said["reason"], said["field"]) == ("BAD_USER_INPUT", *facts)


async def test_a_correction_names_what_it_corrects() -> None:
    stage, member_id = await opened()
    programme = stage.programme
    await make.adjust(programme, member_id, 500, "投诉补偿", now=TODAY)
    lounge = await make.reward(programme, list_points=400)
    redeemed = await make.redeem(programme, member_id, lounge, now=TODAY)
    own = to_global_id("Redemption", redeemed, member_id=member_id)
    await stage.staff().done("cancelRedemption", redemption=str(own), reason="changed plans")
    query = """query($period: StatementPeriod!) { me { statement(period: $period) { entries {
        edges { node { kind reason en: description(locale: "en") description(locale: "zh-CN")
            redemption { reward { code } } } } } } } }"""

    data = await stage.member().read(query, period=MARCH)

    returned, _, corrected = [e["node"] for e in data["me"]["statement"]["entries"]["edges"]]
    assert corrected == {
        "kind": "ADJUST",
        "reason": "投诉补偿",
        "en": "Correction: 投诉补偿",
        "description": "人工调整：投诉补偿",
        "redemption": None,
    }
    assert returned == {
        "kind": "REINSTATE",
        "reason": None,
        "en": "Returned: Lounge",
        "description": "退回：贵宾厅",
        "redemption": {"reward": {"code": lounge.code}},
    }
    page = (await stage.member().read(PAGE, period=MARCH, locale="en"))["me"]["statement"]["html"]
    assert "Returned: Lounge (redeemed on Mar 15, 2126)" in page


async def test_points_held_for_a_booking_are_said_to_be() -> None:
    stage, member_id = await opened()
    await make.give(stage.programme, member_id, 900, now=TODAY)
    member = stage.member()
    lines = [{"product": "hotel", "amount": "500"}]
    await member.done("redeemOnBooking", "balance { held }", points=300, lines=lines)
    query = """{ me { ledger(first: 1) { edges { node {
        en: description(locale: "en") zh: description(locale: "zh-CN") } } } } }"""

    [edge] = (await member.read(query))["me"]["ledger"]["edges"]

    assert edge["node"] == {"en": "Reserved: payment for a booking", "zh": "预留：订单抵扣"}


# Who may see it.


async def test_a_statement_is_for_the_member_and_who_may_read_it() -> None:
    stage, _ = await opened()
    strange, _ = await opened()
    await make.enrol(stage.programme, now=LONG_AGO, reference="wang")
    query = """query($by: MemberBy!, $period: StatementPeriod!) {
        member(by: $by) { statement(period: $period) { asOf } } }"""
    sent = {"by": {"reference": "xiaoli"}, "period": FEBRUARY}
    expected = {"member": {"statement": {"asOf": "2126-02-28T15:59:59.999999Z"}}}

    reader = await stage.partner([Scope.READ], "reader")
    for client in (reader, stage.staff()):
        assert await client.read(query, **sent) == expected
    for client in (await stage.partner([Scope.EARN], "earner"), stage.member("wang")):
        assert codes(await client.ask(query, **sent)) == ["FORBIDDEN"]
    await make.enrol(strange.programme, now=LONG_AGO, reference="only-there")
    elsewhere = {"by": {"reference": "only-there"}, "period": FEBRUARY}
    assert await reader.read(query, **elsewhere) == {"member": None}
    own = (await strange.member().read("{ me { id } }"))["me"]["id"]
    by_id = """query($id: ID!, $period: StatementPeriod!) {
        node(id: $id) { ... on Member { statement(period: $period) { asOf } } } }"""
    for client in (reader, stage.member("wang")):
        assert await client.read(by_id, id=own, period=FEBRUARY) == {"node": None}
    assert (await strange.member().read(by_id, id=own, period=FEBRUARY))["node"] is not None


# The page.


async def test_a_list_of_members_takes_no_statement_per_member(
    database: Database, statements: list[str]
) -> None:
    stage = await open_stage()
    programme = stage.programme
    reward = await make.reward(programme, list_points=10, stock=100)
    for _ in range(12):
        member_id = await make.enrol(programme, now=LONG_AGO)
        await make.book(programme, member_id, ("hotel", "100"), now=LONG_AGO)
        await make.give(programme, member_id, 50, now=TODAY - timedelta(days=30))
        await make.redeem(programme, member_id, reward, now=TODAY - timedelta(days=8), hold=True)
    staff = stage.staff()
    listed = """query($first: Int!, $period: StatementPeriod!) { list: members(first: $first) {
        edges { node { statement(period: $period) { WHAT } } } } }"""

    async with cache.listening(database.serving):
        for what, counts in ((FIGURES, (3, 3, 12)), ("html", (3, 3, 9))):
            query = listed.replace("WHAT", what)
            taken = []
            for first in counts:
                statements.clear()
                data = await staff.read(query, first=first, period=MARCH)
                assert len(data["list"]["edges"]) == first
                taken.append(len(statements))
            assert taken[1] == taken[2] <= 12, (what, taken, statements)


async def test_one_statement_takes_few_statements(
    database: Database, statements: list[str]
) -> None:
    stage, _ = await opened()
    member = stage.member()

    async with cache.listening(database.serving):
        taken = []
        for query in (MINE, PAGE):
            await member.read(query, period=FEBRUARY)
            statements.clear()
            await member.read(query, period=FEBRUARY)
            taken.append(len(statements))

    assert taken == [11, 8], statements
