"""Announcements: texts in two languages that a programme shows for a time to its members, or to
those of some tiers or of a segment.

Staff save one by its code. Notifying the members of it is done elsewhere.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import Row, row, rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_day, check_identifier, check_object, check_text
from domain.kernel.refusals import Instant, InvalidInput, NotFound
from domain.programmes.nodes import LOCALES
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

CODE_CHARACTERS_MAX = 64
TITLE_CHARACTERS_MAX = 200
TEXT_CHARACTERS_MAX = 2000
LINK_CHARACTERS_MAX = 2000
SHOWN_CHARACTERS_MAX = 64
LISTED_MAX = 50
"""Most announcements in a list, those that began last."""

_LINK = re.compile(r"https?://\S+", re.ASCII)


@dataclass(frozen=True, slots=True)
class AnnouncementSent:
    """An announcement as staff save it; None in `tiers` and `segment` means all members."""

    code: str
    title: object
    text: object
    from_at: datetime
    until_at: datetime | None = None
    image_url: str | None = None
    link_url: str | None = None
    tiers: tuple[str, ...] | None = None
    segment: str | None = None
    notify: bool = False

    def canonical(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title,
            "text": self.text,
            "from_at": self.from_at,
            "until_at": self.until_at,
            "image_url": self.image_url,
            "link_url": self.link_url,
            "tiers": self.tiers,
            "segment": self.segment,
            "notify": self.notify,
        }


@dataclass(frozen=True, slots=True)
class Announcement:
    """A stored announcement, shown from `from_at` until `until_at`, exclusive."""

    id: UUID
    code: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    image_url: str | None
    link_url: str | None
    from_at: datetime
    until_at: datetime | None
    tiers: tuple[str, ...] | None
    segment: str | None
    notify: bool

    def is_for(self, tier: str | None, segments: Collection[str]) -> bool:
        """Whether it is shown to a member of this tier, by the codes of the policy in force, and
        these segments; readers without a tier see announcements for everybody.
        """
        of_tier = self.tiers is None or tier in self.tiers
        return of_tier and (self.segment is None or self.segment in segments)


COLUMNS = ", ".join(one.name for one in fields(Announcement))


def to_announcement(found: Row) -> Announcement:
    words = {name: orjson.loads(found[name]) for name in ("title", "text")}
    tiers = None if found["tiers"] is None else tuple(orjson.loads(found["tiers"]))
    return Announcement(**{**found, **words, "tiers": tiers})


async def saved(programme_id: UUID) -> list[Announcement]:
    """All announcements of a programme, shown or not, latest beginning first."""
    found = await rows(
        f"SELECT {COLUMNS} FROM announcement WHERE programme_id = $1 "
        "ORDER BY from_at DESC, code LIMIT $2",
        programme_id,
        LISTED_MAX,
    )
    return [to_announcement(one) for one in found]


async def shown(programme_id: UUID, now: datetime) -> list[Announcement]:
    """Announcements of a programme that are shown to somebody now, latest beginning first."""
    found = await rows(
        f"SELECT {COLUMNS} FROM announcement WHERE programme_id = $1 AND from_at <= $2 "
        "AND (until_at IS NULL OR until_at > $2) ORDER BY from_at DESC, code LIMIT $3",
        programme_id,
        now,
        LISTED_MAX,
    )
    return [to_announcement(one) for one in found]


async def find(programme_id: UUID, code: str) -> Announcement | None:
    found = await row(
        f"SELECT {COLUMNS} FROM announcement WHERE programme_id = $1 AND code = $2",
        programme_id,
        code,
    )
    return to_announcement(found) if found else None


async def is_over(programme_id: UUID, code: str, at: datetime) -> bool:
    """Whether it is no longer shown to anybody at an instant of the programme's clock."""
    found = await find(programme_id, code)
    return found is None or (found.until_at is not None and found.until_at <= at)


