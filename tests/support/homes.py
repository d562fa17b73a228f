"""Homes that have their database already: made and migrated once a run, and copied from there.

Making one takes longer than most of what is tried on it. Nothing in a copy waits for the disk:
what a crash of the machine would lose is nobody's.
"""

import fcntl
import subprocess
from pathlib import Path

from tests.support import processes


def furnish(home: Path, run: Path) -> None:
    """Put a database into a home that is not there yet; `run` is the folder of this run."""
    with (run / "homes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = run / "made"
        if not made.exists():
            _make(run / "making").rename(made)
    # keeps owners: under root the data are another user's
    subprocess.run(["/bin/cp", "-a", made, home], check=True)


def _make(home: Path) -> Path:
    migrated = processes.run("migrate", MILEPOST_HOME=str(home))
    assert migrated.returncode == 0, migrated.stderr
    # two that are used at once have each their own
    (home / "database" / "port").unlink()
    with (home / "database" / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("fsync = off\n")
    return home
