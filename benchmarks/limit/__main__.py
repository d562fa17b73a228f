"""Serves the limit on a port, as Milepost is served: by so many processes of uvicorn."""

import sys

import uvicorn

if __name__ == "__main__":
    uvicorn.run(
        "benchmarks.limit.app:application",
        factory=True,
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
