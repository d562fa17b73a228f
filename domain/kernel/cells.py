"""Cells of files that people open: text that would be a formula is made harmless."""

import re

# also as wide as Chinese is written; tabs and ends of lines before one are left out
_FORMULA = re.compile(r"'*([=@＝＠\t\r\n]|[-+＋－](?!\d[\d .()-]*\Z))", re.ASCII)
_KEPT = re.compile(rf"'(?={_FORMULA.pattern})", re.ASCII)


def plain(text: str) -> str:
    """The text, safe to open: a formula gets a ' before it. A number with a sign, such as a phone
    number, is not a formula and stays.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def as_meant(cell: str) -> str:
    """The text that `plain` was given."""
    return cell[1:] if _KEPT.match(cell) else cell
