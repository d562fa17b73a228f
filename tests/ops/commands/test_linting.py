"""Looking at documents from the command line."""

import re
from pathlib import Path

from tests.support.commands import Commands
from tests.support.documents import named, text


def written(folder: Path, **lists: list[str]) -> str:
    path = folder / "small.yaml"
    path.write_text(text(lists, "target_return: {maximum: 2, basket: 100}"), encoding="utf-8")
    return str(path)


def test_a_document_is_looked_at_without_a_database(commands: Commands, tmp_path: Path) -> None:
    base, never = named("base", "kind: rate, points: 1"), "when: {nights: {max: -1}}"
    good = written(tmp_path, earning=[base])
    look = ("programme", "lint", "--offline", "--effective", "2027-01-01")
    assert commands.output(*look, good) == (
        "Nothing was found.\n"
        "No booking is worth more than 1.5 % of its amount to a member.\n"
        "The best booking of one line: flight, CNY 100.00, tier Gold, on 1 January 2027: "
        "150 points, worth 1.5 % with the discount.\n"
    )
    bad = written(tmp_path, earning=[base, named("never", f"kind: bonus, points: 1, {never}")])
    done = commands.run(*look, bad, "--language", "zh-CN")
    assert (done.returncode, done.stderr) == (1, "")
    first = "ERROR UNREACHABLE@earning.never：任何情况都不会符合这条规则：请看 when.nights。"
    assert done.stdout.splitlines()[0] == first
    slip = tmp_path / "slip.yaml"
    slip.write_text("programme: 7", encoding="utf-8")
    assert re.fullmatch(rf"{slip}: \d+ faults", commands.refusal(*look, str(slip)))


def test_findings_refuse_publishing_and_rewards_are_compared(
    commands: Commands, tmp_path: Path
) -> None:
    base, never = named("base", "kind: rate, points: 1"), "when: {nights: {max: -1}}"
    bad = written(tmp_path, earning=[base, named("never", f"kind: bonus, points: 1, {never}")])
    told = f"{bad}: 1 finding prevents publishing, nothing was published; "
    told += "--accept CODE@path accepts one"
    for more in ([], ["--dry-run"]):
        assert commands.refusal("programme", "publish", bad, "--new", *more) == told
    accepted = ("--accept", "UNREACHABLE@earning.never")
    made = commands.output("programme", "publish", bad, "--new", *accepted)
    assert made.startswith("created programme small")
    worse = written(tmp_path, earning=[base, named("two", f"kind: bonus, points: 2, {never}")])
    done = commands.run("programme", "publish", worse, *accepted)
    assert done.returncode == 1
    assert done.stderr.startswith("ERROR UNREACHABLE@earning.two: Nothing can ever match")
    assert commands.refusal("programme", "publish", worse, "--dry-run") == told
    assert commands.run("programme", "lint", worse).returncode == 1
    accepted = ("--accept", "UNREACHABLE@earning.two")
    assert commands.output("programme", "publish", worse, *accepted).startswith("published")
