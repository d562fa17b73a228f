"""Run the command line against a migrated database that one test has for itself."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from domain.kernel import secrecy
from domain.proof import verification
from ops.postgres.database import connected
from ops.secret_keys import keys
from ops.settings import load
from tests.conftest import Database
from tests.support import processes
from tests.support.servers import SECRET_KEY


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs `python -m ops …` against one database, with a home for its keys."""

    database: Database
    home: Path

    @property
    def variables(self) -> dict[str, str]:
        return {
            "MILEPOST_HOME": str(self.home),
            "MILEPOST_DATABASE_URL": self.database.serving,
            "MILEPOST_OWNER_DATABASE_URL": self.database.owner,
        }

    async def faults(self) -> list[str]:
        """Faults that verification finds in what tests and commands wrote to the database."""
        both = [SECRET_KEY, *keys(load(home=self.home))]
        secrecy.keep_under(lambda: both)
        try:
            async with connected(self.database.serving, everywhere=False):
                return [str(f) async for batch in verification.batches() for f in batch.faults]
        finally:
            secrecy.keep_under(lambda: [SECRET_KEY])

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return processes.run(*arguments, **{**self.variables, **variables})

    def output(self, *arguments: str, **variables: str) -> str:
        """What a command that succeeds prints."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refusal(self, *arguments: str, **variables: str) -> str:
        """The error of a command that fails: one line, and nothing on standard output."""
        done = self.run(*arguments, **variables)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert "Traceback" not in done.stderr
        last = done.stderr.splitlines()[-1]
        assert last.startswith("error: ")
        return last.removeprefix("error: ")
