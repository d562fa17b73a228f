"""Addresses of a job's files: each is signed, contains its file and its expiry, and needs no
further credentials.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from uuid import UUID

from domain.kernel import tokens

PATH = "/job-files/"
LINK_MINUTES = 15
"""Minutes of real time that an address for reading is valid; one for sending is valid as long as
the job accepts its file.
"""

_SAID_BYTES = 1 + 16 + 4 + 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FileKind(IntEnum):
    """Kind of file of an address; new ones are added only at the end."""

    UPLOAD = 0
    REFUSED = 1
    PART = 2


@dataclass(frozen=True, slots=True)
class Address:
    """A file of a job, of an export by its `number`, and the expiry of the address; `actor` is the
    person for whom an address for reading was made.
    """

    kind: FileKind
    job_id: UUID
    until: datetime
    number: int = 0
    actor: str = ""


def readable_until(real_now: datetime) -> datetime:
    """The expiry of an address for reading that is made now."""
    return real_now + timedelta(minutes=LINK_MINUTES)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes and reads addresses, under their own key, derived from this one."""

    key: bytes

    def path(self, address: Address) -> str:
        """The path of the file, below the address of the API."""
        seconds = -((_EPOCH - address.until) // timedelta(seconds=1))
        said = (
            bytes([address.kind])
            + address.job_id.bytes
            + address.number.to_bytes(4)
            + seconds.to_bytes(6)
            + address.actor.encode()
        )
        return PATH + tokens.sign(self._own, said)

    def read(self, token: str, real_now: datetime) -> Address | None:
        """The file of a token; None for one that was not made here, or has expired."""
        said = tokens.read(self._own, token, _SAID_BYTES)
        if said is None:
            return None
        until = _EPOCH + timedelta(seconds=int.from_bytes(said[21:_SAID_BYTES]))
        address = Address(
            FileKind(said[0]),
            UUID(bytes=said[1:17]),
            until,
            int.from_bytes(said[17:21]),
            said[_SAID_BYTES:].decode(),
        )
        return address if real_now < until else None

    @property
    def _own(self) -> bytes:
        return tokens.own_key(self.key, "files of jobs")
