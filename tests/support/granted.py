"""Grants in tests: documents with grants, the grants of a payload, and a member's faults."""

from typing import Any
from uuid import UUID

from domain.kernel.database import row
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

HIM = {"reference": "xiaoli"}
GRANTS = "grants { type status points reference benefit redemption { status points } }"


def grant(code: str, kind: str, **terms: Any) -> dict[str, Any]:
    """A grant of a document, with its code as its name."""
    return {"code": code, "name": {"zh-CN": code, "en": code}, "kind": kind, **terms}


async def open_granting(*grants: dict[str, Any], **changes: Any) -> tuple[Stage, Client]:
    """The shipped `ota` with these grants instead of its own, its member xiaoli, and a partner."""
    stage = await open_stage(make.shipped_document(grants=list(grants), **changes))
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    return stage, await stage.partner()


def told(payload: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Grants that a fact gave, reversed or restored: type, present status, original points."""
    return [(one["type"], one["status"], one["points"]) for one in payload["grants"]]


async def available(partner: Client) -> int:
    found = await partner.read(
        "query($by: MemberBy!) { member(by: $by) { balance { available owed } } }", by=HIM
    )
    balance = found["member"]["balance"]
    points: int = balance["available"] - balance["owed"]
    return points


async def member_of(stage: Stage, reference: str = "xiaoli") -> UUID:
    found = await row(
        "SELECT member_id FROM lookup WHERE programme_id = $1 AND scope = 'reference' "
        "AND value = $2",
        stage.programme.id,
        reference,
    )
    assert found is not None
    member_id: UUID = found["member_id"]
    return member_id


async def faults(member_id: UUID) -> list[str]:
    """Faults that verification finds for this member."""
    loaded = await verification.read(UUID(int=member_id.int - 1), member_id)
    known = await verification.read_catalogue(Catalogue({}, {}), loaded)
    return [str(fault) for one in loaded for fault in invariants.check(one, known)]
