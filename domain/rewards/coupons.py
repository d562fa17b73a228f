"""Coupon codes: imported into a pool or made when needed, given once, used once.

IMPORTED → ISSUED → USED, or VOID, or EXPIRED. A code that nobody was shown returns to the pool
that it came from with its hold; one that was shown, or was made for it, is void.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from domain.kernel import dates, sealed_rows
from domain.kernel.database import Row, row, rows, transact, update
from domain.kernel.ids import new_code, new_id
from domain.kernel.inputs import check_identifier, code_key
from domain.kernel.private_texts import ERASED
from domain.kernel.refusals import Instant, InvalidInput
from domain.ledger.journal import Journal
from domain.programmes.programmes import Programme
from domain.rewards import pools
from domain.rewards.catalogue import Reward
from domain.rewards.refusals import CodePoolExhausted

CODE_CHARACTERS = 12
CODE_CHARACTERS_MAX = 128
IMPORT_BATCH = 1000
SEALED = sealed_rows.columns("coupon_code")
END = "coalesce(c.ends_at, c.valid_until)"
"""Until when a given code `c` is valid (exclusive); null for ever."""

KNOWN = "the programme has this code already"
"""What an import says of a code that it left as it was."""


class CouponStatus(StrEnum):
    """Status of an issued code."""

    ISSUED = "ISSUED"
    USED = "USED"
    VOID = "VOID"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code that was given, when, until when it is valid (exclusive), when it was used, and on
    which booking, by (member id, id), if on any.
    """

    code: str
    status: str
    issued_at: datetime
    valid_until: datetime | None
    used_at: datetime | None
    booking_member_id: UUID | None = None
    booking_id: UUID | None = None

    def state(self, now: datetime) -> CouponStatus:
        return _state(self.status, self.valid_until, now)


@dataclass(frozen=True, slots=True)
class Issued:
    """A code as it stands, whom it was given to, and its reward's terms for a booking;
    `partner_id` is who may deliver its reward.
    """

    id: UUID
    status: str
    member_id: UUID
    redemption_id: UUID
    valid_until: datetime | None
    partner_id: UUID | None
    minimum_spend_minor: int | None
    products: tuple[str, ...] | None
    transferable: bool

    def state(self, now: datetime) -> CouponStatus:
        return _state(self.status, self.valid_until, now)


def _state(status: str, valid_until: datetime | None, now: datetime) -> CouponStatus:
    """The status at `now`: a code expires whether or not anything was written."""
    over = valid_until is not None and valid_until <= now
    return CouponStatus.EXPIRED if over and status == "ISSUED" else CouponStatus(status)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Result for one code of an import.

    `problem` is empty where it was taken, else a refusal or a sentence of its own.
    """

    code: str
    problem: str | InvalidInput = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """To whom codes are given: a redemption of an account, and the zone of the programme's days."""

    journal: Journal
    redemption_id: UUID
    zone: ZoneInfo

    def ends_at(self, reward: Reward) -> datetime | None:
        """The end of a code without one of its own: this many local days after it is issued."""
        if reward.valid_days is None:
            return None
        last = dates.add_days(dates.local_date(self.journal.now, self.zone), reward.valid_days)
        return dates.end_of_day(last, self.zone)


async def take(reward: Reward, quantity: int, to: Receiver) -> list[str]:
    """Codes of the reward's pool, or new ones where it has none; for this redemption only.

    Of the pool those that end soonest, and those that never end last.

    Inside a transaction. Raises: CodePoolExhausted.
    """
    if not reward.pooled_codes:
        return await _make(reward, quantity, to)
    await pools.join([reward.id])
    taken: list[Row] = []
    for ends in _SOONEST_FIRST:
        if len(taken) < quantity:
            taken += await rows(
                "UPDATE coupon_code SET status = 'ISSUED', member_id = $3, redemption_id = $4, "
                "issued_at = $5, ends_at = CASE WHEN valid_until IS NULL THEN $6::timestamptz END "
                "WHERE id IN (SELECT id FROM coupon_code WHERE reward_id = $1 "
                f"AND status = 'IMPORTED' AND {ends} ORDER BY valid_until, id "
                f"LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING {SEALED}",
                reward.id,
                quantity - len(taken),
                to.journal.member_id,
                to.redemption_id,
                to.journal.now,
                to.ends_at(reward),
            )
    if len(taken) < quantity:
        raise CodePoolExhausted(reward.code, path=("reward",))
    to.journal.changed += sealed_rows.of_all("coupon_code", taken)
    await pools.take(reward.id, [code["valid_until"] for code in taken])
    return sorted(code["code"] for code in taken)


_SOONEST_FIRST = ("valid_until > $5", "valid_until IS NULL")
"""Two statements rather than one, so that neither walks over codes that have ended."""


