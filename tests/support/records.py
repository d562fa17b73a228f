"""Arrays within records, as the driver reads them.

Rows that are read ahead come as records. Of the types within one the driver knows those of
PostgreSQL itself, but of arrays only that of texts: any other it can read once it has met it on
that connection as a column, so that a new connection fails where one that is longer in use does
not. Statements of the product are collected while tests run (`sharded.Collecting`).
"""

from collections.abc import Iterable, Iterator, Mapping

from tests.support.sharded import Node, parts, tree


def unread(sent: Mapping[str, str]) -> list[str]:
    """What statements that were sent put into a record that a new connection cannot read."""
    return [
        f"{sender} puts an array of something else than texts into a record: {sql}"
        for sql, sender in sent.items()
        if "ARRAY(SELECT" in sql and any(has_unread_array(sql))
    ]


def has_unread_array(sql: str) -> Iterator[bool]:
    """Of each array within a record of a statement whether it is none of texts."""
    for records in _every(tree(sql), "SubLink"):
        if records["subLinkType"] == "ARRAY_SUBLINK":
            for made in _every(records["subselect"].get("fromClause"), "FuncCall"):
                if made["funcname"][-1]["sval"] == "array_agg":
                    yield not _is_text(made["args"][0])


def _every(node: object, kind: str) -> Iterator[Node]:
    if isinstance(node, dict) and node.get("@") == kind:
        yield node
    below: Iterable[object] = parts(node)
    for value in below:
        yield from _every(value, kind)


def _is_text(node: Node) -> bool:
    return bool(node["@"] == "TypeCast" and node["typeName"]["names"][-1]["sval"] == "text")
