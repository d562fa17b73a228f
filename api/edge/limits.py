"""Limits of one request, and of one caller."""

from dataclasses import dataclass

from api.edge.rates import Rate


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one request, and of one caller, of the API."""

    depth_max: int = 12
    aliases_max: int = 30
    tokens_max: int = 2000
    cost_max: int = 1000
    body_bytes_max: int = 1_000_000
    request_seconds_max: float = 10.0
    member_rate_per_second: float = 20
    member_rate_burst: int = 100
    partner_rate_per_second: float = 200
    partner_rate_burst: int = 1000
    member_in_flight_max: int = 8
    partner_in_flight_max: int = 64

    @property
    def member_rate(self) -> Rate:
        return Rate(self.member_rate_per_second, self.member_rate_burst)

    @property
    def partner_rate(self) -> Rate:
        return Rate(self.partner_rate_per_second, self.partner_rate_burst)
