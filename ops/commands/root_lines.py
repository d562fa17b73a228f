"""`roots`: the signed roots of settled days, and the key that proves them."""

from typing import Annotated

import typer

from domain.kernel import signing
from domain.kernel.base64url import encoded
from domain.programmes import programmes
from domain.proof import roots
from ops.commands.administration import administer
from ops.console import console, read_settings

app = typer.Typer(name="roots", help="Signed roots of settled days.")


@app.command(name="list")
def list_lines(
    programme: Annotated[str, typer.Option("--programme", help="Code of the programme.")],
) -> None:
    """Print the record of each settled day, as it is published: a line of JSON each."""

    async def work() -> list[str]:
        return await roots.lines((await programmes.get(programme)).id)

    for line in administer(read_settings(), work):
        console.print(line, markup=False)


@app.command()
def key() -> None:
    """Print the public key that proves the roots signed here."""
    read_settings()
    console.print(encoded(signing.signer().public))
