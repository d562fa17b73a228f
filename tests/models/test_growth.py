"""What keeps each table from growing without end is said of every table."""

import re
from pathlib import Path

from tortoise.models import Model

import models
from models.growth import GROWTH, Bound
from ops.settings import ROOT

REMOVALS = re.compile(r"DELETE FROM (\w+)")


def tables() -> set[str]:
    kinds = (getattr(models, name) for name in models.__all__)
    return {
        str(kind._meta.db_table)
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, Model)
    }


def test_every_table_says_what_keeps_it_small() -> None:
    assert GROWTH.keys() == tables()


def test_what_staff_write_is_the_catalogue() -> None:
    written = {table for table, bound in GROWTH.items() if bound is Bound.CATALOGUE}

    # sessions are ended by staff and by erasing, for as long as tokens are valid
    assert written | {"revocation"} == models.CATALOGUE_TABLES


def test_what_is_history_is_not_removed() -> None:
    removed = {table for table, bound in GROWTH.items() if bound is Bound.REMOVED}

    assert removed.isdisjoint(models.INSERT_ONLY_TABLES)


def test_what_is_removed_has_a_statement_that_removes_it() -> None:
    removed = {table for table, bound in GROWTH.items() if bound is Bound.REMOVED}
    sources = [path.read_text(encoding="utf-8") for path in Path(ROOT / "domain").rglob("*.py")]
    found = {table for source in sources for table in REMOVALS.findall(source)}

    assert removed <= found
