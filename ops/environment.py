"""Makes `.venv` contain exactly the packages of a lock file, and does nothing if it already does.

The Makefile runs this by the system's Python, so it uses only the standard library. Two runs at
once wait for one another.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
SERVING_LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "requirements-dev.lock"
PAGE = ROOT / "api" / "edge" / "graphiql"
INTERRUPTED = 130
NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
NPM_ENVIRONMENT = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_timeout": "20000",
}
"""Little patience, because every run tries again while the registry cannot be reached."""


def main(lock: Path) -> None:
    """Ends with one line where the checkout cannot be written, or on Ctrl-C."""
    try:
        _make(lock)
    except OSError as error:
        _fail(
            f"cannot write {error.filename or ROOT}: {error.strerror}; run this as the owner of "
            f"{ROOT}, or in a copy of your own"
        )
    except KeyboardInterrupt:
        _say("interrupted; the next make goes on where this one stopped")
        sys.exit(INTERRUPTED)


def _make(lock: Path) -> None:
    with (ROOT / ".venv.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _make_environment()
        _install(lock)
        _install_page()


def _make_environment() -> None:
    uv = shutil.which("uv")
    if PYTHON.exists() and _quiet([PYTHON, "-c", "" if uv else "import pip"]):
        return
    _say(f"making .venv with Python {sys.version.split()[0]}")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if uv:
        _check([uv, "venv", "--quiet", "--python", sys.executable, ENVIRONMENT])
        return
    try:
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        _fail("this Python cannot make a virtual environment: install python3-venv, or uv")


def _install(lock: Path) -> None:
    stamp = ENVIRONMENT / "locks.stamp"
    satisfied = stamp.read_text().split() if stamp.exists() else []
    if _digest(lock) in satisfied:
        return
    _say(f"installing {lock.name}")
    stamp.unlink(missing_ok=True)
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    if uv := shutil.which("uv"):
        _check([uv, "pip", "install", "--python", PYTHON, *options])
    else:
        pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
        _check([*pip, "install", *options])
    # the lock for development holds the other one whole
    locks = (lock, ROOT / SERVING_LOCK) if lock.name == DEVELOPMENT_LOCK else (lock,)
    stamp.write_text("\n".join(_digest(path) for path in locks if path.exists()))


def _install_page() -> None:
    """GraphiQL's files, where npm is present; without them the page says how to get them."""
    lock, npm = PAGE / "package-lock.json", shutil.which("npm")
    if npm is None or not lock.exists():
        return
    stamp = ENVIRONMENT / "graphiql.stamp"
    if stamp.exists() and stamp.read_text() == _digest(lock) and (PAGE / "node_modules").exists():
        return
    _say("installing GraphiQL")
    command = [npm, "ci", "--prefix", str(PAGE), *NPM_OPTIONS]
    if _quiet(command, env={**os.environ, **NPM_ENVIRONMENT}):
        stamp.write_text(_digest(lock))
    else:
        stamp.unlink(missing_ok=True)
        _say("npm could not install GraphiQL: its page will say so, and the next make tries again")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _quiet(command: Sequence[str | Path], env: dict[str, str] | None = None) -> bool:
    done = subprocess.run(command, capture_output=True, check=False, env=env)
    return done.returncode == 0


def _check(command: Sequence[str | Path]) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        _fail(f"{Path(command[0]).name} failed; its message is above")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _fail(text: str) -> None:
    _say(f"error: {text}")
    sys.exit(1)


if __name__ == "__main__":
    main(ROOT / sys.argv[1])
