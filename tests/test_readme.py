"""The README and the pages beside it say what is true: their examples answer as shown."""

import json
import re
import secrets
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.kernel.ids import CODE_ALPHABET
from domain.programmes import programmes
from domain.rewards import offers, placing
from ops.commands import instants
from ops.postgres.connections import connection
from ops.postgres.database import unguarded_tables
from ops.settings import ROOT
from tests.conftest import Database, Server
from tests.support import sending
from tests.support.callers import EXPIRES_ON, Stage, open_stage
from tests.support.commands import Commands
from tests.support.shown import README, Block, shown_blocks, shown_text

SHOWN_EXPIRY = "2027-11-22"
"""The last valid date in the documents, where the test's clock stands at another day."""

SHOWN_DAYS = {
    "2026-11-01": "2126-03-01",
    "2026-11-30": "2126-03-31",
    "2026-11-17": "2126-03-05",
}
"""The days of a statement and of a claim in the documents, and those of the test's clock."""

COUPON_CODE = re.compile(f"[{CODE_ALPHABET}]{{12}}")
GLOBAL_ID = re.compile(r"[A-Za-z0-9_-]{40,}")
API_KEY = re.compile(r"mp_development_[A-Za-z0-9_]+")
SECRET = re.compile("whsec_[A-Za-z0-9+/]{43}=")
ASKED = re.compile(r"""^ask "\$(?P<caller>[A-Z]+)" '(?P<operation>[^']+)'""", re.MULTILINE)
CALLERS = {"as the member": "MEMBER", "as the partner": "PARTNER", "as staff": "STAFF"}


@dataclass(frozen=True)
class Example:
    """An operation as a caller sends it, and the answer shown below it."""

    caller: str
    operation: str
    answer: dict[str, Any]


def examples() -> Iterator[Example]:
    shown = shown_blocks()
    for block, below in zip(shown, [*shown[1:], Block("", "")], strict=True):
        if block.language == "graphql" and block.text.startswith("# "):
            comment, _, operation = block.text.partition("\n")
            caller = CALLERS[comment.removeprefix("# ")]
        elif asked := ASKED.search(block.text):
            caller, operation = asked["caller"], asked["operation"]
        else:
            continue
        assert below.language == "json", f"no answer below {operation}"
        yield Example(caller, operation, json.loads(below.text))


def alike(shown: Any, answered: Any) -> bool:
    """Equal, but for the day on which it was played, and codes and ids that differ each time."""
    if isinstance(shown, dict) and isinstance(answered, dict):
        return shown.keys() == answered.keys() and all(
            alike(shown[name], answered[name]) for name in shown
        )
    if isinstance(shown, list) and isinstance(answered, list):
        return len(shown) == len(answered) and all(map(alike, shown, answered))
    if shown == SHOWN_EXPIRY:
        return bool(answered == EXPIRES_ON)
    if shown in SHOWN_DAYS:
        return bool(answered == SHOWN_DAYS[shown])
    for changing in (COUPON_CODE, GLOBAL_ID, SECRET, API_KEY):
        if isinstance(shown, str) and isinstance(answered, str) and changing.fullmatch(shown):
            return changing.fullmatch(answered) is not None
    return bool(shown == answered)


def cited_in(answer: Any) -> list[str]:
    """The coupons' codes and the ids of an answer, which what comes after it cites."""
    return re.findall(r'(?<="codes": \[")\w+|(?<="id": ")[\w-]+', json.dumps(answer))


async def open_shop(stage: Stage) -> None:
    """The rewards that `ota` ships with."""
    shipped = offers.shipped("ota")
    assert shipped is not None
    own = shipped.model_copy(update={"programme": stage.programme.code})
    await placing.place(stage.programme, own, stage.now())


async def save_as_shown(stage: Stage, mutation: str) -> Any:
    """What is saved with variables; the answer."""
    shown = shown_blocks()
    [place] = [number for number, block in enumerate(shown) if f"{mutation}(" in block.text]
    operation, variables = shown[place].text, json.loads(shown[place + 1].text)
    return (await stage.staff().read(operation, **variables))[mutation]


@pytest.mark.usefixtures("database")
async def test_every_example_answers_as_shown() -> None:
    stage = await open_stage()
    await open_shop(stage)
    saved = await save_as_shown(stage, "saveAnnouncement")
    assert saved == {"announcement": {"code": "lounge_week"}, "errors": []}
    callers = {
        "MEMBER": stage.member("xiaoli"),
        "PARTNER": await stage.partner(),
        "STAFF": stage.staff(),
    }

    played, meant = 0, dict(SHOWN_DAYS)
    for example in examples():
        operation = example.operation
        for shown, played_on in meant.items():
            operation = operation.replace(shown, played_on)
        await sending.notify(stage.programme, stage.now())
        answered = await callers[example.caller].ask(operation)
        if "extensions" not in example.answer:
            answered.pop("extensions")
        assert alike(example.answer, answered), f"{example.operation}\nanswers {answered}"
        meant |= zip(cited_in(example.answer), cited_in(answered), strict=True)
        played += 1

    assert played == 34
    saved = await save_as_shown(stage, "saveReward")
    assert saved == {"reward": {"code": "hotel_50"}, "errors": []}
    assert '"availableAfter": 4350' in README.read_text(encoding="utf-8")


