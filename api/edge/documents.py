"""Persisted documents: a client may send the id of a persisted operation, or the SHA-256 of a query
that this process has seen.

The protocol is Apollo's automatic persisted queries. The memory is bounded, and a hash is only
stored with exactly the text that it belongs to.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from api.kit.request_errors import RequestError, RequestErrorCode

DOCUMENTS_MAX = 1000
DOCUMENT_LENGTH_MAX = 16_384


@dataclass(slots=True)
class Documents:
    written: Mapping[str, str] = field(default_factory=dict)
    """Operations by their ids that are never forgotten."""

    known: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def resolve(self, query: str | None, extensions: dict[str, Any] | None) -> str | None:
        """The query to run: as sent, or the one remembered under the hash that was sent.

        Raises: RequestError BAD_REQUEST, PERSISTED_QUERY_NOT_FOUND
        """
        asked = (extensions or {}).get("persistedQuery")
        if asked is None:
            return query
        digest = asked.get("sha256Hash") if isinstance(asked, dict) else None
        if not isinstance(digest, str) or asked.get("version") != 1:
            raise RequestError(
                RequestErrorCode.BAD_REQUEST, "This version of persistedQuery is not spoken."
            )
        if query is None:
            return self._recall(digest)
        if self.written.get(digest) == query:
            return query
        if sha256(query.encode()).hexdigest() != digest:
            raise RequestError(RequestErrorCode.BAD_REQUEST, "The hash is not that of the query.")
        self._remember(digest, query)
        return query

    def _recall(self, digest: str) -> str:
        if digest in self.written:
            return self.written[digest]
        if digest not in self.known:
            raise RequestError(RequestErrorCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        self.known.move_to_end(digest)
        return self.known[digest]

    def _remember(self, digest: str, query: str) -> None:
        if len(query) <= DOCUMENT_LENGTH_MAX:
            self.known[digest] = query
            self.known.move_to_end(digest)
            if len(self.known) > DOCUMENTS_MAX:
                self.known.popitem(last=False)
