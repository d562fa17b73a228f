"""A backup of the embedded database, and its state at an instant made of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from domain.kernel.database import rows
from domain.programmes import programmes
from domain.upkeep import records
from ops.postgres import archiving, backups, embedded
from ops.postgres.database import connected
from tests.support import factories as make
from tests.support.processes import run


@asynccontextmanager
async def served(home: Path) -> AsyncIterator[None]:
    """The models reach the database of this home, which runs."""
    with embedded.running(home) as urls:
        async with connected(urls.serving, everywhere=False):
            yield


async def members() -> set[str]:
    found = await rows("SELECT value FROM lookup WHERE scope = 'reference'")
    return {one["value"] for one in found}


async def test_a_backup_is_brought_back_to_an_instant(made_home: Path) -> None:
    place, variables = made_home / "database", {"MILEPOST_HOME": str(made_home)}
    assert "there is no backup in" in run("restore", **variables).stderr
    async with served(made_home):
        programme = await make.establish()
        await make.enrol(programme, reference="before")
        backed_up = run("backup", **variables)
        assert backed_up.returncode == 0, backed_up.stderr
        assert await records.last_backup_at() is not None
        await make.enrol(programme, reference="then")
        then = datetime.now(UTC)
        await make.enrol(programme, reference="after")
        with embedded.using(made_home) as shared:
            await backups.make(shared)
        assert "is in use: stop every server" in run("restore", **variables).stderr
    [first, second] = backups.found(place)

    restored = run("restore", "--at", then.isoformat(), **variables)
    assert restored.returncode == 0, restored.stderr
    assert f"restored from {first.place.name}" in restored.stderr
    verified = run("verify", **variables)
    assert verified.stderr.startswith("no fault in 2 members with "), verified.stderr
    assert backups.found(place) == [first]
    assert second.place.with_name(f"{second.place.name}.undone").is_dir()
    assert len(list(place.glob("data.before-*"))) == 1

    async with served(made_home):
        assert await members() == {"before", "then"}
        await make.enrol(await programmes.get(programme.code), reference="anew")
    # nothing was committed after it, and the way there is the one that was taken since
    backups.restore(made_home, None, datetime.now(UTC))
    async with served(made_home):
        assert await members() == {"before", "then", "anew"}


def test_a_gap_in_the_archive_is_no_end_of_it() -> None:
    said = "redo done at 0/5000028 system usage\nredo done at 1/6000028 system usage"
    segment = f"{2:08X}{1:08X}{6:08X}.gz"
    earlier = f"{1:08X}{1:08X}{9:08X}.gz"
    assert not backups.is_broken_off([segment, earlier, "00000002.history.gz"], said)
    assert backups.is_broken_off([segment, f"{2:08X}{1:08X}{8:08X}.gz"], said)
    assert not backups.is_broken_off([], said)


def folder(place: Path, name: str, segment: str) -> None:
    """What `forget` looks at of a backup."""
    data = place / backups.FOLDER / name / "data"
    data.mkdir(parents=True)
    label = f"START WAL LOCATION: 0/2000028 (file {segment})\nCHECKPOINT LOCATION: 0/2000060\n"
    (data / "backup_label").write_text(label)


def test_old_backups_go_with_what_only_they_needed(tmp_path: Path) -> None:
    for day, segment in (("01", "2"), ("02", "4"), ("03", "6")):
        folder(tmp_path, f"202611{day}T000000000000Z", f"{1:08X}{0:08X}{int(segment):08X}")
    folder(tmp_path, "20261101T120000000000Z.undone", f"{1:08X}{0:08X}{3:08X}")
    archive = tmp_path / archiving.ARCHIVE
    archive.mkdir()
    for number in range(1, 7):
        (archive / f"{1:08X}{0:08X}{number:08X}.gz").touch()
    (archive / "00000002.history.gz").touch()

    assert backups.forget(tmp_path, datetime(2026, 11, 2, tzinfo=UTC)) == 2
    assert [one.place.name[6:8] for one in backups.found(tmp_path)] == ["02", "03"]
    kept = sorted(int(file.name[16:24], 16) for file in archive.glob("0000000100*.gz"))
    assert kept == [4, 5, 6]
    assert (archive / "00000002.history.gz").exists()
    # the last one stays, however old it is
    assert backups.forget(tmp_path, datetime(2027, 1, 1, tzinfo=UTC)) == 1
    assert len(backups.found(tmp_path)) == 1