def test_the_import_answers_as_shown(fresh_database: Database, tmp_path: Path) -> None:
    commands = Commands(fresh_database, tmp_path)
    [shown] = [block.text for block in shown_blocks() if block.text.startswith("cat > ")]
    _, table, line = re.split(r"^cat > .*\n|^CSV\n", shown, flags=re.MULTILINE)
    [answer] = [block.text for block in shown_blocks() if " recorded (" in block.text]
    file = tmp_path / "bookings.csv"
    file.write_text(table, encoding="utf-8")
    arguments = shlex.split(line)[3:]
    assert arguments.pop(2) == "/tmp/bookings.csv"
    commands.output(
        "programme", "publish", str(ROOT / "domain/programmes/documents/ota.yaml"), "--new"
    )

    done = commands.run(*arguments[:2], str(file), *arguments[2:])

    assert done.returncode == 3, done.stderr
    assert done.stdout.partition(";")[0] == answer.partition(";")[0]
    assert "unknown product" in (tmp_path / "bookings.csv.refused.csv").read_text().lower()
    verified = commands.run("verify")
    assert verified.stderr.startswith("no fault in 2 members with ")
    shown = shown_text()
    assert re.search(r"^no fault in \d+ members with \d+ entries$", shown, re.MULTILINE)


def test_a_programme_of_ones_own_is_made_as_shown(fresh_database: Database, tmp_path: Path) -> None:
    commands = Commands(fresh_database, tmp_path)
    [script] = [one.text for one in shown_blocks() if "programme schema >" in one.text]
    [said] = [one.text for one in shown_blocks() if one.text.startswith("created programme")]
    [guide] = [one.text for one in shown_blocks() if one.language == "markdown"]
    before, document, after = re.split(r"^cat > .*\n|^YAML\n", script, flags=re.MULTILINE)
    assert before == ".venv/bin/python -m ops programme schema > /tmp/policy.schema.json\n"
    written = {"/tmp/walks.yaml": document}
    printed = ""
    for line in after.splitlines():
        if edit := re.fullmatch(r"sed 's/(.*)/(.*)/' (\S+) > (\S+)", line):
            old, new, source, copy = edit.groups()
            assert old in written[source]
            written[copy] = written[source].replace(old, new)
            continue
        for name, text in written.items():
            (tmp_path / Path(name).name).write_text(text, encoding="utf-8")
        words = shlex.split(line)[3:]
        printed += commands.output(
            *(str(tmp_path / Path(one).name) if one in written else one for one in words)
        )
    assert _without_instants(printed) == _without_instants(said)
    assert f"\n{guide}" in commands.output("programme", "guide", "walks")


def _without_instants(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "INSTANT", text)


@pytest.mark.usefixtures("database")
async def test_the_rewards_are_placed_as_shown() -> None:
    [file] = [block.text for block in shown_blocks() if block.language == "yaml"]
    [answer] = [block.text for block in shown_blocks() if "rewards of ota" in block.text]
    stage = await open_stage()
    await stage.partner()
    shown = offers.parse(file)
    own = shown.model_copy(update={"programme": stage.programme.code})
    how = placing.How(dry_run=True)
    [placed] = await placing.place(stage.programme, own, stage.now(), how)
    assert answer.splitlines()[0] == f"{placed.code} {placed.outcome}"


async def test_the_two_roles_of_the_example_suffice(server: Server, tmp_path: Path) -> None:
    [shown] = [block.text for block in shown_blocks() if block.language == "sql"]
    name = f"readme_{secrets.token_hex(4)}"
    async with connection(server.administrator) as administrator:
        try:
            for statement in re.findall("[^;]+;", shown.replace("milepost", name)):
                await administrator.execute(statement)
            made = Database(
                owner=_url(server.administrator, f"{name}_owner", "choose-one", name),
                serving=_url(server.administrator, name, "choose-another", name),
            )
            commands = Commands(made, tmp_path)
            for words in shown_after_the_roles():
                commands.output(*words)
            assert await unguarded_tables(made.serving) == []
            assert commands.run("verify").returncode == 0
            assert "coupon_open" in commands.output("rewards", "show", "ota")
        finally:
            await _remove(administrator, name)


def shown_after_the_roles() -> list[list[str]]:
    """The commands that fill a database of one's own, but for `serve` at their end."""
    [block] = [one.text for one in shown_blocks() if "export MILEPOST_OWNER" in one.text]
    commands = [shlex.split(line)[3:] for line in block.splitlines() if " -m ops " in line]
    assert commands.pop() == ["serve"]
    return commands


@pytest.mark.usefixtures("database")
async def test_points_expire_where_the_clock_is_moved_as_shown() -> None:
    [span] = re.findall(r"clock --programme ota --advance '([^']+)'", shown_text())
    stage = await open_stage()
    member = stage.member()
    await stage.staff().done("enrolMember", reference="xiaoli")
    await stage.staff().done(
        "adjustPoints",
        member={"reference": "xiaoli"},
        reason="example",
        points=700,
        expiresOn=EXPIRES_ON,
    )
    asked = "{ me { balance { available } } }"
    assert (await member.read(asked))["me"]["balance"]["available"] == 700

    zone = stage.programme.versions[-1].policy.zone
    distance = instants.later(stage.now(), span, zone) - stage.now()
    await programmes.advance_clock(stage.programme, distance)

    assert (await member.read(asked))["me"]["balance"]["available"] == 0


def _url(administrator: str, role: str, password: str, name: str) -> str:
    address = administrator.rpartition("@")[2].partition("/")[0]
    return f"postgresql://{role}:{password}@{address}/{name}"


async def _remove(administrator: asyncpg.Connection, name: str) -> None:
    await administrator.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    for role in (name, f"{name}_owner"):
        await administrator.execute(f"DROP ROLE IF EXISTS {role}")
