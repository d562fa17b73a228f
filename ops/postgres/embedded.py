"""The PostgreSQL that Milepost starts itself, shared by all commands with the same home.

Each command holds a shared lock on one file while it uses the database. The last to leave
stops the server, whoever started it; a small watching process does so for users that were
killed. Whoever uses a server that ends starts it again. Starting and stopping are serialised by
a second lock.
"""

import fcntl
import hashlib
import logging
import os
import pwd
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ops.errors import EmbeddedDatabaseError
from ops.postgres import binaries, cluster
from ops.postgres.binaries import Binaries
from ops.postgres.cluster import Account, Cluster

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_PLACE = Path("/var/lib")
UNPRIVILEGED = ("postgres", "nobody")
WATCH_SECONDS = 0.5
RESTORING = "restoring"
"""The folder of a restore, within the place of the database."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Urls:
    """One database for two roles: `serving` for requests, `owner` for migrations."""

    serving: str
    owner: str


@contextmanager
def running(home: Path, pg_bin: Path | None = None) -> Iterator[Urls]:
    """The database of `home` runs inside this block, and stops with its last user.

    A server that ends meanwhile, for any reason, is started again, on the same port unless that is
    in use.

    Raises: EmbeddedDatabaseError
    """
    with using(home, pg_bin) as shared, _kept_running(shared):
        yield Urls(
            serving=cluster.url(shared, cluster.SERVING_ROLE),
            owner=cluster.url(shared, cluster.OWNER_ROLE),
        )


@contextmanager
def using(home: Path, pg_bin: Path | None = None) -> Iterator[Cluster]:
    """Like `running`, for administering the server: gives the cluster itself."""
    shared = _open_cluster(home, pg_bin)
    with (shared.place / "users.lock").open("r+") as users:
        try:
            with _locked(shared.place / "start.lock"):
                fcntl.flock(users, fcntl.LOCK_SH)
                if cluster.ensure_started(shared):
                    _start_watching(shared)
            yield shared
        finally:
            with _locked(shared.place / "start.lock"):
                _stop_if_last(shared, users.fileno())


@contextmanager
def _kept_running(shared: Cluster) -> Iterator[None]:
    leaving = threading.Event()
    keeper = threading.Thread(target=_keep_running, args=(shared, leaving), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        leaving.set()
        keeper.join()


def _keep_running(shared: Cluster, leaving: threading.Event) -> None:
    said = ""
    while not leaving.wait(WATCH_SECONDS):
        try:
            if cluster.has_ended(shared):
                with _locked(shared.place / "start.lock"):
                    if not leaving.is_set() and cluster.ensure_started(shared):
                        logger.warning("PostgreSQL had ended and was started again")
                        _start_watching(shared)
            said = ""
        except (EmbeddedDatabaseError, OSError) as error:
            # it is tried again, and said once
            if said != (said := str(error)):
                logger.error("PostgreSQL has ended: %s", error)


@contextmanager
def unused(home: Path) -> Iterator[tuple[Path, Account | None]]:
    """The place of the database of `home`, and its server's account, while it is unused and locked.

    Raises: EmbeddedDatabaseError where it is in use.
    """
    with _locked_home(home) as (place, account):
        pass
    with (place / "users.lock").open("r+") as users, _locked(place / "start.lock"):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedDatabaseError(
                f"the database in {place} is in use: stop every server, worker and command first"
            ) from None
        yield place, account


def watch(shared: Cluster) -> None:
    """Waits until nobody uses the server and stops it, if its last user could not."""
    # once somebody has deleted the place, there is nothing left to stop
    with suppress(FileNotFoundError), (shared.place / "users.lock").open("r+") as users:
        stopped = False
        while not stopped:
            time.sleep(WATCH_SECONDS)
            with _locked(shared.place / "start.lock"):
                stopped = _stop_if_last(shared, users.fileno())


def _stop_if_last(shared: Cluster, users: int) -> bool:
    try:
        # nobody takes or leaves these locks now, so a refusal means a live user
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    cluster.stop(shared)
    # before the other lock is left, or whoever waits for that takes us for a live user
    fcntl.flock(users, fcntl.LOCK_UN)
    return True


def _start_watching(shared: Cluster) -> None:
    # through a shell that leaves at once: the watcher has no parent that must wait for it
    watcher = [
        sys.executable,
        "-m",
        "ops.postgres.embedded",
        str(shared.place),
        str(shared.binaries.folder),
    ]
    subprocess.run(
        ["/bin/sh", "-c", '"$@" &', "sh", *watcher],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _open_cluster(home: Path, pg_bin: Path | None) -> Cluster:
    """The cluster of `home`, made if it is the first time."""
    with _locked_home(home) as (place, account):
        shared = _cluster(place, account, pg_bin)
        if not shared.data.exists():
            if (place / RESTORING).exists():
                raise EmbeddedDatabaseError(
                    f"a restore into {place} was interrupted, and there is no database yet: run "
                    "`python -m ops restore` again"
                )
            cluster.create(shared)
        return shared


@contextmanager
def _locked_home(home: Path) -> Iterator[tuple[Path, Account | None]]:
    """The place of the database of `home`, made if it is the first time, under its lock."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "database.lock").touch()
        with _locked(home / "database.lock"):
            account = _account(home / "database" / "data")
            place = _place(home, account)
            for name in ("start.lock", "users.lock"):
                (place / name).touch()
            yield place, account
    except OSError as error:
        raise EmbeddedDatabaseError(
            f"cannot use {error.filename or home}: {error.strerror}; run as its owner or choose "
            "another MILEPOST_HOME"
        ) from None


