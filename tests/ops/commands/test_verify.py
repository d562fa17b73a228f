"""`verify` from outside: exit code and the line that names a fault."""

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
            "UNCHECKED: MILEPOST_SEAL_KEYS or MILEPOST_ROOT_PUBLIC_KEYS lacks what signed: 2026\n"
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


def test_an_unmigrated_database_is_pointed_out(commands: Commands, server: Server) -> None:
    # the server's own, which nobody migrates
    said = commands.refusal("verify", MILEPOST_DATABASE_URL=server.administrator)
    assert said.startswith("the database lacks ")
    assert said.endswith("run `python -m ops migrate`")
