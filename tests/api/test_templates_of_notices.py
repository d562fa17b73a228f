"""Texts of notices that staff publish and look at before; mail is told by them."""

import asyncio

import pytest

from tests.support import factories as make
from tests.support.callers import TODAY, open_stage

pytestmark = pytest.mark.usefixtures("database")

PREVIEW = """query($kind: String!, $subject: String, $body: String, $by: MemberBy) {
    previewNotice(kind: $kind, channel: EMAIL, locale: "en", subject: $subject, body: $body,
        member: $by) { subject body errors { code message path
            ... on TemplateInvalid { faults { code part line value message } } } } }"""
EARNED = {"kind": "points_earned", "channel": "EMAIL", "locale": "en"}
OWN = {"subject": "{{ points | number }} more", "body": "<b>{{ rules[0] }}</b>"}


async def test_a_text_is_published_in_turn_and_shown_before() -> None:
    stage = await open_stage()
    staff = stage.staff()

    async def preview(kind: str = "points_earned", **sent: object) -> dict[str, object]:
        found: dict[str, object] = (await staff.read(PREVIEW, kind=kind, **sent))["previewNotice"]
        return found

    shipped = await preview()
    assert shipped["subject"] == "12,345 points earned"
    tried = await preview(subject="{{ points | number }}\nmore", body="<b>{{ programme }}</b>")
    assert tried["subject"] == "12,345 more"
    assert str(tried["body"]).startswith("<b>")
    assert (await preview())["subject"] == "12,345 points earned"
    sent = {"subject": "{{ points }}!", "body": "<p>{% if points > 1 %}Many{% endif %}</p>"}
    for version in (1, 2):
        done = await staff.done("publishTemplate", "version", **EARNED, **sent)
        assert done["version"] == version
    assert await preview() == {"subject": "12345!", "body": "<p>Many</p>", "errors": []}
    member_id = await make.enrol(stage.programme, now=TODAY, reference="li")
    await make.notice(stage.programme, member_id, now=TODAY)
    answered = await preview("feedback_answered", by={"reference": "li"})
    assert answered["subject"] == "We answered you"
    assert (await preview("x"))["errors"] == [
        {
            "code": "INVALID_INPUT",
            "message": (await preview("x"))["errors"][0]["message"],  # type: ignore[index]
            "path": ["kind"],
        }
    ]


async def test_a_text_with_faults_says_all_of_them_and_is_not_published() -> None:
    stage = await open_stage()
    staff = stage.staff()
    before = await stage.everything()
    wrong = {"subject": "{{ nmae }}", "body": "{{ points | upper }}\n{{ points.real }}"}
    refused = await staff.refused("publishTemplate", **EARNED, **wrong)
    assert (refused["code"], refused["message"]) == (
        "TEMPLATE_INVALID",
        (
            "The text has 3 faults; first: The subject names nmae, which this kind does not have; "
            "it has pending, points, programme, rules."
        ),
    )
    seen = (await staff.read(PREVIEW, kind="points_earned", **wrong))["previewNotice"]
    assert (seen["subject"], seen["body"]) == (None, None)
    assert [
        (one["part"], one["line"], one["code"], one["value"]) for one in seen["errors"][0]["faults"]
    ] == [
        ("subject", 1, "unknown_name", "nmae"),
        ("body", 1, "unknown_filter", "upper"),
        ("body", 2, "not_allowed", "Getattr"),
    ]
    for odd, path in (({"kind": "x"}, "kind"), ({"locale": "fr"}, "locale")):
        refused = await staff.refused(
            "publishTemplate", **{**EARNED, "subject": "a", "body": "b", **odd}
        )
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", [path])
    assert await stage.everything() == before


async def test_two_who_publish_at_once_publish_two_versions() -> None:
    stage = await open_stage()
    sent = {**EARNED, "subject": "a", "body": "b"}
    done = await asyncio.gather(
        *(stage.staff().done("publishTemplate", "version", **sent) for _ in range(3))
    )
    assert sorted(one["version"] for one in done) == [1, 2, 3]
