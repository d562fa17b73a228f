"""Pages by their sort key: rows beyond the last one that was read."""

_ENDS = {
    "timestamptz": ("-infinity", "infinity"),
    "date": ("-infinity", "infinity"),
    "bigint": ("-9223372036854775808", "9223372036854775807"),
    "int": ("-2147483648", "2147483647"),
    "text": ("", ""),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
}
"""By type, what no value of a sort key is below, or above; a text is none of the first ones."""

AT_ID = ("timestamptz", "uuid")
"""The types of the sort key that most lists have: an instant, and of several at it the id."""


def beyond(columns: str, place: int, *types: str, descending: bool) -> str:
    """A condition on rows beyond the sort key of these columns, which stands in the parameters from
    `place` on; where these are null, any row is.

    An index is entered at it, so a late page costs what the first one does. `$1 IS NULL OR …` would
    be asked of every row before the page, once the statement has a plan for all parameters.
    """
    bounds = (
        f"coalesce(${place + number}::{name}, '{_ENDS[name][descending]}')"
        for number, name in enumerate(types)
    )
    return f"({columns}) {'<' if descending else '>'} ({', '.join(bounds)})"