def _cluster(place: Path, account: Account | None, pg_bin: Path | None) -> Cluster:
    return reachable(place, account, binaries.find(pg_bin, cluster.version(place)))


def reachable(place: Path, account: Account | None, found: Binaries) -> Cluster:
    """The cluster of a place with these programs, or a copy of them that its account can run."""
    if account and not cluster.can_execute(account, found):
        found = binaries.copy(found, place / f"postgresql-{found.version}")
        _open_to_all(place / f"postgresql-{found.version}")
    return Cluster(place, found, account)


def _account(data: Path) -> Account | None:
    """The account of the server: our own, or under root the data's owner, otherwise a known
    unprivileged one.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise EmbeddedDatabaseError(
                f"the database in {data} belongs to another user: run as that user, as root, "
                "or choose another MILEPOST_HOME"
            )
        return None
    if owner:
        return Account(owner, data.stat().st_gid, str(owner))
    for name in UNPRIVILEGED:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise EmbeddedDatabaseError("PostgreSQL does not run as root, and there is no user 'nobody'")


def _place(home: Path, account: Account | None) -> Path:
    """The folder of the cluster: in the home, or where the other account can reach it."""
    inside = home / "database"
    if inside.is_dir():
        return inside.resolve()
    if inside.is_symlink() or inside.exists():
        raise EmbeddedDatabaseError(
            f"{inside} does not lead to a folder: restore its target, or remove it to begin anew"
        )
    inside.mkdir(mode=0o711)
    inside.chmod(0o711)
    if account is None or cluster.can_enter(account, inside):
        return inside.resolve()
    name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    outside = SYSTEM_PLACE / f"milepost-{name}"
    outside.mkdir(mode=0o711, parents=True, exist_ok=True)
    if outside.is_symlink() or outside.stat().st_uid != os.geteuid():
        raise EmbeddedDatabaseError(f"{outside} is not Milepost's: move it out of the way")
    outside.chmod(0o711)
    inside.rmdir()
    inside.symlink_to(outside)
    logger.info("the user %r cannot enter %s: the database is in %s", account.name, home, outside)
    return outside


def _open_to_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))


def _main(place: Path, pg_bin: Path) -> None:
    watch(_cluster(place, _account(place / "data"), pg_bin))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]))
