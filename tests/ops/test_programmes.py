"""Publishing and showing programmes, and their clocks, from the command line."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from domain.policy import parse
from tests.factories import SHIPPED
from tests.ops.commands import Commands

OTA = str(SHIPPED / "ota.yaml")


def document(folder: Path, **changes: object) -> str:
    """A copy of the shipped document with parts replaced; its path."""
    tree = yaml.safe_load(Path(OTA).read_text(encoding="utf-8"))
    path = folder / "copy.yaml"
    path.write_text(yaml.safe_dump({**tree, **changes}, allow_unicode=True), encoding="utf-8")
    return str(path)


def test_publishing_makes_a_programme_then_versions(commands: Commands, tmp_path: Path) -> None:
    said = commands.output("programme", "publish", OTA)
    assert said == "created programme ota: version 1 from the beginning of time\n"
    again = commands.output("programme", "publish", OTA)
    assert again == "version 1 of ota is this document already\n"

    changed = document(tmp_path, payment_methods=["card", "partner_card", "cash"])
    later = commands.output("programme", "publish", changed, "--effective", "2099-01-01")
    assert later == "published version 2 of ota from 2099-01-01 00:00:00 Asia/Shanghai\n"

    shown = commands.output("programme", "show", "ota")
    assert re.search(r"1 +from the beginning of time +in force", shown)
    assert re.search(r"2 +from 2099-01-01 00:00:00 Asia/Shanghai", shown)
    printed = commands.output("programme", "show", "ota", "--document", "--version", "2")
    assert parse(printed).payment_methods == ("card", "partner_card", "cash")


def test_a_first_version_may_begin_on_a_day(commands: Commands) -> None:
    said = commands.output("programme", "publish", OTA, "--effective", "2020-01-01")
    assert said == "created programme ota: version 1 from 2020-01-01 00:00:00 Asia/Shanghai\n"


def test_a_programme_that_has_not_begun_can_be_shown(commands: Commands) -> None:
    commands.output("programme", "publish", OTA, "--effective", "2099-01-01")
    shown = commands.output("programme", "show", "ota")
    assert "from 2099-01-01 00:00:00 Asia/Shanghai" in shown
    assert "in force" not in shown
    assert commands.output("clock", "--programme", "ota").endswith("(real time)\n")


def test_every_fault_of_a_document_is_a_line(commands: Commands, tmp_path: Path) -> None:
    wrong = document(tmp_path, currency="XXY", timezone="Asia/Nowhere", products=["hotel"] * 2)
    done = commands.run("programme", "publish", wrong)
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert "timezone: no such IANA zone: 'Asia/Nowhere'" in lines
    assert "currency: no such ISO 4217 currency: 'XXY'" in lines
    assert "products: 'hotel' is defined twice" in lines
    assert lines[-1] == f"error: {wrong} has {len(lines) - 1} faults: nothing was published"
    assert commands.refusal("programme", "show", "ota").startswith("there is no programme 'ota'")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["publish", "nowhere.yaml"], "cannot read nowhere.yaml: No such file or directory"),
        (["publish", OTA, "--programme", "agency"], f"{OTA} is of programme 'ota', not 'agency'"),
        (["publish", OTA, "--effective", "soon"], "'soon' is not a date such as 2027-03-16"),
        (["show", "nowhere"], "there is no programme 'nowhere'"),
    ],
)
def test_refusals_are_one_line(commands: Commands, arguments: list[str], said: str) -> None:
    assert commands.refusal("programme", *arguments) == said


def test_a_next_version_cannot_begin_in_the_past(ota: Commands, tmp_path: Path) -> None:
    changed = document(tmp_path, payment_methods=["card", "partner_card"])
    said = ota.refusal("programme", "publish", changed, "--effective", "2020-01-01")
    assert said.startswith("A new version cannot be effective before now")


def shown_clock(text: str) -> datetime:
    return datetime.fromisoformat(text[:19])


def test_the_clock_moves_forward_only(ota: Commands) -> None:
    real = ota.output("clock", "--programme", "ota")
    assert real.endswith("Asia/Shanghai (real time)\n")
    moved = ota.output("clock", "--programme", "ota", "--advance", "36 hours")
    ahead = shown_clock(moved) - shown_clock(real)
    assert timedelta(hours=36) <= ahead < timedelta(hours=36, minutes=1)

    there = ota.output("clock", "--programme", "ota", "--to", "2099-03-16")
    assert there.startswith("2099-03-16 00:00:0")
    year = ota.output("clock", "--programme", "ota", "--advance", "1 year")
    assert year.startswith("2100-03-16 00:00:")
    refused = ota.refusal("clock", "--programme", "ota", "--to", "2099-01-01")
    assert refused.startswith("the clock of ota never goes back: it is 2100-03-16")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--advance", "a while"], "'a while' is not a span such as '1 year'"),
        (["--advance", "999999 years"], "'999999 years' is beyond the calendar"),
        (["--to", "someday"], "'someday' is not a date such as 2027-03-16"),
        (["--advance", "1 day", "--to", "2099-01-01"], "say how far the clock moves once"),
    ],
)
def test_a_clock_that_cannot_be_set(ota: Commands, arguments: list[str], said: str) -> None:
    assert ota.refusal("clock", "--programme", "ota", *arguments).startswith(said)


def test_productions_clock_is_real(ota: Commands) -> None:
    production = {"MILEPOST_ENVIRONMENT": "production", "MILEPOST_ALLOW_DEVELOPMENT_KEYS": "true"}
    assert ota.output("clock", "--programme", "ota", **production).endswith("(real time)\n")
    said = ota.refusal("clock", "--programme", "ota", "--advance", "1 day", **production)
    assert said == "production runs on real time: its clock cannot be moved"
