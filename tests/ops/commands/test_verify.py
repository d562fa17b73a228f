"""`verify` from outside: exit code and the line that names a fault."""

import asyncpg

from ops.postgres.connections import connection
from tests.conftest import Server
from tests.support.commands import Commands


async def test_verify_tells_what_is_wrong(commands: Commands) -> None:
    keys = {"MILEPOST_SEAL_KEYS": f"2026:{'0' * 43}="}
    commands.output("demo", **keys)
    async with connection(commands.database.owner) as owner:
        members = await owner.fetchval("SELECT count(*) FROM account")
        entries = await owner.fetchval("SELECT count(*) FROM ledger_entry")
    looked_at = f"in {members} members with {entries} entries\n"
    sound = commands.run("verify", **keys)
    assert (sound.returncode, sound.stdout) == (0, "")
    assert sound.stderr == f"no fault {looked_at}"
    for options in ([], ["--processes", "2"]):
        blind = commands.run("verify", *options)
        assert (blind.returncode, blind.stdout) == (3, "")
        assert blind.stderr == (
            "UNCHECKED: MILEPOST_SEAL_KEYS or MILEPOST_ROOT_PUBLIC_KEYS lacks the keys that "
            "signed: 2026\n"
        )

    async with connection(commands.database.owner) as owner:
        member_id = await owner.fetchval(
            "UPDATE account SET available = available + 7 WHERE member_id = "
            "(SELECT member_id FROM member WHERE reference = 'liu-yang') RETURNING member_id"
        )
    named = f"account {member_id} of member {member_id}: available is 2087, should be 2080"
    for options in ([], ["--processes", "2"]):
        found = commands.run("verify", *options, **keys)
        assert found.returncode == 1
        assert found.stdout == f"{named}\n{named}, the sum of its lots\n"
        assert found.stderr == f"2 faults {looked_at}"


async def test_an_audit_that_lost_rows_is_not_begun_again(ota: Commands) -> None:
    of = ["--programme", "ota", "--name", "Hotels", "--scopes", "earn"]
    ota.output("partner", "create", "hotels", *of)
    last = await _delete(ota, "audit_reason", "audit")
    lost = f"audit {last['programme_id']}: the last row is 0, should be {last['sequence']}"
    for _ in range(2):
        assert ota.run("verify").stdout == f"{lost}\n"
        said = ota.run("seal")
        assert (said.returncode, said.stderr.splitlines()) == (
            1,
            [
                "sealed 0 members",
                "error: nothing was sealed of ota: rows of the audit are missing, see `verify`",
            ],
        )
    # nor once somebody has done something since
    ota.output("partner", "key", "hotels", *of[:2], "--scopes", "earn")
    assert ota.run("seal").returncode == 1
    assert "ops seal" not in ota.run("verify").stdout
    # where no row ever was, it begins
    await _delete(ota, "audit_reason", "audit", "audit_head")
    assert "run `ops seal`" in ota.run("verify").stdout
    assert ota.run("seal").returncode == ota.run("verify").returncode == 0


async def _delete(commands: Commands, *tables: str) -> asyncpg.Record:
    """Delete all rows of these, as a superuser can; the head of the one audit as it was."""
    async with connection(commands.database.owner) as owner:
        found = await owner.fetchrow("SELECT programme_id, sequence FROM audit_head")
        for table in tables:
            await owner.execute(f"DELETE FROM {table}")
    return found


def test_an_unmigrated_database_is_pointed_out(commands: Commands, server: Server) -> None:
    # the server's own, which nobody migrates
    said = commands.refusal("verify", MILEPOST_DATABASE_URL=server.administrator)
    assert said.startswith("the database lacks ")
    assert said.endswith("run `python -m ops migrate`")
