"""Succession: what a programme's next version keeps of the versions before it."""

from datetime import datetime

import pytest

from domain.kernel.refusals import InvalidInput
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make

TEXT = (make.SHIPPED / "ota.yaml").read_text()


async def publish(
    programme: Programme, text: str, effective_from: datetime | None = None
) -> Programme:
    """Publish a text of the shipped programme as this programme's next version."""
    text = text.replace("programme: ota", f"programme: {programme.code}", 1)
    await programmes.publish(
        make.request(make.staff(programme)), text, effective_from=effective_from
    )
    return await programmes.get(programme.code)


@pytest.mark.parametrize(
    ("name", "kept", "wanted"),
    [("currency", "CNY", "JPY"), ("timezone", "Asia/Shanghai", "UTC")],
)
async def test_currency_and_zone_never_change_by_publishing(
    database: Database, name: str, kept: str, wanted: str
) -> None:
    programme = await make.establish()
    text = TEXT.replace(f"{name}: {kept}", f"{name}: {wanted}", 1)
    facts = {"reason": "fixed", "value": wanted, "allowed": (kept,)}
    async with make.refused(programme, InvalidInput, "document", name, **facts):
        await publish(programme, text)


async def test_a_programme_never_changes_by_publishing(database: Database) -> None:
    programme = await make.establish()
    facts = {"reason": "fixed", "value": "ota", "allowed": (programme.code,)}
    async with make.refused(programme, InvalidInput, "document", "programme", **facts):
        await programmes.publish(make.request(make.staff(programme)), TEXT)


async def test_what_stays_as_it_was_is_published(database: Database) -> None:
    programme = await publish(await make.establish(), TEXT)
    assert [version.number for version in programme.versions] == [1, 2]
