"""Proposals against their digests: each input has the digest that was shown when it was
proposed.
"""

from uuid import UUID

import orjson

from domain.kernel.database import rows
from domain.proof.evidence import Fault
from domain.proposals.proposals import GONE, pinned

PROPOSALS_MAX = 20
"""Proposals read at a time, with their documents."""


async def digests() -> list[Fault]:
    """Every proposal whose input is not what was proposed."""
    faults: list[Fault] = []
    after = UUID(int=0)
    while found := await rows(
        "SELECT id, input, sha256 FROM proposal WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        PROPOSALS_MAX,
    ):
        for proposal in found:
            sent = orjson.loads(proposal["input"])
            if sent == GONE:
                continue
            digest = pinned(sent)
            if digest != bytes(proposal["sha256"]):
                pin = bytes(proposal["sha256"]).hex()
                faults.append(Fault("proposal", proposal["id"], None, "input", digest.hex(), pin))
        after = found[-1]["id"]
    return faults
