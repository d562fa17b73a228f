"""`import bookings` from outside: files good and bad, now and as history, killed and resumed."""

import asyncio
import gzip
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from benchmarks.cdnow import check, convert
from ops.commands import booking_files
from ops.errors import OperationError
from ops.postgres.connections import connection
from tests.support import processes, reference
from tests.support.commands import Commands

HEADER = "member,reference,booked_at,product,amount"


def write(path: Path, rows: Iterable[str], header: str = HEADER) -> str:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


def bookings(*arguments: str) -> list[str]:
    return ["import", "bookings", "--programme", "ota", *arguments]


def yesterday() -> str:
    return f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"


async def counts(commands: Commands) -> dict[str, int]:
    tables = ("member", "booking", "ledger_entry", "outbox_event", "idempotency_key")
    async with connection(commands.database.owner) as owner:
        return {table: await owner.fetchval(f"SELECT count(*) FROM {table}") for table in tables}


async def topics(commands: Commands) -> dict[str, int]:
    """How many events there are of each type, but for those of the catalogue."""
    async with connection(commands.database.owner) as owner:
        found = await owner.fetch(
            "SELECT topic, count(*) FROM outbox_event WHERE topic <> 'reward.changed' "
            "GROUP BY topic"
        )
    return dict(found)


def cdnow(path: Path, customers: int, seed: int) -> Path:
    """A file like the benchmark's: customers with a few purchases in eighteen months."""
    rng = random.Random(seed)
    first = reference.local_midnight("1997-01-01")
    lines = ["customer,date,units,amount"]
    for customer in range(customers):
        for _ in range(rng.choice([1, 1, 1, 2, 3, 20])):
            day = first + timedelta(days=rng.randrange(545))
            lines.append(f"{customer:05},{day:%Y-%m-%d},1,{rng.randrange(70_000) / 100:.2f}")
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


async def test_history_equals_the_benchmarks_calculation(ota: Commands, tmp_path: Path) -> None:
    source = cdnow(tmp_path / "cdnow.csv.gz", customers=80, seed=5)
    file = tmp_path / "bookings.csv"
    rows = convert.convert(source, file)
    options = bookings(str(file), "--history", "--enrol")
    said = ota.output(*options)
    assert said.startswith(f"{rows} recorded (")
    assert ", 0 already there, 0 refused, 80 members enrolled; " in said

    as_of = reference.local_midnight(check.AS_OF)
    expected = reference.results(check.purchases(source), as_of)
    assert await check.recorded(ota.database.owner, "ota", as_of) == expected
    assert {result.tier for result in expected.values()} == {"silver", "gold", "diamond"}
    assert any(result.expired for result in expected.values())

    before = await counts(ota)
    assert await topics(ota) == {"policy.published": 1}
    again = ota.output(*options)
    assert again.startswith(f"0 recorded (0 points), {rows} already there, 0 refused, 0 members")
    assert await counts(ota) == before
    assert await ota.faults() == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_what_was_stopped_is_finished_by_a_second_run(
    ota: Commands, tmp_path: Path, number: signal.Signals
) -> None:
    # more than all lanes have in hand, who may finish that
    source = cdnow(tmp_path / "cdnow.csv.gz", customers=700, seed=6)
    file = tmp_path / "bookings.csv"
    rows = convert.convert(source, file)
    options = bookings(str(file), "--history", "--enrol")
    async with connection(ota.database.owner) as owner:
        with processes.Started(*options, **ota.variables) as process:
            async with stopping_at(">= '00200'", owner):
                await until_some(owner)
                os.kill(process.pid, number)
            _, errors = process.communicate(timeout=processes.WAIT_SECONDS)
        await all_left(owner)
    ends = {
        signal.SIGKILL: (-9, ""),
        signal.SIGTERM: (143, ""),
        signal.SIGINT: (130, "interrupted\n"),
    }
    assert (process.returncode, errors) == ends[number]
    half = await counts(ota)
    assert 0 < half["booking"] < rows
    assert await ota.faults() == []

    said = ota.output(*options)
    assert f"{rows - half['booking']} recorded (" in said
    assert f", {half['booking']} already there, 0 refused" in said
    as_of = reference.local_midnight(check.AS_OF)
    expected = reference.results(check.purchases(source), as_of)
    assert await check.recorded(ota.database.owner, "ota", as_of) == expected
    assert await ota.faults() == []


STOP = """
CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1);
    RETURN NEW;
END $$;
CREATE TRIGGER stop BEFORE INSERT ON member
FOR EACH ROW WHEN (NEW.reference {which}) EXECUTE FUNCTION stop();
SELECT pg_advisory_lock(1);
"""


@asynccontextmanager
async def stopping_at(which: str, owner: asyncpg.Connection) -> AsyncIterator[None]:
    """Members of these references are not enrolled before the end of the block."""
    await owner.execute(STOP.format(which=which))
    try:
        yield
    finally:
        await owner.execute("SELECT pg_advisory_unlock(1)")
        await owner.execute("DROP TRIGGER stop ON member; DROP FUNCTION stop")


