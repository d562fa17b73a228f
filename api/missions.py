"""Missions as members see them: their steps, the progress of each, and the reward."""

from datetime import date
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.wording.words import InLocale, gift_text, language
from domain.grants import mission_reads
from domain.grants.mission_reads import MissionRead, MissionStatus
from domain.programmes.grants import Step

describe(
    MissionStatus,
    "Status of a mission.",
    {
        MissionStatus.UPCOMING: "Its days have not begun.",
        MissionStatus.OPEN: "Its steps can be done.",
        MissionStatus.DONE: "Done; what it gives has been given.",
        MissionStatus.REVERSED: "Was done, but what it gave has been taken back.",
        MissionStatus.LAPSED: "Its days ended before it was done.",
    },
)


@strawberry.type(description="Step of a mission.")
class MissionStep:
    code: str = strawberry.field(description="Stable code of the step.")
    done: int = strawberry.field(
        description="Number of times that the step has been done, at most `times`."
    )
    times: int = strawberry.field(description="Number of times that the step must be done.")
    step: strawberry.Private[Step]

    @field("Name of the step.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.step.name.in_locale(language(info, locale))


@strawberry.type(description="Mission of a member.")
class Mission:
    code: str = strawberry.field(description="Stable code of the mission.")
    status: MissionStatus = strawberry.field(description="Status now.")
    ordered: bool = strawberry.field(
        description="Whether each step must be done after the one before it."
    )
    opens_on: date = strawberry.field(description="First local day on which steps count.")
    ends_on: date = strawberry.field(description="Last local day on which steps count.")
    steps: list[MissionStep] = strawberry.field(description="Steps, in their order.")
    row: strawberry.Private[MissionRead]

    @field("Name of the mission.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.row.mission.name.in_locale(language(info, locale))

    @field("Points, reward or benefit that the mission gives, in words.")
    def gives(self, info: Info, locale: InLocale = None) -> str:
        return gift_text(info.context.programme, self.row.mission.gives, language(info, locale))


def to_mission(row: MissionRead) -> Mission:
    steps = [
        MissionStep(code=step.code, done=done, times=step.times, step=step)
        for step, done in zip(row.mission.steps, row.done, strict=True)
    ]
    return Mission(
        code=row.mission.code,
        status=row.status,
        ordered=row.mission.ordered,
        opens_on=row.days.opens,
        ends_on=row.days.ends,
        steps=steps,
        row=row,
    )


async def load_missions(info: Info, member_id: UUID) -> list[Mission]:
    programme, now = info.context.programme, info.context.now
    found = await info.context.loaders.of_member(
        mission_reads.of_members, member_id, programme, now
    )
    return [to_mission(one) for one in found]
