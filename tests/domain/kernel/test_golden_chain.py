"""Hashes of ledger entries that are stored for ever, one of every kind and of every term.

A literal of this file never changes: one that differs breaks the chain of every member.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.ledger import digest
from domain.ledger.lots import Lot, Touch
from domain.ledger.values import Balances, Bucket, Cause, Entry, EntryKind

MEMBER = UUID("01890000-0000-7000-8000-000000000007")
PREVIOUS = bytes(range(32))
AT = datetime(2026, 3, 15, 2, 30, 0, 123_456, tzinfo=UTC)
LATER = AT + timedelta(days=30)
BOOKING, ACTIVITY, REDEMPTION = UUID(int=11), UUID(int=12), UUID(int=13)
TRANSFER, REFUND, AMENDMENT = UUID(int=14), UUID(int=15), UUID(int=16)
OLD, NEW = UUID(int=21), UUID(int=22)

LOT = Lot(
    id=NEW,
    points=100,
    remaining=100,
    earned_at=AT,
    available_at=AT,
    expires_at=LATER,
    policy_version_id=UUID(int=31),
    funder="programme",
)
FOREVER = replace(LOT, id=OLD, points=50, expires_at=None, funder="银行")
PENDING = replace(LOT, available_at=None, expires_at=None, booking_id=BOOKING, line_number=2)
TIMED = replace(PENDING, matures_at=LATER, matured_expires_at=LATER + timedelta(days=365))
MATURED = replace(TIMED, available_at=AT, expires_at=LATER)
EARNED = Entry(
    id=UUID(int=1),
    sequence=1,
    kind=EntryKind.EARN,
    source=Bucket.ISSUED,
    target=Bucket.AVAILABLE,
    points=100,
    effective_at=AT,
    recorded_at=LATER,
    after=Balances(available=100),
    cause=Cause("partner:booking-engine", booking_id=BOOKING),
    touches=(Touch(NEW, 100),),
    hash=b"",
    hash_version=1,
)


def entry(
    kind: EntryKind, source: Bucket, target: Bucket, cause: Cause, *touches: Touch, **after: int
) -> Entry:
    """The second entry of the member, of 100 points."""
    return replace(
        EARNED,
        id=UUID(int=2),
        sequence=2,
        kind=kind,
        source=source,
        target=target,
        after=Balances(**after),
        cause=cause,
        touches=touches,
    )


STAFF = "staff:金"
OUT, BACK = Touch(NEW, -100), Touch(NEW, 100)

CHAIN: dict[str, tuple[Entry, list[Lot], str]] = {
    "EARN of a booking": (
        EARNED,
        [LOT],
        "96563c5208d03e51b32e91e2d2dae4f5798f0935f4c287655d1ab3cf55c90230",
    ),
    "EARN of an activity": (
        replace(EARNED, cause=Cause("system", activity_id=ACTIVITY)),
        [LOT],
        "be0e1544d4742ea3377b208d418cc4c4d25b76e0ae60d28cece5a09f56a898d7",
    ),
    "EARN of an amendment": (
        replace(EARNED, cause=Cause("system", booking_id=BOOKING, amendment_id=AMENDMENT)),
        [LOT],
        "1f60df49ad4bab93a10c29ead4ad3121823b9855384480123ff1adcb33fd3687",
    ),
    "EARN of pending points": (
        replace(EARNED, target=Bucket.PENDING, after=Balances(pending=100)),
        [PENDING],
        "6b826c78b32685e56de72864812500d7fd636497de79d7895bfef161972cc762",
    ),
    "EARN of points that mature by themselves": (
        replace(EARNED, target=Bucket.PENDING, after=Balances(pending=100)),
        [TIMED],
        "573cef3457d34d809486a6bc02503c7ae479a5ee9894d9b071f79354dc369b87",
    ),
    "MATURE": (
        entry(
            EntryKind.MATURE,
            Bucket.PENDING,
            Bucket.AVAILABLE,
            Cause("partner:booking-engine", booking_id=BOOKING),
            available=100,
        ),
        [MATURED],
        "efa8cdec688e47984a5f07c779a0e237c5b16a8d9bc9fcc9975e60f14b1a0606",
    ),
    "HOLD": (
        entry(
            EntryKind.HOLD,
            Bucket.AVAILABLE,
            Bucket.HELD,
            Cause("member:xiaoli", redemption_id=REDEMPTION, holds_until=LATER),
            OUT,
            held=100,
        ),
        [],
        "e083efe187370531b14349bbca3be719821ec841dbdd796f0ba4e9861bc35785",
    ),
    "RELEASE": (
        entry(
            EntryKind.RELEASE,
            Bucket.HELD,
            Bucket.AVAILABLE,
            Cause("system", redemption_id=REDEMPTION),
            BACK,
            available=100,
        ),
        [],
        "5fdd9be261fe6e67d0b155b30e6c6297502842d5ea239da103f1a668d2e561bc",
    ),
    "CAPTURE": (
        entry(
            EntryKind.CAPTURE,
            Bucket.HELD,
            Bucket.REDEEMED,
            Cause("partner:booking-engine", booking_id=BOOKING, redemption_id=REDEMPTION),
        ),
        [],
        "919ab00b511355d874cb3de58699e940bc12f54e5491ffa94261070e41c879cd",
    ),
    "REDEEM": (
        entry(
            EntryKind.REDEEM,
            Bucket.AVAILABLE,
            Bucket.REDEEMED,
            Cause("member:xiaoli", redemption_id=REDEMPTION),
            Touch(NEW, -60),
            Touch(OLD, -40),
        ),
        [],
        "ae9b2966ad1a1d22875462c200ac86ade11afa003842d153ba75fddb5e4782e1",
    ),
    "REINSTATE to the old lots": (
        entry(
            EntryKind.REINSTATE,
            Bucket.REDEEMED,
            Bucket.AVAILABLE,
            Cause(STAFF, redemption_id=REDEMPTION, reason='取消 "late"'),
            Touch(NEW, 60),
            Touch(OLD, 40),
            available=100,
        ),
        [],
        "41e6368000c966fb71e756d83d9775b15fde39ea42450324cec1bd5c5af5bee4",
    ),
    "REINSTATE in a new lot": (
        entry(
            EntryKind.REINSTATE,
            Bucket.REDEEMED,
            Bucket.AVAILABLE,
            Cause(STAFF, booking_id=BOOKING, redemption_id=REDEMPTION, refund_id=REFUND),
            BACK,
            available=100,
        ),
        [LOT],
        "25354da98a254423c5b577d8058659edbdcd9345f432c6efeb86cf6f9bbc22c1",
    ),
    "EXPIRE": (
        entry(EntryKind.EXPIRE, Bucket.AVAILABLE, Bucket.EXPIRED, Cause("system"), OUT),
        [],
        "b4b7a38ec305acb9f982043debb4abf81d5a01b7519296ffbd3a41b93ae04859",
    ),
    "CLAW_BACK of what is there": (
        entry(
            EntryKind.CLAW_BACK,
            Bucket.AVAILABLE,
            Bucket.CLAWED_BACK,
            Cause(STAFF, booking_id=BOOKING, refund_id=REFUND),
            OUT,
        ),
        [],
        "82cc80e3a307e9b54bf37c54a14e3cbf44848e9ad533afae0292fe2c83e0803f",
    ),
    "CLAW_BACK of what is owed": (
        entry(
            EntryKind.CLAW_BACK,
            Bucket.OWED,
            Bucket.CLAWED_BACK,
            Cause(STAFF, booking_id=BOOKING, amendment_id=AMENDMENT),
            owed=100,
        ),
        [],
        "cf3f59465eaaaeaca865ca5b23f3730343aa60ad7a8f1abfb1b20c72ce503f1a",
    ),
    "SETTLE": (
        entry(EntryKind.SETTLE, Bucket.AVAILABLE, Bucket.OWED, Cause("system"), OUT, owed=7),
        [],
        "5479b06051fb687ea58c8ae90462c87b55388228d0001453cbce584085f9dbd3",
    ),
    "TRANSFER_OUT": (
        entry(
            EntryKind.TRANSFER_OUT,
            Bucket.AVAILABLE,
            Bucket.TRANSFERRED,
            Cause("member:xiaoli", transfer_id=TRANSFER, reason="a gift"),
            OUT,
        ),
        [],
        "94de684b469d492811cfd0cbbc119398794e9cf778cd841163d73e075b4cc385",
    ),
    "TRANSFER_IN": (
        entry(
            EntryKind.TRANSFER_IN,
            Bucket.TRANSFERRED,
            Bucket.AVAILABLE,
            Cause("member:xiaoli", transfer_id=TRANSFER, reason="a gift"),
            BACK,
            Touch(OLD, 50),
            available=150,
        ),
        [LOT, FOREVER],
        "e4fb3a362480590b654c25d6e73ae0086876b9a134508309c2c1e4c2e026e36f",
    ),
    "ADJUST up": (
        entry(
            EntryKind.ADJUST,
            Bucket.ADJUSTED,
            Bucket.AVAILABLE,
            Cause(STAFF, reason="slip"),
            Touch(OLD, 50),
            available=50,
        ),
        [FOREVER],
        "ba49cbe7fc651564973a3955c2eac278f58dd2f3793d55b8c00c001c6cce53e3",
    ),
    "ADJUST down": (
        entry(
            EntryKind.ADJUST,
            Bucket.AVAILABLE,
            Bucket.ADJUSTED,
            Cause(STAFF, reason="slip"),
            OUT,
        ),
        [],
        "f7a8cf6a1ea5feaa277e51a3111a29acbad5204a1497561e51108787a4eafce9",
    ),
    "all that a cause can say": (
        replace(
            EARNED,
            cause=Cause(
                STAFF,
                booking_id=BOOKING,
                activity_id=ACTIVITY,
                redemption_id=REDEMPTION,
                transfer_id=TRANSFER,
                refund_id=REFUND,
                amendment_id=AMENDMENT,
                reason="all",
                holds_until=LATER,
            ),
            after=Balances(pending=1, available=2, held=3, owed=4),
        ),
        [MATURED],
        "53e46052494fb9d8f299ef563e903a528133d67b2d21ff39ccb6d0b1cdebb72b",
    ),
}
"""Each entry with the lots that it made or matured, and its hash of version 1."""


@pytest.mark.parametrize("name", CHAIN)
def test_an_entry_is_hashed_as_it_was(name: str) -> None:
    posted, lots, stored = CHAIN[name]
    assert digest.digest(PREVIOUS, MEMBER, posted, lots).hex() == stored


def test_an_entry_of_format_2_is_hashed_with_the_commitment_to_its_reason() -> None:
    said = "sha256:zr_xqb9CS_PNt6XqDGDGVKFtSpWGJYlZZXQ6UFGzVAc"
    corrected = entry(
        EntryKind.ADJUST,
        Bucket.ADJUSTED,
        Bucket.AVAILABLE,
        Cause(STAFF, reason=said),
        Touch(NEW, 100),
        available=200,
    )
    stored = digest.digest(PREVIOUS, MEMBER, replace(corrected, hash_version=2), [LOT])
    assert stored.hex() == ("609e54a53493ec015947f0c2c570b552f41d732d221872143999c2340edf7f45")
    assert stored != digest.digest(PREVIOUS, MEMBER, corrected, [LOT])


def test_a_format_that_never_was_is_not_hashed() -> None:
    with pytest.raises(ValueError, match="no hash was ever made in format 3"):
        digest.digest(PREVIOUS, MEMBER, replace(EARNED, hash_version=3), [LOT])


def test_every_kind_of_entry_is_pinned() -> None:
    assert {posted.kind for posted, _, _ in CHAIN.values()} == set(EntryKind)
