"""The person who types a command, as named in versions and proposals."""

import os
import pwd

from domain.kernel.callers import EVERY_ROLE, OPERATOR, Caller, CallerKind
from domain.programmes.programmes import Programme


def name() -> str:
    """The user of the operating system, or its number where that has no name, after `ops:`."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return f"{OPERATOR}{user}"


def caller(programme: Programme) -> Caller:
    """That person as a member of the programme's staff."""
    return Caller(CallerKind.STAFF, programme.id, programme.code, name(), roles=EVERY_ROLE)