async def _make(reward: Reward, quantity: int, to: Receiver) -> list[str]:
    codes = [new_code(CODE_CHARACTERS) for _ in range(quantity)]
    made = await rows(
        "INSERT INTO coupon_code (id, programme_id, reward_id, code, code_key, status, member_id, "
        "redemption_id, imported_at, issued_at, ends_at) "
        "SELECT new.id, $3, $4, new.code, new.code, 'ISSUED', $5, $6, "
        "$7, $7, $8 FROM unnest($1::uuid[], $2::text[]) AS new (id, code) "
        f"RETURNING {SEALED}",
        [new_id() for _ in codes],
        codes,
        reward.programme_id,
        reward.id,
        to.journal.member_id,
        to.redemption_id,
        to.journal.now,
        to.ends_at(reward),
    )
    to.journal.changed += sealed_rows.of_all("coupon_code", made)
    return codes


async def void(journal: Journal, redemption_ids: Sequence[UUID]) -> None:
    """Codes that these redemptions of the account were given cannot be used any more."""
    gone = await rows(
        "UPDATE coupon_code SET status = 'VOID', voided_at = $2 "
        f"WHERE redemption_id = ANY($1::uuid[]) AND status = 'ISSUED' RETURNING {SEALED}",
        list(redemption_ids),
        journal.now,
    )
    journal.changed += sealed_rows.of_all("coupon_code", gone)


async def low_water(reward: Reward, quantity: int, now: datetime) -> int | None:
    """Number of codes left, if this redemption brought the pool to its low-water mark."""
    mark = reward.low_water
    if not reward.pooled_codes or mark is None:
        return None
    # one after the other from here on: of two that count at once neither would see the mark
    await rows("SELECT id FROM reward WHERE id = $1 FOR NO KEY UPDATE", reward.id)
    left = await pools.left(reward.id, now)
    return left if left <= mark < left + quantity else None


async def of_redemptions(ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[Coupon]]:
    """The codes that each redemption, named by (member id, id), has; one statement for all."""
    found = await rows(
        f"SELECT redemption_id, code, status, issued_at, {END} AS valid_until, used_at, "
        "booking_member_id, booking_id FROM coupon_code c "
        "WHERE member_id = ANY($1::uuid[]) AND redemption_id = ANY($2::uuid[]) ORDER BY code",
        [member_id for member_id, _ in ids],
        [redemption_id for _, redemption_id in ids],
    )
    by_redemption: dict[UUID, list[Coupon]] = {redemption_id: [] for _, redemption_id in ids}
    for coupon in found:
        by_redemption[coupon.pop("redemption_id")].append(Coupon(**coupon))
    return by_redemption


async def find_issued(programme_id: UUID, code: str) -> Issued | None:
    """The code that somebody was given, as people type it.

    Of two from before that are alike, one is found by exactly what it says.
    """
    found = await row(
        f"SELECT c.id, c.status, c.member_id, c.redemption_id, {END} AS valid_until, w.partner_id, "
        "w.minimum_spend_minor, w.products, w.transferable FROM coupon_code c "
        "JOIN reward w ON w.id = c.reward_id WHERE c.programme_id = $1 "
        "AND c.code_key = ANY($2::text[]) AND c.redemption_id IS NOT NULL "
        "ORDER BY c.code = $3 DESC LIMIT 1",
        programme_id,
        [code_key(code), code],
        code,
    )
    if found is None:
        return None
    products = found["products"] and tuple(orjson.loads(found["products"]))
    return Issued(**{**found, "products": products})


async def use(
    owner: Journal,
    issued: Issued,
    actor: str,
    now: datetime,
    booking: tuple[UUID, UUID] | None = None,
) -> bool:
    """Mark a code as used, once, on the booking of this (member id, id) if on any; whether it could
    be, under its account's lock.
    """
    used = await rows(
        "UPDATE coupon_code c SET status = 'USED', used_at = $2, used_by = $3, "
        "booking_member_id = $4, booking_id = $5 "
        f"WHERE id = $1 AND status = 'ISSUED' AND ({END} IS NULL OR {END} > $2) "
        f"RETURNING {SEALED}",
        issued.id,
        now,
        actor,
        *(booking or (None, None)),
    )
    owner.changed += sealed_rows.of_all("coupon_code", used)
    return len(used) == 1


