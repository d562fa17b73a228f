"""Results as tables: on the terminal, and in Markdown."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks import backtest, memory, profile
from benchmarks.backtest import Played
from benchmarks.bulk import Bulk
from benchmarks.counters import Drawn
from benchmarks.growth import Grown
from benchmarks.memory import Held
from benchmarks.operations import Operation
from benchmarks.profile import Profile
from benchmarks.rounds import Result, Statements
from benchmarks.running import LIMIT, MILEPOST
from benchmarks.several import WORKERS, Several

HEAD = (
    "operation",
    "statements",
    "Milepost: CPU ms",
    "limit: CPU ms",
    "ratio of CPU",
    "must, goal",
    "requests/s",
    "median / p99 ms",
    "holds",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """Under what it was measured."""

    members: int
    entries: int
    rounds: int
    seconds: float
    connections: int
    load: str
    postgresql: str
    revision: str
    workers: int = 1

    def __str__(self) -> str:
        processor = _processor()
        return (
            f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC, revision {self.revision}; {processor}, "
            f"{os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL "
            f"{self.postgresql}; {self.members:,} members, {self.entries:,} entries; medians of "
            f"{self.rounds} rounds of {self.seconds:g} s, the contenders in turns, "
            f"{self.connections} connections, processes of each: {self.workers}; "
            f"load before and after: {self.load}"
        )


def _processor() -> str:
    found = Path("/proc/cpuinfo")
    lines = found.read_text().splitlines() if found.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


@dataclass(frozen=True, slots=True)
class Row:
    """One operation of both contenders, as it is shown."""

    operation: Operation
    milepost: Result
    limit: Result

    @property
    def statements(self) -> float:
        """As the target counts them: reads without what begins and ends a transaction."""
        found = self.milepost.statements or Statements(0, 0, 0)
        return found.statements + (found.bounds if self.operation.writes else 0)

    @property
    def ratio(self) -> float:
        """The limit's CPU by Milepost's: of the server, for writes with PostgreSQL's."""
        if self.operation.writes:
            return self.limit.cpu_ms / self.milepost.cpu_ms
        return self.limit.median("server_ms") / self.milepost.median("server_ms")

    @property
    def verdict(self) -> str:
        goal = self.operation.goal
        must = "yes" if self.ratio >= goal.must else "no"
        said = "goal" if self.ratio >= goal.goal else must
        return said if self.statements <= goal.statements else f"{said}; statements no"

    def cells(self) -> tuple[str, ...]:
        goal = self.operation.goal
        own, limit = (one.median("per_second") for one in (self.milepost, self.limit))
        return (
            self.operation.title,
            f"{self.statements:g} ≤ {goal.statements}",
            _cpu(self.operation, self.milepost),
            _cpu(self.operation, self.limit),
            f"{self.ratio:.2f}",
            f"{goal.must:g}, {goal.goal:g}",
            f"{own:.0f} / {limit:.0f} = {own / limit:.2f}",
            f"{_latency(self.milepost)}; {_latency(self.limit)}",
            self.verdict,
        )


def _cpu(operation: Operation, result: Result) -> str:
    server, postgres = result.median("server_ms"), result.median("postgres_ms")
    return (
        f"{server:.2f} + {postgres:.2f}" if operation.writes else f"{server:.2f} ({postgres:.2f})"
    )


def _latency(result: Result) -> str:
    return f"{1000 * result.median('median'):.0f} / {1000 * result.median('p99'):.0f}"


def rows(operations: Sequence[Operation], found: Mapping[str, Mapping[str, Result]]) -> list[Row]:
    return [Row(one, found[one.name][MILEPOST], found[one.name][LIMIT]) for one in operations]


def table(shown: Sequence[Row]) -> Table:
    made = Table(*HEAD, title="requests")
    for row in shown:
        style = "red" if row.verdict.startswith("no") else "green"
        made.add_row(*row.cells(), style=style)
    return made


def bulk_table(found: Sequence[Bulk]) -> Table:
    made = Table("operation", "found", "target", "holds", "", title="in bulk")
    for one in found:
        style = {True: "green", False: "red", None: "dim"}[one.holds]
        made.add_row(*_bulk_cells(one), style=style)
    return made


def _bulk_cells(one: Bulk) -> tuple[str, ...]:
    sign = "≤" if one.less_is_better else "≥"
    found = "–" if one.found is None else _number(one.found)
    holds = {True: "yes", False: "no", None: "not measured"}[one.holds]
    return one.title, f"{found} {one.unit}", f"{sign} {_number(one.target)}", holds, one.note


def growth_table(found: Sequence[Grown]) -> Table:
    made = Table(*GROWTH_HEAD, title="growth")
    for one in found:
        made.add_row(*_growth_cells(one), style="green" if one.ratio <= one.most else "red")
    return made


GROWTH_HEAD = ("what has grown", "before: CPU ms", "after: CPU ms", "ratio", "at most", "holds")


def _growth_cells(one: Grown) -> tuple[str, ...]:
    numbers = (one.small_ms, one.large_ms, one.ratio)
    holds = "yes" if one.ratio <= one.most else "no"
    return one.title, *(f"{number:.2f}" for number in numbers), f"{one.most:g}", holds


COUNTERS_HEAD = ("50 clients", "with it: requests/s", "without", "ratio", "at least", "holds")


def counters_table(found: Sequence[Drawn]) -> Table:
    made = Table(*COUNTERS_HEAD, title="counters")
    for one in found:
        style = {"yes": "green", "no": "red"}.get(_counters_cells(one)[-1], "dim")
        made.add_row(*_counters_cells(one), style=style)
    return made


