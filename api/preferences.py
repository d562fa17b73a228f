"""Members' preferences, as staff read them."""

import strawberry

from api.kit.context import Info
from api.kit.fields import field
from api.kpis import InPeriod, refusing
from api.tiers import Tier, to_tier
from api.wording.words import current_policy
from domain.insight import preferences
from domain.insight.kpis import Period


@strawberry.type(
    description="Members with the same preference, by what they booked and redeemed; at least "
    f"{preferences.MEMBERS_MIN}."
)
class PreferenceCell:
    of: str = strawberry.field(
        description="Kind of preference: `theme` or `kind` of what was redeemed, `destination`, "
        "`month` of travel, or `lead`, the number of days from booking to travel."
    )
    key: str = strawberry.field(
        description="Theme, kind of reward (`OFFSET` for points that paid for a booking), "
        "destination, month such as `2026-12`, or days as `0-6`, `7-29`, `30-89` or `90+`; "
        f"`{preferences.OTHER}` for all that fewer than {preferences.MEMBERS_MIN} members share."
    )
    tier: Tier | None = strawberry.field(
        description="Tier that the members have now; null for all tiers together."
    )
    members: int = strawberry.field(description="Number of members.")


@strawberry.type
class PreferencesQuery:
    @field(
        "Members by what they booked and redeemed in a period and did not cancel, for all tiers "
        "together and for each. Guests, erased members and those who refused profiling are left "
        f"out. Keys with fewer than {preferences.MEMBERS_MIN} members are counted together, if "
        "necessary with the next smallest key, and left out if there are still too few."
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
