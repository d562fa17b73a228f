"""The documents say what is true: their examples answer as shown, what they name exists."""

import importlib
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
from ops.command_line import COMMANDS, load
from ops.commands import instants
from ops.postgres.connections import connection
from ops.postgres.database import unguarded_tables
from ops.settings import PREFIX, ROOT, Settings
from tests.conftest import Database, Server
from tests.support import sending
from tests.support.callers import EXPIRES_ON, Stage, open_stage
from tests.support.commands import Commands

README = ROOT / "README.md"
DOCUMENTS = [
    README,
    ROOT / "ARCHITECTURE.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "node_modules" not in path.parts),
]

SHOWN_EXPIRY = "2027-11-22"
"""The last valid date in the README, where the test's clock stands at another day."""

SHOWN_DAYS = {
    "2026-11-01": "2126-03-01",
    "2026-11-30": "2126-03-31",
    "2026-11-17": "2126-03-05",
}
"""The days of a statement and of a claim in the README, and those of the test's clock."""

COUPON_CODE = re.compile(f"[{CODE_ALPHABET}]{{12}}")
GLOBAL_ID = re.compile(r"[A-Za-z0-9_-]{40,}")
API_KEY = re.compile(r"mp_development_[A-Za-z0-9_]+")
SECRET = re.compile("whsec_[A-Za-z0-9+/]{43}=")
ASKED = re.compile(r"""^ask "\$(?P<caller>[A-Z]+)" '(?P<operation>[^']+)'""", re.MULTILINE)
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
CALLERS = {"as the member": "MEMBER", "as the partner": "PARTNER", "as staff": "STAFF"}

WRITTEN_ELSEWHERE = {
    "environment": "development",
    "home": ".milepost",
    "owner_database_url": "the serving role's",
}
"""Defaults that the table says in words, by setting."""


@dataclass(frozen=True)
class Block:
    """One fenced block of a document."""

    language: str
    text: str


@dataclass(frozen=True)
class Example:
    """An operation as a caller sends it, and the answer shown below it."""

    caller: str
    operation: str
    answer: dict[str, Any]


def blocks(path: Path) -> list[Block]:
    text = path.read_text(encoding="utf-8")
    return [Block(found["language"], found["text"]) for found in FENCE.finditer(text)]


def examples() -> Iterator[Example]:
    shown = blocks(README)
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
    shown = blocks(README)
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
    [shown] = [block.text for block in blocks(README) if block.text.startswith("cat > ")]
    _, table, line = re.split(r"^cat > .*\n|^CSV\n", shown, flags=re.MULTILINE)
    [answer] = [block.text for block in blocks(README) if " recorded (" in block.text]
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
    shown = README.read_text(encoding="utf-8")
    assert re.search(r"^no fault in \d+ members with \d+ entries$", shown, re.MULTILINE)


def test_a_programme_of_ones_own_is_made_as_shown(fresh_database: Database, tmp_path: Path) -> None:
    commands = Commands(fresh_database, tmp_path)
    [script] = [one.text for one in blocks(README) if "programme schema >" in one.text]
    [said] = [one.text for one in blocks(README) if one.text.startswith("created programme")]
    [guide] = [one.text for one in blocks(README) if one.language == "markdown"]
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
    [file] = [block.text for block in blocks(README) if block.language == "yaml"]
    [answer] = [block.text for block in blocks(README) if "rewards of ota" in block.text]
    stage = await open_stage()
    await stage.partner()
    shown = offers.parse(file)
    own = shown.model_copy(update={"programme": stage.programme.code})
    how = placing.How(dry_run=True)
    [placed] = await placing.place(stage.programme, own, stage.now(), how)
    assert answer.splitlines()[0] == f"{placed.code} {placed.outcome}"


async def test_the_two_roles_of_the_example_suffice(server: Server, tmp_path: Path) -> None:
    [shown] = [block.text for block in blocks(README) if block.language == "sql"]
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
    [block] = [one.text for one in blocks(README) if "export MILEPOST_OWNER" in one.text]
    commands = [shlex.split(line)[3:] for line in block.splitlines() if " -m ops " in line]
    assert commands.pop() == ["serve"]
    return commands


