"""Parsers of requests: httptools if it is installed, otherwise h11. httptools is C and takes much
less time, but limits neither the length of a header, nor the number of waiting requests of one
connection.

The limits are added here, as h11 has them itself.
"""

from typing import Any

__all__ = ["Parser"]

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:
    from uvicorn.protocols.http.h11_impl import H11Protocol as Parser
else:
    HEADER_BYTES_MAX = 16 * 1024
    """Of a header, or of anything else that is not the body itself, in one piece."""
    PIECE_BYTES = 4096
    """Parsed at once. All requests in a piece are parsed, also while the first is answered."""
    HELD_BYTES_MAX = 1_000_000
    """Of requests that came before the answer to an earlier one, and are not parsed yet."""

    class Parser(HttpToolsProtocol):  # type: ignore[no-redef]
        """uvicorn's HTTP/1.1 by httptools, with bounds."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.unfinished = 0
            self.past_header = False
            self.held = b""

        def data_received(self, data: bytes) -> None:
            for start in range(0, len(data), PIECE_BYTES):
                if self.transport.is_closing():
                    return
                if self.pipeline or self.held:
                    self._hold(data[start:])
                    return
                self._parse(data[start : start + PIECE_BYTES])

        def _hold(self, data: bytes) -> None:
            self.held += data
            self.flow.pause_reading()
            if len(self.held) > HELD_BYTES_MAX:
                self.transport.abort()

        def _parse(self, piece: bytes) -> None:
            self.unfinished += len(piece)
            super().data_received(piece)
            if self.unfinished > HEADER_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("Invalid HTTP request received.")

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.pipeline:
                self.flow.pause_reading()
            elif self.held:
                held, self.held = self.held, b""
                self.data_received(held)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self.unfinished = 0
            self.past_header = False

        def on_header(self, name: bytes, value: bytes) -> None:
            # a trailer after the body would be taken for a header
            if not self.past_header:
                super().on_header(name, value.rstrip(b" \t"))

        def on_headers_complete(self) -> None:
            """Raises: ValueError, which is answered by 400, without the one host, and where the
            body is coded in another way than in chunks.
            """
            self.past_header = True
            self.unfinished = 0
            hosts = sum(name == b"host" for name, _ in self.headers)
            if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
                raise ValueError("not the one host")
            coded = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
            if coded not in ([], [b"chunked"]):
                raise ValueError("not chunked alone")
            super().on_headers_complete()
            if self.expect_100_continue:
                # a client that is answered before it has sent its body need not send it: its next
                # request would be taken for that body
                self.cycle.keep_alive = False

        def on_body(self, body: bytes) -> None:
            self.unfinished = 0
            super().on_body(body)
