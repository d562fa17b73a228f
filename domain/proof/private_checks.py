"""Typed texts checked against the rows that commit to them; their content is never printed."""

from collections.abc import Iterator
from typing import Any

import orjson

from domain.kernel import private_texts, secrecy
from domain.kernel.commitments import PREFIX, commitment
from domain.kernel.database import Row
from domain.kernel.private_texts import APART
from domain.proof.evidence import Fault, MemberRows
from domain.referrals.states import Side

_OF_THE_SYSTEM = ("activity", "ledger_entry", "member_change")
"""Further content of these columns: declared attributes, and reasons given by the system."""

_COLUMNS = {table._meta.db_table: names for table, names in private_texts.COLUMNS.items()}


def check(rows: MemberRows) -> Iterator[Fault]:
    """Every text that differs from its commitment, or belongs to no row; and every commitment of a
    row without a text, stored or erased.
    """
    kept = {
        (text["owner_table"], text["owner_id"], text["field"], text["commitment"])
        for text in rows.tables["private_text"]
    }
    committed = list(_rows(rows))
    said = {(table, row["id"], field, made) for table, row, field, made in committed}
    yield from _in_clear(rows)
    for owner_table, row, field, made in committed:
        if (owner_table, row["id"], field, made) not in kept and not _told_elsewhere(row):
            yield rows.fault(owner_table, row, field, made, "a commitment to a text of the member")
    for text in rows.tables["private_text"]:
        named = (text["owner_table"], text["owner_id"], text["field"], text["commitment"])
        if text["value"] is not None and named not in said:
            wanted = f"that of the {text['field']} of a {text['owner_table']}"
            yield rows.fault("private_text", text, "commitment", text["commitment"], wanted)
        yield from _text(rows, text)


def _in_clear(rows: MemberRows) -> Iterator[Fault]:
    """Columns that only people fill, where they contain more than a commitment or the mark of an
    erasure.
    """
    for table, names in _COLUMNS.items():
        if table in _OF_THE_SYSTEM:
            continue
        for row in rows.tables[table]:
            for name in names:
                said = row[name]
                if said not in (None, private_texts.ERASED) and not said.startswith(PREFIX):
                    wanted = "a commitment: `python -m ops migrate` keeps the text apart"
                    yield rows.fault(table, row, name, "a text", wanted)


def _text(rows: MemberRows, text: Row) -> Iterator[Fault]:
    if text["value"] is None:
        return
    value = secrecy.shown(text["value"])
    if value is None:
        wanted = "under a key that is set"
        yield rows.fault("private_text", text, "value", "unreadable", wanted)
    elif commitment(value, text["salt"]) != text["commitment"]:
        yield rows.fault("private_text", text, "value", "another text", "the one committed to")


def _rows(rows: MemberRows) -> Iterator[tuple[str, Row, str, str]]:
    for table, names in _COLUMNS.items():
        for row in rows.tables[table]:
            for name in names:
                made = _apart(row[name]) if table == "activity" else row[name]
                if isinstance(made, str) and made.startswith(PREFIX):
                    yield table, row, name, made


def _apart(attributes: str) -> Any:
    return orjson.loads(attributes).get(APART) if APART in attributes else None


def _told_elsewhere(row: Row) -> bool:
    """Whether it is the referrer's side of a referral, which repeats the friend's."""
    return row.get("side") == Side.REFERRER
