"""A linter for the SQL of migrations, which run while requests are served.

It accepts only what it knows to be safe. A table made in the same file is empty and not yet visible
to others, so anything may be done to it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ops.postgres.migrations import Migration, statements

LOCK_SECONDS_MAX = 10
"""How long requests may queue behind a migration that waits for a lock."""

BATCH_MAX = 10_000
"""How many rows one statement of a backfill may change."""

_QUOTED = re.compile(r"('(?:[^']|'')*')")
_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0}

_LOCK_TIMEOUT = re.compile(r"SET (LOCAL )?LOCK_TIMEOUT (?:=|TO) '(\d+) ?(ms|s|min)'")
_CREATE_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \(.*")
_CREATE_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(\w+) ON (\w+) .*")
_DROP_INDEX = re.compile(r"DROP INDEX (CONCURRENTLY )?(?:IF EXISTS )?(\w+)")
_ALTER_TABLE = re.compile(r"ALTER TABLE (\w+) (.*)")
_CHANGE_ROWS = re.compile(r"(?:UPDATE|DELETE FROM|INSERT INTO|WITH) .*")

_ADD_CONSTRAINT = re.compile(r"ADD CONSTRAINT (\w+) (.*)")
_BY_AN_INDEX = re.compile(r"(?:UNIQUE|PRIMARY KEY) USING INDEX \w+")
_HAS_A_VALUE = re.compile(r"CHECK ?\( ?(\w+) IS NOT NULL ?\) NOT VALID")
_VALIDATE = re.compile(r"VALIDATE CONSTRAINT (\w+)")
_SET_NOT_NULL = re.compile(r"ALTER (?:COLUMN )?(\w+) SET NOT NULL")
_CONSTANT = r"(?:-?[\d.]+|'[^']*'|TRUE|FALSE|NULL)(?:::[\w ]+)?"
_ADD_COLUMN = re.compile(
    r"ADD (?:COLUMN )?(?:IF NOT EXISTS )?\w+ (?!\w*SERIAL)[A-Z]\w*(?: ?\([\d, ]+\))?"
    rf"(?: NULL| NOT NULL(?= DEFAULT)| (?=NOT NULL)|)(?: DEFAULT {_CONSTANT})?(?: NOT NULL)?"
)
_QUICK = re.compile(
    r"DROP (?:CONSTRAINT|COLUMN) (?:IF EXISTS )?\w+"
    r"|ALTER (?:COLUMN )?\w+ (?:SET DEFAULT .+|DROP DEFAULT|DROP NOT NULL)"
)


@dataclass
class _History:
    """What this migration created and dropped, and what all so far claimed and proved NOT NULL."""

    created: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    claimed: dict[tuple[str, str], str] = field(default_factory=dict)
    proved: set[tuple[str, str]] = field(default_factory=set)


def faults(released: Iterable[Migration]) -> list[str]:
    """Faults of these migrations in their order, which must not include the very first one."""
    history, found = _History(), []
    for migration in released:
        history.created, history.dropped = set(), set()
        first, *rest = [_plain(one) for one in statements(migration.sql)] or [""]
        why = [_lock_timeout(first, migration)]
        why += [fault for one in rest for fault in _faults(one, migration, history)]
        found += [f"{migration.name}: {fault}" for fault in why if fault]
    return found


def _plain(statement: str) -> str:
    """The statement in capitals with single spaces and unquoted names; literals are unchanged."""
    parts = _QUOTED.split(statement)
    parts[::2] = [" ".join(f"|{part}|".replace('"', "").upper().split()) for part in parts[::2]]
    return "".join(part.strip("|") if n % 2 == 0 else part for n, part in enumerate(parts)).strip()


def _lock_timeout(first: str, migration: Migration) -> str:
    found = _LOCK_TIMEOUT.fullmatch(first)
    if found is None or (found[1] is not None) != migration.in_transaction:
        local = "LOCAL " if migration.in_transaction else ""
        return f"begins with no SET {local}lock_timeout"
    seconds = int(found[2]) * _UNITS[found[3]]
    if seconds == 0 or (migration.in_transaction and seconds > LOCK_SECONDS_MAX):
        return f"waits for a lock for more than {LOCK_SECONDS_MAX} seconds"
    return ""


def _faults(statement: str, migration: Migration, history: _History) -> Iterator[str]:
    shown = statement[:70]
    for shape, check in _SHAPES.items():
        if found := shape.fullmatch(statement):
            yield from (f"{why}: {shown}" for why in check(found, migration, history))
            return
    if not statement.startswith("COMMENT ON "):
        yield f"is not known to be safe while requests are served: {shown}"


def _table(found: re.Match[str], migration: Migration, history: _History) -> Iterator[str]:
    history.created.add(found[1])
    if not migration.in_transaction:
        yield "makes a table outside a transaction"


def _index(found: re.Match[str], migration: Migration, history: _History) -> Iterator[str]:
    concurrently, name, table = found.groups()
    if table in history.created:
        return
    if not concurrently:
        yield "builds an index not CONCURRENTLY"
    elif migration.in_transaction:
        yield "builds an index CONCURRENTLY inside a transaction"
    elif name not in history.dropped:
        yield "does not first drop what a broken-off run left of the index"


def _no_index(found: re.Match[str], migration: Migration, history: _History) -> Iterator[str]:
    history.dropped.add(found[2])
    if not found[1]:
        yield "drops an index not CONCURRENTLY"
    elif migration.in_transaction:
        yield "drops an index CONCURRENTLY inside a transaction"


def _rows(found: re.Match[str], migration: Migration, _: _History) -> Iterator[str]:
    if migration.in_transaction:
        yield "changes rows inside a transaction, not in batches that can be resumed"
    batch = re.search(r"\bLIMIT (\d+)\b", _QUOTED.sub("", found[0]))
    if batch is None or int(batch[1]) > BATCH_MAX:
        yield f"changes more than {BATCH_MAX} rows in a statement"


def _alter(found: re.Match[str], migration: Migration, history: _History) -> Iterator[str]:
    table, actions = found.groups()
    if table in history.created:
        return
    for action in _actions(actions):
        if validated := _VALIDATE.fullmatch(action):
            history.proved.add((table, history.claimed.get((table, validated[1]), "")))
            if migration.in_transaction:
                yield "validates a constraint inside a transaction"
        elif not migration.in_transaction:
            yield "alters a table outside a transaction, and could not do so a second time"
        else:
            yield from _altered(table, action, history)


def _altered(table: str, action: str, history: _History) -> Iterator[str]:
    if added := _ADD_CONSTRAINT.fullmatch(action):
        if checked := _HAS_A_VALUE.fullmatch(added[2]):
            history.claimed[table, added[1]] = checked[1]
        if not (added[2].endswith(" NOT VALID") or _BY_AN_INDEX.fullmatch(added[2])):
            yield "adds a constraint that is not NOT VALID"
    elif column := _SET_NOT_NULL.fullmatch(action):
        if (table, column[1]) not in history.proved:
            yield "forbids NULL without a validated CHECK"
    elif action.startswith("ADD "):
        if not _ADD_COLUMN.fullmatch(action) or ("NOT NULL" in action and "DEFAULT" not in action):
            yield "adds a column other than nullable or with a constant default"
    elif not _QUICK.fullmatch(action):
        yield "alters a table in a way that is not known to be quick"


def _actions(actions: str) -> Sequence[str]:
    """The actions, split at commas outside of parentheses."""
    found, depth = [""], 0
    for part in re.split(r"('(?:[^']|'')*'|[(),])", actions):
        depth += (part == "(") - (part == ")")
        if part == "," and not depth:
            found.append("")
        else:
            found[-1] += part
    return [action.strip() for action in found]


_Check = Callable[[re.Match[str], Migration, _History], Iterator[str]]
_SHAPES: dict[re.Pattern[str], _Check] = {
    _CREATE_TABLE: _table,
    _CREATE_INDEX: _index,
    _DROP_INDEX: _no_index,
    _ALTER_TABLE: _alter,
    _CHANGE_ROWS: _rows,
    re.compile(r"DROP TABLE (?:IF EXISTS )?(\w+)"): lambda *_: iter(()),
}
