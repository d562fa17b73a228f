"""`statement`: a member's month as a page, to standard output or into a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.kernel.refusals import InvalidInput, NotFound
from domain.programmes import programmes
from ops.commands import statement
from ops.errors import OperationError
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, open_stage
from tests.support.commands import Commands


async def test_the_page_is_of_the_month_and_in_the_members_language(database: Database) -> None:
    programme = (await open_stage()).programme
    joined = TODAY - timedelta(days=20)
    member_id = await make.enrol(
        programme, now=joined, reference="M-1", name="王芳", locale="zh-CN"
    )
    await make.give(programme, member_id, 4321, now=joined)

    february = await statement.page(programme, "M-1", "2126-02", None)
    running = await statement.page(programme, "M-1", None, "en-GB")

    assert "王芳" in february
    assert "2126年2月1日 – 2126年2月28日" in february
    assert "+4,321" in february
    assert "Mar 1, 2126 – Mar 31, 2126" in running
    assert "There were no movements in this period." in running
    for month in ("2126", "2126-13", "0000-01", "March"):
        with pytest.raises(OperationError, match="is not a month such as 2026-03"):
            await statement.page(programme, "M-1", month, None)
    with pytest.raises(
        InvalidInput, match=r"reason='period_before_joining' .* allowed='2126-02-23'"
    ):
        await statement.page(programme, "M-1", "2126-01", None)
    with pytest.raises(NotFound):
        await statement.page(programme, "M-2", None, None)
    with pytest.raises(OperationError, match="'fr' is not one of the languages zh-CN, en"):
        await statement.page(programme, "M-1", None, "fr")


async def test_the_page_is_written_where_it_is_asked_for(ota: Commands, tmp_path: Path) -> None:
    async with connected(ota.database.serving, everywhere=False):
        programme = await programmes.get("ota")
        await make.enrol(programme, now=datetime.now(UTC), reference="liu-yang")
    out = tmp_path / "statement.html"
    options = ("--programme", "ota", "--member", "liu-yang", "--locale", "en")

    assert ota.output("statement", *options, "--out", str(out)) == ""

    assert "<dd>liu-yang</dd>" in out.read_text(encoding="utf-8")
    nowhere = tmp_path / "none" / "statement.html"
    with pytest.raises(OperationError, match=r"cannot write .+: No such file"):
        statement.write("page", nowhere)
    # before it is asked what the page says
    said = ota.refusal("statement", "--programme", "none", "--member", "x", "--out", str(nowhere))
    assert said == f"cannot write {nowhere}: there is no folder {nowhere.parent}"
    for option, place in (("-o", nowhere), ("--csv", out)):
        said = ota.refusal("report", "--programme", "none", option, str(place))
        assert said.startswith(f"cannot write {place}: ")


def test_without_a_file_the_page_is_all_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    statement.write("<!doctype html>\n", None)
    assert capsys.readouterr() == ("<!doctype html>\n", "")
