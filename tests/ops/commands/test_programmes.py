"""Publishing and showing programmes, and their clocks, from the command line."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from domain.programmes.reader import parse
from ops.commands import instants, programmes
from ops.errors import OperationError
from tests.support.commands import Commands
from tests.support.factories import SHIPPED

OTA = str(SHIPPED / "ota.yaml")


BONUS = "Points for bookings – Bonus for flights from CNY 2000"
LIMIT = f"{BONUS} – Limit for each member"
GOLD = "Tiers – Levels – Gold – Points multiplied by"


def document(folder: Path, **changes: object) -> str:
    """A copy of the shipped document with parts replaced; its path."""
    tree = yaml.safe_load(Path(OTA).read_text(encoding="utf-8"))
    path = folder / "copy.yaml"
    path.write_text(yaml.safe_dump({**tree, **changes}, allow_unicode=True), encoding="utf-8")
    return str(path)


def test_publishing_makes_a_programme_then_versions(commands: Commands, tmp_path: Path) -> None:
    said = commands.output("programme", "publish", OTA, "--new")
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
    said = commands.output("programme", "publish", OTA, "--new", "--effective", "2020-01-01")
    assert said == "created programme ota: version 1 from 2020-01-01 00:00:00 Asia/Shanghai\n"


def test_a_programme_that_has_not_begun_can_be_shown(commands: Commands) -> None:
    commands.output("programme", "publish", OTA, "--new", "--effective", "2099-01-01")
    shown = commands.output("programme", "show", "ota")
    assert "from 2099-01-01 00:00:00 Asia/Shanghai" in shown
    assert "in force" not in shown


def test_every_fault_of_a_document_is_a_line(commands: Commands, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    text = Path(OTA).read_text(encoding="utf-8")
    for right, slip in (("Asia/Shanghai", "Asia/Shangai"), ("[flight]", "[fligth]")):
        text = text.replace(right, slip, 1)
    wrong.write_text(text.replace("points: 500\n    limit", "points: 0500\n    limit"), "utf-8")
    lines = {
        slip: number
        for number, line in enumerate(wrong.read_text().splitlines(), 1)
        for slip in ("Shangai", "fligth", "0500")
        if slip in line
    }
    done = commands.run("programme", "publish", str(wrong), LANG="de_DE.UTF-8")
    assert (done.returncode, done.stdout) == (1, "")
    sold = "flight, hotel, train, car, ticket, holiday_package, local_experience"
    zone, product, number, last = done.stderr.splitlines()
    assert zone == (
        f"line {lines['Shangai']}, column 11, timezone: "
        'There is no time zone "Asia/Shangai". Did you mean Asia/Shanghai?'
    )
    assert product == (
        f"line {lines['fligth']}, column 23, earning.1.when.products.0 (flight_over_2000): "
        f'"fligth" is not defined; defined names: {sold}. Did you mean flight?'
    )
    assert number == (
        f"line {lines['0500']}, column 13, activities.0.points (verification): "
        '"0500" is not a number as written here, such as 500, -3 or 1.5. Put text that looks '
        "like a number in quotes. Did you mean 500?"
    )
    assert last == f"error: {wrong}: 3 faults, nothing was published"
    by_environment = commands.run("programme", "publish", str(wrong), LANG="zh_CN.UTF-8")
    by_option = commands.run("programme", "publish", str(wrong), "--language", "zh-CN", LANG="en")
    assert by_environment.stderr == by_option.stderr
    assert by_option.stderr.splitlines()[0] == (
        f"第 {lines['Shangai']} 行第 11 列，timezone：没有时区 “Asia/Shangai”。"
        "是否想写 Asia/Shanghai？"
    )
    assert by_option.stderr.splitlines()[-1] == f"error: {wrong}：3 处错误，未发布任何内容"
    unknown = commands.refusal("programme", "publish", str(wrong), "--language", "klingon")
    assert unknown == "'klingon' is not one of zh-CN, en"
    assert commands.refusal("programme", "show", "ota").startswith("there is no programme 'ota'")


def test_a_slip_in_the_name_makes_no_programme(ota: Commands, tmp_path: Path) -> None:
    slip = document(tmp_path, programme="otta")
    for options in ((), ("--dry-run",)):
        said = ota.refusal("programme", "publish", slip, *options)
        assert said == "there is no programme 'otta': did you mean ota? --new creates it"
    assert ota.refusal("programme", "show", "otta") == (
        "there is no programme 'otta': did you mean ota?"
    )
    far = document(tmp_path, programme="lounge_club")
    said = ota.refusal("programme", "publish", far)
    assert said == "there is no programme 'lounge_club': --new creates it"
    tried = ota.output("programme", "publish", far, "--new", "--dry-run").splitlines()
    made = "create programme lounge_club: version 1 from the beginning of time"
    assert tried == [f"would {made}", "nothing was written"]
    assert ota.refusal("programme", "show", "lounge_club").startswith("there is no programme")

    changed = document(tmp_path, payment_methods=["card", "partner_card"])
    said = ota.refusal("programme", "publish", changed, "--new")
    assert said == "there is a programme 'ota' already: leave out --new"


def test_a_dry_run_says_what_would_change_and_writes_nothing(ota: Commands, tmp_path: Path) -> None:
    tree = yaml.safe_load(Path(OTA).read_text(encoding="utf-8"))
    tree["earning"][1] |= {"points": 400, "limit": {"times": 1, "per": "day"}}
    tree["tiers"]["levels"][1]["multiplier"] = 1.25
    del tree["reminders"]
    changed = tmp_path / "changed.yaml"
    changed.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    options = ("--effective", "2099-01-01", "--dry-run")
    assert ota.output("programme", "publish", str(changed), *options).splitlines() == [
        "would publish version 2 of ota from 2099-01-01 00:00:00 Asia/Shanghai",
        "changes from version 1: 4",
        f"  ~ {GOLD}: ×1.25 instead of ×1.2. [tiers.levels.gold.multiplier]",
        f"  + {LIMIT}: new, Times: 1; Within: a day. [earning.flight_over_2000.limit]",
        f"  ~ {BONUS} – Points: 400 instead of 500. [earning.flight_over_2000.points]",
        "  - Reminders: gone; it was Days before points expire: 30. [reminders]",
        "nothing was written",
    ]
    same = ota.output("programme", "publish", OTA, "--dry-run").splitlines()
    assert same == ["version 1 of ota is this document already", "nothing was written"]
    # what publishing refuses, trying refuses, in the reader's language
    yen = document(tmp_path, currency="JPY")
    for tried in (["--dry-run"], []):
        said = ota.refusal("programme", "publish", yen, *tried, "--language", "zh-CN")
        assert said.startswith("JPY 不能取代 CNY")
    assert re.findall(r"(?m)^ *(\d) +from", ota.output("programme", "show", "ota")) == ["1"]


def test_an_earlier_version_holds_again(ota: Commands, tmp_path: Path) -> None:
    changed = document(tmp_path, payment_methods=["card", "partner_card"])
    ota.output("programme", "publish", changed)
    tried = ota.output("programme", "rollback", "ota", "1", "--dry-run").splitlines()
    assert tried[0].startswith("would publish version 3 of ota from ")
    changed_back = (
        "  ~ Payment methods: card, partner_card, wechat, and alipay instead of card and "
        "partner_card. [payment_methods]"
    )
    assert tried[1:] == ["changes from version 2: 1", changed_back, "nothing was written"]
    compared = ota.output("programme", "diff", "ota", "2", OTA).splitlines()
    assert compared == [f"changes from 2 to {OTA}: 1", changed_back]
    assert ota.output("programme", "diff", "ota", "1", "1") == "changes from 1 to 1: 0\n"
    chinese = ota.output("programme", "diff", "ota", "1", "2", "--language", "zh-CN").splitlines()
    fewer = "card、partner_card、wechat和alipay改为card和partner_card"
    assert chinese[1] == f"  ~ 支付方式：由{fewer}。 [payment_methods]"
    guide = ota.output("programme", "guide", "ota", "--version", "1").splitlines()
    assert guide[:3] == ["# Journey Points", "", "The rules in force, version 1."]
    assert "- Points multiplied by: ×1.2" in guide
    said = ota.output("programme", "rollback", "ota", "1", "--effective", "2099-01-01")
    assert said == "published version 3 of ota from 2099-01-01 00:00:00 Asia/Shanghai\n"
    printed = ota.output("programme", "show", "ota", "--document", "--version", "2")
    assert printed == Path(changed).read_text(encoding="utf-8")
    assert ota.refusal("programme", "rollback", "ota", "9") == "there is no version '9'"
    assert (
        ota.refusal("programme", "diff", "ota", "1", "9") == "ota has no version 9; the last is 3"
    )
    assert ota.refusal("programme", "rollback", "nowhere", "1").startswith("there is no programme")


def test_documents_that_cannot_be_published(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match=r"^cannot read nowhere.yaml: No such file"):
        programmes.publish(Path("nowhere.yaml"))
    with pytest.raises(OperationError, match=r"is of programme 'ota', not 'agency'$"):
        programmes.publish(Path(OTA), programme="agency")
    with pytest.raises(OperationError, match=r"^'soon' is not a date such as 2027-03-16$"):
        programmes.publish(Path(OTA), effective="soon")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OperationError, match=r"it is not UTF-8 text$"):
        programmes.publish(binary)


def test_a_next_version_cannot_begin_in_the_past(ota: Commands, tmp_path: Path) -> None:
    changed = document(tmp_path, payment_methods=["card", "partner_card"])
    said = ota.refusal("programme", "publish", changed, "--effective", "2020-01-01")
    assert said.startswith("A new version cannot be effective before now")
    assert "UTC" not in said
    for more in ([], ["--dry-run"]):
        said = ota.refusal("programme", "publish", changed, "--effective", "9999-12-31", *more)
        assert said == "The date 9999-12-31 is not within 1900-01-01 – 2999-12-31."
    said = ota.refusal("programme", "rollback", "ota", "1", "--effective", "2020-01-01")
    assert said.startswith("A new version cannot be effective before now")
    assert "UTC" not in said


def shown_clock(text: str) -> datetime:
    return datetime.fromisoformat(text[:19])


def test_the_clock_moves_forward_only(ota: Commands) -> None:
    real = ota.output("clock", "--programme", "ota")
    assert real.endswith("Asia/Shanghai (real time)\n")
    moved = ota.output("clock", "--programme", "ota", "--advance", "36 hours")
    ahead = shown_clock(moved) - shown_clock(real)
    assert timedelta(hours=36) <= ahead < timedelta(hours=36, minutes=1)

    there = ota.output("clock", "--programme", "ota", "--to", "2099-03-16")
    assert there.startswith("2099-03-16 00:0")
    refused = ota.refusal("clock", "--programme", "ota", "--to", "2099-01-01")
    assert refused.startswith("the clock of ota cannot go back: it is 2099-03-16")


SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("span", "there"),
    [
        ("1 year", "2025-02-28T22:30"),
        ("1 month", "2024-03-29T22:30"),
        ("1 year 1 day", "2025-03-01T22:30"),
        ("1 month 36 hours", "2024-03-31T10:30"),
        ("2 weeks", "2024-03-14T22:30"),
        ("36 HOURS", "2024-03-02T10:30"),
        ("90seconds", "2024-02-29T22:31:30"),
    ],
)
def test_spans_are_local(span: str, there: str) -> None:
    leap_day = instants.parse("2024-02-29T22:30", SHANGHAI)
    assert instants.later(leap_day, span, SHANGHAI) == instants.parse(there, SHANGHAI)


def test_instants_and_spans_that_are_none() -> None:
    for text in ("someday", "", "2024-13-01", "0001-01-01T00:00+14:00"):
        with pytest.raises(OperationError, match=r"is not a date such as 2027-03-16$"):
            instants.parse(text, SHANGHAI)
    now = datetime.now(UTC)
    for text in ("a while", "-1 day", "1", "day", "1 day 1", "1 day-1 day"):
        with pytest.raises(OperationError, match=r"is not a span such as '1 year'"):
            instants.later(now, text, SHANGHAI)
    with pytest.raises(OperationError, match=r"^'999999 years' is beyond the calendar$"):
        instants.later(now, "999999 years", SHANGHAI)
    with pytest.raises(OperationError, match=r"^give --advance SPAN or --to DATE, not both"):
        programmes.clock("ota", advance="1 day", to="2099-01-01")


def test_productions_clock_is_real(ota: Commands) -> None:
    production = {
        "MILEPOST_ENVIRONMENT": "production",
        "MILEPOST_ALLOW_DEVELOPMENT_KEYS": "true",
        "MILEPOST_SECRET_KEY": "0" * 43,
        "MILEPOST_SEAL_KEYS": "2026:" + "0" * 43 + "=",
    }
    assert ota.output("clock", "--programme", "ota", **production).endswith("(real time)\n")
    said = ota.refusal("clock", "--programme", "ota", "--advance", "1 day", **production)
    assert said == "production runs on real time: its clock cannot be moved"


def test_the_schema_of_a_document_is_named_by_those_that_ship(
    capsys: pytest.CaptureFixture[str],
) -> None:
    programmes.schema()
    printed = capsys.readouterr().out
    schema = json.loads(printed)
    assert set(yaml.safe_load(Path(OTA).read_text(encoding="utf-8"))) <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert "class" in schema["$defs"]["MultiplierRule"]["required"]
    named = "# yaml-language-server: $schema=policy.schema.json\n"
    assert all(path.read_text("utf-8").startswith(named) for path in SHIPPED.glob("*.yaml"))
