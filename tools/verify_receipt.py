"""Check a receipt of Milepost offline: that its entry was in the books of its day, as signed.

    python3 verify_receipt.py RECEIPT.json PUBLIC_KEY

RECEIPT.json is what `receipt(entry:)` answers, PUBLIC_KEY the agency's as it published it. It says
nothing about whether the entry was right, or whether another is missing. Nothing but the standard
library of Python is needed, and no network.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]


class Wrong(Exception):
    """What is wrong with a receipt, in one sentence."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        receipt = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        said = check(receipt, _bytes(arguments[1], 32))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        print(f"no receipt that can be read: {error}", file=sys.stderr)
        return 2
    except Wrong as wrong:
        print(f"WRONG: {wrong}", file=sys.stderr)
        return 1
    print(said)
    return 0


def check(receipt: dict[str, Any], public: bytes) -> str:
    """What the receipt proves. Raises: Wrong, and what says that it cannot be read."""
    entry, record = receipt["entry"], dict(receipt["record"])
    said = entry[1:] if isinstance(entry[0], int) else entry  # behind the number of its format
    text = json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode()
    own = hashlib.sha256(_bytes(receipt["before"], 32) + text).digest()
    day_root = root_by(own, receipt["place"], receipt["entries"], _hashes(receipt["day_path"]))
    number, seal = receipt["seal"]
    leaf = UUID(said[0]).bytes + number.to_bytes(8, "big") + _bytes(seal, 32) + day_root
    root = root_by(leaf, receipt["leaf"], record["leaves"], _hashes(receipt["path"]))
    signature = _bytes(record.pop("signature"), 64)
    record["root"] = base64.urlsafe_b64encode(root).rstrip(b"=").decode()
    signed = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if not _is_signed(signature, signed.encode(), public):
        raise Wrong("the entry does not lead to a root that this key signed")
    return (
        f"entry {said[2]} of member {said[0]} ({said[3]} of {said[6]} points, {said[4]} to "
        f"{said[5]}) was in the books of {record['programme']} on {record['day']}"
    )


def _bytes(text: str, length: int | None = None) -> bytes:
    found = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    if length is not None and len(found) != length:
        raise ValueError(f"{text!r} is not {length} bytes in base64")
    return found


def _hashes(text: str) -> list[bytes]:
    joined = _bytes(text)
    if len(joined) % 32:
        raise ValueError("a path is not whole")
    return [joined[at : at + 32] for at in range(0, len(joined), 32)]


# Trees of RFC 6962.


def root_by(leaf: bytes, place: int, size: int, path: list[bytes]) -> bytes:
    """The root of the tree of this size in which the leaf is at this place."""
    beside, last = iter(path), size - 1
    if not 0 <= place <= last:
        raise Wrong(f"no leaf is at {place} of {size}")
    found = hashlib.sha256(b"\x00" + leaf).digest()
    while last:
        if place & 1 or place < last:
            other = next(beside, None)
            if other is None:
                raise Wrong("a path is too short")
            pair = other + found if place & 1 else found + other
            found = hashlib.sha256(b"\x01" + pair).digest()
        place, last = place >> 1, last >> 1
    if next(beside, None) is not None:
        raise Wrong("a path is too long")
    return found


# Ed25519 (RFC 8032), which is only checked here: nothing is secret, so it may take its time.


def _is_signed(signature: bytes, message: bytes, public: bytes) -> bool:
    key, nonce = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or scalar >= ORDER:
        return False
    said = hashlib.sha512(signature[:32] + public + message).digest()
    times = int.from_bytes(said, "little") % ORDER
    left, right = _multiplied(scalar, _base()), _added(nonce, _multiplied(times, key))
    return _same(left, right)


def _base() -> Point:
    found = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    if found is None:
        raise AssertionError
    return found


def _point(encoded: bytes) -> Point | None:
    """A point by its encoding; None for what encodes none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _added(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiplied(scalar: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _added(found, point)
        point, scalar = _added(point, point), scalar >> 1
    return found


def _same(one: Point, other: Point) -> bool:
    x = (one[0] * other[2] - other[0] * one[2]) % P
    y = (one[1] * other[2] - other[1] * one[2]) % P
    return x == 0 and y == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
