"""Orders with a partner, and what is delivered under a reference: settled once, for ever."""

from collections import Counter
from collections.abc import Awaitable
from random import Random
from typing import Any
from uuid import UUID

import pytest

import models
from domain.kernel.callers import Caller
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import (
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    ReferenceConflict,
    Refusal,
)
from domain.programmes.programmes import Programme
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from domain.redemptions.refusals import CodeRevealed, RedemptionState
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database", "proved")


async def opened(points: int = 20_000) -> tuple[Programme, Caller, UUID, models.Reward]:
    """A programme, its airline, a member with points, and 1000 miles for 2000 of them."""
    programme = await make.establish()
    airline = await make.partner_of(programme, "airline")
    member_id = await make.rich_member(programme, points, reference="li")
    miles = await make.reward(
        programme, kind="PARTNER", list_points=2000, stock=9, partner_id=airline.partner_id
    )
    return programme, airline, member_id, miles


async def keys_of(member_id: UUID) -> list[str]:
    found = await rows(
        "SELECT value FROM lookup WHERE member_id = $1 AND scope = 'fulfilment' ORDER BY value",
        member_id,
    )
    return [key["value"] for key in found]


async def test_an_order_keeps_account_and_units_until_it_is_settled() -> None:
    programme, airline, member_id, miles = await opened()
    made = await make.redeem(programme, member_id, miles, quantity=3, partner_account="CA 01-7")
    order = await make.redemption(programme, member_id, made)
    assert (order.status, order.points, order.quantity) == ("CONFIRMED", 6000, 3)
    assert (order.partner_account, order.partner_units, order.reference) == ("CA 01-7", 3000, None)
    assert order.partner_id == airline.partner_id

    # what one gives may change later; the order stands as it was made
    await models.Reward.filter(id=miles.id).update(partner_units=500)
    await make.fulfil(programme, member_id, made, None, "AIR-1", caller=airline)
    settled = await make.redemption(programme, member_id, made)
    assert (settled.status, settled.partner_units) == ("FULFILLED", 3000)
    assert (settled.reference, settled.fulfilled_at) == ("AIR-1", make.NOW)
    assert await keys_of(member_id) == [f"{airline.partner_id}:AIR-1"]


@pytest.mark.parametrize("hold", [False, True])
async def test_an_account_is_for_what_goes_to_one(hold: bool) -> None:
    programme, _, member_id, miles = await opened()
    service = await make.reward(programme, list_points=10)
    facts: list[tuple[models.Reward, str | None, str]] = [
        (miles, None, "account_required"),
        (service, "CA-1", "account_not_taken"),
        (miles, "", "too_short"),
        (miles, "x" * 65, "too_long"),
        (miles, "a\tb", "control_characters"),
    ]
    for reward, account, reason in facts:
        async with make.refused(programme, InvalidInput, "partnerAccount", reason=reason):
            await make.redeem(programme, member_id, reward, hold=hold, partner_account=account)
    await make.redeem(programme, member_id, miles, hold=hold, partner_account="x" * 64)


async def test_who_may_undo_an_order_and_when() -> None:
    programme, airline, member_id, miles = await opened()
    oneself = make.member_caller(programme, "li", member_id)
    everybody = (oneself, airline, make.partner(programme), make.staff(programme))
    for caller in everybody:
        made = await make.redeem(programme, member_id, miles)
        outcome = await make.cancel(programme, member_id, made, caller=caller)
        assert outcome.figures["points_reinstated"] == 2000
    assert await make.available(member_id) == 20_000
    assert await make.stock(miles) == 9

    settled = await make.redeem(programme, member_id, miles)
    await make.fulfil(programme, member_id, settled, None, "AIR-1", caller=airline)
    for caller in everybody:
        facts = {"status": "FULFILLED", "allowed": ("HELD", "CONFIRMED")}
        async with make.refused(programme, RedemptionState, "redemption", **facts):
            await make.cancel(programme, member_id, settled, caller=caller)
    assert await make.available(member_id) == 18_000


