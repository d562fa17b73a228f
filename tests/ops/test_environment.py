"""What `make` installs besides Python's packages: GraphiQL's files, by npm where it is present."""

import fcntl
import os
import shutil
import signal
from pathlib import Path

import pytest

from ops import environment
from ops.settings import ROOT
from tests.support.processes import WAIT_SECONDS, start

NPM = """#!/bin/sh
echo "$@" >> {calls}
[ -e {registry} ] && mkdir -p {page}/node_modules
"""

WAITING = """
import fcntl, runpy, sys
take = fcntl.flock
def say_and_take(file, how):
    print("waits", flush=True)
    take(file, how)
fcntl.flock = say_and_take
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Npm's registry can be reached while this file exists; a program stands in for npm."""
    page, programs, venv = tmp_path / "graphiql", tmp_path / "bin", tmp_path / "venv"
    for folder in (page, programs, venv):
        folder.mkdir()
    (page / "package-lock.json").write_text("{}")
    monkeypatch.setattr(environment, "PAGE", page)
    monkeypatch.setattr(environment, "ENVIRONMENT", venv)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    reached = tmp_path / "registry"
    npm = programs / "npm"
    npm.write_text(NPM.format(calls=tmp_path / "calls", registry=reached, page=page))
    npm.chmod(0o755)
    return reached


def calls(registry: Path) -> int:
    return len(registry.with_name("calls").read_text().splitlines())


def test_a_failed_installation_is_tried_again_and_a_done_one_is_not(
    registry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment._install_page()
    assert "npm could not install GraphiQL" in capsys.readouterr().err
    registry.touch()
    environment._install_page()
    assert capsys.readouterr().err == "installing GraphiQL\n"
    environment._install_page()
    assert capsys.readouterr().err == ""
    assert calls(registry) == 2


def test_what_was_deleted_is_installed_again(registry: Path) -> None:
    registry.touch()
    environment._install_page()
    (environment.PAGE / "node_modules").rmdir()
    environment._install_page()
    assert (environment.PAGE / "node_modules").is_dir()
    assert calls(registry) == 2


def test_a_checkout_of_somebody_else_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file stands in for a folder that cannot be written: root may write everywhere."""
    closed = tmp_path / "closed"
    closed.write_text("")
    monkeypatch.setattr(environment, "ROOT", closed)

    with pytest.raises(SystemExit) as ended:
        environment.main(closed / "requirements.lock")

    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: cannot write {closed}/.venv.lock: ")
    assert said.count("\n") == 1


def test_an_interrupted_installation_is_one_line(tmp_path: Path) -> None:
    """It waits for another installation, as for one that takes long, and is not waited for."""
    (tmp_path / "ops").mkdir()
    program = str(shutil.copy(ROOT / "ops" / "environment.py", tmp_path / "ops"))
    with (tmp_path / ".venv.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with start(["-c", WAITING, program, "requirements.lock"]) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "waits\n"
            os.killpg(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=WAIT_SECONDS)

    assert process.returncode == 130
    assert errors == "interrupted; the next make goes on where this one stopped\n"
