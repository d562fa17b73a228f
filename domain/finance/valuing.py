"""Expected values of lots, by the facts that credited them (pure)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.finance.prices import Prices
from domain.kernel import dates
from domain.kernel.database import Row
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.rules import PROGRAMME_FUNDER
from domain.valuation import amounts


class Valuing:
    """A member's facts, and the values of its lots by them. A booking's lots share the amount paid
    for it: those of the booking itself, and separately those of each amendment, which has its own
    entries.
    """

    def __init__(self, tables: Mapping[str, Sequence[Row]], programme: Programme, prices: Prices):
        self.programme, self.prices = programme, prices
        self.lots = {one["id"]: one for one in tables.get("lot", ())}
        self.cash = {
            one["id"]: one["cash_minor"]
            for table in ("booking", "amendment")
            for one in tables.get(table, ())
        }
        self.renewed: dict[UUID, int] = {}
        self.shares = self._shares(tables)

    def renew(self, lot_id: UUID, amount: int | None) -> None:
        """A lot of returned points has the value that they carry back."""
        if amount is not None:
            self.renewed[lot_id] = amount

    def of(self, entry: Row, lot_ids: Sequence[UUID]) -> dict[UUID, int]:
        """The values of lots that an entry credits; without those that depend on other members."""
        found = {}
        for lot_id in lot_ids:
            if entry["kind"] == "TRANSFER_IN":
                continue
            if entry["kind"] == "REINSTATE":
                amount = self.renewed.get(lot_id)
            else:
                amount = self.shares.get(lot_id, self._alone(lot_id, entry))
            if amount is not None:
                found[lot_id] = amount
        return found

    def _alone(self, lot_id: UUID, entry: Row) -> int:
        lot = self.lots[lot_id]
        if lot["funder"] != PROGRAMME_FUNDER:
            return self.at(lot, self.prices.of(lot["funder"], self.day(entry)))
        return amounts.expected(self._policy(lot), lot["points"])

    def day(self, entry: Row) -> date:
        return dates.local_date(entry["effective_at"], self.programme.versions[0].policy.zone)

    def at(self, lot: Row, price: Decimal) -> int:
        """The value of a partner's lot, by a price for one point."""
        return amounts.paid(lot["points"], price, self._policy(lot).currency)

    def _policy(self, lot: Row) -> Policy:
        return self.programme.version(lot["policy_version_id"]).policy

    def _shares(self, tables: Mapping[str, Sequence[Row]]) -> dict[UUID, int]:
        """Values of lots that were paid by a booking."""
        credited: dict[UUID, list[Row]] = {}
        entries = {one["id"]: one for one in tables.get("ledger_entry", ())}
        for touch in sorted(tables.get("allocation", ()), key=lambda one: one["id"]):
            entry, lot = entries[touch["entry_id"]], self.lots[touch["lot_id"]]
            if entry["kind"] != "EARN" or entry["booking_id"] is None:
                continue
            if lot["funder"] == PROGRAMME_FUNDER:
                credited.setdefault(entry["amendment_id"] or entry["booking_id"], []).append(
                    {**lot, "sequence": entry["sequence"]}
                )
        found = {}
        for fact_id, lots in credited.items():
            ordered = sorted(lots, key=lambda one: one["sequence"])
            cash, points = self.cash.get(fact_id, 0), [lot["points"] for lot in ordered]
            shares = amounts.of_booking(self._policy(ordered[0]), cash, points)
            found.update({lot["id"]: n for lot, n in zip(ordered, shares, strict=True)})
        return found
