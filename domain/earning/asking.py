"""Asking: the values for the names that conditions use."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.earning.values import Attributes, Line, MemberFacts
from domain.programmes.policy import Policy

LEAD_UNKNOWN_DAYS = -1
"""The days from a booking to travel where the date of travel is unknown."""


def of_member(policy: Policy, member: MemberFacts) -> dict[str, Any]:
    """Values about the member for conditions, with its counts and segments."""
    known: dict[str, Any] = {
        "member.tier": policy.level(member.tier).code,
        "member.tier_rank": policy.rank(member.tier),
        "member.joined_days": member.joined_days or 0,
        "member.birthday_month": member.in_birthday_month,
    }
    for key, declared in policy.profile.items():
        found = member.profile.get(key)
        if declared.takes(found):
            known[f"member.profile.{key}"] = found
    known |= {f"count.{code}": number for code, number in member.counts.items()}
    known |= {f"segment.{code}": is_in for code, is_in in member.segments.items()}
    return known


def of_fact(policy: Policy, member: MemberFacts, day: date) -> dict[str, Any]:
    """Values about any fact of the member for conditions, on its local day."""
    return of_member(policy, member) | {
        "fact.date": day.isoformat(),
        "fact.weekday": day.isoweekday(),
        "fact.hour": member.hour,
    }


def of_activity(attributes: Attributes) -> dict[str, Any]:
    """Values about an activity itself for conditions."""
    return {f"activity.attributes.{key}": found for key, found in attributes.items()}


def of_booking(lines: Sequence[Line], payment_method: str | None) -> dict[str, Any]:
    """Values about a booking of these lines for conditions."""
    return {
        "booking.payment_method": payment_method or "",
        "booking.products": [line.product for line in lines],
        "booking.amount": sum(line.cash_minor for line in lines),
    }


def of_line(line: Line, day: date) -> dict[str, Any]:
    """Values about a line for conditions, of a booking made on this local day."""
    first, last = line.travel_from, line.travel_to
    return {
        "line.product": line.product,
        "line.travel_from": first.isoformat() if first else "",
        "line.travel_to": last.isoformat() if last else "",
        "line.amount": line.cash_minor,
        "line.nights": line.nights or 0,
        "line.lead_days": (first - day).days if first else LEAD_UNKNOWN_DAYS,
        **{f"line.attributes.{key}": found for key, found in line.attributes.items()},
    }
