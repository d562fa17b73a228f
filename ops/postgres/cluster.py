"""One PostgreSQL database cluster: its folder, its programs, and the account it runs under.

PostgreSQL refuses to run as root, so under root everything that touches the data runs as
the account that owns it. Other programs of the machine reach the server by nothing but
loopback TCP and a password that only the owner of the home can read.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.errors import EmbeddedDatabaseError
from ops.postgres import archiving
from ops.postgres.binaries import Binaries

DATABASE = "milepost"
OWNER_ROLE = "milepost_owner"
SERVING_ROLE = "milepost"
SUPERUSER = "postgres"

START_SECONDS = 60
ORPHAN_SECONDS = 15
LOG_BYTES_MAX = 10_000_000
PORT_ATTEMPTS = 5

CONFIGURATION = """
# Milepost
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""

ACCESS = """\
host all all 127.0.0.1/32 scram-sha-256
"""

CLOSED = [f"REVOKE ALL ON DATABASE {name} FROM PUBLIC" for name in ("postgres", "template1")]
"""Only the superuser may use the server's other databases."""
CLOSED_MARK = "milepost.closed"

PROCESSES_WITHIN = """\
for process in /proc/[0-9]*; do
    [ "$process/cwd" -ef "$1" ] && echo "${process#/proc/}"
done
true
"""


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that a command of PostgreSQL runs under."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """`place` holds the data, the passwords and the locks; no account: run as ourselves."""

    place: Path
    binaries: Binaries
    account: Account | None

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.data / "server.log"


def url(cluster: Cluster, role: str, database: str = DATABASE) -> str:
    """The URL by which `role` reaches the running server."""
    path = cluster.place / "passwords.json"
    try:
        password = json.loads(path.read_text())[role]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        raise damaged(cluster.place, f"{path.name} has no password of {role}") from None
    port = _postmaster(cluster)[3]
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def version(place: Path) -> int | None:
    """The major version that made the data in `place`; None before there are any.

    Raises: EmbeddedDatabaseError
    """
    data = place / "data"
    if not data.exists():
        return None
    try:
        said = (data / "PG_VERSION").read_text(errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise damaged(place, "data holds no PG_VERSION") from None
    if not said.isdecimal():
        raise damaged(place, f"PG_VERSION says {said!r}")
    return int(said)


def damaged(place: Path, what: str) -> EmbeddedDatabaseError:
    return EmbeddedDatabaseError(
        f"the database in {place} is damaged ({what}): put a backup in its place, or move it "
        "out of the way to begin anew"
    )


def create(cluster: Cluster) -> None:
    """Makes the cluster, its two roles and the empty database; all of it or nothing.

    Raises: EmbeddedDatabaseError
    """
    fresh = cluster.place / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if cluster.account:
        os.chown(fresh, cluster.account.uid, cluster.account.gid)
    initdb = [cluster.binaries.program("initdb"), "-D", str(fresh), "-U", SUPERUSER]
    run(cluster, [*initdb, "-E", "UTF8", "--locale=C", "-A", "trust", "--no-instructions"])
    passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER_ROLE, SERVING_ROLE)}
    _run_single(cluster, fresh, _roles_sql(passwords))
    _mark_closed(cluster, fresh)
    with (fresh / "postgresql.conf").open("a") as configuration:
        configuration.write(CONFIGURATION)
    (fresh / "pg_hba.conf").write_text(ACCESS)
    write_private(cluster.place / "passwords.json", json.dumps(passwords))
    fresh.rename(cluster.data)


def ensure_started(cluster: Cluster) -> bool:
    """The server runs and answers; says whether it had to be started.

    The caller holds the lock that serialises starting and stopping.

    Raises: EmbeddedDatabaseError
    """
    deadline = time.monotonic() + START_SECONDS
    while is_running(cluster):
        if is_ready(cluster):
            return False
        if time.monotonic() > deadline:
            raise EmbeddedDatabaseError(f"PostgreSQL is not getting ready; see {cluster.log}")
        time.sleep(0.05)
    _clear_remains(cluster)
    if not (cluster.data / CLOSED_MARK).exists():
        # made by a release that left the server's other databases open
        _run_single(cluster, cluster.data, _script(CLOSED))
        _mark_closed(cluster, cluster.data)
    archiving.prepare(cluster.data)
    _start(cluster)
    return True


def stop(cluster: Cluster) -> None:
    """Ends the server cleanly, rolling back what is open; nothing to do if it does not run."""
    if not is_running(cluster):
        return
    pg_ctl = [cluster.binaries.program("pg_ctl"), "stop", "-D", str(cluster.data), "-w"]
    try:
        run(cluster, [*pg_ctl, "-m", "fast", "-t", "30"])
    except EmbeddedDatabaseError:
        if is_running(cluster):
            run(cluster, [*pg_ctl, "-m", "immediate", "-t", "10"])


def is_running(cluster: Cluster) -> bool:
    """Whether this cluster's own server lives; a left-over pid file proves nothing."""
    lines = _postmaster(cluster)
    if not lines or not lines[0].isdigit():
        return False
    if Path("/proc/self").exists():
        return int(lines[0]) in _processes_within(cluster)
    try:
        os.kill(int(lines[0]), 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def is_ready(cluster: Cluster) -> bool:
    """Whether a server that runs takes connections."""
    return _postmaster(cluster)[7:8] == ["ready"]


def has_ended(cluster: Cluster) -> bool:
    """Whether the server's process is gone; asked often, so no process is started for it."""
    lines = _postmaster(cluster)
    if not lines or not lines[0].isdigit():
        return True
    if not Path("/proc/self").exists():
        return not is_running(cluster)
    try:
        state = Path(f"/proc/{lines[0]}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    # an ended process without a waiting parent still exists, as in a container without an init
    return state == "Z"


def can_enter(account: Account | None, folder: Path) -> bool:
    try:
        return _as(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]).returncode == 0
    except OSError:
        return False


def can_execute(account: Account | None, binaries: Binaries) -> bool:
    share = binaries.folder.parent / "share"
    try:
        asked = _as(account, [binaries.program("postgres"), "--version"])
    except OSError:
        return False
    return asked.returncode == 0 and (not share.is_dir() or can_enter(account, share))


def write_private(path: Path, text: str) -> None:
    """Replaces a file whole, readable by its owner alone from its first byte."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def _roles_sql(passwords: dict[str, str]) -> str:
    statements = [
        f"ALTER ROLE {SUPERUSER} PASSWORD '{passwords[SUPERUSER]}'",
        f"CREATE ROLE {OWNER_ROLE} LOGIN PASSWORD '{passwords[OWNER_ROLE]}'",
        f"CREATE ROLE {SERVING_ROLE} LOGIN PASSWORD '{passwords[SERVING_ROLE]}'",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {SERVING_ROLE}",
        *CLOSED,
    ]
    return _script(statements)


def _script(statements: Sequence[str]) -> str:
    return "".join(f"{statement};\n\n" for statement in statements)


def _run_single(cluster: Cluster, data: Path, script: str) -> None:
    """Runs statements as the superuser while no server runs."""
    single = [cluster.binaries.program("postgres"), "--single", "-j", "-D", str(data)]
    run(cluster, [*single, "-c", "exit_on_error=on", "postgres"], script)


def _mark_closed(cluster: Cluster, data: Path) -> None:
    run(cluster, ["/bin/sh", "-c", ': > "$1"', "sh", str(data / CLOSED_MARK)])


def _start(cluster: Cluster) -> None:
    """Starts on the port used before, or on another if that is in use."""
    port = _kept_port(cluster)
    for _ in range(PORT_ATTEMPTS):
        if cluster.log.exists() and cluster.log.stat().st_size > LOG_BYTES_MAX:
            cluster.log.replace(cluster.log.with_suffix(".log.1"))
        written = cluster.log.stat().st_size if cluster.log.exists() else 0
        try:
            pg_ctl = [cluster.binaries.program("pg_ctl"), "start", "-D", str(cluster.data), "-w"]
            options = ["-t", str(START_SECONDS), "-o", f"-p {port}"]
            # relative to the place, because pg_ctl leaves this path to a shell
            run(cluster, [*pg_ctl, *options, "-l", str(cluster.log.relative_to(cluster.place))])
        except EmbeddedDatabaseError:
            said = cluster.log.read_text(errors="replace")[written:] if cluster.log.exists() else ""
            if "Address already in use" in said:
                port = _free_port()
                continue
            raise EmbeddedDatabaseError(
                f"PostgreSQL did not start: {_reason(said)} (see {cluster.log})"
            ) from None
        (cluster.place / "port").write_text(f"{port}\n")
        return
    raise EmbeddedDatabaseError("no free port on 127.0.0.1 for PostgreSQL")


def _reason(said: str) -> str:
    """The last failure of a log; else its last line, and without any no reason."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    fatal = [line for line in lines if re.search("FATAL|ERROR|PANIC", line)]
    return ["no reason given", *lines[-1:], *fatal[-1:]][-1].split("  ", 1)[-1]


def _clear_remains(cluster: Cluster) -> None:
    """Lets the children of a killed server end, then removes its pid file.

    The file alone would stop the next start for ever once another process got its number.
    """
    if not Path("/proc/self").exists():
        return
    deadline = time.monotonic() + ORPHAN_SECONDS
    while processes := _processes_within(cluster):
        if time.monotonic() > deadline:
            numbers = ", ".join(map(str, processes))
            raise EmbeddedDatabaseError(
                f"processes of an earlier server still use {cluster.data}: {numbers}"
            )
        time.sleep(0.05)
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)


