"""References that nobody may have: those of members who were erased."""

from typing import Any

import pytest

from domain.kernel.callers import Scope
from domain.kernel.database import rows
from tests.support import factories as make
from tests.support.callers import TODAY, Client, open_stage
from tests.support.imported import bring, refused

pytestmark = pytest.mark.usefixtures("database")


async def test_nobody_is_called_as_who_was_erased() -> None:
    stage = await open_stage()
    taken = f"erased-{await make.enrol(stage.programme, now=TODAY, reference='y4')}"
    staff, partner = stage.staff(), await stage.partner(tuple(Scope))
    calls: list[tuple[Client, dict[str, Any]]] = [
        (staff, {"reference": taken}),
        (partner, {"reference": taken}),
        (staff, {"reference": taken, "guest": True}),
        (stage.signed(taken), {}),
    ]
    for caller, sent in calls:
        problem = await caller.reading("en").refused("enrolMember", **sent)
        assert (problem["code"], problem["path"], problem["message"]) == (
            "INVALID_INPUT",
            ["reference"],
            "This begins with erased-, as the references of erased members do; give another.",
        )
    brought = await bring(stage, "MEMBERS", f"reference,name\n{taken},Li\n".encode())
    assert (brought["done"], brought["refused"]) == (0, 1)
    [_, row] = await refused(brought)
    assert row[-3:-1] == ["INVALID_INPUT", "reference"]
    await staff.done("eraseMember", member={"reference": "y4"}, confirm=0)
    [named] = await rows("SELECT count(*) AS count FROM member WHERE reference = $1", taken)
    assert named == {"count": 1}
