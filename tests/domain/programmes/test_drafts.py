"""Drafts: what the database cannot keep is refused before it is asked."""

import pytest

from domain.kernel.refusals import InvalidInput
from domain.programmes import drafts
from domain.programmes.drafts import DraftSent
from tests.support import factories as make


@pytest.mark.usefixtures("database")
async def test_a_text_that_cannot_be_kept() -> None:
    programme = await make.establish()
    for text in ("a\0b", "a\ud800b"):
        async with make.refused(programme, InvalidInput, "document", reason="control_characters"):
            await make.draft(programme, text)
    # a fault that can be kept is
    await make.draft(programme, "a\x07b")
    [kept] = await drafts.of_programme(programme.id)
    assert [fault.code for fault in drafts.faults(kept.document)] == ["character"]
    for draft in (kept.id, programme.id):
        found = await drafts.find((await make.establish()).id, draft)
        assert found is None
    with pytest.raises(InvalidInput):
        await drafts.save(make.request(make.staff(programme)), DraftSent("", name="a\nb"))
