"""A server process that is sampled: `python -m benchmarks.sampling FILE serve …`.

Whenever it has used some CPU time, the functions that it is in are counted; what is asleep is not
seen. SIGUSR1 begins, SIGUSR2 ends and writes the file. A sample costs some microseconds and
changes no function that is not in it, so that shares are those of a server without it.
"""

import gc
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, FrameType

import orjson

from ops.settings import ROOT

SAMPLE_SECONDS = 0.001
"""Of CPU; the system's clock ticks more rarely."""

BEGIN, END = signal.SIGUSR1, signal.SIGUSR2

Stack = tuple[CodeType, ...]


class Sampler:
    """Counts stacks, the innermost function first."""

    def __init__(self, written: Path) -> None:
        self.written = written
        self.seen: Counter[Stack] = Counter()

    def listen(self) -> None:
        """Begin and end by signals from here on."""
        signal.signal(signal.SIGPROF, self.take)
        signal.signal(BEGIN, self.begin)
        signal.signal(END, self.end)
        gc.callbacks.append(collected)

    def begin(self, *_: object) -> None:
        self.seen.clear()
        signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)

    def take(self, _: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append(frame.f_code)
            frame = frame.f_back
        self.seen[tuple(stack)] += 1

    def end(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        found = [{"stack": [*map(_name, stack)], "count": self.seen[stack]} for stack in self.seen]
        # whole or not at all: somebody waits for it
        begun = self.written.with_suffix(".part")
        begun.write_bytes(orjson.dumps(found))
        begun.rename(self.written)


def collected(_: str, __: Mapping[str, int]) -> None:
    """Called before and after cycles of objects are looked for: what was due amid it is counted
    here.
    """


def _name(code: CodeType) -> str:
    """`api/edge/auth.py:__call__`, of what is installed `asyncpg/pool.py:acquire`."""
    file = code.co_filename
    for root in (f"{ROOT}/", *(f"{path}/" for path in sys.path if path.endswith("-packages"))):
        file = file.removeprefix(root)
    return f"{file}:{code.co_name}"


if __name__ == "__main__":
    Sampler(Path(sys.argv.pop(1))).listen()
    # imported here, because serving takes its own arguments from what is left
    from ops.__main__ import main

    main()
