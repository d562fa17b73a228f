"""Backups of the embedded database, and its state at an instant made of one and of the archive.

A backup is a copy that `pg_basebackup` takes while the database serves, checked by
`pg_verifybackup`, in a folder named by the instant at which it ended. A restore is made beside the
database, which is put aside, and not removed, once that has come to its end.
"""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ops.errors import EmbeddedDatabaseError
from ops.postgres import archiving, binaries, cluster, embedded
from ops.postgres.cluster import SUPERUSER, Account, Cluster
from ops.postgres.connections import connection

FOLDER = "backups"
UNDONE = ".undone"
STAMP = "%Y%m%dT%H%M%S%fZ"
PASSWORDS = "passwords.json"
LABEL = re.compile(r"^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)", re.MULTILINE)
LAST = re.compile(r"last completed transaction was at log time (\S+ \S+)")
REDONE = re.compile(r"redo done at ([0-9A-F]+)/([0-9A-F]+)")
SEGMENT_BYTES = 2**24
TOO_SHORT = "recovery ended before configured recovery target was reached"
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole one, as of any instant from `ended_at` on, with the archive."""

    place: Path
    ended_at: datetime

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def first_segment(self) -> str:
        """The oldest segment of the archive that it needs.

        Raises: EmbeddedDatabaseError
        """
        found = LABEL.search((self.data / "backup_label").read_text(errors="replace"))
        if found is None:
            raise EmbeddedDatabaseError(f"{self.place} is not a backup: its label names no segment")
        return found[1]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the backup, the last transaction, and the new place of the previous
    database.
    """

    backup: Backup
    last_at: str | None
    put_aside: Path | None


def found(place: Path) -> list[Backup]:
    """The whole backups of a place, the oldest first."""
    whole = [Backup(folder, _ended_at(folder.name)) for folder in (place / FOLDER).glob("*Z")]
    return sorted(whole, key=lambda backup: backup.ended_at)


def _ended_at(name: str) -> datetime:
    return datetime.strptime(name, STAMP).replace(tzinfo=UTC)


