"""Nothing that anybody typed about a person is left of who was erased."""

from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema, build_schema, get_named_type

import models
from domain.jobs.jobs import ExportKind
from domain.kernel import secrecy
from domain.kernel.database import rows
from domain.redemptions.delivery_details import DeliverySent
from ops.settings import ROOT
from tests.api import test_contact_codes as codes
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage
from tests.support.mailed import mailbox
from tests.support.mutations import INPUTS
from tests.support.things import furnish

pytestmark = pytest.mark.usefixtures("database")

WORD = "Zq9Kwxw"
"""What nobody else writes: part of every text, name and address that the test sends."""

BEFORE_THE_KEY = 16
"""How much of what is encrypted begins alike, whatever its key."""

DIGITS, BORN = "13955512", "1911-11-11"

TEXTS = """
AdjustPointsInput.reason AnswerFeedbackInput.text AssignTierInput.reason
CancelRedemptionInput.reason ClaimPointsInput.reference ClaimPointsInput.text
CloseMemberInput.reason CompleteBookingInput.reason DecideReviewInput.reason DecideClaimInput.reason
DeliveryInput.address DeliveryInput.note
DeliveryInput.recipient EnrolMemberInput.name EnrolMemberInput.reference ExtendCouponInput.reason
FulfilRedemptionInput.tracking MergeMembersInput.reason RegisterPushInput.address
ReinstateMemberInput.reason RejectOrderInput.reason ReverseActivityInput.reason
ReviewReferralInput.reason ShipRedemptionInput.tracking SubmitFeedbackInput.text
SuspendMemberInput.reason TransferPointsInput.note UpdateMemberInput.name
"""

PERSONAL: dict[str, Any] = {
    **dict.fromkeys(TEXTS.split(), lambda number: f"{WORD} {number}"),
    **dict.fromkeys(
        ("EnrolMemberInput.email", "UpdateMemberInput.email", "ReportBounceInput.address"),
        lambda number: f"{WORD}{number}@example.com",
    ),
    **dict.fromkeys(
        ("EnrolMemberInput.phone", "UpdateMemberInput.phone", "DeliveryInput.phone"),
        lambda number: f"+86{DIGITS}{number:03}",
    ),
    **dict.fromkeys(("EnrolMemberInput.birthday", "UpdateMemberInput.birthday"), lambda _: BORN),
    **dict.fromkeys(
        (
            "EnrolMemberInput.profile",
            "UpdateMemberInput.profile",
            "EarnForActivityInput.attributes",
        ),
        lambda number: {"said": [WORD, number]},
    ),
    **dict.fromkeys(
        (
            *("EarnForActivityInput.signals", "EarnForBookingInput.signals"),
            *("EnrolMemberInput.signals", "RedeemOnBookingInput.signals"),
            *("RedeemRewardInput.signals", "TransferPointsInput.signals"),
        ),
        lambda number: {"device": f"{WORD} {number}"},
    ),
    "ClaimPointsInput.links": lambda number: [f"https://example.com/{WORD}/{number}"],
}
"""What is personal of what can be typed, each with what is sent of it."""

APPOINTMENT = "APPOINTMENT"

BY_HAND = {
    "DeliveryInput.place",
    "RedeemRewardInput.partnerAccount",
    "RejectProposalInput.reason",
    "RevokeSessionsInput.reason",
}
"""What only a reward, or a proposal, of its own kind takes."""

LOOKED_UP = """
MemberBy.email MemberBy.phone MemberBy.reference MemberBy.referralCode
EnrolMemberInput.referralCode LiftSuppressionInput.address RemovePushInput.address
ProveContactInput.code ProveContactInput.value RevokeSessionsInput.subject
"""
"""What is looked up, or compared, and kept by none of these."""

NAMES = """
AmendBookingInput.booking AmendBookingInput.reference BuyPointsInput.reference
CompleteBookingInput.booking UseBenefitInput.reference
EarnForActivityInput.reference EarnForBookingInput.reference UseCouponInput.code
EarnForBookingInput.couponCode EarnForBookingInput.paymentMethod
DecideClaimInput.paymentMethod ExtendCouponInput.code FulfilRedemptionInput.reference
GuaranteeQuoteInput.couponCode GuaranteeQuoteInput.paymentMethod
RedeemOnBookingInput.couponCode RefundBookingInput.booking RefundBookingInput.reference
ReturnBenefitInput.reference SettleStatementInput.reference ConsentInput.textVersion
RecordConsentInput.textVersion
"""
"""Names that systems give to what happened."""

CODES = """
AdjustPointsInput.expiresOn AssignTierInput.tier BookingLineInput.attributes
BookingLineInput.product BookingLineInput.travelFrom BookingLineInput.travelTo
ClaimPointsInput.on ClaimPointsInput.partner EarnForActivityInput.type
ExtendCouponInput.validUntil RedeemRewardInput.reward UseBenefitInput.benefit
ReturnBenefitInput.benefit StartBacktestInput.segment StartImportInput.reward
StartImportInput.segment
"""
"""Codes of the policy and the catalogue, and days."""

