"""`segment import` and `segment size` from outside."""

from pathlib import Path

from ops.postgres.database import connected
from tests.support import factories as make
from tests.support.commands import Commands


async def test_a_file_keeps_a_list(commands: Commands, tmp_path: Path) -> None:
    listed = {"code": "vip", "name": make.WORDS, "list": True}
    silver = {"code": "silvers", "name": make.WORDS, "when": {"tiers": ["silver"]}}
    async with connected(commands.database.serving, everywhere=False):
        programme = await make.establish(make.shipped_document(segments=[listed, silver]))
        for reference in ("li", "wang", "zhao"):
            await make.enrol(programme, reference=reference)
    of = ["--programme", programme.code]

    def size(code: str) -> str:
        return commands.output("segment", "size", code, *of).strip()

    file = tmp_path / "vip.csv"
    file.write_text("member\nli\nwang\nli\n\nnobody\n", encoding="utf-8")
    add = ["segment", "import", str(file), "--segment", "vip", *of]
    for _ in range(2):  # run again it changes nothing
        done = commands.run(*add)
        assert (done.returncode, done.stderr) == (3, "")
        assert done.stdout.splitlines()[0] == "2 on the list, 1 refused"
        assert (size("vip"), size("silvers")) == ("2", "3")
    report = file.with_name("vip.csv.refused.csv")
    assert report.read_text() == "member,reason\nnobody,there is no such member\n"

    # no spreadsheet computes a reference, and the report can be sent again
    file.write_text("member\n=1+1\n", encoding="utf-8")
    for sent, told in ((file, report), (report, report.with_name(f"{report.name}.refused.csv"))):
        commands.run("segment", "import", str(sent), "--segment", "vip", *of)
        assert told.read_text() == "member,reason\n'=1+1,there is no such member\n"

    file.write_text("member\nwang\nzhao\n", encoding="utf-8")
    replaced = commands.output(*add, "--replace")
    assert replaced == "2 on the list, 1 taken off, 0 refused\n"
    assert size("vip") == "2"
    assert not report.exists()
    report.mkdir()
    assert commands.refusal(*add) == f"cannot write {report}: it is a folder"
    report.rmdir()

    assert commands.refusal("segment", "size", "vop", *of) == (
        "there is no segment 'vop': did you mean vip?"
    )
    to_silver = ["segment", "import", str(file), "--segment", "silvers", *of]
    assert commands.refusal(*to_silver) == ("silvers is not a list: its selector says who is in it")
    file.write_text("reference\nwang\n", encoding="utf-8")
    assert commands.refusal(*add) == f"{file}: its header is member"
    assert await commands.faults() == []