async def all_left(owner: asyncpg.Connection) -> None:
    """Wait until nothing is done any more of what a killed process had sent."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + processes.WAIT_SECONDS
    while await owner.fetchval(others):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def until_some(owner: asyncpg.Connection, table: str = "member") -> None:
    deadline = time.monotonic() + processes.WAIT_SECONDS
    while not await owner.fetchval(f"SELECT count(*) > 40 FROM {table}"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_batches_that_were_killed_are_finished_by_a_second_run(
    ota: Commands, tmp_path: Path
) -> None:
    """Each booking is there once, and each member's in the order of its rows."""
    members, each = 150, 3
    rows = [
        f"m{number},B-{number}-{place},{yesterday()},hotel,{100 + place}"
        for number in range(members)
        for place in range(each)
    ]
    options = bookings(write(tmp_path / "bookings.csv", rows), "--enrol")
    async with connection(ota.database.owner) as owner:
        with processes.Started(*options, **ota.variables) as process:
            async with stopping_at(f"= 'm{members - 1}'", owner):
                await until_some(owner, "booking")
                os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=processes.WAIT_SECONDS)
        await all_left(owner)
    half = await counts(ota)
    assert 0 < half["booking"] < len(rows)
    assert await ota.faults() == []

    said = ota.output(*options)
    left, gained = len(rows) - half["booking"], members * sum(range(100, 100 + each))
    assert said.startswith(f"{left} recorded (")
    assert f", {half['booking']} already there, 0 refused" in said
    async with connection(ota.database.owner) as owner:
        assert await owner.fetchval("SELECT sum(points) FROM booking") == gained
        assert await owner.fetchval("SELECT sum(available) FROM account") == gained
        told = await owner.fetch(
            "SELECT string_agg(points::text, ' ' ORDER BY sequence) AS points FROM ledger_entry "
            "GROUP BY member_id"
        )
        together = await owner.fetchval(
            "SELECT count(*) FROM (SELECT FROM booking GROUP BY xmin::text HAVING count(*) > 40) b"
        )
    assert {one["points"] for one in told} == {"100 101 102"}
    assert together >= 3
    assert (await counts(ota))["booking"] == len(rows)
    assert await ota.faults() == []


async def test_refused_rows_stand_beside_the_file_with_their_reasons(
    ota: Commands, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "mixed.csv",
        [
            "anna,A1,2024-05-01,hotel,100",
            "anna,A2,2024-05-02T09:30:00+02:00,flight,19.90",
            "anna,A3,2024-13-01,hotel,100",
            "anna,A4,2024-05-01,yacht,100",
            'anna,A5,2024-05-01,hotel,"1,000.00"',
            "anna,A6,2024-05-01,hotel",
            "anna,A1,2024-05-01,hotel,101",
            "ben,B1,2999-01-01,hotel,100",
            ",C1,2024-05-01,hotel,100",
            "",
            "carla,C2,2024-05-01,hotel,NaN",
        ],
    )
    done = ota.run(*bookings(file, "--history", "--enrol"))
    assert done.returncode == 3
    assert done.stdout.startswith("2 recorded (119 points), 0 already there, 8 refused, 1 member")
    refused = (tmp_path / "mixed.csv.refused.csv").read_text(encoding="utf-8").splitlines()
    assert [line.rpartition(",")[0] for line in refused[:2]] == [
        HEADER,
        "anna,A3,2024-13-01,hotel,100",
    ]
    assert "booked_at: '2024-13-01' is not a date or an instant (ISO 8601)." in refused[1]
    assert ",\"product: Unknown product 'yacht'; this programme sells" in refused[2]
    assert refused[3].startswith('anna,A5,2024-05-01,hotel,"1,000.00","amount: ')
    assert refused[4] == 'anna,A6,2024-05-01,hotel,,"This row has 4 columns, the header 5."'
    assert refused[5].endswith("Reference 'A1' was already reported with different content.")
    assert "booked_at: 1 January 2999, 00:00 is in the future; it is now " in refused[6]
    assert refused[7] == ",C1,2024-05-01,hotel,100,This must not be empty."
    assert refused[8].endswith(",amount: 'NaN' is not a number such as 1500.00.")
    assert len(refused) == 9

    # put right, the same file of refused rows is taken; and then nothing is left of it
    mended = write(
        tmp_path / "mended.csv",
        ["carla,C2,2024-05-01,hotel,100,amount: it was not a number"],
        header=refused[0],
    )
    (tmp_path / "mended.csv.refused.csv").write_text("from an earlier run", encoding="utf-8")
    assert ota.output(*bookings(mended, "--history", "--enrol")).startswith("1 recorded")
    assert not (tmp_path / "mended.csv.refused.csv").exists()


