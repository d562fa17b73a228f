"""Months of a partner add up to all that its rules granted and its lots went through, whatever
happened: a row that comes late stands in a later month, and none in two.
"""

from collections import Counter
from datetime import date, timedelta

import pytest

from domain.kernel import dates
from domain.kernel.database import rows
from domain.partners import partners
from domain.programmes import funders, programmes
from domain.programmes.programmes import Programme
from domain.settlement import reading
from domain.settlement.charges import Volumes
from domain.settlement.reading import Month, StatementRow
from tests.soak import histories, proofs
from tests.soak.trips import FUNDER, Terms
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database")

SEED = 1
FUNDED = [
    number
    for number in range(40)
    if Terms.drawn(proofs.draw(SEED, number)).far_funder == FUNDER
    and histories.length_of(number) == histories.LENGTH
]
ENOUGH = 3
"""Of histories in which the partner's rule granted anything."""

_TOUCHED = """
SELECT e.kind, sum(a.points)::bigint AS points, EXISTS (
    SELECT FROM ledger_entry c WHERE c.member_id = e.member_id
    AND c.redemption_id = e.redemption_id AND c.kind = 'CAPTURE') AS captured
FROM ledger_entry e JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id
JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id
WHERE l.funder = $2 AND e.member_id IN (SELECT member_id FROM member WHERE programme_id = $1)
GROUP BY 1, 3
"""


async def played(number: int) -> Programme:
    before = set(await programmes.codes())
    await histories.play(SEED, number)
    [code] = set(await programmes.codes()) - before
    return await programmes.get(code)


async def months_of(programme: Programme) -> list[date]:
    """From that of the first entry through that of the last."""
    [found] = await rows(
        "SELECT min(effective_at) AS first, max(recorded_at) AS last FROM ledger_entry "
        "WHERE member_id IN (SELECT member_id FROM member WHERE programme_id = $1)",
        programme.id,
    )
    if found["first"] is None:
        return []
    zone = programme.versions[0].policy.zone
    month = dates.local_date(found["first"], zone).replace(day=1)
    last, months = dates.local_date(found["last"] + timedelta(days=40), zone), []
    while month <= last:
        months.append(month)
        month = dates.add_months(month, 1)
    return months


async def read(programme: Programme) -> list[StatementRow]:
    """The rows of all months, one after the other."""
    bank = await partners.find_id(programme, FUNDER)
    found: list[StatementRow] = []
    for first in await months_of(programme):
        month = Month(programme, bank, FUNDER, first)
        found += [row async for row in reading.read(month, make.NOW)]
    return found


async def net_awards(programme: Programme) -> int:
    found = await rows(
        "SELECT a.rule, a.points, coalesce(b.policy_version_id, c.policy_version_id) AS version_id "
        "FROM award a LEFT JOIN booking b ON b.member_id = a.member_id AND b.id = a.booking_id "
        "LEFT JOIN activity c ON c.member_id = a.member_id AND c.id = a.activity_id "
        "WHERE a.member_id IN (SELECT member_id FROM member WHERE programme_id = $1)",
        programme.id,
    )
    paid = {version.id: funders.paid_for(version.policy, FUNDER) for version in programme.versions}
    return sum(one["points"] for one in found if one["rule"] in paid[one["version_id"]])


async def test_months_add_up() -> None:
    rich = 0
    for number in FUNDED:
        programme = await played(number)
        found = await read(programme)
        whole = Volumes()
        for row in found:
            whole = whole.plus(row.volumes)
        touched = await touched_lots(programme)
        assert whole.issued - whole.reversed == await net_awards(programme)
        assert (whole.redeemed, whole.expired) == (touched["REDEEMED"], touched["EXPIRE"])
        places = Counter((row.figure, row.id, row.of) for row in found)
        assert [place for place, count in places.items() if count > 1] == []
        rich += whole.issued > 0
        if rich == ENOUGH:
            return
    raise AssertionError("too few of these histories have anything to add up")


async def touched_lots(programme: Programme) -> Counter[str]:
    """What lots of the partner lost for good, by what became of it."""
    touched = Counter[str]()
    for one in await rows(_TOUCHED, programme.id, FUNDER):
        held = one["kind"] in ("HOLD", "RELEASE")
        if not held or one["captured"]:
            kind = "REDEEMED" if held or one["kind"] in ("REDEEM", "REINSTATE") else one["kind"]
            touched[kind] -= one["points"]
    return touched
