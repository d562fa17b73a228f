"""Commitments: of a text, made of random bytes, and written as themselves."""

import base64
import hashlib
import json

import orjson

from domain.kernel.commitments import Committed, commitment, committed


def test_a_commitment_is_sha_256_of_its_random_bytes_and_the_text() -> None:
    salt = bytes(range(16))

    made = Committed.to("来电：地址有误", salt)

    said = hashlib.sha256(salt + "来电：地址有误".encode()).digest()
    assert made == "sha256:" + base64.urlsafe_b64encode(said).decode().rstrip("=")
    assert len(made) == 50
    assert made == commitment(made.text, made.salt)
    assert (made.text, made.salt) == ("来电：地址有误", salt)


def test_two_commitments_to_one_text_have_nothing_in_common() -> None:
    one, other = Committed.to("no"), Committed.to("no")

    assert len(one.salt) == len(other.salt) == 16
    assert one.salt != other.salt
    assert one != other


def test_what_is_written_and_hashed_is_the_commitment() -> None:
    made = Committed.to("secret")

    assert orjson.dumps([made]) == f'["{made}"]'.encode()
    assert json.dumps(made) == f'"{made}"'
    assert "secret" not in repr(made) + f"{made}"


def test_where_there_is_no_text_there_is_no_commitment() -> None:
    assert committed(None) is None
