"""Look-ups by global id: anything with an id, one or many at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated
from uuid import UUID

import strawberry

from api.backtests import BACKTEST_TYPE, load_backtest
from api.balances import learn_language
from api.bookings import load_booking
from api.catalogue import load_reward
from api.claiming import load_claim
from api.claims import CLAIM_TYPE
from api.feedback import FEEDBACK_TYPE, load_feedback
from api.grants import load_activity
from api.jobs import JOB_TYPE, load_job
from api.kit import family
from api.kit.connections import PAGE_MAX
from api.kit.context import Info
from api.kit.fields import field
from api.kit.loaders import Owned
from api.kit.relay import Node, NodeId, from_global_id
from api.kit.request_errors import RequestError, RequestErrorCode
from api.ledger import load_entry
from api.members import load_member, load_referral
from api.notices import NOTICE_TYPE, load_notice
from api.policy_drafts import DRAFT_TYPE, load_draft
from api.policy_versions import VERSION_TYPE, load_version
from api.proposals import PROPOSAL_TYPE, load_proposal
from api.quotes import QUOTE_TYPE, load_quote
from api.redemptions import load_redemption
from api.referrals import REFERRAL_TYPE
from api.reviews import REVIEW_TYPE, load_review
from api.settlement import STATEMENT_TYPE, load_statement
from api.webhooks import WEBHOOK_TYPE, load_webhook


async def load_node(info: Info, global_id: str) -> Node | None:
    """The object with the id, if this caller may see it."""
    named = from_global_id(global_id)
    if named is None:
        return None
    if named.type_name in _CATALOGUE:
        return await _CATALOGUE[named.type_name](info, named.id)
    if named.type_name == "Member":
        named = NodeId(named.type_name, named.id, member_id=named.id)
    if named.member_id is None:
        return None
    await family.know(info, named.member_id)
    if info.context.caller.is_stranger_to(named.member_id):
        return None
    load = _LOADERS.get(named.type_name)
    return await load(info, (named.member_id, named.id)) if load else None


_CATALOGUE: Mapping[str, Callable[[Info, UUID], Awaitable[Node | None]]] = {
    "Reward": load_reward,
    VERSION_TYPE: load_version,
    DRAFT_TYPE: load_draft,
    BACKTEST_TYPE: load_backtest,
    PROPOSAL_TYPE: load_proposal,
    JOB_TYPE: load_job,
    WEBHOOK_TYPE: load_webhook,
    STATEMENT_TYPE: load_statement,
}
"""Readers of types that belong to no member, by id."""


async def _member(info: Info, key: Owned) -> Node | None:
    return await load_member(info, key[0])


_LOADERS: Mapping[str, Callable[[Info, Owned], Awaitable[Node | None]]] = {
    "Member": _member,
    "LedgerEntry": load_entry,
    "Booking": load_booking,
    QUOTE_TYPE: load_quote,
    "Redemption": load_redemption,
    "Activity": load_activity,
    REFERRAL_TYPE: load_referral,
    CLAIM_TYPE: load_claim,
    FEEDBACK_TYPE: load_feedback,
    NOTICE_TYPE: load_notice,
    REVIEW_TYPE: load_review,
}
"""Readers of types that belong to a member, by (member id, id)."""


@strawberry.type
class NodesQuery:
    @field("Object with this global id; null when there is none that the caller may see.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")],
    ) -> Node | None:
        await learn_language(info)
        return await load_node(info, id)

    @field(
        "Objects with these global ids, in the same order; null for each that does not exist or "
        "that the caller may not see."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description=f"Global ids, at most {PAGE_MAX}.")
        ],
    ) -> list[Node | None]:
        if len(ids) > PAGE_MAX:
            message = f"{len(ids)} ids are too many; at most {PAGE_MAX}."
            raise RequestError(RequestErrorCode.PAGE_TOO_LARGE, message, max=PAGE_MAX)
        await learn_language(info)
        # all at once, so that the loaders read those of one type together
        return await asyncio.gather(*(load_node(info, own) for own in ids))
