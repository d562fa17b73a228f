"""Placing and showing rewards from the command line."""

import json
from pathlib import Path

import pytest
import yaml

from domain.rewards import offers
from ops.commands import rewards
from ops.errors import OperationError
from ops.postgres.connections import connection
from tests.support.commands import Commands
from tests.support.factories import SHIPPED

OTA = str(SHIPPED / "rewards" / "ota.yaml")


def test_rewards_are_placed_changed_and_shown(commands: Commands, tmp_path: Path) -> None:
    commands.output("programme", "publish", str(SHIPPED / "ota.yaml"), "--new")
    tried = commands.output("rewards", "place", OTA, "--dry-run")
    assert tried.endswith("rewards of ota: 10 new, 0 changed, 0 unchanged; nothing was written\n")
    said = commands.output("rewards", "place", OTA)
    assert said.startswith("coupon_10 new\n")
    assert said.endswith("rewards of ota: 10 new, 0 changed, 0 unchanged\n")

    printed = commands.output("rewards", "show", "ota", "--document")
    tree = yaml.safe_load(printed)
    [lounge] = [reward for reward in tree["rewards"] if reward["code"] == "lounge"]
    lounge.update(points=4500, stock=20, partner="nobody")
    changed = tmp_path / "changed.yaml"
    changed.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    refused = commands.run("rewards", "place", str(changed))
    place = tree["rewards"].index(lounge)
    [line] = [n for n, text in enumerate(changed.read_text().splitlines(), 1) if "nobody" in text]
    assert (refused.returncode, refused.stdout) == (1, "")
    fault, last = refused.stderr.splitlines()
    assert fault == (
        f"line {line}, column 12, rewards.{place}.partner (lounge): "
        '"nobody" is not defined; defined names: none.'
    )
    assert last == f"error: {changed}: 1 fault, nothing was placed"

    del lounge["partner"]
    changed.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    done = commands.output("rewards", "place", str(changed), "--stock").splitlines()
    assert "lounge changed: points, stock" in done
    assert done[-1] == "rewards of ota: 0 new, 1 changed, 9 unchanged"
    shown = [line.split() for line in commands.output("rewards", "show", "ota").splitlines()]
    assert ["lounge", "service", "4500", "20", "always"] in shown
    assert ["coupon_open", "coupon", "any", "endless", "always"] in shown


async def test_a_stock_that_is_wrong_is_named_until_it_is_counted_again(commands: Commands) -> None:
    commands.output("programme", "publish", str(SHIPPED / "ota.yaml"), "--new")
    commands.output("rewards", "place", OTA)
    assert commands.output("rewards", "count", "--again") == "0 pools counted\n"
    async with connection(commands.database.owner) as owner:
        reward_id, left = await owner.fetchrow(
            "UPDATE reward_stock SET remaining = remaining + 7 WHERE reward_id = "
            "(SELECT id FROM reward WHERE code = 'lounge') RETURNING reward_id, remaining"
        )
    wrong = f"reward_stock {reward_id}: remaining is {left}, should be {left - 7}, what its "
    found = commands.run("verify")
    assert (found.returncode, found.stdout.startswith(wrong)) == (1, True)
    assert commands.output("rewards", "count") == "0 pools counted\n"
    assert commands.run("verify").returncode == 1
    said = commands.output("rewards", "count", "--again")
    assert said == "0 pools counted\naccepted 1 stock as found\n"
    assert commands.run("verify").returncode == 0


def test_files_that_cannot_be_placed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OperationError, match=r"^cannot read nowhere.yaml: No such file"):
        rewards.place(Path("nowhere.yaml"))
    with pytest.raises(OperationError, match=r"is of programme 'ota', not 'agency'$"):
        rewards.place(Path(OTA), programme="agency")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OperationError, match=r"it is not UTF-8 text$"):
        rewards.place(binary)
    binary.write_text("programme: ota\nrewards: [{code: A}]", encoding="utf-8")
    with pytest.raises(OperationError, match=r"\d faults?, nothing was placed$"):
        rewards.place(binary)
    assert 'rewards.0.points (A): "points" is missing.' in capsys.readouterr().err


def test_the_schema_tells_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    rewards.schema()
    said = capsys.readouterr().out
    printed = json.loads(said)
    assert set(printed["$defs"]["Offer"]["properties"]) == set(offers.Offer.model_fields)
