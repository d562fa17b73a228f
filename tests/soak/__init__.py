"""Proofs by large numbers: `make soak` runs them in full, the tests of this folder in small.

A proof is a module of this folder with a `PROOF`, by which it is found; there is no list to
add it to:

    async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]: ...

    PROOF = Proof(
        name="kills",                       # as in `--only kills`
        what="servers killed while they work",
        count=200,                          # units in all, of `make soak`
        part=50,                            # units that one process takes at a time
        run=run,
    )

`run` proves the units of `numbers`. Unit n of a seed is the same in whatever process it runs,
so a module draws all that is random from `proofs.draw(seed, n)`. `run` gets a migrated, empty
database of its own without connections, and connects to it: by `connected(database.serving,
everywhere=False)`, by a server process on its two URLs, or through a proxy. It calls
`tell(1)` after each unit, and returns how often it did what ("transfers", "refused"), which
is printed, so that everybody sees what was covered.

It fails by raising. `with proofs.unit(n):` around a unit names the unit in the failure, with
the command that runs just that one again: `--only kills --seed 7 --first 31 --count 1`.

Parts run at the same time, one process for each core and a new one for each part; a proof
that cannot be divided has `part` equal to `count`. One that measures times is proved before
the others, with nothing beside it (`alone=True`). `--scale` multiplies `count`, and a part
is never larger than its proof. The test of a proof calls the same `run` on the fixture
`fresh_database`, with few numbers and a fixed seed:

    async def test_…(fresh_database: Database) -> None:
        done = await kills.run(fresh_database, range(2), 1, proofs.silent)
        assert done["killed"] == 2
"""
