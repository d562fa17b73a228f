"""How commands end when somebody loses patience: one line at most, and no traceback."""

import os
import signal
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from contextlib import suppress

import pytest

import ops.__main__
from ops.interrupts import ending_at_once
from tests.support.commands import Commands
from tests.support.processes import (
    WAIT_SECONDS,
    Started,
    answers,
    eventually,
    free_port,
    start,
)

ENDS = (0, 130, -signal.SIGINT)
"""Served to the end, interrupted, and interrupted before or after Python hears of it."""

UNBEGUN = ("Could not import runpy module", "Fatal Python error: ")
"""What Python says itself where it is interrupted before it reads a line of ours."""


def has_begun(errors: str) -> bool:
    """Whether the command had begun: not where Python was interrupted before `main` was called."""
    if errors.startswith("Traceback"):
        return "in main\n" in errors
    return not errors.startswith(UNBEGUN)


def interrupt(process: subprocess.Popen[str] | Started, times: int) -> list[str]:
    """Ctrl-C at a terminal, several times; what is said to the person, not the log."""
    for _ in range(times):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.05)
    _, errors = process.communicate(timeout=WAIT_SECONDS)
    if not has_begun(errors):
        return []
    assert process.returncode in ENDS, errors
    return [line for line in errors.splitlines() if not line.startswith("{")]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_server_leaves_without_a_word(commands: Commands, times: int) -> None:
    port = free_port()
    options = ["--no-migrate", "--no-worker", "--port", str(port)]
    with Started("serve", *options, **commands.variables) as process:
        try:
            assert eventually(lambda: answers(port) or process.poll() is not None)
            said = interrupt(process, times)
        finally:
            process.kill()
    assert said in ([], ["interrupted"])


IMPORTING = """
import os, signal
from ops import command_line
signal.signal(signal.SIGINT, {handler})
command_line.import_module = lambda name: os.kill(os.getpid(), signal.SIGINT) or os
command_line._find("verify", "name")
print("imported")
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("raised")
"""


@pytest.mark.parametrize(
    ("handler", "ended"),
    [
        ("signal.default_int_handler", (130, "", "interrupted\n")),
        ("signal.SIG_IGN", (0, "imported\n", "")),
    ],
)
def test_an_interrupt_ends_a_command_that_is_being_imported(
    handler: str, ended: tuple[int, str, str]
) -> None:
    """Python's own exception could break a module in C; where it is ignored, it stays so."""
    program = [sys.executable, "-c", IMPORTING.format(handler=handler)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == ended


LEAVING = """
import os, signal
from contextlib import suppress
from ops import command_line
from ops.interrupts import leave
signal.signal(signal.{name}, leave)
def imports_what_loses_exceptions(name):
    with suppress(BaseException):
        os.kill(os.getpid(), signal.{name})
    return os
command_line.import_module = imports_what_loses_exceptions
command_line._find("verify", "name")
print("imported")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_while_it_is_imported_ends(number: signal.Signals) -> None:
    """An exception could be lost in a callback of the import, and the command go on."""
    program = [sys.executable, "-c", LEAVING.format(name=number.name)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "", "")


def test_once_it_is_imported_a_command_is_interrupted_by_an_exception() -> None:
    with ending_at_once():
        pass
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@types.coroutine
def _waiting() -> Iterator[None]:
    yield


async def _fails_as_it_ends() -> None:
    try:
        await _waiting()
    finally:
        raise RuntimeError("nothing runs it any more")


class _Failing:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __del__(self) -> None:
        raise self.error


def test_what_fails_as_it_is_dropped_is_told_but_of_coroutines_and_interrupts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", ops.__main__._drop)
    begun, other = _fails_as_it_ends(), _Failing(RuntimeError("of something else"))
    interrupted = _Failing(KeyboardInterrupt())
    begun.send(None)
    del begun, interrupted
    assert capsys.readouterr().err == ""
    del other
    assert "of something else" in capsys.readouterr().err


@pytest.mark.parametrize("after_seconds", [0.1, 0.4, 0.8, 1.6])
def test_a_command_says_that_it_was_interrupted(commands: Commands, after_seconds: float) -> None:
    with start(["-m", "ops", "verify"], **commands.variables) as process:
        time.sleep(after_seconds)
        said = interrupt(process, 2)
    assert said in ([], ["interrupted"], ["no fault in 0 members with 0 entries"])
