"""A partner's months with a row of each kind, in points and money."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import travel

BANK = "bank"
MARCH, APRIL = "2026-03", "2026-04"
LATER = make.NOW + timedelta(days=20)
"""In April."""


@dataclass(frozen=True)
class Traded:
    """A programme whose base rule the bank funds, at 0.012 a point and 5 %, and delivers for."""

    programme: Programme
    bank: UUID
    member_id: UUID


async def trade() -> Traded:
    """In March the bank's rule grants 12 345 and 92 points, of which 1000 are clawed back; 1102 are
    redeemed, of which 100 are returned, and 800 captured. The bank delivers twice at 80.00, and
    one of two coupons at 9.00 is used. In April 500 more points are clawed back, one delivery is
    cancelled, and the other coupon is used.
    """
    base = make.rule("rate", "base", points=1, funder=BANK)
    programme = await make.funded(make.variant(base), BANK)
    bank = await make.partner_of(programme, BANK)
    assert bank.partner_id is not None
    await make.agree(programme, BANK, fee_percent="5")
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "12345"))
    await make.adjust(programme, member_id, 300, now=make.NOW + timedelta(seconds=1))
    await travel.refund(programme, "B", "R-1", (1, "1000"))
    own = bank.partner_id
    room = await make.reward(programme, cost_minor=80_00, list_points=500, partner_id=own)
    given = [await make.redeem(programme, member_id, room) for _ in range(2)]
    for one in given:
        await make.fulfil(programme, member_id, one, caller=bank)
    held = await travel.hold(programme, member_id, 800, make.line_of("hotel", "100"))
    await travel.pay(programme, member_id, "H", make.line_of("hotel", "100"), redemption=held)
    away = await make.reward(programme, list_points=100)
    await make.cancel(programme, member_id, await make.redeem(programme, member_id, away))
    coupon = await make.reward(
        programme, kind="COUPON", cost_minor=9_00, list_points=1, partner_id=own
    )
    bought = await make.redeem(programme, member_id, coupon, quantity=2)
    codes = (await make.redemption(programme, member_id, bought)).codes
    await make.use(programme, codes[0], caller=bank)
    await travel.refund(programme, "B", "R-2", (1, "500"), now=LATER)
    await make.cancel(programme, member_id, given[1], caller=make.staff(programme), now=LATER)
    await make.use(programme, codes[1], caller=bank, now=LATER)
    return Traded(programme, bank.partner_id, member_id)
