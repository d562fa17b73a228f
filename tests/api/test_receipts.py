"""Receipts through the API: there once the day is settled, for the member and staff alone."""

from datetime import timedelta

import pytest

from domain.kernel.database import rows
from tests.support import factories as make
from tests.support import figured
from tests.support.callers import TODAY, open_stage

pytestmark = pytest.mark.usefixtures("database")

RECEIPT = "query($id: ID!) { receipt(entry: $id) }"
ENTRIES = "{ me { ledger(first: 9) { edges { node { id } } } } }"


async def test_an_entry_has_a_receipt_once_its_day_is_settled() -> None:
    stage = await open_stage(make.shipped_document())
    past = TODAY - timedelta(days=3)
    member_id = await make.enrol(stage.programme, now=past, reference="xiaoli")
    await make.enrol(stage.programme, now=past, reference="dabao")
    await make.book(stage.programme, member_id, ("hotel", "100"), now=past)
    member = stage.member()
    [edge] = (await member.read(ENTRIES))["me"]["ledger"]["edges"]
    entry = edge["node"]["id"]
    assert (await member.read(RECEIPT, id=entry))["receipt"] is None

    await figured.settle(stage.programme, past.date(), past.date())
    receipt = (await member.read(RECEIPT, id=entry))["receipt"]
    [row] = await rows("SELECT id FROM ledger_entry WHERE member_id = $1", member_id)
    assert receipt["entry"][1:4] == [str(member_id), str(row["id"]), 1]
    assert (receipt["place"], receipt["entries"]) == (0, 1)
    assert (receipt["record"]["day"], receipt["record"]["leaves"]) == (str(past.date()), 2)
    assert (await stage.staff().read(RECEIPT, id=entry))["receipt"] == receipt
    # to others, and in other programmes, it is not there
    assert (await stage.member("dabao").read(RECEIPT, id=entry))["receipt"] is None
    other = await open_stage(make.shipped_document())
    assert (await other.staff().read(RECEIPT, id=entry))["receipt"] is None
    for nonsense in ("x", "TWVtYmVyOjE", entry[:-2]):
        assert (await stage.staff().read(RECEIPT, id=nonsense))["receipt"] is None
