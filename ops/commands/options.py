"""Options that several commands have, each with the same meaning and words."""

from typing import Annotated

import typer

Language = Annotated[
    str | None,
    typer.Option(help="Language of the output, zh-CN or en; that of the terminal by default."),
]
Effective = Annotated[
    str | None,
    typer.Option(help="When it takes effect, a local day or instant such as 2027-01-01."),
]
Accept = Annotated[
    list[str] | None, typer.Option(help="Publish in spite of this finding, CODE@path.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only print what would be published, and the changes.")
]
