"""The tables and columns that the models declare, and those of a migrated database."""

import re
from typing import Any

import asyncpg
from tortoise.models import Model

import models

MODELS: list[type[Model]] = [
    declared
    for declared in vars(models).values()
    if isinstance(declared, type) and issubclass(declared, Model)
]
TABLES = {str(model.describe()["table"]) for model in MODELS}
OTHERS = models.CATALOGUE_TABLES | models.LOOKUP_TABLES | models.PART_TABLES | models.JOB_TABLES
MEMBER_TABLES = TABLES - OTHERS
"""Tables that would be distributed over shards by member."""

TOOLS = {"aerich"}
"""Tables of tools, not of the application."""

SPELT = {
    "BIGINT": "bigint",
    "SMALLINT": "smallint",
    "INT": "integer",
    "BOOL": "boolean",
    "UUID": "uuid",
    "TIMESTAMPTZ": "timestamp with time zone",
    "DATE": "date",
    "JSONB": "jsonb",
    "BYTEA": "bytea",
    "TEXT": "text",
    "DECIMAL(15,8)": "numeric",
    "DECIMAL(7,4)": "numeric",
}
"""The names in PostgreSQL's catalogue of the types that models declare."""


def declared_columns(model: type[Model]) -> dict[str, tuple[str, bool]]:
    """Type and nullability by column, as the model declares them."""
    described = model.describe()
    fields = [described["pk_field"], *described["data_fields"]]
    return {f["db_column"]: (_spelt(f), bool(f["nullable"])) for f in fields}


def _spelt(field: dict[str, Any]) -> str:
    types = field["db_field_types"]
    declared = str(types.get("postgres") or types[""])
    characters = re.fullmatch(r"VARCHAR\((\d+)\)", declared)
    return f"character varying({characters[1]})" if characters else SPELT[declared]


async def migrated_columns(
    connection: asyncpg.Connection,
) -> dict[str, dict[str, tuple[str, bool]]]:
    rows = await connection.fetch(
        "SELECT table_name, column_name, data_type, character_maximum_length AS characters, "
        "is_nullable = 'YES' AS nullable FROM information_schema.columns "
        "WHERE table_schema = current_schema()"
    )
    tables: dict[str, dict[str, tuple[str, bool]]] = {}
    for row in rows:
        characters = f"({row['characters']})" if row["characters"] else ""
        kind = f"{row['data_type']}{characters}"
        tables.setdefault(row["table_name"], {})[row["column_name"]] = (kind, row["nullable"])
    return tables
