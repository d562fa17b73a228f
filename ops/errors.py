"""What stops an operator's command, as a message for the person who typed it.

OperationError
    SettingsError           an environment variable is missing, wrong or unsafe
    EmbeddedDatabaseError   the database that Milepost starts itself would not start
    DatabaseError           a database cannot be reached, or refuses us
    KeyFileError            a key file cannot be read
    ServeError              the address to listen on cannot be had
"""

DEBUG = "MILEPOST_DEBUG"
"""Not a setting: the command line's --debug, passed on to its processes."""


class OperationError(Exception):
    """One line that says what is wrong and what to do; the command line prints it alone."""


class SettingsError(OperationError):
    def __init__(self, variable: str, problem: str) -> None:
        self.variable = variable
        self.problem = problem
        super().__init__(f"{variable}: {problem}")


class EmbeddedDatabaseError(OperationError):
    pass


class DatabaseError(OperationError):
    pass


class KeyFileError(OperationError):
    pass


class ServeError(OperationError):
    pass
