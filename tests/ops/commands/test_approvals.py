"""Publishing from the command line where the policy asks for a second person."""

import hashlib
import os
import pwd
import signal
from pathlib import Path

from api.kit.relay import from_global_id
from domain.approvals import approvals
from domain.programmes import programmes
from ops.postgres.database import connected
from tests.ops.commands.test_programmes import document
from tests.support import factories as make
from tests.support.commands import Commands
from tests.support.processes import WAIT_SECONDS, Started, answers, eventually, free_port

USER = pwd.getpwuid(os.getuid()).pw_name
PRODUCTION = {
    "MILEPOST_ENVIRONMENT": "production",
    "MILEPOST_ALLOW_DEVELOPMENT_KEYS": "true",
    "MILEPOST_SECRET_KEY": "0" * 43,
    "MILEPOST_SEAL_KEYS": "2026:" + "0" * 43 + "=",
}


def asking(folder: Path) -> str:
    return document(folder, publishing={"approvals": 1})


async def approve(commands: Commands, global_id: str) -> None:
    """As another person of staff."""
    named = from_global_id(global_id)
    assert named is not None
    async with connected(commands.database.serving, everywhere=False):
        found = await programmes.get("ota")
        now = found.versions[-1].effective_from
        request = make.request(make.staff(found, "lee"), now=now)
        await approvals.approve(request, found, named.id, global_id)


async def test_a_document_is_proposed_and_published_by_another(
    ota: Commands, tmp_path: Path
) -> None:
    asks = asking(tmp_path)
    said = ota.output("programme", "publish", asks)
    assert said.startswith("published version 2 of ota from ")
    changed = document(
        tmp_path, publishing={"approvals": 1}, payment_methods=["card", "partner_card"]
    )
    text = Path(changed).read_bytes().replace(b"\n", b"\r\n")  # noqa: ASYNC240
    Path(changed).write_bytes(text)  # noqa: ASYNC240
    tried = ota.output("programme", "publish", changed, "--dry-run").splitlines()
    assert tried[0].endswith(", once another person approves it")
    waits, named, digest = ota.output("programme", "publish", changed).splitlines()
    assert waits.startswith(
        f"proposed for ota, by staff:ops:{USER}: another person can publish it by approveProposal "
    )
    assert digest == f"SHA-256 {hashlib.sha256(text).hexdigest()}"
    assert "version 2," in ota.output("programme", "show", "ota")
    await approve(ota, named.removeprefix("proposal "))
    printed = ota.output("programme", "show", "ota", "--document", "--version", "3")
    assert printed.splitlines() == text.decode().splitlines()

    back = ota.output("programme", "rollback", "ota", "1").splitlines()
    assert back[0].startswith(f"proposed for ota, by staff:ops:{USER}: ")
    assert ota.refusal("programme", "show", "ota", "--version", "4").startswith("ota has no")
    assert await ota.faults() == []


def test_production_warns_where_one_person_publishes_alone(ota: Commands, tmp_path: Path) -> None:
    alone = "warning: one person alone may publish policies of ota: to require approval, "
    assert alone in served(ota)
    ota.output("programme", "publish", asking(tmp_path))
    assert "warning: one person" not in served(ota)


def served(commands: Commands) -> str:
    """What a production server says to its operator when it starts."""
    port = free_port()
    options = ["--no-migrate", "--no-worker", "--port", str(port)]
    variables = {**commands.variables, **PRODUCTION}
    with Started("serve", *options, **variables) as process:
        try:
            assert eventually(lambda: answers(port) or process.poll() is not None)
            os.kill(process.pid, signal.SIGTERM)
            _, errors = process.communicate(timeout=WAIT_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    return errors
