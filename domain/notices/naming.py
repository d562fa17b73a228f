"""Names of the codes in a notice, in each language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import rows
from domain.notices import kinds
from domain.notices.kinds import Kind, Sort
from domain.rewards import reward_names

Words = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class AnnouncementWords:
    """The texts of an announcement."""

    title: Words
    text: Words


@dataclass(frozen=True, slots=True)
class Called:
    """Names of rewards, and words of announcements, by their codes."""

    rewards: Mapping[str, Words] = field(default_factory=dict)
    announcements: Mapping[str, AnnouncementWords] = field(default_factory=dict)

    def of(self, sort: Sort, code: str) -> Words:
        """The name of a code of this sort; empty where it has none."""
        if sort is Sort.REWARD:
            return self.rewards.get(code, {})
        words = self.announcements.get(code, AnnouncementWords({}, {}))
        return words.title if sort is Sort.TITLE else words.text


async def announcements(programme_id: UUID, codes: Sequence[str]) -> dict[str, AnnouncementWords]:
    """The texts of these announcements, as far as they exist, by code."""
    if not codes:
        return {}
    found = await rows(
        "SELECT code, title, text FROM announcement WHERE programme_id = $1 "
        "AND code = ANY($2::text[])",
        programme_id,
        list(codes),
    )
    return {
        one["code"]: AnnouncementWords(orjson.loads(one["title"]), orjson.loads(one["text"]))
        for one in found
    }


async def called(programme_id: UUID, kind: Kind, variables: Mapping[str, Any]) -> Called:
    """The names of all codes in a notice of this kind."""
    return Called(
        await reward_names.of(programme_id, kinds.rewards_in(kind, variables)),
        await announcements(programme_id, kinds.announcements_in(kind, variables)),
    )
