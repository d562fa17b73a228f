"""The transport: HTTP, callers, limits, and the page for developers."""
