"""Who was erased stays so in a database that was restored from before it."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pgqueuer

from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.privacy.erasing import Erased
from domain.programmes import programmes
from ops import erasures
from ops.postgres.database import connected
from ops.worker.jobs import JOBS
from ops.worker.turns import Turn
from tests.support import factories as make
from tests.support.commands import Commands
from tests.support.processes import free_port


async def test_who_was_erased_after_the_backup_is_erased_again(
    ota: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "outside" / "erasures.jsonl"
    turn = Turn("note_erasures", cast(pgqueuer.Queries, None), asyncio.Event(), file)
    async with connected(ota.database.serving, everywhere=False):
        programme = await programmes.get("ota")
        gone = await make.enrol(programme, reference="gone")
        # as it was at the instant of the backup, with a hold that has died unwritten since
        holds = await make.rich_member(programme, 500, reference="holds", name="Li")
        lounge = await make.reward(programme, list_points=100)
        await make.redeem(programme, holds, lounge, hold=True)
        await make.erase(programme, gone)
        for _ in range(2):
            await JOBS["note_erasures"].work(turn)
    assert erasures.read(file) == [Erased(gone, "ota")]
    assert ota.refusal("erasures") == "MILEPOST_ERASURES names no file"
    elsewhere = Erased(holds, "ota"), Erased(new_id(), "ota")
    erasures.append(file, elsewhere)
    setting = {"MILEPOST_ERASURES": str(file)}

    for command in (("serve", "--port", str(free_port())), ("worker",)):
        assert ota.refusal(*command, **setting) == (
            f"1 member listed in {file} is not erased in this database: run "
            "`python -m ops erasures`"
        ), command
    assert ota.output("erasures", **setting) == "erased 1 member of 3\n"
    assert ota.output("erasures", **setting) == "erased 0 members of 3\n"

    async with connected(ota.database.serving, everywhere=False):
        [member] = await rows("SELECT name, status FROM member WHERE member_id = $1", holds)
        assert member == {"name": None, "status": "ERASED"}
        [made] = await rows("SELECT points, erased_by FROM erasure WHERE member_id = $1", holds)
        assert made == {"points": 500, "erased_by": "system:restore"}
    assert await ota.faults() == []
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps({"member": "nobody"}) + "\n")
    assert ota.refusal("erasures", **setting) == f"{file}, line 4: not an entry of an erased member"


async def test_what_is_held_is_given_up_once_it_comes_back(ota: Commands, tmp_path: Path) -> None:
    file = tmp_path / "erasures.jsonl"
    setting = {"MILEPOST_ERASURES": str(file)}
    async with connected(ota.database.serving, everywhere=False):
        programme = await programmes.get("ota")
        now = programme.now(datetime.now(UTC))
        holds = await make.rich_member(programme, 500, now=now, reference="holds")
        lounge = await make.reward(programme, list_points=100)
        held = await make.redeem(programme, holds, lounge, hold=True, now=now)
    erasures.append(file, [Erased(holds, "ota")])
    left = "1 member still has points on hold or owes points: run this again once that has ended\n"
    assert ota.output("erasures", **setting) == f"erased 1 member of 1\n{left}"
    assert ota.output("erasures", **setting) == f"erased 0 members of 1\n{left}"
    async with connected(ota.database.serving, everywhere=False):
        await make.cancel(programme, holds, held, caller=make.staff(programme), now=now)
        assert (await make.state(holds, now)).balances.available == 100

    assert ota.output("erasures", **setting) == "erased 0 members of 1\n"

    async with connected(ota.database.serving, everywhere=False):
        assert (await make.state(holds, now)).balances.available == 0
        [account] = await rows("SELECT closed_at FROM account WHERE member_id = $1", holds)
        assert account["closed_at"] is not None
    assert await ota.faults() == []
