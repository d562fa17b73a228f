"""Compare the journal with the ledger on every day, added up a second time from entries alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.books import books
from domain.finance import reading, recording, replay
from domain.finance.accounts import Books
from domain.kernel import dates
from domain.kernel.database import Row, rows
from domain.programmes.programmes import Programme

Rows = Mapping[str, Sequence[Row]]

_WHOSE = "member_id IN (SELECT member_id FROM member WHERE programme_id = $1)"


async def kept(programme: Programme) -> dict[str, list[dict[str, Any]]]:
    """The whole journal and liability of the programme, and the values of its lots."""
    return {
        "journal_day": await rows(
            "SELECT * FROM journal_day WHERE programme_id = $1 "
            "ORDER BY day, account, funder, cohort",
            programme.id,
        ),
        "liability_day": await rows(
            "SELECT * FROM liability_day WHERE programme_id = $1 "
            "ORDER BY day, expiry_month, funder",
            programme.id,
        ),
        "lot_value": await rows(
            f"SELECT * FROM lot_value WHERE {_WHOSE} ORDER BY member_id, lot_id", programme.id
        ),
    }


async def rebuilt(programme: Programme) -> dict[str, list[dict[str, Any]]]:
    """The same after everything was computed again."""
    async for _ in recording.rebuild(programme):
        pass
    return await kept(programme)


@dataclass
class Ledger:
    """Lots and balances as entries leave them, with the value and size of each lot."""

    value: dict[UUID, int]
    size: dict[UUID, int]
    left: Counter[UUID] = field(default_factory=Counter)
    held: defaultdict[UUID, Counter[UUID]] = field(default_factory=lambda: defaultdict(Counter))
    open: Counter[UUID] = field(default_factory=Counter)
    owed: Counter[UUID] = field(default_factory=Counter)
    inside: Counter[UUID] = field(default_factory=Counter)

    def post(self, entry: Row, touches: Iterable[Row]) -> None:
        member, redemption = entry["member_id"], entry["redemption_id"]
        self.owed[member] = entry["owed_after"]
        self.inside[member] = sum(
            entry[f"{name}_after"] for name in ("pending", "available", "held")
        )
        kind = entry["kind"]
        for touch in touches:
            self.left[touch["lot_id"]] += touch["points"]
            if kind in ("HOLD", "RELEASE"):
                self.held[redemption][touch["lot_id"]] -= touch["points"]
        if kind in ("HOLD", "RELEASE", "CAPTURE"):
            self.open[redemption] += entry["points"] if kind == "HOLD" else -entry["points"]
            if not self.open[redemption]:
                self.held.pop(redemption, None)

    @property
    def points(self) -> int:
        return sum(self.inside.values())

    @property
    def deferred(self) -> int:
        """The amount deferred for points in lots and holds."""
        here = Counter(self.left)
        for of in self.held.values():
            here.update(of)
        assert sum(here.values()) == self.points
        return sum(
            self.value[lot] - self.value[lot] * (self.size[lot] - points) // self.size[lot]
            for lot, points in here.items()
        )


_SPENT = {"REDEEM": 1, "CAPTURE": 1, "REINSTATE": -1}


async def prove_members(programme: Programme, member_ids: Sequence[UUID]) -> int:
    """Assert that the journal of these members' entries ties to the ledger on every day, and that
    each of their lots has the value that follows from its facts; the number of days. They must not
    have given points to others.
    """
    prices, whole = await reading.prices(programme), Books()
    for tables in (await reading.of_members(member_ids)).values():
        made = replay.of_member(tables, programme, prices, date.max)
        whole.include(made.books)
        values = {one["lot_id"]: one["amount"] for one in tables.get("lot_value", ())}
        assert values.keys() == made.lots.keys()
        assert {lot: values[lot] for lot in made.values} == made.values
    own = {
        table: await rows(
            f"SELECT * FROM {table} WHERE member_id = ANY($1::uuid[])", list(member_ids)
        )
        for table in ("ledger_entry", "allocation", "lot", "lot_value")
    }
    lines = [
        {**of._asdict(), "debit": moved.debit, "credit": moved.credit, "points": moved.points}
        for of, moved in whole.lines.items()
    ]
    return tie(own, lines, programme.versions[0].policy.zone, date.max)


async def prove(programme: Programme) -> int:
    """Assert that the stored journal and liability tie to the ledger on every settled day; the
    number of days.
    """
    found = await books.get(programme.id)
    assert found is not None
    assert found.settled_through is not None
    own = await kept(programme)
    tables = {
        table: await rows(f"SELECT * FROM {table} WHERE {_WHOSE}", programme.id)
        for table in ("ledger_entry", "allocation", "lot")
    }
    tables["lot_value"] = own["lot_value"]
    zone, costs = programme.versions[0].policy.zone, await _costs(programme)
    days = tie(tables, own["journal_day"], zone, found.settled_through, costs)
    _liability(own["liability_day"], own["journal_day"], found.settled_through)
    return days


def tie(
    tables: Rows,
    journal: Iterable[Row],
    zone: ZoneInfo,
    last: date,
    costs: Counter[date] | None = None,
) -> int:
    """Assert that on every day both sides of the journal are equal, and what is deferred, owed,
    redeemed and expired equals the ledger of these members; the number of days.
    """
    ledger = Ledger(
        {one["lot_id"]: one["amount"] for one in tables["lot_value"]},
        {one["id"]: one["points"] for one in tables["lot"]},
    )
    entries, touches, lines = (defaultdict[Any, list[Row]](list) for _ in range(3))
    for entry in sorted(
        tables["ledger_entry"],
        key=lambda one: (one["effective_at"], one["member_id"], one["sequence"]),
    ):
        entries[dates.local_date(entry["effective_at"], zone)].append(entry)
    for touch in tables["allocation"]:
        touches[touch["entry_id"]].append(touch)
    for line in journal:
        lines[line["day"]].append(line)
    balance, points = Counter[str](), Counter[str]()
    days = sorted(day for day in {*entries, *lines} if day <= last)
    for day in days:
        moved, cost = Counter[str](), 0
        assert sum(line["debit"] - line["credit"] for line in lines[day]) == 0, day
        for line in lines[day]:
            account, credited = line["account"], line["credit"] - line["debit"]
            balance[account] += credited
            points[account] += line["points"]
            moved[account] += line["points"]
            cost -= credited if account == "reward_cost" else 0
        kinds = Counter[str]()
        for entry in entries[day]:
            ledger.post(entry, touches[entry["id"]])
            kinds[entry["kind"]] += entry["points"]
        assert points["deferred"] == ledger.points, day
        assert balance["deferred"] == ledger.deferred, day
        assert points["arrears"] == -sum(ledger.owed.values()), day
        spent = sum(kinds[kind] * sign for kind, sign in _SPENT.items())
        assert moved["points_revenue"] == spent, day
        assert moved["breakage"] + moved["contra"] == kinds["EXPIRE"], day
        assert costs is None or cost == costs[day], day
        assert any(ledger.owed.values()) or balance["arrears"] == 0, day
    return len(days)


async def _costs(programme: Programme) -> Counter[date]:
    """The cost of rewards by day, from the figures."""
    found = await rows(
        "SELECT day, sum(value)::bigint AS value FROM figure_day WHERE programme_id = $1 "
        "AND measure = 'reward_cost' GROUP BY day",
        programme.id,
    )
    return Counter({one["day"]: one["value"] for one in found})


def _liability(levels: Iterable[Row], lines: Iterable[Row], last: date) -> None:
    """Assert that the liability at the end of each month and the last day is what is deferred."""
    kept_days: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for level in levels:
        kept_days[level["day"]]["points"] += level["points"]
        kept_days[level["day"]]["amount"] += level["amount"]
    own = [line for line in lines if line["account"] == "deferred"]
    ends = {dates.month_end(line["day"]) for line in own}
    for day in {*kept_days, last, *(end for end in ends if end <= last)}:
        until = [line for line in own if line["day"] <= day]
        assert kept_days[day]["points"] == sum(line["points"] for line in until), day
        amount = sum(line["credit"] - line["debit"] for line in until)
        assert kept_days[day]["amount"] == amount, day
        assert day == last or day == dates.month_end(day)
