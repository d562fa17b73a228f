"""Cells of files that people open: text that a spreadsheet would compute is kept from it."""

import re

# also as wide as Chinese is written; tabs and ends of lines before one are left out
_FORMULA = re.compile(r"'*([=@＝＠\t\r\n]|[-+＋－](?!\d[\d .()-]*\Z))", re.ASCII)
_KEPT = re.compile(rf"'(?={_FORMULA.pattern})", re.ASCII)


def plain(text: str) -> str:
    """The text as it can be opened: what would be a formula has a ' before it. A number with its
    sign, as of a phone, computes nothing, and stays.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def as_meant(cell: str) -> str:
    """What `plain` was given."""
    return cell[1:] if _KEPT.match(cell) else cell
