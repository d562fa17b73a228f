"""Dockerfile and compose.yaml, as far as they can be judged without an engine to run them."""

import json
import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from ops.command_line import load
from ops.postgres.connections import connection
from ops.postgres.database import unguarded_tables
from ops.settings import ROOT, unknown_names
from ops.upgrade import migrate
from tests.conftest import Server

INSTRUCTION = re.compile(r"^([A-Z]+) +(.+)$")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "server", "worker")


def instructions() -> list[tuple[str, str]]:
    """Every instruction of the Dockerfile, its continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = [INSTRUCTION.match(line) for line in lines]
    assert None not in found
    return [(match[1], " ".join(match[2].split())) for match in found if match]


def of_kind(kind: str) -> list[str]:
    return [rest for name, rest in instructions() if name == kind]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    let_in = [
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    ]
    copied = []
    for rest in of_kind("COPY"):
        *sources, _ = rest.split()
        if not sources[0].startswith("--from="):
            copied += sources
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source == name or source.startswith(f"{name}/") for name in let_in), source
    assert {name for name in let_in if name not in copied} == set()


def test_every_layer_of_the_code_is_in_the_image() -> None:
    copied = {word for rest in of_kind("COPY") for word in rest.split()}
    assert {"api", "domain", "models", "migrations", "ops", "requirements.lock"} <= copied
    assert "tests" not in copied


def test_the_page_gets_the_very_files_that_it_is_made_of() -> None:
    from api.edge.graphiql import ASSETS, LIBRARIES  # noqa: PLC0415

    copied = []
    for rest in of_kind("COPY"):
        words = rest.split()
        if words[0] == "--from=page":
            copied += [f"{words[-1]}{Path(source).name}" for source in words[1:-1]]
    wanted = [path for path in ASSETS.values() if path.is_relative_to(LIBRARIES)]
    assert sorted(copied) == sorted(str(path.relative_to(ROOT)) for path in wanted)


def test_packages_come_by_hash_and_nothing_runs_as_root() -> None:
    [install] = [rest for rest in of_kind("RUN") if "pip install" in rest]
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert (ROOT / "requirements.lock").read_text(encoding="utf-8").count("--hash=") > 50
    assert len(of_kind("FROM")) == 3
    kinds = [name for name, _ in instructions()]
    assert of_kind("USER")[-1].isdecimal()
    assert int(of_kind("USER")[-1]) > 0
    assert kinds.index("USER") < kinds.index("ENTRYPOINT")


def test_its_variables_are_settings() -> None:
    named = dict(word.split("=", 1) for word in " ".join(of_kind("ENV")).split())
    assert unknown_names(named) == []
    assert named["MILEPOST_ENVIRONMENT"] == "production"


def test_only_what_listens_has_a_health_check() -> None:
    """Compose before 2.27 ends `up --wait` with an error where a check is switched off."""
    assert of_kind("HEALTHCHECK") == []
    [port] = [
        word for word in " ".join(of_kind("ENV")).split() if word.startswith("MILEPOST_PORT=")
    ]
    for name in OURS:
        assert ("healthcheck" in SERVICES[name]) is (name == "server")
    check = SERVICES["server"]["healthcheck"]["test"]
    assert f":{port.partition('=')[2]}/healthz" in check[-1]
    compile(check[-1], "healthcheck", "exec")


def check_command(words: list[str]) -> None:
    words = list(words)
    command: Any = load(words.pop(0))
    while words and hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known


def test_its_commands_exist() -> None:
    assert json.loads(of_kind("ENTRYPOINT")[0]) == ["python", "-m", "ops"]
    check_command(json.loads(of_kind("CMD")[0]))
    for name in OURS:
        check_command(SERVICES[name]["command"])


def shown() -> list[list[str]]:
    """Commands that the documents have somebody run in a container."""
    texts = [(ROOT / name).read_text("utf-8") for name in ("compose.yaml", "docs/operations.md")]
    found = re.findall(r"docker compose run --rm server ([^`\n]+)", "\n".join(texts))
    return [line.replace("'Booking engine'", "name").split() for line in found]


def test_commands_shown_exist_and_name_files_of_the_image() -> None:
    assert len(shown()) >= 5
    for words in shown():
        check_command(words)
        for word in words:
            assert "/" not in word or (ROOT / word).is_file(), word


@pytest.mark.parametrize("name", OURS)
def test_a_service_has_settings_and_no_privileges(name: str) -> None:
    service = SERVICES[name]
    assert unknown_names(service["environment"]) == []
    assert ("MILEPOST_OWNER_DATABASE_URL" in service["environment"]) is (name == "migrate")
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["depends_on"].keys() <= SERVICES.keys()
    for mount in service["volumes"]:
        assert mount.partition(":")[0] in COMPOSE["volumes"]
    for published in service.get("ports", []):
        assert published.startswith("127.0.0.1:")


def test_no_password_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for name in re.findall(r"\$\{(\w*PASSWORD)", text):
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text
        assert f"${{{name}}}" not in text


def run_script(script: str, variables: dict[str, str]) -> None:
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("psql") is None, reason="needs psql")
async def test_its_roles_suffice(server: Server) -> None:
    name = f"compose_{secrets.token_hex(4)}"
    parts = urlsplit(server.administrator)
    script = COMPOSE["configs"]["roles"]["content"].replace("$$", "$")
    script = re.sub(r"\bmilepost(?=_owner\b|\b)", name, script)
    script = script.replace("--username=postgres", f"--username={parts.username}")
    variables = {
        "PGHOST": str(parts.hostname),
        "PGPORT": str(parts.port),
        "PGPASSWORD": str(parts.password),
        "MILEPOST_OWNER_PASSWORD": "choose-one",
        "MILEPOST_PASSWORD": "choose-another",
    }
    async with connection(server.administrator) as administrator:
        try:
            run_script(script, variables)
            at = f"{parts.hostname}:{parts.port}/{name}"
            assert await migrate(f"postgresql://{name}_owner:choose-one@{at}", name)
            assert await unguarded_tables(f"postgresql://{name}:choose-another@{at}") == []
        finally:
            await administrator.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            for made in (name, f"{name}_owner"):
                await administrator.execute(f"DROP ROLE IF EXISTS {made}")
