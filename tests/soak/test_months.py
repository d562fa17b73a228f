"""Closed months of a partner, of a few histories."""

from tests.soak import months, proofs
from tests.support.servers import Database


async def test_months_say_what_an_account_beside_them_adds_up(fresh_database: Database) -> None:
    done = await months.run(fresh_database, range(3), 1, proofs.silent)
    figures = {
        f"rows {figure}" for figure in ("issued", "reversed", "redeemed", "expired", "delivered")
    }
    assert figures <= done.keys(), done
    assert done["awards clipped"] > 0
    assert done["pay_with_coupon"] > 0
    assert done["months closed"] >= 6
