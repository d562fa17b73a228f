"""Partners and their keys from the command line."""

import hashlib

import pytest

from ops.commands import operator, partners
from ops.errors import OperationError
from ops.postgres.connections import connection
from tests.support.commands import Commands


async def test_a_partners_key_is_printed_once(ota: Commands) -> None:
    options = ["--programme", "ota", "--name", "Hotels", "--scopes", "earn,read"]
    done = ota.run("partner", "create", "hotels", *options)
    assert done.stderr == "this is the only time that the key of hotels is shown\n"
    key = done.stdout.strip()
    marked, environment, key_id, secret = key.split("_")
    assert (marked, environment, len(secret)) == ("mp", "development", 64)
    async with connection(ota.database.owner) as owner:
        row = await owner.fetchrow("SELECT * FROM partner_key WHERE id = $1", key_id)
    assert row["scopes"] == "earn read"
    assert row["secret_sha256"] == hashlib.sha256(secret.encode()).digest()

    again = ota.refusal("partner", "create", "hotels", *options)
    assert again == "there is a partner 'hotels' already: `partner key hotels` makes another key"
    other = ota.output("partner", "key", "hotels", "--programme", "ota", "--scopes", "earn")
    assert other.strip() != key
    async with connection(ota.database.owner) as owner:
        told = await owner.fetch(
            "SELECT actor, operation, subject FROM audit WHERE operation <> 'publishPolicy' "
            "ORDER BY sequence"
        )
    typed = [(row["actor"], row["operation"], row["subject"].split(":")[0]) for row in told]
    keys = (operator.name(), "createKey", "partner_key")
    assert typed == [(operator.name(), "createPartner", "partner"), keys, keys]


@pytest.mark.parametrize("scopes", ["eat", "earn,eat", ""])
def test_scopes_are_those_known(scopes: str) -> None:
    with pytest.raises(OperationError) as refused:
        partners.key("x", programme="ota", scopes=scopes)
    known = "members,earn,redeem,fulfil,read,members:read,codes,manage,all_partners"
    assert str(refused.value) == f"--scopes takes some of {known}, not {scopes!r}"


def test_a_partner_that_is_not_there(ota: Commands) -> None:
    key = ["partner", "key", "x", "--scopes", "earn", "--programme"]
    assert ota.refusal(*key, "ota") == "there is no partner 'x'"
    assert ota.refusal(*key, "nix") == "there is no programme 'nix'"
    long = "x" * 65
    assert ota.refusal(*key, long) == f"there is no programme '{long}'"
    key[2] = long
    assert ota.refusal(*key, "ota") == f"there is no partner '{long}'"


def test_a_development_key_is_always_the_same(ota: Commands) -> None:
    token = ["token", "--programme", "ota", "--partner", "hotels"]
    assert ota.refusal(*token) == "there is no partner 'hotels'"
    options = ["--programme", "ota", "--name", "Hotels", "--scopes", "earn"]
    ota.output("partner", "create", "hotels", *options)
    first = ota.output(*token)
    assert first.startswith("mp_development_")
    assert first.count("\n") == 1
    assert ota.output(*token) == first
    # whoever tries out to revoke it has another from then on
    ota.run("partner", "revoke", first.strip(), "--programme", "ota")
    second = ota.output(*token)
    assert second != first
    assert ota.output(*token) == second


def test_production_has_no_development_keys(ota: Commands) -> None:
    options = ["--programme", "ota", "--name", "Hotels", "--scopes", "earn"]
    production = {
        "MILEPOST_ENVIRONMENT": "production",
        "MILEPOST_SECRET_KEY": "0" * 43,
        "MILEPOST_SEAL_KEYS": "2026:" + "0" * 43 + "=",
        "MILEPOST_JWKS_URL": "https://example.com/keys",
        "MILEPOST_JWT_ISSUER": "https://example.com",
        "MILEPOST_JWT_AUDIENCE": "milepost",
        "MILEPOST_JWT_PROGRAMMES": "ota",
    }
    made = ota.output("partner", "create", "hotels", *options, **production)
    assert made.startswith("mp_production_")
    said = ota.refusal("token", "--programme", "ota", "--partner", "hotels", **production)
    assert said.startswith("MILEPOST_ENVIRONMENT: production does not accept tokens signed here")


async def test_a_key_is_revoked_for_ever(ota: Commands) -> None:
    options = ["--programme", "ota", "--name", "Hotels", "--scopes", "earn"]
    key_id = ota.output("partner", "create", "hotels", *options).split("_")[2]
    revoke = ["partner", "revoke", key_id, "--programme"]
    done = ota.run(*revoke, "ota")
    assert done.stderr == f"the key {key_id} is refused from now on\n"
    async with connection(ota.database.owner) as owner:
        query = "SELECT revoked_at FROM partner_key WHERE id = $1"
        revoked_at = await owner.fetchval(query, key_id)
        assert revoked_at is not None
        ota.run(*revoke, "ota")
        assert await owner.fetchval(query, key_id) == revoked_at
    absent = ota.refusal("partner", "revoke", "x", "--programme", "ota")
    assert absent == "there is no key 'x'"


def test_a_key_is_listed_labelled_ended_and_rotated(ota: Commands) -> None:
    options = ["--programme", "ota", "--scopes", "earn"]
    first = ota.output(
        "partner", "create", "hotels", "--name", "Hotels", *options, "--label", "desk"
    ).strip()
    prefix = first.rpartition("_")[0]
    ended = ota.refusal("partner", "key", "hotels", *options, "--expires", "2020-01-01")
    assert ended.startswith("1 January 2020, 00:00 is not in the future")
    ota.output("partner", "key", "hotels", *options, "--expires", "2126-01-31")

    nothing = ota.refusal("partner", "change", prefix, "--programme", "ota")
    assert nothing == "say what to change: --label, --expires or both"
    change = ["partner", "change", prefix, "--programme", "ota"]
    assert ota.run(*change, "--label", "front desk", "--expires", "2126-03-16").returncode == 0
    rotated = ota.run("partner", "rotate", first, "--programme", "ota", "--expires", "never")
    new = rotated.stdout.strip()
    assert rotated.stderr == (
        f"this is the only time that the key is shown; {prefix.split('_')[2]} is refused in 24 "
        "hours at the latest\n"
    )
    again = ota.refusal("partner", "rotate", prefix, "--programme", "ota")
    assert again == (
        f"The key '{prefix.split('_')[2]}' is replaced; a key that has ended cannot be changed."
    )

    heading, *shown = ota.output("partner", "keys", "--programme", "ota").splitlines()
    assert heading.split()[:3] == ["key", "partner", "status"]
    newest, _, oldest = (" ".join(line.split()) for line in shown)
    assert newest == f"{new.rpartition('_')[0]} hotels live never never earn front desk"
    assert oldest.startswith(f"{prefix} hotels replaced 20")
    secrets = {one.rpartition("_")[2] for one in (first, new)}
    assert not any(secret in " ".join(shown) for secret in secrets)
    named = ["partner", "keys", "--programme", "ota", "--partner"]
    assert ota.refusal(*named, "nix") == "there is no partner 'nix'"
