"""Proofs by numbers: what `make soak` runs in full, and the tests of this folder in small.

A proof is a module of this folder that names one `PROOF`; it is found by that, there is no
list to add it to:

    async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]: ...

    PROOF = Proof(
        name="kills",                       # as in `--only kills`
        what="servers killed while they work",
        count=200,                          # units in all, of `make soak`
        part=50,                            # units that one process takes at a time
        run=run,
    )

`run` proves the units of `numbers`: unit n of a seed is the same whoever runs it, so a module
draws all it needs from `proofs.draw(seed, n)`. It gets a migrated database of its own, empty
and with nothing connected to it, and connects itself: `connected(database.serving,
everywhere=False)`, or a server process on those two URLs, or a proxy before them. It calls
`tell(1)` behind each unit, and answers how often it did what ("transfers", "refused"): that
is printed, so that nobody doubts what was covered.

It fails by raising. `with proofs.unit(n):` around a unit names the unit in the failure, and
with it how to run just that one again: `--only kills --seed 7 --first 31 --count 1`.

Parts run at the same time, one process for each core and a new one for each part; a proof
that cannot be divided has `part` equal to `count`. `--scale` multiplies `count`, and a part
never has more than its proof. The test beside it calls the same `run` on the fixture
`fresh_database`, with few numbers and a fixed seed:

    async def test_…(fresh_database: Database) -> None:
        done = await kills.run(fresh_database, range(2), 1, proofs.silent)
        assert done["killed"] == 2
"""
