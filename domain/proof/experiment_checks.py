"""Experiments against their documents: each member met the variant drawn for it, and each trial has
the result of its fact and that of the control.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import orjson

from domain.bookings import rejudging
from domain.bookings.rejudging import BookingRows
from domain.earning import snapshots
from domain.experiments import stopping
from domain.kernel.database import Row
from domain.programmes import variants
from domain.programmes.experiment_terms import Experiment
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.programmes.variants import Choice
from domain.proof.evidence import UNREADABLE, Catalogue, Fault, MemberRows

FACTS = ("booking", "activity", "redemption")

_MET = "there, as it came to something else and its experiment was still running"

BY_BOOKING = ("amendment", "amendment_line", "refund", "refund_line", "award")


def choices(rows: MemberRows, fact_id: UUID | None) -> list[Choice]:
    """The variants that judged a booking or an activity, by its trials."""
    if not rows.tables.get("trial"):
        return []
    return [
        (trial["experiment"], trial["variant"])
        for trial in sorted(rows.tables["trial"], key=lambda one: str(one["experiment"]))
        if fact_id is not None and fact_id in (trial["booking_id"], trial["activity_id"])
    ]


def check(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of one member's exposures and trials."""
    account = rows.account
    programme = catalogue.programmes.get(account["programme_id"]) if account else None
    if programme is None:
        return
    met = {one["experiment"] for one in rows.tables["exposure"]}
    for one in rows.tables["exposure"]:
        drawn = _drawn(programme, one, rows.member_id)
        if one["variant"] != drawn:
            yield rows.fault(
                "exposure", one, f"variant of {one['experiment']}", one["variant"], drawn
            )
    for trial in rows.tables["trial"]:
        yield from _trial(rows, programme, trial)
        running = stopping.find(programme, trial["experiment"])
        if (
            running
            and trial["points"] != trial["control_points"]
            and trial["experiment"] not in met
            and _while_running(programme, *running, trial)
        ):
            yield rows.fault("trial", trial, "its exposure", None, _MET)
    yield from _snapshots(rows, catalogue)


def _drawn(programme: Programme, one: Row, member_id: UUID) -> str | None:
    found = stopping.find(programme, one["experiment"])
    drawn = variants.of_member(found[0], member_id) if found else None
    return drawn.code if drawn else None


def _while_running(
    programme: Programme, experiment: Experiment, policy: Policy, trial: Row
) -> bool:
    return bool(trial["recorded_at"] < variants.ends_at(policy, experiment, programme.stops))


def _trial(rows: MemberRows, programme: Programme, trial: Row) -> Iterator[Fault]:
    found, drawn = stopping.find(programme, trial["experiment"]), None
    if found is not None:
        drawn = _drawn(programme, trial, rows.member_id)
        control = found[0].control.code
        if trial["variant"] == control and not _while_running(programme, *found, trial):
            drawn = control
    if trial["variant"] != drawn:
        yield rows.fault("trial", trial, "variant", trial["variant"], drawn)
    for table in FACTS:
        own = trial[f"{table}_id"]
        fact = next((one for one in rows.tables[table] if one["id"] == own), None) if own else None
        if fact is not None:
            expected = {"points": fact["points"]}
            yield from rows.differences("trial", trial, expected, f"as its {table}")


def _snapshots(rows: MemberRows, catalogue: Catalogue) -> Iterator[Fault]:
    """Snapshots of bookings name the variants of their trials, and the results of their
    controls.
    """
    trials = rows.by("trial", "booking_id")
    for booking in rows.tables["booking"]:
        own = trials.get(booking["id"], [])
        if not own and '"experiments"' not in booking["snapshot"]:
            continue
        kept = snapshots.trials(orjson.loads(booking["snapshot"]))
        wanted = {
            one["experiment"]: {
                "variant": one["variant"],
                "control_points": one["control_points"],
            }
            for one in own
        }
        if kept != wanted:
            yield rows.fault("booking", booking, "experiments", kept, wanted)
        version = catalogue.versions.get(booking["policy_version_id"])
        if version is None or kept.keys() != wanted.keys():
            continue
        for trial in own:
            # a snapshot that cannot be read at all is a fault of the booking already
            with suppress(*UNREADABLE):
                expected = {"control_points": _control_points(rows, booking, version, trial)}
                yield from rows.differences("trial", trial, expected, "what its control gives")


def _control_points(rows: MemberRows, booking: Row, version: Version, trial: Row) -> int:
    """Points by the control of a trial's experiment, with other experiments as they were drawn."""
    judged = rejudging.judged_by(version, booking)
    if judged.assignment is None:
        return 0
    control = replace(judged, policy=judged.assignment.under_control(trial["experiment"]))
    lines = [one for one in rows.tables["booking_line"] if one["booking_id"] == booking["id"]]
    none: tuple[Row, ...] = ()
    parts = {**dict.fromkeys(BY_BOOKING, none), "booking_line": lines}
    return next(rejudging.rejudge(control, BookingRows(booking, parts))).evaluation.points
