"""Requests about policies, back-tests and partners: what they are compared by never changes."""

from uuid import UUID

import pytest

from domain.approvals import approvals
from domain.backtests import backtests
from domain.backtests.backtests import BacktestSent
from domain.kernel.callers import Scope
from domain.kernel.idempotency import Outcome, Request
from domain.partners import key_life, partners
from domain.partners.key_life import KeyNamed, KeySent, Terms
from domain.partners.partners import PartnerSent
from domain.programmes import drafts, programmes
from domain.programmes.drafts import DraftSent
from domain.programmes.programmes import Programme
from domain.programmes.sources import OfDraft, OfVersion
from tests.support.pinned import AT, FIRST, Call, answer_again

DOCUMENT = """
programme: pinned
name: {zh-CN: 积分, en: Points}
timezone: Asia/Shanghai
currency: CNY
products: [flight]
facts: {oldest_days: 365}
points: {worth: {points: 100, money: 1}, available: at_payment}
tiers:
  basis: spend
  window: lifetime
  levels: [{code: silver, name: {zh-CN: 白银, en: Silver}, threshold: 0}]
"""


async def _rotated(request: Request, programme: Programme, terms: Terms) -> Outcome:
    operation, named = "rotatePartnerKey", KeyNamed(programme, "0011")
    return (await key_life.rotate_once(request, operation, named, terms, AT))[0]


async def _made(request: Request, programme: Programme, sent: KeySent) -> Outcome:
    return (await key_life.create(request, programme, sent, "test", AT))[0]


REQUESTS: dict[str, tuple[Call, str]] = {
    "publishPolicy: least": (
        lambda request, _: programmes.publish(request, DOCUMENT),
        "3f5cbfd6af0b46c96dc2627ecc799fde30f0d1b6c6889c08a9c5cb0dff76a902",
    ),
    "publishPolicy: all": (
        lambda request, _: programmes.publish(
            request, DOCUMENT, effective_from=AT, note="a season"
        ),
        "27c6e66a30bcea3cce58591af92693cb389f121d287d6607374cffa50b68f084",
    ),
    "publishPolicy: version": (
        lambda request, _: programmes.publish(request, OfVersion(1)),
        "c16a93f25e5f0c6bd41378d83ccd9ef3f453b0e389a1498fb1476cd49267fc53",
    ),
    "publishPolicy: draft": (
        lambda request, _: programmes.publish(request, OfDraft(FIRST, "x")),
        "6aba5ffe1667a7e10a2997cd97257ffa6286a2d6ccffe80384c7ea7945a4aa23",
    ),
    "approveProposal": (
        lambda request, programme: approvals.approve(request, programme, FIRST, "x"),
        "b55167c9d9dca711f7be6ac8eb52583788186787ab95829110ef5357b257d154",
    ),
    "rejectProposal": (
        lambda request, _: approvals.reject(request, FIRST, "x", "too early"),
        "225b6c16bcf6aadd73ba68e8c6476587e26868bf6fdf93c68b56250c296a0664",
    ),
    "saveDraft: least": (
        lambda request, _: drafts.save(request, DraftSent("a", name="Spring")),
        "eecec81d4f8382b6c8260ae725646b7b689fe609fb9dea1a84c862ff1c99fb8c",
    ),
    "saveDraft: all": (
        lambda request, _: drafts.save(request, DraftSent("a", FIRST, 2, "Spring", "x")),
        "e8221897b3373e12ada71c66834928825b6a56811264c361e3f396f7c7bfe48f",
    ),
    "deleteDraft": (
        lambda request, _: drafts.delete(request, FIRST, "x"),
        "eda69feb6f9d476289e5b382b7553fc990e44b693007ebf74cebd06d0e0a204b",
    ),
    "startBacktest: least": (
        lambda request, programme: backtests.start(request, programme, BacktestSent(DOCUMENT)),
        "13d2b730fc722e1bd97f1f3c7f09a26cb22227003e31838a5b314d979c84d5d9",
    ),
    "startBacktest: all": (
        lambda request, programme: backtests.start(
            request, programme, BacktestSent(OfVersion(1), OfVersion(1), AT, AT, AT)
        ),
        "c1f779118757128d316df33df2cac409ee7d6fa6ee39343d805b35693a38d7dd",
    ),
    "cancelBacktest": (
        lambda request, programme: backtests.cancel(request, programme, UUID(int=1)),
        "530010a2e1c26017da6e0aea1f7bdaa0c90ecd7daf0cfd950d4232649a77ec96",
    ),
    "revokePartnerKey": (
        lambda request, programme: key_life.revoke_once(
            request, "revokePartnerKey", KeyNamed(programme, "mp_test_0011_x"), AT
        ),
        "860561cce8df8442c2dd32226aeb0a59cebfbba466f7e6a506a3f9b3664baeda",
    ),
    "rotatePartnerKey: least": (
        lambda request, programme: _rotated(request, programme, Terms()),
        "4ec2046ab6887ce76a2b0abe56f6a9927d37527c0c2b463700c7c149c0c74248",
    ),
    "rotatePartnerKey: all": (
        lambda request, programme: _rotated(request, programme, Terms("till", AT, True, True)),
        "a4ae385d4f4076ed8f3a68e1e20fb8b69407c56a09f8d60c164995c7b2ba115b",
    ),
    "updatePartnerKey": (
        lambda request, programme: key_life.change_once(
            request, KeyNamed(programme, "0011"), Terms(None, AT, True, True), AT
        ),
        "61067b6c634655ef29ad55ac8d9ac8944eb780dff079f6cdb6e74d2f5643b741",
    ),
    "createKey": (
        lambda request, programme: _made(
            request, programme, KeySent("shop", "till", (Scope.EARN, Scope.READ), AT)
        ),
        "ba06c36599083a9530356cc1a1fe2f1b529a973085ba48cebe8d44797569db24",
    ),
    "savePartner": (
        lambda request, _: partners.save(
            request, PartnerSent("shop", "Shop", (Scope.EARN, Scope.READ))
        ),
        "9fab3fca4e242104d23252d74c114c810fa8371d58bc481ba9c4402a8c187dca",
    ),
}
"""Each mutation as it may be sent, and the digest that its key stands for."""


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_is_known_by_what_was_stored(name: str) -> None:
    await answer_again(*REQUESTS[name])
