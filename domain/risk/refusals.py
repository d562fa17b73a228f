"""Refusals of requests that look like fraud."""

from dataclasses import dataclass

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class RiskDenied(Refusal):
    """This is not possible at the moment; the programme's support knows more."""


@dataclass(eq=False)
class RedemptionUnderReview(Refusal):
    """The points are held until staff have reviewed the redemption."""
