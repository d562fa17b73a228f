"""Back-tests from the command line."""

from pathlib import Path

from tests.support.commands import Commands
from tests.support.factories import SHIPPED

OTA = str(SHIPPED / "ota.yaml")


def test_the_document_in_force_changes_nothing(commands: Commands, tmp_path: Path) -> None:
    commands.output("programme", "publish", OTA, "--new")
    assert commands.refusal("backtest", OTA, "--from", "2099-01-01").endswith("judges.")
    page = tmp_path / "report.html"
    said = commands.output("backtest", OTA, "--html", str(page))
    assert "Points granted for the period, net" in said
    assert "sha256 " in said
    assert "<h1>Back-test</h1>" in page.read_text(encoding="utf-8")
    again = commands.output("backtest", OTA, "--language", "zh-CN")
    assert "期间发放的积分" in again
