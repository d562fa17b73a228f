"""What the serving role could do, by real connections as that role."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ops.errors import DatabaseError
from ops.postgres import cluster, embedded
from ops.postgres.connections import connection
from ops.postgres.rights import excess
from ops.upgrade import migrate
from tests.conftest import Server
from tests.support.commands import Commands
from tests.support.processes import run


def at(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


async def test_of_a_server_of_ours_it_reaches_one_database(made_home: Path) -> None:
    with embedded.using(made_home) as own:
        superuser = cluster.url(own, cluster.SUPERUSER, "postgres")
        urls = [cluster.url(own, one) for one in (cluster.SERVING_ROLE, cluster.OWNER_ROLE)]
        assert await excess(urls[0]) == []
        for url in urls:
            for name in ("postgres", "template1"):
                with pytest.raises(DatabaseError, match="permission denied for database"):
                    async with connection(at(url, name)):
                        pass
        # as one of the release before has left it
        async with connection(superuser) as administrator:
            for name in ("postgres", "template1"):
                await administrator.execute(f"GRANT ALL ON DATABASE {name} TO PUBLIC")
        assert len(await excess(urls[0])) == 2
        own.data.joinpath(cluster.CLOSED_MARK).unlink()
    checked = run("rights", MILEPOST_HOME=str(made_home))
    assert checked.returncode == 0, checked.stdout
    assert checked.stderr == "milepost has the rights that serving needs, and no others\n"


async def test_what_an_administrator_gave_it_is_named_and_mended(
    server: Server, commands: Commands
) -> None:
    serving, name = commands.database.serving, f"other_{secrets.token_hex(4)}"
    own = urlsplit(serving).path.strip("/")
    grantee = f"rights_{secrets.token_hex(4)}"
    group = f"{grantee}_group"
    spoil = (
        f"CREATE ROLE {grantee} LOGIN PASSWORD 'choose-one' CREATEDB",
        f"CREATE ROLE {group}",
        f"GRANT {group} TO {grantee}",
        f"REVOKE ALL ON DATABASE {own} FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {own} TO {grantee}",
        f"CREATE DATABASE {name} TEMPLATE template0",
    )
    async with connection(server.administrator) as administrator:
        try:
            for statement in spoil:
                await administrator.execute(statement)
            parts = urlsplit(serving)
            address = parts.netloc.rpartition("@")[2]
            url = parts._replace(netloc=f"{grantee}:choose-one@{address}").geturl()
            await migrate(commands.database.owner, grantee)
            async with connection(commands.database.owner) as owner:
                for statement in (
                    f"GRANT DELETE, TRUNCATE ON ledger_entry TO {grantee}",
                    f"GRANT UPDATE (points) ON lot TO {grantee}",
                    f"GRANT CREATE ON SCHEMA public TO {grantee}",
                ):
                    await owner.execute(statement)

            found = await excess(url)
            beginnings = [
                f"it has CREATEDB: ALTER ROLE {grantee} NOCREATEDB",
                f"it is a member of {group}: REVOKE {group} FROM {grantee}",
                "it may change more columns than needed of lot: run `python -m ops migrate` as",
                "it may remove rows of ledger_entry: run `python -m ops migrate` as the owner",
                "it may truncate, refer to or add triggers to ledger_entry: run",
                f"it may create schemas or temporary tables: REVOKE ALL ON DATABASE {own} FROM",
                f"it may create tables: REVOKE CREATE ON SCHEMA public FROM PUBLIC, {grantee}",
            ]
            assert all(any(one.startswith(wanted) for one in found) for wanted in beginnings)
            assert await excess(url, databases=False) == [
                one for one in found if not one.startswith(("it may create", "it may connect"))
            ]
            there = f"it may connect to {name}: REVOKE CONNECT ON DATABASE {name} FROM PUBLIC"
            assert any(one.startswith(there) for one in found)
            shown = commands.run("rights", MILEPOST_DATABASE_URL=url)
            assert shown.returncode == 1
            assert shown.stdout.splitlines()[0] == f"{grantee}: {found[0]}"

            # what it says mends it; other databases here are those of other tests
            elsewhere = [one for one in found if "connect to" in one and name not in one]
            await migrate(commands.database.owner, grantee)
            async with connection(at(server.administrator, own)) as inside:
                for sentence in found:
                    mends = sentence.partition(": ")[2]
                    if sentence not in elsewhere and not mends.startswith("run "):
                        await inside.execute(mends)
            left = await excess(url)
            assert [one for one in left if not one.startswith("it may connect to")] == []
            assert not any(name in one for one in left)
        finally:
            await administrator.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            async with connection(at(server.administrator, own)) as inside:
                await inside.execute(f"GRANT {grantee} TO CURRENT_USER")
                await inside.execute(f"DROP OWNED BY {grantee}")
            await administrator.execute(f"DROP ROLE IF EXISTS {grantee}, {group}")


async def test_one_role_for_both_and_a_superuser_are_told_at_once(
    server: Server, commands: Commands
) -> None:
    name = urlsplit(commands.database.owner).path.strip("/")
    [owns] = [one for one in await excess(commands.database.owner) if one.startswith("it owns")]
    assert owns.startswith("it owns tables, so nothing guards their history")
    async with connection(server.administrator) as administrator:
        superuser = await administrator.fetchval(
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        )
    if superuser:
        [told] = await excess(at(server.administrator, name))
        assert told.startswith("it is a superuser")