NOT_PERSONAL = {*LOOKED_UP.split(), *NAMES.split(), *CODES.split()}
"""What says nothing of a person; whole types that are of a programme stand in `OF_PROGRAMMES`."""

OF_PROGRAMMES = {
    *(
        "AdjustStockInput",
        "BuyPointsInput",
        "ClosePeriodInput",
        "CloseStatementInput",
        "CreateKeyInput",
    ),
    *("PolicySource", "PublishPolicyInput", "PublishTemplateInput", "RewardInput"),
    *("RotatePartnerKeyInput", "SaveAnnouncementInput", "SaveDraftInput", "SavePartnerInput"),
    *("SavePartnerTermsInput", "SaveWebhookInput", "StopExperimentInput", "UpdatePartnerKeyInput"),
}

TYPED = ("String", "JSON", "Date")


def typed(kind: GraphQLInputObjectType) -> dict[str, str]:
    """The texts, objects and days that an input takes, and those in it; named by type and field,
    each with the name of its type.
    """
    found: dict[str, str] = {}
    for name, one in kind.fields.items():
        of = get_named_type(one.type)
        if isinstance(of, GraphQLInputObjectType):
            found |= typed(of)
        elif of.name in TYPED and name != "idempotencyKey":
            found[f"{kind.name}.{name}"] = of.name
    return found


def with_words(kind: GraphQLInputObjectType, sent: dict[str, Any], number: int) -> dict[str, Any]:
    """The input with what is personal put into every field that takes it."""
    made = dict(sent)
    for name, one in kind.fields.items():
        of, field = get_named_type(one.type), f"{kind.name}.{name}"
        if isinstance(of, GraphQLInputObjectType) and isinstance(made.get(name), dict):
            made[name] = with_words(of, made[name], number)
        elif field in PERSONAL:
            made[name] = PERSONAL[field](number)
    return made


