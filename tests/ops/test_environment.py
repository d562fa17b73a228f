"""What `make` installs besides Python's packages: GraphiQL's files, by npm where it is present."""

from pathlib import Path

import pytest

from ops import environment

NPM = """#!/bin/sh
echo "$@" >> {calls}
[ -e {registry} ] && mkdir -p {page}/node_modules
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
