"""Every column that can say something of a person is known, with what becomes of it."""

from tortoise import fields

from models import NOT_PERSONAL, PERSONAL
from tests.models.declared import MODELS

TEXTS = (fields.CharField, fields.TextField, fields.JSONField, fields.DateField)


def texts() -> set[str]:
    return {
        f"{model._meta.db_table}.{name}"
        for model in MODELS
        for name, column in model._meta.fields_map.items()
        if isinstance(column, TEXTS)
    }


def test_every_text_object_and_day_is_personal_or_not() -> None:
    of_nobody = [f"{table}.{name}" for table, said in NOT_PERSONAL.items() for name in said.split()]
    known = [*PERSONAL, *of_nobody]
    assert len(known) == len(set(known))
    assert set(known) == texts()
    assert all(purpose and then for purpose, then in PERSONAL.values())