def input_of(schema: GraphQLSchema, mutation: str) -> GraphQLInputObjectType:
    assert schema.mutation_type is not None
    kind = get_named_type(schema.mutation_type.fields[mutation].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    return kind


async def say_everywhere(stage: Stage, schema: GraphQLSchema) -> set[str]:
    """Send what is personal in every mutation that takes it, about members of the programme, until
    each was done once; which fields it was sent in.
    """
    staff = stage.staff()
    waiting = [one for one in INPUTS if typed(input_of(schema, one)).keys() & PERSONAL.keys()]
    sent, number = set(), 0
    for turn in range(4):
        things = await furnish(stage, f"person-{turn}", f"1380013800{turn}")
        refused = []
        for mutation in waiting:
            number += 1
            kind = input_of(schema, mutation)
            whole = with_words(kind, INPUTS[mutation](things), number)
            payload = await staff.do(mutation, sent=whole)
            if payload["errors"]:
                refused.append((mutation, payload["errors"]))
            else:
                sent |= typed(kind).keys() & PERSONAL.keys()
        waiting = [mutation for mutation, _ in refused]
    assert refused == []
    return sent


async def where_it_stands() -> set[str]:
    """The tables with a row that has any of it, the queue's too, also where it is encrypted."""
    tables = await rows(
        "SELECT tablename AS name, format('%I.%I', schemaname, tablename) AS place FROM pg_tables "
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    encrypted = {name: column for name, (column, _) in models.ENCRYPTED.items()}
    encrypted["contact"] = "value"
    found = set()
    for one in tables:
        name = one["name"]
        texts = await rows(f"SELECT t::text AS one FROM {one['place']} t")
        said = [row["one"] for row in texts]
        if name in encrypted:
            kept = await rows(
                f"SELECT {encrypted[name]} AS value FROM {name} WHERE {encrypted[name]} IS NOT NULL"
            )
            said += [str(secrecy.shown(row["value"])) for row in kept]
        whole = "\n".join(said).lower()
        if any(word in whole for word in (WORD.lower(), DIGITS, BORN)):
            found.add(name)
    return found


async def encrypted() -> set[tuple[str, str]]:
    """The columns that have an encrypted value, by table."""
    tables = await rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    found = set()
    for one in tables:
        name = one["tablename"]
        columns = await rows(
            f"SELECT DISTINCT said.key FROM {name} t, jsonb_each_text(to_jsonb(t)) said "
            "WHERE said.value LIKE $1 || '%'",
            secrecy.current_beginning()[:BEFORE_THE_KEY],
        )
        found |= {(name, column["key"]) for column in columns}
    return found


async def test_nothing_personal_is_left_of_who_was_erased(
    capsys: pytest.CaptureFixture[str],
) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
    assert schema.mutation_type is not None
    mutations = schema.mutation_type.fields
    every = {field for one in mutations for field in typed(input_of(schema, one))}
    unknown = {
        field
        for field in every - PERSONAL.keys() - BY_HAND - NOT_PERSONAL
        if field.partition(".")[0] not in OF_PROGRAMMES
    }
    assert unknown == set(), "say of what is new whether it is personal"
    stage = await open_stage()
    programme = stage.programme

    assert await say_everywhere(stage, schema) == PERSONAL.keys()
    kept = {(table, column) for table, (column, _) in models.ENCRYPTED.items()}
    ending = {(table, one) for table, columns in models.NOT_REWRITTEN.items() for one in columns}
    assert kept <= await encrypted() <= kept | ending, "say of what is new whether it is rewritten"
    one = await make.rich_member(programme, 500, now=TODAY, reference=f"{WORD}-by-hand")
    own = make.member_caller(programme, f"{WORD}-by-hand", one)
    await make.change(programme, one, caller=own, profile={"said": WORD, "tags": [WORD]}, now=TODAY)
    await make.book(programme, one, ("hotel", "100"), now=TODAY)
    miles = await make.reward(programme, list_points=10, kind="PARTNER")
    await make.redeem(programme, one, miles, partner_account=WORD, now=TODAY)
    meeting = await make.reward(programme, list_points=10, kind="SERVICE", requires=APPOINTMENT)
    when: dict[str, Any] = {
        "from_at": TODAY + timedelta(days=3),
        "until_at": TODAY + timedelta(days=4),
    }
    there = DeliverySent(recipient=WORD, phone=f"+86{DIGITS}999", place=WORD, **when)
    await make.redeem(programme, one, meeting, delivery=there, now=TODAY)
    much: dict[str, Any] = {
        "member": {"reference": f"{WORD}-by-hand"},
        "points": 10**6,
        "reason": WORD,
    }
    proposed = await stage.staff().done("adjustPoints", "proposal { id }", **much)
    no = {"proposal": proposed["proposal"]["id"], "reason": WORD}
    await stage.staff("lee").done("rejectProposal", **no)
    out = {"subject": f"{WORD}-by-hand", "reason": WORD}
    await stage.staff().done("revokeSessions", **out)
    job = await make.start_import(programme, now=TODAY)
    brought = {"reference": f"{WORD}-by-hand", "name": WORD}
    refused = {"reference": f"{WORD}-by-hand", "birthday": "yesterday"}
    await make.send_rows(programme, job, brought, refused)
    await make.do_imports(programme, TODAY)
    await make.export(programme, ExportKind.MEMBERS, now=TODAY)
    before = await where_it_stands()
    assert before >= {
        "contact",
        "member",
        "private_text",
        "audit_reason",
        "claim",
        "feedback",
        "delivery_detail",
    }
    assert before >= {
        "import_row",
        "lookup",
        "push_address",
        "proposal",
        "proposal_decision",
        "coupon_code",
    }

    held = await rows(
        "SELECT r.member_id, r.id FROM redemption r JOIN member m ON m.member_id = r.member_id "
        "WHERE m.programme_id = $1 AND r.status = 'HELD'",
        programme.id,
    )
    for redemption in held:
        await make.cancel(programme, *redemption.values(), caller=make.staff(programme), now=TODAY)
    members = await rows("SELECT member_id FROM member WHERE programme_id = $1", programme.id)
    for member in members:
        balances = (await make.state(member["member_id"], TODAY)).balances
        points = balances.available + balances.pending
        await make.erase(programme, member["member_id"], points, now=TODAY)

    assert await where_it_stands() == set()
    assert (
        await rows(
            "SELECT number FROM export_part p JOIN job j ON j.id = p.job_id "
            "WHERE j.programme_id = $1",
            programme.id,
        )
        == []
    )
    assert WORD.lower() not in capsys.readouterr().out.lower()
    assert [await make.faults(member["member_id"]) for member in members] == [[]] * len(members)


async def test_what_a_server_said_of_an_address_goes_and_a_code_that_waits() -> None:
    async with mailbox() as box:
        box.answer = lambda _: f"451 4.3.0 {WORD} has no room"
        programme = await make.establish()
        address, worker = f"{WORD}@example.com", codes.working(programme, box)
        own = await codes.member(programme, WORD, address)
        await codes.ask(programme, own)
        await worker.work()
        said = "SELECT answer, error FROM delivery_attempt WHERE member_id = $1"
        [attempt] = await rows(said, own)
        assert WORD.lower() in str(attempt).lower()
        kept = "SELECT digest, sealed FROM contact_code WHERE member_id = $1"
        [code] = await rows(kept, own)
        assert None not in code.values()

        await make.erase(programme, own)

        assert await rows(said, own) == [{"answer": "erased", "error": None}]
        assert await rows(kept, own) == [{"digest": None, "sealed": None}]
        assert {"delivery_attempt", "contact_code", "outbox_event"}.isdisjoint(
            await where_it_stands()
        )
        # nobody is written to any more
        box.answer = lambda _: "250 OK"
        await worker.until(make.NOW + timedelta(days=1))
        assert box.got == []
    assert await make.faults(own) == []
