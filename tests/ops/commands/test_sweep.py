"""`sweep` from the command line: what time alone and a new policy have changed, written down."""

import re
from pathlib import Path

from tests.ops.commands.test_imports import bookings, write, yesterday
from tests.support.commands import Commands
from tests.support.factories import SHIPPED

TEXT = (SHIPPED / "ota.yaml").read_text(encoding="utf-8")


async def test_a_sweep_expires_points_and_raises_whom_a_new_policy_puts_higher(
    ota: Commands, tmp_path: Path
) -> None:
    file = write(tmp_path / "bookings.csv", [f"U-1,B-1,{yesterday()},hotel,3500"])
    ota.output(*bookings(file, "--enrol"))
    lower = tmp_path / "lower.yaml"
    lower.write_text(TEXT.replace("threshold: 5000\n", "threshold: 3000\n", 1), encoding="utf-8")
    ota.output("programme", "publish", str(lower))
    sweep = ("sweep", "--programme", "ota")

    said = ota.run(*sweep).stderr
    assert re.search(r"reviewed the tiers of 0 and of 1 by a new policy, released expired", said)
    assert "and of 0 by a new policy" in ota.run(*sweep).stderr

    ota.output("clock", "--programme", "ota", "--advance", "1 year 2 days")
    assert "wrote 1 entry of 1 member," in ota.run(*sweep).stderr
    assert await ota.faults() == []
