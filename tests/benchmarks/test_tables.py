"""What is said of figures: whether they hold, and how they are drawn."""

from xml.etree import ElementTree

from benchmarks import chart, tables
from benchmarks.backtest import Played
from benchmarks.memory import Held
from benchmarks.operations import BY_NAME
from benchmarks.rounds import Result, Round, Statements
from benchmarks.tables import Found, Row, Setting

SETTING = Setting(1000, 20_000, 3, 5, 16, "1 1 1; 2 2 2", "15.1", "abc1234")


def result(server_ms: float, postgres_ms: float, statements: Statements | None = None) -> Result:
    rounds = [Round(100, 0.01, 0.02, server_ms * factor, postgres_ms, 0.1) for factor in (1, 9, 1)]
    return Result(rounds, statements)


def test_a_read_is_judged_by_the_servers_time_and_statements_without_bounds() -> None:
    row = Row(BY_NAME["dashboard"], result(2, 5, Statements(2, 2, 4)), result(1, 1))

    assert (row.ratio, row.statements, row.verdict) == (0.5, 2, "goal")


def test_a_write_is_judged_by_both_times_and_statements_with_bounds() -> None:
    row = Row(BY_NAME["earn"], result(4, 6, Statements(8, 2, 9)), result(1, 3))

    assert (row.ratio, row.statements, row.verdict) == (0.4, 10, "yes; statements no")


def test_less_than_must_be_does_not_hold() -> None:
    row = Row(BY_NAME["ledger"], result(4, 0, Statements(1, 0, 1)), result(1, 0))

    assert (row.ratio, row.verdict) == (0.25, "no")


def test_a_chart_has_a_bar_an_operation_and_names_what_is_short() -> None:
    rows = [
        Row(BY_NAME["ledger"], result(4, 0), result(1, 0)),
        Row(BY_NAME["quote"], result(2, 0), result(1, 0)),
    ]

    drawn = ElementTree.fromstring(chart.svg(SETTING, rows))  # noqa: S314
    bars = [one for one in drawn.iter() if one.get("class") in ("bar", "short")]

    assert [bar.get("class") for bar in bars] == ["short", "bar"]
    assert [float(bar.get("width") or 0) for bar in bars] == [140.0, 280.0]


def test_markdown_has_a_row_an_operation_and_both_contenders() -> None:
    row = Row(BY_NAME["ledger"], result(4, 0, Statements(1, 2, 3)), result(1, 0))

    lines = tables.markdown(SETTING, Found([row])).splitlines()

    assert "1,000 members, 20,000 entries" in lines[0]
    assert "| ledger page of 50 | Milepost | 1 | 2 | 3 |" in lines
    assert "| ledger page of 50 | limit | 0 | 0 | 0 |" in lines


def test_a_back_test_is_judged_by_the_time_of_its_process_and_of_postgresql() -> None:
    slow = Played("changed", 100, 4000, 0.15, 0.1, 118_000_000, "ab")
    fast = Played("in force", 100, 4000, 0.1, 0.1, 118_000_000, "cd")

    lines = tables.markdown(SETTING, Found(played=[slow, fast])).splitlines()

    assert "| changed | 100 | 4,000 | 26,667 | 16,000 | 118 | no |" in lines
    assert "| in force | 100 | 4,000 | 40,000 | 20,000 | 118 | yes |" in lines


def test_memory_is_judged_by_its_last_minutes_beside_those_after_the_first() -> None:
    filling, flat, leak = [100.0, 190.0], [200.0] * 8, [202.0, 211.0]
    steady = Held(12, [*filling, *flat, 202.0, 210.0], 9000)
    grown = Held(12, [*filling, *flat, *[one + 9 for one in leak]], 9000)

    lines = tables.markdown(SETTING, Found(held=[steady, grown])).splitlines()

    assert "| 12 minutes | 9,000 | 200 | 206 | 1.03 | 1.05 | yes |" in lines
    assert "| 12 minutes | 9,000 | 200 | 216 | 1.08 | 1.05 | no |" in lines