async def give_back(
    owner: Journal,
    coupon_id: UUID,
    booking: tuple[UUID, UUID],
    now: datetime,
    renewed: datetime | None,
) -> Row | None:
    """Let a code that this booking, by (member id, id), used up be used again: one that has ended
    meanwhile only where its end is `renewed`. Its `redemption_id` and `partner_id`; None where
    it stays used.
    """
    back = await rows(
        "UPDATE coupon_code c SET status = 'ISSUED', used_at = NULL, used_by = NULL, "
        "booking_member_id = NULL, booking_id = NULL, "
        f"ends_at = CASE WHEN {END} <= $4 THEN $5::timestamptz ELSE ends_at END "
        "WHERE id = $1 AND status = 'USED' AND booking_member_id = $2 AND booking_id = $3 "
        f"AND ({END} IS NULL OR {END} > $4 OR $5::timestamptz IS NOT NULL) "
        f"RETURNING {SEALED}, (SELECT w.partner_id FROM reward w WHERE w.id = c.reward_id) "
        "AS partner_id",
        coupon_id,
        *booking,
        now,
        renewed,
    )
    owner.changed += sealed_rows.of_all("coupon_code", back)
    return back[0] if back else None


async def code_of(coupon_id: UUID) -> str | None:
    """The code that has this id."""
    found = await row("SELECT code FROM coupon_code WHERE id = $1", coupon_id)
    return found["code"] if found else None


async def extend(journal: Journal, issued: Issued, ends_at: datetime, actor: str, why: str) -> bool:
    """Move a code's end; whether it could be, under the account's lock."""
    moved = await rows(
        "UPDATE coupon_code SET ends_at = $2, extended_at = $3, extended_by = $4, "
        f"extended_why = $5 WHERE id = $1 AND status = 'ISSUED' RETURNING {SEALED}",
        issued.id,
        ends_at,
        journal.now,
        actor,
        why,
    )
    journal.changed += sealed_rows.of_all("coupon_code", moved)
    return len(moved) == 1


async def is_used(redemption_id: UUID) -> bool:
    """Whether any of the redemption's codes was used."""
    used = await row(
        "SELECT status FROM coupon_code WHERE redemption_id = $1 AND status = 'USED'",
        redemption_id,
    )
    return used is not None


async def import_pool(
    programme: Programme,
    reward: Reward,
    codes: Iterable[tuple[str, datetime | None]],
    now: datetime,
) -> list[ImportResult]:
    """Add codes, each with the exclusive end of its validity, to a reward's pool.

    Answers one row per code, in order; a code that the programme has already, but for case and
    blanks, is left out, so that an import can be repeated.

    Raises: InvalidInput when the reward has no pool.
    """
    if not reward.pooled_codes:
        raise InvalidInput("no_pool", reward.code, path=("reward",))
    report: list[ImportResult] = []
    every = iter(codes)
    while batch := list(islice(every, IMPORT_BATCH)):
        report += await transact(partial(add, programme, reward, batch, now))
    return report


async def add(
    programme: Programme,
    reward: Reward,
    batch: Sequence[tuple[str, datetime | None]],
    now: datetime,
) -> list[ImportResult]:
    """The same of `IMPORT_BATCH` codes at most, in a transaction of the caller's."""
    checked = [(code, until, _problem(code, until, now)) for code, until in batch]
    good: dict[str, tuple[str, datetime | None]] = {}
    for code, until, problem in checked:
        if not problem:
            good.setdefault(code_key(code), (code, until))
    await pools.lock(reward.id)
    added = await rows(
        "INSERT INTO coupon_code (id, programme_id, reward_id, code, code_key, status, "
        "imported_at, valid_until) "
        "SELECT new.id, $3, $4, new.code, new.code_key, 'IMPORTED', $5, new.valid_until "
        "FROM unnest($1::uuid[], $2::text[], $6::timestamptz[], $7::text[]) "
        "AS new (id, code, valid_until, code_key) "
        "ON CONFLICT DO NOTHING RETURNING code_key, valid_until",
        [new_id() for _ in good],
        [code for code, _ in good.values()],
        programme.id,
        reward.id,
        now,
        [until for _, until in good.values()],
        list(good),
    )
    if added:
        await pools.add(reward.id, [code["valid_until"] for code in added])
    fresh = {code["code_key"] for code in added}
    report = []
    for code, _, problem in checked:
        known = "" if code_key(code) in fresh else KNOWN
        report.append(ImportResult(code, problem or known))
        if not problem:
            fresh.discard(code_key(code))
    return report


def _problem(code: str, valid_until: datetime | None, now: datetime) -> str | InvalidInput:
    try:
        check_identifier(code, ("code",), CODE_CHARACTERS_MAX)
    except InvalidInput as error:
        return error
    if valid_until is not None and valid_until <= now:
        told, least = Instant.of(valid_until), Instant.of(now)
        return InvalidInput("end_in_past", told, (least,), path=("valid_until",))
    return ""


async def erase(member_id: UUID) -> None:
    """Leave of the ends of a member's codes that were moved by whom, and not why."""
    why = (
        "UPDATE coupon_code SET extended_why = $2 WHERE member_id = $1 AND extended_at IS NOT NULL"
    )
    await update(why, member_id, ERASED)
