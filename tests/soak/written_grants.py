"""Grants and referrals of documents, drawn by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from tests.soak.written_rules import (
    REWARDS,
    WEEKDAYS,
    WORDS,
    Draw,
    Words,
    chance,
    common,
    limit,
    one,
    own_terms,
    selector,
    some,
)

LINK = "https://example.com/?c={code}"


def grants(draw: Draw, words: Words) -> list[dict[str, Any]]:
    return [grant(draw, words, f"grant_{number}") for number in range(draw(st.integers(0, 5)))]


def grant(draw: Draw, words: Words, code: str) -> dict[str, Any]:
    kinds = ["calendar", "mission", "mission", "tier_entry", "referral"]
    kind = one(draw, *kinds, *(["milestone"] * 3 if words.counts else []))
    found: dict[str, Any] = {"code": code, "name": WORDS, "kind": kind}
    found |= common(draw, words, "fact")
    found["gives"] = _gives(draw, words)
    if "points" in found["gives"]:
        found |= own_terms(draw)
    if chance(draw, 4):
        found["take_back"] = False
    if kind == "milestone":
        found |= _milestone(draw, words)
    elif kind == "calendar":
        found["day"] = one(draw, "birthday", "joining", "04-01", "03-16", "02-29")
    elif kind == "mission":
        found |= _mission(draw, words)
    elif kind == "tier_entry":
        found["tiers"] = some(draw, words.tiers)
        found.pop("budget", None)
    else:
        found["side"] = one(draw, "referrer", "referee")
    return found


def _gives(draw: Draw, words: Words) -> Any:
    ways: list[dict[str, Any]] = [{"reward": one(draw, *REWARDS)}]
    if words.has_points:
        ways += [{"points": draw(st.integers(1, 150))}] * 3
    if words.benefits:
        perk = {"benefit": one(draw, *words.benefits), "days": one(draw, 1, 10, 365)}
        ways.append({"perk": perk | one(draw, {}, {"uses": 2})})
    return one(draw, *ways)


def _milestone(draw: Draw, words: Words) -> dict[str, Any]:
    code = one(draw, *sorted(words.counts))
    spend = words.counts[code] == "spend"
    number = draw(st.integers(1, 3)) * (100 if spend else 1)
    # in a currency without decimals, a multiple of 300 is too small to be published
    every = chance(draw) and code not in words.windowed and bool(words.digits or not spend)
    return {"count": code, "every" if every else "at": number}


def _mission(draw: Draw, words: Words) -> dict[str, Any]:
    facts = ["booking", "booking", "completion", "redemption"]
    facts += ["activity", "activity"] if words.activities else []
    steps = []
    for number in range(draw(st.integers(1, 3))):
        fact = one(draw, *facts)
        step: dict[str, Any] = {"code": f"step_{number}", "name": WORDS, "fact": fact}
        if fact == "activity" and chance(draw):
            step["types"] = some(draw, words.activities)
        if fact == "redemption" and chance(draw):
            step["types"] = some(draw, ("coupon", "gift"))
        of = "line_step" if fact in ("booking", "completion") else "step"
        if chance(draw) and (when := selector(draw, words, of, most=2)):
            step["when"] = when
        if chance(draw, 3):
            step["times"] = 2
        steps.append(step)
    after = {"days": one(draw, 1, 10, 60), "after": "joining"}
    span = {"from": "2126-03-01", "through": one(draw, "2126-03-20", "2126-12-31")}
    found: dict[str, Any] = {"steps": steps, "window": one(draw, after, span)}
    return {**found, **one(draw, {}, {"ordered": True})}


def referrals(draw: Draw, words: Words) -> dict[str, Any]:
    found: dict[str, Any] = {
        "qualifies": one(draw, "enrolled", "first_booking", "first_completed_booking")
    }
    if chance(draw):
        found["within_days"] = one(draw, 1, 10, 180)
    if chance(draw, 3):
        found["limit"] = {
            "times": draw(st.integers(1, 2)),
            "per": limit(draw, of_points=False)["per"],
        }
    if chance(draw, 4):
        found["when"] = {"weekdays": some(draw, WEEKDAYS)}
    if chance(draw):
        found["link"] = LINK
    return found