def _processes_within(cluster: Cluster) -> list[int]:
    # checked by the account itself: without CAP_SYS_PTRACE even root may not look
    shell = ["/bin/sh", "-c", PROCESSES_WITHIN, "sh", str(cluster.data)]
    return [int(line) for line in run(cluster, shell, cwd="/").split()]


def _postmaster(cluster: Cluster) -> list[str]:
    """The lines of the pid file: pid, data, start, port, socket, address, memory, status."""
    try:
        text = (cluster.data / "postmaster.pid").read_text(errors="replace")
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines()]


def _kept_port(cluster: Cluster) -> int:
    try:
        return int((cluster.place / "port").read_text())
    except (FileNotFoundError, ValueError):
        return _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(
    cluster: Cluster,
    command: Sequence[str],
    text: str | None = None,
    cwd: str | None = None,
    *,
    password: str | None = None,
) -> str:
    """The output of a command under the server's account, in the place; a password is passed so
    that no other process can see it.

    Raises: EmbeddedDatabaseError
    """
    try:
        done = _as(cluster.account, command, text, cwd or str(cluster.place), password)
    except OSError as error:
        raise EmbeddedDatabaseError(f"cannot run {command[0]}: {error.strerror}") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise EmbeddedDatabaseError(f"{Path(command[0]).name} failed: {said[-1]}")
    return done.stdout


def _as(
    account: Account | None,
    command: Sequence[str],
    text: str | None = None,
    cwd: str = "/",
    password: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs a command under an account, in a session of its own.

    Ctrl-C goes to every process of the terminal's foreground group, and the database must
    outlive the application's last statement.
    """
    return subprocess.run(
        command,
        cwd=cwd,
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        | ({"PGPASSWORD": password} if password else {}),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
