"""Verification of experiments: who met which variant, and what controls would have given."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import orjson
import pytest

from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from tests.domain.proof.test_verification_movements import read
from tests.support import factories as make
from tests.support import trials

pytestmark = pytest.mark.usefixtures("database")

DAYS = {"from": "2026-03-01", "until": "2026-03-31"}

Tables = dict[str, list[dict[str, Any]]]


def _set(table: str, **values: Any) -> Callable[[Tables], None]:
    return lambda tables: tables[table][0].update(values)


def _without(table: str) -> Callable[[Tables], None]:
    return lambda tables: tables[table].clear()


def _tried(tables: Tables) -> None:
    snapshot = orjson.loads(tables["booking"][0]["snapshot"])
    snapshot["experiments"]["earn_rate"]["control_points"] = 1
    tables["booking"][0]["snapshot"] = orjson.dumps(snapshot).decode()


def _untried(tables: Tables) -> None:
    snapshot = orjson.loads(tables["booking"][0]["snapshot"])
    del snapshot["experiments"]
    tables["booking"][0]["snapshot"] = orjson.dumps(snapshot).decode()


def _line(tables: Tables) -> None:
    """The booking's line, as the control would have judged it."""
    tables["booking_line"][0]["cash_minor"] = 50_000


PLANTED: dict[str, tuple[Callable[[Tables], None], str]] = {
    "another variant": (
        _set("exposure", variant="a"),
        "exposure: variant of earn_rate is a, should be b",
    ),
    "no experiment": (
        _set("exposure", experiment="none"),
        "exposure: variant of none is b, should be null",
    ),
    "no exposure": (_without("exposure"), "trial: its exposure is null"),
    "another variant tried": (_set("trial", variant="a"), "trial: variant is a, should be b"),
    "other points": (
        _set("trial", points=1300, extra_points=100),
        "trial: points is 1300, should be 1500, as its booking",
    ),
    "other points of the control": (
        _set("trial", control_points=1000, extra_points=500),
        "trial: control_points is 1000, should be 1200, what its control gives",
    ),
    "no trial": (_without("trial"), "booking: experiments is {'earn_rate'"),
    "not in the snapshot": (
        _untried,
        "booking: experiments is {}, should be {'earn_rate'",
    ),
    "otherwise in the snapshot": (_tried, "booking: experiments is {'earn_rate'"),
    "another line": (_line, "trial: control_points is 1200, should be 600"),
}


async def test_every_altered_value_is_found() -> None:
    programme = await make.establish(trials.document(trials.earn_rate(**DAYS)))
    member_id = await trials.member(programme, "earn_rate", "b")
    await make.book(programme, member_id, ("hotel", "1000"))
    rows = await read(member_id)
    known = await verification.read_catalogue(Catalogue({}, {}), [rows])

    def faults(found: MemberRows) -> list[str]:
        told = invariants.check(found, known)
        return [f"{one.table}: {one.what} is {one.found}, should be {one.expected}" for one in told]

    assert faults(rows) == []
    for name, (alter, expected) in PLANTED.items():
        planted = MemberRows(member_id, deepcopy(rows.tables))
        alter(planted.tables)
        found = faults(planted)
        assert any(one.startswith(expected) for one in found), (name, found)
