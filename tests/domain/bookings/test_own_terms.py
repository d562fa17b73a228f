"""Rules with an expiry or a funder of their own: their points are in lots of their own."""

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import quotes
from domain.bookings.quotes import QuoteSent
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.kernel.refusals import InvalidInput
from domain.members import members
from domain.programmes.programmes import Programme
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

BASE = make.rule("rate", "base", points=1)
MONTH = {"months": 0, "through": "month"}
SHORT = {"expiry": MONTH, "funder": "bank"}
END_OF_MARCH = datetime.fromisoformat("2026-04-01T00:00+08:00")
END_OF_APRIL = datetime.fromisoformat("2026-05-01T00:00+08:00")
IN_A_YEAR = datetime.fromisoformat("2027-03-16T00:00+08:00")
LATER = make.NOW + timedelta(days=30)


async def open_programme(*bonuses: dict[str, Any], **changes: Any) -> Programme:
    return await make.funded(make.variant(BASE, *bonuses, **changes), "bank")


def bonus(code: str, **parts: Any) -> dict[str, Any]:
    return make.rule("bonus", code, points=parts.pop("points", 100), **parts)


async def lots(member_id: UUID) -> list[tuple[str | None, str, int, int, datetime | None]]:
    """Rule, funder, points, what is left, and end of each lot, in the order they were made."""
    found = await rows(
        "SELECT rule, funder, points, remaining, expires_at FROM lot "
        "WHERE member_id = $1 ORDER BY id",
        member_id,
    )
    return [tuple(lot.values()) for lot in found]


async def test_points_share_a_lot_where_expiry_and_funder_are_the_same(database: Database) -> None:
    programme = await open_programme(
        bonus("first", **SHORT),
        bonus("usual", expiry={"months": 12}, funder="programme"),
        bonus("second", **SHORT, points=50),
        bonus("funded", funder="bank", points=7),
    )
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "1000"))
    assert await lots(member_id) == [
        (None, "programme", 1100, 1100, IN_A_YEAR),
        ("first", "bank", 150, 150, END_OF_MARCH),
        ("funded", "bank", 7, 7, IN_A_YEAR),
    ]
    assert await make.faults(member_id) == []
    assert (await make.state(member_id, END_OF_MARCH)).balances.available == 1107


async def test_a_refund_takes_what_a_rule_lost_from_the_lots_on_its_terms(
    database: Database,
) -> None:
    # the base's points end later, and are spent after the bonus's
    programme = await open_programme(bonus("big", when={"min_amount": 900}, **SHORT))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    await travel.refund(programme, "B", "R1", (1, "60"))
    assert [lot[3] for lot in await lots(member_id)] == [940, 100]
    await travel.refund(programme, "B", "R2", (1, "50"))
    assert [lot[3] for lot in await lots(member_id)] == [890, 0]
    assert await make.faults(member_id) == []


async def test_an_amendment_takes_what_a_rule_lost_from_its_lots_that_have_matured(
    database: Database,
) -> None:
    # the base's points end first
    long = {"expiry": {"months": 24}, "funder": "bank"}
    big = bonus("big", when={"min_amount": 900}, available="on_completion", **long)
    programme = await open_programme(big)
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    await travel.complete(programme, "B")
    await travel.amend(programme, "B", "A", make.line_of("hotel", "800"))
    assert [lot[3] for lot in await lots(member_id)] == [800, 0]
    assert await make.faults(member_id) == []


async def test_what_its_own_lots_lack_comes_from_the_bookings_others(database: Database) -> None:
    programme = await open_programme(bonus("big", when={"min_amount": 900}, **SHORT))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    cup = await make.reward(programme, list_points=80)
    await make.redeem(programme, member_id, cup)
    assert [lot[3] for lot in await lots(member_id)] == [1000, 20]
    outcome = await travel.refund(programme, "B", "R", (1, "500"))
    assert outcome.figures["points_clawed_back"] == 600
    assert [lot[3] for lot in await lots(member_id)] == [420, 0]
    assert await make.faults(member_id) == []


async def test_a_pending_lot_keeps_its_rules_expiry_counted_from_maturing(
    database: Database,
) -> None:
    programme = await open_programme(
        bonus("flown", available="on_completion", **SHORT),
        bonus("later", available="on_completion", points=30),
        completion={"overdue_days": 20, "then": "mature"},
    )
    member_id = await make.enrol(programme)
    flight = make.line_of("flight", "300")
    await travel.pay(programme, member_id, "reported", flight)
    await travel.pay(programme, member_id, "by itself", flight)
    assert [lot[:3] for lot in await lots(member_id)] == [
        (None, "programme", 300),
        (None, "programme", 30),
        ("flown", "bank", 100),
    ] * 2
    await travel.complete(programme, "reported")
    assert (await lots(member_id))[2][4] == END_OF_MARCH
    await make.adjust(programme, member_id, 1, now=LATER)
    found = await lots(member_id)
    assert found[5][4] == END_OF_APRIL
    assert found[4][4] == datetime.fromisoformat("2027-04-06T00:00+08:00")
    assert await make.faults(member_id) == []