async def test_whoever_redeemed_it_undoes_no_more_than_the_member() -> None:
    programme, airline, member_id, _ = await opened()
    stranger = await make.partner_of(programme, "hotel")
    owned: dict[str, Any] = {"list_points": 10, "partner_id": airline.partner_id}
    service = await make.reward(programme, **owned)
    coupon = await make.reward(programme, kind="COUPON", **owned)
    ordered = await make.redeem(programme, member_id, service, caller=stranger)
    await make.cancel(programme, member_id, ordered, caller=stranger)

    delivered = await make.redeem(programme, member_id, service, caller=stranger)
    await make.fulfil(programme, member_id, delivered, caller=airline)
    shown = await make.redeem(programme, member_id, coupon, caller=stranger)
    async with make.refused(programme, RedemptionState, "redemption", status="FULFILLED"):
        await make.cancel(programme, member_id, delivered, caller=stranger)
    async with make.refused(programme, CodeRevealed, "redemption"):
        await make.cancel(programme, member_id, shown, caller=stranger)
    await make.cancel(programme, member_id, delivered, caller=airline)
    await make.cancel(programme, member_id, shown, caller=airline)


async def test_an_order_is_settled_by_a_reference_of_its_own_for_ever() -> None:
    programme, airline, member_id, miles = await opened()
    other = await make.rich_member(programme, 2000)
    one, two = [await make.redeem(programme, member_id, miles) for _ in range(2)]
    theirs = await make.redeem(programme, other, miles)
    async with make.refused(programme, InvalidInput, "reference", reason="reference_required"):
        await make.fulfil(programme, member_id, one, "SF-1", caller=airline)

    first = await make.fulfil(programme, member_id, one, "SF-1", "AIR-1", key="k", caller=airline)
    assert not first.replayed
    before = await make.everything(programme)
    again = await make.fulfil(programme, member_id, one, "SF-1", "AIR-1", key="k", caller=airline)
    assert (again.figures, again.replayed) == (first.figures, True)
    assert await make.everything(programme) == before
    for caller in (airline, make.staff(programme)):
        anew = await make.fulfil(programme, member_id, one, "SF-1", "AIR-1", caller=caller)
        assert (anew.figures, anew.replayed) == (first.figures, True)

    conflicts = ((member_id, two, "SF-1"), (other, theirs, "SF-1"), (member_id, one, None))
    for owner, redemption_id, tracking in conflicts:
        async with make.refused(programme, ReferenceConflict, "reference", reference="AIR-1"):
            await make.fulfil(programme, owner, redemption_id, tracking, "AIR-1", caller=airline)
    async with make.refused(programme, RedemptionState, "redemption", status="FULFILLED"):
        await make.fulfil(programme, member_id, one, "SF-1", "AIR-2", caller=airline)
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await make.fulfil(programme, member_id, two, None, "AIR-2", key="k", caller=airline)
    await make.fulfil(programme, other, theirs, None, "AIR-2", caller=airline)


async def test_each_partner_numbers_its_own_deliveries() -> None:
    """A reward that is nobody's is delivered under a number of staff."""
    programme, airline, member_id, miles = await opened()
    hotel = await make.partner_of(programme, "hotel")
    for caller in (airline, hotel, make.staff(programme)):
        service = await make.reward(programme, list_points=10, partner_id=caller.partner_id)
        redemption_id = await make.redeem(programme, member_id, service, caller=caller)
        await make.fulfil(programme, member_id, redemption_id, None, "1", caller=caller)
    ordered = await make.redeem(programme, member_id, miles)
    async with make.refused(programme, NotFound, "redemption"):
        await make.fulfil(programme, member_id, ordered, None, "2", caller=hotel)
    # the reward's partner counts, whoever reports: its number 1 is taken
    async with make.refused(programme, ReferenceConflict, "reference"):
        await make.fulfil(programme, member_id, ordered, None, "1", caller=make.staff(programme))
    values = [f"{airline.partner_id}:1", f"{hotel.partner_id}:1", "-:1"]
    assert await keys_of(member_id) == sorted(values)


