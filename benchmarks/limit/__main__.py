"""Serves the limit on a port, as Milepost is served: one process of uvicorn."""

import sys

import uvicorn

if __name__ == "__main__":
    uvicorn.run(
        "benchmarks.limit.app:application",
        factory=True,
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
