"""Which grants are given, ended and restored, computed a second time from facts and documents.

It follows section 4 of the policy language and shares no code with the product: facts are rows
(`naive_facts.py`), documents are plain. Each fact is judged by what was known before and after it;
its condition counts everything but the fact itself.

It takes as given, and does not compute: changes of a member's tier and outcomes of referrals, whose
rows are facts here; whether what a grant gave was used, and is kept; whether a reward was in stock;
how many of its points a reversal recovered. The tier of a step's fact, and that of a tier entry, is
the one that holds from that instant on. More than a thousand multiples at once do not occur, nor do
members who are suspended, merged or erased.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.support.naive_asking import Asking, Known, Tree
from tests.support.naive_counts import period
from tests.support.naive_facts import REFUNDED, RISES, Deed, Event, Facts, Row

CATCH_UP_DAYS = 30
UNKNOWN = {"boolean": False, "text": "", "number": 0}
"""Values of attributes that nobody sent, such as those of a birthday grant in its older form."""

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """`profile` has what a document's rules may use; `lists` the member's lists at an instant."""

    joined_at: datetime
    birthday: date | None
    guest: bool
    profile: Callable[[Document], Mapping[str, Any]]
    lists: Callable[[datetime], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Had:
    """A grant as a document gave it; staff took back one that is `final`."""

    rule: str
    occurrence: str
    document: int
    at: datetime
    stands: bool = True
    final: bool = False
    used: bool = False


Held = dict[tuple[str, str], Had]


@dataclass(frozen=True, slots=True)
class Account:
    """One programme's documents, each with the instant from which it holds, and one member."""

    documents: Sequence[tuple[datetime, Document]]
    digits: int
    trees: Mapping[str, Tree]
    member: Member

    def number(self, instant: datetime) -> int:
        """The index of the document in force; of those from the same instant, the last one's."""
        return [at for at, (since, _) in enumerate(self.documents) if since <= instant][-1]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.documents[0][1]["timezone"])

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def rule(self, had: Had) -> Row:
        return rules(self.documents[had.document][1])[had.rule]

    def asking(self, document: Document, tier: str, at: datetime, facts: Facts | None) -> Asking:
        """What rules may depend on about the member at an instant, with counts of these facts."""
        counted, wanted = facts.counted() if facts else None, document.get("counts", {})
        counts = {
            code: counted.number(count, at, self.zone) if counted else 0
            for code, count in wanted.items()
        }
        member, local = self.member, at.astimezone(self.zone)
        known = Known(
            tier,
            local.date(),
            local.hour,
            member.birthday,
            member.profile(document),
            self.day(member.joined_at),
            counts,
            member.lists(at),
        )
        return Asking(document, known, self.digits, self.trees)

    def comes(self, grant: Row, document: Document, tier: str, at: datetime, facts: Facts) -> bool:
        """Whether the grant's `valid` and `when` hold for the fact that would cause it."""
        asking = self.asking(document, tier, at, facts)
        when = grant.get("when", {})
        if self.member.guest or not asking.holds(grant):
            return False
        names = asking.names_of_fact() | {
            f"activity.attributes.{key}": UNKNOWN[kind]
            for key, kind in grant.get("attributes", {}).items()
        }
        return "cel" not in when or asking.condition(when["cel"], names) is True


def rules(document: Document) -> dict[str, Row]:
    """Every grant of a document by its code, also in its older form, an activity `on` a day."""
    older = {
        one["code"]: {**one, "kind": "calendar", "day": one["on"], "gives": _older(one)}
        for one in document.get("activities", ())
        if "on" in one
    }
    return older | {one["code"]: one for one in document.get("grants", ())}


def _older(one: Row) -> Row:
    return {"points": one["points"]} if one["points"] else {}


