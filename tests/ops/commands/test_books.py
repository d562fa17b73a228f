"""Books from the command line: opened once, and how far days are settled."""

from tests.support.commands import Commands


def test_books_are_opened_once(ota: Commands) -> None:
    of = ["--programme", "ota"]
    assert ota.refusal("books", "show", *of) == "the books of ota were never opened"
    refused = ota.refusal("books", "open", *of, "--from", "tomorrow")
    assert refused == "'tomorrow' is not a day such as 2026-12-01"
    ahead = ota.refusal("books", "open", *of, "--from", "2999-01-01")
    assert ahead.startswith("2999-01-01 is in the future: it is ")
    assert ota.refusal("books", "show", *of) == "the books of ota were never opened"
    done = ota.run("books", "open", *of, "--from", "2026-03-01")
    assert done.stderr == "days of ota are settled from 2026-03-01 on\n"
    assert ota.output("books", "show", *of) == "none\n"
    page = str(ota.home / "report.html")
    assert ota.refusal("report", *of, "-o", page) == "no day of ota is settled: see `books open`"
    assert ota.run("rollup", *of, "--rebuild").stderr == (
        "figures of 0 members of ota were computed again\n"
    )
    again = ota.refusal("books", "open", *of, "--from", "2026-03-02")
    assert again == "the books of ota are open already"
    assert ota.refusal("books", "open", "--programme", "nix", "--from", "2026-03-02") == (
        "there is no programme 'nix'"
    )