async def test_without_history_rows_are_reported_now(ota: Commands, tmp_path: Path) -> None:
    today = yesterday()
    header = f"{HEADER},payment_method,travel_from,travel_to"
    file = tmp_path / "now.csv.gz"
    rows = [
        f"dora,D1,{today},flight,2500.50,partner_card,{today},",
        f"dora,D2,{today},hotel,10,,,",
        "dora,D3,1999-01-01,hotel,10,,,",
        f"emil,E1,{today},hotel,10,shells,,",
    ]
    file.write_bytes(gzip.compress("\n".join([header, *rows]).encode()))
    done = ota.run(*bookings(str(file), "--enrol"))
    # (2500 × 2 for the card + 500) + 10: the fraction is lost once, behind the factor
    assert done.stdout.startswith("2 recorded (5511 points), 0 already there, 2 refused, 1 member")
    refused = (tmp_path / "now.csv.gz.refused.csv").read_text(encoding="utf-8")
    assert "booked_at: 1 January 1999, 00:00 is too long ago; the limit is 365 days." in refused
    assert "payment_method: Unknown payment method 'shells'" in refused
    made = await counts(ota)
    assert await topics(ota) == {
        "policy.published": 1,
        "member.enrolled": 1,
        "booking.recorded": 2,
        "points.earned": 2,
    }

    again = ota.run(*bookings(str(file), "--enrol"))
    assert again.stdout.startswith("0 recorded (0 points), 2 already there, 2 refused, 0 members")
    assert await counts(ota) == made

    history = ota.run(*bookings(str(file), "--history"))
    assert history.stdout.startswith("0 recorded (0 points), 0 already there, 4 refused")


def test_without_enrol_missing_members_are_refused(ota: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "missing.csv", [f"finn,F1,{yesterday()},hotel,100"])
    for history in ([], ["--history"]):
        done = ota.run(*bookings(file, *history))
        assert (done.returncode, done.stderr) == (3, "")
        reasons = (tmp_path / "missing.csv.refused.csv").read_text(encoding="utf-8")
        assert "There is no member 'finn' in this programme." in reasons


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"member,reference,booked_at,product\n", "has no column amount: its header is member,"),
        (f"{HEADER},colour\n".encode(), "has an unknown column 'colour': its header is member,"),
        (f"{HEADER},amount\n".encode(), "names a column twice"),
        (b"", "has no column member, reference, booked_at, product, amount"),
        (f"{HEADER}\n\xff\xfe".encode("latin-1"), "it is not UTF-8 text"),
        (gzip.compress(HEADER.encode() * 99, mtime=0)[:-9], "it is cut off"),
        (f'{HEADER}\n"a'.encode(), "line 2: unexpected end of data"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "bad file.csv"
    file.write_bytes(content)
    with pytest.raises(OperationError) as refused:
        booking_files.read(file)
    assert str(file) in str(refused.value)
    assert said in str(refused.value)


def test_names_of_nothing(commands: Commands, tmp_path: Path) -> None:
    missing = commands.refusal(*bookings("nowhere.csv"))
    assert missing == "cannot read nowhere.csv: No such file or directory"
    file = write(tmp_path / "x.csv", [])
    assert commands.refusal(*bookings(file)) == "there is no programme 'ota'"


def test_the_reference_is_right_about_the_rules() -> None:
    """The second calculation itself, on figures worked out by hand."""

    def at(day: str, minutes: int = 0) -> datetime:
        return reference.local_midnight(day) + timedelta(minutes=minutes)

    bought = [
        reference.Purchase("m", at("2024-02-29", 600), Decimal("4999.99")),
        reference.Purchase("m", at("2024-03-01"), Decimal("45.01")),
        reference.Purchase("m", at("2024-03-02"), Decimal(45)),
    ]
    # 4999 and 45 as silver, floor(45 × 1.2) = 54 as gold
    assert reference.results(bought, at("2025-02-28", 1439))["m"] == reference.Result(
        "gold", 5098, 5098, 0
    )
    assert reference.results(bought, at("2025-03-01"))["m"] == reference.Result(
        "gold", 5098, 99, 4999
    )


@pytest.mark.parametrize("how", [["--history"], []])
async def test_a_row_that_the_database_refuses_ends_no_import(
    ota: Commands, tmp_path: Path, how: list[str]
) -> None:
    async with connection(ota.database.owner) as owner:
        await owner.execute("ALTER TABLE booking ADD CONSTRAINT odd CHECK (reference <> 'B-2')")
    day = yesterday()
    rows = [f"{name},B-{number},{day},hotel,100" for number, name in enumerate("abc", 1)]
    file = write(tmp_path / "bookings.csv", rows)
    ended = ota.run(*bookings(file, "--enrol", *how))
    assert ended.returncode == 3, ended.stderr
    assert "2 recorded (" in ended.stdout
    assert ", 1 refused, " in ended.stdout
    with booking_files.opened(Path(f"{file}.refused.csv")) as text:
        refused = text.read().splitlines()
    why = "This row could not be recorded (IntegrityError); the log says more."
    assert refused[1:] == [f"b,B-2,{day},hotel,100,{why}"]
    assert (await counts(ota))["booking"] == 2