@dataclass(slots=True)
class Judge:
    """Judges a member's facts one after the other; `held` has the grants given so far."""

    account: Account
    held: Held

    def judge(self, event: Event, before: Facts, after: Facts) -> None:
        """Apply what this fact gives, ends and restores, then the same for the tier it changed."""
        number = self.account.number(event.at)
        document = self.account.documents[number][1]
        come = list(self._reached(document, event, before, after))
        changed = dict(self._changed(after))
        if event.own is not None:
            side, friend, stands, terms = event.own
            changed |= self._of_friend(side, str(friend), stands=stands)
            own = self._for_friend(side, str(friend), terms, stands=stands)
            self._come(own, event, (before, after))
        for grant, occurrence in come:
            tier, known = after.tier_at(event.at, unmoved=before), after.besides(event.id)
            if self.account.comes(grant, document, tier, event.at, known):
                self._give(grant["code"], occurrence, number, event.at)
        for key, stands in changed.items():
            self._turn(key, stands=stands)
        self.move(before, after, event.at, number, event.id)

    def _give(self, rule: str, occurrence: str, number: int, at: datetime) -> None:
        if (rule, occurrence) not in self.held:
            self.held[rule, occurrence] = Had(rule, occurrence, number, at)

    def _turn(self, key: tuple[str, str], *, stands: bool) -> None:
        had = self.held[key]
        if had.stands and not stands and not had.used:
            self.held[key] = replace(had, stands=False)
        elif not had.stands and stands and not had.final:
            self.held[key] = replace(had, stands=True)

    def _reached(
        self, document: Document, event: Event, before: Facts, after: Facts
    ) -> Iterator[tuple[Row, str]]:
        """Milestones and missions that this fact reaches, with the names of their occurrences."""
        for grant in document.get("grants", ()):
            if grant["kind"] == "milestone":
                for named in self._multiples(document, grant, event.at, (before, after)):
                    yield grant, named
            if grant["kind"] == "mission":
                first, last = days(grant, self.account.day(self.account.member.joined_at))
                inside = first <= self.account.day(event.at) <= last
                lifted = self.done(document, grant, after) and not self.done(
                    document, grant, before
                )
                if inside and lifted:
                    yield grant, grant["window"].get("from", "1")

    def _multiples(
        self, document: Document, grant: Row, at: datetime, lifted: tuple[Facts, Facts]
    ) -> list[str]:
        count, zone = document["counts"][grant["count"]], self.account.zone
        was, found = (facts.counted().number(count, at, zone) for facts in lifted)
        per = count.get("per")
        head = f"{period(self.account.day(at), per)}:" if per else ""
        if "at" in grant:
            wanted = self.least(document, grant, 1)
            return [f"{head}at:{grant['at']}"] if was < wanted <= found else []
        return [
            f"{head}every:{k}"
            for k in range(1, found // self.least(document, grant, 1) + 1)
            if was < self.least(document, grant, k)
        ]

    def least(self, document: Document, grant: Row, k: int) -> int:
        spend = document["counts"][grant["count"]]["of"] == "spend"
        return int(grant.get("at") or grant["every"] * k) * (
            10**self.account.digits if spend else 1
        )

    def _changed(self, after: Facts) -> Iterator[tuple[tuple[str, str], bool]]:
        """For each milestone and mission that may be taken back, whether it is reached now."""
        for key, had in self.held.items():
            grant = self.account.rule(had)
            document = self.account.documents[had.document][1]
            if had.final or grant.get("take_back") is False:
                continue
            if grant["kind"] == "milestone":
                k = int(had.occurrence.rpartition(":")[2]) if "every" in grant else 1
                count = document["counts"][grant["count"]]
                found = after.counted().number(count, had.at, self.account.zone, whole=True)
                yield key, found >= self.least(document, grant, k)
            elif grant["kind"] == "mission":
                yield key, self.done(document, grant, after)

    def done(self, document: Document, mission: Row, facts: Facts) -> bool:
        """Whether facts in the window do every step, in order if the mission is `ordered`."""
        first, last = days(mission, self.account.day(self.account.member.joined_at))
        inside = sorted(
            (one for one in facts.deeds() if first <= self.account.day(one.at) <= last),
            key=lambda one: (one.at, one.id),
        )
        open_steps = [step for step in mission["steps"] for _ in range(step.get("times", 1))]
        if not mission.get("ordered"):
            return all(
                sum(self._serves(document, step, one, facts) for one in inside)
                >= step.get("times", 1)
                for step in mission["steps"]
            )
        since: datetime | None = None
        for one in inside:
            later = since is None or one.at > since
            if open_steps and later and self._serves(document, open_steps[0], one, facts):
                since = one.at
                open_steps.pop(0)
        return not open_steps

    def _serves(self, document: Document, step: Row, deed: Deed, facts: Facts) -> bool:
        if step["fact"] != deed.fact or ("types" in step and deed.type not in step["types"]):
            return False
        asking = self.account.asking(document, facts.tier_of(deed), deed.at, None)
        if deed.fact not in ("booking", "completion"):
            return asking.holds(step)
        asking.known = replace(asking.known, method=deed.method)
        return bool(asking.reached(step, deed.lines))

    def _of_friend(self, side: str, friend: str, *, stands: bool) -> dict[tuple[str, str], bool]:
        found = {}
        for key, had in self.held.items():
            grant = self.account.rule(had)
            own = grant["kind"] == "referral" and grant["side"] == side
            if own and had.occurrence == friend and (stands or grant.get("take_back") is not False):
                found[key] = stands
        return found

    def _for_friend(
        self, side: str, friend: str, terms: int, *, stands: bool
    ) -> Iterator[tuple[Row, str, int]]:
        for grant in self.account.documents[terms][1].get("grants", ()):
            if stands and grant["kind"] == "referral" and grant["side"] == side:
                yield grant, friend, terms

    def _come(
        self, come: Iterable[tuple[Row, str, int]], event: Event, known: tuple[Facts, Facts]
    ) -> None:
        before, after = known
        for grant, occurrence, number in list(come):
            document, tier = self.account.documents[number][1], before.tier_at(event.at)
            if self.account.comes(grant, document, tier, event.at, after.besides(event.id)):
                self._give(grant["code"], occurrence, number, event.at)

    def move(
        self, before: Facts, after: Facts, at: datetime, number: int, fact: UUID | None = None
    ) -> None:
        """Apply what changes of the earned tier give, end and restore, each at its instant."""
        old = {one["id"] for one in before.table("tier_change")}
        for change in after.table("tier_change"):
            if change["id"] in old or change["reason"] not in (*RISES, REFUNDED):
                continue
            newest = self.account.documents[self.account.number(change["effective_at"])][1]
            rank, lost = _rank(newest, change["earned_tier"]), change["reason"] == REFUNDED
            for key, had in list(self.held.items()):
                grant = self.account.rule(had)
                if grant["kind"] != "tier_entry":
                    continue
                if _rank(newest, had.occurrence) > rank and lost:
                    if grant.get("take_back") is not False:
                        self._turn(key, stands=False)
                elif _rank(newest, had.occurrence) <= rank and not lost:
                    self._turn(key, stands=True)
            if not lost:
                known = after.besides(fact) if fact else after
                self._enter(newest, change, (known, after), (at, number))

    def _enter(
        self,
        newest: Document,
        change: Row,
        known: tuple[Facts, Facts],
        fact: tuple[datetime, int],
    ) -> None:
        at, number = fact
        tier = _level(newest, change["earned_tier"])
        document = self.account.documents[number][1]
        for grant in document.get("grants", ()):
            if grant["kind"] != "tier_entry":
                continue
            given = {
                _rank(newest, had.occurrence)
                for had in self.held.values()
                if had.rule == grant["code"] and self.account.rule(had)["kind"] == "tier_entry"
            }
            wanted = {_level(newest, one) for one in grant["tiers"]}
            comes = tier in wanted and _rank(newest, tier) not in given
            counted, after = known
            if comes and self.account.comes(grant, document, after.tier_at(at), at, counted):
                self._give(grant["code"], tier, number, at)


def _level(document: Document, tier: str) -> str:
    """The level that a stored code now stands for."""
    return str(document["tiers"].get("renames", {}).get(tier, tier))


def _rank(document: Document, tier: str) -> int:
    levels = [level["code"] for level in document["tiers"]["levels"]]
    return levels.index(_level(document, tier))


def days(mission: Row, joined: date) -> tuple[date, date]:
    """The first and the last local day of a mission's window."""
    window = mission["window"]
    if "days" in window:
        return joined, joined + timedelta(days=window["days"])
    return date.fromisoformat(window["from"]), date.fromisoformat(window["through"])


def due(
    account: Account, held: Held, today: date, seen: date | None
) -> Iterator[tuple[str, date, int]]:
    """Grants of the calendar that are due by today: rule, day and index of the document.

    A day that all members share is over once all were `seen` on it; a birthday grant in its older
    form is made up for, however late.
    """
    joined, member = account.day(account.member.joined_at), account.member
    late = today - timedelta(days=CATCH_UP_DAYS)
    day = late if seen is None else min(late, seen + timedelta(days=1))
    while day <= today:
        number = account.number(datetime.combine(day, time(), account.zone))
        for code, grant in rules(account.documents[number][1]).items():
            if grant["kind"] != "calendar" or member.guest or (code, str(day.year)) in held:
                continue
            own: date | None = {"birthday": member.birthday, "joining": joined}.get(grant["day"])
            begins = joined if grant["day"] == "birthday" else joined + timedelta(days=1)
            if grant["day"] not in ("birthday", "joining"):
                own = date.fromisoformat(f"2000-{grant['day']}")
                begins = max(begins, begins if seen is None else seen + timedelta(days=1))
            in_time = day >= late or "on" in grant
            if own is not None and in_time and day >= begins and day == _in_year(own, day.year):
                yield code, day, number
        day += timedelta(days=1)


def _in_year(day: date, year: int) -> date:
    """The day in this year; 29 February is the 28th in common years."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
