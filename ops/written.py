"""Files that commands write: whether one is writable is checked before its content is made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.errors import OperationError


def check(path: Path) -> None:
    """
    Raises: OperationError where no file can be written there.
    """
    folder = path.parent
    if path.is_dir():
        raise OperationError(f"cannot write {path}: it is a folder")
    if not folder.is_dir():
        raise OperationError(f"cannot write {path}: there is no folder {folder}")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise OperationError(f"cannot write {path}: it is not allowed")


def check_folder(path: Path) -> None:
    """The same of a folder that files are written into, which is made where there is none.

    Raises: OperationError
    """
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not there.is_dir():
        raise OperationError(f"cannot write {path}: {there} is not a folder")
    if not os.access(there, os.W_OK):
        raise OperationError(f"cannot write {path}: it is not allowed")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Report a failure that still happens, such as a full disk, as an error of the command.

    Raises: OperationError
    """
    try:
        yield
    except OSError as error:
        named = error.filename or path
        raise OperationError(f"cannot write {named}: {error.strerror}") from None