async def test_what_came_back_is_answered_by_its_reference_as_it_is() -> None:
    programme, _, member_id, _ = await opened()
    service = await make.reward(programme, list_points=10)
    made = await make.redeem(programme, member_id, service)
    await make.fulfil(programme, member_id, made, "SF-1", "S-1")
    await make.cancel(programme, member_id, made, caller=make.staff(programme))
    again = await make.fulfil(programme, member_id, made, "SF-1", "S-1")
    assert again.replayed
    assert (await make.redemption(programme, member_id, made)).status == "CANCELLED"
    for reference in (None, "S-2"):
        async with make.refused(programme, RedemptionState, "redemption", status="CANCELLED"):
            await make.fulfil(programme, member_id, made, "SF-1", reference)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [("", "too_short"), ("x" * 129, "too_long"), ("a\x00b", "control_characters")],
)
async def test_what_cannot_be_a_reference(reference: str, reason: str) -> None:
    programme, airline, member_id, miles = await opened()
    made = await make.redeem(programme, member_id, miles)
    async with make.refused(programme, InvalidInput, "reference", reason=reason):
        await make.fulfil(programme, member_id, made, None, reference, caller=airline)


# Races.


async def test_settling_and_undoing_an_order_at_once() -> None:
    programme, airline, member_id, miles = await opened()
    for _ in range(4):
        made = await make.redeem(programme, member_id, miles)
        before = await make.available(member_id)
        settling = (
            make.fulfil(programme, member_id, made, None, f"AIR-{made}", caller=airline)
            for _ in range(5)
        )
        undoing = (make.cancel(programme, member_id, made) for _ in range(5))
        calls = [call for pair in zip(settling, undoing, strict=True) for call in pair]
        found = await make.outcomes(*calls)
        order = await make.redemption(programme, member_id, made)
        back = await make.available(member_id) - before
        if order.status == "FULFILLED":
            assert (back, found) == (0, Counter(Outcome=5, REDEMPTION_STATE=5))
        else:
            assert (order.status, back, order.reference) == ("CANCELLED", 2000, None)
            assert found == Counter(Outcome=1, REDEMPTION_STATE=9)


async def test_one_reference_for_two_orders_at_once_settles_one() -> None:
    programme, airline, member_id, miles = await opened()
    other = await make.rich_member(programme, 2000)
    made = [
        (member_id, await make.redeem(programme, member_id, miles)),
        (other, await make.redeem(programme, other, miles)),
    ]
    found = await make.outcomes(
        *(make.fulfil(programme, *made[n % 2], None, "AIR-1", caller=airline) for n in range(10))
    )
    assert found == Counter(Outcome=5, REFERENCE_CONFLICT=5)
    orders = [await make.redemption(programme, *order) for order in made]
    assert sorted(str(order.status) for order in orders) == ["CONFIRMED", "FULFILLED"]


