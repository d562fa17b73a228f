"""The embedded database: who may use it, who stops it, and what it survives."""

import asyncio
import fcntl
import os
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from domain.kernel.database import Unavailable, rows
from ops.errors import EmbeddedDatabaseError
from ops.postgres import binaries, cluster, embedded
from ops.postgres.cluster import Cluster
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.support.processes import WAIT_SECONDS, eventually, has_ended, server_runs, start

USER = """
import sys
from pathlib import Path
from ops.postgres import embedded
with embedded.running(Path(sys.argv[1])) as urls:
    print(urls.owner, flush=True)
    sys.stdin.readline()
"""

WAITER = """
import signal, subprocess, sys
from pathlib import Path
from ops.postgres import cluster, embedded
with embedded.using(Path(sys.argv[1])) as shared:
    try:
        print("ready", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        print(cluster.is_running(shared), flush=True)
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops its privileges")
with_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")


@contextmanager
def user(home: Path, script: str = USER) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that uses the database of `home`, and what it prints first."""
    with start(["-c", script, str(home)]) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=WAIT_SECONDS)
    assert process.returncode == 0


def postmaster(home: Path) -> int:
    return int((home / "database" / "data" / "postmaster.pid").read_text().split()[0])


def kill(home: Path) -> int:
    """Kill the server, and wait for its end: until then it would be taken for one that runs."""
    killed = postmaster(home)
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: has_ended(killed))
    return killed


async def test_serves_two_roles_without_privileges(home: Path) -> None:
    with embedded.running(home) as urls:
        async with connection(urls.owner) as owner:
            await owner.execute("CREATE TABLE kept (number int)")
            assert await owner.fetchval("SHOW server_encoding") == "UTF8"
            assert await owner.fetchval("SHOW fsync") == "on"
        async with connection(urls.serving) as serving:
            roles = await serving.fetch(
                "SELECT rolname FROM pg_roles WHERE rolname LIKE 'milepost%'"
                " AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication)"
            )
            assert sorted(role["rolname"] for role in roles) == ["milepost", "milepost_owner"]
            assert not await serving.fetchval(
                "SELECT has_schema_privilege('public', 'CREATE')"
                " OR has_table_privilege('kept', 'SELECT')"
            )
    assert not server_runs(home / "database")


async def test_keeps_its_data_its_port_and_its_secrets(home: Path) -> None:
    with embedded.running(home) as first:
        async with connection(first.owner) as owner:
            await owner.execute("CREATE TABLE kept (number int)")
    with embedded.running(home) as second:
        assert second == first
        async with connection(second.owner) as owner:
            assert await owner.fetchval("SELECT count(*) FROM kept") == 0
    passwords = home / "database" / "passwords.json"
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600


def test_last_user_stops_it_whoever_started_it(made_home: Path) -> None:
    with user(made_home) as (first, url), user(made_home) as (second, same_url):
        assert url == same_url
        leave(first)
        assert server_runs(made_home / "database")
        leave(second)
        assert not server_runs(made_home / "database")


def test_a_killed_user_does_not_stop_it_for_others(made_home: Path) -> None:
    with user(made_home) as (first, _), user(made_home) as (second, _):
        first.kill()
        first.wait()
        assert not eventually(lambda: not server_runs(made_home / "database"), seconds=2)
        leave(second)
        assert not server_runs(made_home / "database")


def test_does_not_outlive_a_killed_only_user(made_home: Path) -> None:
    with user(made_home) as (only, _):
        only.kill()
    assert eventually(lambda: not server_runs(made_home / "database"))


@with_proc
async def test_starts_again_after_its_server_was_killed(made_home: Path) -> None:
    with user(made_home) as (first, url):
        async with connection(url) as owner:
            await owner.execute("CREATE TABLE kept AS SELECT 7 AS number")
        kill(made_home)
        with embedded.running(made_home) as urls:
            leave(first)
            async with connection(urls.owner) as owner:
                assert await owner.fetchval("SELECT number FROM kept") == 7
    assert not server_runs(made_home / "database")


@with_proc
async def test_whoever_uses_it_starts_it_again_when_it_is_killed(made_home: Path) -> None:
    """And its connections find it where it was."""
    with embedded.running(made_home) as urls:
        async with connected(urls.serving, pool_max=2, everywhere=False):
            assert await rows("SELECT 1 AS one") == [{"one": 1}]
            for _ in range(2):
                killed = kill(made_home)
                async with asyncio.timeout(WAIT_SECONDS):
                    while not await answers_again(made_home, killed):  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
    assert not server_runs(made_home / "database")


