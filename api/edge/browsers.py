"""Common properties of all answers for browsers: the pages that may read them, and compression.

A page of another origin is admitted by name and without credentials: callers are identified by a
header that only the page's own script can set, and nothing here reads a cookie.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

METHODS = ("GET", "POST")
HEADERS_SENT = ("Authorization", "Content-Type", "X-Request-Id")
HEADERS_READ = ("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id")
PREFLIGHT_SECONDS = 600

COMPRESSED_BYTES_MIN = 1024
"""A smaller answer fits one packet as it is."""

COMPRESSION_LEVEL = 5


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins whose pages may call, such as `https://shop.example`; `pattern` matches more."""

    names: Sequence[str] = ()
    pattern: str | None = None

    def allow(self, origin: str) -> bool:
        """Whether a page of this origin may call."""
        matches = self.pattern is not None and re.fullmatch(self.pattern, origin)
        return origin in self.names or bool(matches)


NO_ORIGINS = Origins()
LOCALHOST = Origins(pattern=r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
"""Pages that a developer serves on the same machine."""


def cross_origin(origins: Origins) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=origins.names,
        allow_origin_regex=origins.pattern,
        allow_methods=METHODS,
        allow_headers=HEADERS_SENT,
        expose_headers=HEADERS_READ,
        allow_credentials=False,
        max_age=PREFLIGHT_SECONDS,
    )


def compression() -> Middleware:
    """Gzip for clients that accept it; each part of a streamed answer is sent as soon as it exists.

    The length of a compressed answer can betray a secret (BREACH) where an attacker's page makes
    the victim's browser send guesses along with the victim's credentials. No browser does that
    here: callers are known by a header that another site's page cannot have it send.
    """
    return Middleware(
        GZipMiddleware, minimum_size=COMPRESSED_BYTES_MIN, compresslevel=COMPRESSION_LEVEL
    )