async def save(request: Request, programme: Programme, sent: AnnouncementSent) -> Outcome:
    """Make an announcement, or change the one that has the code; figures: `code`. Members who were
    notified of it are not notified again.

    Raises: InvalidInput, NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """
    check(sent, programme.as_of(request.now).policy)

    async def work() -> Figures:
        await _write(programme.id, sent, request.caller.actor, request.now)
        return {"code": sent.code}

    return await once(request, "saveAnnouncement", sent, work)


def check(sent: AnnouncementSent, policy: Policy) -> None:
    """Raises: InvalidInput, NotFound."""
    check_identifier(sent.code, ("code",), CODE_CHARACTERS_MAX)
    _check_words(sent.title, "title", TITLE_CHARACTERS_MAX)
    _check_words(sent.text, "text", TEXT_CHARACTERS_MAX)
    for name, link in (("imageUrl", sent.image_url), ("linkUrl", sent.link_url)):
        if link is not None:
            check_identifier(link, (name,), LINK_CHARACTERS_MAX)
            if not _LINK.fullmatch(link):
                raise InvalidInput("not_a_link", link[:SHOWN_CHARACTERS_MAX], path=(name,))
    check_day(sent.from_at.date(), ("from",))
    if sent.until_at is not None:
        check_day(sent.until_at.date(), ("until",))
        if sent.until_at <= sent.from_at:
            ends, begins = Instant.of(sent.until_at), Instant.of(sent.from_at)
            raise InvalidInput("period_backwards", ends, (begins,), path=("until",))
    _check_audience(sent, policy)


def _check_words(words: object, name: str, characters_max: int) -> None:
    """Check for a text in every language, and in no other. Raises: InvalidInput."""
    said = check_object(words, (name,))
    for locale in said:
        if locale not in LOCALES:
            raise InvalidInput(
                "locale", locale[:SHOWN_CHARACTERS_MAX], tuple(LOCALES), path=(name,)
            )
    for locale in LOCALES:
        text = said.get(locale, "")
        if not isinstance(text, str):
            raise InvalidInput("not_a_text", path=(name, locale))
        check_text(text, characters_max, (name, locale))


def _check_audience(sent: AnnouncementSent, policy: Policy) -> None:
    if sent.tiers is not None:
        known = tuple(level.code for level in policy.tiers.levels)
        if not sent.tiers:
            raise InvalidInput("too_short", path=("tiers",))
        for code in sent.tiers:
            if code not in known:
                raise InvalidInput(
                    "unknown_tier", code[:SHOWN_CHARACTERS_MAX], known, path=("tiers",)
                )
    if sent.segment is not None:
        segments = tuple(one.code for one in policy.segments)
        if sent.segment not in segments:
            shown_code = sent.segment[:SHOWN_CHARACTERS_MAX]
            raise NotFound("segment", shown_code, segments, path=("segment",))


_SAVE = """
INSERT INTO announcement (id, programme_id, code, title, text, image_url, link_url, from_at,
    until_at, tiers, segment, notify, saved_at, saved_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (programme_id, code) DO UPDATE SET title = excluded.title, text = excluded.text,
    image_url = excluded.image_url, link_url = excluded.link_url, from_at = excluded.from_at,
    until_at = excluded.until_at, tiers = excluded.tiers, segment = excluded.segment,
    notify = excluded.notify, position = NULL, notified_at = NULL, saved_at = excluded.saved_at,
    saved_by = excluded.saved_by
"""
"""Members whom it is for now are notified; those notified before are not notified again."""


async def _write(programme_id: UUID, sent: AnnouncementSent, actor: str, now: datetime) -> None:
    said = asdict(sent)
    tiers = None if sent.tiers is None else orjson.dumps(sorted(set(sent.tiers))).decode()
    await rows(
        _SAVE,
        new_id(),
        programme_id,
        sent.code,
        *(orjson.dumps(said[name]).decode() for name in ("title", "text")),
        *(said[name] for name in ("image_url", "link_url", "from_at", "until_at")),
        tiers,
        sent.segment,
        sent.notify,
        now,
        actor,
    )
