"""Cases of ownership about members: identity, contacts, points, and their end."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import models
from api.kit.relay import to_global_id
from domain.kernel.database import rows
from domain.referrals import friends
from tests.support import factories as make
from tests.support import referred
from tests.support.callers import TODAY
from tests.support.owned.cases import (
    Asked,
    Case,
    Place,
    ids_of,
    input_of,
    new_reference,
    node_of,
    numbers,
    of_member,
)


def _of_another(
    *, suspended: bool = False, **sent: Any
) -> Callable[[Place, Place], Awaitable[Asked]]:
    """About a new member, which no other case uses."""

    async def ask(place: Place, _: Place) -> Asked:
        reference = f"another-{uuid4().hex[:12]}"
        member_id = await make.enrol(place.programme, reference=reference, now=TODAY)
        if suspended:
            await make.suspend(place.programme, member_id, now=TODAY)
        return input_of(reference, member={"reference": reference}, **sent)

    return ask


async def _merging(place: Place, own: Place) -> Asked:
    """A merge of a new member into another new one."""
    asked = await _of_another(reason="enrolled twice")(place, own)
    sent = asked.variables["input"]
    into = f"into-{uuid4().hex[:12]}"
    await make.enrol(own.programme, reference=into, now=TODAY)
    merging = {"from": sent["member"], "into": {"reference": into}, "reason": sent["reason"]}
    return Asked({"input": merging}, asked.name, asked.absent)


async def _named(place: Place, _: Place) -> Asked:
    return Asked({"by": {"reference": place.reference}}, place.reference, "no-such-one")


async def _listed(place: Place, _: Place) -> Asked:
    return Asked({"text": place.reference}, place.reference, "no-such-one")


async def _member_node(place: Place, _: Place) -> Asked:
    there = str(to_global_id("Member", place.member_id))
    return Asked({"id": there}, there, str(to_global_id("Member", uuid4())))


async def _entry(place: Place) -> UUID:
    [first, *_] = await rows("SELECT id FROM ledger_entry WHERE member_id = $1", place.member_id)
    return UUID(str(first["id"]))


async def _transfer(place: Place, own: Place) -> Asked:
    to = await make.enrol(own.programme, now=TODAY)
    named: dict[str, Any] = {
        "from": {"reference": place.reference},
        "to": {"id": str(to_global_id("Member", to))},
    }
    return input_of(place.reference, points=1, **named)


async def _of_contact(place: Place, _: Place) -> Asked:
    """About an address that the member gave itself."""
    member = make.member_caller(place.programme, place.reference, place.member_id)
    address = f"{place.reference}-{next(numbers)}@example.com"
    await make.change(place.programme, place.member_id, caller=member, now=TODAY, email=address)
    return input_of(place.reference, member={"reference": place.reference}, kind="EMAIL")


async def _of_code(place: Place, own: Place) -> Asked:
    """About an address that the member gave itself, with the code that was sent to it."""
    asked = await _of_contact(place, own)
    sent_before = models.ContactCode.filter(member_id=place.member_id)
    await sent_before.update(asked=1)
    code = await make.contact_code(place.programme, place.member_id, now=TODAY)
    await sent_before.update(asked=1)
    sent = {**asked.variables["input"], "code": code}
    return Asked({"input": sent}, asked.name, asked.absent)


async def _referral(place: Place) -> UUID:
    """The referral of another friend of the member."""
    friend = await referred.bring(place.programme, place.member_id, now=TODAY)
    await referred.run(place.programme, TODAY)
    found = await friends.latest(friend)
    assert found is not None
    return found.id


async def _of_referral(place: Place, _: Place) -> Asked:
    there, absent = ids_of("Referral", place, await _referral(place))
    return input_of(there, absent, referral=there, approve=False, reason="the same person")


async def _review(place: Place) -> UUID:
    return await make.review(place.programme, place.member_id, now=TODAY)


async def _of_review(place: Place, _: Place) -> Asked:
    there, absent = ids_of("Review", place, await _review(place))
    return input_of(there, absent, review=there, approve=True, reason="looked at it")


async def _activity(place: Place) -> UUID:
    reference = f"V-{uuid4()}"
    return await make.act(
        place.programme, place.member_id, "browse", reference, caller=place.maker, now=TODAY
    )


async def _of_activity(place: Place, _: Place) -> Asked:
    there, absent = ids_of("Activity", place, await _activity(place))
    return input_of(there, absent, activity=there, reason="copied")


CASES: Mapping[str, Case] = {
    "member": Case("member", _named),
    "members": Case("members", _listed),
    "node of a member": Case("node", _member_node),
    "node of an entry": Case("node", node_of("LedgerEntry", _entry)),
    "node of an activity": Case("node", node_of("Activity", _activity)),
    "node of a referral": Case("node", node_of("Referral", _referral)),
    "updateMember": Case("updateMember", of_member(name="Li")),
    "requestContactCode": Case("requestContactCode", _of_contact),
    "proveContact": Case("proveContact", _of_code),
    "earnForActivity": Case("earnForActivity", of_member(type="share", reference=new_reference)),
    "transferPoints": Case("transferPoints", _transfer),
    "recordConsent": Case("recordConsent", of_member(purpose="PROFILING", granted=True)),
    "adjustPoints": Case("adjustPoints", of_member(points=5, reason="goodwill")),
    "reverseActivity": Case("reverseActivity", _of_activity),
    "assignTier": Case("assignTier", of_member(tier="platinum", reason="status match")),
    "suspendMember": Case("suspendMember", _of_another(reason="looks stolen")),
    "reinstateMember": Case("reinstateMember", _of_another(suspended=True, reason="it was not")),
    "closeMember": Case("closeMember", _of_another(forfeit=0, reason="asked for it")),
    "mergeMembers": Case("mergeMembers", _merging),
    "eraseMember": Case("eraseMember", of_member(confirm=1)),
    "exportMember": Case("exportMember", of_member()),
    "reviewReferral": Case("reviewReferral", _of_referral),
    "decideReview": Case("decideReview", _of_review),
    "node of a review": Case("node", node_of("Review", _review)),
}
