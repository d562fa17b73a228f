"""Steps for redemptions of every kind, their deliveries, and coupons."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.kernel.callers import Scope
from domain.partners import partner_keys
from domain.programmes.programmes import Programme
from domain.redemptions import coupon_uses, deliveries, reveals
from domain.redemptions.coupon_uses import ExtensionSent
from domain.redemptions.delivery_details import DeliverySent
from domain.rewards import editing
from domain.rewards.editing import StockSent
from tests.support import factories as make
from tests.support import travel

DAY = timedelta(days=1)
NOW = make.NOW


async def take_from_the_catalogue() -> None:
    """Rewards of every kind, redemptions in every state, coupons, and members of every status."""
    programme = await make.establish()
    airline = await make.partner_of(programme, "airline")
    assert airline.partner_id is not None
    scopes = (Scope.EARN, Scope.REDEEM)
    await partner_keys.issue(programme, airline.partner_id, scopes, NOW, environment="sandbox")
    await partner_keys.issue_public(programme, NOW, environment="sandbox")
    member_id = await make.rich_member(
        programme,
        50_000,
        reference="rich",
        name="Li Na",
        email="li@example.com",
        phone="+8613800138000",
        birthday=date(1990, 3, 3),
    )
    await _order(programme, member_id, airline.partner_id)
    await _use_coupons(programme, member_id)
    service = await make.reward(programme, list_points=10, stock=9)
    for end in (make.confirm, make.cancel, None):
        held = await make.redeem(programme, member_id, service, hold=True)
        if end is not None:
            await end(programme, member_id, held)
    await make.cancel(programme, member_id, await make.redeem(programme, member_id, service))
    for stock in (20, None, 5):
        await make.set_stock(service, stock)
        await make.redeem(programme, member_id, service)
    friend = await make.enrol(programme, reference="friend", guest=True)
    own = make.member_caller(programme, "friend", friend)
    await make.change(programme, friend, caller=own, email="friend@example.com")
    await make.adjust(programme, friend, 30)
    for status in ("SUSPENDED", "UNDER_REVIEW", "ERASED"):
        other = await make.rich_member(programme, 70, reference=status.lower())
        await make.set_status(other, status)
    asleep = await make.rich_member(programme, 80, reference="asleep")
    await make.suspend(programme, asleep)
    await make.book(programme, asleep, ("hotel", "100"), reference="AS-1")
    await make.reinstate(programme, asleep)
    await make.close(programme, asleep, 80)
    twins = [await make.rich_member(programme, 30, reference=name) for name in ("old", "new")]
    await make.book(programme, twins[0], ("hotel", "100"), reference="MG-1")
    await make.merge(programme, *twins)
    await travel.refund(programme, "MG-1", "MGR-1", (1, "40"))


async def _order(programme: Programme, member_id: UUID, partner_id: UUID) -> None:
    """A partner's units, one order fulfilled and one waiting; and orders of products."""
    airline = replace(make.partner(programme, str(partner_id)), partner_id=partner_id)
    miles = await make.reward(programme, kind="PARTNER", list_points=20, partner_id=partner_id)
    settled = await make.redeem(programme, member_id, miles)
    await make.fulfil(programme, member_id, settled, None, "AIR-1", caller=airline)
    await make.redeem(programme, member_id, miles)
    suitcase = await make.reward(programme, kind="PRODUCT", list_points=30, per_member_limit=3)
    sent = await make.redeem(programme, member_id, suitcase)
    await make.fulfil(programme, member_id, sent, "SF-1")
    await _deliver(programme, member_id)


async def _deliver(programme: Programme, member_id: UUID) -> None:
    """An order shipped to an address, one rejected, and one with an appointment."""
    bowl = await make.reward(programme, kind="PRODUCT", list_points=10, requires="ADDRESS")
    address = DeliverySent("Li Na", "+8613800138000", "Nanjing Road 1", "the back door")
    shipped = await make.redeem(programme, member_id, bowl, delivery=address)
    request = make.request(make.staff(programme))
    await deliveries.ship(request, programme, (member_id, shipped), "SF-2")
    rejected = await make.redeem(programme, member_id, bowl, delivery=address)
    request = make.request(make.staff(programme))
    await deliveries.reject(request, programme, (member_id, rejected), "broken")
    massage = await make.reward(programme, list_points=10, requires="APPOINTMENT")
    at = DeliverySent("Li Na", "1", from_at=NOW + 3 * DAY, until_at=NOW + 4 * DAY, place="Lobby")
    await make.redeem(programme, member_id, massage, delivery=at)


async def _use_coupons(programme: Programme, member_id: UUID) -> None:
    """Codes that are used, shown, cancelled or waiting, with and without a last day."""
    coupon = await make.reward(programme, kind="COUPON", list_points=15, pooled_codes=True)
    await make.pool(coupon, "CODE-1", "CODE-2", "CODE-3")
    used, back, kept = [await make.redeem(programme, member_id, coupon) for _ in range(3)]
    await make.pool(coupon, "CODE-4", valid_until=NOW + 30 * DAY)
    await coupon_uses.use(make.request(make.partner(programme)), programme, "CODE-1")
    of_terms: dict[str, Any] = {
        "valid_days": 30,
        "minimum_spend_minor": 30_000,
        "products": ["hotel"],
    }
    lasting = await make.reward(
        programme, kind="COUPON", list_points=15, transferable=False, cost_minor=900, **of_terms
    )
    own = await make.redeem(programme, member_id, lasting)
    [code] = (await make.redemption(programme, member_id, own)).codes
    staff = make.request(make.staff(programme))
    longer = ExtensionSent(code, NOW.date() + 60 * DAY, "goodwill")
    await coupon_uses.extend(staff, programme, longer)
    box = await make.reward(programme, kind="PRODUCT", stock=5, requires="ADDRESS", theme="home")
    staff = make.request(make.staff(programme))
    await editing.adjust_stock(staff, programme, StockSent(box.code, -1, "broken"))
    await make.cancel(programme, member_id, back, caller=make.staff(programme))
    await reveals.record("staff:kim", [(member_id, used), (member_id, kept)], NOW)
    await _pay_with_coupons(programme, member_id)


async def _pay_with_coupons(programme: Programme, member_id: UUID) -> None:
    """Coupons on bookings, one after a quote, one refunded in part, and two that were returned."""
    hotel, flight = make.line_of("hotel", "100"), make.line_of("flight", "100")
    some = await make.reward(programme, kind="COUPON", list_points=15, worth_minor=5000)
    stays = await make.reward(
        programme, kind="COUPON", list_points=15, worth_minor=5000, products=["hotel"]
    )
    made = [await make.redeem(programme, member_id, reward) for reward in (some, some, some, stays)]
    kept, quoted, refunded, amended = [
        (await make.redemption(programme, member_id, one)).codes[0] for one in made
    ]
    await travel.pay(programme, member_id, "CB-1", hotel, flight, coupon=kept)
    await travel.refund(programme, "CB-1", "CR-1", (1, "50"))
    quote = await travel.guarantee(programme, member_id, hotel, coupon=quoted)
    await travel.pay(programme, member_id, "CB-2", hotel, quote=quote, coupon=quoted)
    await travel.pay(programme, member_id, "CB-3", hotel, coupon=refunded)
    await travel.refund(programme, "CB-3", "CR-3")
    await travel.pay(programme, member_id, "CB-4", hotel, flight, coupon=amended)
    await travel.amend(programme, "CB-4", "CA-4", make.line_of("hotel", "70"), flight)
    await travel.amend(programme, "CB-4", "CA-5", make.line_of("hotel", "0"), flight)
