"""Copies of the signed roots of days, a file a programme, where the agency cannot empty it."""

import os
from collections.abc import Sequence
from pathlib import Path

_folder: Path | None = None


class RootsDiffer(Exception):
    """What was published is not what the database has: nothing is added to it."""


def use(folder: Path | None) -> None:
    """Copy into this folder from now on, or nowhere."""
    global _folder  # noqa: PLW0603 - it is the state of the process
    _folder = folder


def folder() -> Path | None:
    return _folder


def add(folder: Path, programme: str, lines: Sequence[str]) -> int:
    """Add the lines that the programme's file does not have; how many.

    Raises: RootsDiffer, OSError
    """
    path = folder / f"{programme}.roots.jsonl"
    kept = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if list(lines[: len(kept)]) != kept:
        raise RootsDiffer(f"{path} has other records than the database: run `ops verify --roots`")
    new = lines[len(kept) :]
    if new:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in new)
            file.flush()
            os.fsync(file.fileno())
    return len(new)
