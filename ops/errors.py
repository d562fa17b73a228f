"""Errors that stop a command, as messages for the person who typed it.

OperationError
    SettingsError           an environment variable is missing, wrong or unsafe
    EmbeddedDatabaseError   the database that Milepost starts itself would not start
    DatabaseError           a database cannot be reached, or refuses us
    KeyFileError            a key file cannot be read
    ServeError              the address to listen on cannot be had
"""

from collections.abc import Sequence

DEBUG = "MILEPOST_DEBUG"
"""Not a setting: the command line's --debug, passed on to its processes."""


class OperationError(Exception):
    """The fault and the remedy, in one line, or in one for each wrong setting; the command line
    prints only this.
    """


class SettingsError(OperationError):
    def __init__(self, variable: str, problem: str) -> None:
        self.variable = variable
        self.problem = problem
        super().__init__(f"{variable}: {problem}")


def together(wrong: Sequence[SettingsError]) -> SettingsError:
    """One error for all of these, a line for each; it names the first one's variable."""
    first, *others = dict.fromkeys(map(str, wrong))
    error = SettingsError(wrong[0].variable, wrong[0].problem)
    error.args = ("\n".join((first, *others)),)
    return error


class EmbeddedDatabaseError(OperationError):
    pass


class DatabaseError(OperationError):
    pass


class KeyFileError(OperationError):
    pass


class ServeError(OperationError):
    pass
