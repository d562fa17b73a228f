"""The CDNOW purchase histories as bookings, ready for `import bookings --history`.

`python benchmarks/cdnow/convert.py CDNOW.csv.gz BOOKINGS.csv` reads the columns customer,
date, units, amount. A purchase becomes a booking at ten times its amount in CNY, so that
tiers matter; its reference is its place in the file. The n-th of a customer's day, from 0, was
made n minutes after noon.
"""

import csv
import gzip
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

AMOUNT_FACTOR = 10
PRODUCT = "holiday_package"


def convert(source: Path, target: Path) -> int:
    """Writes one booking for each purchase; how many there were."""
    count, of_day = 0, Counter[tuple[str, str]]()
    with gzip.open(source, "rt", newline="") as read, target.open("w", newline="") as written:
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(["member", "reference", "booked_at", "product", "amount"])
        for count, purchase in enumerate(csv.DictReader(read), start=1):
            amount = Decimal(purchase["amount"]) * AMOUNT_FACTOR
            reference = f"CDNOW-{count:05}"
            day = purchase["customer"], purchase["date"]
            hours, minutes = divmod(12 * 60 + of_day[day], 60)
            of_day[day] += 1
            booked_at = f"{purchase['date']}T{hours:02}:{minutes:02}"
            row = [purchase["customer"], reference, booked_at, PRODUCT, amount]
            writer.writerow(row)
    return count


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python benchmarks/cdnow/convert.py CDNOW.csv.gz BOOKINGS.csv")
    print(f"{convert(Path(sys.argv[1]), Path(sys.argv[2]))} bookings")