def _counters_cells(one: Drawn) -> tuple[str, ...]:
    numbers = (_number(one.counted), _number(one.free), f"{one.ratio:.2f}")
    if one.least is None:
        return one.title, *numbers, "–", "–"
    return one.title, *numbers, f"{one.least:g}", "yes" if one.ratio >= one.least else "no"


SEVERAL_HEAD = (
    "operation",
    "one process: requests/s",
    f"{WORKERS} processes",
    "ratio",
    "one: CPU ms",
    f"{WORKERS}: CPU ms",
)


def several_table(found: Sequence[Several]) -> Table:
    made = Table(*SEVERAL_HEAD, title="several processes")
    for one in found:
        made.add_row(*_several_cells(one))
    return made


def _several_cells(row: Several) -> tuple[str, ...]:
    rates = (_number(each.median("per_second")) for each in (row.one, row.many))
    cpu = (f"{each.cpu_ms:.2f}" for each in (row.one, row.many))
    return row.title, *rates, f"{row.ratio:.2f}", *cpu


PLAYED_HEAD = (
    "back-test beside the policy in force",
    "members",
    "bookings",
    "process: bookings/s",
    "with PostgreSQL: bookings/s",
    "peak MB",
    f"holds (≥ {backtest.TARGET:,})",
)


def played_table(found: Sequence[Played]) -> Table:
    made = Table(*PLAYED_HEAD, title="back-tests")
    for one in found:
        cells = _played_cells(one)
        made.add_row(*cells, style="green" if cells[-1] == "yes" else "red")
    return made


def _played_cells(one: Played) -> tuple[str, ...]:
    numbers = (one.members, one.bookings, one.own_rate, one.rate, one.peak_bytes / 1e6)
    holds = "yes" if one.rate >= backtest.TARGET else "no"
    return one.candidate, *(f"{number:,.0f}" for number in numbers), holds


HELD_HEAD = ("memory", "requests", "early: MB", "late: MB", "ratio", "at most", "holds")


def held_table(found: Sequence[Held]) -> Table:
    made = Table(*HELD_HEAD, title="memory")
    for one in found:
        cells = _held_cells(one)
        made.add_row(*cells, style="green" if cells[-1] == "yes" else "red")
    return made


def _held_cells(one: Held) -> tuple[str, ...]:
    holds = "yes" if one.ratio <= memory.MOST else "no"
    numbers = f"{one.requests:,}", f"{one.early:.0f}", f"{one.late:.0f}", f"{one.ratio:.2f}"
    return f"{one.minutes} minutes", *numbers, f"{memory.MOST:g}", holds


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


@dataclass(slots=True)
class Found:
    """All that a run has measured so far, and what it found wrong."""

    shown: list[Row] = field(default_factory=list)
    bulk: list[Bulk] = field(default_factory=list)
    grown: list[Grown] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    several: list[Several] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def tables(self) -> list[Table]:
        """Of what was measured."""
        made: list[tuple[Sequence[Any], Table]] = [
            (self.shown, table(self.shown)),
            (self.bulk, bulk_table(self.bulk)),
            (self.grown, growth_table(self.grown)),
            (self.drawn, counters_table(self.drawn)),
            (self.several, several_table(self.several)),
            (self.played, played_table(self.played)),
            (self.held, held_table(self.held)),
        ]
        return [one for measured, one in made if measured] + [*map(profile.table, self.profiles)]


def markdown(setting: Setting, found: Found) -> str:
    lines, shown = [f"{setting}."], found.shown
    if shown:
        lines += ["", *_markdown_table(HEAD, [row.cells() for row in shown]), ""]
        lines += _markdown_table(
            ("operation", "", "statements", "BEGIN, COMMIT", "round trips"), _statements(shown)
        )
        busy = max(row.limit.median("client") for row in shown)
        lines += ["", f"The client was busy for {busy:.0%} of a core at most."]
    for head, cells in (
        (("operation", "found", "target", "holds", ""), [*map(_bulk_cells, found.bulk)]),
        (GROWTH_HEAD, [*map(_growth_cells, found.grown)]),
        (COUNTERS_HEAD, [*map(_counters_cells, found.drawn)]),
        (SEVERAL_HEAD, [*map(_several_cells, found.several)]),
        (PLAYED_HEAD, [*map(_played_cells, found.played)]),
        (HELD_HEAD, [*map(_held_cells, found.held)]),
    ):
        if cells:
            lines += ["", *_markdown_table(head, cells)]
    for one in found.profiles:
        lines += [
            "",
            f"{profile.title(one)}.",
            "",
            *_markdown_table(profile.HEAD, profile.cells(one)),
        ]
        for named, largest in profile.largest(one):
            lines += ["", *_markdown_table((named, *profile.HEAD[1:]), largest)]
    if found.faults:
        lines += ["", "What was written does not hold:", "", *found.faults]
    return "\n".join(lines) + "\n"


def _statements(shown: Sequence[Row]) -> list[tuple[str, ...]]:
    made = []
    for row in shown:
        for name, result in ((MILEPOST, row.milepost), (LIMIT, row.limit)):
            found = result.statements or Statements(0, 0, 0)
            numbers = (found.statements, found.bounds, found.round_trips)
            made.append((row.operation.title, name, *(f"{number:g}" for number in numbers)))
    return made


def _markdown_table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in cells),
    ]
