"""Policies against the texts that they were read from: each text is read as its document."""

from uuid import UUID

import orjson

from domain.kernel import canonical
from domain.kernel.database import rows
from domain.programmes import programmes, reader
from domain.programmes.programmes import Programme
from domain.programmes.refusals import PolicyInvalid
from domain.proof.evidence import UNREADABLE, Fault

VERSIONS_MAX = 20
"""Versions read at a time, with their texts."""

_proved: set[bytes] = set()
"""Digests of texts with the documents that they were proved to be read as: neither ever changes."""


async def readable(programme_id: UUID) -> Programme | None:
    """The programme of this id; None if there is none, or its policies cannot be read, which
    `programmes_read` reports.
    """
    try:
        return await programmes.get(await programmes.code_of(programme_id))
    except UNREADABLE:
        return None


async def programmes_read() -> list[Fault]:
    """Every programme whose policies cannot be read, whose figures are not compared, and books
    without a programme.
    """
    ids = await rows(
        "SELECT id, 'programme' AS what FROM programme "
        "UNION ALL SELECT programme_id, 'books' FROM books "
        "WHERE programme_id NOT IN (SELECT id FROM programme) ORDER BY 1"
    )
    return [
        Fault(one["what"], one["id"], None, "its programme", "unreadable", "one with policies")
        for one in ids
        if one["what"] == "books" or await readable(one["id"]) is None
    ]


async def texts(programme_id: UUID | None = None) -> list[Fault]:
    """Every version whose text is not read as its document, of one programme or of all."""
    faults: list[Fault] = []
    after = UUID(int=0)
    while found := await rows(
        "SELECT id, programme_id, document, source FROM policy_version "
        "WHERE source IS NOT NULL AND id > $1 AND ($3::uuid IS NULL OR programme_id = $3) "
        "ORDER BY id LIMIT $2",
        after,
        VERSIONS_MAX,
        programme_id,
    ):
        faults += [
            Fault(
                "policy_version",
                version["id"],
                None,
                "source",
                "a text of another document",
                "the text that reads to the stored document",
            )
            for version in found
            if not _reads_to(version["source"], version["document"])
        ]
        after = found[-1]["id"]
    return faults


def _reads_to(source: str, document: str) -> bool:
    """Whether the text belongs to the document, by the values of both."""
    digest = canonical.sha256([source, document])
    if digest not in _proved:
        try:
            if reader.reread(source) != reader.validate(orjson.loads(document)):
                return False
        except PolicyInvalid:
            return False
        _proved.add(digest)
    return True
