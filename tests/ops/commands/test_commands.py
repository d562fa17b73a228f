"""The command line from outside: what it prints, its exit codes, and how it ends."""

import os
import signal
import socket
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from domain.members.members import PARTS_INDEX
from ops.settings import ROOT
from tests.support.processes import (
    WAIT_SECONDS,
    Started,
    answers,
    eventually,
    free_port,
    run,
    server_runs,
    spawned_by,
    start,
)


def test_migrating_twice_applies_once(home: Path) -> None:
    first = run("migrate", MILEPOST_HOME=str(home))
    assert first.returncode == 0, first.stderr
    files = (ROOT / "migrations/models").glob("[0-9]*.py")
    names = sorted((path.name for path in files), key=lambda name: int(name.split("_")[0]))
    names.append(f"pgqueuer-{version('pgqueuer')}")
    # an index that not every PostgreSQL can have comes after all of them
    applied = [line.removeprefix("applied ") for line in first.stdout.splitlines()]
    assert applied in (names, [*names, PARTS_INDEX])

    second = run("migrate", MILEPOST_HOME=str(home))
    assert (second.returncode, second.stdout) == (0, "nothing to apply\n")


def test_a_token_is_printed_alone(home: Path) -> None:
    for options in (("--member", "M-1"), ("--staff",), ("--staff", "--name", "lin")):
        printed = run("token", "--programme", "ota", *options, MILEPOST_HOME=str(home))
        assert (printed.returncode, printed.stderr) == (0, "")
        assert printed.stdout.count("\n") == 1
        assert printed.stdout.count(".") == 2


@pytest.mark.parametrize("options", [(), ("--member", "M-1", "--staff")])
def test_a_token_is_for_one_person(home: Path, options: tuple[str, ...]) -> None:
    refused = run("token", "--programme", "ota", *options, MILEPOST_HOME=str(home))
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: say whose token to print")


@pytest.mark.parametrize("option", ["--member", "--partner"])
def test_a_token_is_for_somebody_with_a_name(home: Path, option: str) -> None:
    refused = run("token", "--programme", "ota", option, "", MILEPOST_HOME=str(home))
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: --member and --partner need a text that is not empty")


def test_a_taken_port_names_the_option(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = run("serve", "--port", port, MILEPOST_HOME=str(home))
        page = run(
            *("serve", "--port", str(free_port())),
            MILEPOST_METRICS_PORT=port,
            MILEPOST_HOME=str(home),
        )

    assert (refused.returncode, page.returncode) == (1, 1)
    taken_already = f"error: cannot listen on 127.0.0.1:{port}: address already in use; "
    assert refused.stderr == f"{taken_already}choose another by --port or MILEPOST_PORT\n"
    assert page.stderr == f"{taken_already}choose another by MILEPOST_METRICS_PORT\n"
    assert not home.exists()


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.host.invalid"])
def test_a_wrong_host_names_the_option(home: Path, host: str) -> None:
    refused = run("serve", "--host", host, MILEPOST_HOME=str(home))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: cannot listen on {host}")
    assert refused.stderr.endswith("choose another by --host or MILEPOST_HOST\n")


def test_an_unreachable_database_is_one_line_without_the_password(home: Path) -> None:
    refused = run(
        "migrate",
        MILEPOST_HOME=str(home),
        MILEPOST_DATABASE_URL=f"postgresql://someone:hunter2@127.0.0.1:{free_port()}/milepost",
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: cannot use PostgreSQL at 127.0.0.1:")
    assert refused.stderr.count("\n") == 1
    assert "hunter2" not in refused.stderr


def test_a_wrong_setting_is_one_line(home: Path) -> None:
    refused = run("migrate", MILEPOST_HOME=str(home), MILEPOST_WORKERS="many")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: MILEPOST_WORKERS: ")
    assert refused.stderr.count("\n") == 1


def test_debug_shows_where(home: Path) -> None:
    shown = run("--debug", "migrate", MILEPOST_HOME=str(home), MILEPOST_WORKERS="many")
    assert shown.returncode == 1
    assert "Traceback" in shown.stderr
    assert "there is no setting" not in shown.stderr


def test_a_misspelt_setting_is_pointed_out(home: Path) -> None:
    warned = run(
        "token", "--programme", "ota", "--staff", MILEPOST_HOEM="x", MILEPOST_HOME=str(home)
    )
    assert warned.returncode == 0
    assert "there is no setting MILEPOST_HOEM (did you mean MILEPOST_HOME?)" in warned.stderr


def test_serving_an_unmigrated_database_is_refused(home: Path) -> None:
    refused = run("serve", "--no-migrate", "--port", str(free_port()), MILEPOST_HOME=str(home))
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: the database lacks ")
    assert not server_runs(home / "database")


COUNTED = "milepost_requests_total{"
MEASURED = "milepost_measured_timestamp_seconds 1"


@pytest.mark.parametrize(
    ("workers", "number", "place"),
    [
        (1, signal.SIGINT, "home"),  # it makes and migrates the database first
        (1, signal.SIGTERM, "made_home"),
        (2, signal.SIGINT, "made_home"),
    ],
)
def test_serves_until_told_to_stop(
    request: pytest.FixtureRequest, workers: int, number: signal.Signals, place: str
) -> None:
    home: Path = request.getfixturevalue(place)
    port = free_port()
    background = "--worker" if workers == 1 else "--no-worker"
    options = ["--port", str(port), "--workers", str(workers), background]
    serve = ["-m", "ops", "serve", *options]
    variables = {"MILEPOST_HOME": str(home)}
    counts = place == "made_home"
    if counts:
        variables["MILEPOST_METRICS_PORT"] = str(free_port())
    # several workers are no forks: each imports what it needs by itself
    alone = workers == 1
    started = Started("serve", *options, **variables) if alone else start(serve, **variables)
    with started as process:
        try:
            eventually(lambda: process.poll() is not None or answers(port))
            if counts and process.poll() is None:
                httpx.get(f"http://127.0.0.1:{port}/graphql", timeout=WAIT_SECONDS)
                page = f"http://127.0.0.1:{variables['MILEPOST_METRICS_PORT']}/metrics"
                wanted = MEASURED if workers == 1 else COUNTED
                with httpx.Client(timeout=WAIT_SECONDS) as client:
                    assert eventually(lambda: wanted in client.get(page).text)
            # as the terminal does for Ctrl-C, and as a supervisor does for SIGTERM
            target = -process.pid if number is signal.SIGINT else process.pid
            if process.poll() is None:
                os.kill(target, number)
            output, errors = process.communicate(timeout=WAIT_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    assert f"http://127.0.0.1:{port}/graphql" in output
    assert workers == 1 or "Milepost works" not in output
    assert "Traceback" not in errors
    assert not server_runs(home / "database")
    assert not answers(port)


def test_processes_that_still_start_are_interrupted_without_a_word(made_home: Path) -> None:
    port = free_port()
    options = ["--port", str(port), "--workers", "2", "--no-worker", "--no-migrate"]
    with start(["-m", "ops", "serve", *options], MILEPOST_HOME=str(made_home)) as process:
        try:
            assert eventually(lambda: len(spawned_by(process.pid)) == 2)
            os.kill(-process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=WAIT_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert not answers(port)
