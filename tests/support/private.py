"""Find texts that people typed by the commitments to them in rows."""

from uuid import UUID

from domain.kernel import secrecy
from domain.kernel.commitments import commitment
from domain.kernel.database import rows


async def text(member_id: UUID, said: str | None) -> str | None:
    """The one text of this member that a column commits to; None once it is erased."""
    assert said is not None
    found = await rows(
        "SELECT salt, value FROM private_text WHERE member_id = $1 AND commitment = $2",
        member_id,
        said,
    )
    assert found, said
    texts = {secrecy.shown(one["value"]) for one in found}
    for one in found:
        shown = secrecy.shown(one["value"])
        assert shown is None or commitment(shown, one["salt"]) == said
    [told] = texts
    return told