async def answers_again(home: Path, killed: int) -> bool:
    with suppress(Unavailable, FileNotFoundError, IndexError):
        return bool(await rows("SELECT 1 AS one")) and postmaster(home) != killed
    return False


@with_proc
def test_believes_no_stale_pid_file(made_home: Path) -> None:
    with embedded.using(made_home) as shared:
        stale = (shared.data / "postmaster.pid").read_text()
    pid = stale.split()[0]
    (shared.data / "postmaster.pid").write_text(stale.replace(pid, str(os.getpid()), 1))
    if shared.account:
        os.chown(shared.data / "postmaster.pid", shared.account.uid, shared.account.gid)

    with embedded.using(made_home) as shared:
        assert cluster.is_running(shared)


def test_who_stops_the_server_is_no_user_any_more_when_others_may_look(
    made_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore waits for the lock of starting and stopping, and then looks for users."""
    stop_if_last, stopped = embedded._stop_if_last, []

    def stop_and_look(shared: Cluster, users: int) -> bool:
        stopped.append(stop_if_last(shared, users))
        with (shared.place / "users.lock").open("r+") as others:
            fcntl.flock(others, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return stopped[0]

    monkeypatch.setattr(embedded, "_stop_if_last", stop_and_look)
    with embedded.using(made_home):
        pass
    assert stopped == [True]


async def test_takes_another_port_when_its_own_is_taken(made_home: Path) -> None:
    with embedded.running(made_home) as first:
        pass
    port = (made_home / "database" / "port").read_text()
    with socket.create_server(("127.0.0.1", int(port))), embedded.running(made_home) as second:
        assert second != first
        async with connection(second.serving) as serving:
            assert await serving.fetchval("SELECT 1") == 1


def test_two_homes_run_side_by_side(made_home: Path) -> None:
    with (
        embedded.running(made_home) as one,
        embedded.running(made_home.with_name("other")) as other,
    ):
        assert one.owner.rpartition("@")[2] != other.owner.rpartition("@")[2]


def test_outlives_an_interrupt_of_the_terminal(made_home: Path) -> None:
    with user(made_home, WAITER) as (process, _):
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=WAIT_SECONDS)
    assert output == "True\n"
    assert not server_runs(made_home / "database")


@as_root
@with_proc
def test_root_drops_its_privileges(home: Path) -> None:
    with embedded.using(home) as shared:
        server = Path("/proc", str(postmaster(home)))
        assert shared.account
        assert server.stat().st_uid == shared.account.uid != 0


@as_root
def test_in_a_closed_folder_it_moves_to_a_place_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    source = binaries.find(Path(next(wheel_folders())))
    programs = binaries.copy(source, closed / "programs")
    monkeypatch.setattr(embedded, "SYSTEM_PLACE", home.parent / "system")
    caplog.set_level("INFO")

    with embedded.using(closed / "home", programs.folder) as shared:
        assert shared.place.parent == home.parent / "system"
        assert shared.binaries.folder.is_relative_to(shared.place)
        assert str(shared.place) in caplog.text
    with embedded.using(closed / "home", programs.folder) as again:
        assert again.place == shared.place

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert stat.S_IMODE(programs.folder.stat().st_mode) == stat.S_IMODE(
        source.folder.stat().st_mode
    )


def wheel_folders() -> Iterator[str]:
    """The folders of programs that come with the wheel."""
    return (str(folder) for folder in binaries._folders() if "pgserver" in str(folder))


def test_programs_of_another_version_are_refused(made_home: Path) -> None:
    with embedded.using(made_home) as shared:
        made_by = shared.binaries.version
    others = [Path(folder) for folder in wheel_folders()]
    other = next(folder for folder in others if binaries._version(folder) != made_by)

    with pytest.raises(EmbeddedDatabaseError, match=rf"was made by {made_by}$"):
        embedded.running(made_home, other).__enter__()


def test_a_folder_without_programs_is_named(home: Path) -> None:
    with pytest.raises(EmbeddedDatabaseError, match=r"^MILEPOST_PG_BIN: no working postgres"):
        embedded.running(home, home).__enter__()


def test_a_home_that_is_a_file_is_named(home: Path) -> None:
    home.write_text("")
    with pytest.raises(EmbeddedDatabaseError, match=r"cannot use .*home: .*MILEPOST_HOME$"):
        embedded.running(home).__enter__()
