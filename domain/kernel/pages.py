"""Pages by sort key: the rows after the last one read."""

_ENDS = {
    "timestamptz": ("-infinity", "infinity"),
    "date": ("-infinity", "infinity"),
    "bigint": ("-9223372036854775808", "9223372036854775807"),
    "int": ("-2147483648", "2147483647"),
    "text": ("", ""),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
}
"""By type, a bound below or above all values of a sort key; no text is below the first bound."""

AT_ID = ("timestamptz", "uuid")
"""Types of the usual sort key: an instant, and the id for several at the same instant."""


def beyond(columns: str, place: int, *types: str, descending: bool) -> str:
    """A condition for rows after a sort key of these columns; the key is in the parameters from
    `place` on. Where these are null, every row meets it.

    It is a range of an index, so a late page costs as much as the first one. `$1 IS NULL OR …`
    would be evaluated for every row before the page, once the statement has a generic plan.
    """
    bounds = (
        f"coalesce(${place + number}::{name}, '{_ENDS[name][descending]}')"
        for number, name in enumerate(types)
    )
    return f"({columns}) {'<' if descending else '>'} ({', '.join(bounds)})"
