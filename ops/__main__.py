"""The command line: `python -m ops COMMAND`.

An error is one line on standard error and exit code 1; --debug shows where it came from. Ctrl-C
is one line and exit code 130, however often it is pressed.
"""

import os
import signal
import sys
import warnings
from types import CoroutineType

from ops.errors import DEBUG, OperationError
from ops.interrupts import INTERRUPTED, ending_at_once, leave


def main() -> None:
    if not os.environ.get(DEBUG):
        sys.unraisablehook = _drop
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup asks for a hang-up to be ignored
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, leave)
    try:
        with ending_at_once():
            from ops.command_line import app  # noqa: PLC0415
        app()
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        _interrupted()
    except Exception as error:
        if _is_interrupt(error):
            _interrupted()
        if os.environ.get(DEBUG):
            raise
        print(f"error: {_one_line(error)}", file=sys.stderr)
        sys.exit(1)


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C caused another error, as while a class is made."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _drop(failed: "sys.UnraisableHookArgs") -> None:
    """Say nothing of a coroutine that fails as it is dropped, as nothing runs it any more, nor of
    an interrupt that came while something was dropped.
    """
    interrupt = isinstance(failed.exc_value, KeyboardInterrupt)
    if not interrupt and not isinstance(failed.object, CoroutineType):
        sys.__unraisablehook__(failed)


def _interrupted() -> None:
    # everything has been stopped: pressed again, it ends the interpreter without a word
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # warnings about coroutines that will not be finished, and about errors when they are dropped
    warnings.simplefilter("ignore", RuntimeWarning)
    sys.unraisablehook = lambda _: None
    print("interrupted", file=sys.stderr)
    sys.exit(INTERRUPTED)


def _one_line(error: Exception) -> str:
    said = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, OperationError):
        return said
    name = type(error).__name__
    return f"{name}: {said} (--debug shows where)" if said else f"{name} (--debug shows where)"


if __name__ == "__main__":
    main()
