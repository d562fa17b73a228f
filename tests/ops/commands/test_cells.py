"""Files that commands write: no cell is a formula, and each is read back as it was meant."""

import csv
from pathlib import Path

from ops.commands import booking_files, code_files
from ops.commands.booking_files import BookingFile
from ops.commands.code_files import readable
from tests.support.commands import Commands

FORMULA = "=1+1"


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


async def test_refused_contacts_are_no_formulas(ota: Commands, tmp_path: Path) -> None:
    command = ("contacts", "prove")
    contacts = tmp_path / "contacts.csv"
    content = f"member,phone\n{FORMULA},+8613800138000\n"
    contacts.write_text(content, encoding="utf-8")
    report = contacts.with_name(f"{contacts.name}.refused.csv")
    for file in (contacts, report):  # what was refused can be tried again as it is
        ota.run(*command, str(file), "--programme", "ota")
        found = file.with_name(f"{file.name}.refused.csv")
        assert lines(found)[1][0] == f"'{FORMULA}"
        with readable(found) as read:
            assert list(read)[1][0] == FORMULA


def test_refused_bookings_are_no_formulas(tmp_path: Path) -> None:
    columns = ("member", "reference", "product", "amount", "booked_at")
    row = (FORMULA, "@R", "-hotel", "+100", "2026-01-01")
    path = tmp_path / "bookings.refused.csv"
    booking_files.write_refused(path, BookingFile(columns, [row]), {1: "+No such member."})
    assert lines(path)[1] == ["'=1+1", "'@R", "'-hotel", "+100", "2026-01-01", "'+No such member."]
    assert booking_files.read(path).rows[0][:5] == row


def test_reports_of_codes_are_no_formulas(tmp_path: Path) -> None:
    file, path = tmp_path / "codes.csv", tmp_path / "report.csv"
    file.write_text(f"code\n{FORMULA}\n", encoding="utf-8")
    row = code_files.read(file).rows[0]
    code_files.write_report(path, [code_files.RowResult(row, "REFUSED", "=why")])
    assert lines(path)[1][0] == f"'{FORMULA}"
    with readable(path) as read:
        assert list(read)[1][0] == row.code == FORMULA