@pytest.mark.usefixtures("database")
async def test_points_expire_where_the_clock_is_moved_as_shown() -> None:
    [span] = re.findall(r"clock --programme ota --advance '([^']+)'", README.read_text("utf-8"))
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


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of `python -m ops` in a block or in the running text, with its document."""
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"python -m ops +([^`\n|)#]+)", text):
            words = shlex.split(found[1].replace("…", ""))
            if words:
                yield path.name, words


def test_every_command_shown_exists() -> None:
    seen = set()
    for document, words in shown_commands():
        below: dict[str, Any] = {name: load(name) for name in COMMANDS}
        command: Any = None
        while words and (command is None or hasattr(command, "commands")):
            name = words.pop(0)
            assert name in below, f"{document}: no command {name}"
            command = below[name]
            below = getattr(command, "commands", {})
        options = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
        unknown = {word for word in words if word.startswith("--")} - options - {"--help"}
        assert not unknown, f"{document}: {command.name} has no option {unknown}"
        seen.add(command.name)
    assert {"token", "bookings", "clock", "verify", "migrate", "publish", "serve"} <= seen


def test_the_table_of_commands_is_complete() -> None:
    listed = re.findall(r"^\| (`[^|]+`) \|", _section("The command line"), re.MULTILINE)
    shown = {name for cell in listed for name in re.findall(r"`([^`]+)`", cell)}
    assert shown == {path for name in COMMANDS for path in _paths(name, load(name))}


def _paths(name: str, command: Any) -> Iterator[str]:
    """The command itself, or those of a group."""
    below = getattr(command, "commands", None)
    yield from (f"{name} {one}" for one in below) if below else [name]


def test_the_table_of_settings_is_complete() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", _section("Settings"), re.MULTILINE)
    shown = {name: default.strip("`") for name, default in rows}
    assert shown.keys() == {PREFIX + name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = shown[PREFIX + name.upper()]
        if name in WRITTEN_ELSEWHERE:
            assert default.startswith(WRITTEN_ELSEWHERE[name])
        elif field.default is None:
            assert default == "–"
        else:
            assert default == str(field.default).lower()


def _section(title: str) -> str:
    return README.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_make_target_shown_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    shown = {
        target
        for path in DOCUMENTS
        for target in re.findall(r"(?:^|`)make ([a-z]+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert shown <= targets
    assert targets <= set(
        re.findall(r"`make ([a-z]+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    missing = [link for link in links if not (path.parent / link).exists()]
    named = re.findall(r"`((?:api|domain|models|ops|tests|migrations|docs)/[\w./-]*)`", text)
    missing += [name for name in named if not _leads_somewhere(name)]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_headings_lead_to_one(path: Path) -> None:
    """Headings are named in links as GitHub names them."""
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", path.read_text(encoding="utf-8"))
    assert [
        f"{to}#{heading}"
        for to, heading in links
        if heading not in _headings(path.parent / to if to else path)
    ] == []


def _headings(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _leads_somewhere(name: str) -> bool:
    """A path from the root, or a function behind the path of its module."""
    return (ROOT / name).exists() or (ROOT / name).with_suffix(".py").exists()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_named_are_there(path: Path) -> None:
    """`ledger.write` is in a module `ledger` of any room of `domain/`; a path says where."""
    text, missing = path.read_text(encoding="utf-8"), []
    for module, name in re.findall(r"`([a-z_]+(?:/[a-z_]+)*)\.([A-Za-z_]+)`", text):
        found = [f"{module}.py"] if "/" in module else _rooms_with(module)
        if name == "py" or not found or (ROOT / f"{module}.{name}").exists():
            continue
        modules = [
            one.removesuffix(".py").replace("/", ".") for one in found if (ROOT / one).exists()
        ]
        if modules and not any(hasattr(importlib.import_module(one), name) for one in modules):
            missing.append(f"{module}.{name}")
    assert missing == []


def _rooms_with(module: str) -> list[str]:
    found = [] if module.startswith("__") else (ROOT / "domain").glob(f"*/{module}.py")
    return [str(path.relative_to(ROOT)) for path in found]
