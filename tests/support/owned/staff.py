"""Cases of ownership about keys, drafts, back-tests, jobs and proposals."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import models
from api.kit.relay import to_global_id
from domain.backtests import backtests
from domain.backtests.backtests import BacktestSent
from domain.partners import partner_keys
from tests.support import factories as make
from tests.support.callers import TODAY
from tests.support.owned.cases import Asked, Case, Place, input_of


async def _key_id(place: Place) -> str:
    """The id of a new key of the partner; earlier ones made here are revoked."""
    await models.PartnerKey.filter(partner_id=place.maker.partner_id, label="further").update(
        revoked_at=TODAY
    )
    made = await partner_keys.issue(
        place.programme,
        UUID(str(place.maker.partner_id)),
        [],
        TODAY,
        environment="development",
        label="further",
    )
    return partner_keys.named(made)


def _of_key(name: str = "keyId", **sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        key_id = await _key_id(place)
        return input_of(key_id, "no-such-one", **{name: key_id}, **sent)

    return ask


async def _two_sources(place: Place, _: Place) -> Asked:
    text = make.written(place.programme.versions[0].policy)
    own = await make.draft(place.programme, text)
    named, absent = (str(to_global_id("PolicyDraft", one)) for one in (own, uuid4()))
    return Asked({"from": {"version": 1}, "to": {"draft": named}}, named, absent)


def _of_draft(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        text = make.written(place.programme.versions[0].policy)
        own = await make.draft(place.programme, text)
        named, absent = (str(to_global_id("PolicyDraft", one)) for one in (own, uuid4()))
        return input_of(named, absent, draft=named, **sent)

    return ask


def _of_backtest(name: str) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        request = make.request(make.staff(place.programme), now=TODAY)
        sent = BacktestSent(make.written(place.programme.versions[0].policy))
        made = await backtests.start(request, place.programme, sent)
        there = str(to_global_id("Backtest", UUID(made.figures["backtest_id"])))
        absent = str(to_global_id("Backtest", uuid4()))
        return (
            Asked({"id": there}, there, absent)
            if name == "id"
            else input_of(there, absent, backtest=there)
        )

    return ask


def _of_job(name: str) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        made = await make.start_import(place.programme, now=TODAY)
        there, absent = (str(to_global_id("Job", one)) for one in (made, uuid4()))
        return (
            Asked({"id": there}, there, absent)
            if name == "id"
            else input_of(there, absent, job=there)
        )

    return ask


def _of_proposal(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        own = await make.propose(place.programme, now=TODAY)
        there, absent = (str(to_global_id("Proposal", one)) for one in (own, uuid4()))
        return input_of(there, absent, proposal=there, **sent)

    return ask


CASES: Mapping[str, Case] = {
    "rotateKey": Case("rotateKey", _of_key("key", hours=0)),
    "revokeKey": Case("revokeKey", _of_key("key")),
    "revokePartnerKey": Case("revokePartnerKey", _of_key()),
    "rotatePartnerKey": Case("rotatePartnerKey", _of_key()),
    "updatePartnerKey": Case("updatePartnerKey", _of_key(label="till")),
    "diffPolicy of a draft": Case("diffPolicy", _two_sources),
    "publishPolicy of a draft": Case("publishPolicy", _of_draft()),
    "saveDraft": Case("saveDraft", _of_draft(revision=1, document="")),
    "deleteDraft": Case("deleteDraft", _of_draft()),
    "backtest": Case("backtest", _of_backtest("id")),
    "job": Case("job", _of_job("id")),
    "cancelJob": Case("cancelJob", _of_job("job")),
    "cancelBacktest": Case("cancelBacktest", _of_backtest("backtest")),
    "approveProposal": Case("approveProposal", _of_proposal()),
    "rejectProposal": Case("rejectProposal", _of_proposal(reason="too early")),
}