async def make(shared: Cluster) -> Backup:
    """Copy the running database, and have every change from now on archived.

    Raises: EmbeddedDatabaseError, also while another one is made.
    """
    with (shared.place / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedDatabaseError("another backup is being made") from None
        await _begin_archive(shared)
        return _copy_running(shared)


def _copy_running(shared: Cluster) -> Backup:
    fresh = shared.place / FOLDER / "new"
    shutil.rmtree(fresh, ignore_errors=True)
    for folder in (fresh.parent, fresh):
        _passage(folder)
    shutil.copy2(shared.place / PASSWORDS, fresh)
    data = _folder_of(shared.account, fresh / "data")
    url = urlsplit(cluster.url(shared, SUPERUSER))
    server = ["-h", str(url.hostname), "-p", str(url.port), "-U", SUPERUSER, "--no-password"]
    copying = [shared.binaries.program("pg_basebackup"), *server, "-D", str(data), "-c", "fast"]
    cluster.run(shared, copying, password=url.password)
    cluster.run(shared, [shared.binaries.program("pg_verifybackup"), "-q", str(data)])
    ended_at = datetime.now(UTC)
    backup = Backup(fresh.with_name(ended_at.strftime(STAMP)), ended_at)
    fresh.rename(backup.place)
    return backup


def forget(place: Path, oldest: datetime) -> int:
    """Remove backups that ended before then, except the last one, and segments of the archive that
    only they needed; returns how many.

    Raises: EmbeddedDatabaseError
    """
    *earlier, last = found(place)
    old = [backup for backup in earlier if backup.ended_at < oldest]
    for folder in (place / FOLDER).glob(f"*Z{UNDONE}"):
        ended_at = _ended_at(folder.name.removesuffix(UNDONE))
        old += [Backup(folder, ended_at)] if ended_at < oldest else []
    for backup in old:
        shutil.rmtree(backup.place)
    first = min(backup.first_segment for backup in [*earlier, last] if backup not in old)
    archiving.forget(place / archiving.ARCHIVE, first)
    return len(old)


def restore(home: Path, pg_bin: Path | None, at: datetime | None) -> Restored:
    """Bring the database of a home to its state at an instant, or without one to the end of the
    archive; nobody uses it meanwhile. A failure leaves it unchanged.

    Raises: EmbeddedDatabaseError
    """
    with embedded.unused(home) as (place, account):
        backup = _chosen(place, at)
        programs = binaries.find(pg_bin, cluster.version(backup.place))
        here = embedded.reachable(place, account, programs)
        cluster.stop(here)
        copy = Cluster(place / embedded.RESTORING, here.binaries, account)
        shutil.rmtree(copy.place, ignore_errors=True)
        _copy(backup, copy)
        try:
            reached = _recover(copy, at)
        finally:
            cluster.stop(copy)
        if not reached:
            _check_whole(place / archiving.ARCHIVE, copy)
        last = LAST.findall(copy.log.read_text(errors="replace"))
        aside = _put_in_place(here, copy)
        for later in found(place):
            if at is not None and later.ended_at > at:
                # they contain undone changes, and none from now on
                later.place.rename(later.place.with_name(f"{later.place.name}{UNDONE}"))
        return Restored(backup, last[-1] if last else None, aside)


def _chosen(place: Path, at: datetime | None) -> Backup:
    """The last backup that had ended by then."""
    backups = found(place)
    if not backups:
        raise EmbeddedDatabaseError(f"there is no backup in {place / FOLDER}")
    ended = [backup for backup in backups if at is None or backup.ended_at <= at]
    if not ended:
        raise EmbeddedDatabaseError(
            f"the first backup ended at {backups[0].ended_at:%Y-%m-%d %H:%M:%S.%f} UTC: name an "
            "instant after that"
        )
    return ended[-1]


async def _begin_archive(shared: Cluster) -> None:
    async with connection(cluster.url(shared, SUPERUSER)) as administrator:
        if await administrator.fetchval("SHOW archive_mode") != "on":
            raise EmbeddedDatabaseError(
                "the running database was started by an earlier release: stop everything that "
                "uses it once, and run this again"
            )
        _folder_of(shared.account, shared.place / archiving.ARCHIVE)
        for statement in archiving.BEGIN:
            await administrator.execute(statement)


def _folder_of(account: Account | None, folder: Path) -> Path:
    """A folder that only the server's account can read, made if it is not there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account.uid, account.gid)
    return folder


def _passage(folder: Path) -> None:
    """A folder that the server's account can go through, made if it is not there."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)


def _copy(backup: Backup, copy: Cluster) -> None:
    _passage(copy.place)
    shutil.copy2(backup.place / PASSWORDS, copy.place)
    shutil.copytree(backup.data, copy.data, symlinks=True)
    copy.log.unlink(missing_ok=True)
    archive = _folder_of(copy.account, copy.place.parent / archiving.ARCHIVE)
    if copy.account:
        # both may have been brought here from another machine
        for path in [copy.data, *copy.data.rglob("*"), *archive.glob("*")]:
            os.chown(path, copy.account.uid, copy.account.gid, follow_symlinks=False)


def _recover(copy: Cluster, at: datetime | None) -> bool:
    """Play the archive up to that instant, or to its end; whether there was something after it."""
    with _target(copy, at):
        try:
            _play(copy)
            return at is not None
        except EmbeddedDatabaseError:
            said = copy.log.read_text(errors="replace") if copy.log.exists() else ""
            if at is None or TOO_SHORT not in said:
                raise
    # nothing was committed after it: its state is the last one
    with _target(copy, None):
        _play(copy)
    return False


def _check_whole(archive: Path, copy: Cluster) -> None:
    """Refuses a restore that ended early: a segment is missing in the archive, and later ones
    exist.

    Raises: EmbeddedDatabaseError
    """
    said = copy.log.read_text(errors="replace")
    if is_broken_off((file.name for file in archive.glob("*.gz")), said):
        last = LAST.findall(said)
        raise EmbeddedDatabaseError(
            "the archive lacks a segment before its end: put it back, or name an instant before "
            f"{last[-1] if last else 'the end of the backup'}"
        )


def is_broken_off(names: Iterable[str], said: str) -> bool:
    """Whether the archive of these files has segments of the newest time line after the last one
    replayed, according to the server's log.
    """
    segments = [name[:24] for name in names if re.fullmatch(r"[0-9A-F]{24}\.gz", name)]
    played = REDONE.findall(said)
    if not segments or not played:
        return False
    last, (high, low) = max(segments), played[-1]
    ended = (int(high, 16) << 32 | int(low, 16)) // SEGMENT_BYTES
    return int(last[8:16], 16) * 2**32 // SEGMENT_BYTES + int(last[16:], 16) > ended


@contextmanager
def _target(copy: Cluster, at: datetime | None) -> Iterator[None]:
    """The server of this copy plays the archive when it is started inside this block."""
    (copy.data / "recovery.signal").touch()
    file = copy.data / "postgresql.auto.conf"
    own = file.read_text()
    until = [] if at is None else [f"recovery_target_time = '{at.isoformat(sep=' ')}'"]
    settings = [
        f"restore_command = '{archiving.FETCH}'",
        "recovery_target_action = 'promote'",
        "hot_standby = off",
        # changes made here are archived only after the database is in its place
        "archive_command = 'false'",
        *until,
    ]
    file.write_text("\n".join([own, *settings, ""]))
    try:
        yield
    finally:
        file.write_text(own)


def _play(copy: Cluster) -> None:
    cluster.ensure_started(copy)
    while not cluster.is_ready(copy):
        if cluster.has_ended(copy):
            raise EmbeddedDatabaseError(f"the archive could not be replayed: see {copy.log}")
        time.sleep(LOOK_SECONDS)


def _put_in_place(here: Cluster, copy: Cluster) -> Path | None:
    """The new place of the previous database; None if there was none."""
    aside = None
    if here.data.exists():
        aside = here.place / f"data.before-{datetime.now(UTC):{STAMP}}"
        here.data.rename(aside)
    (copy.place / PASSWORDS).replace(here.place / PASSWORDS)
    copy.data.rename(here.data)
    shutil.rmtree(copy.place)
    return aside
