"""`import codes` from outside: a report of every row, repeatable, refused clearly."""

import csv
import gzip
from pathlib import Path

import pytest

from ops.commands import code_files
from ops.errors import OperationError
from ops.postgres.connections import connection
from tests.support.commands import Commands

REWARD = """
INSERT INTO reward (id, programme_id, code, kind, names, descriptions, list_points, open_value,
    pooled_codes, active, created_at)
SELECT gen_random_uuid(), id, $1, 'COUPON', '{}', '{}', 100, false, $2, true, now()
FROM programme WHERE code = 'ota'
"""


@pytest.fixture
async def shop(ota: Commands) -> Commands:
    """A coupon with a pool and one without."""
    async with connection(ota.database.owner) as owner:
        await owner.execute(REWARD, "pooled", True)
        await owner.execute(REWARD, "made", False)
    return ota


def codes(file: Path, *, reward: str = "pooled", programme: str = "ota") -> list[str]:
    return ["import", "codes", str(file), "--programme", programme, "--reward", reward]


def report(file: Path) -> list[list[str]]:
    with file.with_name(f"{file.name}.report.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


async def pool(commands: Commands) -> dict[str, str | None]:
    async with connection(commands.database.owner) as owner:
        found = await owner.fetch(
            "SELECT code, to_char(valid_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS until "
            "FROM coupon_code WHERE status = 'IMPORTED'"
        )
    return {row["code"]: row["until"] for row in found}


async def test_every_row_is_reported(shop: Commands, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    rows = ["A,2099-03-31", "B,", "A,", " C ,2099-03-31T12:00:00+00:00", "D,2020-01-01", "E,soon"]
    file.write_text("\n".join(["code,valid_until", *rows, ",", "F", "G,,x", ""]), encoding="utf-8")

    done = shop.run(*codes(file))

    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == (
        f"3 imported, 1 already there, 5 refused; result of each row: {file}.report.csv\n"
    )
    told = report(file)
    # a day is over at midnight in Shanghai
    assert told[5].pop().startswith("2 January 2020, 00:00 is not in the future; it is now ")
    assert told == [
        ["code", "valid_until", "outcome", "reason"],
        ["A", "2099-03-31", "imported", ""],
        ["B", "", "imported", ""],
        ["A", "", "known", "the programme has this code already"],
        ["C", "2099-03-31T12:00:00+00:00", "imported", ""],
        ["D", "2020-01-01", "refused"],
        ["E", "soon", "refused", "valid_until: 'soon' is not a date or an instant."],
        ["", "", "refused", "This must not be empty."],
        ["F", "", "refused", "This row has 1 columns, the header 2."],
        ["G", "", "refused", "This row has 3 columns, the header 2."],
    ]
    assert await pool(shop) == {"A": "2099-03-31 16:00", "B": None, "C": "2099-03-31 12:00"}


async def test_an_import_is_repeatable(shop: Commands, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv.gz"
    file.write_bytes(gzip.compress("\n".join(["CODE", *map(str, range(2500))]).encode()))
    assert shop.output(*codes(file)).startswith("2500 imported, 0 already there, 0 refused; ")
    before = await pool(shop)
    assert len(before) == 2500

    assert shop.output(*codes(file)).startswith("0 imported, 2500 already there, 0 refused; ")
    assert {row[2] for row in report(file)[1:]} == {"known"}
    assert await pool(shop) == before


async def test_what_cannot_be_imported_is_one_line(shop: Commands, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code\nA\n")
    for refused, said in (
        (codes(file, reward="made"), "The codes of 'made' are made when needed; it has no pool"),
        (codes(file, reward="nothing"), "there is no reward 'nothing'"),
        (codes(file, programme="nowhere"), "there is no programme 'nowhere'"),
        (codes(tmp_path / "absent.csv"), f"cannot read {tmp_path}/absent.csv: No such file"),
    ):
        assert shop.refusal(*refused).startswith(said)
    report = file.with_name(f"{file.name}.report.csv")
    assert not report.exists()
    report.mkdir()
    assert shop.refusal(*codes(file)) == f"cannot write {report}: it is a folder"
    assert await pool(shop) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"coupon\nA\n", "{}: its header is code and optionally valid_until"),
        (b"code,code\nA,B\n", "{}: its header is code and optionally valid_until"),
        (b"", "{}: its header is code and optionally valid_until"),
        (b"code\n\xff\n", "cannot read {}: it is not UTF-8 text"),
        (b'code\n"A\n', "cannot read {}: unexpected end of data"),
        (gzip.compress(b"code\nA\n", mtime=0)[:-9], "cannot read {}: it is cut off"),
    ],
)
def test_what_is_no_file_of_codes(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "codes.csv"
    file.write_bytes(content)
    with pytest.raises(OperationError) as refused:
        code_files.read(file)
    assert str(refused.value) == said.format(file)
