"""Receipts of entries, which anybody can check without us."""

from typing import Annotated

import strawberry

from api.kit import family
from api.kit.context import Info
from api.kit.fields import field
from api.kit.relay import from_global_id
from api.kit.scalars import JSON
from domain.proof import receipts


@strawberry.type
class ReceiptsQuery:
    @field(
        "Receipt of a ledger entry: the proof that the entry was in the signed books of its day, "
        "which tools/verify_receipt.py checks offline. Null before that day is settled, for an "
        "entry that is not recorded or contains an erased text, and when the caller may not see "
        "the entry."
    )
    async def receipt(
        self,
        info: Info,
        entry: Annotated[strawberry.ID, strawberry.argument(description="Global id of an entry.")],
    ) -> JSON | None:
        named = from_global_id(entry)
        if named is None or named.type_name != "LedgerEntry" or named.member_id is None:
            return None
        await family.know(info, named.member_id)
        if info.context.caller.is_stranger_to(named.member_id):
            return None
        found = await receipts.of_entry(info.context.programme.id, named.member_id, named.id)
        return None if found is None else JSON(found)
