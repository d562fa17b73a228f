"""Holds: who may do what with them, and the delivery of what was confirmed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.kernel.callers import Scope
from domain.kernel.refusals import NotFound, Refusal
from domain.ledger.values import Balances
from domain.members.refusals import LimitReached
from domain.redemptions.refusals import RedemptionState
from tests.support import factories as make
from tests.support.held import balances, opened

pytestmark = pytest.mark.usefixtures("database")


# Who may do what.


async def test_who_may_cancel_what_in_which_state() -> None:
    programme, member_id, service = await opened(points=10_000, stock=None)
    coupon = await make.reward(programme, kind="COUPON", list_points=100)
    oneself = make.member_caller(programme, "li", member_id)
    callers = (oneself, make.partner(programme), make.staff(programme))

    async def in_state(status: str) -> UUID:
        reward = coupon if status == "SHOWN" else service
        made = await make.redeem(programme, member_id, reward, hold=status in ("HELD", "RELEASED"))
        if status == "FULFILLED":
            await make.fulfil(programme, member_id, made)
        if status in ("RELEASED", "CANCELLED"):
            await make.cancel(programme, member_id, made)
        return made

    answers = {}
    for status in ("HELD", "CONFIRMED", "FULFILLED", "SHOWN", "RELEASED", "CANCELLED"):
        for caller in callers:
            made = await in_state(status)
            try:
                await make.cancel(programme, member_id, made, caller=caller)
                shown = await make.redemption(programme, member_id, made)
                answers[status, str(caller.kind)] = str(shown.status)
            except Refusal as error:
                answers[status, str(caller.kind)] = error.code
    assert answers == {
        ("HELD", "member"): "RELEASED",
        ("HELD", "partner"): "RELEASED",
        ("HELD", "staff"): "RELEASED",
        ("CONFIRMED", "member"): "CANCELLED",
        ("CONFIRMED", "partner"): "CANCELLED",
        ("CONFIRMED", "staff"): "CANCELLED",
        ("FULFILLED", "member"): "REDEMPTION_STATE",
        ("FULFILLED", "partner"): "REDEMPTION_STATE",
        ("FULFILLED", "staff"): "CANCELLED",
        ("SHOWN", "member"): "CODE_REVEALED",
        ("SHOWN", "partner"): "CANCELLED",
        ("SHOWN", "staff"): "CANCELLED",
        **{
            (status, str(caller.kind)): "REDEMPTION_STATE"
            for status in ("RELEASED", "CANCELLED")
            for caller in callers
        },
    }
    assert await make.faults(member_id) == []


async def test_a_member_touches_its_own_redemptions_only() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    stranger_id = await make.rich_member(programme, 100, reference="wang")
    stranger = make.member_caller(programme, "wang", stranger_id)
    for act in (make.confirm, make.cancel):
        async with make.refused(programme, NotFound, "redemption", what="redemption"):
            await act(programme, member_id, held, caller=stranger)
        async with make.refused(programme, NotFound, "redemption", what="redemption"):
            await act(programme, stranger_id, held, caller=stranger)


async def test_another_programmes_redemption_is_not_there() -> None:
    programme, member_id, reward = await opened()
    held = await make.redeem(programme, member_id, reward, hold=True)
    confirmed = await make.redeem(programme, member_id, reward)
    other = await make.establish()
    for caller in (make.partner(other), make.staff(other)):
        async with make.refused(programme, NotFound, "redemption"):
            await make.confirm(other, member_id, held, caller=caller)
        async with make.refused(programme, NotFound, "redemption"):
            await make.cancel(other, member_id, held, caller=caller)
        async with make.refused(programme, NotFound, "redemption"):
            await make.fulfil(other, member_id, confirmed, caller=caller)


# Delivery.


@pytest.mark.parametrize("kind", ["SERVICE", "PRODUCT", "PARTNER"])
@pytest.mark.parametrize("hold", [False, True])
async def test_what_was_confirmed_is_delivered_once(kind: str, hold: bool) -> None:
    programme, member_id, reward = await opened(kind=kind)
    made = await make.redeem(programme, member_id, reward, hold=hold)
    if hold:
        async with make.refused(programme, RedemptionState, "redemption", status="HELD"):
            await make.fulfil(programme, member_id, made, None, "AIR-1")
        await make.confirm(programme, member_id, made)
    later = make.NOW + timedelta(days=3)
    await make.fulfil(programme, member_id, made, "SF-1234", "AIR-1", now=later)

    shown = await make.redemption(programme, member_id, made)
    assert (shown.status, shown.fulfilled_at, shown.tracking) == ("FULFILLED", later, "SF-1234")
    async with make.refused(programme, RedemptionState, "redemption", status="FULFILLED"):
        await make.fulfil(programme, member_id, made, "SF-1234", "AIR-2", now=later)
    assert await balances(member_id, later) == Balances(available=900)
    assert await make.faults(member_id) == []


async def test_a_partner_delivers_what_names_it_and_nothing_else() -> None:
    programme, member_id, _ = await opened()
    shop = await make.partner_of(programme, "shop")
    stranger = await make.partner_of(programme, "airline")
    theirs = await make.reward(programme, list_points=100, partner_id=shop.partner_id)
    made = await make.redeem(programme, member_id, theirs)
    async with make.refused(programme, NotFound, "redemption", what="redemption"):
        await make.fulfil(programme, member_id, made, caller=stranger)
    await make.fulfil(programme, member_id, made, caller=shop)

    everybodys = await make.reward(programme, list_points=100)
    made = await make.redeem(programme, member_id, everybodys, caller=shop)
    await make.fulfil(programme, member_id, made, caller=make.staff(programme))
    made = await make.redeem(programme, member_id, everybodys, caller=shop)
    for caller in (shop, stranger):
        async with make.refused(programme, NotFound, "redemption", what="redemption"):
            await make.fulfil(programme, member_id, made, caller=caller)
    await make.fulfil(programme, member_id, made, caller=replace(stranger, scopes=frozenset(Scope)))
    made = await make.redeem(programme, member_id, theirs)
    await make.fulfil(programme, member_id, made, caller=make.staff(programme))


async def test_a_limit_counts_what_was_kept() -> None:
    programme, member_id, reward = await opened(per_member_limit=2, stock=None)
    held = await make.redeem(programme, member_id, reward, hold=True)
    kept = await make.redeem(programme, member_id, reward)
    async with make.refused(programme, LimitReached, "quantity", limit=2, resets_at=None):
        await make.redeem(programme, member_id, reward)
    await make.cancel(programme, member_id, held)
    async with make.refused(programme, LimitReached, "quantity", limit=2):
        await make.redeem(programme, member_id, reward, quantity=2)
    await make.redeem(programme, member_id, reward, hold=True)
    await make.cancel(programme, member_id, kept)
    await make.redeem(programme, member_id, reward)
    async with make.refused(programme, LimitReached, "quantity"):
        await make.redeem(programme, member_id, reward)
