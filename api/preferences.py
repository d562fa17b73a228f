"""What members like, as staff read it."""

import strawberry

from api.kit.context import Info
from api.kit.fields import field
from api.kpis import InPeriod, refusing
from api.tiers import Tier, to_tier
from api.wording.words import current_policy
from domain.insight import preferences
from domain.insight.kpis import Period


@strawberry.type(
    description="Members who like the same, by what they booked and redeemed; at least "
    f"{preferences.MEMBERS_MIN}."
)
class PreferenceCell:
    of: str = strawberry.field(
        description="Thing that is counted by: `theme` and `kind` of what was redeemed, "
        "`destination`, `month` of travel, and `lead`, the days from booking to travel."
    )
    key: str = strawberry.field(
        description="Theme, kind of reward (`OFFSET` for points that paid for a booking), "
        "destination, month as `2026-12`, or days as `0-6`, `7-29`, `30-89` and `90+`; "
        f"`{preferences.OTHER}` for all that fewer than {preferences.MEMBERS_MIN} members like."
    )
    tier: Tier | None = strawberry.field(
        description="Tier that the members have now; null for members of all tiers."
    )
    members: int = strawberry.field(description="Number of members.")


@strawberry.type
class PreferencesQuery:
    @field(
        "Members by what they booked and redeemed in a period and kept, of all tiers and of each. "
        "Guests, erased members and those who refused profiling are left out. Keys of fewer than "
        f"{preferences.MEMBERS_MIN} members are counted together, if need be with the next "
        "smallest one, and left out where they are too few even so."
    )
    async def preferences(self, info: Info, period: InPeriod) -> list[PreferenceCell]:
        programme, policy = info.context.programme, current_policy(info)
        asked = Period(period.from_, period.through)
        with refusing():
            found = await preferences.preferences(programme, policy, asked)
        return [
            PreferenceCell(
                of=one.of,
                key=one.key,
                tier=None if one.tier is None else to_tier(policy, one.tier),
                members=one.members,
            )
            for one in found
        ]
