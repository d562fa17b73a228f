"""Whatever is looked up and not found is named as it was sent, and never by the id of a row."""

import re
from collections.abc import Iterator
from itertools import cycle, product
from typing import Any

import pytest
from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from api.kit.relay import from_global_id, to_global_id
from domain.kernel.ids import new_id
from tests.support.callers import (
    PROBLEM,
    Client,
    codes,
    fresh_key,
    input_type,
    mutation_text,
    payload_of,
)
from tests.support.mutations import INPUTS
from tests.support.operations import published
from tests.support.queries import QUERIES
from tests.support.things import Things, furnished

pytestmark = pytest.mark.usefixtures("database")

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""How a row's id is written."""

LANGUAGES = "en", "zh-CN"
OF_OTHERS = ("fulfilRedemption", "rotateKey", "revokeKey", "deleteWebhook", "pingWebhook")
"""Mutations about what the partner that calls them has, each sent what another has."""


def strangers(things: Things, other: Things, was: Any) -> set[str]:
    """Ids that name nothing here: nonsense, of another type, of no row, of another programme."""
    whole = was[0] if isinstance(was, list) and was else was
    found = from_global_id(whole) if isinstance(whole, str) else None
    nothing = to_global_id("Nothing", new_id(), member_id=new_id())
    strange = {"nonsense", nothing, other.member_id, to_global_id("Member", new_id())}
    if found is None:
        return set(map(str, strange))
    whose = [new_id(), found.member_id] if found.member_id else [None]
    strange |= {to_global_id(found.type_name, new_id(), member_id=one) for one in whose}
    for one in vars(other).values():
        alike = from_global_id(one) if isinstance(one, str) else None
        if alike is not None and alike.type_name == found.type_name:
            strange.add(one)
    return set(map(str, strange))


def fields_of(root: str) -> dict[str, GraphQLInputField]:
    taken = published().type_map[input_type(root)]
    assert isinstance(taken, GraphQLInputObjectType)
    return dict(taken.fields)


def places(fields: dict[str, Any], known: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """The name, the kind, and what is known of every argument that names an object by an id."""
    for name, one in fields.items():
        kind = get_named_type(one.type).name
        if kind in ("ID", "MemberBy"):
            listed = is_list_type(get_nullable_type(one.type))
            yield name, "list" if listed else kind, known.get(name)


def changed(kind: str, strange: str) -> Any:
    if kind == "MemberBy":
        return {"id": strange}
    return [strange] if kind == "list" else strange


async def told(client: Client, root: str, sent: dict[str, Any]) -> list[Any]:
    """What is not found, each of which is named by what was sent at its path."""
    answer = await client.ask(mutation_text(root), input={**sent, "idempotencyKey": fresh_key()})
    if "errors" in answer:
        assert codes(answer) == ["FORBIDDEN"], (root, sent, answer)
        return []
    problems = payload_of(answer, root)["errors"]
    assert not UUID_TEXT.search(str(problems)), (root, sent, problems)
    found = [one for one in problems if one["code"] == "NOT_FOUND"]
    for one in found:
        at: Any = sent
        for step in one["path"]:
            at = at[int(step)] if isinstance(at, list) else at[step]
        named = next(iter(at.values())) if isinstance(at, dict) else at
        assert one["value"] == named, (root, sent, one)
        assert named in one["message"], (root, sent, one)
    return found


async def test_mutations_name_what_they_do_not_find_as_it_was_sent() -> None:
    things, other = await furnished(), await furnished()
    reached, languages = set(), cycle(LANGUAGES)
    for root in INPUTS:
        sent = INPUTS[root](things)
        for name, kind, was in places(fields_of(root), sent):
            known = {} if root == "publishPolicy" else sent
            for strange in strangers(things, other, was):
                asked = {**known, name: changed(kind, strange)}
                client = things.stage.staff().reading(next(languages))
                found = await told(client, root, asked)
                reached |= {(root, one["path"][0]) for one in found}
    taken = {(root, name) for root in INPUTS for name, *_ in places(fields_of(root), {})}
    assert sorted(taken - reached) == []


async def test_what_is_another_partners_is_named_as_it_was_sent() -> None:
    things = await furnished()
    partner = await things.stage.partner()
    reached = set()
    for language in LANGUAGES:
        for root in ("earnForBooking", *OF_OTHERS):
            sent = INPUTS[root](things)
            if root == "earnForBooking":
                sent |= {"quoteId": things.quote_id, "reference": f"Q-{language}"}
            if await told(partner.reading(language), root, sent):
                reached.add(root)
    assert reached == {"earnForBooking", *OF_OTHERS}


async def test_queries_name_what_they_do_not_find_as_it_was_sent() -> None:
    things, other = await furnished(), await furnished()
    lines = [{"product": "hotel", "amount": "100"}]
    for language, strange in product(LANGUAGES, strangers(things, other, things.member_id)):
        staff = things.stage.staff().reading(language)
        by = {"id": strange}
        for root in ("quoteEarning", "quoteOffset"):
            kind = f"{root[0].upper()}{root[1:]}Input"
            asked = (
                f"query($input: {kind}!) {{ {root}(input: $input) {{ errors {{ {PROBLEM} }} }} }}"
            )
            data = await staff.read(asked, input={"member": by, "lines": lines})
            check(data[root]["errors"], strange)
        asked = f"""query($member: MemberBy) {{ previewNotice(kind: "welcome", channel: EMAIL,
            locale: "en", member: $member) {{ errors {{ {PROBLEM} }} }} }}"""
        check((await staff.read(asked, member=by))["previewNotice"]["errors"], strange)
    for strange in strangers(things, other, things.draft_id):
        document, _ = QUERIES["lintPolicy"]
        answer = await things.stage.staff().ask(document, source={"draft": strange})
        assert strange in answer["errors"][0]["message"]


def check(problems: list[Any], strange: str) -> None:
    [problem] = problems
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["member"])
    assert problem["value"] == strange
    assert strange in problem["message"]


async def test_other_queries_say_nothing_of_what_they_do_not_find() -> None:
    """They answer null or nothing, and no id of a row in an error."""
    things, other = await furnished(), await furnished()
    roots = set()
    for root, (document, variables) in QUERIES.items():
        for name, was in variables(things).items():
            by = isinstance(was, dict) and was.keys() == {"reference"}
            if not by and (not isinstance(was, str) or from_global_id(was) is None):
                continue
            roots.add(root)
            for strange in strangers(things, other, things.member_id if by else was):
                sent = {**variables(things), name: {"id": strange} if by else strange}
                answer = await things.stage.staff().ask(document, **sent)
                assert not UUID_TEXT.search(str(answer.get("errors"))), (root, answer)
    assert roots >= {"member", "redemption", "backtest", "explain", "receipt", "job", "node"}
