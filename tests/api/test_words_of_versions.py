"""What was judged is told in the words of the version that judged, whatever later ones drop."""

import pytest

from api.statement_page import Printed, render
from domain.ledger import statement_lines, statements
from domain.members import identity
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import open_stage

pytestmark = pytest.mark.usefixtures("database")

TEXT = (make.SHIPPED / "ota.yaml").read_text()
TOLD = """{ me { ledger { edges { node { description explanation { code text }
    booking { awards { rule text } } } } } } }"""
LINE = {"product": "flight", "amount": "2000"}


async def test_a_dropped_rule_keeps_its_words() -> None:
    stage = await open_stage()
    member, partner, staff = stage.member(), await stage.partner(), stage.staff()
    await member.done("enrolMember")
    shared = {"type": "share", "reference": "S-1"}
    told = "explanation { text } awards { text }"
    first = await member.done("earnForActivity", told, key="k", **shared)
    await partner.book("B-1", LINE)
    before = await member.read(TOLD)

    text = TEXT.replace("programme: ota", f"programme: {stage.programme.code}", 1)
    for code in ("share", "flight_over_2000"):
        assert f"code: {code}\n" in text
        text = text.replace(f"code: {code}\n", f"code: other_{code}\n", 1)
    await staff.done("publishPolicy", document=text)

    assert await member.read(TOLD) == before
    assert await member.done("earnForActivity", told, key="k", **shared) == {
        **first,
        "replayed": True,
    }
    said = [{"text": "社交分享"}]
    assert (first["explanation"], first["awards"]) == (said, said)
    newest, oldest = [edge["node"] for edge in before["me"]["ledger"]["edges"]]
    assert oldest["description"] == "社交分享"
    awards = {award["rule"]: award["text"] for award in newest["booking"]["awards"]}
    assert awards["flight_over_2000"] != "flight_over_2000"


async def test_products_have_names_also_when_they_are_sold_no_more() -> None:
    stage = await open_stage()
    await stage.member().done("enrolMember")
    partner, staff = await stage.partner(), stage.staff()
    await partner.book("B-1", {**LINE, "product": "train"})
    named = """{ programme { namedProducts { code name(locale: "zh-CN") } }
        booking(reference: "B-1") { lines { product productName(locale: "en") } } }"""
    products = "products: [flight, hotel, train, car, ticket, holiday_package, local_experience]\n"
    assert products in TEXT
    text = TEXT.replace("programme: ota", f"programme: {stage.programme.code}", 1)
    await staff.done(
        "publishPolicy",
        document=text.replace(products, "products: [flight, hotel, bus, local_experience]\n"),
    )

    told = await partner.read(named)

    assert told["programme"]["namedProducts"][1:3] == [
        {"code": "hotel", "name": "酒店"},
        {"code": "bus", "name": "bus"},
    ]
    assert told["booking"]["lines"] == [{"product": "train", "productName": "Train"}]


async def test_the_printed_page_keeps_the_words_too() -> None:
    stage = await open_stage()
    await stage.member().done("enrolMember")
    await stage.member().done("earnForActivity", type="share", reference="S-1")
    text = TEXT.replace("programme: ota", f"programme: {stage.programme.code}", 1)
    text = text.replace("code: share\n", "code: other_share\n", 1)
    await stage.staff().done("publishPolicy", document=text)

    programme, now = await programmes.get(stage.programme.code), stage.now()
    policy = programme.as_of(now).policy
    member_id = await identity.find_id(programme.id, "xiaoli")
    assert member_id is not None
    period = statements.month_of(now.date())
    over = statements.interval(period, now, now, policy.zone)
    found = (await statements.of_members([member_id], over))[member_id]
    [lines] = await statement_lines.of_statements([found])
    printed = Printed(None, "xiaoli", policy, programme, period, found, lines, now)
    assert 'class="what">Booking shared</td>' in render(printed, "en")
