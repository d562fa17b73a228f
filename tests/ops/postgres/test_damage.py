"""A damaged data folder is named in one line, and left as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.errors import EmbeddedDatabaseError
from ops.postgres import embedded

PASSWORDS = "passwords.json"
VERSION = "data/PG_VERSION"

DAMAGES = [
    (VERSION, None, r"is damaged \(data holds no PG_VERSION\): put a backup in its place"),
    (VERSION, "", r"is damaged \(PG_VERSION says ''\)"),
    (VERSION, "fifteen", r"is damaged \(PG_VERSION says 'fifteen'\)"),
    (PASSWORDS, None, r"is damaged \(passwords.json has no password of milepost\)"),
    (PASSWORDS, "{", r"is damaged \(passwords.json has no password of milepost\)"),
    (PASSWORDS, "[]", r"is damaged \(passwords.json has no password of milepost\)"),
    ("data/postgresql.conf", "nonsense = = 1", "did not start: configuration file .* errors"),
    ("data/global/pg_control", None, "did not start: .*pg_control.*No such file"),
]


@contextmanager
def damaged(file: Path, text: str | None) -> Iterator[None]:
    """The file with other words in it, or gone, while the block lasts."""
    kept = file.with_name(f"{file.name}.kept")
    if text is None:
        file.rename(kept)
        yield
        kept.rename(file)
        return
    before = file.read_bytes()
    file.write_text(text)
    yield
    file.write_bytes(before)


def test_damage_is_one_line_and_nothing_is_made_anew(made_home: Path) -> None:
    with embedded.running(made_home) as sound:
        pass
    for name, text, message in DAMAGES:
        with damaged(made_home / "database" / name, text):
            with pytest.raises(EmbeddedDatabaseError, match=message) as refused:
                embedded.running(made_home).__enter__()
            assert "\n" not in str(refused.value)
    with embedded.running(made_home) as again:
        assert again == sound


def test_a_place_that_is_gone_is_not_made_anew(home: Path) -> None:
    home.mkdir()
    (home / "database").symlink_to(home / "not mounted")
    with pytest.raises(
        EmbeddedDatabaseError, match="does not lead to a folder: restore its target"
    ):
        embedded.running(home).__enter__()
    assert (home / "database").is_symlink()


def test_a_broken_pid_file_is_no_obstacle(made_home: Path) -> None:
    with embedded.running(made_home):
        pass
    with (made_home / "database/data/postmaster.pid").open("wb") as file:
        file.write(b"\xff\xfe\n")
    with embedded.running(made_home):
        pass