async def test_a_refund_leaves_what_waits_on_other_terms(database: Database) -> None:
    programme = await open_programme(
        bonus("flown", available="on_completion"),
        bonus("funded", available="on_completion", **SHORT),
    )
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    await travel.refund(programme, "B", "R", (1, "400"))
    assert [lot[3] for lot in await lots(member_id)] == [600, 100, 100]
    assert (await travel.complete(programme, "B")).figures["points_matured"] == 200


async def test_an_amendment_gives_and_takes_on_the_terms_of_each_rule(database: Database) -> None:
    big = {"when": {"min_amount": 900}}
    programme = await open_programme(
        bonus("big", **big, **SHORT), bonus("flown", available="on_completion", **big, **SHORT)
    )
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "500"))
    assert [lot[:4] for lot in await lots(member_id)] == [(None, "programme", 500, 500)]
    await travel.amend(programme, "B", "A1", make.line_of("hotel", "1000"))
    grown = [
        (None, "programme", 500, 500),
        (None, "programme", 500, 500),
        ("big", "bank", 100, 100),
        ("big", "bank", 100, 100),
    ]
    assert [lot[:4] for lot in await lots(member_id)] == grown
    outcome = await travel.amend(programme, "B", "A2", make.line_of("hotel", "700"))
    assert outcome.figures["points_clawed_back"] == 500
    assert [lot[3] for lot in await lots(member_id)] == [200, 500, 0, 0]
    assert await make.faults(member_id) == []


async def test_a_guaranteed_quote_keeps_the_terms_of_its_points(database: Database) -> None:
    programme = await open_programme(
        bonus("big", **SHORT), bonus("flown", available="on_completion", points=30, **SHORT)
    )
    member_id = await make.enrol(programme)
    flight = make.line_of("flight", "300")
    member = (await members.many([member_id]))[member_id]
    quote = await quotes.earning(programme, member, QuoteSent((flight,)), make.NOW)
    assert str(quote.expires_on) == "2026-03-31"
    quoted = await travel.guarantee(programme, member_id, flight)
    await travel.pay(programme, member_id, "B", flight, quote=quoted)
    assert [lot[:3] for lot in await lots(member_id)] == [
        (None, "programme", 300),
        ("big", "bank", 100),
        ("big", "bank", 30),
    ]
    assert await make.faults(member_id) == []


async def test_a_lot_that_ends_otherwise_than_its_rule_says_is_found(database: Database) -> None:
    programme = await open_programme(bonus("big", **SHORT))
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "10"))
    [found] = await verification.read(UUID(int=member_id.int - 1), member_id)
    known = await verification.read_catalogue(Catalogue({}, {}), [found])
    place = next(n for n, lot in enumerate(found.tables["lot"]) if lot["rule"] == "big")
    for column, value, told in (
        ("rule", "nobody", "rule is nobody, should be a rule of its policy version"),
        ("rule", None, "funder is bank, should be programme, by the policy"),
        ("expires_at", None, "should be 2026-03-31 16:00:00+00:00, by rule big"),
        ("funder", "programme", "funder is programme, should be bank, by rule big"),
    ):
        planted = MemberRows(member_id, deepcopy(found.tables))
        planted.tables["lot"][place][column] = value
        faults = [str(fault) for fault in invariants.check(planted, known)]
        assert any(told in fault for fault in faults), told
        assert any(f"{column} is " in fault and "the hash proves" in fault for fault in faults)


async def test_a_funder_is_the_programme_or_a_partner_of_it(database: Database) -> None:
    programme = await open_programme()
    other = await make.establish()
    await make.partner_of(other, "airline")
    document = make.variant(BASE, bonus("big", funder="airline"))
    place = ("document", "earning", "1", "funder")
    with pytest.raises(InvalidInput) as refused:
        await make.publish(programme, document)
    assert (refused.value.reason, refused.value.path) == ("unknown_funder", place)
    assert refused.value.allowed == ("programme", "bank")
    with pytest.raises(InvalidInput) as refused:
        await make.establish({**document, "programme": f"new_{new_id().hex}"})
    assert (refused.value.value, refused.value.allowed) == ("airline", ("programme",))
