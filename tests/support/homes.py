"""Home folders with a database that is made and migrated once per run, and then copied.

Making one takes longer than most tests that use it. Copies run without fsync, since nobody needs
their data after a crash.
"""

import fcntl
import subprocess
from pathlib import Path

from tests.support import processes


def furnish(home: Path, run: Path) -> None:
    """Create the folder `home` with a database; `run` is the folder of this run of tests."""
    with (run / "homes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = run / "made"
        if not made.exists():
            _make(run / "making").rename(made)
    # -a keeps owners: under root the data belong to another user
    subprocess.run(["/bin/cp", "-a", made, home], check=True)


def _make(home: Path) -> Path:
    migrated = processes.run("migrate", MILEPOST_HOME=str(home))
    assert migrated.returncode == 0, migrated.stderr
    # two copies that are used at once need different ports
    (home / "database" / "port").unlink()
    with (home / "database" / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("fsync = off\n")
    return home
