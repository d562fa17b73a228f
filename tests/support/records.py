"""Find arrays within records that the driver cannot read.

Rows that are read ahead arrive as records. Within a record, the driver knows PostgreSQL's own
types, but of arrays only those of texts. It can read any other array once the connection has seen
its type as a column, so a new connection fails where an older one does not. Statements of the
product are collected while tests run (`sharded.Collecting`).
"""

from collections.abc import Iterable, Iterator, Mapping

from tests.support.sharded import Node, parts, tree


def unread(sent: Mapping[str, str]) -> list[str]:
    """Statements that put an array into a record that a new connection cannot read."""
    return [
        f"{sender} puts an array of something else than texts into a record: {sql}"
        for sql, sender in sent.items()
        if "ARRAY(SELECT" in sql and any(has_unread_array(sql))
    ]


def has_unread_array(sql: str) -> Iterator[bool]:
    """For each array within a record of a statement, whether it is not an array of texts."""
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
