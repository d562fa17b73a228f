"""`contacts prove` from outside: what is proved, what is refused, and that it can run again."""

import base64
from pathlib import Path
from uuid import UUID

from domain.kernel.secrecy import shown
from domain.members import enrolment
from domain.members.enrolment import EnrolSent
from domain.programmes import programmes
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.support import factories as make
from tests.support.commands import Commands
from tests.support.servers import SECRET_KEY


async def proved(commands: Commands) -> set[tuple[UUID, str, str]]:
    async with connection(commands.database.owner) as owner:
        found = await owner.fetch(
            "SELECT member_id, value, proved_by FROM contact WHERE proved_at IS NOT NULL"
        )
    return {(row["member_id"], str(shown(row["value"])), row["proved_by"]) for row in found}


async def test_contacts_of_a_file_are_proved(ota: Commands, tmp_path: Path) -> None:
    own = {"MILEPOST_SECRET_KEY": base64.b64encode(SECRET_KEY).decode()}
    async with connected(ota.database.serving, everywhere=False):
        programme = await programmes.get("ota")
        members = []
        for reference in ("li", "squatter"):
            request = make.request(make.member_caller(programme, reference))
            sent = EnrolSent(email="li@example.com", phone="+8613800138000")
            members.append((await enrolment.enrol(request, programme, sent)).member_id)
    file = tmp_path / "contacts.csv"
    lines = [
        "member,email,phone",
        "li,LI@example.com,",
        "li,other@example.com,",
        "squatter,li@example.com,+86 138 0013 8000",
        "nobody,,+8613800138000",
        "li",
        "li,nope,",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    command = ["contacts", "prove", str(file), "--programme", "ota"]

    for _ in range(2):  # run again it changes nothing
        done = ota.run(*command, **own)
        assert (done.returncode, done.stderr) == (3, "")
        assert done.stdout == (
            f"2 proved, 4 refused\nrefused contacts and their reasons: {file}.refused.csv\n"
        )
        assert await proved(ota) == {
            (members[0], "li@example.com", "staff:contacts"),
            (members[1], "+8613800138000", "staff:contacts"),
        }
    report = file.with_name(f"{file.name}.refused.csv")
    heading, *refused = report.read_text(encoding="utf-8").splitlines()
    assert heading == "member,email,phone,reason"
    assert [row.split(": ")[0] for row in refused] == [
        "li,other@example.com,,email",
        "squatter,li@example.com,,email",
        "nobody,,+8613800138000,member",
        "li,nope,,email",
    ]
    assert refused[2].endswith(": There is no member 'nobody' in this programme.")
    assert await ota.faults() == []
    for header in ("email,phone", "member", "member,email,email", "member,email,name"):
        file.write_text(f"{header}\n", encoding="utf-8")
        assert ota.refusal(*command) == f"{file}: its header is member and email or phone, or both"


async def test_migrate_moves_contacts_that_stand_in_clear(ota: Commands) -> None:
    own = {"MILEPOST_SECRET_KEY": base64.b64encode(SECRET_KEY).decode()}
    async with connected(ota.database.serving, everywhere=False):
        programme = await programmes.get("ota")
        member_id = await make.enrol(programme, reference="li")
    async with connection(ota.database.owner) as owner:
        await owner.execute(
            "UPDATE member SET email = 'Li@example.com', phone = '+8613800138000' "
            "WHERE member_id = $1",
            member_id,
        )
        await owner.execute(
            "INSERT INTO lookup (programme_id, scope, value, member_id, row_id, proved_at, "
            "proved_by) VALUES ($1, 'email', 'li@example.com', $2, $2, $3, 'partner:app')",
            programme.id,
            member_id,
            make.NOW,
        )
    # without the key of the servers they are left to a worker, which has it
    assert ota.output("migrate") == "nothing to apply\n"
    assert len(await ota.faults()) == 3

    assert ota.output("migrate", **own) == "applied contacts of 1 member\n"
    assert ota.output("migrate", **own) == "nothing to apply\n"
    assert await proved(ota) == {(member_id, "Li@example.com", "partner:app")}
    async with connection(ota.database.owner) as owner:
        clear = "SELECT count(*) FROM member WHERE email IS NOT NULL OR phone IS NOT NULL"
        assert await owner.fetchval(clear) == 0
        assert await owner.fetchval("SELECT count(*) FROM lookup WHERE value LIKE '%@%'") == 0
    assert await ota.faults() == []
