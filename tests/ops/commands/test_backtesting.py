"""Back-tests from the command line."""

from pathlib import Path

from tests.support.commands import Commands
from tests.support.factories import SHIPPED

OTA = str(SHIPPED / "ota.yaml")


def test_the_document_in_force_changes_nothing(commands: Commands, tmp_path: Path) -> None:
    commands.output("programme", "publish", OTA, "--new")
    assert commands.refusal("backtest", OTA, "--from", "2099-01-01").endswith("applies.")
    backwards = ("--from", "2025-03-01", "--until", "2025-01-01")
    assert commands.refusal("backtest", OTA, *backwards) == (
        "1 January 2025, 00:00 is not after 1 March 2025, 00:00, from which the candidate applies."
    )
    page = tmp_path / "report.html"
    said = commands.output("backtest", OTA, "--html", str(page))
    assert "Points granted for the period, net" in said
    assert "sha256 " in said
    assert "<h1>Back-test</h1>" in page.read_text(encoding="utf-8")
    again = commands.output("backtest", OTA, "--language", "zh-CN")
    assert "期间发放的积分" in again


def test_nothing_is_played_for_a_page_that_cannot_be_written(
    commands: Commands, tmp_path: Path
) -> None:
    nowhere = tmp_path / "none" / "report.html"
    # not even the document is read
    said = commands.refusal("backtest", "absent.yaml", "--html", str(nowhere))
    assert said == f"cannot write {nowhere}: there is no folder {nowhere.parent}"
    said = commands.refusal("backtest", "absent.yaml", "--html", str(tmp_path))
    assert said == f"cannot write {tmp_path}: it is a folder"


def test_a_document_with_faults_is_not_said_to_be_published(
    commands: Commands, tmp_path: Path
) -> None:
    slip = tmp_path / "slip.yaml"
    slip.write_text("programme: ota", encoding="utf-8")
    said = commands.refusal("backtest", str(slip))
    assert said.startswith(f"{slip}: ")
    assert said.endswith(" faults")
    assert commands.refusal("backtest", OTA, "--baseline", str(slip)) == said