@pytest.mark.parametrize("seed", range(3))
async def test_orders_made_settled_and_undone_at_random(seed: int) -> None:
    """Points are spent on what is settled or ordered, and on nothing else; nothing is settled
    twice and nothing settled comes back.
    """
    draw = Random(seed)
    programme, airline, member_id, miles = await opened(points=40_000)
    oneself = make.member_caller(programme, "li", member_id)
    made: list[UUID] = []
    settled: dict[UUID, str] = {}
    for _ in range(40):
        step, caller = draw.choice("ocs"), draw.choice((oneself, airline, make.staff(programme)))
        answer: UUID | Outcome
        call: Awaitable[UUID | Outcome]
        if step == "o" or not made:
            sent: dict[str, Any] = {"quantity": draw.randint(1, 2), "hold": draw.random() < 0.3}
            call = make.redeem(programme, member_id, miles, **sent)
        elif step == "c":
            call = make.cancel(programme, member_id, draw.choice(made), caller=caller)
        else:
            target, reference = draw.choice(made), f"AIR-{draw.randrange(12)}"
            call = make.fulfil(programme, member_id, target, None, reference, caller=airline)
        try:
            answer = await call
        except Refusal:
            continue
        if isinstance(answer, UUID):
            made.append(answer)
        elif step == "s":
            assert settled.setdefault(target, reference) == reference
    orders = {one: await make.redemption(programme, member_id, one) for one in made}
    assert settled
    assert len(set(settled.values())) == len(settled)
    assert settled == {
        one: order.reference for one, order in orders.items() if order.status == "FULFILLED"
    }
    kept = [o for o in orders.values() if o.status in ("HELD", "CONFIRMED", "FULFILLED")]
    assert await make.available(member_id) == 40_000 - sum(order.points for order in kept)
    assert await make.stock(miles) == 9 - sum(order.quantity for order in kept)
    assert all(order.partner_units == 1000 * order.quantity for order in orders.values())


# Proof.


@pytest.fixture
async def settled() -> tuple[MemberRows, Catalogue]:
    """A member's rows: two orders of three thousand miles, one of them settled, and a coupon."""
    programme, airline, member_id, miles = await opened()
    one, _ = [await make.redeem(programme, member_id, miles, quantity=3) for _ in range(2)]
    await make.fulfil(programme, member_id, one, None, "AIR-1", caller=airline)
    coupon = await make.reward(programme, kind="COUPON", list_points=10)
    await make.redeem(programme, member_id, coupon)
    [loaded] = await verification.read(UUID(int=member_id.int - 1), member_id)
    return loaded, await verification.read_catalogue(Catalogue({}, {}), [loaded])


ALTERED: dict[str, tuple[str, dict[str, Any], str]] = {
    "units": ("AIR-1", {"partner_units": 3001}, "partner_units is 3001, should be a multiple of"),
    "settled and undone": ("AIR-1", {"status": "CANCELLED"}, "null, being CANCELLED"),
    "settled without a reference": ("AIR-1", {"reference": None}, "there, being FULFILLED"),
    "settled before": ("ordered", {"reference": "AIR-2"}, "null, being CONFIRMED"),
    "another reference": ("AIR-1", {"reference": "AIR-2"}, "its look-up row is null"),
    "no reveal": ("coupon", {"code_count": 0}, "what it shows is"),
}


@pytest.mark.parametrize("name", ALTERED)
async def test_an_order_that_contradicts_itself_is_found(
    settled: tuple[MemberRows, Catalogue], name: str
) -> None:
    loaded, known = settled
    which, change, said = ALTERED[name]
    found = {
        row["reference"] or ("coupon" if row["code_count"] else "ordered"): row
        for row in loaded.tables["redemption"]
    }
    assert list(invariants.check(loaded, known)) == []
    found[which].update(change)
    assert any(said in str(fault) for fault in invariants.contradictions(loaded, known))


async def test_a_reveal_that_is_missing_or_too_much_is_found(
    settled: tuple[MemberRows, Catalogue],
) -> None:
    loaded, known = settled
    [reveal] = loaded.tables["code_reveal"]
    loaded.tables["code_reveal"].clear()
    assert [fault.what for fault in invariants.contradictions(loaded, known)] == ["its reveals"]
    [order] = [row for row in loaded.tables["redemption"] if row["reference"]]
    of_order = {**reveal, "redemption_id": order["id"]}
    loaded.tables["code_reveal"] += [reveal, of_order]
    whole = MemberRows(loaded.member_id, loaded.tables)
    assert [fault.what for fault in invariants.contradictions(whole, known)] == ["what it shows"]
