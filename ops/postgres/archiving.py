"""The archive of the write-ahead log of a cluster: every change since the first backup.

It lies beside the data, in `wal`, a compressed file for each segment of 16 MB. Nothing is archived
before the first backup; from then on a segment is begun every five minutes at most.
"""

from pathlib import Path

ARCHIVE = "wal"

CONFIGURATION = """
# Milepost: what backups need
archive_mode = on
archive_command = 'true'
"""
ACCESS = "host replication postgres 127.0.0.1/32 scram-sha-256\n"

_TARGET = f"../{ARCHIVE}/%f.gz"
_KEPT = f"{{ test -f {_TARGET} && gunzip -c {_TARGET} | cmp -s - %p; }}"
_NEW = (
    f"{{ test ! -f {_TARGET} && gzip -c %p > {_TARGET}.new && sync {_TARGET}.new "
    f"&& mv {_TARGET}.new {_TARGET}; }}"
)
BEGIN = (
    f"ALTER SYSTEM SET archive_command = 'test ! -d ../{ARCHIVE} || {_KEPT} || {_NEW}'",
    "ALTER SYSTEM SET archive_timeout = '5min'",
    "SELECT pg_reload_conf()",
)
"""Paths are relative to the data. A segment archived already must be equal; it is never replaced.
Removing the folder ends archiving.
"""

LEFT_BEHIND = "../../data/pg_wal/%f"
"""Segments that the database had not archived when it was stopped, seen from a copy in a place of
its own within the place.
"""
FETCH = (
    f"test -f ../{_TARGET} && gunzip -c ../{_TARGET} > %p || "
    f"{{ test -f {LEFT_BEHIND} && cp {LEFT_BEHIND} %p; }}"
)


def prepare(data: Path) -> None:
    """Have the server of these data able to archive, from its next start on.

    Clusters of earlier releases are not yet. Of a file that is gone the server says so itself.
    """
    for name, wanted in (("postgresql.conf", CONFIGURATION), ("pg_hba.conf", ACCESS)):
        file = data / name
        if file.is_file() and wanted not in file.read_text(errors="replace"):
            with file.open("a") as opened:
                opened.write(wanted)


def forget(archive: Path, first: str) -> int:
    """Remove segments from before this one, on any time line; returns how many."""
    removed = 0
    for file in archive.glob("*.gz"):
        name = file.name.removesuffix(".gz")
        # the first eight digits are the time line; shorter names are the history of one
        if len(name) >= len(first) and name[8:24] < first[8:24]:
            file.unlink(missing_ok=True)
            removed += 1
    return removed
